"""The state of the machine in words: the rows at the left of the staff screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.staff import ClosedDay, Pause, StaffAction, StaffResult, StaffTask
from kiosk.domain.visit_screens import (
    Staff,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
)
from kiosk.messages import Message, Text, in_language
from kiosk.screens.screen_view import ViewContext
from kiosk.ui.i18n import DOT, Phrases

LOW_DISK_MB = 100
OF_FILES = (StaffAction.RELOAD, StaffAction.ACCEPT, StaffAction.USB_ACCEPT)
MOST_NAMED = 3
"""Paused services that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class RowText:
    """One row. ``mood``: ``good``, ``info`` or ``warn``."""

    mood: str
    icon: str
    title: str
    text: str = ""


def state_rows(screen: Staff, context: ViewContext, days: int) -> list[RowText]:
    """The rows from top to bottom: what just happened, what needs staff, the parts.

    ``days``: how many closed days are named; the others are counted."""
    snapshot, phrases = context.snapshot, context.phrases
    return [
        *result_rows(screen.doing, screen.result, phrases, served=snapshot.staff.menu_of_server),
        *_call(snapshot, phrases),
        *_stops(snapshot, phrases),
        printer_row(snapshot, phrases),
        _server(snapshot, phrases),
        _menu(snapshot, phrases),
        _clock(snapshot, phrases),
        _days(snapshot, phrases, days),
        *_notices(snapshot, phrases),
    ]


def result_rows(
    doing: StaffTask | None, result: StaffResult | None, phrases: Phrases, *, served: bool = False
) -> Iterator[RowText]:
    """What is under way, or how the last task ended. ``served``: the server's menu is in force, and
    that of the files is not used."""
    if doing is not None:
        yield RowText("info", "timer-sand", phrases.say(f"staff.doing.{doing.action.value}"))
    elif result is not None:
        action, detail = result.task.action.value, said(result.detail, phrases)
        if result.done:
            of_files = result.task.action in OF_FILES
            key = "staff.done.served" if served and of_files else f"staff.done.{action}"
            yield RowText("good", "check-bold", phrases.say(key), detail)
        else:
            yield RowText("warn", "alert-outline", phrases.say(f"staff.failed.{action}"), detail)


def said(text: Text, phrases: Phrases) -> str:
    """A sentence for staff in the language of the screen, with a capital first letter."""
    words = " ".join(in_language(text, phrases.language).split())
    return words[:1].upper() + words[1:]


def printer_row(snapshot: KioskSnapshot, phrases: Phrases) -> RowText:
    """The printer: whether it prints, its paper, and what to do about a fault."""
    printer, say = snapshot.printer, phrases.say
    if printer.held:
        return RowText("warn", "printer-alert", say("staff.printer.held"), say("staff.held_text"))
    if printer.fault is not None:
        action = said(Message(f"action.{printer.fault.value}"), phrases)
        return RowText("warn", "printer-alert", phrases.fault(printer.fault), action)
    if printer.at is None:
        return RowText("info", "printer-outline", say("staff.printer.unknown"))
    if printer.near_end:
        left = printer.slips_left
        text = say("staff.paper_left", n=left) if left is not None else say("staff.paper_low")
        return RowText("warn", "paper-roll-outline", say("staff.printer.low"), text)
    if not printer.level.reports:
        return RowText("info", "printer-check", say("staff.printer.ready"), say("staff.paper_mute"))
    return RowText("good", "printer-check", say("staff.printer.ready"), say("staff.paper_enough"))


def _server(snapshot: KioskSnapshot, phrases: Phrases) -> RowText:
    live, facts, say = snapshot.live, snapshot.staff, phrases.say
    if not live.linked:
        return RowText("info", "server-off", say("staff.server.none"), say("staff.server.own"))
    text = say("staff.unsent", n=facts.unsent)
    if facts.parked:
        text = DOT.join((text, say("staff.parked", n=facts.parked)))
    if live.cut_off:
        text = DOT.join((text, say("staff.server.still")))
        return RowText("warn", "cloud-off-outline", say("staff.server.off"), text)
    mood = "warn" if facts.parked else "good"
    return RowText(mood, "server-network", say("staff.server.on"), text)


def _menu(snapshot: KioskSnapshot, phrases: Phrases) -> RowText:
    facts, say, menu = snapshot.staff, phrases.say, snapshot.catalogue
    if facts.menu_notice:
        title = say("staff.menu.notice")
        if facts.menu_waits:
            title = say("staff.menu.waits")
        elif facts.menu_errors:
            title = say("staff.menu.errors", n=facts.menu_errors)
        # Not ``said``: an error begins with the name of its file.
        text = in_language(facts.menu_notice, phrases.language)
        return RowText("warn", "file-alert-outline", title, text)
    services = sum(1 for _ in menu.services())
    count = say("staff.menu.count", agencies=len(menu.agencies), services=services)
    if facts.menu_begins is not None and not facts.menu_of_server:
        title = say("staff.menu.coming", day=phrases.date_long(facts.menu_begins))
        text = say("staff.menu.until_then", count=count)
        return RowText("info", "calendar-clock-outline", title, text)
    title = say("staff.menu.used")
    if facts.menu_of_server:
        title = say("staff.menu.server")
    elif facts.menu_since is not None:
        day = phrases.day(facts.menu_since, snapshot.now)
        if facts.menu_since.date() < snapshot.now.date():
            day = phrases.date_brief(facts.menu_since.date())
        title = say("staff.menu.since", day=day, time=phrases.time(facts.menu_since))
    return RowText("good", "file-check-outline", title, count)


def _clock(snapshot: KioskSnapshot, phrases: Phrases) -> RowText:
    date, time = phrases.date_long(snapshot.now.date()), phrases.time(snapshot.now)
    title = phrases.say("staff.clock", date=date, time=time)
    if snapshot.staff.clock_sure:
        return RowText("good", "clock-check-outline", title, phrases.say("staff.clock.sure"))
    return RowText("warn", "clock-alert-outline", title, phrases.say("staff.clock.unsure"))


def _call(snapshot: KioskSnapshot, phrases: Phrases) -> Iterator[RowText]:
    call = snapshot.call
    if call.state.open and call.since is not None:
        text = phrases.say("staff.call_since", time=phrases.time(call.since))
        yield RowText("warn", "bell-ring-outline", phrases.say("staff.call"), text)


def _stops(snapshot: KioskSnapshot, phrases: Phrases) -> Iterator[RowText]:
    facts, say = snapshot.staff, phrases.say
    if facts.machine_closed:
        yield RowText("warn", "door-closed-lock", say("staff.closed"), say("staff.closed_text"))
    if facts.pauses:
        named = []
        for pause in facts.pauses[:MOST_NAMED]:
            found = snapshot.catalogue.service(pause.service)
            name = phrases.service_name(found.service) if found else pause.service
            named.append(f"{name} ({pause_end(pause, snapshot.now, phrases)})")
        more = len(facts.pauses) - len(named)
        if more:
            named.append(say("staff.more", n=more))
        title = say("staff.paused", n=len(facts.pauses))
        yield RowText("info", "pause-circle-outline", title, DOT.join(named))


def pause_end(pause: Pause, now: datetime, phrases: Phrases) -> str:
    """Until when staff have paused a service: Tutup sampai 10.30, or Sampai hari ini berakhir."""
    if pause.until.date() != now.date():
        return phrases.say("staff.for.today")
    return phrases.say("state.paused_until_short", time=phrases.time(pause.until))


def _days(snapshot: KioskSnapshot, phrases: Phrases, most: int) -> RowText:
    days, say = snapshot.staff.closed_days, phrases.say
    if not days:
        return RowText("good", "calendar-check-outline", say("staff.days.none"))
    named = [_day(day, phrases) for day in days[:most]]
    if len(days) > len(named):
        named.append(say("staff.more", n=len(days) - len(named)))
    return RowText("info", "calendar-remove-outline", say("staff.days"), DOT.join(named))


def _day(day: ClosedDay, phrases: Phrases) -> str:
    """Kam, 24 Des: Cuti bersama (perkiraan)."""
    reason = phrases.local(day.reason)
    if not day.everyone:
        reason = phrases.say("staff.days.part", reason=reason)
    if day.estimated:
        reason = phrases.say("staff.days.estimated", reason=reason)
    return f"{phrases.date_brief(day.date)}: {reason}"


def _notices(snapshot: KioskSnapshot, phrases: Phrases) -> Iterator[RowText]:
    facts, say = snapshot.staff, phrases.say
    if facts.free_mb is not None and facts.free_mb < LOW_DISK_MB:
        text = say("staff.disk_text", n=facts.free_mb)
        yield RowText("warn", "harddisk", say("staff.disk"), text)
    others = [n for n in facts.notices if not (facts.machine_closed and _is_shut(n))]
    if others:
        title = say("staff.notice") if len(others) == 1 else say("staff.notices", n=len(others))
        yield RowText("warn", "alert-outline", title, said(others[0], phrases))


def _is_shut(notice: Text) -> bool:
    return isinstance(notice, Message) and notice.key == "notice.shut"
