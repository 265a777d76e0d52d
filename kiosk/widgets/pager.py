"""The page control: previous, "page 1 of 3", next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.domain.events import Event, PageChosen
from kiosk.ui.i18n import Phrases
from kiosk.widgets import button  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.reading import Reading, reachable
from kiosk.widgets.text_fit import measure

load_twin(__file__)


class Pager(BaseWidget):
    """``show`` sets the page. On the first and last page the button that leads nowhere is off.

    ``compact``: for the place beside a heading; "previous" is an arrow without a word.
    """

    previous_label = StringProperty("")
    next_label = StringProperty("")
    where = StringProperty("")
    compact = BooleanProperty(False)
    key_mm = NumericProperty(84)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._where = ""
        self.ids.previous.emit = emit
        self.ids.next.emit = emit

    def show(self, page: int, pages: int, phrases: Phrases) -> None:
        """``page`` from 0, of ``pages``."""
        self.previous_label = "" if self.compact else phrases.say("nav.prev")
        self.next_label = phrases.say("nav.next")
        self._where = phrases.say("agency.page", page=page + 1, pages=pages)
        self.where = self._where
        if self.compact or self._narrow(self._where):
            self.where = f"{page + 1} / {pages}"
            if self.compact and self.look.theme.large:
                self.where = self.where.replace(" ", "")
        self.ids.previous.spoken = phrases.say("nav.prev")
        self.ids.next.spoken = phrases.say("nav.next")
        self.ids.previous.event = PageChosen(page - 1) if page > 0 else None
        self.ids.next.event = PageChosen(page + 1) if page + 1 < pages else None

    def reading(self) -> Reading:
        """Which page it is, and the buttons that lead somewhere."""
        shown = self.parent is not None
        items = reachable(self.ids.previous, self.ids.next) if shown else ()
        return Reading(notes=(self._where,) if shown else (), items=items)

    def _narrow(self, words: str) -> bool:
        """Whether large text has no room for the words on one line between the keys."""
        look = self.look
        if not look.theme.large:
            return False
        room = self.width - 2 * look.mm(self.key_mm) - look.mm(8)
        return measure(words, "semibold", int(look.body)) > room
