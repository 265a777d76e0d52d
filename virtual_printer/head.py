"""The print head: turns commands into elements on paper. Pure: no faults, no time, no I/O."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from virtual_printer.commands import Command, next_command
from virtual_printer.page_mode import PageMode
from virtual_printer.paper import CODE_PAGES, DEFAULT_CODE_PAGE
from virtual_printer.sheet import (
    Bitmap,
    BlankPaper,
    Element,
    QrSymbol,
    Run,
    Strip,
    Style,
    TextRow,
)

if TYPE_CHECKING:
    import qrcode

LINE_SPACING = 30
"""Default dots from one line to the next, about 1/6 inch at 203 dpi ("ESC 2")."""

PAGE_MODE_ALONE = ("ESC L", "ESC S", "ESC W", "ESC T", "GS $", "GS P")
"""Commands of printers with page mode."""

CUT_FEED = 104
"""Dots of paper between print head and cutter, 13 mm."""

CAPACITY = 262_144
"""Bytes of memory for pictures: the smaller of the usual sizes (TM-T20, TM-m30: 256 KB)."""


class Cut:
    """The cutter cuts here."""


@dataclass(frozen=True, slots=True)
class ToMark(BlankPaper):
    """Blank paper up to the next black mark. The machine knows how much; without marks none."""

    height: int = 0


Step = Element | Cut


class PrintHead:
    """Interprets commands and yields what they print.

    ``dots`` is the width of the head. ``memory`` maps the two-byte key of a stored picture (NV
    graphics) to the picture; together at most ``capacity`` bytes. A picture that does not fit is
    dropped without an error, as real printers do. ``writes`` counts changes of the memory. With
    ``chinese`` each reset begins Chinese mode: two bytes of 80h and more are one GB18030 character
    until ``FS .``. Without ``page_mode`` the parameters of its commands are printed as letters.
    """

    def __init__(self, dots: int, *, chinese: bool = False, page_mode: bool = True) -> None:
        self.dots = dots
        self.chinese = chinese
        self.page_mode = page_mode
        self.memory: dict[bytes, Bitmap] = {}
        self.capacity = CAPACITY
        self.writes = 0
        self.reset()
        self._handlers: dict[str, Callable[[bytes], None]] = {
            "ESC @": lambda _: self.reset(),
            "ESC t": self._code_page,
            "ESC a": self._set_align,
            "ESC E": lambda a: self._restyle(bold=bool(a[0] & 1)),
            "ESC G": lambda a: self._restyle(bold=bool(a[0] & 1)),
            "ESC -": lambda a: self._restyle(underline=a[0] % 48 if a[0] % 48 < 3 else 0),
            "ESC M": lambda a: self._restyle(small=a[0] % 48 == 1),
            "ESC !": self._print_mode,
            "ESC 2": lambda _: setattr(self, "spacing", LINE_SPACING),
            "ESC 3": lambda a: setattr(self, "spacing", a[0]),
            "GS !": lambda a: self._restyle(width=(a[0] >> 4 & 7) + 1, height=(a[0] & 7) + 1),
            "GS B": lambda a: self._restyle(invert=bool(a[0] & 1)),
            "GS b": lambda a: self._restyle(smooth=bool(a[0] & 1)),
            "CAN": lambda _: self._cancel(),
            "ESC L": lambda _: self._enter_page_mode(),
            "ESC S": lambda _: self._leave_page_mode(),
            "ESC W": lambda a: self._on_page(PageMode.set_area, a),
            "ESC $": lambda a: self._on_page(PageMode.move_across, a),
            "GS $": lambda a: self._on_page(PageMode.move_down, a),
            "ESC *": self._bit_image,
            "FS &": lambda _: self._set_chinese(on=True),
            "FS .": lambda _: self._set_chinese(on=False),
        }
        self._printers: dict[str, Callable[[bytes], Iterator[Step]]] = {
            "text": self._text,
            "LF": self._line_feed,
            "ESC d": self._feed_lines,
            "ESC J": self._feed_dots,
            "GS ( k": self._code,
            "GS ( L": self._graphics,
            "GS v 0": self._raster,
            "GS V": self._cut,
            "FF": self._form_feed,
            "ESC i": lambda _: self._cut(b""),
            "ESC m": lambda _: self._cut(b""),
            **dict.fromkeys(("GS FF", "GS F6", "GS F8"), self._to_mark),
        }

    def reset(self) -> None:
        """``ESC @``: reset all settings, discard an unfinished line, return to standard mode."""
        self.page: PageMode | None = None
        self.style = Style()
        self.align = 0
        self.spacing = LINE_SPACING
        self.codec = DEFAULT_CODE_PAGE
        self._runs: list[Run | Strip] = []
        self._qr_module = 3
        self._qr_level = 48
        self._qr_data = ""
        self._set_chinese(on=self.chinese)

    def keep(self, definition: bytes) -> None:
        """Store the picture that ``definition`` (a "GS ( L" fn 67 command) holds."""
        command, _ = next_command(definition)
        if command is not None:
            for _ in self.obey(command):
                pass

    def obey(self, command: Command) -> Iterator[Step]:
        """Yield what ``command`` prints, element by element, so that a fault can stop between."""
        if self._gb18030 is not None and command.name != "text":
            self._gb18030.reset()
        if not self.page_mode and command.name in PAGE_MODE_ALONE:
            return self._text(bytes(byte for byte in command.args if byte >= 0x20))
        handler = self._handlers.get(command.name)
        if handler is not None:
            handler(command.args)
            return iter(())
        printer = self._printers.get(command.name)
        if printer is None:
            return iter(())
        if self.page is None or command.name == "FF":
            return printer(command.args)
        # Page mode keeps what would be printed until FF.
        for element in printer(command.args):
            self.page.place(element)
        return iter(())

    # -- styles -----------------------------------------------------------------------

    def _restyle(self, **changes: bool | int) -> None:
        self.style = replace(self.style, **changes)  # type: ignore[arg-type]

    def _code_page(self, args: bytes) -> None:
        self.codec = CODE_PAGES.get(args[0], DEFAULT_CODE_PAGE)

    def _set_align(self, args: bytes) -> None:
        if not self._runs:
            self.align = args[0] % 48 if args[0] % 48 < 3 else self.align

    def _print_mode(self, args: bytes) -> None:
        bits = args[0]
        self.style = Style(
            bold=bool(bits & 8),
            underline=1 if bits & 128 else 0,
            width=2 if bits & 32 else 1,
            height=2 if bits & 16 else 1,
            invert=self.style.invert,
            smooth=self.style.smooth,
            small=bool(bits & 1),
        )

    # -- text -------------------------------------------------------------------------

    def _set_chinese(self, *, on: bool) -> None:
        """Begin or end Chinese mode. Half a character is dropped at any command but text."""
        self._gb18030 = codecs.getincrementaldecoder("gb18030")("replace") if on else None

    def _characters(self, args: bytes) -> Iterator[tuple[str, Style]]:
        if self._gb18030 is None:
            for character in args.decode(self.codec, "replace"):
                yield character, self.style
            return
        for character in self._gb18030.decode(args):
            yield character, replace(self.style, chinese=character > "\x7f")

    def _text(self, args: bytes) -> Iterator[Step]:
        room = self.dots if self.page is None else self.page.room
        for character, style in self._characters(args):
            if sum(run.dots for run in self._runs) + style.cell[0] > room:
                yield self._row()
            last = self._runs[-1] if self._runs else None
            if isinstance(last, Run) and last.style == style:
                self._runs[-1] = Run(last.text + character, style)
            else:
                self._runs.append(Run(character, style))

    def _bit_image(self, args: bytes) -> None:
        """``ESC *``: m = 0 and 1 have 8 dots to a column, each printed 3 dots high; 0 and 32 print
        each column twice."""
        density, data = args[0], args[3:]
        if density in (32, 33):
            columns = [data[i : i + 3] for i in range(0, len(data), 3)]
        else:
            columns = [_thrice(byte) for byte in data]
        across = 2 if density in (0, 32) else 1
        strip = b"".join(column * across for column in columns)
        taken = sum(run.dots for run in self._runs)
        fits = (self.dots if self.page is None else self.page.room) - taken
        self._runs.append(Strip(strip[: 3 * max(0, fits)]))

    def _row(self) -> TextRow:
        row = TextRow(tuple(self._runs), self.align, self.spacing)
        self._runs = []
        return replace(row, height=max(row.tallest, self.spacing))

    # -- page mode ----------------------------------------------------------------------

    def _enter_page_mode(self) -> None:
        if self.page is None:
            self._runs.clear()
            self.page = PageMode(self.dots)

    def _on_page(self, move: Callable[[PageMode, bytes], None], args: bytes) -> None:
        """A command for the position in page mode; what came before it stays where it is."""
        if self.page is not None:
            if self._runs:
                self.page.put(self._row())
            move(self.page, args)

    def _leave_page_mode(self) -> None:
        """``ESC S``: discard the page."""
        self._runs.clear()
        self.page = None

    def _cancel(self) -> None:
        self._runs.clear()
        if self.page is not None:
            self.page.placed.clear()

    def _form_feed(self, args: bytes) -> Iterator[Step]:
        """``FF``: print the page and return to standard mode; there, feed to a black mark."""
        if self.page is None:
            yield from self._to_mark(args)
        else:
            for element in self._flush():
                self.page.place(element)
            page, self.page = self.page, None
            yield page.printed()

    def _line_feed(self, _: bytes) -> Iterator[Step]:
        yield self._row() if self._runs else BlankPaper(self.spacing)

    def _flush(self) -> Iterator[Step]:
        if self._runs:
            yield self._row()

    def _feed_lines(self, args: bytes) -> Iterator[Step]:
        lines = args[0]
        if self._runs:
            yield self._row()
            lines -= 1
        for _ in range(lines):
            yield BlankPaper(self.spacing)

    def _feed_dots(self, args: bytes) -> Iterator[Step]:
        yield from self._flush()
        if args[0]:
            yield BlankPaper(args[0])

    def _cut(self, args: bytes) -> Iterator[Step]:
        yield from self._flush()
        if len(args) == 2:
            yield BlankPaper(CUT_FEED + args[1])
        yield Cut()

    def _to_mark(self, _: bytes) -> Iterator[Step]:
        yield from self._flush()
        yield ToMark()

    # -- pictures and codes -----------------------------------------------------------

    def _raster(self, args: bytes) -> Iterator[Step]:
        yield from self._flush()
        across, down = (int.from_bytes(args[i : i + 2], "little") for i in (1, 3))
        if across and down:
            yield Bitmap(across * 8, args[5:], self.align, down)

    def _graphics(self, args: bytes) -> Iterator[Step]:
        """``GS ( L``: fn 67 stores a picture (raster, one colour), 66 deletes, 69 prints it."""
        function = args[:2]
        if function == b"0C" and len(args) > 11:
            width, height = (int.from_bytes(args[i : i + 2], "little") for i in (6, 8))
            padded = (width + 7) // 8 * 8
            self._keep(args[3:5], Bitmap(padded, args[11:], 0, height))
        elif function == b"0B" and len(args) == 4:
            self.writes += 1
            self.memory.pop(args[2:4], None)
        elif function == b"0E" and len(args) == 6:
            yield from self._flush()
            kept = self.memory.get(args[2:4])
            if kept is not None:
                yield replace(kept, align=self.align)

    def _keep(self, key: bytes, picture: Bitmap) -> None:
        self.writes += 1
        others = sum(len(kept.raster) for name, kept in self.memory.items() if name != key)
        if others + len(picture.raster) <= self.capacity:
            self.memory[key] = picture

    def _code(self, args: bytes) -> Iterator[Step]:
        """``GS ( k``, cn 49: QR code; fn 67 module size, 69 level, 80 data, 81 print."""
        if args[:1] != b"1" or len(args) < 3:
            return
        function = args[1]
        if function == 67:
            self._qr_module = max(1, min(16, args[2]))
        elif function == 69:
            self._qr_level = args[2]
        elif function == 80:
            self._qr_data = args[3:].decode("utf-8", "replace")
        elif function == 81 and self._qr_data:
            yield from self._flush()
            side = code_side(self._qr_data, self._qr_level)
            height = side * self._qr_module
            if 0 < height <= self.dots:
                yield QrSymbol(self._qr_data, self._qr_level, self._qr_module, self.align, height)


def _thrice(byte: int) -> bytes:
    """A column of 8 dots as one of 24: each dot three times."""
    column = 0
    for bit in range(7, -1, -1):
        column = column << 3 | (7 if byte >> bit & 1 else 0)
    return column.to_bytes(3, "big")


def _qr(data: str, level: int) -> qrcode.QRCode:
    import qrcode

    # The library's own numbers: M 0, L 1, H 2, Q 3.
    correction = {48: 1, 49: 0, 50: 3, 51: 2}.get(level, 1)
    code = qrcode.QRCode(error_correction=correction, border=0)
    code.add_data(data)
    return code


@lru_cache(maxsize=64)
def code_side(data: str, level: int) -> int:
    """Modules along one side of the QR code of ``data``, 0 when the data is too long for one.

    ``level``: 48 L, 49 M, 50 Q, 51 H. Does not draw the code: that takes ten times as long.
    """
    from qrcode.exceptions import DataOverflowError

    try:
        return 17 + 4 * int(_qr(data, level).best_fit(start=1))
    except (DataOverflowError, ValueError):
        return 0


def modules(data: str, level: int) -> tuple[tuple[bool, ...], ...]:
    """The QR code as rows of modules without margin; True is black."""
    code = _qr(data, level)
    code.make(fit=True)
    return tuple(tuple(bool(cell) for cell in row) for row in code.modules)
