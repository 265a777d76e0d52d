"""The length of a slip on paper, from its bytes.

A printer cannot have printed a slip sooner than its paper can move, and is not done later than a
slow one needs: ``SlipTime`` bounds both. The length is counted from the commands that move paper,
each by its least effect, so it is never too long.

Sources: Epson ESC/POS reference, "LF", "ESC J", "ESC d", "ESC 2", "ESC 3", "ESC !", "GS !",
"ESC *", "ESC L", "ESC W", "FF", "GS v 0", "GS ( k" fn 167, 180 and 181, "GS V"; specifications of
TM-T88VII (500 mm/s, the fastest receipt printer on sale) and of 58 mm panel printers (from 50 mm/s;
150 mm/s for 80 mm paper).
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.printing.paper import CELL_HEIGHT, DOTS_PER_MM
from kiosk.printing.pictures import STRIP
from kiosk.printing.qr_code import qr_modules

FASTEST_MM_S = 500.0
"""No receipt printer moves paper faster."""

SLOWEST_MM_S = 150.0
"""A printer for 80 mm paper that is slower than this is rare."""

AFTER_S = 1.0
"""Time for the cut and for a report about it, after the paper has moved."""

FONT_B_HEIGHT = 17
"""Dots of a character of font B; printers with a higher one move the paper further."""

LINE_SPACING = 30
"""Dots of one line after ``ESC 2`` and ``ESC @``, on printers of 203 dpi the least in use."""

LF, FF, ESC, FS, GS = 0x0A, 0x0C, 0x1B, 0x1C, 0x1D

LENGTHS = {
    ESC: {
        **dict.fromkeys(b"@2<LS", 0),
        **dict.fromkeys(b"p", 3),
        **dict.fromkeys(b"$\\Bc", 2),
        ord("W"): 8,
    },
    FS: {**dict.fromkeys(b".&", 0), **dict.fromkeys(b"CS", 2)},
    GS: {**dict.fromkeys(b"LPW\\$", 2)},
}
"""Parameter bytes of the commands that have not exactly one."""


@dataclass(frozen=True, slots=True)
class SlipTime:
    """When the printing of a slip may end. ``begun_s``: when its first byte was sent (monotonic);
    ``length_mm``: its length."""

    begun_s: float
    length_mm: float

    @property
    def soonest_s(self) -> float:
        """Before this moment the slip cannot be out, whatever the printer answers."""
        return self.begun_s + self.length_mm / FASTEST_MM_S

    @property
    def paper_done_s(self) -> float:
        """At this moment a slow printer has moved the paper."""
        return self.begun_s + self.length_mm / SLOWEST_MM_S

    @property
    def latest_s(self) -> float:
        """At this moment the slip is out, if nothing went wrong."""
        return self.paper_done_s + AFTER_S


def length_mm(slip: bytes) -> float:
    """The least length of paper in mm that printing ``slip`` moves."""
    paper = _PaperFeed()
    at = dots = 0
    while at < len(slip):
        first = slip[at]
        if first in LENGTHS and at + 1 < len(slip):
            args = slip[at + 2 : at + 10]
            dots += paper.command(slip[at : at + 2], args)
            at += 2 + _parameters(first, slip[at + 1], args)
        else:
            dots += paper.character(first)
            at += 1
    return dots / DOTS_PER_MM


class _PaperFeed:
    """The settings that decide how far the paper moves. Lengths in dots."""

    def __init__(self) -> None:
        self._spacing = LINE_SPACING
        self._height = CELL_HEIGHT
        self._page: int | None = None
        self._tallest = 0
        self._module = 3
        self._code = 0

    def character(self, byte: int) -> int:
        """Take a byte outside a command; the dots by which it moves the paper."""
        if byte == FF and self._page is not None:
            moved, self._page, self._tallest = self._page, None, 0
            return moved
        if byte == LF:
            moved, self._tallest = max(self._spacing, self._tallest), 0
            return moved if self._page is None else 0
        if byte >= 0x20:
            self._tallest = max(self._tallest, self._height)
        return 0

    def command(self, name: bytes, args: bytes) -> int:
        """Take a command whose parameters begin with ``args``; the dots that it moves the paper."""
        if name == b"\x1b@":
            self._spacing, self._height, self._page = LINE_SPACING, CELL_HEIGHT, None
        elif name == b"\x1b2":
            self._spacing = LINE_SPACING
        elif name == b"\x1b3" and args:
            self._spacing = args[0]
        elif name == b"\x1b!" and args:
            cell = FONT_B_HEIGHT if args[0] & 0x01 else CELL_HEIGHT
            self._height = cell * (2 if args[0] & 0x10 else 1)
        elif name == b"\x1b*":
            self._tallest = max(self._tallest, STRIP)
        elif name == b"\x1d!" and args:
            self._height = CELL_HEIGHT * (1 + (args[0] & 0x07))
        elif name == b"\x1bL":
            self._page = 0
        elif name == b"\x1bW" and self._page is not None and len(args) > 7:
            bottom = args[2] + 256 * args[3] + args[6] + 256 * args[7]
            self._page = max(self._page, bottom)
        moved = _fed(name, args, self._spacing)
        if name == b"\x1d(" and args[:1] == b"k" and len(args) > 4:
            moved = self._qr_code(args)
        # In page mode nothing moves the paper before FF.
        return moved if self._page is None else 0

    def _qr_code(self, args: bytes) -> int:
        function = args[4]
        if function == 67 and len(args) > 5:
            self._module = args[5]
        elif function == 80:
            self._code = args[1] + 256 * args[2] - 3
        elif function == 81:
            return self._module * qr_modules(self._code)
        return 0


def _fed(name: bytes, args: bytes, spacing: int) -> int:
    """The dots that a command which only feeds, or prints a picture, moves the paper."""
    if name == b"\x1bJ" and args:
        return args[0]
    if name == b"\x1bd" and args:
        return args[0] * spacing
    if name == b"\x1dv" and len(args) > 5:
        return args[4] + 256 * args[5]
    return 0


def _parameters(first: int, second: int, args: bytes) -> int:
    """How many bytes follow the two of a command's name."""
    if second == ord("("):
        return 3 + args[1] + 256 * args[2] if len(args) > 2 else 3
    if (first, second) == (GS, ord("v")):
        return 6 + (args[2] + 256 * args[3]) * (args[4] + 256 * args[5]) if len(args) > 5 else 6
    if (first, second) == (ESC, ord("*")):
        per_column = 3 if args[:1] in (b"\x20", b"\x21") else 1
        return 3 + per_column * (args[1] + 256 * args[2]) if len(args) > 2 else 3
    if (first, second) == (GS, ord("V")):
        return 1 if args[:1] in (b"\x00", b"\x01", b"0", b"1") else 2
    return LENGTHS[first].get(second, 1)
