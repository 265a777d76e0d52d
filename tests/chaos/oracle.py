"""The invariants at the end of a run, checked on plain values: independent of kiosk and server."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

NUMBER = re.compile(r"\b[A-Z]{1,3}-[A-Z]{0,2}[0-9]{3,}\b")
COPY = "SALINAN"


class ShownNumber(NamedTuple):
    """A number shown to a visitor. Sequences of these are in the order of showing."""

    kiosk: str
    visitor: str
    ticket: str
    number: str
    business_date: str


class Stored(NamedTuple):
    """A ticket in the server. ``rev`` 0: reserved, never settled. ``order_us``: queue sort key."""

    ticket: str
    number: str
    business_date: str
    rev: int
    conflict: bool
    order_us: int


def series_of(number: str) -> str:
    """The series of a number: prefix and letter."""
    return re.sub(r"[0-9]+$", "", number)


def value_of(number: str) -> int:
    """The numeric value of a number."""
    return int(number.removeprefix(series_of(number)))


def violations(
    visits: Sequence[tuple[str, int]], shown: Sequence[ShownNumber], stored: Sequence[Stored]
) -> list[str]:
    """All violations, in words. ``visits``: how many visitors came to each kiosk."""
    return [
        *_visitors(visits, shown),
        *_doubles(shown),
        *_server(shown, stored),
        *_order(shown, stored),
    ]


def paper_violations(
    pieces: Sequence[tuple[str, bool]], confirmed: Sequence[str], lost: int
) -> list[str]:
    """Violations on the paper of one printer, in words.

    ``pieces``: text of each and whether it is complete, in the order of cutting. ``confirmed``:
    numbers whose slip the journal records as printed. ``lost``: how many pieces may be missing
    because their printer was killed between the cut and its own record of it.
    """
    found = []
    seen: set[str] = set()
    whole: set[str] = set()
    for text, complete in pieces:
        numbers = set(NUMBER.findall(text))
        if len(numbers) > 1:
            found.append(f"{' and '.join(sorted(numbers))} are on one piece of paper")
        found += [
            f"{n} is on a second piece without {COPY}" for n in numbers & seen if COPY not in text
        ]
        seen |= numbers
        whole |= numbers if complete else set()
    missing = sorted(set(confirmed) - whole)
    if len(missing) > lost:
        found.append(f"{', '.join(missing)}: recorded as printed, without a slip ({lost} lost)")
    return found


def _visitors(visits: Sequence[tuple[str, int]], shown: Sequence[ShownNumber]) -> list[str]:
    """Every visitor holds exactly one number."""
    numbers: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for one in shown:
        numbers[one.kiosk, one.visitor].add((one.number, one.business_date))
    came = {(kiosk, str(n)) for kiosk, count in visits for n in range(count)}
    none = [f"{kiosk}: visitor {n} has no number" for kiosk, n in sorted(came - set(numbers))]
    many = [f"{k}: visitor {n} holds {sorted(s)}" for (k, n), s in numbers.items() if len(s) > 1]
    return none + many


def _doubles(shown: Sequence[ShownNumber]) -> list[str]:
    """Every number has exactly one visitor."""
    holders: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for one in shown:
        holders[one.number, one.business_date].add((one.kiosk, one.visitor))
    return [f"{number} is held by {sorted(s)}" for number, s in holders.items() if len(s) > 1]


def _server(shown: Sequence[ShownNumber], stored: Sequence[Stored]) -> list[str]:
    """Every number shown is in the server once, as shown; no other ticket is settled."""
    found = []
    settled = {one.ticket: one for one in stored if one.rev}
    for number, times in Counter((h.number, h.business_date) for h in settled.values()).items():
        if times > 1:
            found.append(f"the server has {number} {times} times")
    found += [f"{one.number} is a conflict" for one in stored if one.conflict]
    wanted = {one.ticket: (one.number, one.business_date) for one in shown}
    for ticket, expected in wanted.items():
        if ticket not in settled:
            found.append(f"{expected} was shown and is not in the server")
        elif settled[ticket][1:3] != expected:
            found.append(f"{expected} was shown, the server has {settled[ticket].number}")
    found += [
        f"{settled[t].number} was shown to no visitor" for t in settled.keys() - wanted.keys()
    ]
    return found


def _order(shown: Sequence[ShownNumber], stored: Sequence[Stored]) -> list[str]:
    """Within a series, numbers are shown and queued in ascending order."""
    found = []
    last: dict[tuple[str, str, str], int] = {}
    for one in shown:
        key = one.kiosk, series_of(one.number), one.business_date
        if value_of(one.number) < last.get(key, 0):
            found.append(f"{one.kiosk}: {one.number} was shown after {last[key]}")
        last[key] = max(last.get(key, 0), value_of(one.number))
    in_order = sorted(
        (h for h in stored if h.rev), key=lambda h: (series_of(h.number), value_of(h.number))
    )
    for before, after in itertools.pairwise(in_order):
        same = (series_of(before.number), before.business_date) == (
            series_of(after.number),
            after.business_date,
        )
        if same and before.order_us > after.order_us:
            late_ms = (before.order_us - after.order_us) / 1000
            found.append(f"{after.number} is {late_ms:.0f} ms ahead of {before.number}")
    return found
