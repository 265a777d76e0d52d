"""Reservations in this process: a limit that the server does not know, added in one place, holds on
both kinds of database; edges of times and numbers; what a reservation costs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from menu.numbers import LAST_NUMBER
from queue_server import access, meta, prepared
from queue_server.clock import MINUTE_US, to_us
from queue_server.database import open_url
from queue_server.errors import RequestProblem, Unavailable
from queue_server.live import states
from queue_server.reserve import ReservationRequest, ReserveContext, reserve
from queue_server.schema import number_series, paused, tickets
from queue_server.served_menu import read_menu
from queue_server.waiting import PRIORITY_RATIO, Recent
from tests.menu.strangers_rule import MOST, WORDS, add_rule
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import DAY, MENU, OPENING, new_id

SERVICE = "ktp-el"
NOON = OPENING.replace(hour=12, minute=0, second=0, microsecond=0)


class Reservations:
    """The server's own way to a number, in this process, at a time that the test sets."""

    def __init__(self, url: str) -> None:
        self.database = open_url(url)
        self.database.open()
        self.database.write_now(meta.ensure_epoch)
        now_us = to_us(OPENING)
        self._token, _ = self.database.write_now(
            lambda c: access.add(c, "kiosk", "lobi-1", None, now_us)
        )
        self.menu = read_menu(MENU.read_bytes())
        self._recent = Recent()
        self.now: datetime = OPENING

    def _place(self) -> ReserveContext:
        return ReserveContext(self.menu, to_us(self.now), self._recent, PRIORITY_RATIO)

    def take(
        self, ticket: str | None = None, service: str = SERVICE, priority: str | None = None
    ) -> Any:
        """A number; Problem where there is none."""
        request = ReservationRequest(ticket or new_id(), service, priority, "0" * 32)
        place = self._place()
        work = self.database.write(lambda c: reserve(c, self._token, request, place), atomic=False)
        return asyncio.run(_awaited(work))["number"]

    def forget(self) -> None:
        """Read the tickets finished last again."""
        self._recent = Recent()

    def take_all(self, priority: str | None = None) -> int:
        """How many numbers of the service are given until one is refused."""
        for given in range(200):
            try:
                self.take(priority=priority)
            except RequestProblem as refusal:
                if refusal.code != "quota_full":
                    raise
                return given
        raise AssertionError("no end")

    def state(self, service: str = SERVICE) -> dict[str, Any]:
        """The live state of a service."""
        place = self._place()
        found = self.database.read_now(
            lambda c: states(c, place.menu, place.now_us, PRIORITY_RATIO)
        )
        return found[service]


async def _awaited(work: Any) -> Any:
    return await work


@pytest.fixture
def reservations(database: str) -> Iterator[Reservations]:
    made = Reservations(database)
    with closing(made.database):
        yield made


def test_forty_numbers_before_noon_and_no_limit_after(
    reservations: Reservations, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule(monkeypatch)
    reservations.now = NOON - timedelta(minutes=1)
    assert reservations.state()["quota_left"] == MOST
    given = [reservations.take() for _ in range(MOST - 1)]
    last = new_id()
    given.append(reservations.take(last))
    assert given == [f"DK-{n:03d}" for n in range(1, MOST + 1)]

    with pytest.raises(RequestProblem) as caught:
        reservations.take()
    assert (caught.value.status, caught.value.code) == (409, "quota_full")
    assert caught.value.more["until"] == NOON.isoformat()
    assert caught.value.more["message"] == dict(WORDS.by_language)
    assert reservations.take(last) == given[-1], "the last place is this id's"
    state = reservations.state()
    assert (state["open"], state["reason"], state["quota_left"]) == (False, "quota_full", 0)
    assert state["until"] == NOON.isoformat()

    reservations.now = NOON
    assert reservations.take() == f"DK-{MOST + 1:03d}"
    state = reservations.state()
    assert (state["open"], state["reason"], state["quota_left"]) == (True, None, None)


def test_a_quota_by_the_hour_counts_by_service_on_one_series(reservations: Reservations) -> None:
    text = MENU.read_text(encoding="utf-8")
    text = text.replace("quota: 3", "quota: 4").replace(
        "minutes: 10", 'minutes: 10, quota: {day: 5, hour: 3, before: {"09:00": 2}}'
    )
    reservations.menu = read_menu(text.encode())
    hour = OPENING.replace(hour=8, minute=59, second=0, microsecond=0)
    reservations.now = hour
    assert [reservations.take(), reservations.take()] == ["DK-001", "DK-002"]
    assert reservations.take(service="kartu-keluarga") == "DK-003"

    def refused() -> Any:
        with pytest.raises(RequestProblem) as caught:
            reservations.take()
        assert caught.value.code == "quota_full"
        return caught.value.more["until"], caught.value.more["message"]["id"]

    nine, ten = hour.replace(hour=9, minute=0), hour.replace(hour=10, minute=0)
    assert refused() == (nine.isoformat(), "Nomor untuk saat ini sudah habis.")
    reservations.now = nine
    assert reservations.state()["quota_left"] == 3
    assert [reservations.take() for _ in range(2)] == ["DK-004", "DK-005"]
    state = reservations.state()
    assert (state["quota_left"], state["given_day"], state["given_hour"]) == (1, 4, 2)
    assert reservations.take() == "DK-006"
    tomorrow = hour.replace(hour=7, minute=45) + timedelta(days=1)
    assert refused() == (tomorrow.isoformat(), "Nomor untuk hari ini sudah habis.")
    state = reservations.state()
    assert (state["reason"], state["until"]) == ("quota_full", tomorrow.isoformat())

    other = reservations.state("kartu-keluarga")
    assert (other["quota_left"], other["given_day"], other["given_hour"]) == (3, None, None)
    reservations.menu = read_menu(text.replace("day: 5", "day: 9").encode())
    assert refused() == (ten.isoformat(), "Nomor untuk saat ini sudah habis.")
    reservations.now = ten
    assert reservations.take() == "DK-007"


def test_no_number_whose_turn_is_after_closing(reservations: Reservations) -> None:
    """10 minutes each, two counters: with 14 ahead at 13.00 the estimate is 50 to 90 minutes, its
    middle 14.10; with 11 ahead it is 40 to 70, its middle 13.55."""
    text = MENU.read_text(encoding="utf-8")
    text = text.replace("tickets: {", "tickets: {last_by_closing: true, ")
    reservations.menu = read_menu(text.encode())
    reservations.now = OPENING.replace(hour=13, minute=0)
    given = reservations.take_all()
    assert given > 12
    state = reservations.state()
    low, high = state["wait_minutes"]
    assert (low + high) / 2 > 60, "closing is at 14.00"
    tomorrow = (OPENING + timedelta(days=1)).replace(hour=7, minute=45)
    last = new_id()
    with pytest.raises(RequestProblem) as caught:
        reservations.take(last)
    assert (caught.value.code, caught.value.more["until"]) == ("quota_full", tomorrow.isoformat())
    assert caught.value.more["message"]["id"] == "Antrean sudah sampai jam tutup."
    other = reservations.take(service="kartu-keluarga")
    assert other == f"DK-{given + 1:03d}", "no estimate; the number of a refusal is not used"

    assert state["open"], "a priority number is called in time"
    first = reservations.take(priority="elderly")
    assert first == f"DK-{given + 2:03d}"
    assert 5 < reservations.take_all("elderly") < given
    state = reservations.state()
    assert (state["reason"], state["until"]) == ("quota_full", tomorrow.isoformat())

    reservations.menu = read_menu(MENU.read_bytes())
    assert reservations.take(last)


SPLIT = 'hours: {mon-sun: ["08:00-12:00", "13:00-14:00"]}'
"""A break from 12 to 13."""


def with_break(reservations: Reservations, counters: str) -> None:
    """The service is served at ``counters``; no number whose turn is after 14.00."""
    text = MENU.read_text(encoding="utf-8")
    text = text.replace("tickets: {", "tickets: {last_by_closing: true, ")
    text = text.replace("minutes: 10", f"minutes: 10, counters: [{counters}], {SPLIT}")
    reservations.menu = read_menu(text.encode())


@pytest.mark.parametrize(("hour", "minute"), [(7, 46), (11, 55), (12, 30)])
def test_a_wait_passes_while_counters_work(
    reservations: Reservations, hour: int, minute: int
) -> None:
    """One counter, 10 minutes for each: what is left of 5 hours, less the steps of the range."""
    with_break(reservations, '"1"')
    reservations.now = OPENING.replace(hour=hour, minute=minute)
    given = reservations.take_all()
    work = {7: 300, 11: 65, 12: 60}[hour]
    assert work / 10 - 1 <= given <= work / 10 + 1


@pytest.mark.parametrize(("hour", "minute"), [(12, 58), (13, 5)])
def test_after_a_break_the_counters_are_those_before_it(
    reservations: Reservations, hour: int, minute: int
) -> None:
    """Four counters finished a ticket of 10 minutes each until 11.47: four in ten minutes."""
    with_break(reservations, '"1", "2", "3", "4"')
    ids = [new_id() for _ in range(8)]
    reservations.now = OPENING.replace(hour=11, minute=0)
    for ticket in ids:
        reservations.take(ticket)

    def finish(connection: Connection) -> None:
        for n, ticket in enumerate(ids):
            end_us = to_us(OPENING.replace(hour=11, minute=40 + n))
            values = {"rev": 1, "status": "done", "counter": str(n % 4 + 1)}
            times = {"called_us": end_us - 10 * MINUTE_US, "ended_us": end_us}
            done = update(tickets).where(tickets.c.id == ticket).values(**values, **times)
            connection.execute(done)

    reservations.database.write_now(finish)
    reservations.forget()
    reservations.now = OPENING.replace(hour=hour, minute=minute)
    assert reservations.take_all() >= 20


def settle(reservations: Reservations, ids: list[str]) -> None:
    """Settle reservations: they do not lapse."""
    settled = update(tickets).where(tickets.c.id.in_(ids)).values(rev=1)
    reservations.database.write_now(lambda c: c.execute(settled))


def test_a_clock_that_was_ahead_uses_up_no_other_hour(reservations: Reservations) -> None:
    """Three numbers at 11 by a clock that is set back to 8: each hour has its three, no more."""
    text = MENU.read_text(encoding="utf-8").replace("minutes: 10", "minutes: 10, quota: {hour: 3}")
    reservations.menu = read_menu(text.encode())
    reservations.now = OPENING.replace(hour=11, minute=30)
    ahead = [new_id() for _ in range(3)]
    for ticket in ahead:
        reservations.take(ticket)
    settle(reservations, ahead[:2])
    for hour, left in ((8, 3), (9, 3), (10, 3), (11, 1), (12, 3)):
        reservations.now = OPENING.replace(hour=hour, minute=40)
        assert reservations.state()["quota_left"] == left
        given = [new_id() for _ in range(left)]
        for ticket in given:
            reservations.take(ticket)
        assert reservations.take_all() == 0
        state = reservations.state()
        assert (state["quota_left"], state["given_hour"]) == (0, 3)
        settle(reservations, given)


def test_a_reservation_of_a_clock_that_was_ahead_lapses(reservations: Reservations) -> None:
    reservations.now = OPENING + timedelta(hours=2)
    reservations.take()
    reservations.now = OPENING
    assert reservations.state()["waiting"] == 0
    reservations.take()
    assert reservations.state()["waiting"] == 1
    reservations.now = OPENING + timedelta(minutes=3)
    assert reservations.state()["waiting"] == 0


def test_a_pause_ends_at_its_microsecond(reservations: Reservations) -> None:
    ends = OPENING + timedelta(minutes=5)
    pause = {"service": SERVICE, "since_us": 0, "until_us": to_us(ends), "by": "siti"}
    reservations.database.write_now(lambda c: c.execute(insert(paused).values(**pause)))

    reservations.now = ends - timedelta(microseconds=1)
    with pytest.raises(RequestProblem) as caught:
        reservations.take()
    assert caught.value.code == "paused"
    reservations.now = ends
    assert reservations.take() == "DK-001"


def test_a_series_has_a_last_number(reservations: Reservations) -> None:
    before = {"business_date": DAY, "prefix": "DK", "last": LAST_NUMBER - 1, "at_us": 0}
    reservations.database.write_now(lambda c: c.execute(insert(number_series).values(**before)))

    assert reservations.take() == f"DK-{LAST_NUMBER}"
    for _ in range(2):
        with pytest.raises(Unavailable, match="series"):
            reservations.take()


def test_a_number_costs_two_round_trips_on_postgresql(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statement looks and takes, one counts who is ahead. A slower way gives numbers too, so
    that no other test notices it."""
    texts: list[str] = []
    execute = prepared.execute

    def counted(connection: Connection, text: str, values: Any = None) -> Any:
        texts.append(text)
        return execute(connection, text, values)

    monkeypatch.setattr(prepared, "execute", counted)
    made = Reservations(postgres.new_database())
    with closing(made.database):
        made.take()  # marks the token as used, and reads the tickets finished last
        texts.clear()
        made.take()
    assert len(texts) == 2, texts


def test_only_a_write_that_changed_rows_proves_that_the_disk_has_room(
    reservations: Reservations,
) -> None:
    """A repeated reservation and a refused one write nothing."""
    ticket = new_id()
    reservations.take(ticket)
    database = reservations.database
    database.write_fault = "disk full"
    reservations.take(ticket)
    reservations.now = OPENING.replace(hour=22)
    with pytest.raises(RequestProblem):
        reservations.take()
    database.write_now(
        lambda c: c.execute(update(tickets).where(tickets.c.id == "-").values(rev=9))
    )
    assert database.write_fault == "disk full"
    database.write_now(meta.probe_write)
    assert database.write_fault is None
