"""What must hold of paper, journal and screen, whatever went wrong.

1. A slip that is called confirmed is there, whole and on one piece of paper. Lines of another
   computer may be among its own.
2. No piece of paper bears the numbers of two visitors.
3. Every piece after the first that bears a number says SALINAN.
4. "Not printed" is certain: no paper bears that number.
5. A visitor without a confirmed slip was told to note the number, or to do so if none comes.
6. Journal and screen say the same of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from kiosk.domain.delivery import Outcome, PrintResult, Proof
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.printing.encoder import encode
from kiosk.printing.slip_preview import print_bytes
from kiosk.ui.i18n import Phrases
from tests.desk.counter import WORDS
from tests.printing.oracle.cases import HOST_LINE
from virtual_printer import SlipRecord

PHRASES = Phrases(WORDS, "id", "WITA")
COPY = WORDS.say("id", "slip.copy")
NOTE = (PHRASES.say("done.note_it"), PHRASES.say("done.sent_hint"))
TAKE = (PHRASES.say("done.printed"), PHRASES.say("done.copy_printed"))


@dataclass
class Visitor:
    """One ticket: what was said of its paper, in order, and what was handed to the printer."""

    ticket: Ticket
    told: list[PrintResult] = field(default_factory=list)
    prints: list[tuple[Slip, PrintResult]] = field(default_factory=list)

    @property
    def number(self) -> str:
        """As it stands on slip and screen."""
        return self.ticket.number


@dataclass(frozen=True, slots=True)
class Piece:
    """What can be seen of a piece of paper: its place in the tray, counted from 1."""

    place: int
    lines: tuple[str, ...]
    complete: bool

    def bears(self, number: str) -> bool:
        """Whether this number can be read on it."""
        return any(number in line for line in self.lines)


def seen(records: list[SlipRecord]) -> list[Piece]:
    """The tray, as it can be judged: without what another computer printed."""
    return [
        Piece(place, tuple(line for line in r.lines if line != HOST_LINE), r.complete)
        for place, r in enumerate(records, 1)
    ]


def complaints(
    visitors: list[Visitor],
    pieces: list[Piece],
    journal: dict[str, Proof | None],
    *,
    mixed: bool = False,
    torn: bool = False,
) -> list[str]:
    """What does not hold; ``journal`` is what it keeps of each ticket, by id.

    ``mixed``: another computer's lines may have broken those of a slip. ``torn``: a slip may be in
    two pieces and no printer of this kind would say so.
    """
    found = []
    for piece in pieces:
        numbers = [v.number for v in visitors if piece.bears(v.number)]
        if len(numbers) > 1:
            found.append(f"piece {piece.place} bears {' and '.join(numbers)}")
    for visitor in visitors:
        mine = [piece for piece in pieces if piece.bears(visitor.number)]
        whys = [*_of_proof(visitor, mine, mixed=mixed)] if not torn else []
        whys += [*_of_paper(visitor, mine), *_of_words(visitor), *_of_journal(visitor, journal)]
        found += [f"{visitor.number}: {why}" for why in whys]
    return found


Readings = frozenset[tuple[str, ...]]
"""The lines of one slip, with page mode and without."""


def whole(readings: Readings, pieces: list[Piece]) -> int:
    """How many whole slips of just these lines there are."""
    return sum(piece.complete and piece.lines in readings for piece in pieces)


@lru_cache(maxsize=256)
def readings_of(slip: Slip) -> Readings:
    """What can be read on this slip where nothing fails."""
    jobs = (encode(slip, 80, "CP858", page_mode=page_mode) for page_mode in (True, False))
    return frozenset(tuple(piece.lines) for job in jobs for piece in print_bytes(job, 80))


def _of_proof(visitor: Visitor, mine: list[Piece], *, mixed: bool) -> list[str]:
    found = []
    for readings, results in _by_readings(visitor).items():
        sure = sum(result.proof is Proof.CONFIRMED for result in results)
        copy = any(_is_copy(lines) for lines in readings)
        there = whole(readings, mine)
        if mixed:
            there = sum(piece.complete and _is_copy(piece.lines) is copy for piece in mine)
        if sure > there:
            found.append(f"{sure} called confirmed, and {there} whole slips are there")
    return found


def _of_paper(visitor: Visitor, mine: list[Piece]) -> list[str]:
    found = []
    for readings, results in _by_readings(visitor).items():
        copy = any(_is_copy(lines) for lines in readings)
        alike = [piece for piece in mine if _is_copy(piece.lines) is copy]
        if alike and all(result.outcome is Outcome.NOT_PRINTED for result in results):
            found.append(f"called not printed, and piece {alike[0].place} bears it")
    found += [
        f"piece {piece.place} bears it again without {COPY}"
        for piece in mine[1:]
        if not _is_copy(piece.lines)
    ]
    return found


def _of_words(visitor: Visitor) -> list[str]:
    found = []
    for result in visitor.told:
        said = PHRASES.paper(result, copy=False)
        words = f"{said.title} {said.text}"
        if (result.proof is Proof.CONFIRMED) != any(take in words for take in TAKE):
            found.append(f"{result.proof.value}, and the screen says {words!r}")
        if result.proof is not Proof.CONFIRMED and not any(note in words for note in NOTE):
            found.append(f"{result.proof.value}, and nobody says that it is to be noted")
    return found


def _of_journal(visitor: Visitor, journal: dict[str, Proof | None]) -> list[str]:
    kept = journal.get(visitor.ticket.id)
    best = max(visitor.told, key=lambda result: RANK.index(result.proof)).proof
    if kept is best:
        return []
    return [f"the journal says {kept and kept.value}, the screen said {best.value}"]


RANK = [Proof.NO, Proof.SCREEN, Proof.UNCERTAIN, Proof.SENT, Proof.CONFIRMED]


def _is_copy(lines: tuple[str, ...]) -> bool:
    return any(COPY in line for line in lines)


def _by_readings(visitor: Visitor) -> dict[Readings, list[PrintResult]]:
    """What the printer's port said of each slip, by the lines that it should bear."""
    found: dict[Readings, list[PrintResult]] = {}
    for slip, result in visitor.prints:
        found.setdefault(readings_of(slip), []).append(result)
    return found
