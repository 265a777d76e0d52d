"""What visitors searched for and did not find, counted in one small file.

Only the words are kept, with how often and on which day last: no visit, no time of day. A text
with figures in it that could be an identity or telephone number is not kept at all. The file is
read and written by the running kiosk alone; ``kiosk words`` reads it.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from kiosk.search.spelling import query_words

MISSED_FILE = "missed-words.json"

MOST_MISSED = 500
"""Texts kept. Beyond it the one searched least often goes, of several the oldest."""

LEAST_LETTERS = 3

_FIGURES = 4
"""A text with at least this many figures may name a person: a NIK has 16, a telephone about 10."""


@dataclass(frozen=True, slots=True)
class MissedWord:
    """``words`` were searched for ``count`` times, the last time on ``last``."""

    words: str
    count: int
    last: date


class MissedWords:
    """The counts, in the file ``path``. A file that cannot be read counts as empty; one that
    cannot be written loses the counts of this run and nothing else."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, text: str, today: date) -> None:
        """Count ``text`` once more. Not thread-safe: one thread owns the file."""
        words = kept_words(text)
        if not words:
            return
        rows = {row.words: row for row in self.all()}
        known = rows.get(words)
        rows[words] = MissedWord(words, known.count + 1 if known else 1, today)
        ranked = sorted(rows.values(), key=lambda row: (-row.count, -row.last.toordinal()))
        if len(ranked) > MOST_MISSED and rows[words] in ranked[MOST_MISSED:]:
            # A new text always gets a place, or a full file would never learn one.
            ranked[MOST_MISSED - 1] = rows[words]
        self._write(ranked[:MOST_MISSED])

    def all(self) -> tuple[MissedWord, ...]:
        """The counts, the most frequent first."""
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            found = [_word(row) for row in rows]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return ()
        return tuple(sorted(found, key=lambda row: (-row.count, -row.last.toordinal())))

    def _write(self, rows: list[MissedWord]) -> None:
        part = self._path.with_suffix(".part")
        body = [asdict(row) | {"last": row.last.isoformat()} for row in rows]
        with contextlib.suppress(OSError):
            part.write_text(json.dumps(body, ensure_ascii=False, indent=0), encoding="utf-8")
            part.replace(self._path)


def kept_words(text: str) -> str:
    """``text`` as it is counted: lower case, without fillers; empty when it must not be kept."""
    if sum(c.isdigit() for c in text) >= _FIGURES or "@" in text:
        return ""
    words = " ".join(query_words(text, ()))
    return words if len(re.sub(r"\W", "", words)) >= LEAST_LETTERS else ""


def _word(row: dict[str, object]) -> MissedWord:
    """A count from the file. Raises KeyError, TypeError or ValueError for another shape."""
    words, count = row["words"], row["count"]
    if not isinstance(words, str) or not isinstance(count, int) or count < 1:
        raise TypeError("no count of a search")
    return MissedWord(words, count, date.fromisoformat(str(row["last"])))
