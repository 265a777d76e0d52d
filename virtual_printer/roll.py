"""The paper: how much is left, how much was used, and where its black marks are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from virtual_printer.character import Character
from virtual_printer.faults import Faults

NEAR_END_MM = 1000.0
"""The near-end sensor reports when less paper than this is left."""

MARK_SEARCH_MM = 500.0
"""Paper fed in search of a black mark before the printer gives up.

JPM112 developer's manual, 4.1.2 "FF": without a mark the paper stops after 0.5 m.
"""

DOTS_PER_MM = 8


class Roll:
    """``faults`` say how much paper is left and whether its marks are missing. Lengths in mm.

    ``mark_lost``: a search for a mark has failed. All methods are called with the machine's lock
    held.
    """

    def __init__(self, faults: Faults, character: Callable[[], Character]) -> None:
        self.used_mm = 0.0
        self.mark_lost = False
        self._faults = faults
        self._character = character
        self._ended = False

    @property
    def present(self) -> bool:
        """Whether there is paper."""
        left = self._faults.paper_left_mm
        return not self._ended and (left is None or left > 0)

    @property
    def near_end(self) -> bool:
        """Whether the near-end sensor reports."""
        left = self._faults.paper_left_mm
        return self._faults.near_end or (left is not None and left < NEAR_END_MM)

    def changed(self) -> bool:
        """The faults were set or mended. Returns whether a new roll may have been put in."""
        self.mark_lost = self.mark_lost and self._faults.mark_missing
        left = self._faults.paper_left_mm
        if left is None or left > 0:
            self._ended = False
            return True
        return False

    def ends_within(self, length: float) -> bool:
        """Whether the roll ends before ``length``; then it is at its end now."""
        left = self._faults.paper_left_mm
        if left is None or length <= left:
            return False
        self._faults.paper_left_mm = 0.0
        self._ended = True
        return True

    def feed(self, length: float) -> list[float]:
        """Use ``length`` of paper. Returns where in it black marks are."""
        if self._faults.paper_left_mm is not None:
            self._faults.paper_left_mm -= length
        marks = list(self._marks(length))
        self.used_mm += length
        return marks

    def _marks(self, length: float) -> Iterator[float]:
        distance = self._character().mark_mm
        if distance and not self._faults.mark_missing:
            ahead = distance - self.used_mm % distance
            while ahead <= length:
                yield ahead
                ahead += distance

    def dots_to_mark(self) -> int:
        """Dots to the next black mark: none on plain paper, MARK_SEARCH_MM where none comes."""
        distance = self._character().mark_mm
        if not distance:
            return 0
        if self._faults.mark_missing:
            return round(MARK_SEARCH_MM * DOTS_PER_MM)
        return round((distance - self.used_mm % distance) * DOTS_PER_MM)
