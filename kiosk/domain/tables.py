"""Tables as text: for the terminal, and as CSV that a spreadsheet opens without questions."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins like this is a formula, or hides one (OWASP, "CSV Injection")."""

_MONTHS = "jan|feb|mar|apr|mei|may|jun|jul|agu|agt|ags|aug|sep|okt|oct|nov|nop|des|dec"
_MISREAD = re.compile(rf"(?:{_MONTHS})[-\s/.]?\d+|\d+[-/.,:e ]+\d.*|\d{{12,}}", re.IGNORECASE)
"""What a spreadsheet takes for a date or a number: the number MEI-027, a counter 3-4."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """``rows`` below ``head``; each column is as wide as its longest text."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def as_text(text: str) -> str:
    """A cell that a spreadsheet shows as it is: an apostrophe before what it would calculate or
    take for a date or a number."""
    if text.startswith(_FORMULA) or _MISREAD.fullmatch(text):
        return f"'{text}"
    return text


def spreadsheet_csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """CSV for a double click in Excel with Indonesian settings: UTF-8 with a byte order mark,
    without which Excel reads Windows-1252; semicolons, because the comma is the decimal mark.

    Cells are taken as they are: pass a text through ``as_text``, a date or a number not.
    """
    lines = (";".join(map(_quoted, row)) for row in (head, *rows))
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def _quoted(cell: str) -> str:
    """A cell of CSV, in quotes where it needs them (RFC 4180, clause 2)."""
    if any(mark in cell for mark in ';"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell
