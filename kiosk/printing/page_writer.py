"""Writes what is side by side by page mode, for printers that have it."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.slip import LogoLine, QrLine, SideBySide
from kiosk.printing.paper import Paper
from kiosk.printing.pictures import STRIP, Pictures
from kiosk.printing.writer import LEADING, Style, Writer

QR_MM = 22
"""Limit for the width of a code beside its words whose size the slip leaves open."""

SMALL_WIDEST = 10
"""Width of font B on Epson TM-m30, a printer with page mode."""

MOST_WORDS = 1.5
"""Limit for the height of words beside a code or logo, as a part of its height: on narrow paper
longer words take less paper below it."""

COLUMN_GAP = 20
"""Dots between a code or logo and the words at its right: 2.5 mm, a code's quiet zone."""


class PageWriter(Writer):
    """Uses page mode for what is side by side: its parts are placed, then printed at once.

    Epson ESC/POS reference, "ESC L", "ESC W", "ESC $", "GS $", "GS P", "FF": a position is that of
    the lowest dots of a character, bit image or code. ``GS P`` makes one unit one dot of 203 dpi.
    """

    def __init__(
        self, paper: Paper, code_page: str, codec: str, pictures: Pictures, small_font: str
    ) -> None:
        super().__init__(paper, code_page, codec, pictures, small_font)
        # Units of one dot, and smooth edges of large characters (Epson: "GS P", "GS b").
        self._sheet.raw(b"\x1dP\xcb\xcb\x1db\x01")

    def _across(self, style: Style) -> int:
        return SMALL_WIDEST if style.small else super()._across(style)

    def _side_by_side(self, line: SideBySide) -> None:
        left = self._left(line.left)
        if left is None:
            super()._side_by_side(line)
            return
        indent = left.width + COLUMN_GAP if left.width else 0
        rows = []
        for text in line.lines:
            style = self._style_of(text)
            pieces = self._pieces(text, style, self._paper.dots - indent)
            rows += [(style, piece) for piece in pieces]
        words = sum(style.cell[1] for style, _ in rows)
        if words > left.height * MOST_WORDS:
            super()._side_by_side(line)
            return
        height = max(left.height, words)
        self._space(LEADING // 2)
        self._begin()
        size = self._paper.dots.to_bytes(2, "little") + height.to_bytes(2, "little")
        self._sheet.raw(b"\x1bL\x1bW" + bytes(4) + size)
        top = (height - left.height) // 2
        for commands, bottom in left.parts:
            self._sheet.raw(_at(0, top + bottom - 1) + commands)
        bottom = (height - words) // 2
        for style, piece in rows:
            bottom += style.cell[1]
            self._sheet.raw(_at(indent, bottom - 1))
            self._set(style)
            self._put(piece)
        # Print, and return to standard mode.
        self._sheet.raw(b"\x0c")
        self._moved += height
        self._space(LEADING // 2)

    def _left(self, line: QrLine | LogoLine) -> _Placed | None:
        """What is placed at the left; None for a code that is printed as text."""
        if isinstance(line, QrLine):
            found = self.code(line, QR_MM)
            if found is None:
                return None
            commands, side = found
            return _Placed(side, side + 2 * LEADING, ((commands, LEADING + side),))
        picture = self._pictures(line.name)
        if picture is None:
            return _Placed(0, 0, ())
        parts = [(strip, STRIP * (i + 1)) for i, strip in enumerate(picture.strips)]
        parts[-1] = (picture.last, max(STRIP, picture.height))
        return _Placed(picture.width, max(STRIP, picture.height), tuple(parts))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A code or logo for page mode. ``parts``: commands, and where their lowest dots are."""

    width: int
    height: int
    parts: tuple[tuple[bytes, int], ...]


def _at(left: int, bottom: int) -> bytes:
    return b"\x1d$" + bottom.to_bytes(2, "little") + b"\x1b$" + left.to_bytes(2, "little")
