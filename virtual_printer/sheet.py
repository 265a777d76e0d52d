"""What is on the paper: elements from top to bottom, kept as data and drawn later."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Style:
    """How characters look; ``width`` and ``height`` multiply the cell of 12 x 24 dots."""

    bold: bool = False
    underline: int = 0
    width: int = 1
    height: int = 1
    invert: bool = False
    smooth: bool = False
    small: bool = False
    """Font B, 9 x 17 dots."""

    @property
    def cell(self) -> tuple[int, int]:
        """Dots of one character, across and down."""
        across, down = (9, 17) if self.small else (12, 24)
        return across * self.width, down * self.height


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one style side by side."""

    text: str
    style: Style

    @property
    def dots(self) -> int:
        """Dots across."""
        return len(self.text) * self.style.cell[0]


@dataclass(frozen=True, slots=True)
class TextRow:
    """One printed line."""

    runs: tuple[Run, ...]
    align: int
    height: int

    @property
    def text(self) -> str:
        """What can be read on it."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Space:
    """Paper fed without printing."""

    height: int


@dataclass(frozen=True, slots=True)
class Bits:
    """A picture of 1 bit a dot, ``width`` a multiple of 8."""

    width: int
    raster: bytes
    align: int
    height: int


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of ``data``; ``level`` 48 (L) to 51 (H), ``module`` dots a module."""

    data: str
    level: int
    module: int
    align: int
    height: int


Element = TextRow | Space | Bits | Code


@dataclass(slots=True)
class SlipRecord:
    """One physical piece of paper that left the printer.

    ``complete``: cut off by the cutter, on one roll, the cover shut, nothing thrown away.
    ``picture``: where its PNG is, once ``drawn`` is set. ``commands`` are the names of the
    commands that made it, in order. ``why`` says what is amiss when not complete.
    """

    index: int
    paper_dots: int
    elements: list[Element] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    complete: bool = False
    why: str = ""
    picture: Path | None = None
    drawn: threading.Event = field(default_factory=threading.Event)

    @property
    def lines(self) -> list[str]:
        """The lines of text on it, from top to bottom."""
        rows = (element.text for element in self.elements if isinstance(element, TextRow))
        return [row.strip() for row in rows if row.strip()]

    @property
    def codes(self) -> list[str]:
        """What its QR codes say."""
        return [element.data for element in self.elements if isinstance(element, Code)]

    @property
    def height_mm(self) -> float:
        """Its length."""
        return sum(element.height for element in self.elements) / 8

    @property
    def has_picture(self) -> bool:
        """Whether its PNG is there: drawn, and not yet let go."""
        return self.picture is not None and self.drawn.is_set() and self.picture.is_file()

    def as_json(self) -> dict[str, object]:
        """For the control port."""
        return {
            "index": self.index,
            "complete": self.complete,
            "why": self.why,
            "lines": self.lines,
            "codes": self.codes,
            "commands": self.commands,
            "height_mm": round(self.height_mm, 1),
            "picture": str(self.picture) if self.has_picture else None,
        }
