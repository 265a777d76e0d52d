"""A limit that the server does not know, added in one place, holds on both kinds of database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest

from queue_server import access, meta
from queue_server.clock import to_us
from queue_server.database import open_url
from queue_server.errors import Problem
from queue_server.live import states
from queue_server.reserve import ReservationRequest, ReserveContext, reserve
from queue_server.served_menu import read_menu
from queue_server.waiting import Recent
from tests.menu.strangers_rule import MOST, WORDS, add_rule
from tests.queue_server.servers import MENU, OPENING, new_id

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
        self._menu = read_menu(MENU.read_bytes())
        self.now: datetime = OPENING

    def _place(self) -> ReserveContext:
        return ReserveContext(self._menu, to_us(self.now), Recent())

    def take(self, ticket: str | None = None) -> Any:
        """A number; Problem where there is none."""
        request = ReservationRequest(ticket or new_id(), SERVICE, None, "0" * 32)
        place = self._place()
        work = self.database.write(lambda c: reserve(c, self._token, request, place), atomic=False)
        return asyncio.run(_awaited(work))["number"]

    def state(self) -> dict[str, Any]:
        """The live state of the service."""
        place = self._place()
        found = self.database.read_now(lambda c: states(c, place.menu, place.now_us))
        return found[SERVICE]


async def _awaited(work: Any) -> Any:
    return await work


@pytest.fixture
def reservations(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reservations]:
    add_rule(monkeypatch)
    made = Reservations(database)
    with closing(made.database):
        yield made


def test_forty_before_noon_and_then_as_many_as_come(reservations: Reservations) -> None:
    reservations.now = NOON - timedelta(minutes=1)
    assert reservations.state()["quota_left"] == MOST
    given = [reservations.take() for _ in range(MOST - 1)]
    last = new_id()
    given.append(reservations.take(last))
    assert given == [f"DK-{n:03d}" for n in range(1, MOST + 1)]

    with pytest.raises(Problem) as caught:
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
