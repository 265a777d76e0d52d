"""The looks of the modes on one screen.

Apart from the root view because a look computes each of its font sizes once: it is kept until
size or accent change, and that has nothing to do with what is drawn.
"""

from __future__ import annotations

from kiosk.domain.modes import Modes
from kiosk.domain.theme import theme_of
from kiosk.ui.metrics import Metrics
from kiosk.ui.theme import Look


class Looks:
    """``metrics``: of the screen. ``accent``: the site's colour, empty for the kiosk's own."""

    def __init__(self, metrics: Metrics, accent: str) -> None:
        self._metrics = metrics
        self._accent = accent
        self._looks: dict[Modes, Look] = {}

    def of(self, modes: Modes) -> Look:
        """The look of ``modes``: always the same object until ``change``."""
        if modes not in self._looks:
            self._looks[modes] = Look(self._metrics, theme_of(modes, self._accent))
        return self._looks[modes]

    def change(self, metrics: Metrics, accent: str, modes: Modes) -> Look:
        """Use another size or accent; returns the look of ``modes``, the object used before if both
        are equal.

        The looks of other modes are dropped in any case: high contrast is equal with every accent.
        """
        before = self._looks.get(modes)
        self._metrics, self._accent = metrics, accent
        self._looks.clear()
        look = self.of(modes)
        if before is not None and before == look:
            self._looks[modes] = before
        return self._looks[modes]
