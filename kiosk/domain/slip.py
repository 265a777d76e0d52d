"""The content of a slip as data, independent of printer commands.

``compose`` turns the blocks of ``ticket.yaml`` and one ticket into a ``Slip``; the printing
package encodes a ``Slip`` as bytes. A ``Slip`` gives order, emphasis and size of its lines; widths
in characters or dots are left to the encoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Align(Enum):
    """Horizontal alignment of a line."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A paragraph; the encoder wraps it at the paper's width and never truncates it.

    ``width`` and ``height`` are the character multipliers of ESC/POS ``GS !`` (1 to 8); both 1 is
    the size of running text, the smallest on a slip (capitals of 3 mm).
    """

    text: str
    align: Align = Align.CENTER
    bold: bool = False
    width: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class NumberLine:
    """The queue number: ``height`` 6 to 8 (``GS !``), as wide as the paper allows."""

    text: str
    height: int = 8


@dataclass(frozen=True, slots=True)
class BadgeLine:
    """A word in white on black, such as PRIORITAS or SALINAN."""

    text: str


@dataclass(frozen=True, slots=True)
class BarLine:
    """A black bar across the paper with the place in white: ``parts`` are floor and counters.

    The parts share a line where the paper is wide enough; else each has one of its own.
    """

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A thin line across the paper."""


@dataclass(frozen=True, slots=True)
class FeedLine:
    """``lines`` empty lines of normal text height."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class QrLine:
    """A QR code of ``data``; ``module`` is the size of one module in dots, 1 to 16; 0: as large as
    the place allows."""

    data: str
    module: int = 6


@dataclass(frozen=True, slots=True)
class LogoLine:
    """A picture in the assets or config folder, by file name."""

    name: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A code or a logo, and ``lines`` at its right, flush left, both centred to each other.

    ``instead``: what printers print that cannot do this.
    """

    left: QrLine | LogoLine
    lines: tuple[TextLine, ...]
    instead: tuple[SlipLine, ...]


SlipLine = (
    TextLine
    | NumberLine
    | BadgeLine
    | BarLine
    | RuleLine
    | FeedLine
    | QrLine
    | LogoLine
    | SideBySide
)


@dataclass(frozen=True, slots=True)
class Slip:
    """Everything printed for one ticket, from top to bottom; one cut follows the last line.

    ``number`` is the displayed number (``DK-027``).
    """

    number: str
    lines: tuple[SlipLine, ...]
