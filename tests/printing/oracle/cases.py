"""The cases: each fault at each place of a slip, at each level, mended late or in mid visit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.printing.virtual.faults import GARBAGE, LINE, STATES

LEVELS = "ABCD"
STOPPERS = tuple(name for name in STATES if name not in ("near_end", "mute"))


@dataclass(frozen=True, slots=True)
class Case:
    """``fault`` with ``how`` strikes the first visitor's slip; ``during``: mended as soon as the
    kiosk has heard of it, else only when the second visitor has been served."""

    level: str
    fault: str
    how: tuple[tuple[str, float | str], ...] = ()
    during: bool = False

    def __str__(self) -> str:
        how = " ".join(f"{name}={value}" for name, value in self.how)
        when = "mended in mid visit" if self.during else "mended late"
        return f"level {self.level}, {self.fault} {how}, {when}"


def all_cases(slip_bytes: int, slip_mm: float, step_mm: float = 2.0) -> Iterator[Case]:
    """The whole matrix. The bytes are those of a slip and of the question behind it."""
    bytes_ = range(slip_bytes + 12)
    millimetres = [i * step_mm for i in range(int(slip_mm / step_mm) + 2)]
    for level in LEVELS:
        for name in (*LINE, *STATES):
            # A printer that never answers and loses bytes in silence cannot be seen through.
            if name != "near_end" and (level, name) != ("D", "swallow"):
                yield from (Case(level, name, (("at_byte", k),)) for k in bytes_)
        for during in (False, True):
            for mm in millimetres:
                yield from (
                    Case(level, n, (("at_mm", mm),), during) for n in ("paper_out", *STOPPERS)
                )
            yield from (Case(level, name, (), during) for name in (*STATES, "refuse"))
            yield from (Case(level, "garbage", (("kind", k),), during) for k in GARBAGE)
            yield from (Case(level, "delay", (("seconds", s),), during) for s in (0.05, 0.3, 1.0))


def some_cases(count: int, seed: int, slip_bytes: int, slip_mm: float) -> list[Case]:
    """``count`` of them, from each level and each fault, the same for the same seed."""
    source = random.Random(seed)
    kinds: dict[tuple[str, str, bool], list[Case]] = {}
    for case in all_cases(slip_bytes, slip_mm):
        kinds.setdefault((case.level, case.fault, case.during), []).append(case)
    for cases in kinds.values():
        source.shuffle(cases)
    chosen: list[Case] = []
    while len(chosen) < count and any(kinds.values()):
        chosen += [cases.pop() for cases in kinds.values() if cases]
    return chosen[:count]
