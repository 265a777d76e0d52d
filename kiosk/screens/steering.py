"""Reaching the screen without seeing it: the focus, its ring, and touches while speech is on.

While speech is on, the first touch of a target moves the focus there and says it; a touch of the
target with the focus presses it as ever. A finger that slides says what is under it. A target that
gives a number is pressed only when its sentence has ended.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

from kiosk.domain.visit_state import (
    Visit,
    speaks,
)
from kiosk.screens.focus import Focus
from kiosk.widgets.reading import Reading, ReadItem

_EXPLORES = "kiosk.explores"


class ItemVoice(Protocol):
    """What says the item that was reached."""

    def reach(self, item: ReadItem, end: str = "") -> None:
        """Say the item; ``end``: ``first`` or ``last``, where the focus has come round to it."""

    def ready(self, item: ReadItem) -> bool:
        """Whether it was said, so that it may be pressed; to its end if it gives a number."""


class Steering:
    """The focus on ``root``, a root view. ``voice``: while speech is on and can be heard."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._focus = Focus()
        self._shown = False
        self.ring: Any = None
        self.voice: ItemVoice | None = None

    @property
    def focused(self) -> ReadItem | None:
        """The item with the focus; None while the focus is not shown."""
        return self._focus.item if self._shown else None

    @property
    def reading(self) -> Reading:
        """The list along which the focus moves."""
        return self._focus.reading

    @property
    def place(self) -> object:
        """Differs between two screens, not between two states of one."""
        return self._focus.place

    def move(self, step: int) -> bool:
        """Move the focus by ``step`` items; whether it went over the end of the list."""
        wrapped = self._focus.move(step)
        self._reached(("first" if step > 0 else "last") if wrapped else "")
        return wrapped

    def may_press(self) -> bool:
        """Whether the item with the focus may be pressed; else it is said first."""
        item = self.focused
        if item is None or self.voice is None or self.voice.ready(item):
            return True
        self.voice.reach(item)
        return False

    def follow(self, visit: Visit) -> None:
        """Show the focus while the keypad or speech is used."""
        self._shown = visit.keypad or speaks(visit)
        if not self._shown:
            if self.ring is not None:
                self.ring.surround(None)
                self._focus.forget()
            return
        root = self._root
        if self.ring is None:
            # Imported when needed: most visits do without.
            self.ring = import_module("kiosk.widgets.ring").FocusRing(
                root, look=root.look, size_hint=(None, None)
            )
        root.remove_widget(self.ring)
        root.add_widget(self.ring)
        self._focus.follow(visit, root.reading())
        self._surround()

    def _reached(self, end: str = "") -> None:
        self._surround()
        item = self.focused
        if self.voice is not None and item is not None:
            self.voice.reach(item, end)

    def _surround(self) -> None:
        item = self._focus.item
        self.ring.surround(item.target if item is not None else None)

    # ── touches while speech is on ───────────────────────────────────────────────────────

    def touch_down(self, touch: Any) -> bool:
        """Whether the touch only says what is under it."""
        if self.voice is None:
            return False
        item = self._under(*touch.pos)
        if item is not None and item is self.focused and self.voice.ready(item):
            return False
        touch.grab(self._root)
        touch.ud[_EXPLORES] = True
        if item is None:
            return False  # staff hold the emblem
        self._explore(item)
        return True

    def touch_move(self, touch: Any) -> bool:
        """Say what the finger has come to."""
        if not touch.ud.get(_EXPLORES):
            return False
        item = self._under(*touch.pos)
        if item is not None and item is not self.focused:
            self._explore(item)
        return True

    def touch_up(self, touch: Any) -> bool:
        """The end of a touch that only says something."""
        if not touch.ud.get(_EXPLORES):
            return False
        touch.ungrab(self._root)
        return True

    def _explore(self, item: ReadItem) -> None:
        self._focus.go_to(item.target)
        self._reached()

    def _under(self, x: float, y: float) -> ReadItem | None:
        """The smallest item at a point: a button within a row comes before the row."""
        found = [
            item
            for item in self._focus.reading.items
            if any(t.collide_point(x, y) for t in (item.target, *item.same))
        ]
        return min(found, key=lambda item: item.target.width * item.target.height, default=None)
