"""The slip as pure data: what stands on the paper, without a word about bytes.

``compose`` turns the blocks of ``ticket.yaml`` and one ticket into a ``Slip``; the printing
package turns a ``Slip`` into bytes. Widths are in characters or dots of the printer and are
the encoder's business; here only order, emphasis and size are said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Align(Enum):
    """Where a line stands between the paper's edges."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A paragraph; the encoder wraps it at the paper's width and never cuts it off.

    ``width`` and ``height`` are the character multipliers of ESC/POS ``GS !`` (1 to 8).
    """

    text: str
    align: Align = Align.CENTER
    bold: bool = False
    width: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class NumberLine:
    """The queue number: ``height`` 6 to 8, as wide as the paper's dots allow."""

    text: str
    height: int = 8


@dataclass(frozen=True, slots=True)
class BadgeLine:
    """A word in white on black, such as PRIORITAS or SALINAN."""

    text: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A thin line across the paper."""


@dataclass(frozen=True, slots=True)
class FeedLine:
    """``lines`` empty lines of text height."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class QrLine:
    """A QR code of ``data``; ``module`` is the size of a dot of the code, 1 to 16."""

    data: str
    module: int = 6


@dataclass(frozen=True, slots=True)
class LogoLine:
    """A picture from the assets or config folder, by file name."""

    name: str


@dataclass(frozen=True, slots=True)
class StampLine:
    """Lines that are the same on every slip of this kiosk and these languages.

    A printer with a memory keeps them drawn and stamps them on; elsewhere they are printed as
    the lines they are. Texts are centred and as wide as high.
    """

    lines: tuple[TextLine | RuleLine | FeedLine, ...]


SlipLine = TextLine | NumberLine | BadgeLine | RuleLine | FeedLine | QrLine | LogoLine | StampLine


@dataclass(frozen=True, slots=True)
class Slip:
    """All that is printed for one ticket, from top to bottom; one cut follows the last line.

    ``number`` is the number as the visitor reads it (``DK-027``).
    """

    number: str
    lines: tuple[SlipLine, ...]

    @property
    def plain(self) -> tuple[SlipLine, ...]:
        """All its lines one by one, as a printer without a memory prints them."""
        parts = (line.lines if isinstance(line, StampLine) else (line,) for line in self.lines)
        return tuple(line for part in parts for line in part)
