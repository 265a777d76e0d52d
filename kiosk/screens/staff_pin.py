"""The PIN pad before the staff screen, and before the app is ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import StringProperty

from kiosk.domain.events import BackTapped, EraseTapped, Event
from kiosk.domain.staff import DigitTyped, PinEntered
from kiosk.domain.visit_screens import (
    StaffPin,
)
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.screens.staff_plan import PIN_ROWS, plan_pin
from kiosk.widgets import panel, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.find_parts import LetterKey
from kiosk.widgets.reading import Reading, nonempty, reachable
from kiosk.widgets.staff_parts import StaffKey, StateRow
from kiosk.widgets.text import glyph

load_twin(__file__)

DIGIT_ICON = "circle-medium"
"""Shown for each digit that was typed."""
MINUTE_S = 60


class StaffPinView(ScreenView):
    """The pad. While no PIN may be entered its keys are off, and a message says why."""

    title = StringProperty("")
    dots = StringProperty("")

    staff = True

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._keys = {key: LetterKey(look=self.look, emit=emit) for row in PIN_ROWS for key in row}
        self._back = StaffKey(look=self.look, emit=emit, icon="arrow-left", event=BackTapped())
        self._message = StateRow(look=self.look)
        for widget in (*self._keys.values(), self._back):
            self.add_widget(widget)
        self._view_context: ViewContext | None = None
        for name in ("pos", "size", "look"):
            self.fbind(name, self._again)

    def head(self, context: ViewContext) -> HeaderText:
        """MENU PETUGAS."""
        site = context.phrases.local(context.snapshot.catalogue.site.name)
        return HeaderText(context.phrases.say("staff.title"), site, "shield-key-outline")

    def fill(self, context: ViewContext) -> None:
        """Show the digits typed as dots, and what is wrong."""
        self._view_context = context
        screen, say = context.visit.screen, context.phrases.say
        if not isinstance(screen, StaffPin):
            return
        plan, facts = plan_pin(self.space), context.snapshot.staff
        self.title = say("staff.pin.quit") if screen.quits else say("staff.pin.title")
        self.dots = glyph(DIGIT_ICON) * len(screen.typed)
        self.put(self.ids.title, plan.title)
        self.put(self.ids.dots, plan.dots)
        able = not screen.checking and not facts.wait_s and facts.pin_set is not False
        for key, place in plan.keys:
            widget = self._keys[key]
            widget.look = self.look
            self.put(widget, place)
            self._label(widget, key, context, able=able, typed=bool(screen.typed))
        self._back.look = self.look
        self.put(self._back, plan.back)
        self._back.label = say("nav.back")
        self._say(screen, context)
        self._message.look = self.look
        self.put(self._message, plan.message)

    def reading(self) -> Reading:
        """What is asked, how many digits were typed, what is wrong; the keys, and the way back."""
        row = self._message
        said = (row.title, row.text) if row.parent is not None else ()
        notes = nonempty(self.title, str(len(self.dots) or ""), *said)
        *digits, erase, zero, done = self._keys.values()
        return Reading(notes=notes, items=reachable(*digits, self._back, erase, zero, done))

    def _label(
        self, widget: LetterKey, key: str, context: ViewContext, *, able: bool, typed: bool
    ) -> None:
        event: Event
        widget.worded = key in "<="
        if key == "<":
            widget.label, widget.icon = context.phrases.say("find.erase"), "backspace-outline"
            event = EraseTapped()
        elif key == "=":
            widget.label, widget.icon = context.phrases.say("staff.pin.ok"), "check-bold"
            event = PinEntered()
        else:
            widget.label, event = key, DigitTyped(key)
        useful = typed or not widget.worded
        widget.event = event if able and useful else None

    def _say(self, screen: StaffPin, context: ViewContext) -> None:
        """The message between title and pad; none while there is nothing to say."""
        facts, say, row = context.snapshot.staff, context.phrases.say, self._message
        row.mood, row.icon, row.text = "warn", "alert-outline", ""
        if facts.pin_set is False:
            row.icon = "key-alert-outline"
            row.title, row.text = say("staff.pin.none"), say("staff.pin.none_text")
        elif facts.wait_s:
            row.icon, row.title = "timer-lock-outline", say("staff.pin.wait", wait=_wait(context))
            row.text = say("staff.pin.wait_text")
        elif screen.checking:
            row.mood, row.icon, row.title = "info", "timer-sand", say("staff.pin.checking")
        elif screen.wrong:
            row.title = say("staff.pin.wrong")
        else:
            row.title = ""
        shown = bool(row.title)
        if shown != (row.parent is not None):
            if shown:
                self.add_widget(row)
            else:
                self.remove_widget(row)

    def _again(self, *_: object) -> None:
        if self._view_context is not None:
            self.fill(self._view_context)


def _wait(context: ViewContext) -> str:
    """How long no PIN may be tried: in minutes, below one in seconds."""
    seconds, say = context.snapshot.staff.wait_s, context.phrases.say
    if seconds < MINUTE_S:
        return say("staff.pin.seconds", n=seconds)
    return say("staff.pin.minutes", n=-(-seconds // MINUTE_S))
