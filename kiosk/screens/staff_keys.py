"""The keys of the staff screen as values, and those that several of its pages share.

Apart from the view because a page decides what its keys say and do, and the view only where they
lie and how they look.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.events import BackTapped, DoneTapped, Event, PageChosen
from kiosk.domain.staff import StaffAction, StaffTapped, StaffTask
from kiosk.domain.visit_screens import (
    Staff,
)
from kiosk.screens.agencies_plan import Rect
from kiosk.screens.screen_view import ViewContext


@dataclass(frozen=True, slots=True)
class KeySpec:
    """A key: what it says and does."""

    label: str
    event: Event | None
    icon: str = ""
    note: str = ""
    main: bool = False
    chosen: bool = False


def task_event(action: StaffAction, subject: str = "") -> StaffTapped:
    """The event of a key that begins a task."""
    return StaffTapped(StaffTask(action, subject))


def done_key(context: ViewContext, *, main: bool = True) -> KeySpec:
    """The key that leaves the staff screen."""
    return KeySpec(context.phrases.say("staff.finish"), DoneTapped(), "check", main=main)


def leave_keys(context: ViewContext, *, main: bool = True) -> list[KeySpec]:
    """The keys to the page before and out of the staff screen."""
    back = KeySpec(context.phrases.say("nav.back"), BackTapped(), "arrow-left")
    return [back, done_key(context, main=main)]


def listed_keys(
    screen: Staff, entries: list[KeySpec], places: tuple[Rect, ...], context: ViewContext
) -> tuple[list[tuple[KeySpec, Rect]], list[KeySpec]]:
    """The entries of the page with their places, and the keys at the right."""
    pages = max(1, -(-len(entries) // len(places)))
    page = min(screen.list_page, pages - 1)
    shown = entries[page * len(places) : (page + 1) * len(places)]
    keys = [*pager_keys(page, pages, context), *leave_keys(context)]
    return list(zip(shown, places, strict=False)), keys


def pager_keys(page: int, pages: int, context: ViewContext) -> list[KeySpec]:
    """The keys to the page before and the next one; none where there is one page."""
    if pages < 2:
        return []
    say, where = context.phrases.say, f"{page + 1} / {pages}"
    back = PageChosen(page - 1) if page > 0 else None
    on = PageChosen(page + 1) if page + 1 < pages else None
    return [
        KeySpec(say("nav.prev"), back, "chevron-left"),
        KeySpec(say("nav.next"), on, "chevron-right", note=where),
    ]
