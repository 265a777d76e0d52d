"""The test matrix: each fault at each position of a slip, on each printer, cleared at four moments.

A printer is either a level (A to D), configured in the virtual printer and the kiosk, or a
character (``virtual_printer.characters``), whose level the kiosk has to detect.
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
JUDGED_AS = {"early": "C"}
"""Characters for which the kiosk uses a lower level than their answers suggest: an answer on
arrival proves no more than a status."""

STOPPERS = ("paper_out", *(name for name in STATES if name not in ("near_end", "mute")))
"""States that stop printing and that a printer can report."""

LATE, REPORTED, SOON, AT_ONCE = "late", "reported", "soon", "at once"
"""When a fault is cleared: after the second visitor was served; as soon as the printer has reported
it to the kiosk; shortly after it began; and before the kiosk can have asked."""

MENDED = {
    LATE: "mended late",
    REPORTED: "mended once reported to the kiosk",
    SOON: "mended shortly after it began",
    AT_ONCE: "mended as it began",
}
SWAP = "swapped for "
BETWEEN_VISITS = (
    "power cycle, buffer kept",
    "power cycle, buffer lost",
    "second host",
    "staff release",
)
"""Events between the first two visitors, besides ``SWAP`` with a character: the printer is switched
off and on, a second host prints, and staff run ``kiosk print-test`` after the fault was cleared."""
HOLD_FAULTS: tuple[tuple[str, tuple[tuple[str, float | str], ...]], ...] = (
    ("paper_out", (("at_mm", 40.0),)),
    ("cover_open", (("at_mm", 90.0),)),
    ("stall", (("at_byte", 150),)),
    ("close", (("at_byte", 250),)),
)
"""Faults of the first slip before an event of ``BETWEEN_VISITS``; each begins a hold."""
NO_FAULT = ("near_end", ())
"""Replaces the fault where the first slip prints without one: paper near its end stops nothing."""

HOST_LINE = "BON 12"
"""The line printed by the second host."""

LEVEL_STEP, CHARACTER_STEP = 1, 4
"""Distance in bytes between two positions of a fault, on levels and on characters."""
DELAYS_S = (0.05, 0.2, 1.0)
POWER_OFF_S = 0.3
LONGER_NUMBER = 2
"""Additional bytes of a number with one more digit, in text and QR code."""

Sizes = Mapping[str, tuple[int, float]]
"""Printer to the size of the first visitor's job: bytes, and millimetres of paper."""


@dataclass(frozen=True, slots=True)
class Case:
    """On ``printer`` the ``fault`` occurs in the first visitor's slip and is then ``mended``.

    ``how``: the fault's options (``Faults.set``). ``again``: the fault occurs a second time, in the
    first slip sent after recovery. ``between``: the event between the first two visitors.
    """

    printer: str
    fault: str
    how: tuple[tuple[str, float | str], ...] = ()
    mended: str = LATE
    again: bool = False
    between: str = ""

    @property
    def level(self) -> str:
        """The highest level at which the kiosk can confirm slips of this printer."""
        if self.printer in LEVELS:
            return self.printer
        return JUDGED_AS.get(self.printer) or CHARACTERS[self.printer].level

    @property
    def tears_unnoticed(self) -> bool:
        """Whether the slip may be torn and the kiosk cannot detect it: the roll or the cover was
        restored before the next status question, on a printer that confirms slips and does not
        report changes without a question (docs/printers.md, "An interrupted slip")."""
        unasked = self.printer in LEVELS or "gs_a" in CHARACTERS[self.printer].answers
        torn = self.fault in ("paper_out", "cover_open") and self.mended in (SOON, AT_ONCE)
        return torn and not unasked

    @property
    def kind(self) -> tuple[object, ...]:
        """Everything but the position: cases of one kind differ in where the fault occurs."""
        places = tuple(name for name, _ in self.how if name.startswith("at_"))
        return (self.printer, self.fault, self.mended, self.again, self.between, places)

    def __str__(self) -> str:
        how = "".join(f" {name}={value}" for name, value in self.how)
        twice = ", twice" if self.again else ""
        then = f", then {self.between}" if self.between else ""
        return f"{self.printer}, {self.fault}{how}, {MENDED[self.mended]}{twice}{then}"


def all_cases(sizes: Sizes, step_mm: float = 2.0) -> Iterator[Case]:
    """The whole matrix; byte positions cover a slip and the status questions sent with it."""
    for printer, (length, height_mm) in sizes.items():
        every = LEVEL_STEP if printer in LEVELS else CHARACTER_STEP
        places = [(("at_byte", k),) for k in range(0, length + LONGER_NUMBER, every)]
        spots = [(("at_mm", i * step_mm),) for i in range(int(height_mm / step_mm) + 2)]
        for name in (*LINE, "paper_out", *STATES):
            for mended, where in ((LATE, places), (AT_ONCE, places), (SOON, places[::4])):
                if name != "near_end" and not _is_undetectable(printer, name, mended):
                    yield from _cases_at(printer, name, where, mended)
                    if mended != SOON:
                        yield from _cases_at(printer, name, where[::4], mended, again=True)
        for name in STOPPERS:
            for mended in MENDED:
                yield from _cases_at(printer, name, spots[:: min(every, 2)], mended)
            for mended in (REPORTED, SOON, AT_ONCE):
                yield from _cases_at(printer, name, spots[::4], mended, again=True)
        yield from _cases_of_events(printer, places[::2], spots)
        yield from _without_position(printer)
        yield from _cases_between_visits(printer)


def _is_undetectable(printer: str, fault: str, mended: str) -> bool:
    """Whether a printer that drops bytes cannot be detected: it never answers, or its fault is
    cleared before it is asked, and no answer says which bytes it has processed."""
    level = Case(printer, fault).level
    return fault == "swallow" and (level == "D" or (level == "C" and mended != LATE))


def _without_position(printer: str) -> Iterator[Case]:
    """Faults without a position on the slip: present before it, or in every answer after it."""
    for mended in (LATE, REPORTED):
        for name in STATES:
            yield Case(printer, name, (), mended)
    for mended in (LATE, SOON, AT_ONCE):
        yield Case(printer, "refuse", (), mended)
        yield from (Case(printer, "garbage", (("kind", k),), mended) for k in GARBAGE)
        yield from (Case(printer, "delay", (("seconds", s),), mended) for s in DELAYS_S)


def _cases_of_events(
    printer: str,
    places: Iterable[tuple[tuple[str, float | str], ...]],
    spots: Iterable[tuple[tuple[str, float | str], ...]],
) -> Iterator[Case]:
    """A power cycle, or lines of a second host, in the middle of the first slip."""
    for where in (*places, *spots):
        for buffer in ("kept", "lost"):
            how = (("seconds", POWER_OFF_S), ("buffer", buffer))
            yield Case(printer, "power_cycle", (*where, *how))
    # Only between two lines: text inserted at a byte can split the number, and the oracle could
    # not read it.
    for spot in spots:
        yield Case(printer, "second_host", (*spot, ("text", HOST_LINE)))


def _cases_between_visits(printer: str) -> Iterator[Case]:
    """An event between two visitors, without a fault and during a hold."""
    others = [name for name in CHARACTER_NAMES if name != printer and printer not in LEVELS]
    for between in (*BETWEEN_VISITS, *(SWAP + name for name in others)):
        for fault, how in (NO_FAULT, *HOLD_FAULTS):
            yield Case(printer, fault, how, LATE, between=between)


def _cases_at(
    printer: str,
    name: str,
    places: Iterable[tuple[tuple[str, float | str], ...]],
    mended: str,
    *,
    again: bool = False,
) -> Iterator[Case]:
    yield from (Case(printer, name, place, mended, again) for place in places)


def some_cases(count: int, seed: int, sizes: Sizes) -> list[Case]:
    """Return ``count`` cases, the same for the same seed.

    Round-robin over the pairs of printer and fault, and within a pair over the kinds, so that a
    small sample covers as many of them as possible.
    """
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
    return list(islice(_round_robin([_round_robin(choice) for choice in faults.values()]), count))


def _round_robin(sources: Iterable[Iterable[Case]]) -> Iterator[Case]:
    """Yield one case of each source in turn until all sources are exhausted."""
    waiting = [iter(source) for source in sources]
    while waiting:
        for source in list(waiting):
            case = next(source, None)
            if case is None:
                waiting.remove(source)
            else:
                yield case
