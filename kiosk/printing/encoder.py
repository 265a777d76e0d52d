"""Encode a slip as bytes for a receipt printer.

The bytes begin with ``ESC @`` and the code page and end with the only cut, ``GS V 66 0``. Between
them are only commands written in this module and text that ``text.printable`` has filtered, so
that no name can contain a command.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kiosk.domain.delivery import Level
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
    Slip,
    SlipLine,
    TextLine,
)
from kiosk.printing.paper import CELL_HEIGHT, CELL_WIDTH, DOTS_PER_MM, Paper, paper_of
from kiosk.printing.pictures import STRIP, Picture
from kiosk.printing.sheet import load, new_sheet
from kiosk.printing.status_protocol import RESET
from kiosk.printing.text import codec_of, printable, wrap

Pictures = Callable[[str], Picture | None]
"""File name of a logo -> the logo; None when it cannot be printed."""

QR_MAX_BYTES = 400
"""Longer data makes a code that phones cannot read at this size; it is printed as text."""

QR_LARGEST = 0.6
"""Limit for the width of a code, as a part of the paper's dots."""

QR_LEAST = 3
"""Least dots of a module whose size the slip leaves open."""

QR_MM, QR_BELOW_MM = 22, 17
"""Limit for the width of a code whose size the slip leaves open: beside its words, and above them,
where it makes the slip longer. Both leave modules of at least 0.5 mm for 78 bytes."""

SMALL = (9, 34)
"""A character of running text in dots: font B at double height, with 3 mm capitals. Font A at
normal size, which receipts usually have, has capitals of 2.1 mm."""

SMALL_WIDEST = 10
"""Width of font B on Epson TM-m30, a printer with page mode."""

LEADING = 8
"""Space in dots (1 mm) between large characters and the lines around them."""

QUIET = 12
"""Dots above and below a code. Lines of text have 4 to 7 white dots of their own."""

MOST_WORDS = 1.5
"""Limit for the height of words beside a code or logo, as a part of its height: on narrow paper
longer words take less paper below it."""

COLUMN_GAP = 20
"""Dots between a code or logo and the words at its right: 2.5 mm, a code's quiet zone."""

LINE_SPACING = b"\x1b3\x18"
"""Lines as high as their characters (Epson: "ESC 3"): 24 dots or, where one unit is half a dot,
12, and a printer always feeds at least the height of what it has printed."""

MAX_FEED = 20
"""Limit of empty lines of one FeedLine."""


def warm_up() -> None:
    """Import what encoding needs (about 50 ms), ahead of the first slip."""
    load()


def no_pictures(_: str) -> Picture | None:
    """Print no logos."""
    return None


def has_page_mode(setting: str, level: Level) -> bool:
    """Whether to use page mode, by ``printer.page_mode`` and what the printer was found to be.

    A printer cannot be asked for it, and one without it prints the parameters of its commands. All
    printers known to echo a process id (level A) have it; many others do not.
    """
    return setting == "always" or (setting == "auto" and level is Level.PROCESS_ID)


def encode(
    slip: Slip,
    paper_mm: int,
    code_page: str,
    pictures: Pictures = no_pictures,
    *,
    page_mode: bool = False,
    small_font: str = "B",
) -> bytes:
    """The bytes of ``slip``, for paper of 80 or 58 mm (576 or 384 dots).

    ``code_page`` is one of ``text.CODE_PAGES``; ``pictures`` returns the logos. ``page_mode``: the
    printer has it ("ESC L"), so a code can have words beside it. ``small_font``: that of running
    text, B or A. Raises PrinterError for an unknown paper or code page.
    """
    codec = codec_of(code_page)
    kind = PageWriter if page_mode else Writer
    writer = kind(paper_of(paper_mm), code_page.upper(), codec, pictures, small_font)
    for line in slip.lines:
        writer.write(line)
    return writer.end()


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


class Writer:
    """Encodes lines one by one and sends a style only where it changes."""

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
                self._qr(line, QR_BELOW_MM)
            case LogoLine():
                self._logo(line)
            case SideBySide():
                self._side_by_side(line)

    def end(self) -> bytes:
        """Feed to the cutter and cut (Epson: "GS V", function B, m = 66). Returns all bytes."""
        self._sheet.cut(feed=False)
        return self._sheet.output

    # -- styles and space ---------------------------------------------------------------

    def _begin(self, style: Style | None = None, align: Align = Align.CENTER) -> None:
        """Begin a line: the space due, alignment and style."""
        if self._gap:
            # Epson: "ESC J".
            self._sheet.raw(b"\x1bJ" + bytes((self._gap,)))
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

    def _print(self, text: str, end: str = "\n") -> None:
        """Encode printable characters directly: many times faster than python-escpos."""
        self._sheet.raw((text + end).encode(self._codec))

    def _feed(self, lines: int) -> None:
        if lines < 3:
            self._print("", "\n" * lines)
        else:
            self._sheet.print_and_feed(lines)

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
        """White on black across the paper, triple height and as wide as it fits in one line."""
        parts = [text for part in line.parts if (text := printable(part, self._code_page))]
        joined = " · ".join(parts)
        for width, texts in ((3, [joined]), (2, [joined]), (3, parts), (2, parts)):
            columns = self._paper.columns // width
            if all(len(text) < columns for text in texts):
                break
        self._space(LEADING)
        self._begin(Style(bold=True, width=width, height=3))
        rows = [piece for text in texts for piece in wrap(text, columns, balanced=True)]
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
        found = self._code(line, most_mm)
        if found is None:
            self._text(TextLine(line.data))
        elif found[0]:
            self._space(QUIET)
            self._begin()
            self._sheet.raw(found[0])
            self._space(QUIET)

    def _code(self, line: QrLine, most_mm: int) -> tuple[bytes, int] | None:
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
        if STRIP * len(picture.strips) - picture.height < LEADING:
            self._space(LEADING)

    def _side_by_side(self, line: SideBySide) -> None:
        """Without page mode."""
        for other in line.instead:
            self.write(other)


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
            self._print(piece, "")
        # Print, and return to standard mode.
        self._sheet.raw(b"\x0c")
        self._space(LEADING // 2)

    def _left(self, line: QrLine | LogoLine) -> _Placed | None:
        """What is placed at the left; None for a code that is printed as text."""
        if isinstance(line, QrLine):
            found = self._code(line, QR_MM)
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


def qr_commands(data: str, module: int) -> bytes:
    """A QR code drawn by the printer, ``module`` dots per module ("GS ( k").

    Fn 167 sets the size, 180 stores the data, 181 prints. Model 2 and error correction L are the
    defaults after ``ESC @``; python-escpos' ``qr`` would send 17 bytes to set them again.
    """
    store = data.encode("ascii")
    length = (len(store) + 3).to_bytes(2, "little")
    return b"".join(
        (
            b"\x1d(k\x03\x001C" + bytes((module,)),
            b"\x1d(k" + length + b"1P0" + store,
            b"\x1d(k\x03\x001Q0",
        )
    )


QR_CAPACITY = (17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425)
"""Bytes that versions 1 to 13 hold at level L (ISO/IEC 18004, table of data capacity)."""


def qr_modules(size: int) -> int:
    """Modules along one side of the QR code of ``size`` bytes at level L, without its margin.

    ``size`` is at most ``QR_MAX_BYTES``. Data of digits only may make a smaller code.
    """
    return 21 + 4 * bisect_left(QR_CAPACITY, size)
