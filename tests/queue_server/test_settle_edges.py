"""Settlements in this process, at moments that the test sets: edges, stored columns, the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select

from queue_server import access, view
from queue_server.clock import to_us
from queue_server.counters import Counter, call
from queue_server.database import open_url
from queue_server.exchange import exchange
from queue_server.messages import Call, Exchange
from queue_server.schema import gaps, tickets
from queue_server.served_menu import read_menu
from queue_server.settle import MAX_LOGGED_ROWS
from tests.queue_server.servers import DAY, MENU, OPENING, new_id, row

MICROSECOND = timedelta(microseconds=1)
NOT_STORED = "rows not stored"


class Settlements:
    """One kiosk and one member of staff at a database, without a server process."""

    def __init__(self, url: str) -> None:
        self.database = open_url(url)
        self.database.open()
        self._menu = read_menu(MENU.read_bytes())
        self._kiosk = self._principal("kiosk", "lobi-1")
        self._staff = self._principal("staff", "siti")
        self._seq = 0
        self.letter = self._exchange(OPENING, OPENING, []).letter.letter

    def _principal(self, kind: str, name: str) -> access.Principal:
        now_us = to_us(OPENING)
        token, _ = self.database.write_now(lambda c: access.add(c, kind, name, None, now_us))
        return self.database.write_now(lambda c: access.authenticate(c, token, kind))

    def _exchange(self, now: datetime, sent_at: datetime, rows: list[Any]) -> Any:
        self._seq += 1
        request = Exchange.model_validate(
            {
                "journal": "journal-1",
                "seq": self._seq,
                "sent_at": sent_at.isoformat(),
                "catalogue": "",
                "tickets": rows,
                "health": {},
            }
        )
        return self.database.write_now(
            lambda c: exchange(c, self._kiosk, request, self._menu, to_us(now))
        )

    def settle(self, *rows: Any, now: datetime = OPENING) -> list[str]:
        """Settle rows at ``now``, by a kiosk whose clock is right; their statuses."""
        return [result["status"] for result in self._exchange(now, now, list(rows)).results]

    def call(self, number: str, now: datetime) -> Any:
        """Call a number to counter 19."""
        counter = Counter(self._staff, "19", self._menu, 2, to_us(now))
        request = Call.model_validate({"request_id": new_id(), "number": number})
        return self.database.write_now(lambda c: call(c, counter, request))["ticket"]

    def stored(self, ticket: str) -> Any:
        """A ticket's row in the database."""
        found = select(tickets).where(tickets.c.id == ticket)
        return self.database.read_now(lambda c: c.execute(found).one())


@pytest.fixture
def settlements(database: str) -> Iterator[Settlements]:
    made = Settlements(database)
    with closing(made.database):
        yield made


@pytest.mark.parametrize(
    ("after_the_call", "status"), [(timedelta(), "called"), (MICROSECOND, "waiting")]
)
def test_a_call_concerns_a_ticket_that_was_issued_before_it(
    settlements: Settlements, after_the_call: timedelta, status: str
) -> None:
    called = OPENING + timedelta(minutes=5)
    number = f"DK-{settlements.letter}001"
    settlements.call(number, called)
    ticket = row(number, issued_at=(called + after_the_call).isoformat())

    assert settlements.settle(ticket, now=called + timedelta(minutes=1)) == ["stored"]

    assert settlements.stored(ticket["id"]).status == status


def test_a_ticket_of_a_past_date_keeps_the_time_of_its_issue(settlements: Settlements) -> None:
    yesterday = OPENING - timedelta(days=1)
    issued = {1: yesterday, 2: yesterday - timedelta(hours=1)}  # the clock was set back
    past = {
        n: row(
            f"DK-{settlements.letter}{n:03d}",
            business_date=yesterday.date().isoformat(),
            issued_at=moment.isoformat(),
        )
        for n, moment in issued.items()
    }

    assert settlements.settle(*past.values()) == ["stored", "stored"]

    for n, moment in issued.items():
        assert settlements.stored(past[n]["id"]).order_us == to_us(moment)


def test_a_number_between_two_others_waits_between_them(settlements: Settlements) -> None:
    """The neighbours are the next ones: the lowest and the highest number are further away."""
    minutes = {1: 0, 2: 10, 4: 20, 5: 30, 3: 40}  # 3 arrives last, with a wrong time
    rows = {
        n: row(
            f"DK-{settlements.letter}{n:03d}",
            issued_at=(OPENING + timedelta(minutes=late)).isoformat(),
        )
        for n, late in minutes.items()
    }

    settlements.settle(*rows.values(), now=OPENING + timedelta(hours=1))

    fourth = settlements.stored(rows[4]["id"]).order_us
    assert settlements.stored(rows[3]["id"]).order_us == fourth


def test_a_ticket_is_stored_with_its_journal_and_without_a_call(settlements: Settlements) -> None:
    number = f"DK-{settlements.letter}001"
    ticket = row(number)

    assert settlements.settle(ticket) == ["stored"]

    stored = settlements.stored(ticket["id"])
    assert (stored.journal, stored.calls) == ("journal-1", 0)
    settlements.call(number, OPENING)
    assert settlements.stored(ticket["id"]).calls == 1


def test_a_gap_of_a_restore_has_a_first_and_a_last_number(settlements: Settlements) -> None:
    gap = {"business_date": DAY, "prefix": "DK", "low": 11, "high": 13}
    settlements.database.write_now(lambda c: c.execute(insert(gaps).values(**gap)))

    found = settlements.settle(*(row(f"DK-{n:03d}") for n in (10, 11, 13, 14)))

    assert found == ["refused", "stored", "stored", "refused"]


def test_the_log_names_the_rows_that_were_not_stored(
    settlements: Settlements, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    good = row(f"DK-{settlements.letter}001")
    assert settlements.settle(good) == ["stored"]
    assert NOT_STORED not in caplog.messages

    foreign = [row(f"DK-ZZ{n:03d}") for n in range(1, MAX_LOGGED_ROWS + 2)]
    assert settlements.settle(good, *foreign) == ["stored", *["refused"] * len(foreign)]

    (logged,) = [record for record in caplog.records if record.message == NOT_STORED]
    assert vars(logged)["kiosk"] == "lobi-1"
    assert vars(logged)["rows"] == [
        (one["id"], "refused", "letter_not_held") for one in foreign[:20]
    ]


def test_the_list_of_conflicts_reads_its_index(server_file: Path) -> None:
    """Without it the list reads every ticket there ever was."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        seen.append((statement, parameters))

    opened = open_url(str(server_file))
    opened.open()
    event.listen(Engine, "before_cursor_execute", note)
    try:
        with closing(opened):
            opened.read_now(lambda c: view.conflicts(c, read_menu(MENU.read_bytes())))
            statement, parameters = seen[-1]
            plan = opened.read_now(
                lambda c: c.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            )
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert "USING INDEX tickets_conflict" in plan[0][3]
