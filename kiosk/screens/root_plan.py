"""Layout of the root view: the heights of header, bar and notice, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.domain.modes import REACH_MM
from kiosk.ui.metrics import Metrics
from kiosk.widgets.bar_plan import bar_mm, folded, languages_folded

NARROW_WIDE_MM = 345.0
NARROW_MM = 230.0
"""Below these widths (landscape, portrait) the header shows the short date."""

LARGE_TALL_MM = {True: 420.0, False: 240.0}
LARGE_HEADER_MM = {True: (24.4, 23.4), False: (24.4, 20.4)}
"""In large text, by ``portrait``: heights of the header on a screen of at least LARGE_TALL_MM, and
on a lower one. It is one line with the title; a notice covers all of it."""

LEAST_LOW_MM = {True: 178.0, False: 140.0}
"""The least height between bar and header in which every screen has room, by ``portrait``. A screen
that hangs so high that less is within reach is moved down this far only."""

NOTICE_GAP_MM = 1.9
"""Height of the header that stays visible below a notice."""


@dataclass(frozen=True, slots=True)
class RootPlan:
    """The layout on a screen that hangs ``lower_edge_mm`` above the floor.

    ``large``: in large text."""

    metrics: Metrics
    lower_edge_mm: float
    large: bool = False

    @property
    def narrow(self) -> bool:
        """Whether the screen is too narrow for title and long date."""
        return self.large or self.metrics.width_mm < (
            NARROW_MM if self.metrics.portrait else NARROW_WIDE_MM
        )

    def folded(self, keys: int) -> bool:
        """Whether the keys of the modes are behind one key of the bar; ``keys``: without that."""
        metrics = self.metrics
        return folded(metrics.width_mm, keys, portrait=metrics.portrait, large=self.large)

    def languages_folded(self, keys: int) -> bool:
        """Whether the keys of three or more languages are behind one key of the bar; ``keys``: all
        keys without that."""
        return languages_folded(self.metrics.width_mm, keys, large=self.large)

    @property
    def bar_mm(self) -> float:
        """Height of the bar."""
        return bar_mm(portrait=self.metrics.portrait, large=self.large)

    @property
    def notice_gap_mm(self) -> float:
        """Height of the header that stays visible below a notice."""
        return 0.0 if self.large else NOTICE_GAP_MM

    @property
    def strip_mm(self) -> float:
        """Height of the strip of the voice: a key, and the clear space to the bar's keys; on an
        upright screen in large text also a line of words above the keys."""
        if not self.metrics.portrait:
            return 25.0
        return 37.0 if self.large else 30.0

    @property
    def notice_mm(self) -> float:
        """Height of a notice: two lines in portrait, one in landscape."""
        if self.large:
            return self._usual_header_mm
        return 18.6 if self.metrics.portrait else min(14.0, self._usual_header_mm - 12.8)

    @property
    def can_move(self) -> bool:
        """Whether low reach moves anything on this screen."""
        if self.large:  # the key must not come and go with another mode
            return replace(self, large=False).can_move
        return self._reach_mm < self.metrics.height_mm - self._usual_header_mm

    def header_mm(self, *, low_reach: bool, strip: bool = False) -> float:
        """Height of the header. In low reach it fills everything above the line; the ``strip`` of
        the voice takes no room from a screen that has the least."""
        if low_reach and self.can_move:
            least = self._least_mm + (self.strip_mm if strip else 0.0)
            above_mm = self.metrics.height_mm - max(self._reach_mm, least)
            return max(above_mm, self._usual_header_mm)
        return self._usual_header_mm

    @property
    def _usual_header_mm(self) -> float:
        height_mm, portrait = self.metrics.height_mm, self.metrics.portrait
        if self.large:
            tall, low = LARGE_HEADER_MM[portrait]
            return tall if height_mm >= LARGE_TALL_MM[portrait] else low
        if self.metrics.portrait:
            return min(42.0, max(32.0, height_mm * 0.088))
        return min(30.0, max(23.2, height_mm * 0.11))

    @property
    def _reach_mm(self) -> float:
        """From the screen's lower edge to the highest place within reach."""
        return max(REACH_MM - self.lower_edge_mm, self._least_mm)

    @property
    def _least_mm(self) -> float:
        return self.bar_mm + LEAST_LOW_MM[self.metrics.portrait]
