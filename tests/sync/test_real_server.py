"""A kiosk and a real server process: each mishap, and what both ends hold when it is over."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from kiosk.errors import IssueRefused, LetterMissing, Refusal
from kiosk.store.outbox import Backlog
from queue_server import access
from tests.queue_server.servers import Staff, transaction
from tests.samples import in_turn
from tests.store.making import TUESDAY, WEDNESDAY, at
from tests.sync.linked_kiosk import LinkedKiosk
from tests.sync.real import TOMORROW, Held, QueueServer
from tests.sync.scripted import Asked, Reply, ScriptedServer, http, problem

Make = Callable[..., LinkedKiosk]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Half of the tests on each database; those of the queue server itself run on both."""
    chosen = any("server" in mark.args for mark in metafunc.definition.iter_markers("parametrize"))
    if "server" in metafunc.fixturenames and not chosen:
        names = [name for name in vars(metafunc.module) if name.startswith("test_")]
        place = names.index(metafunc.function.__name__)
        databases = in_turn(["sqlite", "postgresql"], place)
        metafunc.parametrize("server", databases, indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[QueueServer]:
    on_sqlite = getattr(request, "param", "sqlite") == "sqlite"
    postgres = None if on_sqlite else request.getfixturevalue("postgres")
    server = QueueServer(tmp_path / "server", postgres)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def make(tmp_path: Path, server: QueueServer) -> Iterator[Make]:
    """Factory of kiosks, each with its own token."""
    made: list[LinkedKiosk] = []

    def new(name: str = "lobi-1", *, token: str = "", **more: object) -> LinkedKiosk:
        token = token or server.command("add-kiosk", name)
        url = str(more.pop("url", server.url))
        kiosk = LinkedKiosk(tmp_path / name, url, token=token, **more)  # type: ignore[arg-type]
        made.append(kiosk)
        return kiosk

    yield new
    for kiosk in made:
        kiosk.close()


def agree(server: QueueServer, *kiosks: LinkedKiosk) -> None:
    """Every number shown is in the server once, as it was shown; nothing is left to send."""
    shown = {i: t for kiosk in kiosks for i, t in kiosk.tickets.items()}
    held = server.tickets
    assert held == {
        i: Held(
            number=t.number,
            business_date=t.business_date.isoformat(),
            rev=t.rev,
            state=t.state,
            printed=t.printed.value if t.printed else "no",
            conflict=False,
        )
        for i, t in shown.items()
    }
    numbers = [(t.number, t.business_date) for t in shown.values()]
    assert len(set(numbers)) == len(numbers)
    for kiosk in kiosks:
        assert kiosk.backlog == Backlog()


def test_a_day_online_and_offline(server: QueueServer, make: Make) -> None:
    one, two = make("lobi-1"), make("lobi-2")
    assert one.meet()
    assert two.meet()
    assert [one.number(), two.number(), one.number("ukl")] == ["DK-001", "DK-002", "DL-001"]
    server.stop()
    assert [one.number(), one.number(), two.number()] == ["DK-A001", "DK-A002", "DK-B001"]
    voided = one.issue().ticket
    one.desk.void(voided.id)
    server.start()
    assert one.meet()
    assert two.meet()
    assert two.number() == "DK-003"
    assert two.meet()
    agree(server, one, two)
    assert server.tickets[voided.id].state == "void"


def test_a_number_that_is_given_back_leaves_the_queue_and_the_quota(
    server: QueueServer, make: Make
) -> None:
    one, two = make("lobi-1"), make("lobi-2")
    assert one.meet()
    assert two.meet()
    never_sent, sent = one.issue().ticket, one.issue().ticket
    one.desk.void(never_sent.id)
    assert one.meet(), "void at its first settlement"
    one.desk.void(sent.id)
    assert one.meet(), "void after it was settled as issued"
    assert two.number() == "DK-003", "the number is never given again"
    assert two.meet()
    agree(server, one, two)
    states = {i: held.state for i, held in server.tickets.items()}
    assert (states[never_sent.id], states[sent.id]) == ("void", "void")
    waiting = two.link.live.services["ktp"].waiting
    assert waiting == 1, "only the number that was not given back"


def test_a_void_whose_reply_is_lost_is_sent_again(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    ticket = kiosk.issue().ticket
    assert kiosk.meet()
    kiosk.desk.void(ticket.id)
    server.stop()
    assert not kiosk.meet()
    assert kiosk.backlog == Backlog(1)
    server.start()
    assert kiosk.meet()
    agree(server, kiosk)
    assert server.tickets[ticket.id].state == "void"


def test_the_late_answer(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    wish = kiosk.wish()
    reserved = kiosk.link._client.reserve(wish, 30)
    assert reserved.number == "DK-001"
    kiosk.link._connectivity.mark_offline()
    assert kiosk.desk.issue(wish).ticket.number == "DK-A001"
    assert kiosk.meet()
    assert kiosk.number() == "DK-002", "DK-001 is a gap"
    assert kiosk.meet()
    agree(server, kiosk)


def test_the_lost_reply(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    wish = kiosk.wish()
    kiosk.link._client.reserve(wish, 30)
    assert kiosk.desk.issue(wish).ticket.number == "DK-001", "the same id, the same number"
    batch = kiosk.journal.outbox.unsent(9, kiosk.now)
    assert kiosk.meet()
    epoch = kiosk.link.terms().epoch
    kiosk.journal.outbox.learn(batch.journal, kiosk.link.url, epoch="", letter="", today=TUESDAY)
    kiosk.journal.outbox.learn(batch.journal, kiosk.link.url, epoch=epoch, letter="", today=TUESDAY)
    assert kiosk.backlog.pending == 1, "as if no answer had come"
    assert kiosk.meet()
    agree(server, kiosk)


def test_the_same_id_with_another_service(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    wish = kiosk.wish("ktp")
    kiosk.link._client.reserve(wish, 30)
    other = kiosk.wish("ukl", wish.id)
    assert kiosk.desk.issue(other).ticket.number == "DL-A001", "after a 422 the own series is used"
    assert kiosk.link.online
    assert kiosk.meet()
    assert kiosk.tickets[wish.id].service == "ukl"
    agree(server, kiosk)


def test_settlement_after_two_minutes(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    first = kiosk.issue().ticket
    server.restart(at() + timedelta(minutes=3))
    kiosk.passes(minutes=3)
    assert kiosk.meet()
    assert kiosk.number() == "DK-002", "a number is never handed out again"
    assert kiosk.meet()
    assert server.tickets[first.id].number == "DK-001"
    agree(server, kiosk)


def test_a_call_before_the_settlement(server: QueueServer, make: Make) -> None:
    kiosk, staff = make(), Staff(server.url, server.command("add-staff", "petugas"))
    assert kiosk.meet()
    kiosk.link._connectivity.mark_offline()
    own = kiosk.issue().ticket
    called = staff.call("1", number=own.number)
    assert called["placeholder"], "the server has not heard of it"
    kiosk.passes(seconds=30)
    assert kiosk.meet()
    agree(server, kiosk)
    at_counter = staff.call("1")
    assert (at_counter["id"], at_counter["number"]) == (own.id, own.number)
    assert staff.waiting() == [], "it is not called a second time"


SICK = [
    http(b"<html>404 Not Found</html>", "404 Not Found", "text/html"),
    http(b"<html>502 Bad Gateway</html>", "502 Bad Gateway", "text/html"),
    problem("500 Internal Server Error", "broken"),
]


@pytest.mark.parametrize("says", SICK, ids=["404", "502", "500"])
def test_an_hour_of_a_proxy_in_place_of_the_server(
    server: QueueServer, make: Make, says: Reply
) -> None:
    with ScriptedServer(default=forwarded(server)) as front:
        kiosk = make(url=front.url)
        assert kiosk.meet()
        assert kiosk.number() == "DK-001"
        front.default = says
        for minute in range(60):
            kiosk.passes(minutes=1)
            assert not kiosk.meet()
            if minute % 10 == 0:
                kiosk.number()
        assert kiosk.backlog == Backlog(7, 0), "nothing is refused, nothing is lost"
        server.restart(at() + timedelta(hours=1))
        front.default = forwarded(server)
        assert kiosk.meet()
        assert kiosk.number() == "DK-002"
        assert kiosk.meet()
        own = [t.number for t in kiosk.tickets.values() if t.number.startswith("DK-A")]
        assert own == [f"DK-A{n:03d}" for n in range(1, 7)]
        agree(server, kiosk)


def forwarded(server: QueueServer) -> Reply:
    """A proxy's error while the server behind it works."""

    def reply(connection: socket.socket, asked: Asked) -> bool:
        kept = {k: v for k, v in asked.headers.items() if k.lower() in PASSED_ON}
        answer = requests.request(
            asked.method, server.url + asked.path, data=asked.body, headers=kept, timeout=20
        )
        status = f"{answer.status_code} {answer.reason}"
        more = {"ETag": answer.headers["ETag"]} if "ETag" in answer.headers else {}
        return http(answer.content, status, answer.headers["Content-Type"], **more)(
            connection, asked
        )

    return reply


PASSED_ON = ("authorization", "content-type", "accept")


def test_a_revoked_token_with_rows_unsent(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.number()
    server.command("revoke", "lobi-1")
    with pytest.raises(IssueRefused) as caught:
        kiosk.number()
    assert caught.value.reason is Refusal.REVOKED
    assert not kiosk.meet()
    assert kiosk.backlog == Backlog(1, 0)
    kiosk.restart()
    with pytest.raises(IssueRefused):
        kiosk.number()
    (kiosk.folder / "token").write_text(server.command("add-kiosk", "lobi-1"))
    assert kiosk.meet()
    assert kiosk.number() == "DK-002"
    assert kiosk.meet()
    agree(server, kiosk)


def test_day_rollover_between_reserve_and_settle(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    late = kiosk.issue().ticket
    server.restart(TOMORROW)
    kiosk.passes(days=1)
    kiosk.link._connectivity.mark_offline()
    own = kiosk.issue().ticket
    assert kiosk.meet()
    early = kiosk.issue().ticket
    assert kiosk.meet()
    assert [(t.number, t.business_date) for t in (late, own, early)] == [
        ("DK-001", TUESDAY),
        ("DK-A001", WEDNESDAY),
        ("DK-001", WEDNESDAY),
    ]
    agree(server, kiosk)


@pytest.mark.parametrize("wrong", [timedelta(hours=3), timedelta(days=365), -timedelta(days=365)])
def test_a_wrong_clock(server: QueueServer, make: Make, wrong: timedelta) -> None:
    kiosk = make(now=at() + wrong)
    assert kiosk.meet()
    kiosk.number()
    kiosk.link._connectivity.mark_offline()
    assert kiosk.number() == "DK-A001"
    assert kiosk.meet()
    assert {t.business_date for t in kiosk.tickets.values()} == {TUESDAY}
    agree(server, kiosk)


def test_a_journal_restored_from_an_old_copy(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.link._connectivity.mark_offline()
    assert kiosk.number() == "DK-A001"
    kiosk.close()
    image = kiosk.folder.with_name("image")
    shutil.copytree(kiosk.folder, image)
    kiosk.open()
    assert kiosk.meet()
    kiosk.link._connectivity.mark_offline()
    assert kiosk.number() == "DK-A002"
    assert kiosk.meet()
    before = kiosk.tickets
    kiosk.close()
    # The whole folder, witness and all: only the server can tell.
    for path in image.iterdir():
        if path.is_file():
            shutil.copy2(path, kiosk.folder / path.name)
    kiosk.open()
    kiosk.meet()
    assert kiosk.meet()
    kiosk.link._connectivity.mark_offline()
    assert kiosk.number() == "DK-B001", "a letter not used before"
    assert kiosk.meet()
    numbers = sorted(held.number for held in server.tickets.values())
    assert numbers == ["DK-A001", "DK-A002", "DK-B001"]
    assert not any(held.conflict for held in server.tickets.values())
    assert set(before) | set(kiosk.tickets) == set(server.tickets)
    assert kiosk.backlog == Backlog()


def test_a_cloned_journal(server: QueueServer, make: Make, tmp_path: Path) -> None:
    kiosk = make("lobi-1")
    assert kiosk.meet()
    kiosk.link._connectivity.mark_offline()
    assert kiosk.number() == "DK-A001"
    kiosk.close()
    shutil.copytree(kiosk.folder, tmp_path / "lobi-2", dirs_exist_ok=True)
    kiosk.open()
    first = kiosk.journal.id
    clone = make("lobi-2", machine="machine-2")
    with pytest.raises(LetterMissing):
        clone.number()
    assert clone.meet()
    kiosk.meet()
    assert kiosk.journal.id != first, "the clone has named it: whose numbers are they now?"
    assert server.ended_by(first) == set(), "the clone cannot say that it has ended"
    assert kiosk.meet()
    assert server.ended_by(first) == {kiosk.journal.id}
    clone.link._connectivity.mark_offline()
    kiosk.link._connectivity.mark_offline()
    shown = [kiosk.number(), clone.number(), kiosk.number(), clone.number()]
    assert kiosk.meet()
    clone.meet()
    assert len(set(shown)) == 4
    held = server.tickets
    assert all(t.id in held for t in kiosk.tickets.values())
    assert all(t.id in held for t in clone.tickets.values() if t.number in shown)
    assert not any(one.conflict for one in held.values())
    assert kiosk.backlog.pending == 0
    assert clone.backlog.pending == 0


def test_a_server_restored_from_a_backup(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.number()
    assert kiosk.meet()
    copy = server.backup()
    assert kiosk.number() == "DK-002"
    kiosk.link._connectivity.mark_offline()
    assert kiosk.number() == "DK-A001"
    assert kiosk.meet()
    agree(server, kiosk)
    epoch = kiosk.link.terms().epoch
    server.put_back(copy)
    assert len(server.tickets) == 1
    assert kiosk.meet()
    assert kiosk.meet()
    assert kiosk.link.terms().epoch != epoch
    agree(server, kiosk)
    shown = kiosk.number()
    assert shown not in ("DK-001", "DK-002")
    assert kiosk.meet()
    agree(server, kiosk)


def refusals(server: QueueServer) -> int:
    """How often the server has refused a row."""
    figures = requests.get(f"{server.url}/metrics", timeout=30).text
    (line,) = re.findall(r'^queue_rows_total\{outcome="refused"\} (\d+)', figures, re.MULTILINE)
    return int(line)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_number_that_the_server_has_lost(server: QueueServer, make: Make) -> None:
    """A backup was restored without ``restored``: staff get a notice, and can run it later."""
    kiosk = make()
    assert kiosk.meet()
    copy = server.backup()
    assert kiosk.number() == "DK-001"
    server.put_back(copy, forgetful=True)
    assert kiosk.meet()
    assert kiosk.backlog == Backlog(parked=1)
    (said,) = kiosk.link.status.notices
    assert "refuses 1 of this machine's numbers: DK-001 (it was not reserved there" in str(said)
    with transaction(server.database) as connection:
        token, _ = access.add(connection, "staff", "office", None, 0)
    assert kiosk.meet()
    (listed,) = Staff(server.url, token).ask("GET", "/kiosks").json()["kiosks"]
    assert listed["health"]["refused"] == 1

    assert refusals(server) == 1, "not at each exchange"
    kiosk.passes(days=1)
    assert kiosk.meet()
    assert refusals(server) == 2, "once more on the next day"
    kiosk.restart()
    assert kiosk.meet()
    assert refusals(server) == 3, "and at the start"
    assert kiosk.backlog == Backlog(parked=1)

    server.stop()
    server.restored()
    server.start(kiosk.now)
    assert kiosk.meet()
    assert kiosk.meet()
    assert kiosk.link.status.notices == ()
    agree(server, kiosk)


def test_a_kiosk_killed_before_it_could_settle(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.number()
    kiosk.link._connectivity.mark_offline()
    kiosk.number()
    kiosk.restart(clean=False)
    assert kiosk.meet()
    kiosk.link._connectivity.mark_offline()
    assert kiosk.number() == "DK-A022", "an unclean stop skips 20"
    assert kiosk.meet()
    agree(server, kiosk)


def test_quota_over_two_kiosks(server: QueueServer, make: Make) -> None:
    one, two = make("lobi-1"), make("lobi-2")
    assert one.meet()
    assert two.meet()
    assert one.number("akta") == "DK-001"
    assert two.number("akta") == "DK-002"
    with pytest.raises(IssueRefused) as caught:
        one.number("akta")
    assert caught.value.reason is Refusal.QUOTA
    assert one.meet()
    assert two.meet()
    agree(server, one, two)


def test_an_edit_of_the_menu_reaches_the_kiosk(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    assert len(kiosk.menus) == 1
    text = server.menu.read_text().replace("Population Office", "Office of the Population")
    server.menu.write_text(text)

    def arrived() -> bool:
        kiosk.meet()
        return len(kiosk.menus) == 2

    wait_for(arrived)
    assert "Office of the Population" in kiosk.menus[1].config_dir


def test_the_queue_is_live(server: QueueServer, make: Make) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.number()
    kiosk.number()

    def waiting() -> bool:
        kiosk.meet()
        live = kiosk.link.live
        service = live.of("ktp", live.at_s)
        return service is not None and service.waiting == 2

    wait_for(waiting)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until ``condition``, 20 s at most."""
    import threading

    tick = threading.Event()
    for _ in range(400):
        if condition():
            return
        tick.wait(0.05)
    raise AssertionError("waited in vain")
