"""Counters: one counter calls a ticket once, in order; actions are idempotent by request id."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.queue_server.servers import MENU, OPENING, ServerProcess, row, serving, statuses


def outcome(response: Any) -> tuple[int, str]:
    """Status and code of a problem."""
    return response.status_code, response.json().get("code")


def test_a_ticket_from_call_to_finish(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    first, second = kiosk.settled(), kiosk.settled()

    called = staff.call("19")
    assert (called["id"], called["number"], called["status"]) == (first["id"], "DK-001", "called")
    assert staff.call("19") == called, "a counter with a ticket is answered that ticket"
    recalled = staff.act("19", "recall", ticket=first["id"]).json()["ticket"]
    assert recalled["calls"] == 2
    finished = staff.act("19", "finish", ticket=first["id"]).json()["ticket"]
    assert finished["status"] == "done"
    assert outcome(staff.act("19", "recall", ticket=first["id"])) == (409, "not_current")

    assert staff.call("20")["id"] == second["id"]
    gone = staff.act("20", "no-show", ticket=second["id"]).json()["ticket"]
    assert gone["status"] == "no_show"
    assert staff.call("19") is None
    assert staff.call("19", number="DK-002")["id"] == second["id"], "who missed it may come later"
    assert outcome(staff.act("20", "call", number="DK-001")) == (409, "already_finished")


def test_twenty_counters_never_get_the_same_ticket(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    kiosk.sync(*[row(f"DK-{letter}{n:03d}") for n in range(1, 51)])

    def serve(counter: int) -> list[str]:
        got = []
        for _ in range(3):
            ticket = staff.call(f"c{counter}", services=["ktp-el"])
            if ticket is not None:
                got.append(ticket["number"])
                staff.finish(f"c{counter}", ticket["id"])
        return got

    with ThreadPoolExecutor(20) as pool:
        numbers = [number for got in pool.map(serve, range(20)) for number in got]

    assert sorted(numbers) == [f"DK-{letter}{n:03d}" for n in range(1, 51)]


def test_concurrent_calls_of_one_counter_get_one_ticket(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    for _ in range(5):
        kiosk.settled()

    with ThreadPoolExecutor(10) as pool:
        got = list(pool.map(lambda _: staff.call("19")["number"], range(20)))

    assert set(got) == {"DK-001"}
    assert len(staff.waiting()) == 4


@pytest.mark.parametrize("action", ["call", "recall", "finish", "no-show"])
def test_a_repeated_request_gives_the_same_result(server: ServerProcess, action: str) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    kiosk.settled(), kiosk.settled()
    more = {} if action == "call" else {"ticket": staff.call("19")["id"]}

    with ThreadPoolExecutor(6) as pool:
        request = "19", action, f"request-{action}"
        asked = [pool.submit(staff.act, *request, **more) for _ in range(6)]
        answers = [one.result().json() for one in asked]
    staff.act("19", "finish", ticket=answers[0]["ticket"]["id"])
    late = staff.act("19", action, f"request-{action}", **more).json()

    assert all(answer == answers[0] for answer in [*answers, late])
    assert answers[0]["ticket"]["calls"] == (2 if action == "recall" else 1)
    other = staff.act("20", action, f"request-{action}", **more)
    assert outcome(other) == (422, "request_id_reused")


def test_a_repeated_empty_call_stays_empty(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    assert staff.call("19", request_id="empty-call") is None
    kiosk.settled()

    assert staff.call("19", request_id="empty-call") is None
    assert staff.call("19")["number"] == "DK-001"


def test_priority_by_ratio_then_order_of_reservation(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    for priority in (None, None, "elderly", "elderly", "elderly", "elderly"):
        kiosk.settled(priority=priority)

    order = []
    for _ in range(6):
        ticket = staff.call("19")
        order.append(ticket["number"])
        staff.finish("19", ticket["id"])

    assert order == ["DK-003", "DK-004", "DK-001", "DK-005", "DK-006", "DK-002"]


def test_offline_tickets_are_called_by_when_they_were_issued(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    kiosk.settled()
    early = (OPENING - timedelta(minutes=20)).isoformat()
    kiosk.sync(row(f"DK-{letter}001", issued_at=early))

    assert staff.call("19")["number"] == f"DK-{letter}001"
    assert staff.call("20")["number"] == "DK-001"


def test_a_counter_calls_its_own_services_only(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    kiosk.settled("pbb")

    assert staff.call("19") is None
    assert outcome(staff.act("06", "call")) == (409, "no_services")
    assert outcome(staff.act("06", "call", services=["nothing"])) == (422, "unknown_service")
    assert staff.call("06", services=["pbb"])["number"] == "PJ-001"
    assert outcome(staff.act("30", "call", number="PJ-001")) == (409, "called_elsewhere")


def test_a_call_before_the_settlement_joins_it(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    number = f"DK-{letter}001"

    called = staff.call("19", number=number)
    assert called["placeholder"]
    assert outcome(staff.act("20", "call", number=number)) == (409, "called_elsewhere")
    issued = row(number, issued_at=(OPENING - timedelta(minutes=1)).isoformat())
    assert statuses(kiosk.sync(issued)) == ["stored"]

    current = staff.call("19")
    assert (current["id"], current["placeholder"]) == (issued["id"], False)
    assert staff.waiting() == []
    # The counter knows the placeholder's id, and may go on with it.
    done = staff.act("19", "finish", ticket=called["id"]).json()["ticket"]
    assert (done["id"], done["status"]) == (issued["id"], "done")


def test_a_number_finished_before_its_settlement_stays_finished(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    number = f"DK-{letter}001"
    staff.finish("19", staff.call("19", number=number)["id"])

    kiosk.sync(row(number, issued_at=(OPENING - timedelta(minutes=1)).isoformat()))

    assert staff.waiting() == []
    assert outcome(staff.act("19", "call", number=number)) == (409, "already_finished")


def test_a_settlement_issued_after_the_call_enters_the_queue(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    number = f"DK-{letter}001"
    placeholder = staff.call("19", number=number)
    staff.act("19", "no-show", ticket=placeholder["id"])
    server.let_pass(seconds=60)

    later = row(number)
    kiosk.sync(later)

    assert staff.waiting() == [number]
    assert staff.call("20", number=number)["id"] == later["id"]


def test_a_reserved_number_may_be_called_before_it_is_settled(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    kept, dropped = kiosk.reserve(), kiosk.reserve()
    staff.call("19", number=kept["number"])
    ghost = staff.call("20", number=dropped["number"])

    kiosk.sync(row(kept["number"], id=kept["id"]), row(f"DK-{letter}001", id=dropped["id"], rev=1))

    assert staff.call("19")["id"] == kept["id"]
    assert staff.waiting() == [f"DK-{letter}001"], "nobody held the number that was called"
    assert outcome(staff.act("20", "finish", ticket=ghost["id"])) == (409, "not_current")


def test_concurrent_calls_of_one_unknown_number(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]

    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(staff.act, f"c{n}", "call", number=f"DK-{letter}009") for n in range(8)
        ]
        codes = sorted(one.result().status_code for one in asked)

    assert codes == [200] + [409] * 7


def test_a_counters_token_reaches_no_other_counter(server: ServerProcess) -> None:
    kiosk, bound = server.kiosk(), server.staff("19")
    ticket = kiosk.settled()["id"]

    assert outcome(bound.act("20", "call")) == (403, "forbidden")
    assert bound.call("19")["id"] == ticket
    assert outcome(bound.act("20", "finish", ticket=ticket)) == (403, "forbidden")
    assert outcome(bound.ask("POST", "/services/pbb/pause", {})) == (403, "forbidden")
    assert bound.ask("POST", "/services/ktp-el/pause", {}).status_code == 200
    other = server.staff("20")
    assert outcome(other.act("20", "finish", ticket=ticket)) == (409, "not_current")


def test_a_counters_token_calls_only_what_the_counter_serves(server: ServerProcess) -> None:
    kiosk, bound, free = server.kiosk(), server.staff("19"), server.staff()
    taxes = kiosk.settled("pbb")
    own = kiosk.settled()
    letter = kiosk.sync()["letter"]

    for wanted in (
        {"number": taxes["number"]},
        {"number": f"PJ-{letter}009"},
        {"ticket": taxes["id"]},
        {"services": ["ktp-el", "pbb"]},
    ):
        assert outcome(bound.act("19", "call", **wanted)) == (403, "forbidden"), wanted
    assert free.call("19", number=taxes["number"])["id"] == taxes["id"], "a token of no counter"
    free.finish("19", taxes["id"])
    assert bound.call("19", number=own["number"])["id"] == own["id"]


def test_a_wrong_finish_is_undone_within_a_minute(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    first, second = kiosk.settled(), kiosk.settled()
    called = staff.call("19")
    undo = "19", "undo", "request-undo"
    staff.finish("19", first["id"])

    assert outcome(staff.act("20", "undo", ticket=first["id"])) == (409, "not_current")
    back = staff.act(*undo, ticket=first["id"]).json()["ticket"]
    assert back == called, "neither called again nor at another time"
    assert staff.call("19") == called, "it is at the counter again"
    staff.finish("19", first["id"])
    assert staff.act(*undo, ticket=first["id"]).json()["ticket"] == called, "a repeat"
    assert staff.call("19")["id"] == second["id"], "undid nothing"
    assert outcome(staff.act("19", "undo", ticket=first["id"])) == (409, "not_current")
    staff.act("19", "no-show", ticket=second["id"])
    assert outcome(staff.act("19", "undo", ticket=second["id"])) == (409, "not_current")

    server.let_pass(61)
    assert outcome(staff.act("19", "undo", ticket=first["id"])) == (409, "already_finished")


def test_unknown_tickets_numbers_and_services(server: ServerProcess) -> None:
    staff = server.staff()

    unknown = "00000000-0000-7000-8000-000000000000"
    assert outcome(staff.act("19", "call", ticket=unknown)) == (404, "unknown_ticket")
    assert outcome(staff.act("19", "call", number="QQ-001")) == (404, "unknown_number")
    assert outcome(staff.act("19", "finish", ticket=unknown)) == (409, "not_current")
    assert outcome(staff.ask("POST", "/services/nothing/pause", {})) == (404, "unknown_service")
    assert outcome(staff.ask("POST", "/services/nothing/resume")) == (404, "unknown_service")


def test_the_board_shows_everything(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    kiosk.settled(), kiosk.settled(priority="elderly")
    called = staff.call("19")

    board = staff.board()

    assert board["counters"] == [
        {"counter": "19", "ticket": called},
        {"counter": "20", "ticket": None},
        {"counter": "30", "ticket": None},
    ]
    assert [t["number"] for t in board["waiting"]] == ["DK-001"]
    assert board["recent"] == [called]
    assert board["services"]["ktp-el"]["now_serving"] == "DK-002"


def test_the_board_counts_with_the_priority_ratio_of_the_server(tmp_path: Path) -> None:
    """10 minutes each, two counters, an hour to closing: 12 tickets ahead are in time. With ratio 0
    a new priority ticket has only the 10 priority tickets ahead of it; with ratio 2 it has 15."""
    menu = tmp_path / "agencies.yaml"
    text = MENU.read_text(encoding="utf-8")
    menu.write_text(text.replace("tickets: {", "tickets: {last_by_closing: true, "), "utf-8")
    database, late = str(tmp_path / "queue.sqlite3"), OPENING.replace(hour=13, minute=0)
    with serving(database, menu, "--priority-ratio", "0", now=late) as server:
        kiosk, staff = server.kiosk(), server.staff()
        while kiosk.put().status_code == 200:
            pass
        for _ in range(10):
            kiosk.reserve(priority="elderly")
        state = staff.board()["services"]["ktp-el"]
        assert (state["open"], state) == (True, kiosk.sync()["services"]["ktp-el"])
