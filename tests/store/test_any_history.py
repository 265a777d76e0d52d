"""Any history of a kiosk: clocks that jump, restarts, kills, damage, several lines. No double."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.store.making import TUESDAY, crash, issue, opened


@dataclass(frozen=True)
class Visitor:
    """A visitor, ``later`` days after the one before, under a clock that is ``off`` by days;
    None: it is right and known to be."""

    prefix: str
    later: int
    off: int | None


STOPS = ("close", "crash", "damage", "copy", "repeat")
visitors = st.builds(
    Visitor,
    prefix=st.sampled_from(["DK", "PT"]),
    later=st.sampled_from([0, 0, 0, 0, 1, 3]),
    off=st.none() | st.sampled_from([-400, -1, 0, 1, 30]),
)
histories = st.lists(visitors | st.sampled_from(STOPS), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
@example([Visitor("DK", *day) for day in [(0, None), (1, -1), (0, None), (0, None)]])
@example([Visitor("DK", *day) for day in [(0, 1), (0, None), (1, None)]])
def test_no_number_twice_on_a_date_nor_on_a_real_day(history: list[Visitor | str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _live(Path(folder), history)


def _live(folder: Path, history: list[Visitor | str]) -> None:
    machine, today = 1, TUESDAY
    given_out: dict[str, tuple[str, date]] = {}
    by_date: set[tuple[date, str]] = set()
    by_real_day: set[tuple[date, str]] = set()
    journal = opened(folder)
    for at, event in enumerate(history):
        if isinstance(event, Visitor):
            today += timedelta(days=event.later)
            says = today + timedelta(days=event.off or 0)
            confirmed = event.off is None
            ticket = issue(journal, f"t{at}", prefix=event.prefix, day=says, confirmed=confirmed)
            assert (says, ticket.number) not in by_date
            assert (today, ticket.number) not in by_real_day
            by_date.add((says, ticket.number))
            by_real_day.add((today, ticket.number))
            given_out[ticket.id] = (ticket.number, says)
        elif event == "repeat":
            for ticket_id, (number, day) in given_out.items():
                again = issue(journal, ticket_id, day=today + timedelta(days=9))
                assert (again.number, again.business_date) == (number, day)
        else:
            machine += event == "copy"
            if event == "crash":
                crash(journal)
            elif event == "damage":
                journal._db.execute("DELETE FROM journal")
                crash(journal)
            else:
                journal.close()
            journal = opened(folder, machine=f"machine-{machine}")
    assert {t.id for t in journal.tickets()} == set(given_out), "nothing is lost"
    journal.close()
