"""What must hold of paper, journal and screen, whatever went wrong.

1. A slip that is called confirmed is there, whole and on one piece of paper.
2. No piece of paper bears the numbers of two visitors.
3. Every piece after the first that bears a number says SALINAN.
4. "Not printed" is certain: no paper bears that number.
5. A visitor without a confirmed slip was told to note the number, or to do so if none comes.
6. Journal and screen say the same of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain.delivery import Outcome, PrintResult, Proof
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.printing.encoder import encode
from kiosk.printing.virtual import SlipRecord
from kiosk.printing.virtual.preview import print_bytes
from kiosk.ui.i18n import Phrases
from tests.desk.counter import WORDS

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


def complaints(
    visitors: list[Visitor], pieces: list[SlipRecord], journal: dict[str, Proof | None]
) -> list[str]:
    """What does not hold; ``journal`` is what it keeps of each ticket, by id."""
    found = []
    for piece in pieces:
        seen = [v.number for v in visitors if bears(piece, v.number)]
        if len(seen) > 1:
            found.append(f"piece {piece.index + 1} bears {' and '.join(seen)}")
    for visitor in visitors:
        found += [f"{visitor.number}: {why}" for why in _of_one(visitor, pieces)]
        found += [f"{visitor.number}: {why}" for why in _of_journal(visitor, journal)]
    return found


def bears(piece: SlipRecord, number: str) -> bool:
    """Whether this number can be read on a piece of paper."""
    return any(number in line for line in piece.lines)


def _of_one(visitor: Visitor, pieces: list[SlipRecord]) -> list[str]:
    mine = [piece for piece in pieces if bears(piece, visitor.number)]
    found = []
    for lines, results in _by_paper(visitor).items():
        sure = sum(result.proof is Proof.CONFIRMED for result in results)
        whole = sum(piece.complete and tuple(piece.lines) == lines for piece in mine)
        if sure > whole:
            found.append(f"{sure} called confirmed, and {whole} whole slips are there")
        copy = any(COPY in line for line in lines)
        alike = [p for p in mine if any(COPY in line for line in p.lines) is copy]
        if alike and all(result.outcome is Outcome.NOT_PRINTED for result in results):
            found.append(f"called not printed, and piece {alike[0].index + 1} bears it")
    found += [
        f"piece {piece.index + 1} bears it again without {COPY}"
        for piece in mine[1:]
        if not any(COPY in line for line in piece.lines)
    ]
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
    return [] if kept is best else [f"the journal says {kept}, the screen said {best}"]


RANK = [Proof.NO, Proof.SCREEN, Proof.UNCERTAIN, Proof.SENT, Proof.CONFIRMED]


def _by_paper(visitor: Visitor) -> dict[tuple[str, ...], list[PrintResult]]:
    """What the printer's port said of each slip, by the lines that it should bear."""
    found: dict[tuple[str, ...], list[PrintResult]] = {}
    for slip, result in visitor.prints:
        (piece,) = print_bytes(encode(slip, 80, "CP858"), 80)
        found.setdefault(tuple(piece.lines), []).append(result)
    return found
