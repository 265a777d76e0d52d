"""Where the focus of the keypad is: one item of what can be reached on the screen.

A new screen begins at its first item, but never at one that gives a number: a key that is pressed
again and again then takes none. A screen that the visitor comes back to has the focus where it was.
"""

from __future__ import annotations

from kiosk.domain.events import Event
from kiosk.domain.visit_screens import (
    CancelAsked,
    Help,
    Screen,
    Shown,
    untyped,
)
from kiosk.domain.visit_state import (
    Visit,
)
from kiosk.widgets.reading import Reading, ReadItem

KEPT = 16
"""Of so many screens the place of the focus is remembered: more than lie over one another."""

WARNED = "warned"
"""Begins the key of a screen under the idle warning, which always begins at its own item."""

_Key = tuple[object, ...]


class Focus:
    """Call ``follow`` whenever the screen may have changed."""

    def __init__(self) -> None:
        self._reading = Reading()
        self._index = 0
        self._screen: _Key | None = None
        self._kept: list[tuple[_Key, Event | None]] = []
        self._last: ReadItem | None = None
        self._last_event: Event | None = None

    @property
    def item(self) -> ReadItem | None:
        """The item with the focus; None where nothing can be reached."""
        items = self._reading.items
        return items[self._index] if items else None

    @property
    def reading(self) -> Reading:
        """The list along which the focus moves."""
        return self._reading

    @property
    def place(self) -> object:
        """Differs between two screens, not between two states of one."""
        return self._screen

    def forget(self) -> None:
        """Begin anew on the next screen: another person's visit."""
        self._screen = None
        self._kept.clear()

    def move(self, step: int) -> bool:
        """Move by ``step`` items. Whether it went over the end and on from the other end."""
        items = self._reading.items
        if not items:
            return False
        to = self._index + step
        self._index = to % len(items)
        self._note()
        return not 0 <= to < len(items)

    def go_to(self, target: object) -> bool:
        """Move to the item of a target; whether there is one."""
        for i, item in enumerate(self._reading.items):
            if item.target is target or target in item.same:
                self._index = i
                self._note()
                return True
        return False

    def follow(self, visit: Visit, reading: Reading) -> None:
        """Take over what can be reached now; on the same screen the focus stays where it is."""
        screen, before = _key(visit), self._screen
        self._reading, self._screen = reading, screen
        if screen == before:
            self._index = self._same(reading.items)
        else:
            if before is not None and before[0] is not WARNED:
                self._keep(before, self._last_event)
            kept = next((event for key, event in self._kept if key == screen), None)
            at = next((i for i, item in enumerate(reading.items) if item.event == kept), None)
            start = reading.start if kept is None or at is None else at
            self._index = _not_final(reading.items, start)
        self._note()

    def _same(self, items: tuple[ReadItem, ...]) -> int:
        """The item that means what the last one meant; else its target; else its place."""
        last, event = self._last, self._last_event
        for i, item in enumerate(items):
            if item.event == event and event is not None:
                return i
        for i, item in enumerate(items):
            if last is not None and item.target is last.target:
                return i
        return max(0, min(self._index, len(items) - 1))

    def _keep(self, screen: _Key, event: Event | None) -> None:
        kept = [(key, at) for key, at in self._kept if key != screen]
        self._kept = [*kept, (screen, event)][-KEPT:]

    def _note(self) -> None:
        self._last = self.item
        self._last_event = self._last.event if self._last is not None else None


def _not_final(items: tuple[ReadItem, ...], start: int) -> int:
    """``start``, or the nearest item before or behind it that gives no number."""
    order = [*range(min(start, len(items) - 1), -1, -1), *range(start, len(items))]
    return next((i for i in order if not items[i].final), 0)


def _key(visit: Visit) -> _Key:
    """What tells one screen from another: the same number is one screen, whatever its slip does."""
    return (WARNED if visit.warned_s is not None else "", *_place(visit.screen))


def _place(screen: Screen) -> _Key:
    match screen:
        case Shown(ticket):
            return ("number", ticket.id)
        case CancelAsked(number):
            return ("cancel", number.ticket.id)
        case Help(back):
            return ("help", *_place(back))
        case _:
            return (untyped(screen),)
