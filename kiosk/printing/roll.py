"""How many slips are left on a roll that is nearly used up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.printing.pictures import Picture

NEAR_END_MM = 2000.0
"""What is left when the sensor first reports, at least: 23 mm of roll on a core of 18 mm hold
2.5 m of paper 0.065 mm thick (TM-T88 series manuals, "roll paper near-end detector")."""


class Roll:
    """Counts from the moment at which the sensor is first seen to report.

    ``slips_left`` is None while there is paper enough, and where the roll was low before the
    first look: then nobody knows how long it has been.
    """

    def __init__(self) -> None:
        self._plenty_seen = False
        self._used_mm: float | None = None
        self._slip_mm = 0.0

    @property
    def counting(self) -> bool:
        """Whether slips have to be noted."""
        return self._used_mm is not None

    @property
    def slips_left(self) -> int | None:
        """An estimate for staff, on the low side; None when there is nothing to go by."""
        if self._used_mm is None or not self._slip_mm:
            return None
        return max(0, int((NEAR_END_MM - self._used_mm) / self._slip_mm))

    def see(self, *, near_end: bool) -> None:
        """The sensor's word, from each look at the printer."""
        if not near_end:
            self._plenty_seen, self._used_mm = True, None
        elif self._plenty_seen and self._used_mm is None:
            self._used_mm = 0.0

    def use(self, job: bytes, paper_mm: int, kept: Iterable[Picture] = ()) -> None:
        """The slips in ``job`` were printed; drawn to know their lengths.

        ``kept``: the pictures in the printer's memory.
        """
        if self._used_mm is None:
            return
        # Only while the roll is low: otherwise nothing of the virtual printer is imported.
        from kiosk.printing.slip_preview import print_bytes

        lengths = [piece.height_mm for piece in print_bytes(job, paper_mm, kept)]
        self._used_mm += sum(lengths)
        self._slip_mm = max(lengths, default=self._slip_mm)
