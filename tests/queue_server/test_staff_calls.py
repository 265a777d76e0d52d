"""Visitors' calls for staff: reported by a kiosk, seen by staff, answered once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.queue_server.servers import OPENING, KioskClient, ServerProcess, get, row, statuses

ID = "0192f3c0-8d2e-7c4b-9a51-3f6e2d7b8c90"
OTHER = "0192f3c0-8d2e-7c4b-9a51-3f6e2d7b8c91"


def call(call_id: str = ID, *, ago_s: int = 2, lasts_s: int = 600) -> dict[str, Any]:
    """A kiosk's health with an open call."""
    since = OPENING - timedelta(seconds=ago_s)
    until = since + timedelta(seconds=lasts_s)
    reported = {"id": call_id, "since": since.isoformat(), "until": until.isoformat()}
    return {"printer": "ready", "staff_call": reported}


def gauge(server: ServerProcess) -> str:
    """The number of open calls, as the metrics say."""
    found = re.search(
        r"^queue_staff_calls_open (\d+)$", get(f"{server.url}/metrics").text, re.MULTILINE
    )
    assert found is not None
    return found[1]


def now(kiosk: KioskClient) -> datetime:
    """The server's time."""
    return datetime.fromisoformat(kiosk.sync()["server_time"])


def test_a_call_is_seen_by_staff_until_it_is_answered(pg_server: ServerProcess) -> None:
    kiosk, staff = pg_server.kiosk("lobi-1"), pg_server.staff(name="desk")
    assert kiosk.sync()["staff_call"] is None

    assert kiosk.sync(health=call())["staff_call"] == {"id": ID, "answered": False}

    (shown,) = staff.board()["staff_calls"]
    assert (shown["id"], shown["kiosk"], shown["answered_at"]) == (ID, "lobi-1", None)
    assert shown["since"] <= shown["until"]
    (listed,) = staff.ask("GET", "/kiosks").json()["kiosks"]
    assert listed["staff_call"] == shown
    assert gauge(pg_server) == "1"

    answered = staff.ask("POST", f"/staff-calls/{ID}/answer").json()
    assert (answered["kiosk"], answered["answered_by"]) == ("lobi-1", "desk")
    assert pg_server.staff().ask("POST", f"/staff-calls/{ID}/answer").json() == answered
    assert staff.board()["staff_calls"] == []
    assert gauge(pg_server) == "0"
    assert kiosk.sync(health=call())["staff_call"] == {"id": ID, "answered": True}
    (listed,) = staff.ask("GET", "/kiosks").json()["kiosks"]
    # The call lasts ten minutes from each report.
    assert {**listed["staff_call"], "until": None} == {**answered, "until": None}
    assert listed["staff_call"]["until"] >= answered["until"]


def test_a_call_that_is_reported_again_is_the_same_call(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    for _ in range(3):
        kiosk.sync(health=call())
    assert len(staff.board()["staff_calls"]) == 1

    kiosk.sync(health=call(OTHER))
    assert [shown["id"] for shown in staff.board()["staff_calls"]] == [OTHER]
    kiosk.sync(health={"printer": "ready"})
    assert staff.board()["staff_calls"] == []


def test_a_call_ends_by_itself(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    assert kiosk.sync(health=call(ago_s=700))["staff_call"] is None, "staff see none"
    assert staff.board()["staff_calls"] == []
    kiosk.sync(health=call(OTHER, lasts_s=10**7))
    (shown,) = staff.board()["staff_calls"]
    assert shown["until"] <= (now(kiosk) + timedelta(hours=1)).isoformat()


def test_times_are_corrected_by_the_kiosks_clock(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    wrong = timedelta(hours=5)
    reported = {"id": ID}
    for name, at in (("since", OPENING), ("until", OPENING + timedelta(minutes=10))):
        reported[name] = (at + wrong).isoformat()
    began = now(kiosk).isoformat()
    kiosk.sync(health={"staff_call": reported}, sent_at=(OPENING + wrong).isoformat())
    (shown,) = staff.board()["staff_calls"]
    # With a clock that is right, the call was made at the time of the exchange.
    assert began <= shown["since"] <= now(kiosk).isoformat()


def test_a_delayed_exchange_neither_ends_nor_reopens_a_call(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    kiosk.sync(health=call(), seq=5)
    assert kiosk.sync(health={"printer": "ready"}, seq=4)["notice"]["code"] == "journal_conflict"
    assert len(staff.board()["staff_calls"]) == 1
    kiosk.sync(health={"printer": "ready"}, seq=6)
    kiosk.sync(health=call(), seq=5)
    assert staff.board()["staff_calls"] == []


def test_two_kiosks_have_a_call_each_and_none_takes_the_others(server: ServerProcess) -> None:
    one, two, staff = server.kiosk("a"), server.kiosk("b"), server.staff()
    one.sync(health=call(ago_s=60))
    assert two.sync(health=call())["staff_call"] is None, "another kiosk's id"
    two.sync(health=call(OTHER))
    assert [shown["kiosk"] for shown in staff.board()["staff_calls"]] == ["a", "b"]


@pytest.mark.parametrize(
    "said",
    [
        *("now", 7, [], {}, {"id": "x"}, None, True),
        call()["staff_call"] | {"id": "'; DROP TABLE staff_calls; --"},
        call()["staff_call"] | {"since": "yesterday"},
        call()["staff_call"] | {"until": "9999-12-31T23:59:59Z"},
    ],
)
def test_a_call_that_cannot_be_read_fails_nothing(server: ServerProcess, said: Any) -> None:
    kiosk = server.kiosk()
    letter = kiosk.sync()["letter"]
    answer = kiosk.sync(row(f"DK-{letter}001"), health={"printer": "ready", "staff_call": said})
    assert statuses(answer) == ["stored"]
    assert (answer["notice"], answer["staff_call"]) == (None, None)


def test_only_staff_answer_and_only_a_call_that_there_is(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    kiosk.sync(health=call())
    refused = kiosk.ask("POST", f"/staff-calls/{ID}/answer")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    unknown = server.staff().ask("POST", f"/staff-calls/{OTHER}/answer")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_call")
    stranger = KioskClient(server.url, "x" * 40).ask("POST", f"/staff-calls/{ID}/answer")
    assert stranger.status_code == 401
