"""Reservations: one number for each ticket id."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from queue_server import access, series
from queue_server.schema import number_series
from queue_server.served_menu import read_menu
from tests.queue_server.servers import (
    DAY,
    MENU,
    OPENING,
    ZONE,
    KioskClient,
    ServerProcess,
    new_id,
    row,
    statuses,
    transaction,
    until_locked,
)


def test_all_kiosks_and_services_of_a_prefix_share_one_series(server: ServerProcess) -> None:
    one, two = server.kiosk(), server.kiosk()

    numbers = [
        one.reserve()["number"],
        two.reserve(service="kartu-keluarga")["number"],
        one.reserve(service="pbb")["number"],
        two.reserve()["number"],
    ]

    assert numbers == ["DK-001", "DK-002", "PJ-001", "DK-003"]


def test_repeats_answer_the_number_that_the_id_holds_now(server: ServerProcess) -> None:
    kiosk, ticket = server.kiosk(), new_id()
    letter = kiosk.sync()["letter"]

    first = kiosk.reserve(ticket)
    again = kiosk.reserve(ticket)
    settled = statuses(kiosk.sync(row(f"DK-{letter}001", id=ticket)))
    after = kiosk.reserve(ticket)

    assert (first["id"], first["number"], first["business_date"]) == (ticket, "DK-001", DAY)
    assert again["number"] == "DK-001"
    assert settled == ["stored"]
    assert after["number"] == f"DK-{letter}001"
    assert kiosk.reserve()["number"] == "DK-002", "a number is never handed out again"


def test_another_service_or_another_kiosk_does_not_get_it(server: ServerProcess) -> None:
    kiosk, other, ticket = server.kiosk(), server.kiosk(), new_id()
    kiosk.reserve(ticket)

    changed = kiosk.put(ticket, service="pbb")
    foreign = other.put(ticket)

    assert (changed.status_code, changed.json()["code"]) == (422, "service_changed")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    assert kiosk.reserve(ticket)["number"] == "DK-001"


def test_ahead_and_the_range_of_waiting_time(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    answers = [kiosk.reserve() for _ in range(4)]

    assert [a["ahead"] for a in answers] == [0, 1, 2, 3]
    # The menu's ten minutes, minus and plus 25 %, divided by two counters.
    assert [a["wait_minutes"] for a in answers] == [[0, 5], [0, 10], [5, 15], [10, 20]]
    assert kiosk.reserve(service="pbb")["wait_minutes"] is None


def test_no_one_is_ahead_of_a_called_number(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    first, second = kiosk.settled(), kiosk.settled()
    assert kiosk.reserve(second["id"])["ahead"] == 1

    staff.call("19", number=second["number"])

    assert kiosk.reserve(second["id"])["ahead"] == 0
    assert kiosk.reserve(first["id"])["ahead"] == 0


def test_a_service_that_is_not_on_the_menu_is_refused(server: ServerProcess) -> None:
    refused = server.kiosk().put(service="nothing")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_service")


def test_a_refused_request_takes_no_number(server: ServerProcess) -> None:
    kiosk, staff, ended = server.kiosk(), server.staff(), server.kiosk("stolen")
    with transaction(server.database) as connection:
        access.revoke(connection, "stolen")
    staff.ask("POST", "/services/kartu-keluarga/pause", {})
    staff.ask("POST", "/services/ktp-el/pause", {})

    by_staff = KioskClient(server.url, staff.token).put(service="pbb")
    refused = [by_staff, ended.put(service="pbb"), kiosk.put(), kiosk.put(service="kartu-keluarga")]

    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        (403, "forbidden"),
        (401, "revoked"),
        (409, "paused"),
        (409, "paused"),
    ]
    staff.ask("POST", "/services/ktp-el/resume")
    assert kiosk.reserve(service="pbb")["number"] == "PJ-001"
    assert kiosk.reserve()["number"] == "DK-001"
    assert len(staff.waiting()) == 2


def test_closed_and_paused_say_until_when(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()

    closed = kiosk.put(service="sore")
    until = (OPENING + timedelta(hours=2)).isoformat()
    staff.ask("POST", "/services/pbb/pause", {"until": until})
    paused = kiosk.put(service="pbb")

    assert (closed.status_code, closed.json()["code"]) == (409, "closed")
    assert closed.json()["until"] == "2026-11-24T12:30:00+08:00"
    assert (paused.status_code, paused.json()["code"]) == (409, "paused")
    assert paused.json()["until"] == until
    assert set(paused.json()["message"]) == {"id", "en"}
    assert paused.headers["Content-Type"] == "application/problem+json"

    staff.ask("POST", "/services/pbb/resume")
    assert kiosk.put(service="pbb").status_code == 200


def test_a_pause_ends_at_its_time_and_a_known_id_is_answered_during_it(
    server: ServerProcess,
) -> None:
    kiosk, staff, ticket = server.kiosk(), server.staff(), new_id()
    kiosk.reserve(ticket)
    staff.ask("POST", "/services/ktp-el/pause", {})
    before = (OPENING - timedelta(minutes=1)).isoformat()
    staff.ask("POST", "/services/pbb/pause", {"until": before})

    assert kiosk.put().json()["code"] == "paused"
    assert kiosk.reserve(ticket)["number"] == "DK-001"
    assert kiosk.put(service="pbb").status_code == 200


def test_quota_counts_ids_that_are_not_void(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    rows = [kiosk.settled("kartu-keluarga") for _ in range(3)]

    full = kiosk.put(service="kartu-keluarga")
    assert (full.status_code, full.json()["code"]) == (409, "quota_full")
    assert full.json()["until"] == "2026-11-25T07:45:00+08:00"

    kiosk.sync(rows[1] | {"rev": 2, "state": "void"})
    given = kiosk.reserve(service="kartu-keluarga")
    assert given["number"] == "DK-004", "a void gives the place back, never the number"
    assert kiosk.put(service="kartu-keluarga").json()["code"] == "quota_full"
    state = kiosk.sync()["services"]["kartu-keluarga"]
    assert (state["open"], state["reason"], state["quota_left"]) == (False, "quota_full", 0)


def test_one_of_many_concurrent_requests_gets_the_last_place(server: ServerProcess) -> None:
    kiosks = [server.kiosk() for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(k.put, None, "kartu-keluarga") for k in kiosks for _ in range(5)]
        codes = [one.result().status_code for one in asked]

    assert (codes.count(200), codes.count(409)) == (3, 17)


def test_concurrent_requests_with_one_id_get_one_number(server: ServerProcess) -> None:
    kiosk, ticket = server.kiosk(), new_id()

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(kiosk.put, ticket) for _ in range(24)]
        numbers = {one.result().json()["number"] for one in answers}

    assert len(numbers) == 1


def test_two_simultaneous_requests_with_one_id_get_one_number(pg_server: ServerProcess) -> None:
    """Race: both read the id before either writes; the lock on the series forces that order."""
    kiosk, ticket = pg_server.kiosk(), new_id()
    assert kiosk.reserve()["number"] == "DK-001"

    with ThreadPoolExecutor(2) as pool, transaction(pg_server.database) as held:
        held.execute(select(number_series).with_for_update())
        asked = [pool.submit(kiosk.reserve, ticket) for _ in range(2)]
        until_locked(pg_server.database, 2)
        held.commit()
        numbers = [one.result()["number"] for one in asked]

    assert numbers == ["DK-002"] * 2
    assert statuses(kiosk.sync(row("DK-002", id=ticket))) == ["stored"]


def test_a_last_place_that_went_to_the_same_id_is_no_refusal(pg_server: ServerProcess) -> None:
    """A request is repeated while the first is in progress, for the last number of a date."""
    kiosk, ticket = pg_server.kiosk(), new_id()
    for _ in range(2):
        kiosk.reserve(service="kartu-keluarga")

    with ThreadPoolExecutor(2) as pool, transaction(pg_server.database) as held:
        series.lock(held, DAY, "DK", "")
        asked = [pool.submit(kiosk.put, ticket, "kartu-keluarga") for _ in range(2)]
        until_locked(pg_server.database, 2)
        held.commit()
        numbers = [one.result().json().get("number") for one in asked]

    assert numbers == ["DK-003"] * 2
    assert kiosk.put(service="kartu-keluarga").json()["code"] == "quota_full"


def test_concurrent_requests_get_different_numbers(server: ServerProcess) -> None:
    kiosks = [server.kiosk() for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(kiosk.reserve) for kiosk in kiosks for _ in range(25)]
        numbers = [one.result()["number"] for one in asked]

    assert sorted(numbers) == [f"DK-{value:03d}" for value in range(1, 201)]


@pytest.mark.parametrize(
    ("moment", "gives"),
    [
        ("2026-11-24T07:44:59", False),
        ("2026-11-24T07:45:00", True),
        ("2026-11-24T13:44:59", True),
        ("2026-11-24T13:45:00", False),
        ("2026-11-27T10:44:00", True),
        ("2026-11-27T10:45:00", False),
        ("2026-11-28T09:00:00", False),
        ("2026-12-25T09:00:00", False),
    ],
)
def test_the_hours_at_which_numbers_are_given(moment: str, gives: bool) -> None:
    menu = read_menu(MENU.read_bytes())
    now = datetime.fromisoformat(moment).replace(tzinfo=ZONE)

    assert menu.opening(menu.services["ktp-el"], now).open is gives


def test_a_reservation_stops_counting_after_two_minutes_unless_settled(
    server: ServerProcess,
) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    lost, kept = kiosk.reserve(), kiosk.settled()
    full = [kiosk.reserve(service="kartu-keluarga") for _ in range(3)]
    assert staff.waiting()[:2] == ["DK-001", "DK-002"]
    assert kiosk.put(service="kartu-keluarga").json()["code"] == "quota_full"

    server.let_pass(seconds=121)

    assert staff.waiting() == [kept["number"]]
    assert kiosk.reserve(service="kartu-keluarga")["number"] == "DK-006"
    assert statuses(kiosk.sync(row("DK-001", id=lost["id"]))) == ["stored"]
    assert staff.waiting() == ["DK-001", kept["number"], "DK-006"], "it keeps its place"
    assert kiosk.reserve(full[0]["id"], "kartu-keluarga")["number"] == full[0]["number"]
