"""What one printer was found to be able to do, kept over reconnects and restarts.

Finding it takes seconds of questions, some of them unanswered; a printer must not be asked all of
them again at each connection, and a visitor must never wait for them. A record is used until the
printer's answers contradict it (another printer is connected there now) or staff print a test slip.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kiosk.domain.delivery import Level
from kiosk.printing.mouth import Mouth

SLOW_S = 0.4
"""A printer that takes longer than this for an answer is asked fewer questions."""

MOST_RECORDS = 16
"""Printers remembered, the newest ones: stands are moved and addresses change."""


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """``level``: the highest one found, None before the first search. ``status``: it reports its
    state, by ``DLE EOT``; ``in_order``: it answers ``GS r``. ``early``: it answers in-order
    questions on arrival, so that at A and B it proves nothing. ``clears``: it confirms an emptied
    buffer. ``mouth``: how it reports a slip that hangs there. None: not known. ``answer_s``: the
    longest time of one answer in the last round, in seconds. ``full``: its faults are read from
    ``DLE EOT`` 20, because its other status bytes have no fixed bits; its level is STATUS.
    """

    level: Level | None = None
    status: bool | None = None
    in_order: bool | None = None
    early: bool = False
    clears: bool | None = None
    mouth: Mouth | None = None
    answer_s: float = 0.0
    full: bool = False

    @property
    def slow(self) -> bool:
        """Whether each question costs a noticeable time."""
        return self.answer_s > SLOW_S


class ProfileFile:
    """The records of all printers of this kiosk, in one JSON file of the state folder.

    ``path`` None: kept for this process only. A file that cannot be read counts as empty, one that
    cannot be written is left as it is: the printer is then only asked again after a restart.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._records = _read(path)
        # As they are in the file.
        self._written = dict(self._records)

    def get(self, printer: str) -> PrinterProfile:
        """The record of ``printer`` (its transport's name); an empty one without."""
        return self._records.get(printer, PrinterProfile())

    def put(self, printer: str, profile: PrinterProfile) -> None:
        """Keep ``profile``; written only when it changed what a restart should know."""
        self._records.pop(printer, None)
        self._records[printer] = profile
        while len(self._records) > MOST_RECORDS:
            del self._records[next(iter(self._records))]
        if not _says_the_same(self._written.get(printer), profile):
            self._written = dict(self._records)
            self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        rows = {name: _row(profile) for name, profile in self._records.items()}
        part = self._path.with_suffix(".part")
        with contextlib.suppress(OSError):
            part.write_text(json.dumps(rows, indent=1), encoding="utf-8")
            part.replace(self._path)


def _says_the_same(written: PrinterProfile | None, profile: PrinterProfile) -> bool:
    """Whether a restart may use ``written`` in place of ``profile``.

    The time of an answer changes a little with each round: that alone writes no file.
    """
    if written is None or replace(written, answer_s=profile.answer_s) != profile:
        return False
    longer, shorter = sorted((written.answer_s, profile.answer_s), reverse=True)
    return longer < SLOW_S or longer <= 2 * shorter


def _row(profile: PrinterProfile) -> dict[str, Any]:
    level, mouth = profile.level, profile.mouth
    named = {"level": level.value if level else None, "mouth": mouth.value if mouth else None}
    return asdict(profile) | named


def _read(path: Path | None) -> dict[str, PrinterProfile]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8")) if path is not None else {}
        return {str(name): _profile(row) for name, row in rows.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _profile(row: dict[str, Any]) -> PrinterProfile:
    """A record from the file. Raises ValueError, KeyError or TypeError for another shape."""
    # A record of an earlier version does not have ``full``.
    flags = {"full": row.get("full", False)}
    flags |= {name: row[name] for name in ("status", "in_order", "early", "clears")}
    answer_s = float(row["answer_s"])
    if not all(flag in (None, True, False) for flag in flags.values()) or not 0 <= answer_s < 60:
        raise ValueError("no printer profile")
    level = None if row["level"] is None else Level(row["level"])
    mouth = None if row["mouth"] is None else Mouth(row["mouth"])
    return PrinterProfile(level=level, mouth=mouth, answer_s=answer_s, **flags)
