"""The staff screen's page about a USB stick: what its files would change, or what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kiosk.domain.staff import StaffAction, StaffTapped, StaffTask, UsbFacts
from kiosk.domain.visit_screens import (
    Staff,
)
from kiosk.messages import in_language
from kiosk.screens.screen_view import ViewContext
from kiosk.screens.staff_state import RowText, result_rows
from kiosk.ui.i18n import Phrases

ICON = "usb-flash-drive-outline"

Fits = Callable[[list[RowText]], bool]


def usb_pages(screen: Staff, context: ViewContext, fits: Fits) -> list[list[RowText]]:
    """The rows, by page. Each page begins with the verdict; ``fits``: whether rows fit on one."""
    head = _head(screen, context)
    pages: list[list[RowText]] = [[head]]
    for row in _lines(context.snapshot.staff.usb, context.phrases):
        if len(pages[-1]) > 1 and not fits([*pages[-1], row]):
            pages.append([head])
        pages[-1].append(row)
    return pages


def usable(screen: Staff, context: ViewContext) -> StaffTapped | None:
    """What the key does that puts the files in use; None where they cannot be."""
    facts = context.snapshot.staff.usb
    if screen.doing is not None or not facts.usable:
        return None
    return StaffTapped(StaffTask(StaffAction.USB_ACCEPT, facts.id))


def _head(screen: Staff, context: ViewContext) -> RowText:
    """What is under way or went wrong, else the verdict."""
    phrases, facts = context.phrases, context.snapshot.staff.usb
    served = context.snapshot.staff.menu_of_server
    rows = list(result_rows(screen.doing, screen.result, phrases, served=served))
    if rows:
        return rows[0]
    say = phrases.say
    if not facts.id:
        return RowText("info", ICON, say("staff.usb"), say("staff.usb.plug"))
    text = say("staff.usb.files", files=", ".join(facts.files))
    if facts.errors:
        return RowText("warn", ICON, say("staff.usb.errors", n=facts.errors), text)
    if not facts.usable:
        return RowText("info", ICON, say("staff.usb.same"), text)
    return RowText("good", ICON, say("staff.usb.good", n=facts.changed), text)


def _lines(facts: UsbFacts, phrases: Phrases) -> Iterator[RowText]:
    say, language = phrases.say, phrases.language
    if facts.machine:
        yield RowText("warn", "monitor-off", say("staff.usb.machine", id=facts.machine))
    if facts.lost:
        text = say("staff.usb.lost", n=facts.lost, of=facts.services)
        yield RowText("warn", "alert-outline", text)
    for change in facts.changes if facts.usable else ():
        yield RowText("info", "pencil-outline", in_language(change, language))
    more = facts.changed - len(facts.changes)
    if facts.usable and more > 0:
        yield RowText("info", "dots-horizontal", say("staff.more", n=more))
    for number, problem in enumerate(facts.problems):
        mood = "warn" if number < facts.errors else "info"
        icon = "file-alert-outline" if number < facts.errors else "alert-outline"
        yield RowText(mood, icon, in_language(problem, language))
    more = facts.errors + facts.warnings - len(facts.problems)
    if more > 0:
        yield RowText("info", "dots-horizontal", say("staff.more", n=more))
