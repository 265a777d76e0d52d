"""The desk and a server that is slow, wrong or gone: what the visitor is shown is the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from kiosk.domain.refusals import refused
from kiosk.domain.slip import TextLine
from kiosk.errors import IssueRefused, LetterMissing, Refusal
from kiosk.messages import Message
from menu.local_text import LocalText
from menu.quota import DayQuota, Quota
from tests.desk.rig import settings
from tests.domain.menus import agency, menu, service
from tests.domain.menus import at as local
from tests.store.making import TUESDAY, at
from tests.sync.linked_kiosk import LinkedKiosk, moment, synced
from tests.sync.reserving_server import ReservingServer
from tests.sync.scripted import Asked, Hold, Reply, http, problem, raw

HTML = b"<html>no</html>"


@pytest.fixture
def queue() -> Iterator[ReservingServer]:
    queue = ReservingServer()
    yield queue
    queue.server.close()


@pytest.fixture
def kiosk(tmp_path: Path, queue: ReservingServer) -> Iterator[LinkedKiosk]:
    kiosk = LinkedKiosk(tmp_path / "kiosk", queue.server.url)
    assert kiosk.meet()
    yield kiosk
    kiosk.close()


def test_online_the_server_gives_the_number(kiosk: LinkedKiosk, queue: ReservingServer) -> None:
    ticket = kiosk.issue().ticket
    assert (ticket.number, ticket.business_date) == ("DK-027", TUESDAY)
    texts = [line.text for line in kiosk.tray.slips[0].lines if isinstance(line, TextLine)]
    assert any("4" in text for text in texts), texts
    assert any("15" in text and "20" in text for text in texts), texts
    assert kiosk.meet()
    assert queue.rows[ticket.id]["number"] == "DK-027"
    assert queue.rows[ticket.id]["printed"] == "confirmed"
    assert kiosk.backlog.pending == 0


def test_before_the_first_exchange_the_server_is_not_asked(
    tmp_path: Path, queue: ReservingServer
) -> None:
    kiosk = LinkedKiosk(tmp_path / "kiosk", queue.server.url)
    with pytest.raises(LetterMissing):
        kiosk.number()
    assert queue.asked_for_numbers == 0
    assert kiosk.link.refresh_status().barred
    assert kiosk.meet()
    assert not kiosk.link.status.barred
    assert kiosk.number() == "DK-027"
    kiosk.close()


@pytest.mark.parametrize("code", ["too_many_journals", "letters_used_up"])
def test_staff_learn_that_a_journal_gets_no_letter(
    tmp_path: Path, queue: ReservingServer, code: str
) -> None:
    kiosk = LinkedKiosk(tmp_path / "kiosk", queue.server.url)
    queue.more = {"letter": None, "notice": {"code": code, "message": {"id": "x"}}}
    assert kiosk.meet()
    assert kiosk.number() == "DK-027"
    notice = Message(f"server.{code}")
    assert notice in kiosk.link.status.notices
    goes_offline(kiosk, queue)
    assert notice in kiosk.link.status.notices
    queue.more = {}
    assert kiosk.meet()
    assert kiosk.link.status.notices == ()
    kiosk.close()


def test_the_late_answer(tmp_path: Path, queue: ReservingServer) -> None:
    kiosk = LinkedKiosk(tmp_path / "kiosk", queue.server.url, deadline_s=0.2)
    assert kiosk.meet()
    late = Hold(raw(b""))
    queue.puts = [late]
    wish = kiosk.wish()
    late.then = http(queue.reserved(wish.id))
    shown = kiosk.desk.issue(wish).ticket
    assert shown.number == "DK-B001"
    assert late.reached.is_set()
    late.release.set()
    assert not kiosk.link.online
    assert kiosk.number() == "DK-B002", "the next visitor does not wait"
    assert queue.asked_for_numbers == 1
    assert kiosk.meet()
    assert queue.rows[wish.id]["number"] == "DK-B001", "what was shown is settled for the same id"
    assert kiosk.number() == "DK-028"
    assert kiosk.desk.issue(wish).ticket.number == "DK-B001", "and it stays so"
    kiosk.close()


def test_the_lost_reply(kiosk: LinkedKiosk, queue: ReservingServer) -> None:
    wish = kiosk.wish()
    queue.puts = [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{")] * 2
    assert kiosk.desk.issue(wish).ticket.number == "DK-B001"
    assert not kiosk.link.online


@pytest.mark.parametrize(
    "reply",
    [
        http(HTML, "403 Forbidden", "text/html"),
        http(HTML, "502 Bad Gateway", "text/html"),
        http(HTML, "200 OK", "text/html"),
        http(b"", "302 Found", Location="http://127.0.0.1:9/"),
        http(b"", "500 Internal Server Error"),
        http(b"", "429 Too Many Requests", Retry_After="30"),
        http(b"{}"),
        http({"id": "another", "number": "DK-027", "business_date": "2026-11-24"}),
        problem("401 Unauthorized", "unauthorized"),
        problem("418 I'm a teapot", "teapot"),
        http({"code": "closed"}, "409 Conflict", "text/plain"),
    ],
)
def test_after_any_other_failure_the_own_series_is_used_and_one_visitor_waits(
    kiosk: LinkedKiosk, queue: ReservingServer, reply: Reply
) -> None:
    queue.puts = [reply]
    assert kiosk.number() == "DK-B001"
    assert not kiosk.link.online
    assert kiosk.number() == "DK-B002"
    assert queue.asked_for_numbers == 1
    assert kiosk.meet()
    assert {row["number"] for row in queue.rows.values()} == {"DK-B001", "DK-B002"}
    assert kiosk.number() == "DK-027"


@pytest.mark.parametrize("code", ["not_found", "service_changed", "invalid"])
def test_a_refusal_of_one_id_does_not_mark_the_kiosk_offline(
    kiosk: LinkedKiosk, queue: ReservingServer, code: str
) -> None:
    queue.puts = [problem("422 Unprocessable Content", code)]
    assert kiosk.number() == "DK-B001"
    assert kiosk.number() == "DK-027"


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("closed", Refusal.PAUSED),
        ("paused", Refusal.PAUSED),
        ("quota_full", Refusal.QUOTA),
    ],
)
def test_each_of_three_codes_refuses_the_visitor(
    kiosk: LinkedKiosk, queue: ReservingServer, code: str, trouble: Refusal
) -> None:
    queue.puts = [problem("409 Conflict", code, "Sudah penuh")]
    wish = kiosk.wish()
    with pytest.raises(IssueRefused, match="Sudah penuh") as caught:
        kiosk.desk.issue(wish)
    assert refused(wish.id, caught.value).trouble is trouble
    assert kiosk.journal.tickets() == ()
    assert kiosk.link.online
    assert kiosk.desk.issue(wish).ticket.number == "DK-027", "the same id, once it may"


@pytest.mark.parametrize("until", ["2026-11-25T00:15:00+08:00", "2026-11-24T16:15:00Z"])
def test_text_and_end_of_a_refusal_reach_the_visitor(
    kiosk: LinkedKiosk, queue: ReservingServer, until: str
) -> None:
    """With the day and the hour of the site, whatever the offset of the server."""
    document = {
        "title": "full",
        "status": 409,
        "code": "quota_full",
        "detail": "Full",
        "message": {"id": "Nomor pagi ini habis.", "en": "No more this morning.", "xx": 5},
        "until": until,
    }
    queue.puts = [http(document, "409 Conflict", "application/problem+json")]
    wish = kiosk.wish()
    with pytest.raises(IssueRefused) as caught:
        kiosk.desk.issue(wish)
    said = refused(wish.id, caught.value)
    assert f"{said.until:%d %H:%M}" == "25 00:15"
    queue.more = {"services": {"ktp": {"open": False, "reason": "quota_full", "until": until}}}
    assert kiosk.meet()
    assert f"{kiosk.link.live.services['ktp'].until:%d %H:%M}" == "25 00:15"
    assert said.words == LocalText.of(id="Nomor pagi ini habis.", en="No more this morning.")


def test_a_revoked_token_stops_issuing_and_nothing_else(
    kiosk: LinkedKiosk, queue: ReservingServer
) -> None:
    queue.puts = [http(b"", "503 Service Unavailable")]
    assert kiosk.number() == "DK-B001"
    assert kiosk.meet()
    kiosk.number()
    queue.puts = [problem("401 Unauthorized", "revoked")]
    wish = kiosk.wish()
    with pytest.raises(IssueRefused) as caught:
        kiosk.desk.issue(wish)
    assert refused(wish.id, caught.value).trouble is Refusal.NUMBERS
    assert kiosk.link.status.barred
    assert "revoked" in str(kiosk.link.status.notices[0])
    assert kiosk.backlog.pending == 1, "the rows are kept"
    kiosk.restart()
    with pytest.raises(IssueRefused):
        kiosk.number()
    queue.syncs = [problem("401 Unauthorized", "revoked")]
    assert not kiosk.meet()
    assert kiosk.meet(), "a new token"
    assert kiosk.backlog.pending == 0
    assert kiosk.number() == "DK-028"


def test_another_401_marks_the_kiosk_offline_with_an_alert(
    kiosk: LinkedKiosk, queue: ReservingServer
) -> None:
    queue.syncs = [problem("401 Unauthorized", "unauthorized")]
    assert not kiosk.meet()
    assert "token" in str(kiosk.link.status.notices[0])
    assert kiosk.number() == "DK-B001"
    assert kiosk.meet()
    assert kiosk.link.status.notices == ()


def test_an_exchange_that_began_before_a_failure_does_not_mark_the_kiosk_online(
    kiosk: LinkedKiosk, queue: ReservingServer
) -> None:
    from threading import Thread

    hold = Hold(http(synced()))
    queue.syncs = [hold]
    exchange = Thread(target=kiosk.link.exchange_now)
    exchange.start()
    assert hold.reached.wait(20)
    queue.puts = [http(b"", "500 Internal Server Error")]
    assert kiosk.number() == "DK-B001"
    hold.release.set()
    exchange.join(20)
    assert not kiosk.link.online
    assert kiosk.meet()


def test_a_number_already_in_the_journal_is_not_used_again(
    kiosk: LinkedKiosk, queue: ReservingServer
) -> None:
    assert kiosk.number() == "DK-027"
    queue.last = 26
    assert kiosk.number() == "DK-B001"


def test_the_reservation_keeps_its_date_over_midnight(
    kiosk: LinkedKiosk, queue: ReservingServer
) -> None:
    wish = kiosk.wish()
    queue.puts = [http(queue.reserved(wish.id, business_date="2026-11-23"))]
    ticket = kiosk.desk.issue(wish).ticket
    assert (ticket.number, ticket.business_date) == ("DK-027", date(2026, 11, 23))
    assert kiosk.meet()
    assert queue.rows[wish.id]["business_date"] == "2026-11-23"


def test_offline_the_last_quota_is_counted_down(kiosk: LinkedKiosk, queue: ReservingServer) -> None:
    queue.more = {"services": {"ktp": {"waiting": 1, "quota_left": 2, "open": True}}}
    assert kiosk.meet()
    queue.syncs = [http(b"", "500 Internal Server Error")]
    assert not kiosk.meet()
    assert [kiosk.number(), kiosk.number()] == ["DK-B001", "DK-B002"]
    with pytest.raises(IssueRefused) as caught:
        kiosk.number()
    assert caught.value.reason is Refusal.QUOTA
    assert kiosk.number("kk") == "DK-B003", "other services have their own"


def test_offline_a_quota_by_the_hour_goes_on_from_the_server_s_count(
    tmp_path: Path, queue: ReservingServer
) -> None:
    """At 9.00 the server counts 20 numbers of the day, 6 of them in this hour."""
    quota = Quota.every_day(DayQuota(day=25, hour=8))
    menu_of = menu(agency("dukcapil", service("ktp", prefix="DK", quota=quota), prefix="DK"))
    kiosk = LinkedKiosk(tmp_path / "hours", queue.server.url, menu=settings(catalogue=menu_of))
    said = {"quota_left": 2, "given_day": 20, "given_hour": 6, "open": True}
    queue.more = {"services": {"ktp": said}}
    assert kiosk.meet()
    queue.syncs = [http(b"", "500 Internal Server Error")]
    assert not kiosk.meet()
    assert [kiosk.number(), kiosk.number()] == ["DK-B001", "DK-B002"]
    for until in (local(10), local(7, 45, TUESDAY + timedelta(days=1))):
        with pytest.raises(IssueRefused) as caught:
            kiosk.number()
        assert (caught.value.reason, caught.value.until) == (Refusal.QUOTA, until)
        if until == local(10):
            kiosk.passes(hours=1)
            assert [kiosk.number() for _ in range(3)] == ["DK-B003", "DK-B004", "DK-B005"]
    kiosk.close()


def hourly(tmp_path: Path, queue: ReservingServer, quota: DayQuota) -> LinkedKiosk:
    """A kiosk whose service has a quota."""
    limited = service("ktp", prefix="DK", quota=Quota.every_day(quota))
    catalogue = menu(agency("dukcapil", limited, prefix="DK"))
    return LinkedKiosk(tmp_path / "hours", queue.server.url, menu=settings(catalogue=catalogue))


def goes_offline(kiosk: LinkedKiosk, queue: ReservingServer) -> None:
    queue.syncs = [http(b"", "500 Internal Server Error")]
    assert not kiosk.meet()


def numbers_left(kiosk: LinkedKiosk) -> int:
    return kiosk.desk.numbers_left()["ktp"].numbers


@pytest.mark.parametrize("by_hour", [False, True])
def test_numbers_of_an_offline_time_count_once_after_they_are_synced(
    tmp_path: Path, queue: ReservingServer, by_hour: bool
) -> None:
    kiosk = hourly(tmp_path, queue, DayQuota(day=20, hour=10) if by_hour else DayQuota(day=10))

    def says(given: int) -> None:
        said = {"quota_left": 10 - given, "open": True}
        more = {"given_day": given, "given_hour": given} if by_hour else {}
        queue.more = {"services": {"ktp": said | more}}

    says(0)
    assert kiosk.meet()
    goes_offline(kiosk, queue)
    for _ in range(4):
        kiosk.number()
    assert numbers_left(kiosk) == 6
    says(4)
    for _ in range(2):
        assert kiosk.meet()
        assert numbers_left(kiosk) == 6
    goes_offline(kiosk, queue)
    assert [kiosk.number() for _ in range(6)][-1] == "DK-B010"
    with pytest.raises(IssueRefused):
        kiosk.number()
    kiosk.close()


@pytest.mark.parametrize(
    ("quota", "given"),
    [
        (DayQuota(day=10), {}),
        (DayQuota(hour=10), {"given_day": 10, "given_hour": 10}),
    ],
)
def test_a_number_that_is_given_back_offline_leaves_its_place(
    tmp_path: Path, queue: ReservingServer, quota: DayQuota, given: dict[str, int]
) -> None:
    kiosk = hourly(tmp_path, queue, quota)
    assert kiosk.meet()
    early = kiosk.issue().ticket
    kiosk.passes(hours=1)
    later = kiosk.issue().ticket
    said = {"quota_left": 0, "open": False, "reason": "quota_full"} | given
    queue.more = {"services": {"ktp": said}, "server_time": moment(at() + timedelta(hours=1))}
    assert kiosk.meet()
    goes_offline(kiosk, queue)
    kiosk.desk.void(early.id)
    assert numbers_left(kiosk) == (0 if given else 1), "its hour is over"
    kiosk.desk.void(later.id)
    assert numbers_left(kiosk) == (1 if given else 2)
    kiosk.close()


@pytest.mark.parametrize("quota", [DayQuota(day=25, hour=8), DayQuota(hour=8)])
def test_an_answer_without_the_server_s_count_holds_within_its_hour(
    tmp_path: Path, queue: ReservingServer, quota: DayQuota
) -> None:
    kiosk = hourly(tmp_path, queue, quota)
    queue.more = {"services": {"ktp": {"quota_left": 0, "open": False, "reason": "quota_full"}}}
    assert kiosk.meet()
    goes_offline(kiosk, queue)
    left = kiosk.desk.numbers_left()["ktp"]
    assert (left.numbers, left.again) == (0, local(10))
    kiosk.passes(hours=1)
    assert numbers_left(kiosk) == 8
    kiosk.close()


# ── clocks ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("wrong", [timedelta(hours=3), timedelta(days=365), -timedelta(days=365)])
def test_a_wrong_clock_causes_no_wrong_date(
    tmp_path: Path, queue: ReservingServer, wrong: timedelta
) -> None:
    kiosk = LinkedKiosk(tmp_path / "kiosk", queue.server.url, now=at() + wrong)
    assert kiosk.link.refresh_status().barred, "also while the wrong date is all that is known"
    assert kiosk.meet()
    assert "clock" in str(kiosk.link.status.notices[0])
    queue.puts = [http(b"", "500 Internal Server Error")]
    ticket = kiosk.issue().ticket
    assert (ticket.number, ticket.business_date) == ("DK-B001", TUESDAY)
    assert abs(ticket.issued_at - at()) < timedelta(minutes=1)
    assert not kiosk.journal.clock_went_back
    kiosk.passes(days=1)
    queue.more = {"server_time": moment(at() + timedelta(days=1))}
    assert kiosk.meet()
    queue.puts = [http(b"", "500 Internal Server Error")]
    tomorrow = kiosk.issue().ticket
    assert (tomorrow.number, tomorrow.business_date) == ("DK-B001", date(2026, 11, 25))
    kiosk.close()


def test_dates_from_the_future_are_corrected(tmp_path: Path, queue: ReservingServer) -> None:
    kiosk = LinkedKiosk(tmp_path / "kiosk", queue.server.url)
    assert kiosk.meet()
    kiosk.now += timedelta(days=365)
    kiosk.restart()
    first = kiosk.issue().ticket
    assert (first.number, first.business_date) == ("DK-B001", date(2027, 11, 24))
    assert kiosk.meet()
    queue.puts = [http(b"", "500 Internal Server Error")]
    second = kiosk.issue().ticket
    assert (second.number, second.business_date) == ("DK-B002", TUESDAY)
    assert not kiosk.journal.clock_went_back
    assert kiosk.meet()
    assert kiosk.backlog.pending == 0
    kiosk.close()


# ── journals ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "say",
    [
        lambda _: problem("409 Conflict", "journal_conflict"),
        lambda asked: http(synced(asked.json, notice={"code": "journal_conflict"})),
    ],
)
def test_a_journal_conflict_quarantines_the_journal(
    kiosk: LinkedKiosk, queue: ReservingServer, say: Callable[[Asked], Reply]
) -> None:
    queue.puts = [http(b"", "500 Internal Server Error")]
    assert kiosk.number() == "DK-B001"
    first = kiosk.journal.id
    queue.syncs = [lambda connection, asked: say(asked)(connection, asked)]
    kiosk.meet()
    assert kiosk.journal.id != first
    with pytest.raises(LetterMissing):
        kiosk.journal.issue(
            kiosk.wish(), prefix="DK", letter="", business_date=TUESDAY, now=at(),
            date_confirmed=True, server=kiosk.link.url,
        )  # fmt: skip
    queue.more = {"letter": "C"}
    assert kiosk.meet()
    said = queue.server.of("POST")[-1].json
    assert (said["journal"], said["follows"]) == (kiosk.journal.id, first)
    assert [row["journal"] for row in said["tickets"]] == [first]
    queue.puts = [http(b"", "500 Internal Server Error")]
    assert kiosk.number() == "DK-C001"
    assert kiosk.backlog.pending == 1


# ── the menu ─────────────────────────────────────────────────────────────────────────────


def test_the_servers_menu_is_fetched_checked_and_kept(
    kiosk: LinkedKiosk, queue: ReservingServer
) -> None:
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
    assert kiosk.meet()
    assert kiosk.meet()
    assert [m.config_dir for m in kiosk.menus] == ["menu one"]
    queue.more = {"catalogue": '"m2"'}
    assert kiosk.meet()
    assert kiosk.meet()
    assert "bad" in str(kiosk.link.status.notices[0])
    assert [m.config_dir for m in kiosk.menus] == ["menu one"]
    kiosk.restart()
    assert [m.config_dir for m in kiosk.menus] == ["menu one"] * 2, "the last good one"
    queue.more = {"catalogue": '"m3"'}
    assert kiosk.meet()
    assert [m.config_dir for m in kiosk.menus][2:] == ["menu three"]
    assert kiosk.link.status.notices == ()
    assert fetched == [None, '"m1"', '"m1"']
    assert queue.server.of("POST")[-1].json["catalogue"] == '"m1"'


def test_live_state_is_shown_while_it_is_fresh(kiosk: LinkedKiosk, queue: ReservingServer) -> None:
    queue.more = {"services": {"ktp": {"waiting": 3, "now_serving": "DK-020", "open": True}}}
    assert kiosk.meet()
    live = kiosk.link.live
    fresh = live.of("ktp", live.at_s + 30)
    assert fresh is not None
    assert (fresh.waiting, fresh.now_serving) == (3, "DK-020")
    assert live.of("ktp", live.at_s + 30.1) is None
    assert live.of("kk", live.at_s) is None
