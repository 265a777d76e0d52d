"""Settlements: rows are independent; the number shown to the visitor is authoritative."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from queue_server import series, settle
from queue_server.database import open_url
from queue_server.prepared import Prepared
from queue_server.schema import tickets
from tests.queue_server.servers import (
    DAY,
    OPENING,
    KioskClient,
    ServerProcess,
    new_id,
    row,
    statuses,
    transaction,
    until_locked,
)


def stored(server: ServerProcess, ticket: str) -> dict[str, Any]:
    """A ticket as stored in the database."""
    with transaction(server.database) as connection:
        found = connection.execute(select(tickets).where(tickets.c.id == ticket))
        return dict(found.mappings().one())


def test_after_a_late_answer_the_kiosks_own_number_is_stored(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    ticket = kiosk.reserve()["id"]

    answer = kiosk.sync(row(f"DK-{letter}003", id=ticket))

    assert statuses(answer) == ["stored"]
    assert staff.waiting() == [f"DK-{letter}003"]


def test_a_late_reservation_arrives_during_the_settlement(pg_server: ServerProcess) -> None:
    """Race: the id is reserved after the settlement read it and before it writes."""
    kiosk, ticket = pg_server.kiosk(), new_id()
    letter = kiosk.sync()["letter"]

    with ThreadPoolExecutor(1) as pool, transaction(pg_server.database) as held:
        series.lock(held, DAY, "DK", letter)
        settling = pool.submit(kiosk.sync, row(f"DK-{letter}001", id=ticket))
        until_locked(pg_server.database, 1)
        assert kiosk.reserve(ticket)["number"] == "DK-001"
        held.commit()
        assert statuses(settling.result()) == ["stored"]

    assert kiosk.reserve(ticket)["number"] == f"DK-{letter}001"
    assert pg_server.staff().waiting() == [f"DK-{letter}001"]


def test_the_highest_revision_is_kept_and_each_is_acknowledged(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    first = kiosk.settled()

    answer = kiosk.sync(
        first | {"rev": 3, "printed": "screen"},
        first | {"rev": 2, "printed": "uncertain", "state": "void"},
        first | {"rev": 3, "printed": "screen"},
    )

    assert [(r["rev"], r["status"]) for r in answer["results"]] == [
        (3, "stored"),
        (2, "stored"),
        (3, "stored"),
    ]
    held = stored(server, first["id"])
    assert (held["rev"], held["printed"], held["state"]) == (3, "screen", "issued")


def test_identity_never_changes(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    letter = kiosk.sync()["letter"]
    first = kiosk.settled()

    answer = kiosk.sync(
        first | {"rev": 2, "number": f"DK-{letter}001"},
        first | {"rev": 2, "business_date": "2026-11-25"},
        first | {"rev": 2, "service": "kartu-keluarga"},
    )

    assert statuses(answer) == [
        "refused number_changed",
        "refused number_changed",
        "refused service_changed",
    ]
    assert stored(server, first["id"])["rev"] == 1


def test_the_settlement_decides_the_service_too(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    letter = kiosk.sync()["letter"]
    ticket = kiosk.reserve(service="ktp-el")["id"]
    shown = row(f"PJ-{letter}001", id=ticket, service="pbb")

    assert statuses(kiosk.sync(shown)) == ["stored"]

    held = stored(server, ticket)
    assert (held["service"], held["prefix"], held["reserved"]) == ("pbb", "PJ", "DK-001")
    assert kiosk.sync()["services"]["ktp-el"]["waiting"] == 0


def test_one_bad_row_never_fails_the_batch(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    letter = kiosk.sync()["letter"]
    good = [row(f"DK-{letter}{n:03d}") for n in (1, 2)]

    answer = kiosk.sync(good[0], {"id": "x", "rev": 7}, None, good[1])

    assert statuses(answer) == ["stored", "refused invalid", "refused invalid", "stored"]
    assert [(r["id"], r["rev"]) for r in answer["results"]] == [
        (good[0]["id"], 1),
        ("x", 7),
        ("", 0),
        (good[1]["id"], 1),
    ]


def test_bad_health_never_fails_the_tickets(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    letter = kiosk.sync()["letter"]

    for number, health in enumerate(["broken", [1], {"x": "y" * 9000}, 7], start=1):
        answer = kiosk.sync(row(f"DK-{letter}{number:03d}"), health=health)
        assert statuses(answer) == ["stored"]
        assert answer["notice"]["code"] == "bad_health"
    assert kiosk.sync(health=None)["notice"] is None


def test_letterless_numbers_settle_only_for_their_own_reservation(server: ServerProcess) -> None:
    kiosk, other = server.kiosk(), server.kiosk()
    reserved = kiosk.reserve()

    answer = other.sync(
        row("DK-001"), row("DK-002"), row("DK-001", id=reserved["id"]), row("DK-777")
    )

    assert statuses(answer) == [
        "refused not_reserved",
        "refused not_reserved",
        "refused not_found",
        "refused not_reserved",
    ]
    tomorrow = row("DK-001", id=reserved["id"], business_date="2026-11-25")
    assert statuses(kiosk.sync(tomorrow)) == ["refused not_reserved"]
    assert statuses(kiosk.sync(row("DK-001", id=reserved["id"]))) == ["stored"]


def test_lettered_numbers_settle_only_from_a_journal_that_holds_or_held_it(
    server: ServerProcess,
) -> None:
    kiosk, other = server.kiosk(), server.kiosk()
    letter, others = kiosk.sync()["letter"], other.sync()["letter"]
    successor = KioskClient(server.url, kiosk.token)
    successors = successor.sync()["letter"]

    foreign = other.sync(row(f"DK-{letter}001"), row("DK-ZZ001"))
    without_origin = successor.sync(row(f"DK-{letter}001"))
    salvaged = successor.sync(row(f"DK-{letter}001", journal=kiosk.journal))
    stolen = other.sync(row(f"DK-{letter}002", journal=kiosk.journal))

    assert len({letter, others, successors}) == 3
    assert statuses(foreign) == ["refused letter_not_held"] * 2
    assert statuses(without_origin) == ["refused letter_not_held"]
    assert statuses(salvaged) == ["stored"]
    assert statuses(stolen) == ["refused letter_not_held"]


def test_a_number_that_another_ticket_holds_is_a_conflict_and_never_called(
    server: ServerProcess,
) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    first, second = row(f"DK-{letter}001"), row(f"DK-{letter}001")

    answer = kiosk.sync(first, second)
    again = kiosk.sync(second | {"rev": 2})

    assert statuses(answer) == ["stored", "conflict number_taken"]
    assert statuses(again) == ["conflict number_taken"]
    shown = staff.ask("GET", "/conflicts").json()["conflicts"]
    assert [(c["id"], c["number"]) for c in shown] == [(second["id"], first["number"])]
    assert staff.call("19")["id"] == first["id"]
    staff.finish("19", first["id"])
    assert staff.call("19") is None
    assert staff.call("19", ticket=second["id"])["id"] == second["id"], "staff may call it"


def test_past_dates_are_stored_and_never_queued(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    past = row(f"DK-{letter}001", business_date="2026-11-23")

    assert statuses(kiosk.sync(past)) == ["stored"]

    assert stored(server, past["id"])["queue_date"] is None
    assert staff.waiting() == []
    today = row(f"DK-{letter}001")
    assert statuses(kiosk.sync(today)) == ["stored"], "each date has its own series"


def test_nothing_but_the_contract_refuses_a_settlement(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    staff.ask("POST", "/services/kartu-keluarga/pause", {})
    rows = [row(f"DK-{letter}{n:03d}", service="kartu-keluarga") for n in range(1, 6)]
    rows.append(row(f"PJ-{letter}001", service="sore"))
    rows.append(row(f"XX-{letter}001", service="no-longer-on-the-menu", priority="unheard-of"))

    assert statuses(kiosk.sync(*rows)) == ["stored"] * 7
    assert kiosk.sync()["services"]["kartu-keluarga"]["quota_left"] == 0


def test_offline_tickets_are_ordered_by_corrected_time_never_after_their_arrival(
    server: ServerProcess,
) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    before = kiosk.settled()["number"]
    # The kiosk's clock is a year ahead; it was offline for ten minutes.
    wrong = OPENING + timedelta(days=365)
    early = row(f"DK-{letter}001", issued_at=(wrong - timedelta(minutes=10)).isoformat())
    future = row(f"DK-{letter}002", issued_at=(wrong + timedelta(hours=1)).isoformat())

    kiosk.sync(early, future, sent_at=wrong.isoformat())
    after = kiosk.settled()["number"]

    assert staff.waiting() == [early["number"], before, future["number"], after]


def test_an_own_series_keeps_its_order_when_an_exchange_was_delayed(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    first, second, third = (
        row(f"DK-{letter}{n:03d}", issued_at=(OPENING + timedelta(seconds=n)).isoformat())
        for n in (1, 2, 3)
    )
    # Delayed on the network: to the server the kiosk's clock seems to be a minute behind.
    kiosk.sync(second, sent_at=(OPENING - timedelta(seconds=60)).isoformat())
    kiosk.sync(third, sent_at=(OPENING + timedelta(seconds=3)).isoformat())
    kiosk.sync(first, sent_at=(OPENING - timedelta(hours=3)).isoformat())

    assert staff.waiting() == [one["number"] for one in (first, second, third)]


def test_a_future_date_waits_on_the_day_on_which_it_was_made(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    wrong = OPENING + timedelta(days=365)
    made = row(
        f"DK-{letter}001",
        business_date=wrong.date().isoformat(),
        issued_at=wrong.isoformat(),
    )

    assert statuses(kiosk.sync(made, sent_at=wrong.isoformat())) == ["stored"]

    assert staff.waiting() == [made["number"]]
    assert stored(server, made["id"])["business_date"] == "2027-11-24"


def test_a_number_is_never_queued_before_its_predecessor(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    first = row(f"DK-{letter}001")
    second = row(f"DK-{letter}002", issued_at=(OPENING + timedelta(seconds=1)).isoformat())
    kiosk.sync(first)
    # The kiosk's clock was set forward by an hour since it issued the number.
    kiosk.sync(second, sent_at=(OPENING + timedelta(hours=1)).isoformat())

    assert staff.waiting() == [first["number"], second["number"]]


def test_a_future_date_that_was_made_on_another_day_is_not_queued(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync()["letter"]
    # The kiosk's clock is two days ahead; it issued this number yesterday.
    sent_at = OPENING + timedelta(days=2)
    issued_at = OPENING + timedelta(days=1)
    made = row(
        f"DK-{letter}001",
        business_date=issued_at.date().isoformat(),
        issued_at=issued_at.isoformat(),
    )

    assert statuses(kiosk.sync(made, sent_at=sent_at.isoformat())) == ["stored"]

    assert stored(server, made["id"])["queue_date"] is None
    assert staff.waiting() == []


def test_the_result_of_a_bad_row_names_it_as_far_as_it_can(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    largest = 2**53 - 1
    rows = [
        {"id": "x" * 64, "rev": largest},
        {"id": "x" * 65, "rev": largest + 1},
        {"id": "a/b", "rev": True},
        {"id": 7, "rev": -largest},
    ]

    answer = kiosk.sync(*rows)

    named = [("x" * 64, largest), ("", 0), ("", 0), ("", -largest)]
    assert [(r["id"], r["rev"]) for r in answer["results"]] == named


def test_a_void_leaves_the_queue(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    first, second = kiosk.settled(), kiosk.settled()

    kiosk.sync(first | {"rev": 2, "state": "void"})

    assert staff.waiting() == [second["number"]]
    assert kiosk.sync()["services"]["ktp-el"]["waiting"] == 1
    refused = staff.act("19", "call", number=first["number"])
    assert (refused.status_code, refused.json()["code"]) == (409, "void")


def test_rollover_between_reserve_and_settle_keeps_the_date(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    ticket = kiosk.reserve()["id"]
    with transaction(server.database) as connection:
        old = {"business_date": "2026-11-23", "queue_date": "2026-11-23"}
        connection.execute(tickets.update().where(tickets.c.id == ticket).values(**old))

    answer = kiosk.sync(row("DK-001", id=ticket, business_date="2026-11-23"))

    assert statuses(answer) == ["stored"]
    assert stored(server, ticket)["queue_date"] is None


def test_the_answer_of_an_exchange(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    kiosk.settled(), kiosk.settled()
    called = staff.call("19")["number"]

    answer = kiosk.sync()

    assert answer["epoch"] == kiosk.reserve()["epoch"]
    assert datetime.fromisoformat(answer["server_time"]) >= OPENING
    assert answer["next_sync_s"] == 5
    assert answer["notice"] is None
    assert answer["services"]["ktp-el"] == {
        "waiting": 1,
        "wait_minutes": [0, 10],
        "now_serving": called,
        "open": True,
        "reason": None,
        "until": "2026-11-24T13:45:00+08:00",
        "quota_left": None,
        "given_day": None,
        "given_hour": None,
    }
    assert answer["services"]["sore"]["reason"] == "closed"


def test_waiting_time_comes_from_the_last_finished(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    for _ in range(3):
        kiosk.settled("pbb")
        ticket = staff.call("30")["id"]
        server.let_pass(seconds=8 * 60)
        staff.finish("30", ticket)
    for _ in range(3):
        kiosk.settled("pbb")

    assert kiosk.sync()["services"]["pbb"]["wait_minutes"] == [20, 25]


def test_a_batch_of_500_is_taken_and_one_more_is_not(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    letter = kiosk.sync()["letter"]
    rows = [row(f"DK-{letter}{n:03d}") for n in range(1, 502)]

    refused = kiosk.post(*rows)
    answer = kiosk.sync(*rows[:500])

    assert (refused.status_code, refused.json()["code"]) == (413, "too_many_rows")
    assert statuses(answer) == ["stored"] * 500


def test_a_settlement_for_an_id_of_another_kiosk_is_not_found(server: ServerProcess) -> None:
    kiosk, other, ticket = server.kiosk(), server.kiosk(), new_id()
    kiosk.reserve(ticket)
    letter = other.sync()["letter"]

    assert statuses(other.sync(row(f"DK-{letter}001", id=ticket))) == ["refused not_found"]


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (settle._HOLDER, "tickets_number"),
        (settle._NEIGHBOURS, "tickets_number"),
        (settle._PLACEHOLDER, "tickets_placeholder"),
    ],
)
def test_no_statement_scans_the_whole_day(
    server_file: Path, statement: Prepared, index: str
) -> None:
    database = open_url(str(server_file))
    database.open()
    database.close()
    with transaction(str(server_file)) as connection:
        asked, _ = statement.compiled(connection)
        values = dict.fromkeys(re.findall(r":(\w+)", asked), 1)
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values)
        steps = [str(step.detail) for step in plan]

    searched = [step for step in steps if "tickets" in step]
    assert searched
    for step in searched:
        assert step.startswith(f"SEARCH tickets USING INDEX {index} "), steps
        assert "value" in step, steps
