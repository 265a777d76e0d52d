"""The desk and a server that is slow, wrong or gone: what the visitor is shown is the truth."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.refusals import refused
from kiosk.domain.slip import TextLine
from kiosk.errors import IssueRefused, LetterMissing, Refusal
from menu.local_text import LocalText
from tests.store.making import TUESDAY, at
from tests.sync.scripted import Asked, Hold, Reply, ScriptedServer, http, problem, raw
from tests.sync.till import Till, moment, synced

HTML = b"<html>no</html>"


class ReservingServer:
    """A correct server on loopback; ``puts`` and ``syncs`` replace its next answers."""

    def __init__(self) -> None:
        self.server = ScriptedServer(default=self._answer)
        self.puts: list[Reply] = []
        self.syncs: list[Reply] = []
        self.more: dict[str, Any] = {}
        self.last = 26
        self.rows: dict[str, dict[str, Any]] = {}

    def _answer(self, connection: socket.socket, asked: Asked) -> bool:
        script = self.puts if asked.method == "PUT" else self.syncs
        reply = script.pop(0) if script else self._well(asked)
        return reply(connection, asked)

    def _well(self, asked: Asked) -> Reply:
        if asked.method == "PUT":
            return http(self.reserved(asked.path.rpartition("/")[2]))
        said = asked.json
        self.rows |= {row["id"]: row for row in said["tickets"]}
        return http(synced(said, **self.more))

    def reserved(self, ticket_id: str, **more: Any) -> dict[str, Any]:
        self.last += 1
        return {
            "id": ticket_id,
            "number": f"DK-{self.last:03d}",
            "business_date": "2026-11-24",
            "ahead": 4,
            "wait_minutes": [15, 20],
            "epoch": "e1",
        } | more

    @property
    def asked_for_numbers(self) -> int:
        return len(self.server.of("PUT"))


@pytest.fixture
def queue() -> Iterator[ReservingServer]:
    queue = ReservingServer()
    yield queue
    queue.server.close()


@pytest.fixture
def till(tmp_path: Path, queue: ReservingServer) -> Iterator[Till]:
    till = Till(tmp_path / "kiosk", queue.server.url)
    assert till.meet()
    yield till
    till.close()


def test_online_the_server_gives_the_number(till: Till, queue: ReservingServer) -> None:
    ticket = till.issue().ticket
    assert (ticket.number, ticket.business_date) == ("DK-027", TUESDAY)
    texts = [line.text for line in till.tray.slips[0].lines if isinstance(line, TextLine)]
    assert any("4" in text for text in texts), texts
    assert any("15" in text and "20" in text for text in texts), texts
    assert till.meet()
    assert queue.rows[ticket.id]["number"] == "DK-027"
    assert queue.rows[ticket.id]["printed"] == "confirmed"
    assert till.backlog.pending == 0


def test_before_the_first_exchange_the_server_is_not_asked(
    tmp_path: Path, queue: ReservingServer
) -> None:
    till = Till(tmp_path / "kiosk", queue.server.url)
    with pytest.raises(LetterMissing):
        till.number()
    assert queue.asked_for_numbers == 0
    assert till.link.refresh_status().barred
    assert till.meet()
    assert not till.link.status.barred
    assert till.number() == "DK-027"
    till.close()


def test_the_late_answer(tmp_path: Path, queue: ReservingServer) -> None:
    till = Till(tmp_path / "kiosk", queue.server.url, deadline_s=0.2)
    assert till.meet()
    late = Hold(raw(b""))
    queue.puts = [late]
    wish = till.wish()
    late.then = http(queue.reserved(wish.id))
    shown = till.desk.issue(wish).ticket
    assert shown.number == "DK-B001"
    assert late.reached.is_set()
    late.release.set()
    assert not till.link.online
    assert till.number() == "DK-B002", "the next visitor does not wait"
    assert queue.asked_for_numbers == 1
    assert till.meet()
    assert queue.rows[wish.id]["number"] == "DK-B001", "what was shown is settled for the same id"
    assert till.number() == "DK-028"
    assert till.desk.issue(wish).ticket.number == "DK-B001", "and it stays so"
    till.close()


def test_the_lost_reply(till: Till, queue: ReservingServer) -> None:
    wish = till.wish()
    queue.puts = [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{")] * 2
    assert till.desk.issue(wish).ticket.number == "DK-B001"
    assert not till.link.online


@pytest.mark.parametrize(
    "reply",
    [
        http(HTML, "404 Not Found", "text/html"),
        http(HTML, "502 Bad Gateway", "text/html"),
        http(HTML, "200 OK", "text/html"),
        http(b"", "302 Found", Location="http://127.0.0.1:9/"),
        http(b"", "500 Internal Server Error"),
        http(b"", "429 Too Many Requests", Retry_After="30"),
        http(b"{}"),
        http({"id": "another", "number": "DK-027", "business_date": "2026-11-24"}),
        problem("401 Unauthorized", "unauthorized"),
        problem("418 I'm a teapot", "teapot"),
        http({"code": "closed"}, "409 Conflict"),
    ],
)
def test_after_any_other_failure_the_own_series_is_used_and_one_visitor_waits(
    till: Till, queue: ReservingServer, reply: Reply
) -> None:
    queue.puts = [reply]
    assert till.number() == "DK-B001"
    assert not till.link.online
    assert till.number() == "DK-B002"
    assert queue.asked_for_numbers == 1
    assert till.meet()
    assert {row["number"] for row in queue.rows.values()} == {"DK-B001", "DK-B002"}
    assert till.number() == "DK-027"


@pytest.mark.parametrize("code", ["not_found", "service_changed", "invalid"])
def test_a_refusal_of_one_id_does_not_mark_the_kiosk_offline(
    till: Till, queue: ReservingServer, code: str
) -> None:
    queue.puts = [problem("422 Unprocessable Content", code)]
    assert till.number() == "DK-B001"
    assert till.number() == "DK-027"


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("closed", Refusal.PAUSED),
        ("paused", Refusal.PAUSED),
        ("quota_full", Refusal.QUOTA),
    ],
)
def test_each_of_three_codes_refuses_the_visitor(
    till: Till, queue: ReservingServer, code: str, trouble: Refusal
) -> None:
    queue.puts = [problem("409 Conflict", code, "Sudah penuh")]
    wish = till.wish()
    with pytest.raises(IssueRefused, match="Sudah penuh") as caught:
        till.desk.issue(wish)
    assert refused(wish.id, caught.value).trouble is trouble
    assert till.journal.tickets() == ()
    assert till.link.online
    assert till.desk.issue(wish).ticket.number == "DK-027", "the same id, once it may"


def test_text_and_end_of_a_refusal_reach_the_visitor(till: Till, queue: ReservingServer) -> None:
    document = {
        "title": "full",
        "status": 409,
        "code": "quota_full",
        "detail": "Full",
        "message": {"id": "Nomor pagi ini habis.", "en": "No more this morning.", "xx": 5},
        "until": "2026-11-24T12:00:00+08:00",
    }
    queue.puts = [http(document, "409 Conflict", "application/problem+json")]
    wish = till.wish()
    with pytest.raises(IssueRefused) as caught:
        till.desk.issue(wish)
    said = refused(wish.id, caught.value)
    assert said.until == datetime.fromisoformat("2026-11-24T12:00:00+08:00")
    assert said.words == LocalText.of(id="Nomor pagi ini habis.", en="No more this morning.")


def test_a_revoked_token_stops_issuing_and_nothing_else(till: Till, queue: ReservingServer) -> None:
    queue.puts = [http(b"", "503 Service Unavailable")]
    assert till.number() == "DK-B001"
    assert till.meet()
    till.number()
    queue.puts = [problem("401 Unauthorized", "revoked")]
    wish = till.wish()
    with pytest.raises(IssueRefused) as caught:
        till.desk.issue(wish)
    assert refused(wish.id, caught.value).trouble is Refusal.NUMBERS
    assert till.link.status.barred
    assert "revoked" in str(till.link.status.notices[0])
    assert till.backlog.pending == 1, "the rows are kept"
    till.restart()
    with pytest.raises(IssueRefused):
        till.number()
    queue.syncs = [problem("401 Unauthorized", "revoked")]
    assert not till.meet()
    assert till.meet(), "a new token"
    assert till.backlog.pending == 0
    assert till.number() == "DK-028"


def test_another_401_marks_the_kiosk_offline_with_an_alert(
    till: Till, queue: ReservingServer
) -> None:
    queue.syncs = [problem("401 Unauthorized", "unauthorized")]
    assert not till.meet()
    assert "token" in str(till.link.status.notices[0])
    assert till.number() == "DK-B001"
    assert till.meet()
    assert till.link.status.notices == ()


def test_an_exchange_that_began_before_a_failure_does_not_mark_the_kiosk_online(
    till: Till, queue: ReservingServer
) -> None:
    from threading import Thread

    hold = Hold(http(synced()))
    queue.syncs = [hold]
    exchange = Thread(target=till.link.exchange_now)
    exchange.start()
    assert hold.reached.wait(20)
    queue.puts = [http(b"", "500 Internal Server Error")]
    assert till.number() == "DK-B001"
    hold.release.set()
    exchange.join(20)
    assert not till.link.online
    assert till.meet()


def test_a_number_already_in_the_journal_is_not_used_again(
    till: Till, queue: ReservingServer
) -> None:
    assert till.number() == "DK-027"
    queue.last = 26
    assert till.number() == "DK-B001"


def test_the_reservation_keeps_its_date_over_midnight(till: Till, queue: ReservingServer) -> None:
    wish = till.wish()
    queue.puts = [http(queue.reserved(wish.id, business_date="2026-11-23"))]
    ticket = till.desk.issue(wish).ticket
    assert (ticket.number, ticket.business_date) == ("DK-027", date(2026, 11, 23))
    assert till.meet()
    assert queue.rows[wish.id]["business_date"] == "2026-11-23"


def test_offline_the_last_quota_is_counted_down(till: Till, queue: ReservingServer) -> None:
    queue.more = {"services": {"ktp": {"waiting": 1, "quota_left": 2, "open": True}}}
    assert till.meet()
    queue.syncs = [http(b"", "500 Internal Server Error")]
    assert not till.meet()
    assert [till.number(), till.number()] == ["DK-B001", "DK-B002"]
    with pytest.raises(IssueRefused) as caught:
        till.number()
    assert caught.value.reason is Refusal.QUOTA
    assert till.number("kk") == "DK-B003", "other services have their own"


# ── clocks ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("wrong", [timedelta(hours=3), timedelta(days=365), -timedelta(days=365)])
def test_a_wrong_clock_causes_no_wrong_date(
    tmp_path: Path, queue: ReservingServer, wrong: timedelta
) -> None:
    till = Till(tmp_path / "kiosk", queue.server.url, now=at() + wrong)
    assert till.link.refresh_status().barred, "also while the wrong date is all that is known"
    assert till.meet()
    assert "clock" in str(till.link.status.notices[0])
    queue.puts = [http(b"", "500 Internal Server Error")]
    ticket = till.issue().ticket
    assert (ticket.number, ticket.business_date) == ("DK-B001", TUESDAY)
    assert abs(ticket.issued_at - at()) < timedelta(minutes=1)
    assert not till.journal.clock_went_back
    till.passes(days=1)
    queue.more = {"server_time": moment(at() + timedelta(days=1))}
    assert till.meet()
    queue.puts = [http(b"", "500 Internal Server Error")]
    tomorrow = till.issue().ticket
    assert (tomorrow.number, tomorrow.business_date) == ("DK-B001", date(2026, 11, 25))
    till.close()


def test_dates_from_the_future_are_corrected(tmp_path: Path, queue: ReservingServer) -> None:
    till = Till(tmp_path / "kiosk", queue.server.url)
    assert till.meet()
    till.now += timedelta(days=365)
    till.restart()
    first = till.issue().ticket
    assert (first.number, first.business_date) == ("DK-B001", date(2027, 11, 24))
    assert till.meet()
    queue.puts = [http(b"", "500 Internal Server Error")]
    second = till.issue().ticket
    assert (second.number, second.business_date) == ("DK-B002", TUESDAY)
    assert not till.journal.clock_went_back
    assert till.meet()
    assert till.backlog.pending == 0
    till.close()


# ── journals ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "say",
    [
        lambda _: problem("409 Conflict", "journal_conflict"),
        lambda asked: http(synced(asked.json, notice={"code": "journal_conflict"})),
    ],
)
def test_a_journal_conflict_quarantines_the_journal(
    till: Till, queue: ReservingServer, say: Callable[[Asked], Reply]
) -> None:
    queue.puts = [http(b"", "500 Internal Server Error")]
    assert till.number() == "DK-B001"
    first = till.journal.id
    queue.syncs = [lambda connection, asked: say(asked)(connection, asked)]
    till.meet()
    assert till.journal.id != first
    with pytest.raises(LetterMissing):
        till.journal.issue(
            till.wish(), prefix="DK", letter="", business_date=TUESDAY, now=at(),
            date_confirmed=True, server=till.link.url,
        )  # fmt: skip
    queue.more = {"letter": "C"}
    assert till.meet()
    said = queue.server.of("POST")[-1].json
    assert (said["journal"], said["follows"]) == (till.journal.id, first)
    assert [row["journal"] for row in said["tickets"]] == [first]
    queue.puts = [http(b"", "500 Internal Server Error")]
    assert till.number() == "DK-C001"
    assert till.backlog.pending == 1


# ── the menu ─────────────────────────────────────────────────────────────────────────────


def test_the_servers_menu_is_fetched_checked_and_kept(till: Till, queue: ReservingServer) -> None:
    queue.more = {"catalogue": '"m1"'}
    queue.syncs = []
    menus = iter([b"menu one", b"a bad one", b"menu three"])
    fetched = []

    def well(asked: Asked) -> Reply:
        if asked.method != "GET":
            return ReservingServer._well(queue, asked)
        fetched.append(asked.headers.get("if-none-match"))
        return http(next(menus), kind="application/yaml", ETag=queue.more["catalogue"])

    queue._well = well  # type: ignore[method-assign]
    assert till.meet()
    assert till.meet()
    assert [m.config_dir for m in till.menus] == ["menu one"]
    queue.more = {"catalogue": '"m2"'}
    assert till.meet()
    assert till.meet()
    assert "bad" in str(till.link.status.notices[0])
    assert [m.config_dir for m in till.menus] == ["menu one"]
    till.restart()
    assert [m.config_dir for m in till.menus] == ["menu one"] * 2, "the last good one"
    queue.more = {"catalogue": '"m3"'}
    assert till.meet()
    assert [m.config_dir for m in till.menus][2:] == ["menu three"]
    assert till.link.status.notices == ()
    assert fetched == [None, '"m1"', '"m1"']
    assert queue.server.of("POST")[-1].json["catalogue"] == '"m1"'


def test_live_state_is_shown_while_it_is_fresh(till: Till, queue: ReservingServer) -> None:
    queue.more = {"services": {"ktp": {"waiting": 3, "now_serving": "DK-020", "open": True}}}
    assert till.meet()
    live = till.link.live
    fresh = live.of("ktp", live.at_s + 30)
    assert fresh is not None
    assert (fresh.waiting, fresh.now_serving) == (3, "DK-020")
    assert live.of("ktp", live.at_s + 30.1) is None
    assert live.of("kk", live.at_s) is None
