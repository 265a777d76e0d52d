"""Invariants of paper, journal and screen that hold after every fault.

1. A confirmed slip exists, complete and on one piece of paper. Lines of a second host may be
   between its own.
2. No piece of paper shows the numbers of two visitors.
3. Every piece after the first that shows a number says SALINAN.
4. "Not printed" is certain: no paper shows that number.
5. The screen asked a visitor without a confirmed slip to note the number, or to do so if no slip
   comes.
6. Journal and screen agree about the paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from kiosk.domain.delivery import Fault, Outcome, PrintResult, Proof
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.printing.encoder import encode
from kiosk.printing.slip_preview import print_bytes
from kiosk.ui.i18n import Phrases
from tests.desk.rig import WORDS
from tests.printing.oracle.cases import HOST_LINE
from virtual_printer import SlipRecord

PHRASES = Phrases(WORDS, "id", "WITA")
COPY = WORDS.say("id", "slip.copy")
NOTE = (PHRASES.say("done.note_it"), PHRASES.say("done.sent_hint"))
TAKE = (PHRASES.say("done.printed"), PHRASES.say("done.copy_printed"))


@dataclass
class VisitRecord:
    """One ticket: the results reported to the visitor in order (``reported``), and each slip handed
    to the printer with its result (``prints``)."""

    ticket: Ticket
    reported: list[PrintResult] = field(default_factory=list)
    prints: list[tuple[Slip, PrintResult]] = field(default_factory=list)

    @property
    def number(self) -> str:
        """The number as slip and screen show it."""
        return self.ticket.number


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of paper: its position in the tray, counted from 1, its lines, and whether it was cut
    after a complete job."""

    place: int
    lines: tuple[str, ...]
    complete: bool

    def shows(self, number: str) -> bool:
        """Whether this number is readable on the piece."""
        return any(number in line for line in self.lines)


def visible_pieces(records: list[SlipRecord]) -> list[Piece]:
    """The pieces in the tray, without the lines of the second host."""
    return [
        Piece(place, tuple(line for line in r.lines if line != HOST_LINE), r.complete)
        for place, r in enumerate(records, 1)
    ]


def complaints(
    visitors: list[VisitRecord],
    pieces: list[Piece],
    journal: dict[str, Proof | None],
    *,
    mixed: bool = False,
    torn: bool = False,
) -> list[str]:
    """Return the violated invariants; ``journal`` maps a ticket's id to its stored proof.

    ``mixed``: lines of a second host may have changed the lines of a slip. ``torn``: a slip may be
    in two pieces and a printer of this kind cannot report it (no check of the proof).
    """
    found = []
    for piece in pieces:
        numbers = [v.number for v in visitors if piece.shows(v.number)]
        if len(numbers) > 1:
            found.append(f"piece {piece.place} shows {' and '.join(numbers)}")
    for visitor in visitors:
        mine = [piece for piece in pieces if piece.shows(visitor.number)]
        whys = [*_check_proof(visitor, mine, mixed=mixed)] if not torn else []
        whys += [
            *_check_paper(visitor, mine),
            *_check_words(visitor),
            *_check_journal(visitor, journal),
        ]
        found += [f"{visitor.number}: {why}" for why in whys]
    return found


Readings = frozenset[tuple[str, ...]]
"""The lines of one slip, printed with page mode and without."""


def count_whole_slips(readings: Readings, pieces: list[Piece]) -> int:
    """The number of complete pieces whose lines are one of ``readings``."""
    return sum(piece.complete and piece.lines in readings for piece in pieces)


@lru_cache(maxsize=256)
def expected_readings(slip: Slip) -> Readings:
    """The lines of this slip when it prints without a fault."""
    jobs = (encode(slip, 80, "CP858", page_mode=page_mode) for page_mode in (True, False))
    return frozenset(tuple(piece.lines) for job in jobs for piece in print_bytes(job, 80))


def _check_proof(visitor: VisitRecord, mine: list[Piece], *, mixed: bool) -> list[str]:
    found = []
    for readings, results in _by_readings(visitor).items():
        confirmed = sum(result.proof is Proof.CONFIRMED for result in results)
        copy = any(_is_copy(lines) for lines in readings)
        present = count_whole_slips(readings, mine)
        if mixed:
            present = sum(piece.complete and _is_copy(piece.lines) is copy for piece in mine)
        if confirmed > present:
            found.append(f"{confirmed} reported confirmed, but {present} whole slips exist")
    return found


def _check_paper(visitor: VisitRecord, mine: list[Piece]) -> list[str]:
    found = []
    for readings, results in _by_readings(visitor).items():
        copy = any(_is_copy(lines) for lines in readings)
        alike = [piece for piece in mine if _is_copy(piece.lines) is copy]
        if alike and all(result.outcome is Outcome.NOT_PRINTED for result in results):
            found.append(f"reported not printed, but piece {alike[0].place} shows the number")
    found += [
        f"piece {piece.place} shows the number again without {COPY}"
        for piece in mine[1:]
        if not _is_copy(piece.lines)
    ]
    return found


def _check_words(visitor: VisitRecord) -> list[str]:
    found = []
    for result in visitor.reported:
        said = PHRASES.paper(result, copy=False)
        words = f"{said.title} {said.text}"
        if (result.proof is Proof.CONFIRMED) != any(take in words for take in TAKE):
            found.append(f"{result.proof.value}, but the screen says {words!r}")
        if result.proof is not Proof.CONFIRMED and not any(note in words for note in NOTE):
            found.append(f"{result.proof.value}, but no text asks the visitor to note the number")
    return found


def _check_journal(visitor: VisitRecord, journal: dict[str, Proof | None]) -> list[str]:
    kept = journal.get(visitor.ticket.id)
    may = {_best(visitor.reported)}
    if any(result.fault is Fault.WEDGED for result in visitor.reported):
        # Shown before the printer's result came, which the journal has by now or soon.
        may.add(_best([*visitor.reported, *(result for _, result in visitor.prints)]))
    if kept in may:
        return []
    best = " or ".join(proof.value for proof in may)
    return [f"the journal has {kept and kept.value}, the best result was {best}"]


def _best(results: list[PrintResult]) -> Proof:
    return max(results, key=lambda result: RANK.index(result.proof)).proof


RANK = [Proof.NO, Proof.SCREEN, Proof.UNCERTAIN, Proof.SENT, Proof.CONFIRMED]


def _is_copy(lines: tuple[str, ...]) -> bool:
    return any(COPY in line for line in lines)


def _by_readings(visitor: VisitRecord) -> dict[Readings, list[PrintResult]]:
    """The printer's results for each slip, keyed by the slip's expected lines."""
    found: dict[Readings, list[PrintResult]] = {}
    for slip, result in visitor.prints:
        found.setdefault(expected_readings(slip), []).append(result)
    return found
