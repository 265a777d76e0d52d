"""What of a screen can be read and reached, in order: one list for keypad, speech and tests.

Each screen, the bar and the idle warning provide one. The keypad moves its focus along the items,
speech reads the texts, and a test compares the items with the touch targets on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.events import Event
from kiosk.domain.visit import FINAL
from kiosk.widgets.press import Touchable


@dataclass(frozen=True, slots=True, eq=False)
class ReadItem:
    """A touch target: the ``words`` that say what it is and does.

    ``same``: further targets with the same meaning, such as a row's "Syarat" beside its text; the
    list has one item for all of them. ``place``: which one of how many it is, counted from 1 over
    all pages; None where the number says nothing.
    """

    words: str
    target: Touchable
    same: tuple[Touchable, ...] = ()
    place: tuple[int, int] | None = None

    @property
    def event(self) -> Event | None:
        """What the target emits now."""
        event: Event | None = self.target.event
        return event

    @property
    def final(self) -> bool:
        """Whether it gives a number, prints a slip or gives a number back."""
        return isinstance(self.event, FINAL)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What is on the screen: its ``title``, the texts that are only read (``notes``), and the
    targets in reading order. ``start``: index of the item at which the focus begins; an item that
    gives a number is passed over. ``news``: notes that change are said at once. ``result``: the
    first note is the visitor's number, which is said twice and to its end."""

    title: str = ""
    notes: tuple[str, ...] = ()
    items: tuple[ReadItem, ...] = ()
    start: int = 0
    news: bool = False
    result: bool = False


class Readable(Protocol):
    """A screen or a part of one."""

    def reading(self) -> Reading:
        """What can be read and reached on it now."""


def reachable(*targets: Touchable) -> tuple[ReadItem, ...]:
    """An item for each of ``targets`` that is on the screen and does something."""
    return tuple(ReadItem(target.words, target) for target in targets if target.works)


def nonempty(*texts: str) -> tuple[str, ...]:
    """The texts that are not empty."""
    return tuple(text for text in texts if text)
