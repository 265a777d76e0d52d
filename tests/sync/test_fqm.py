"""A kiosk with FQM: what visitors get, and what FQM has once all is over.

Against a double with FQM's recorded answers (``fqm_double``); with FQM_CHECKOUT and FQM_PYTHON in
the environment against FQM itself (``script/prove-fqm``), except one with
entries that FQM itself does not make.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from kiosk.errors import (
    LetterMissing,
    NotReserving,
    ServerBusy,
    ServerGarbled,
    SyncError,
    TokenDenied,
)
from kiosk.store.opening import CONFLICT
from kiosk.store.outbox import Backlog
from kiosk.sync import fqm as fqm_module
from kiosk.sync.fqm import LATE_S, MOST_FAILURES, FqmClient, name_of
from kiosk.sync.values import SyncRequest, ticket_row
from tests.desk.rig import MENU, settings
from tests.domain.menus import agency, menu
from tests.domain.menus import service as a_service
from tests.store.making import TUESDAY, at
from tests.sync.fqm_double import FqmDouble
from tests.sync.linked_kiosk import LinkedKiosk
from tests.sync.reserving_server import ReservingServer
from tests.sync.scripted import Asked, Hold, Reply, ScriptedServer, http, raw

TASKS = ("ktp", "kk", "akta", "ukl")
SERVING = Path(__file__).with_name("fqm_serving.py")
LIVE = os.environ.get("FQM_CHECKOUT")
LATE_AFTER_S = 3.0 if LIVE else 0.5
"""An exchange that ends before the answer to its POST, but not before FQM has given its lists."""


class Fqm:
    """FQM as seen from outside, by its own interface; ``set_up`` changes its settings."""

    def __init__(self, url: str, token: str, set_up: FqmDouble | Path) -> None:
        self.url, self.token = url, token
        self._set_up = set_up

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON value that FQM answers; None without one."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(
            method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=20
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content.strip() else None

    @property
    def tickets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while page := self.ask("GET", f"/tickets/?chunk={len(found) // 30 + 1}"):
            found += page
            if len(page) < 30:
                break
        return found

    @property
    def names(self) -> list[str]:
        return [one["name"] for one in self.tickets]

    @property
    def numbers(self) -> list[str]:
        """The kiosks' numbers, as a board of FQM shows them."""
        return [name.partition(" ")[0] for name in self.names]

    def print_slips(self, on: bool, fails: bool = False) -> None:
        """FQM prints slips itself: with ``lp``, whose exit status it ignores, or on a USB printer
        that it does not have (``fails``). ``on`` false: registered tickets."""
        if isinstance(self._set_up, FqmDouble):
            self._set_up.registered, self._set_up.printer_fails = not on, fails
        else:
            self._change("UPDATE touchs SET n = ?", int(not on))
            self._change("UPDATE settings SET lp_printing = ?", int(not fails))

    def set_office(self, task: str, has: bool) -> None:
        """``task`` has the one office, or none."""
        if isinstance(self._set_up, FqmDouble):
            (self._set_up.no_office.discard if has else self._set_up.no_office.add)(task)
            return
        task_id = "(SELECT id FROM tasks WHERE name = ?)"
        if has:
            self._change(f"INSERT INTO mtasks (office_id, task_id) VALUES (1, {task_id})", task)
        else:
            self._change(f"DELETE FROM mtasks WHERE task_id = {task_id}", task)

    def _change(self, statement: str, value: object) -> None:
        assert isinstance(self._set_up, Path)
        with closing(sqlite3.connect(self._set_up)) as database, database:
            assert database.execute(statement, (value,)).rowcount == 1

    def call(self, name: str) -> None:
        """A clerk calls the ticket of that name."""
        (one,) = (one for one in self.tickets if one["name"] == name)
        self.ask("GET", f"/tickets/pull?ticket_id={one['id']}")


@pytest.fixture
def double() -> Iterator[FqmDouble]:
    double = FqmDouble(*TASKS)
    yield double
    double.close()


@pytest.fixture
def fqm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fqm]:
    if LIVE is None:
        double: FqmDouble = request.getfixturevalue("double")
        yield Fqm(double.url, double.token, double)
        return
    database = tmp_path / "fqm.sqlite"
    argv = [os.environ["FQM_PYTHON"], str(SERVING), LIVE, str(database), "0", *TASKS]
    own = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=own) as process:
        assert process.stdout is not None
        port, token = process.stdout.readline().decode().split()
        yield Fqm(f"http://127.0.0.1:{port}", token, database)
        process.kill()


@pytest.fixture
def front(fqm: Fqm) -> Iterator[ScriptedServer]:
    """A proxy before FQM; ``script`` replaces its next answers."""
    with ScriptedServer(default=forwarded(fqm)) as front:
        yield front


Make = Callable[..., LinkedKiosk]


@pytest.fixture
def make(tmp_path: Path, front: ScriptedServer, fqm: Fqm) -> Iterator[Make]:
    made: list[LinkedKiosk] = []

    def make(name: str = "lobi-1", letter: str = "", **more: Any) -> LinkedKiosk:
        base = settings(catalogue=MENU)
        machine = replace(base.kiosk, letter=letter, kiosks=2 if letter else 1)
        own: dict[str, Any] = {"menu": replace(base, kiosk=machine), "token": fqm.token}
        kiosk = LinkedKiosk(tmp_path / name, front.url, kind="fqm", **(own | more))
        made.append(kiosk)
        return kiosk

    yield make
    for kiosk in made:
        kiosk.close()


def forwarded(fqm: Fqm) -> Reply:
    """Passes a request on to FQM."""

    def reply(connection: socket.socket, asked: Asked) -> bool:
        kept = {k: v for k, v in asked.headers.items() if k in ("authorization", "content-type")}
        answer = requests.request(
            asked.method,
            fqm.url + asked.path,
            data=asked.body,
            headers=kept,
            timeout=20,
            allow_redirects=False,
        )
        status, kind = f"{answer.status_code} {answer.reason}", answer.headers["Content-Type"]
        return http(answer.content, status, kind)(connection, asked)

    return reply


def posting(reply: Reply, otherwise: Reply) -> Reply:
    """``reply`` to a POST, ``otherwise`` to everything else."""

    def choose(connection: socket.socket, asked: Asked) -> bool:
        return (reply if asked.method == "POST" else otherwise)(connection, asked)

    return choose


def executed(fqm: Fqm) -> Reply:
    """FQM executes the request, and its answer is lost."""

    def reply(connection: socket.socket, asked: Asked) -> bool:
        return forwarded(fqm)(_Nowhere(), asked) and False  # type: ignore[arg-type]

    return reply


class _Nowhere:
    def sendall(self, _: bytes) -> None:
        """The answer is lost."""


# ── numbers ──────────────────────────────────────────────────────────────────────────────


def test_fqm_gets_the_number_that_the_visitor_has(make: Make, fqm: Fqm) -> None:
    kiosk = make()
    assert kiosk.meet()
    assert not kiosk.link.refresh_status().barred
    one, two = kiosk.issue().ticket, kiosk.issue("ukl").ticket
    assert [one.number, two.number] == ["DK-001", "DL-001"]
    assert kiosk.meet()
    assert fqm.names == [name_of(ticket_row(one)), name_of(ticket_row(two))]
    assert fqm.numbers == ["DK-001", "DL-001"]
    assert {one["n"] for one in fqm.tickets} == {True}, "a board shows the name"
    tasks = {one["id"]: one["name"] for one in fqm.ask("GET", "/tasks/")}
    assert [tasks[one["task_id"]] for one in fqm.tickets] == ["ktp", "ukl"]
    assert kiosk.backlog == Backlog()
    assert kiosk.link.refresh_status().notices == ()
    assert kiosk.meet()
    assert len(fqm.names) == 2, "the outcome of a slip makes no second ticket"


def test_numbers_of_fqm_are_not_used_because_two_may_be_the_same(
    make: Make, front: ScriptedServer
) -> None:
    kiosk = make()
    assert kiosk.meet()
    front.asked.clear()
    assert kiosk.number() == "DK-001"
    assert front.asked == [], "no visitor waits for FQM"
    assert kiosk.link.online
    with pytest.raises(NotReserving):
        kiosk.link._client.reserve(kiosk.wish(), 1.0)


def test_before_fqm_was_ever_reached_numbers_are_given(
    make: Make, front: ScriptedServer, fqm: Fqm
) -> None:
    front.default = raw(b"")
    kiosk = make()
    assert not kiosk.meet()
    assert not kiosk.link.refresh_status().barred
    assert kiosk.number() == "DK-001"
    front.default = forwarded(fqm)
    assert kiosk.meet()
    assert fqm.numbers == ["DK-001"]


def test_two_kiosks_have_their_letters(make: Make, fqm: Fqm) -> None:
    one, two = make("lobi-1", "A"), make("lobi-2", "B")
    assert one.link.refresh_status().terms.letter == "A"
    for kiosk in (one, two, one, two):
        assert kiosk.meet()
        kiosk.number()
    assert one.meet()
    assert two.meet()
    assert sorted(fqm.numbers) == ["DK-A001", "DK-A002", "DK-B001", "DK-B002"]
    assert one.backlog == two.backlog == Backlog()


def test_one_of_several_kiosks_needs_a_letter(make: Make) -> None:
    base = settings(catalogue=MENU)
    kiosk = make(menu=replace(base, kiosk=replace(base.kiosk, kiosks=2)))
    assert kiosk.meet()
    with pytest.raises(LetterMissing):
        kiosk.number()


def test_a_later_journal_takes_another_letter(make: Make, fqm: Fqm) -> None:
    kiosk = make("lobi-1", "A")
    assert kiosk.meet()
    assert [kiosk.number(), kiosk.number()] == ["DK-A001", "DK-A002"]
    kiosk.journal.replace(kiosk.clock(), kiosk.journal.id, CONFLICT)
    third = kiosk.number()
    assert third[:4] == "DK-A"
    assert third[4:] not in ("001", "002", "003"), "a letter follows the kiosk's own"
    assert kiosk.link.refresh_status().terms.letter == third[3:5]
    assert kiosk.meet()
    assert sorted(fqm.numbers) == sorted(["DK-A001", "DK-A002", third])
    assert kiosk.backlog == Backlog()


def test_quotas_are_this_kiosk_s_own(make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    assert kiosk.desk.numbers_left()["akta"].numbers == 2
    kiosk.number("akta")
    assert kiosk.meet()
    assert kiosk.desk.numbers_left()["akta"].numbers == 1
    assert kiosk.desk.numbers_left()["akta"].own


# ── lost replies, repeats ────────────────────────────────────────────────────────────────


def test_a_lost_reply_makes_no_second_ticket(make: Make, front: ScriptedServer, fqm: Fqm) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.number()
    front.default = posting(executed(fqm), forwarded(fqm))
    assert not kiosk.meet()
    assert kiosk.backlog == Backlog(1)
    assert fqm.numbers == ["DK-001"]
    front.default = forwarded(fqm)
    assert kiosk.meet()
    assert fqm.numbers == ["DK-001"]
    assert kiosk.backlog == Backlog()


def test_a_request_that_was_lost_is_repeated(make: Make, front: ScriptedServer, fqm: Fqm) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.number()
    front.default = posting(raw(b""), forwarded(fqm))
    assert not kiosk.meet()
    assert fqm.numbers == []
    front.default = forwarded(fqm)
    assert kiosk.meet()
    assert fqm.numbers == ["DK-001"]


def test_a_kiosk_that_died_before_the_answer_makes_no_second_ticket(
    make: Make, front: ScriptedServer, fqm: Fqm
) -> None:
    kiosk = make()
    assert kiosk.meet()
    for _ in range(35):
        kiosk.number()
    front.default = posting(executed(fqm), forwarded(fqm))
    assert not kiosk.meet()
    kiosk.restart(clean=False)
    front.default = forwarded(fqm)
    while kiosk.backlog.pending:
        assert kiosk.meet()
    assert fqm.numbers == [f"DK-{n:03d}" for n in range(1, 36)], "also on the second page"


def test_a_request_that_is_executed_late_leaves_one_ticket(
    front: ScriptedServer, fqm: Fqm, tmp_path: Path, make: Make
) -> None:
    """The POST timed out in FQM's queue and is executed after it was repeated."""
    kiosk, now_s = make(), [1000.0]
    kiosk.issue()
    (row,) = (ticket_row(ticket) for ticket in kiosk.tickets.values())
    client = FqmClient(
        front.url,
        kiosk.folder / "token",
        menu=lambda: MENU,
        exchange_s=LATE_AFTER_S,
        mono=lambda: now_s[0],
    )
    late = Hold(executed(fqm))
    front.default = posting(late, forwarded(fqm))
    with pytest.raises(SyncError):
        client.sync(asking(row))
    client._exchange_s = 10.0
    front.default = forwarded(fqm)
    assert statuses(client, row) == ["stored"]
    late.release.set()
    wait_for(lambda: len(fqm.names) == 2)
    now_s[0] += LATE_S
    assert statuses(client) == []
    assert fqm.names == [name_of(row)]
    client.close()


def test_of_two_tickets_the_one_that_was_called_is_kept(fqm: Fqm, make: Make) -> None:
    kiosk = make()
    ticket = kiosk.issue().ticket
    name = name_of(ticket_row(ticket))
    task = fqm.ask("GET", "/tasks/")[0]["id"]
    first = fqm.ask("POST", "/tickets/", {"task_id": task, "name": name})
    second = fqm.ask("POST", "/tickets/", {"task_id": task, "name": name})
    fqm.ask("GET", f"/tickets/pull?ticket_id={second['id']}")
    assert kiosk.meet()
    assert [one["id"] for one in fqm.tickets] == [second["id"]]
    assert first["id"] != second["id"]


def test_a_day_without_fqm(make: Make, front: ScriptedServer, fqm: Fqm) -> None:
    kiosk = make()
    assert kiosk.meet()
    front.default = raw(b"")
    given = []
    for _ in range(6):
        given.append(kiosk.number())
        assert not kiosk.meet()
    front.default = forwarded(fqm)
    assert kiosk.meet()
    assert fqm.numbers == given == [f"DK-{n:03d}" for n in range(1, 7)]


# ── a number that is given back ──────────────────────────────────────────────────────────


def test_a_number_that_is_given_back_leaves_the_queue(make: Make, fqm: Fqm) -> None:
    kiosk = make()
    assert kiosk.meet()
    never_sent = kiosk.issue().ticket
    kiosk.desk.void(never_sent.id)
    assert kiosk.meet()
    assert fqm.names == []
    sent, called = kiosk.issue().ticket, kiosk.issue().ticket
    assert kiosk.meet()
    fqm.call(name_of(ticket_row(called)))
    kiosk.desk.void(sent.id)
    kiosk.desk.void(called.id)
    assert kiosk.meet()
    assert fqm.numbers == [called.number], "one that was called stays with the clerk"
    assert kiosk.backlog == Backlog()


def test_the_ticket_of_another_visitor_is_not_deleted(make: Make, fqm: Fqm) -> None:
    """FQM gives the id of a deleted ticket again."""
    kiosk = make()
    ticket = kiosk.issue().ticket
    assert kiosk.meet()
    (mine,) = fqm.tickets
    fqm.ask("DELETE", f"/tickets/{mine['id']}")
    other = fqm.ask("POST", "/tickets/", {"task_id": mine["task_id"], "name": "Ibu Sari"})
    assert other["id"] == mine["id"]
    kiosk.desk.void(ticket.id)
    assert kiosk.meet()
    assert fqm.names == ["Ibu Sari"]


def test_a_void_ticket_that_is_executed_late_leaves_the_queue(
    front: ScriptedServer, fqm: Fqm, make: Make
) -> None:
    kiosk, now_s = make(), [1000.0]
    ticket = kiosk.issue().ticket
    client = FqmClient(
        front.url,
        kiosk.folder / "token",
        menu=lambda: MENU,
        exchange_s=LATE_AFTER_S,
        mono=lambda: now_s[0],
    )
    late = Hold(executed(fqm))
    front.default = posting(late, forwarded(fqm))
    with pytest.raises(SyncError):
        client.sync(asking(ticket_row(ticket)))
    client._exchange_s = 10.0
    void = ticket_row(kiosk.desk.void(ticket.id))
    front.default = forwarded(fqm)
    assert statuses(client, void) == ["stored"]
    late.release.set()
    wait_for(lambda: len(fqm.names) == 1)
    now_s[0] += LATE_S
    assert statuses(client) == []
    assert fqm.names == []
    client.close()


# ── what FQM cannot take ─────────────────────────────────────────────────────────────────


def test_a_number_of_a_past_day_is_not_put_into_today_s_queue(
    make: Make, front: ScriptedServer, fqm: Fqm
) -> None:
    kiosk = make()
    assert kiosk.meet()
    front.default = raw(b"")
    late = kiosk.number()
    kiosk.passes(days=1)
    front.default = forwarded(fqm)
    today = kiosk.number()
    assert kiosk.meet()
    assert fqm.numbers == [today]
    assert kiosk.backlog == Backlog(parked=1)
    (said,) = kiosk.link.refresh_status().notices
    assert f"{late} (a number of a past day would be called there today)" in str(said)


def test_a_service_without_a_task_is_reported_before_a_visitor_chooses_it(
    make: Make, fqm: Fqm
) -> None:
    visa = menu(
        agency("dukcapil", a_service("ktp", prefix="DK"), a_service("visa", prefix="DV")),
    )
    kiosk = make(menu=settings(catalogue=visa))
    assert kiosk.meet()
    (said,) = kiosk.link.refresh_status().notices
    assert "FQM has no task for 1 services of the menu (visa)" in str(said)
    assert [kiosk.number("visa"), kiosk.number()] == ["DV-001", "DK-001"], "slips are right"
    assert kiosk.meet()
    assert fqm.numbers == ["DK-001"], "one row does not hold up the others"
    assert kiosk.backlog == Backlog(parked=1)
    assert "DV-001 (FQM has no task for this service)" in str(kiosk.link.status.notices[-1])


def test_a_task_may_have_the_name_of_the_service(make: Make, fqm: Fqm) -> None:
    named = menu(
        agency("dukcapil", a_service("kartu", "  KTP ", prefix="DK")),
        agency(
            "dlh", a_service("izin", "UKL", prefix="DL"), a_service("izin2", "UKL", prefix="DL")
        ),
    )
    kiosk = make(menu=settings(catalogue=named))
    assert kiosk.meet()
    (said,) = kiosk.link.refresh_status().notices
    assert "(izin, izin2)" in str(said), "a name that two services have says nothing"
    kiosk.number("kartu")
    assert kiosk.meet()
    tasks = {one["id"]: one["name"] for one in fqm.ask("GET", "/tasks/")}
    assert [tasks[one["task_id"]] for one in fqm.tickets] == ["ktp"]


def test_a_task_without_an_office_does_not_hold_up_the_others(make: Make, fqm: Fqm) -> None:
    fqm.set_office("kk", False)
    kiosk = make()
    given = [kiosk.number("kk"), kiosk.number("ktp"), kiosk.number("kk"), kiosk.number("ukl")]
    assert given == ["DK-001", "DK-002", "DK-003", "DL-001"]
    assert kiosk.meet()
    assert fqm.numbers == ["DK-002", "DL-001"]
    assert kiosk.backlog == Backlog(2)
    assert str(kiosk.link.status.notices[0]) == (
        "FQM does not make a ticket for DK-001: FQM says: Internal Server Error."
        " Has its task an office?"
    )
    fqm.set_office("kk", True)
    while kiosk.backlog.pending:
        assert kiosk.meet()
    assert sorted(fqm.numbers) == sorted(given)


def test_a_slip_that_fqm_prints_itself_is_reported(make: Make, fqm: Fqm) -> None:
    fqm.print_slips(True)
    kiosk = make()
    kiosk.number()
    assert kiosk.meet()
    assert "FQM prints a slip of its own" in str(kiosk.link.refresh_status().notices[0])
    fqm.print_slips(False)
    kiosk.number()
    assert kiosk.meet()
    assert kiosk.link.refresh_status().notices == ()


def test_fqm_s_reason_for_no_ticket_is_shown(make: Make, front: ScriptedServer, fqm: Fqm) -> None:
    fqm.print_slips(True, fails=True)
    kiosk = make()
    for _ in range(5):
        kiosk.number()
    assert kiosk.meet()
    assert kiosk.backlog == Backlog(5)
    assert str(kiosk.link.status.notices[0]) == (
        "FQM does not make a ticket for DK-001: FQM says: USB device not found (Device not found or"
        " cable not plugged in.). Has its task an office?"
    )
    posted = [asked for asked in front.asked if asked.method == "POST"]
    assert len(posted) == MOST_FAILURES, "a print at FQM is not tried for each row"
    fqm.print_slips(False)
    while kiosk.backlog.pending:
        assert kiosk.meet()
    assert sorted(fqm.numbers) == [f"DK-00{n}" for n in range(1, 6)]
    assert kiosk.link.status.notices == ()


def test_more_agencies_than_offices_are_said_in_words(make: Make) -> None:
    agencies = [agency(f"a{n}", a_service(f"s{n}"), prefix="AA") for n in range(27)]
    kiosk = make(menu=settings(catalogue=menu(*agencies)))
    (said,) = kiosk.link.remarks
    assert str(said) == (
        "FQM has at most 26 offices, and this menu has 27 agencies:"
        " some agencies must share an office"
    )
    assert make("lobi-2").link.remarks == ()


def test_a_wrong_token_is_an_alert_and_numbers_go_on(make: Make, fqm: Fqm) -> None:
    kiosk = make(token="0" * 32)
    assert not kiosk.meet()
    assert "token" in str(kiosk.link.refresh_status().notices[0])
    assert kiosk.number() == "DK-001"
    (kiosk.folder / "token").write_text(fqm.token)
    assert kiosk.meet()
    assert fqm.numbers == ["DK-001"]


def test_the_clock_of_fqm_is_not_believed(make: Make) -> None:
    kiosk = make(now=at() + timedelta(hours=3))
    assert kiosk.meet()
    assert kiosk.clock() == at() + timedelta(hours=3)
    assert kiosk.clock.ahead_s == 0


def test_a_server_of_the_contract_takes_over_on_the_next_day(
    make: Make, front: ScriptedServer
) -> None:
    """Also at the same address: its letterless numbers could be those that FQM has."""
    kiosk = make()
    assert kiosk.meet()
    assert kiosk.number() == "DK-001"
    changed(kiosk, kind="mpp")
    assert kiosk.link.url == front.url
    assert kiosk.journal.outbox.in_force(kiosk.link.url, TUESDAY) == f"fqm+{front.url}"
    assert kiosk.number() == "DK-002"


def test_fqm_takes_over_from_a_server_of_the_contract_on_the_next_day(make: Make) -> None:
    queue = ReservingServer()
    kiosk = make()
    fqm_url = kiosk.settings.kiosk.server.url
    changed(kiosk, kind="mpp", url=queue.server.url)
    assert kiosk.meet()
    assert kiosk.number() == "DK-027"
    changed(kiosk, kind="fqm", url=fqm_url)
    assert kiosk.meet()
    assert kiosk.number() == "DK-B001", "the letter of the server whose numbers are in the hall"
    kiosk.passes(days=1)
    assert kiosk.number() == "DK-001"
    queue.server.close()


@pytest.mark.skipif(not LIVE, reason="facts that the adapter avoids; only FQM itself shows them")
def test_what_the_adapter_must_not_use(fqm: Fqm) -> None:
    task = fqm.ask("GET", "/tasks/")[0]["id"]
    for name in ("one", "two"):
        fqm.ask("POST", "/tickets/", {"task_id": task, "name": name})
    fqm.ask("PUT", f"/tickets/{fqm.tickets[0]['id']}", {"name": "three"})
    assert fqm.names == ["three", "three"], "a change of one ticket changes all of them"


# ── wrong answers ────────────────────────────────────────────────────────────────────────

HTML = http(b"<html>wrong</html>", "200 OK", "text/html")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (HTML, ServerGarbled),
        (http(b"", "302 FOUND", "text/html", Location="/"), ServerGarbled),
        (http(b"{}"), ServerGarbled),
        (http(b"[1]"), ServerGarbled),
        (http(b"["), ServerGarbled),
        (http(b"", "502 Bad Gateway", "text/html"), ServerBusy),
        (http({"message": "Authentication is required"}, "401 UNAUTHORIZED"), TokenDenied),
    ],
)
def test_a_wrong_answer_loses_nothing(
    make: Make, front: ScriptedServer, fqm: Fqm, reply: Reply, kind: type[SyncError]
) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.number()
    for default in (reply, posting(reply, forwarded(fqm))):
        front.default = default
        with pytest.raises(kind):
            kiosk.link._client.sync(asking(*map(ticket_row, kiosk.tickets.values())))
        assert not kiosk.meet()
        assert kiosk.backlog == Backlog(1)
    front.default = forwarded(fqm)
    assert kiosk.meet()
    assert fqm.numbers == ["DK-001"]


def test_a_ticket_with_another_name_is_no_answer(make: Make, front: ScriptedServer) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.number()
    front.default = posting(http({"id": 2, "name": "DK-009 00000000"}), front.default or HTML)
    assert not kiosk.meet()
    assert "another name" in str(kiosk.link.problem)


@pytest.mark.skipif(bool(LIVE), reason="entries that FQM itself does not make")
def test_entries_that_are_no_tasks_or_tickets_of_a_kiosk_are_left_out(
    make: Make, double: FqmDouble
) -> None:
    double.tasks += [{"id": "x", "name": "ktp"}, {"id": 9, "name": None}, {"name": "kk"}]
    double.tickets += [
        {"id": 7, "number": "106", "name": None, "p": False},
        {"id": 8, "number": "107", "name": "Bapak Budi", "p": False},
        {"id": 9, "number": "108", "name": "Bapak Budi", "p": False},
        {"id": None, "number": "109", "name": "DK-001 00000000", "p": False},
    ]
    kiosk = make()
    kiosk.number()
    with pytest.raises(TypeError):
        # The double's own next id; the kiosk is asked below.
        max(one["id"] for one in double.tickets)
    double.tickets.pop()
    assert kiosk.meet()
    names = [one["name"] for one in double.tickets]
    assert names[:3] == [None, "Bapak Budi", "Bapak Budi"], "others' tickets are not touched"
    assert names[3].startswith("DK-001 ")


def test_a_list_without_an_end_is_refused(
    make: Make, front: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fqm_module, "MOST_PAGES", 3)
    kiosk = make()
    front.default = http(b'[{"id": 1, "name": "x"}' + b', {"id": 1, "name": "x"}' * 29 + b"]")
    assert not kiosk.meet()
    assert "more than 90 tickets" in str(kiosk.link.problem)


def changed(kiosk: LinkedKiosk, **server: Any) -> None:
    """The server's settings were changed, and the kiosk started again."""
    kiosk.close()
    machine = kiosk.settings.kiosk
    machine = replace(machine, server=replace(machine.server, **server))
    kiosk.settings = replace(kiosk.settings, kiosk=machine)
    kiosk.open()


def asking(*rows: dict[str, Any]) -> SyncRequest:
    return SyncRequest("j" * 32, 1, None, at(), "", rows, {})


def statuses(client: FqmClient, *rows: dict[str, Any]) -> list[str]:
    return [result.status for result in client.sync(asking(*rows)).results]


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until ``condition``, 20 s at most."""
    import threading

    tick = threading.Event()
    for _ in range(1000):
        if condition():
            return
        tick.wait(0.02)
    raise AssertionError("waited in vain")
