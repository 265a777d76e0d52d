"""Writes a report's files, and reads the month that a command asks for."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from reports.figures import MonthReport

FORMATS = ("xlsx", "pdf")
_MONTH = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])")


def month_of(text: str) -> date:
    """The first day of ``2026-11``. ValueError for any other text."""
    match = _MONTH.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return date(int(match[1]), int(match[2]), 1)


def last_month(today: date) -> date:
    """The first day of the month before that of ``today``."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def write_files(
    report: MonthReport, made_at: datetime, folder: Path, formats: Sequence[str] = FORMATS
) -> list[Path]:
    """Write the report into ``folder``, which is made where it is missing; the files' paths.

    ``made_at``: aware, in the site's zone. Each file appears whole or not at all. Raises OSError.
    """
    # Imported here: openpyxl and reportlab take 0.5 s, longer than the kiosk's start.
    from reports.document import document
    from reports.workbook import workbook

    makers = {"xlsx": workbook, "pdf": document}
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        path = folder / f"laporan-antrean-{report.month:%Y-%m}.{name}"
        write_whole(path, makers[name](report, made_at))
        written.append(path)
    return written


def write_whole(path: Path, body: bytes) -> None:
    """Replace ``path`` by a file with ``body``: whole, or unchanged on an error. Raises OSError."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        mask = os.umask(0)
        os.umask(mask)
        Path(draft).chmod(0o666 & ~mask)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
