"""The cases: each fault at each place of a slip, at each level, mended late or in mid visit."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from virtual_printer.faults import GARBAGE, LINE, STATES

LEVELS = "ABCD"
STOPPERS = ("paper_out", *(name for name in STATES if name not in ("near_end", "mute")))
"""States that end the printing, and that a printer can name."""

LATE, HEARD, SOON, AT_ONCE = "late", "heard", "soon", "at once"
"""When a fault is mended: only once the second visitor has been served; as soon as the kiosk has
heard of it; a moment after it began; and before anybody can have asked."""

MENDED = {
    LATE: "mended late",
    HEARD: "mended once the kiosk has heard of it",
    SOON: "mended a moment after it began",
    AT_ONCE: "mended as it began",
}
DELAYS_S = (0.05, 0.3, 1.0)
PACE_MM_S = 1000.0
"""Slow enough for the kiosk to ask while the slip comes out."""

MORE = 2
"""Bytes of a number of one more figure, in text and QR code."""

Sizes = Mapping[str, tuple[int, float]]
"""By level: bytes and millimetres of the first visitor's job."""


@dataclass(frozen=True, slots=True)
class Case:
    """``fault`` with ``how`` strikes the first visitor's slip and is ``mended`` then.

    ``speed_mm_s``: of the paper; None prints in no time. ``again``: once all was well it strikes
    a second time, at the first slip that the kiosk dares to send.
    """

    level: str
    fault: str
    how: tuple[tuple[str, float | str], ...] = ()
    mended: str = LATE
    speed_mm_s: float | None = None
    again: bool = False

    @property
    def kind(self) -> tuple[object, ...]:
        """All but the place: cases of one kind differ in where the fault strikes."""
        places = tuple(name for name, _ in self.how if name.startswith("at_"))
        return (self.level, self.fault, self.mended, self.speed_mm_s, self.again, places)

    def __str__(self) -> str:
        how = "".join(f" {name}={value}" for name, value in self.how)
        pace = f", {self.speed_mm_s:.0f} mm/s" if self.speed_mm_s else ""
        twice = ", twice" if self.again else ""
        return f"level {self.level}, {self.fault}{how}, {MENDED[self.mended]}{pace}{twice}"


def all_cases(sizes: Sizes, step_mm: float = 2.0) -> Iterator[Case]:
    """The whole matrix. The bytes are those of a slip and of the questions around it."""
    for level, (length, height_mm) in sizes.items():
        places = [(("at_byte", k),) for k in range(length + MORE)]
        spots = [(("at_mm", i * step_mm),) for i in range(int(height_mm / step_mm) + 2)]
        for name in (*LINE, "paper_out", *STATES):
            for mended, where in ((LATE, places), (AT_ONCE, places), (SOON, places[::4])):
                if name != "near_end" and not _is_beyond_anybody(level, name, mended):
                    yield from _each(level, name, where, mended)
                    if mended != SOON:
                        yield from _each(level, name, where[::4], mended, again=True)
        for name in STOPPERS:
            for mended in MENDED:
                yield from _each(level, name, spots, mended)
            for mended in (HEARD, SOON, AT_ONCE):
                yield from _each(level, name, spots[::4], mended, PACE_MM_S)
                yield from _each(level, name, spots[::4], mended, again=True)
        yield from _flat(level)


def _is_beyond_anybody(level: str, fault: str, mended: str) -> bool:
    """A printer that loses bytes in silence and cannot say what it has read: one that never
    answers, or one that is well again when it is asked."""
    return fault == "swallow" and (level == "D" or (level == "C" and mended != LATE))


def _flat(level: str) -> Iterator[Case]:
    """Faults that have no place on the slip: there before it, or for all that is said after it."""
    for mended in (LATE, HEARD):
        for name in STATES:
            yield Case(level, name, (), mended)
    for mended in (LATE, SOON, AT_ONCE):
        yield Case(level, "refuse", (), mended)
        yield from (Case(level, "garbage", (("kind", k),), mended) for k in GARBAGE)
        yield from (Case(level, "delay", (("seconds", s),), mended) for s in DELAYS_S)


def _each(
    level: str,
    name: str,
    places: Iterable[tuple[tuple[str, float | str], ...]],
    mended: str,
    speed_mm_s: float | None = None,
    *,
    again: bool = False,
) -> Iterator[Case]:
    yield from (Case(level, name, place, mended, speed_mm_s, again) for place in places)


def some_cases(count: int, seed: int, sizes: Sizes) -> list[Case]:
    """``count`` of them, the same for the same seed: of each level and fault as many as there is
    room for, and of each of those no kind twice before the others have had their turn."""
    source = random.Random(seed)
    kinds: dict[tuple[object, ...], list[Case]] = {}
    for case in all_cases(sizes):
        kinds.setdefault(case.kind, []).append(case)
    faults: dict[tuple[object, ...], list[list[Case]]] = {}
    for kind, cases in kinds.items():
        source.shuffle(cases)
        faults.setdefault(kind[:2], []).append(cases)
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
