"""A slip as plain text: a column for each character of font A, a line for each printed line."""

from __future__ import annotations

from virtual_printer.sheet import Bitmap, BlankPaper, Element, Page, QrSymbol, SlipRecord, TextRow

COLUMN = 12
"""Dots of one column."""

LINE = 30
"""Dots of blank paper that make one empty line."""


def as_text(slip: SlipRecord) -> str:
    """``slip`` with its alignment; pictures and QR codes in square brackets."""
    columns = slip.paper_dots // COLUMN
    lines: list[str] = []
    blank = 0
    for element in slip.parts:
        if isinstance(element, BlankPaper):
            blank += element.height
            continue
        lines += [""] * (blank // LINE)
        blank = 0
        lines.append(_line(element, columns))
    lines += [""] * (blank // LINE)
    end = "cut" if slip.complete else slip.why or "not complete"
    lines.append(f"--- {end}, {slip.height_mm:.1f} mm, {slip.fate} ".ljust(columns, "-"))
    return "\n".join(lines) + "\n"


def _line(element: Element, columns: int) -> str:
    match element:
        case TextRow():
            text = element.text.strip()
            used = sum(run.dots for run in element.runs) // COLUMN
        case Bitmap():
            text = f"[picture {element.width} x {element.height} dots]"
            used = len(text)
        case QrSymbol():
            text = f"[QR {element.data}]"
            used = len(text)
        case BlankPaper() | Page():
            return ""
    room = max(0, columns - used)
    return " " * (0, room // 2, room)[element.align] + text
