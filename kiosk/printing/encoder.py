"""Encode a slip as bytes for a receipt printer.

The bytes begin with ``ESC @`` and the code page and end with the only cut, ``GS V 66 0``. Between
them are only commands written in this module and text that ``text.printable`` has filtered, so
that no name can contain a command.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from kiosk.domain.slip import (
    Align,
    BadgeLine,
    FeedLine,
    LogoLine,
    NumberLine,
    QrLine,
    RuleLine,
    Slip,
    SlipLine,
    TextLine,
)
from kiosk.printing.paper import CELL_WIDTH, Paper, paper_of
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

RULE = "─"
"""C4h in the DOS code pages; eight times as wide, the characters join to a thin line."""

LEADING = 8
"""Space in dots (1 mm) between large characters and the lines around them."""

MAX_FEED = 20
"""Limit of empty lines of one FeedLine."""


def warm_up() -> None:
    """Import what encoding needs (about 50 ms), ahead of the first slip."""
    load()


def no_pictures(_: str) -> Picture | None:
    """Print no logos."""
    return None


def encode(slip: Slip, paper_mm: int, code_page: str, pictures: Pictures = no_pictures) -> bytes:
    """The bytes of ``slip``, for paper of 80 or 58 mm (576 or 384 dots).

    ``code_page`` is one of ``text.CODE_PAGES``; ``pictures`` returns the logos. Raises
    PrinterError for an unknown paper or code page.
    """
    writer = _Writer(paper_of(paper_mm), code_page.upper(), codec_of(code_page), pictures)
    for line in slip.lines:
        writer.write(line)
    return writer.end()


class _Writer:
    """Encodes lines one by one and sends a style only where it changes."""

    def __init__(self, paper: Paper, code_page: str, codec: str, pictures: Pictures) -> None:
        self._paper = paper
        self._code_page = code_page
        self._codec = codec
        self._pictures = pictures
        self._sheet = new_sheet()
        self._align = Align.LEFT
        self._bold = False
        self._size = (1, 1)
        self._gap = 0
        self._roomy = True
        self._sheet.raw(RESET)
        self._sheet.charcode(code_page)
        self._sheet.set(smooth=True)

    def write(self, line: SlipLine) -> None:
        """Encode one line of the slip."""
        match line:
            case TextLine():
                self._text(line)
            case NumberLine():
                self._number(line)
            case BadgeLine():
                self._badge(line.text)
            case RuleLine():
                self._rule()
            case FeedLine():
                self._style(size=(1, 1))
                self._feed(max(1, min(line.lines, MAX_FEED)))
            case QrLine():
                self._qr(line)
            case LogoLine():
                self._logo(line)

    def end(self) -> bytes:
        """Feed to the cutter and cut (Epson: "GS V", function B, m = 66). Returns all bytes."""
        self._sheet.cut(feed=False)
        return self._sheet.output

    def _style(
        self,
        align: Align = Align.CENTER,
        *,
        bold: bool = False,
        size: tuple[int, int] = (1, 1),
    ) -> None:
        if self._gap:
            # Epson: "ESC J".
            self._sheet.raw(b"\x1bJ" + bytes((self._gap,)))
            self._gap = 0
        self._roomy = False
        if align is not self._align:
            self._sheet.set(align=align.value)
            self._align = align
        if bold is not self._bold and size != self._size and max(size) <= 2:
            # One command for all (Epson: "ESC !"): bit 3 bold, bit 4 height x 2, bit 5 width x 2.
            bits = 0x08 * bold | 0x10 * (size[1] == 2) | 0x20 * (size[0] == 2)
            self._sheet.raw(b"\x1b!" + bytes((bits,)))
            self._bold, self._size = bold, size
        if bold is not self._bold:
            self._sheet.set(bold=bold)
            self._bold = bold
        if size != self._size:
            self._sheet.set(custom_size=True, width=size[0], height=size[1])
            self._size = size

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

    def _text(self, line: TextLine) -> None:
        width, height = (max(1, min(8, n)) for n in (line.width, line.height))
        columns = self._paper.columns // width
        if height > 1:
            self._space(LEADING)
        self._style(line.align, bold=line.bold, size=(width, height))
        for paragraph in line.text.split("\n"):
            text = printable(paragraph, self._code_page)
            for piece in wrap(text, columns, balanced=line.align is Align.CENTER):
                self._print(piece)
        if height > 1:
            self._space(LEADING)

    def _number(self, line: NumberLine) -> None:
        text = printable(line.text, self._code_page) or "?"
        dots = len(text) * CELL_WIDTH
        width = max(1, min(8, self._paper.dots // dots))
        height = max(6, min(8, line.height))
        self._space(2 * LEADING)
        self._style(bold=True, size=(width, height))
        for piece in wrap(text, self._paper.columns // width):
            self._print(piece)
        # Characters of this size have 1 to 5 mm of white below them.
        self._roomy = True

    def _badge(self, text: str) -> None:
        """White on black, with a space on each side (Epson: "GS B")."""
        words = printable(text, self._code_page)
        columns = self._paper.columns
        width = 2 if len(words) + 2 <= columns // 2 else 1
        self._space(2 * LEADING)
        self._style(bold=True, size=(width, 2))
        for piece in wrap(words, columns // width - 2, balanced=True):
            self._sheet.set(invert=True)
            self._print(f" {piece} ", "")
            self._sheet.set(invert=False)
            self._print("")
        self._space(2 * LEADING)

    def _rule(self) -> None:
        """A thin line across the paper, from a few wide characters in place of a picture.

        The line is in the middle of its row, with white above and below.
        """
        self._gap = 0
        if printable(RULE, self._code_page) == RULE:
            # Bold makes no difference here: keep the style and save a command.
            self._style(bold=self._bold, size=(8, 1))
            self._print(RULE * (self._paper.columns // 8))
        else:
            self._style()
            self._print("-" * self._paper.columns)
        self._roomy = True

    def _qr(self, line: QrLine) -> None:
        data = "".join(c for c in line.data if c.isprintable()).strip()
        size = len(data.encode("utf-8", "replace"))
        if not data:
            return
        if size > QR_MAX_BYTES or not data.isascii():
            self._text(TextLine(data))
            return
        widest = int(self._paper.dots * QR_LARGEST) // qr_modules(size)
        self._space(2 * LEADING)
        self._style()
        self._sheet.raw(qr_commands(data, max(1, min(16, line.module, widest))))
        self._print("")

    def _logo(self, line: LogoLine) -> None:
        picture = self._pictures(line.name)
        if picture is None:
            return
        self._style(bold=self._bold)
        # Lines of exactly the strips' height (Epson: "ESC 3", "ESC 2").
        self._sheet.raw(b"\x1b3" + bytes((STRIP,)))
        for strip in picture.strips:
            self._sheet.raw(strip + b"\n")
        self._sheet.raw(b"\x1b2")
        self._space(LEADING)


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
