"""The cases: each fault at each place of a slip, on each printer, mended at four moments.

A printer is a level, A to D, to which both the virtual printer and the kiosk are set, or a
character (``virtual_printer.characters``), which the kiosk finds out about by itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from virtual_printer.characters import CHARACTERS
from virtual_printer.faults import GARBAGE, LINE, STATES

LEVELS = "ABCD"
CHARACTER_NAMES = tuple(CHARACTERS)
JUDGED_AS = {"early": "C", "reliance": "D"}
"""Characters that the kiosk believes less than their answers say: an answer on arrival proves no
more than a status, and it cannot read a status without fixed bits."""

STOPPERS = ("paper_out", *(name for name in STATES if name not in ("near_end", "mute")))
"""States that end the printing, and that a printer can name."""

LATE, HEARD, SOON, AT_ONCE = "late", "heard", "soon", "at once"
"""When a fault is mended: only once the second visitor has been served; as soon as the kiosk has
been told of it; a moment after it began; and before the kiosk can have asked."""

MENDED = {
    LATE: "mended late",
    HEARD: "mended once the kiosk has heard of it",
    SOON: "mended a moment after it began",
    AT_ONCE: "mended as it began",
}
SWAP = "swapped for "
MEANWHILE = ("power cycle, buffer kept", "power cycle, buffer lost", "second host", "staff release")
"""What happens between the first two visitors, besides ``SWAP`` with a character: the printer is
switched off and on, another computer prints, and staff say ``kiosk print-test`` once all is
mended."""
BROKEN: tuple[tuple[str, tuple[tuple[str, float | str], ...]], ...] = (
    ("paper_out", (("at_mm", 40.0),)),
    ("cover_open", (("at_mm", 90.0),)),
    ("stall", (("at_byte", 150),)),
    ("close", (("at_byte", 250),)),
)
"""Faults of the first slip before something happens in ``MEANWHILE``: they begin a hold."""
WELL = ("near_end", ())
"""Not a fault: what is set where nothing is wrong with the first slip."""

HOST_LINE = "BON 12"
"""What the second host prints."""

EVERY_LEVEL, EVERY_CHARACTER = 1, 4
"""Each how many bytes of a slip a fault is tried."""
DELAYS_S = (0.05, 0.2, 1.0)
POWER_OFF_S = 0.3
MORE = 2
"""Bytes of a number of one more figure, in text and QR code."""

Sizes = Mapping[str, tuple[int, float]]
"""By printer: bytes and millimetres of the first visitor's job."""


@dataclass(frozen=True, slots=True)
class Case:
    """On ``printer`` the ``fault`` strikes the first visitor's slip, and is then ``mended``.

    ``how``: the fault's options (``Faults.set``). ``again``: once all was well it strikes a second
    time, at the first slip that the kiosk dares to send. ``meanwhile``: what happens between the
    first two visitors.
    """

    printer: str
    fault: str
    how: tuple[tuple[str, float | str], ...] = ()
    mended: str = LATE
    again: bool = False
    meanwhile: str = ""

    @property
    def level(self) -> str:
        """The level at which the kiosk can judge its slips."""
        if self.printer in LEVELS:
            return self.printer
        return JUDGED_AS.get(self.printer) or CHARACTERS[self.printer].level

    @property
    def leaves_no_trace(self) -> bool:
        """Whether the slip may be torn without any sign of it: a roll or a cover that is restored
        before the kiosk asks again, on a printer that proves its slips and does not report changes
        (docs/printers.md, "An interrupted slip")."""
        unasked = self.printer in LEVELS or "gs_a" in CHARACTERS[self.printer].answers
        torn = self.fault in ("paper_out", "cover_open") and self.mended in (SOON, AT_ONCE)
        return torn and not unasked

    @property
    def kind(self) -> tuple[object, ...]:
        """All but the place: cases of one kind differ in where the fault strikes."""
        places = tuple(name for name, _ in self.how if name.startswith("at_"))
        return (self.printer, self.fault, self.mended, self.again, self.meanwhile, places)

    def __str__(self) -> str:
        how = "".join(f" {name}={value}" for name, value in self.how)
        twice = ", twice" if self.again else ""
        then = f", then {self.meanwhile}" if self.meanwhile else ""
        return f"{self.printer}, {self.fault}{how}, {MENDED[self.mended]}{twice}{then}"


def all_cases(sizes: Sizes, step_mm: float = 2.0) -> Iterator[Case]:
    """The whole matrix. The bytes are those of a slip and of the questions around it."""
    for printer, (length, height_mm) in sizes.items():
        every = EVERY_LEVEL if printer in LEVELS else EVERY_CHARACTER
        places = [(("at_byte", k),) for k in range(0, length + MORE, every)]
        spots = [(("at_mm", i * step_mm),) for i in range(int(height_mm / step_mm) + 2)]
        for name in (*LINE, "paper_out", *STATES):
            for mended, where in ((LATE, places), (AT_ONCE, places), (SOON, places[::4])):
                if name != "near_end" and not _is_undetectable(printer, name, mended):
                    yield from _each(printer, name, where, mended)
                    if mended != SOON:
                        yield from _each(printer, name, where[::4], mended, again=True)
        for name in STOPPERS:
            for mended in MENDED:
                yield from _each(printer, name, spots[:: min(every, 2)], mended)
            for mended in (HEARD, SOON, AT_ONCE):
                yield from _each(printer, name, spots[::4], mended, again=True)
        yield from _events(printer, places[::2], spots)
        yield from _flat(printer)
        yield from _between(printer)


def _is_undetectable(printer: str, fault: str, mended: str) -> bool:
    """A printer that loses bytes in silence and cannot say what it has read: one that never
    answers, or one that is well again when it is asked."""
    level = Case(printer, fault).level
    return fault == "swallow" and (level == "D" or (level == "C" and mended != LATE))


def _flat(printer: str) -> Iterator[Case]:
    """Faults that have no place on the slip: there before it, or for all that is said after it."""
    for mended in (LATE, HEARD):
        for name in STATES:
            yield Case(printer, name, (), mended)
    for mended in (LATE, SOON, AT_ONCE):
        yield Case(printer, "refuse", (), mended)
        yield from (Case(printer, "garbage", (("kind", k),), mended) for k in GARBAGE)
        yield from (Case(printer, "delay", (("seconds", s),), mended) for s in DELAYS_S)


def _events(
    printer: str,
    places: Iterable[tuple[tuple[str, float | str], ...]],
    spots: Iterable[tuple[tuple[str, float | str], ...]],
) -> Iterator[Case]:
    """A loss of power and the lines of a second host, in the middle of the first slip."""
    for where in (*places, *spots):
        for buffer in ("kept", "lost"):
            how = (("seconds", POWER_OFF_S), ("buffer", buffer))
            yield Case(printer, "power_cycle", (*where, *how))
    # Between two lines: at a byte in the middle of the number it could not be read any more.
    for spot in spots:
        yield Case(printer, "second_host", (*spot, ("text", HOST_LINE)))


def _between(printer: str) -> Iterator[Case]:
    """Something happens between two visitors, with nothing wrong and while the kiosk holds back."""
    others = [name for name in CHARACTER_NAMES if name != printer and printer not in LEVELS]
    for meanwhile in (*MEANWHILE, *(SWAP + name for name in others)):
        for fault, how in (WELL, *BROKEN):
            yield Case(printer, fault, how, LATE, meanwhile=meanwhile)


def _each(
    printer: str,
    name: str,
    places: Iterable[tuple[tuple[str, float | str], ...]],
    mended: str,
    *,
    again: bool = False,
) -> Iterator[Case]:
    yield from (Case(printer, name, place, mended, again) for place in places)


def some_cases(count: int, seed: int, sizes: Sizes) -> list[Case]:
    """``count`` of them, the same for the same seed: of each printer and fault as many as there is
    room for, and of each of those no kind twice before the others have had their turn."""
    source = random.Random(seed)
    kinds: dict[tuple[object, ...], list[Case]] = {}
    for case in all_cases(sizes):
        kinds.setdefault(case.kind, []).append(case)
    faults: dict[tuple[object, ...], list[list[Case]]] = {}
    for kind, cases in kinds.items():
        source.shuffle(cases)
        faults.setdefault((*kind[:2], bool(kind[4])), []).append(cases)
    for choice in faults.values():
        source.shuffle(choice)
    return list(islice(_in_turn([_in_turn(choice) for choice in faults.values()]), count))


def _in_turn(sources: Iterable[Iterable[Case]]) -> Iterator[Case]:
    """One of each, again and again, until all have ended."""
    waiting = [iter(source) for source in sources]
    while waiting:
        for source in list(waiting):
            case = next(source, None)
            if case is None:
                waiting.remove(source)
            else:
                yield case
