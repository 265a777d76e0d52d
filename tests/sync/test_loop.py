"""The sync loop over simulated hours: batches, refusals, backoff; each with its end state."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.background.sync_loop import RETRY_AFTER_MOST_S, SyncLoop, SyncPorts
from kiosk.errors import (
    ServerBusy,
    ServerGarbled,
    ServerRefused,
    ServerUnreachable,
    SyncError,
    TokenRevoked,
)
from kiosk.store.journal import Journal
from kiosk.store.outbox import Backlog
from kiosk.sync import values
from kiosk.sync.connectivity import Connectivity
from tests.store.making import TUESDAY, WITA, at, opened, request
from tests.sync.linked_kiosk import synced

URL = "https://one.example"
INVALID = ServerRefused("invalid", "", 422)
Say = Callable[[dict[str, Any]], dict[str, Any]]


class FakeServer:
    """Answers as ``say`` does; ``bad`` rows make it refuse the whole exchange."""

    def __init__(self) -> None:
        self.errors: list[SyncError] = []
        self.always: SyncError | None = None
        self.bad: set[str] = set()
        self.say: Say = synced
        self.sizes: list[int] = []
        self.stored: dict[str, int] = {}
        self.met = threading.Event()

    def sync(self, request: values.SyncRequest) -> values.SyncAnswer:
        body = values.sync_body(request)
        self.sizes.append(len(request.tickets))
        self.met.set()
        if self.always is not None or self.errors:
            raise self.errors.pop(0) if self.errors else self.always or AssertionError
        if self.bad.intersection(row["id"] for row in request.tickets):
            raise INVALID
        said = self.say(body)
        rows = {row["id"]: row["rev"] for row in request.tickets}
        self.stored |= {one["id"]: one["rev"] for one in said["results"] if one["id"] in rows}
        return values.read_answer(said)


class FakeClock:
    """A clock that advances only when the test moves it."""

    def __init__(self) -> None:
        self.now = at()
        self.heard: list[datetime] = []

    def __call__(self) -> datetime:
        return self.now

    def learn(self, server_time: datetime) -> None:
        self.heard.append(server_time)

    def confirmed(self) -> bool:
        return bool(self.heard)


class World:
    """A loop, and time that passes only in ``run``."""

    def __init__(self, folder: Path) -> None:
        self.journal = opened(folder)
        self.server, self.connectivity, self.clock = FakeServer(), Connectivity(), FakeClock()
        self.chance = 0.5
        self.loop = self.fresh()

    def fresh(self) -> SyncLoop:
        """As after a start."""
        around = SyncPorts(
            journal=lambda: self.journal,
            clock=self.clock,
            zone=lambda: WITA,
            health=dict,
            mono=lambda: (self.clock.now - at()).total_seconds(),
            chance=lambda: self.chance,
        )
        return SyncLoop(self.server, URL, self.connectivity, around)

    def exchange(self) -> float:
        """One exchange, after which as much time passes as the loop asks for."""
        delay_s = self.loop.exchange()
        self.clock.now += timedelta(seconds=delay_s)
        return delay_s

    def run(self, **time: float) -> int:
        """Exchanges until so much time is over; how many."""
        end, count = self.clock.now + timedelta(**time), 0
        while self.clock.now < end:
            self.exchange()
            count += 1
        return count

    def settle(self) -> int:
        """Exchanges until the loop has nothing more to do at once; how many."""
        count = 1
        while self.exchange() == 0:
            count += 1
        return count

    def give(self, count: int, first: int = 1) -> None:
        """Numbers of the server's line."""
        for i in range(first, first + count):
            self.journal.keep(
                request(f"t{i:04d}"), f"DK-{i:03d}", business_date=TUESDAY, now=self.clock.now
            )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.journal.close()


# ── rhythm ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "chance", "waits"),
    [
        (5, 0.0, 4.0),
        (5, 0.5, 5.0),
        (5, 1.0, 6.0),
        (None, 0.5, 5.0),
        (0.001, 0.5, 0.5),
        (86400, 0.5, 60.0),
        ("soon", 0.5, 5.0),
    ],
)
def test_the_server_sets_the_interval_within_bounds(
    world: World, asked: object, chance: float, waits: float
) -> None:
    world.server.say = lambda body: synced(body, next_sync_s=asked)
    world.chance = chance
    assert world.exchange() == pytest.approx(waits)
    assert world.connectivity.online


def test_a_backlog_goes_in_batches_of_500_without_a_pause(world: World) -> None:
    world.give(1203)
    assert world.settle() == 3
    assert world.server.sizes == [500, 500, 203]
    assert world.journal.outbox.backlog() == Backlog()
    world.exchange()
    assert world.server.sizes[3:] == [0]


def test_a_ticket_is_sent_at_once(world: World) -> None:
    world.server.say = lambda body: synced(body, next_sync_s=60)
    world.loop.start()
    assert world.server.met.wait(20)
    world.give(1)
    # The first exchange may still be on its way back; a wake is not lost then either.
    world.loop.wake()
    wait_for(lambda: world.server.stored == {"t0001": 1})
    world.loop.stop(20)


def test_retry_after_is_not_shortened_by_a_wake(world: World) -> None:
    world.server.always = ServerBusy("later", 60)
    world.loop.start()
    wait_for(lambda: bool(world.loop.problem))
    for _ in range(100):
        world.loop.wake()
    world.loop.stop(20)
    assert len(world.server.sizes) == 1


# ── failures ─────────────────────────────────────────────────────────────────────────────


def test_500_for_an_hour(world: World) -> None:
    world.exchange()
    world.give(300)
    world.server.always = ServerBusy("500")
    asked = world.run(hours=1)
    assert 60 <= asked <= 120, "about once a minute, after a few quick tries"
    assert not world.connectivity.online
    assert str(world.loop.problem) == "500"
    world.server.always = None
    assert world.run(minutes=1) >= 1
    assert world.connectivity.online
    assert world.loop.problem == ""
    assert len(world.server.stored) == 300
    assert world.journal.outbox.backlog() == Backlog()


@pytest.mark.parametrize("error", [ServerUnreachable("gone"), ServerGarbled("a web page")])
def test_backoff_grows_with_jitter_and_ends(world: World, error: SyncError) -> None:
    world.server.errors = [error] * 10
    waits = [world.exchange() for _ in range(10)]
    assert waits[:4] == [0.75, 1.5, 3.0, 6.0]
    assert waits[-1] == 45.0
    world.chance = 1.0
    world.server.errors = [error]
    assert world.exchange() == 30.0
    world.exchange()
    assert world.connectivity.online
    world.server.errors = [error]
    assert world.exchange() == 0.5, "a new failure begins small"


def test_retry_after_is_respected_up_to_a_cap(world: World) -> None:
    world.chance = 0.0
    world.server.errors = [ServerBusy("429", 40), ServerBusy("429", 1e9)]
    assert world.exchange() == 40
    assert world.exchange() == RETRY_AFTER_MOST_S


def test_a_revoked_token_keeps_the_rows(world: World) -> None:
    world.exchange()
    world.give(2)
    world.server.errors = [TokenRevoked("revoked")]
    world.exchange()
    assert world.journal.outbox.terms(URL).revoked
    assert world.journal.outbox.backlog() == Backlog(2, 0)
    world.settle()
    assert not world.journal.outbox.terms(URL).revoked
    assert world.journal.outbox.backlog() == Backlog()


# ── rows ─────────────────────────────────────────────────────────────────────────────────


def test_a_refused_batch_is_halved_until_the_bad_rows_are_isolated(world: World) -> None:
    world.give(700)
    world.server.bad = {"t0003", "t0400", "t0700"}
    asked = world.settle()
    assert asked < 80
    assert world.journal.outbox.parked() == (
        ("DK-003", "invalid"),
        ("DK-400", "invalid"),
        ("DK-700", "invalid"),
    )
    assert len(world.server.stored) == 697
    assert world.connectivity.online
    world.run(hours=23)
    assert world.journal.outbox.backlog() == Backlog(0, 3)
    world.server.bad = {"t0003"}
    world.run(hours=2)
    assert world.journal.outbox.backlog() == Backlog(0, 1)
    world.server.bad = set()
    world.loop = world.fresh()
    world.settle()
    assert world.journal.outbox.backlog() == Backlog(), "tried again at the start"


def test_a_server_that_refuses_everything_parks_nothing(world: World) -> None:
    world.give(20)
    world.server.always = INVALID
    world.run(minutes=10)
    assert world.journal.outbox.backlog() == Backlog(20, 0)
    assert not world.connectivity.online
    assert world.loop.alert
    world.server.always = None
    world.run(minutes=2)
    assert world.journal.outbox.backlog() == Backlog()
    assert world.loop.alert == ""


def test_a_refused_row_is_parked_and_the_rest_is_stored(world: World) -> None:
    def say(body: dict[str, Any]) -> dict[str, Any]:
        said = synced(body)
        for one in said["results"]:
            if one["id"] == "t0002":
                one |= {"status": "refused", "code": "not_reserved"}
            if one["id"] == "t0003":
                one["status"] = "conflict"
        return said

    world.server.say = say
    world.give(3)
    world.settle()
    assert world.journal.outbox.parked() == (("DK-002", "not_reserved"),)
    assert world.journal.outbox.backlog() == Backlog(0, 1)


def test_wrong_ids_and_revisions_clear_nothing(world: World) -> None:
    def say(body: dict[str, Any]) -> dict[str, Any]:
        wrong = [{"id": "t9999", "rev": 1, "status": "stored"}]
        wrong += [{"id": r["id"], "rev": r["rev"] + 1, "status": "stored"} for r in body["tickets"]]
        return synced(body, results=wrong)

    world.server.say = say
    world.give(3)
    assert world.exchange() > 0, "no haste where nothing is taken"
    assert world.journal.outbox.backlog() == Backlog(3, 0)
    world.server.say = synced
    world.settle()
    assert world.journal.outbox.backlog() == Backlog()


def test_unanswered_rows_do_not_block_the_others(world: World) -> None:
    deaf = {f"t{i:04d}" for i in range(1, 601)}

    def say(body: dict[str, Any]) -> dict[str, Any]:
        said = synced(body)
        said["results"] = [one for one in said["results"] if one["id"] not in deaf]
        return said

    world.server.say = say
    world.give(800)
    world.run(minutes=5)
    assert len(world.server.stored) == 200
    assert world.journal.outbox.backlog() == Backlog(600, 0)
    deaf.clear()
    world.run(minutes=5)
    assert world.journal.outbox.backlog() == Backlog()


def test_a_change_during_the_exchange_is_sent_after_it(world: World) -> None:
    def say(body: dict[str, Any]) -> dict[str, Any]:
        if body["tickets"] and body["tickets"][0]["rev"] == 1:
            world.journal.void("t0001")
        return synced(body)

    world.server.say = say
    world.give(1)
    world.settle()
    assert world.server.stored == {"t0001": 2}
    assert world.journal.outbox.backlog() == Backlog()


def test_all_rows_are_sent_again_to_a_restored_server(world: World) -> None:
    world.give(5)
    world.settle()
    world.server.stored.clear()
    world.server.say = lambda body: synced(body, epoch=2)
    world.run(seconds=30)
    assert len(world.server.stored) == 5
    assert world.journal.outbox.backlog() == Backlog()


def test_old_rows_are_made_anonymous_and_deleted_by_the_server_s_date(world: World) -> None:
    def tracks() -> list[bool]:
        return [not ticket.anonymous for ticket in world.journal.tickets()]

    world.give(5)
    world.settle()
    for days, left in ((31, [False] * 5), (32, [])):
        before = tracks()
        world.clock.now += timedelta(days=days)
        world.server.say = synced
        world.exchange()
        assert tracks() == before, "this clock alone does not count"
        world.server.say = lambda body: synced(body, server_time=world.clock.now.isoformat())
        world.exchange()
        assert tracks() == left


def test_repeated_conflicts_replace_one_journal_an_hour(world: World) -> None:
    world.server.say = lambda body: synced(body, notice="journal_conflict")
    first = world.journal.id
    world.exchange()
    second = world.journal.id
    assert second != first
    world.run(minutes=30)
    assert world.journal.id == second
    assert world.loop.alert
    assert not world.connectivity.online


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until ``condition``, 20 s at most."""
    tick = threading.Event()
    for _ in range(2000):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("waited in vain")


def test_the_loop_waits_for_a_closed_journal(world: World, tmp_path: Path) -> None:
    journal: list[Journal] = []
    around = SyncPorts(
        journal=lambda: journal[0] if journal else None,
        clock=world.clock,
        zone=lambda: WITA,
        health=dict,
    )
    loop = SyncLoop(world.server, URL, world.connectivity, around)
    assert loop.exchange() > 0
    assert world.server.sizes == []
    journal.append(world.journal)
    loop.exchange()
    assert world.server.sizes == [0]
