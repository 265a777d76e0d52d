"""The numbers left under each quota, counted on other threads and read by the screen.

Apart from the kiosk because counting reads the journal: it is done only when the count can have
changed, and the screen shows the last one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from kiosk.desk import Desk
from kiosk.domain.live import NumbersLeft
from kiosk.errors import JournalError
from menu.catalogue import Catalogue
from menu.limits import limits_at

log = logging.getLogger(__name__)


class LeftCounter:
    """``left``: the last count, by service code."""

    def __init__(self) -> None:
        self.left: Mapping[str, NumbersLeft] = {}
        self._seen: tuple[object, ...] = ()

    def count(
        self, desk: Desk | None, menu: Catalogue, now: datetime, heard_s: float, *, given: bool
    ) -> None:
        """Count again. Skipped unless a number was ``given``, the server answered (``heard_s``: its
        last answer), or date, menu or limits changed."""
        seen = (desk, now.date(), heard_s, menu, limits_at(menu, now))
        if desk is None or (seen == self._seen and not given):
            return
        try:
            self.left, self._seen = desk.numbers_left(), seen
        except JournalError as error:
            log.warning("the numbers left cannot be counted: %s", error)
