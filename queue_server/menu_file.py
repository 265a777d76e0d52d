"""The agencies file on this machine: when an edit counts, and its status.

Two rules keep a half-saved menu from going live. Editors and copies over a network save in
several steps, and each step can leave a file that is valid but incomplete:

- a file counts once it was unchanged for ``SETTLED_S``. "Unchanged" compares time, size and
  content: a copy can keep the time, an edit in place can keep the size, and content that is
  written twice can pass through the same text;
- a file that lacks a third of the live menu's services waits for a confirmation by staff.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from menu.problems import Report
from menu.text_file import read_bytes
from queue_server.errors import CatalogueError
from queue_server.texts import TEXTS, say

SETTLED_S = 2.0
LANGUAGES = TEXTS.languages
MOST_NAMED = 10
"""Codes of missing services in a message; the rest is counted."""


class FileState(Enum):
    """The status of the present file."""

    LIVE = "live"
    SETTLING = "settling"
    """It changed less than ``SETTLED_S`` ago."""
    OLDER = "older"
    """It was here at the start and is older than the live menu, which another machine published."""
    WAITING = "waiting"
    """It lacks many services: staff must confirm it."""
    COMING = "coming"
    """It counts from a later date on (``valid_from``)."""
    OTHER_SITE = "other_site"
    """It is of another MPP than the database: staff must confirm that the site was renamed."""
    BAD = "bad"
    """It has errors or cannot be read."""


@dataclass(frozen=True, slots=True)
class FileStatus:
    """``problems``: the errors by language, one line each, of a BAD file. ``missing``: the codes
    of the services that a WAITING file lacks, of the ``services`` that the live menu has.
    ``begins``: the date from which a COMING file counts, or one that is held back before its date.
    ``site``: the name in an OTHER_SITE file; ``of_site``: the name in the live menu."""

    state: FileState = FileState.LIVE
    problems: Mapping[str, tuple[str, ...]] | None = None
    missing: tuple[str, ...] = ()
    services: int = 0
    begins: date | None = None
    site: str = ""
    of_site: str = ""

    def message(self, language: str) -> str:
        """What staff should know; empty where the file is live or about to be."""
        if self.begins is not None and self.state in (FileState.WAITING, FileState.OTHER_SITE):
            why = replace(self, begins=None).message(language)
            return say(language, "catalogue.held", date=self.begins.isoformat(), why=why)
        if self.state is FileState.WAITING:
            return waiting_message(language, self.missing, self.services)
        if self.state is FileState.COMING and self.begins is not None:
            return say(language, "catalogue.coming", date=self.begins.isoformat())
        if self.state is FileState.OTHER_SITE:
            return say(language, "catalogue.other_site", site=self.site, of=self.of_site)
        if self.state is FileState.BAD and self.problems:
            first, *rest = self.problems[language]
            return say(language, "catalogue.bad", problem=first, n=len(rest))
        return ""


def waiting_message(language: str, missing: tuple[str, ...], services: int) -> str:
    """How many services are missing, which, and how to confirm the file."""
    named = ", ".join(missing[:MOST_NAMED]) + (", …" if len(missing) > MOST_NAMED else "")
    return say(language, "catalogue.waiting", n=len(missing), of=services, codes=named)


def bad(problems_by_language: Mapping[str, CatalogueError]) -> FileStatus:
    """The status of a file with errors."""
    problems = {language: error.problems for language, error in problems_by_language.items()}
    return FileStatus(FileState.BAD, problems)


class Fingerprint(NamedTuple):
    """One state of the file; two equal ones are the same state."""

    mtime_ns: int
    size: int
    digest: str


class Seen(NamedTuple):
    """One observation of the file. ``settled``: it was unchanged for ``SETTLED_S``."""

    body: bytes
    fingerprint: Fingerprint
    settled: bool


class MenuFile:
    """Observes the file and records since when it is unchanged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fingerprint: Fingerprint | None = None
        self._since_s = 0.0

    def look(self, now_s: float) -> Seen:
        """The file at ``now_s`` (a monotonic clock). CatalogueError where it cannot be read.

        Reads the whole file each time: comparing the content needs it, and a menu is small.
        """
        body = self.read("id")
        try:
            mtime_ns = self._path.stat().st_mtime_ns
        except OSError:
            mtime_ns = 0  # removed or replaced just now: the next look finds another state
        found = Fingerprint(mtime_ns, len(body), hashlib.sha256(body).hexdigest())
        if found != self._fingerprint:
            self._fingerprint, self._since_s = found, now_s
        return Seen(body, found, now_s - self._since_s >= SETTLED_S)

    def read(self, lang: str) -> bytes:
        """The bytes of the file; CatalogueError says in ``lang`` why it cannot be read."""
        report = Report(str(self._path), lang)
        body = read_bytes(self._path, report)
        if body is None:
            raise CatalogueError(*map(str, report))
        return body
