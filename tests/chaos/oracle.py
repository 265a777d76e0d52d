"""What must hold when all is over; knows nothing of kiosk or server but what is handed to it."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple


class Shown(NamedTuple):
    """A number as a visitor of a kiosk saw it, in the order in which they did."""

    kiosk: str
    visitor: str
    ticket: str
    number: str
    business_date: str


class Held(NamedTuple):
    """A ticket as the server has it. ``rev`` 0: reserved, never settled. ``order_us``: its place
    in the queue."""

    ticket: str
    number: str
    business_date: str
    rev: int
    conflict: bool
    order_us: int


def line_of(number: str) -> str:
    """The line of a number: prefix and letter."""
    return re.sub(r"[0-9]+$", "", number)


def value_of(number: str) -> int:
    """The number without prefix and letter."""
    return int(number.removeprefix(line_of(number)))


def complaints(
    visits: Sequence[tuple[str, int]], shown: Sequence[Shown], held: Sequence[Held]
) -> list[str]:
    """All that is wrong. ``visits``: how many visitors came to each kiosk."""
    return [
        *_visitors(visits, shown),
        *_doubles(shown),
        *_server(shown, held),
        *_order(shown, held),
    ]


def _visitors(visits: Sequence[tuple[str, int]], shown: Sequence[Shown]) -> list[str]:
    """Each visitor holds one number."""
    numbers: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for one in shown:
        numbers[one.kiosk, one.visitor].add((one.number, one.business_date))
    came = {(kiosk, str(n)) for kiosk, count in visits for n in range(count)}
    none = [f"{kiosk}: visitor {n} has no number" for kiosk, n in sorted(came - set(numbers))]
    many = [f"{k}: visitor {n} holds {sorted(s)}" for (k, n), s in numbers.items() if len(s) > 1]
    return none + many


def _doubles(shown: Sequence[Shown]) -> list[str]:
    """Each number has one visitor."""
    holders: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for one in shown:
        holders[one.number, one.business_date].add((one.kiosk, one.visitor))
    return [f"{number} is held by {sorted(s)}" for number, s in holders.items() if len(s) > 1]


def _server(shown: Sequence[Shown], held: Sequence[Held]) -> list[str]:
    """Each number that was shown is in the server once, as it was shown, and no other counts."""
    told = []
    settled = {one.ticket: one for one in held if one.rev}
    for number, times in Counter((h.number, h.business_date) for h in settled.values()).items():
        if times > 1:
            told.append(f"the server has {number} {times} times")
    told += [f"{one.number} is a conflict" for one in held if one.conflict]
    wanted = {one.ticket: (one.number, one.business_date) for one in shown}
    for ticket, said in wanted.items():
        if ticket not in settled:
            told.append(f"{said} was shown and is not in the server")
        elif settled[ticket][1:3] != said:
            told.append(f"{said} was shown, the server has {settled[ticket].number}")
    told += [f"{settled[t].number} was shown to nobody" for t in settled.keys() - wanted.keys()]
    return told


def _order(shown: Sequence[Shown], held: Sequence[Held]) -> list[str]:
    """In each line who came first is called first: at a kiosk, and in the server's queue."""
    told = []
    last: dict[tuple[str, str, str], int] = {}
    for one in shown:
        place = one.kiosk, line_of(one.number), one.business_date
        if value_of(one.number) < last.get(place, 0):
            told.append(f"{one.kiosk}: {one.number} was shown after {last[place]}")
        last[place] = max(last.get(place, 0), value_of(one.number))
    in_order = sorted(
        (h for h in held if h.rev), key=lambda h: (line_of(h.number), value_of(h.number))
    )
    for before, after in itertools.pairwise(in_order):
        same = (line_of(before.number), before.business_date) == (
            line_of(after.number),
            after.business_date,
        )
        if same and before.order_us > after.order_us:
            late_ms = (before.order_us - after.order_us) / 1000
            told.append(f"{after.number} stands {late_ms:.0f} ms before {before.number}")
    return told
