"""Page mode: elements are placed on a page, and ``FF`` prints all of them at once.

Positions are those of the lowest dots of characters, bit images and codes (Epson ESC/POS command
reference, "GS $", "ESC W", "ESC T" 0). One unit is one dot, as after ``GS P 203 203``.
"""

from __future__ import annotations

from virtual_printer.sheet import STRIP_DOTS, Bitmap, BlankPaper, Page, Placed, QrSymbol, TextRow

LONGEST = 1662
"""Height of the largest page in dots (TM-T88 series; others have 800 to 2,400)."""


class PageMode:
    """The page between ``ESC L`` and ``FF``; ``dots`` is the width of the head.

    ``placed`` holds what lies inside the printing area of its time; the rest is lost, as on a real
    printer.
    """

    def __init__(self, dots: int) -> None:
        self._dots = dots
        self._area = (0, 0, dots, LONGEST)
        self._left = 0
        self._bottom = STRIP_DOTS - 1
        self._height = 0
        self.placed: list[Placed] = []

    @property
    def room(self) -> int:
        """Dots from the present position to the right edge of the area."""
        return self._area[2] - self._left

    def set_area(self, args: bytes) -> None:
        """``ESC W``: printing area as x, y, width, height; the position returns to its start."""
        left, top, width, height = (
            int.from_bytes(args[i : i + 2], "little") for i in range(0, 8, 2)
        )
        if left >= self._dots or not width or not height:
            return
        self._area = (left, top, min(width, self._dots - left), min(height, LONGEST - top))
        self._left, self._bottom = 0, STRIP_DOTS - 1
        self._height = max(self._height, top + self._area[3])

    def move_across(self, args: bytes) -> None:
        """``ESC $``: distance from the left edge of the area."""
        position = int.from_bytes(args[:2], "little")
        if position < self._area[2]:
            self._left = position

    def move_down(self, args: bytes) -> None:
        """``GS $``: distance from the top edge of the area."""
        position = int.from_bytes(args[:2], "little")
        if position < self._area[3]:
            self._bottom = position

    def place(self, element: object) -> None:
        """Put ``element`` at the present position and move on. A cut waits for standard mode."""
        if isinstance(element, BlankPaper):
            self._bottom += element.height
        elif isinstance(element, TextRow):
            self.put(element)
            self._left = 0
            self._bottom += element.height
        elif isinstance(element, Bitmap | QrSymbol):
            self.put(element)

    def put(self, element: TextRow | Bitmap | QrSymbol) -> None:
        """Put ``element`` at the present position, which moves to its right edge."""
        tall = element.tallest if isinstance(element, TextRow) else element.height
        wide = _width(element)
        top = self._bottom + 1 - tall
        if top >= 0 and self._bottom < self._area[3] and self._left + wide <= self._area[2]:
            left = self._area[0] + self._left
            self.placed.append(Placed(left, self._area[1] + top, element))
        self._left += wide

    def printed(self) -> Page:
        """The page as it is printed: as high as the areas that were set."""
        lowest = (p.top + p.element.height for p in self.placed)
        return Page(tuple(self.placed), self._height or max(lowest, default=0))


def _width(element: TextRow | Bitmap | QrSymbol) -> int:
    match element:
        case TextRow():
            return sum(run.dots for run in element.runs)
        case Bitmap():
            return element.width
        case QrSymbol():
            return element.height
