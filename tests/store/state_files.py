"""Every combination of old, missing and foreign files in a state folder, with the real store.

A history serves visitors and keeps copies of the folder's files at several ages. A case is a folder
put together from such files: each one is the latest ("kept"), missing, of an age, or another
kiosk's. The store opens it and serves two visitors more. Then must hold:

* each new number is above all numbers ever shown with its prefix and letter, on either kiosk;
* each ticket that one of the files holds is in the journal, with its number;
* a letter that one of the files shows as used is not offered for the next series;
* a folder whose journal and watermark are the latest continues its series, without a notice.

Letters are chosen at random in production; here two choices never coincide. What that leaves is in
README ("What no rule can save"), as is the empty folder (``HOPELESS``).
"""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.errors import JournalDamaged, LetterMissing
from kiosk.store.file_identity import machine_id
from kiosk.store.journal import Journal
from kiosk.store.lock import OwnerLock
from kiosk.store.watermark import Watermark
from menu.numbers import Number
from tests.store.making import FILE, TUESDAY, WITNESS, at, crash, request

SERVER = "https://antrean.example.go.id"
LOG, INDEX, LOCK, MACHINE = FILE + "-wal", FILE + "-shm", "kiosk.lock", "machine-id"
ASIDE = "aside"
"""Stands for all files in quarantine."""
KEPT, MISSING, OTHER, GARBAGE, LAGGING = "kept", "missing", "other", "garbage", "lagging"
PREFIXES = ("DK", "PT")
Files = dict[str, bytes]
Case = dict[str, str]


@dataclass
class Oracle:
    """All tickets ever shown, by id; kept outside the store."""

    shown: dict[str, str] = field(default_factory=dict)
    _highest: dict[tuple[str, str], int] = field(default_factory=dict)

    def show(self, ticket_id: str, text: str) -> None:
        """Note that a visitor saw the number ``text``, which must be above all before it."""
        number = Number.parse(text)
        highest = self.highest(number.prefix, number.letter)
        assert number.value > highest, f"{number} was shown, after {highest}"
        self._highest[number.prefix, number.letter] = number.value
        self.shown[ticket_id] = text

    def highest(self, prefix: str, letter: str) -> int:
        """The highest number shown with this prefix and letter; 0 for none."""
        return self._highest.get((prefix, letter), 0)

    def copy(self) -> Oracle:
        """For one case: the history it begins with."""
        return Oracle(dict(self.shown), dict(self._highest))


class KioskFolder:
    """One kiosk with its folder. ``letter`` as in ``kiosk.yaml``; ``server``: enrolled."""

    def __init__(self, folder: Path, oracle: Oracle, letter: str, *, server: bool = False) -> None:
        self.folder, self.oracle, self.letter, self.server = folder, oracle, letter, server
        self.offered: set[str] = set()
        self.ages: list[Files] = []
        folder.mkdir(exist_ok=True)

    def open(self) -> None:
        """Take the lock and open the journal, as the kiosk does."""
        self._lock = OwnerLock(self.folder)
        machine = machine_id(self.folder, ())
        path = self.folder / FILE
        self.journal = Journal.open(path, machine_id=machine, now=at(), choose=self._choose)
        if self.server and not self.ages:
            self.learn("Q")

    def learn(self, letter: str) -> None:
        """Take a letter that the server gives to this journal and to no other."""
        self.journal.outbox.learn(self.journal.id, SERVER, epoch="e", letter=letter, today=TUESDAY)

    def _choose(self, free: Sequence[str]) -> str:
        self.offered.update(free)
        unused = [one for one in free if not any(self.oracle.highest(p, one) for p in PREFIXES)]
        return unused[0]

    def serve(self, prefix: str) -> str:
        """Serve one visitor; the number. Raises LetterMissing while the server gave none."""
        ticket_id = f"t{len(self.oracle.shown)}"
        ticket = self.journal.issue(
            request(ticket_id),
            prefix=prefix,
            letter=self.letter,
            business_date=TUESDAY,
            now=at(),
            date_confirmed=True,
            server=SERVER if self.server else "",
        )
        self.oracle.show(ticket_id, ticket.number)
        return ticket.number

    def keep(self) -> None:
        """Keep a copy of all files as they are now, as a backup of a running kiosk does."""
        self.ages.append({p.name: p.read_bytes() for p in self.folder.iterdir() if p.is_file()})

    def stop(self, *, clean: bool = True) -> None:
        """Close, or stop as a killed process does; the lock goes with the process."""
        if clean:
            self.journal.close()
        else:
            crash(self.journal)
        self._lock.release()


def plain(site: KioskFolder) -> None:
    """One journal: clean stops, a kill, and a checkpoint between two ages of the log."""
    site.open()
    site.keep()
    for _ in range(3):
        site.serve("DK")
    site.serve("PT")
    site.stop()
    site.keep()
    site.open()
    for _ in range(25):
        site.serve("DK")
    site.keep()
    site.journal._db.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    for _ in range(25):
        site.serve("DK")
    site.keep()


def replaced(site: KioskFolder) -> None:
    """The same, and the journal is found damaged after its third age."""
    plain(site)
    site.journal._db.execute("DROP TABLE parked")
    site.journal.replace(at(), site.journal.id)
    with suppress(LetterMissing):
        site.serve("DK")
    if site.server:
        site.learn("R")
        site.serve("DK")
    site.serve("PT")
    site.keep()


HISTORIES = {"plain": plain, "replaced": replaced}
ENDS = {"clean": True, "killed": False}


class StateFilesSweep:
    """A history that has been lived through, and the cases made of its files."""

    def __init__(self, folder: Path, history: str, *, clean: bool, server: bool = False) -> None:
        self._folder = folder
        self._oracle = Oracle()
        self._server = server
        self._held: dict[tuple[str, ...], dict[str, str]] = {}
        site = KioskFolder(folder / "here", self._oracle, "" if server else "B", server=server)
        HISTORIES[history](site)
        for prefix in PREFIXES:
            site.serve(prefix)
        self._letter = Number.parse(list(self._oracle.shown.values())[-1]).letter
        self._idle(site, clean=clean)
        self.ages = site.ages[:-1]
        self._latest = site.ages[-1]
        self._watermark = Watermark.read(site.folder / WITNESS)
        self._ours = set(self._oracle.shown)
        other = KioskFolder(folder / "there", self._oracle, "C", server=False)
        plain(other)
        other.stop(clean=False)
        other.keep()
        self._other = other.ages[-1]

    def _idle(self, site: KioskFolder, *, clean: bool) -> None:
        """Stop; a killed kiosk was started once more and killed before its first visitor."""
        site.stop()
        if not clean:
            site.open()
            # SQLite folds the log in when the last connection closes: copy it before.
            site.keep()
            site.stop(clean=False)
            return
        site.keep()

    # ── cases ────────────────────────────────────────────────────────────────────────────

    def choices(self) -> dict[str, list[str]]:
        """What each file may be."""
        ages = [str(age) for age in range(len(self.ages))]
        logs = [age for age in ages if LOG in self.ages[int(age)]]
        return {
            FILE: [KEPT, MISSING, *ages, OTHER, GARBAGE],
            LOG: [KEPT, MISSING, *logs, OTHER],
            WITNESS: [KEPT, MISSING, *ages, OTHER, GARBAGE, LAGGING],
            INDEX: [KEPT, MISSING, *logs, OTHER],
            LOCK: [KEPT, MISSING, OTHER],
            MACHINE: [KEPT, MISSING, OTHER],
            ASIDE: [KEPT, MISSING, OTHER],
        }

    def every(self) -> Iterator[Case]:
        """All combinations, with two or three choices of the files that matter less."""
        choices = self.choices()
        choices |= {INDEX: [KEPT, OTHER], LOCK: [KEPT, MISSING], MACHINE: [KEPT, OTHER]}
        for chosen in itertools.product(*choices.values()):
            yield dict(zip(choices, chosen, strict=True))

    def core(self) -> Iterator[Case]:
        """All combinations of journal, log and watermark; the other files one at a time."""
        choices = self.choices()
        main = (FILE, LOG, WITNESS)
        for chosen in itertools.product(*(choices[name] for name in main)):
            yield dict.fromkeys(choices, KEPT) | dict(zip(main, chosen, strict=True))
        rest = [(name, what) for name in choices if name not in main for what in choices[name][1:]]
        for (name, what), file, witness in itertools.product(
            rest, (KEPT, MISSING, "1", OTHER), (KEPT, MISSING, "1")
        ):
            yield dict.fromkeys(choices, KEPT) | {FILE: file, WITNESS: witness, name: what}

    def hopeless(self, case: Case) -> bool:
        """Whether nothing is left that says that a journal was ever here."""
        signs = (FILE, LOG, INDEX, LOCK)
        if any(self._content(name, case[name]) is not None for name in signs):
            return False
        return case[WITNESS] == MISSING and not list(self._quarantine(case[ASIDE]))

    def honest(self, case: Case) -> bool:
        """Journal, log and watermark as a stop or a power cut leaves them, on this machine."""
        return (
            case[FILE] == case[MACHINE] == KEPT
            and case[LOG] in (KEPT, *([MISSING] if LOG not in self._latest else []))
            and case[WITNESS] in (KEPT, LAGGING)
        )

    def wrong(self, case: Case) -> str | None:
        """What does not hold in ``case``; None when all does."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            folder = Path(name)
            self._put(folder, case)
            held = self._read(folder, case)
            letters = self._letters(folder, held)
            oracle = self._oracle.copy()
            site = KioskFolder(folder, oracle, "" if self._server else "B", server=self._server)
            site.ages.append({})
            try:
                return self._serve(site, case, held, letters)
            except AssertionError as error:
                return f"{error}"

    def _serve(
        self, site: KioskFolder, case: Case, held: dict[str, str], used: set[str]
    ) -> str | None:
        site.open()
        journal = site.journal
        try:
            for prefix in PREFIXES:
                try:
                    number = site.serve(prefix)
                except LetterMissing:
                    site.learn("Z")
                    number = site.serve(prefix)
                except JournalDamaged:
                    # Found in use: the desk replaces the journal and asks again.
                    journal.replace(at(), journal.id)
                    if self._server:
                        site.learn("Z")
                    number = site.serve(prefix)
                if self.honest(case) and Number.parse(number).letter != self._letter:
                    return f"an honest kiosk lost its letter: {number}, {journal.notices}"
            found = {t.id: t.number for t in journal.tickets(limit=10_000)}
        finally:
            site.stop()
        latest = self._watermark
        if latest is not None and journal.id == latest.journal:
            # The journal goes on. It took up the files in quarantine when it was created, so that
            # another kiosk's, put there since, are not read; they stay where they are.
            held = {i: n for i, n in held.items() if i in self._ours}
        lost = {i: n for i, n in held.items() if found.get(i) != n}
        if lost:
            return f"lost: {sorted(lost.values())[:5]} and {len(lost)} in all"
        if used & site.offered:
            return f"used letters are offered: {used & site.offered}"
        return None

    # ── the files of a case ──────────────────────────────────────────────────────────────

    def _content(self, name: str, what: str) -> bytes | None:
        if what == MISSING:
            return None
        if what == GARBAGE:
            return b"{garbage" * 600
        source = {KEPT: self._latest, OTHER: self._other}.get(what)
        if source is None:
            source = self.ages[int(what)] if what.isdigit() else self._latest
        return source.get(name)

    def _quarantine(self, what: str) -> Iterator[tuple[str, bytes]]:
        """The files in quarantine, with their contents."""
        if what == KEPT:
            yield from ((n, c) for n, c in self._latest.items() if n.startswith("journal-"))
        elif what == OTHER:
            yield "journal-0-older-20261124T080000.sqlite3", self._other[FILE]

    def _put(self, folder: Path, case: Case) -> None:
        for name, content in self._quarantine(case[ASIDE]):
            (folder / name).write_bytes(content)
        for name in (n for n in case if n != ASIDE):
            stored = self._content(name, case[name])
            if stored is not None:
                (folder / name).write_bytes(stored)
        if case[WITNESS] in (KEPT, LAGGING):
            # A copied file would take itself for a copy; this one is the latest.
            latest = self._watermark
            assert latest is not None
            behind = 2 if case[WITNESS] == LAGGING else 0
            seq = latest.seq - behind
            Watermark(latest.journal, latest.generation, seq, latest.letters).write(
                folder / WITNESS
            )

    def _read(self, folder: Path, case: Case) -> dict[str, str]:
        """The tickets that plain SQL finds in the files, with the log and without it."""
        key = (case[FILE], case[LOG], case[ASIDE])
        if key in self._held:
            return self._held[key]
        held: dict[str, str] = {}
        scratch = folder / "scratch"
        for path in (folder / FILE, *folder.glob("journal-*.sqlite3")):
            for tails in (("", "-wal"), ("",)):
                scratch.mkdir()
                for tail in tails:
                    with suppress(FileNotFoundError):
                        shutil.copy(path.with_name(path.name + tail), scratch / ("read" + tail))
                if (scratch / "read").exists():
                    held |= _rows(scratch / "read")
                shutil.rmtree(scratch)
        self._held[key] = {i: n for i, n in held.items() if self._oracle.shown.get(i) == n}
        return self._held[key]

    def _letters(self, folder: Path, held: dict[str, str]) -> set[str]:
        """The letters of own series that the files show as used."""
        used = {Number.parse(number).letter for number in held.values()}
        with suppress(OSError, ValueError):
            said = json.loads((folder / WITNESS).read_text())
            used.update(said.get("letters", ()))
        return used - {""}


def _rows(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as db:
        # Row by row: what was read before a damaged page counts.
        found.update(db.execute("SELECT id, number FROM ticket"))
    return found
