"""Read a settings file as text: which files are refused, and why, in words for staff."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from menu.problems import START, Mark, Report

MOST_BYTES = 10_000_000
MOST_ODD = 20
"""Characters that YAML refuses, named one by one; the rest is only replaced."""

_NOT_YAML = re.compile(
    r"[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: Path, report: Report) -> str | None:
    """The file as text, without a byte order mark; None (and a problem) where that fails."""
    data = read_bytes(path, report)
    return None if data is None else decode(data, report)


def _other_name(path: Path) -> str | None:
    """A file beside ``path`` under a name that an editor or a system may have given it."""
    names = (path.with_suffix(".yml").name, path.name + ".txt", path.stem + ".txt")
    return next((name for name in names if path.with_name(name).is_file()), None)


def read_bytes(path: Path, report: Report) -> bytes | None:
    """The file's bytes, at most ``MOST_BYTES + 1``; None (and a problem) where that fails."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            report.error(START, None, "file.directory" if path.is_dir() else "file.special")
            return None
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        other = _other_name(path)
        if other is None:
            report.error(START, None, "file.missing")
        else:
            report.error(START, None, "file.other_name", None, name=path.name, other=other)
    except PermissionError:
        report.error(START, None, "file.forbidden")
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None) or str(e)
        report.error(START, None, "file.unreadable", reason=reason)
    return None


def decode(data: bytes, report: Report) -> str | None:
    """The text of a file's bytes, without a byte order mark; None (and a problem) for others."""
    if len(data) > MOST_BYTES:
        report.error(START, None, "file.huge", mb=MOST_BYTES // 1_000_000)
        return None
    if data.startswith(_OTHER_BOMS):
        report.error(START, None, "file.encoding")
        return None
    if b"\0" in data:
        report.error(_place(data[: data.index(b"\0")]), None, "file.binary")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        report.error(_place(data[: e.start]), None, "file.encoding")
        return None
    return _without_control(text, report)


def _without_control(text: str, report: Report) -> str:
    """``text`` with blanks in place of characters that YAML refuses or takes for the end of a line
    (YAML 1.1, 5.4), where no editor shows one. Each is in the report, up to ``MOST_ODD``."""
    odd = list(_NOT_YAML.finditer(text))
    for match in odd[:MOST_ODD]:
        at = _place(text[: match.start()].encode())
        report.error(at, None, "file.control", code=f"U+{ord(match[0]):04X}")
    return _NOT_YAML.sub(" ", text) if odd else text


def _place(before: bytes) -> Mark:
    """The place that follows ``before``."""
    line = before.count(b"\n") + 1
    rest = before[before.rfind(b"\n") + 1 :]
    return Mark(line, len(rest.decode("utf-8-sig", "replace")) + 1)
