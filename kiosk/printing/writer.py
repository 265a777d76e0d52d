"""Writes the lines of a slip one below the other, as every ESC/POS printer prints them.

Only commands written here, and in ``pictures`` and ``qr_code``, get into the bytes; text is
filtered by ``text.printable``, so that no name can contain a command.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.domain.slip import (
    Align,
    BadgeLine,
    BarLine,
    FeedLine,
    LogoLine,
    NumberLine,
    QrLine,
    RuleLine,
    SideBySide,
    SlipLine,
    TextLine,
)
from kiosk.printing.paper import CELL_HEIGHT, CELL_WIDTH, DOTS_PER_MM, Paper
from kiosk.printing.pictures import STRIP, Pictures
from kiosk.printing.qr_code import QR_MAX_BYTES, qr_commands, qr_modules
from kiosk.printing.sheet import new_sheet
from kiosk.printing.status_protocol import RESET
from kiosk.printing.text import printable, wrap

QR_LARGEST = 0.6
"""Limit for the width of a code, as a part of the paper's dots."""

QR_LEAST = 3
"""Least dots of a module whose size the slip leaves open."""

QR_ABOVE_MM = 17
"""Limit for the width of a code above its words whose size the slip leaves open: it makes the slip
longer. Modules of 78 bytes are then 0.5 mm wide."""

SMALL = (9, 34)
"""A character of running text in dots: font B at double height, with 3 mm capitals. Font A at
normal size, which receipts usually have, has capitals of 2.1 mm."""

LEADING = 8
"""Space in dots (1 mm) between large characters and the lines around them."""

QUIET = 12
"""Dots above and below a code. Lines of text have 4 to 7 white dots of their own."""

LINE_SPACING = b"\x1b3\x18"
"""Lines as high as their characters (Epson: "ESC 3"): 24 dots or, where one unit is half a dot,
12, and a printer always feeds at least the height of what it has printed."""

MAX_FEED = 20
"""Limit of empty lines of one FeedLine."""


@dataclass(frozen=True, slots=True)
class Style:
    """Character style. ``width`` and ``height`` are multipliers; ``small``: running text."""

    bold: bool = False
    width: int = 1
    height: int = 1

    @property
    def small(self) -> bool:
        """Whether this is running text, in font B."""
        return self.width == self.height == 1

    @property
    def cell(self) -> tuple[int, int]:
        """One character in dots, across and down."""
        return SMALL if self.small else (CELL_WIDTH * self.width, CELL_HEIGHT * self.height)

    @property
    def commands(self) -> bytes:
        """By "ESC !": bit 0 font B, 3 bold, 4 height x 2, 5 width x 2; by "GS !" above that."""
        large = max(self.width, self.height) > 2
        tall = self.small or (self.height == 2 and not large)
        wide = self.width == 2 and not large
        bits = 0x01 * self.small | 0x08 * self.bold | 0x10 * tall | 0x20 * wide
        more = bytes((0x1D, 0x21, (self.width - 1) << 4 | self.height - 1)) if large else b""
        return b"\x1b!" + bytes((bits,)) + more


class EncodedSlip(bytes):
    """The bytes of a slip. ``length_mm``: the paper that printing them moves at least, without the
    feed to the cutter; a printer with larger characters moves it further."""

    length_mm: float = 0.0


class Writer:
    """Encodes lines one by one and sends a style only where it changes.

    Counts the dots by which each line moves the paper (Epson ESC/POS reference, "LF", "ESC J",
    "ESC d", "ESC *", "GS ( k" fn 181).
    """

    def __init__(
        self, paper: Paper, code_page: str, codec: str, pictures: Pictures, small_font: str
    ) -> None:
        self._small_font = small_font
        self._paper = paper
        self._code_page = code_page
        self._codec = codec
        self._pictures = pictures
        self._sheet = new_sheet()
        self._align = Align.LEFT
        self._style: Style | None = None
        self._gap = 0
        self._roomy = True
        self._moved = 0
        self._sheet.raw(RESET)
        self._sheet.charcode(code_page)
        self._sheet.raw(LINE_SPACING)

    def write(self, line: SlipLine) -> None:
        """Encode one line of the slip."""
        match line:
            case TextLine():
                self._text(line)
            case NumberLine():
                self._number(line)
            case BadgeLine():
                self._badge(line.text)
            case BarLine():
                self._bar(line)
            case RuleLine():
                self._rule()
            case FeedLine():
                self._begin()
                self._feed(max(1, min(line.lines, MAX_FEED)))
            case QrLine():
                self._qr(line, QR_ABOVE_MM)
            case LogoLine():
                self._logo(line)
            case SideBySide():
                self._side_by_side(line)

    def end(self) -> EncodedSlip:
        """Feed to the cutter and cut (Epson: "GS V", function B, m = 66). Returns all bytes."""
        self._sheet.cut(feed=False)
        slip = EncodedSlip(self._sheet.output)
        slip.length_mm = self._moved / DOTS_PER_MM
        return slip

    # -- styles and space ---------------------------------------------------------------

    def _begin(self, style: Style | None = None, align: Align = Align.CENTER) -> None:
        """Begin a line: the space due, alignment and style."""
        if self._gap:
            # Epson: "ESC J".
            self._sheet.raw(b"\x1bJ" + bytes((self._gap,)))
            self._moved += self._gap
            self._gap = 0
        self._roomy = False
        if align is not self._align:
            self._sheet.set(align=align.value)
            self._align = align
        if style is not None:
            self._set(style)

    def _set(self, style: Style) -> None:
        if style != self._style:
            self._sheet.raw(style.commands)
            self._style = style

    def _put(self, text: str) -> None:
        """Encode printable characters directly: many times faster than python-escpos."""
        self._sheet.raw(text.encode(self._codec))

    def _print(self, text: str) -> None:
        """One line of characters in the present style."""
        self._put(text + "\n")
        self._moved += self._style.cell[1] if self._style else CELL_HEIGHT

    def _feed(self, lines: int) -> None:
        if lines < 3:
            self._put("\n" * lines)
        else:
            self._sheet.print_and_feed(lines)
        self._moved += lines * CELL_HEIGHT

    def _space(self, dots: int) -> None:
        """Leave at least ``dots`` of height before the next line, unless there is space already."""
        if not self._roomy:
            self._gap = max(self._gap, dots)

    # -- lines --------------------------------------------------------------------------

    def _style_of(self, line: TextLine) -> Style:
        """The style of ``line``: nothing is lower than double height, except in font B."""
        width, height = (max(1, min(8, n)) for n in (line.width, line.height))
        small = (width, height) == (1, 1) and self._small_font == "B"
        return Style(line.bold, width, height if small else max(2, height))

    def _text(self, line: TextLine) -> None:
        style = self._style_of(line)
        if style.width > 1:
            self._space(LEADING)
        self._begin(style, line.align)
        balanced = line.align is Align.CENTER
        for piece in self._pieces(line, style, self._paper.dots, balanced=balanced):
            self._print(piece)

    def _pieces(
        self, line: TextLine, style: Style, dots: int, *, balanced: bool = False
    ) -> list[str]:
        """The lines that ``line`` becomes within ``dots``."""
        columns = max(1, dots // self._across(style))
        texts = (printable(paragraph, self._code_page) for paragraph in line.text.split("\n"))
        return [piece for text in texts for piece in wrap(text, columns, balanced=balanced)]

    def _across(self, style: Style) -> int:
        """Room for one character in dots."""
        return style.cell[0]

    def _number(self, line: NumberLine) -> None:
        text = printable(line.text, self._code_page) or "?"
        height = max(6, min(8, line.height))
        width = max(1, min(height, self._paper.dots // (len(text) * CELL_WIDTH)))
        self._begin(Style(bold=True, width=width, height=height))
        for piece in wrap(text, self._paper.columns // width):
            self._print(piece)
        # Characters of this size have 1 to 5 mm of white below them.
        self._roomy = True

    def _badge(self, text: str) -> None:
        """White on black, with a space on each side (Epson: "GS B")."""
        words = printable(text, self._code_page)
        columns = self._paper.columns
        width = 2 if len(words) + 2 <= columns // 2 else 1
        self._space(LEADING)
        self._begin(Style(bold=True, width=width, height=2))
        self._inverse(f" {piece} " for piece in wrap(words, columns // width - 2, balanced=True))
        self._space(LEADING)

    def _bar(self, line: BarLine) -> None:
        """White on black across the paper, triple height and as wide as it fits in one line with a
        blank on each side."""
        parts = [text for part in line.parts if (text := printable(part, self._code_page))]
        joined = " · ".join(parts)
        for width, texts in ((3, [joined]), (2, [joined]), (3, parts), (2, parts)):
            columns = self._paper.columns // width
            if all(len(text) + 2 <= columns for text in texts):
                break
        self._space(LEADING)
        self._begin(Style(bold=True, width=width, height=3))
        rows = [piece for text in texts for piece in wrap(text, columns - 2, balanced=True)]
        self._inverse(row.center(columns - (columns - len(row)) % 2) for row in rows)
        self._space(LEADING)

    def _inverse(self, rows: Iterable[str]) -> None:
        self._sheet.set(invert=True)
        for row in rows:
            self._print(row)
        self._sheet.set(invert=False)

    def _rule(self) -> None:
        """A thin line across the paper: underlined spaces (Epson: "ESC -").

        No byte of it is 80h or more, so a printer in Chinese mode makes no characters of it.
        """
        self._begin(Style(width=8))
        self._sheet.raw(b"\x1b-\x02")
        self._print(" " * (self._paper.columns // 8))
        self._sheet.raw(b"\x1b-\x00")
        self._space(LEADING)

    def _qr(self, line: QrLine, most_mm: int) -> None:
        found = self.code(line, most_mm)
        if found is None:
            self._text(TextLine(line.data))
        elif found[0]:
            self._space(QUIET)
            self._begin()
            self._sheet.raw(found[0])
            self._moved += found[1]
            self._space(QUIET)

    def code(self, line: QrLine, most_mm: int) -> tuple[bytes, int] | None:
        """The commands of a code and its width in dots; None for data to be printed as text."""
        data = "".join(c for c in line.data if c.isprintable()).strip()
        size = len(data.encode("utf-8", "replace"))
        if not data:
            return b"", 0
        if size > QR_MAX_BYTES or not data.isascii():
            return None
        side = qr_modules(size)
        widest = int(self._paper.dots * QR_LARGEST) // side
        wanted = line.module if line.module > 0 else max(QR_LEAST, most_mm * DOTS_PER_MM // side)
        module = max(1, min(16, wanted, widest))
        return qr_commands(data, module), side * module

    def _logo(self, line: LogoLine) -> None:
        picture = self._pictures(line.name)
        if picture is None:
            return
        self._begin()
        for strip in picture.strips:
            self._sheet.raw(strip + b"\n")
            self._moved += STRIP
        if STRIP * len(picture.strips) - picture.height < LEADING:
            self._space(LEADING)

    def _side_by_side(self, line: SideBySide) -> None:
        """Without page mode."""
        for other in line.instead:
            self.write(other)
