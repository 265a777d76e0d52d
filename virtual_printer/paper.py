"""Paper widths and code pages of receipt printers, written from the printers' manuals.

This package shares no table with a program that prints on it: an error in such a program's
tables shows as wrong paper instead of being repeated here.
"""

from __future__ import annotations

PRINT_DOTS = {80: 576, 58: 384}
"""Paper width in mm -> dots across the print head.

Epson TM-m30 and TM-T20III specifications, "printing width": 72 mm on 80 mm paper and 48 mm on
58 mm paper, at 8 dots/mm (203 dpi).
"""

MARGIN_DOTS = {576: 32, 384: 40}
"""Dots across the print head -> bare paper on each side, in dots: half of 80 - 72 or 58 - 48 mm."""

CODE_PAGES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865",
    13: "cp857", 14: "cp737", 15: "iso8859_7", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858",
    32: "cp720", 33: "cp775", 34: "cp855", 35: "cp861", 36: "cp862", 37: "cp864", 38: "cp869",
    39: "iso8859_2", 40: "iso8859_15", 44: "cp1125",
    45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254", 49: "cp1255", 50: "cp1256",
    51: "cp1257", 52: "cp1258", 53: "kz1048",
}  # fmt: skip
"""n of ``ESC t`` -> Python codec.

Epson ESC/POS command reference, "ESC t", table of character code pages. Pages for which Python
has no codec (1 Katakana, 11 PC851, 12 PC853, 20 to 31, 41 to 43) are absent.
"""

DEFAULT_CODE_PAGE = "cp437"
"""Page 0, selected after power-on and after ``ESC @``; also used for pages not in the table."""


def print_dots(paper_mm: int) -> int:
    """Dots across the print head for paper of ``paper_mm``; ValueError for another width."""
    try:
        return PRINT_DOTS[paper_mm]
    except KeyError:
        known = " and ".join(str(width) for width in PRINT_DOTS)
        raise ValueError(f"paper of {paper_mm} mm is not known; known: {known} mm") from None
