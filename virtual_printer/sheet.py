"""The content of a piece of paper: elements from top to bottom, as data; ``render`` draws them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Style:
    """Style of characters; ``width`` and ``height`` multiply the cell of 12 x 24 dots."""

    bold: bool = False
    underline: int = 0
    width: int = 1
    height: int = 1
    invert: bool = False
    smooth: bool = False
    small: bool = False
    """Font B, 9 x 17 dots."""
    chinese: bool = False
    """A Chinese character, 24 x 24 dots."""

    @property
    def cell(self) -> tuple[int, int]:
        """Size of one character in dots, across and down."""
        across, down = (9, 17) if self.small else (12, 24)
        if self.chinese:
            across, down = 24, 24
        return across * self.width, down * self.height


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one style side by side."""

    text: str
    style: Style

    @property
    def dots(self) -> int:
        """Width in dots."""
        return len(self.text) * self.style.cell[0]


@dataclass(frozen=True, slots=True)
class Strip:
    """A bit image on a line of text (``ESC *``), 24 dots high.

    ``columns``: three bytes for each dot across, the most significant bit at the top.
    """

    columns: bytes

    @property
    def text(self) -> str:
        """A picture has no characters."""
        return ""

    @property
    def dots(self) -> int:
        """Width in dots."""
        return len(self.columns) // 3


STRIP_DOTS = 24
"""Height of a bit image in dots."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """One printed line; ``align`` 0 left, 1 centre, 2 right; ``height`` in dots."""

    runs: tuple[Run | Strip, ...]
    align: int
    height: int

    @property
    def words(self) -> tuple[Run, ...]:
        """Its characters, without bit images."""
        return tuple(run for run in self.runs if isinstance(run, Run))

    @property
    def tallest(self) -> int:
        """Height in dots of the tallest character or bit image."""
        heights = (r.style.cell[1] if isinstance(r, Run) else STRIP_DOTS for r in self.runs)
        return max(heights, default=0)

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class BlankPaper:
    """``height`` dots of paper fed without printing."""

    height: int


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture of 1 bit per dot; ``width`` is a multiple of 8."""

    width: int
    raster: bytes
    align: int
    height: int


@dataclass(frozen=True, slots=True)
class QrSymbol:
    """A QR code of ``data``; ``level`` 48 (L) to 51 (H), ``module`` dots per module."""

    data: str
    level: int
    module: int
    align: int
    height: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An element of a page, with its upper left corner at ``left`` and ``top`` (dots)."""

    left: int
    top: int
    element: TextRow | Bitmap | QrSymbol


@dataclass(frozen=True, slots=True)
class Page:
    """What page mode (``ESC L`` to ``FF``) printed; ``height`` in dots."""

    placed: tuple[Placed, ...]
    height: int


Element = TextRow | BlankPaper | Bitmap | QrSymbol | Page


FATES = {
    "printing": "still on the roll",
    "out": "dropped out of a printer without a mouth, or removed with an old roll",
    "inside": "cut and held inside the presenter",
    "in_mouth": "hangs in the mouth",
    "taken": "a hand has taken it",
    "retracted": "the printer has drawn it back into its bin",
    "ejected": "the printer has thrown it out on command or after a time",
    "pushed_out": "the next slip has pushed it out",
}
"""Where a slip is, or what became of it."""


@dataclass(slots=True)
class SlipRecord:
    """One physical piece of paper that left the printer.

    ``complete``: cut by the cutter, on one roll, with the cover shut and nothing discarded;
    otherwise ``why`` says what happened. ``commands`` are the names of the commands that printed
    it, in order. ``picture`` is the path of its PNG, which exists once ``drawn`` is set.

    ``fate`` is one of ``FATES``. ``began``, ``left`` and ``gone`` are Unix times in seconds: first
    element printed, separated from the roll, left the mouth; None while that has not happened.
    ``marks_mm`` are the positions of black marks from its upper edge.
    """

    index: int
    paper_dots: int
    elements: list[Element] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    complete: bool = False
    why: str = ""
    picture: Path | None = None
    drawn: threading.Event = field(default_factory=threading.Event)
    fate: str = "printing"
    began: float | None = None
    left: float | None = None
    gone: float | None = None
    marks_mm: list[float] = field(default_factory=list)

    @property
    def parts(self) -> list[Element]:
        """Its elements, with pages taken apart in the order of their commands."""
        found: list[Element] = []
        for element in self.elements:
            if isinstance(element, Page):
                found += [placed.element for placed in element.placed]
            else:
                found.append(element)
        return found

    @property
    def lines(self) -> list[str]:
        """Its lines of text, from top to bottom."""
        rows = (element.text for element in self.parts if isinstance(element, TextRow))
        return [row.strip() for row in rows if row.strip()]

    @property
    def codes(self) -> list[str]:
        """The data of its QR codes."""
        return [element.data for element in self.parts if isinstance(element, QrSymbol)]

    @property
    def height_mm(self) -> float:
        """Its length in millimetres."""
        return sum(element.height for element in self.elements) / 8

    @property
    def has_picture(self) -> bool:
        """Whether its PNG exists: drawn and not yet deleted."""
        return self.picture is not None and self.drawn.is_set() and self.picture.is_file()

    def as_json(self) -> dict[str, object]:
        """The answer of the control port for this slip."""
        return {
            "index": self.index,
            "complete": self.complete,
            "why": self.why,
            "lines": self.lines,
            "codes": self.codes,
            "commands": self.commands,
            "height_mm": round(self.height_mm, 1),
            "picture": str(self.picture) if self.has_picture else None,
            "fate": self.fate,
            "times": {"began": self.began, "left": self.left, "gone": self.gone},
            "marks_mm": [round(mark, 1) for mark in self.marks_mm],
        }
