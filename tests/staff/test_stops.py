"""Pauses and the closed machine: they hold over a restart, end by themselves, and stop numbers."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.bootstrap import build_kiosk
from kiosk.domain.live import NOT_LIVE
from kiosk.domain.refusals import refused
from kiosk.domain.staff import Pause, PauseFor, PauseReason
from kiosk.domain.visit_state import (
    KioskSnapshot,
)
from kiosk.durable import write_private
from kiosk.errors import IssueRefused, KioskError, Refusal
from kiosk.messages import in_language
from kiosk.register import pause_words
from kiosk.staff import stops as stops_module
from kiosk.staff.action_log import MOST_BYTES, ActionEntry, ActionLog
from kiosk.staff.stops import STOPS_FILE, Stops
from menu.schedule import Opening, Why
from tests.desk.rig import MENU, WORDS, DeskRig, FakePrinter, settings
from tests.domain.menus import TUESDAY, agency, at, hours, menu, service

NINE = at(9)
PAUSE = Pause("ktp", PauseReason.ABSENT, NINE, NINE + timedelta(minutes=30))


def test_a_pause_holds_over_a_restart_and_ends_by_itself(tmp_path: Path) -> None:
    Stops(tmp_path).pause(PAUSE)
    for stops in (Stops(tmp_path), Stops(tmp_path)):
        assert stops.pauses(NINE) == {"ktp": PAUSE}
        assert stops.pauses(NINE + timedelta(minutes=29, seconds=59)) == {"ktp": PAUSE}
        assert stops.pauses(NINE + timedelta(minutes=30)) == {}
    Stops(tmp_path).resume("ktp")
    assert Stops(tmp_path).pauses(NINE) == {}


def test_a_clock_that_was_set_back_ends_a_pause(tmp_path: Path) -> None:
    stops = Stops(tmp_path)
    stops.pause(PAUSE)
    assert stops.pauses(NINE - timedelta(days=2)) == {}
    assert stops.pauses(NINE - timedelta(hours=1)) == {"ktp": PAUSE}


def test_a_closed_machine_stays_closed_over_a_restart(tmp_path: Path) -> None:
    Stops(tmp_path).close_machine()
    stops = Stops(tmp_path)
    assert stops.closed
    stops.pause(PAUSE)
    assert Stops(tmp_path).closed
    stops.open_machine()
    assert not Stops(tmp_path).closed
    assert Stops(tmp_path).pauses(NINE) == {"ktp": PAUSE}


def test_what_cannot_be_written_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, _body: bytes) -> None:
        raise OSError(28, "No space left on device")

    stops = Stops(tmp_path)
    monkeypatch.setattr("kiosk.staff.stops.write_private", refuse)
    with pytest.raises(KioskError):
        stops.close_machine()
    with pytest.raises(KioskError):
        stops.pause(PAUSE)
    assert not stops.closed
    assert stops.pauses(NINE) == {}


class Boots:
    """The clock since boot of a machine that can be switched off."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.at_s, self.boot = 1000.0, "first"

    def start(self) -> Stops:
        return Stops(self.state, lambda: self.at_s, lambda: self.boot)


def test_two_pauses_at_the_same_time_both_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of two officers, one at the screen and one with a command."""
    stops = Stops(tmp_path)
    both = threading.Barrier(2)

    def slow(path: Path, data: bytes) -> None:
        # Where both had read the pauses before either wrote, they would meet here.
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        write_private(path, data)

    monkeypatch.setattr(stops_module, "write_private", slow)
    pauses = {code: replace(PAUSE, service=code) for code in ("ktp", "kia")}
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(stops.pause, pauses.values()))

    assert stops.pauses(NINE) == Stops(tmp_path).pauses(NINE) == pauses


def test_a_pause_ends_while_the_time_of_day_stands_still(tmp_path: Path) -> None:
    boots = Boots(tmp_path)
    stops = boots.start()
    stops.pause(PAUSE)
    boots.at_s += 29 * 60
    assert stops.pauses(NINE) == {"ktp": PAUSE}
    restarted = boots.start()
    assert restarted.pauses(NINE) == {"ktp": PAUSE}
    boots.at_s += 60
    assert stops.pauses(NINE) == restarted.pauses(NINE) == {}


def test_after_a_reboot_the_length_of_a_pause_counts_from_the_start(tmp_path: Path) -> None:
    boots = Boots(tmp_path)
    boots.start().pause(PAUSE)
    boots.at_s, boots.boot = 20.0, "second"
    stops = boots.start()
    stops.pause(replace(PAUSE, service="kk"))
    boots.at_s += 30 * 60 - 1
    assert set(stops.pauses(NINE)) == {"ktp", "kk"}
    boots.at_s += 1
    assert stops.pauses(NINE) == {}
    assert boots.start().pauses(NINE) == {}, "what was written with the other pause holds too"


@pytest.mark.parametrize(
    "bad",
    [
        {"service": "kk", "reason": "training", "since": NINE.isoformat(), "until": "2026"},
        *("kk", None, 3, {}),
    ],
)
def test_a_pause_that_cannot_be_read_undoes_no_other_stop(tmp_path: Path, bad: object) -> None:
    first = Stops(tmp_path)
    first.close_machine()
    first.pause(PAUSE)
    body = json.loads((tmp_path / STOPS_FILE).read_text())
    body["pauses"].insert(0, bad)
    (tmp_path / STOPS_FILE).write_text(json.dumps(body))
    stops = Stops(tmp_path)
    assert stops.closed
    assert stops.pauses(NINE) == {"ktp": PAUSE}
    assert stops.unread
    stops.open_machine()
    assert not stops.unread
    assert not Stops(tmp_path).unread


def test_a_machine_stays_closed_where_the_pauses_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / STOPS_FILE).write_text('{"closed": true}', encoding="utf-8")
    stops = Stops(tmp_path)
    assert stops.closed
    assert stops.unread


def test_staff_learn_that_their_stops_could_not_be_read(tmp_path: Path) -> None:
    (tmp_path / STOPS_FILE).write_text("{", encoding="utf-8")
    with build_kiosk(settings(), tmp_path) as kiosk:
        said = [in_language(notice, "id") for notice in kiosk.notices()]
        assert any("tidak terbaca" in text for text in said)
        assert kiosk.trouble() is None


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "{}", '{"closed": false, "pauses": [{"service": "ktp"}]}'),
        '{"closed": false, "pauses": [{"service": "a", "reason": "x", "since": "", "until": ""}]}',
    ],
)
def test_a_broken_file_stops_nothing(tmp_path: Path, body: str) -> None:
    (tmp_path / STOPS_FILE).write_text(body, encoding="utf-8")
    stops = Stops(tmp_path)
    assert not stops.closed
    assert stops.unread
    assert stops.pauses(NINE) == {}


@pytest.mark.parametrize(
    ("length", "ends"),
    [
        (PauseFor.MINUTES_15, at(9, 16)),
        (PauseFor.MINUTES_30, at(9, 31)),
        (PauseFor.MINUTES_60, at(10, 1)),
        (PauseFor.TODAY, at(0) + timedelta(days=1)),
    ],
)
def test_a_pause_ends_at_a_whole_minute(length: PauseFor, ends: datetime) -> None:
    assert length.until(at(9, 0).replace(second=7)) == ends


Rig = DeskRig[FakePrinter]


@pytest.fixture
def stops(tmp_path: Path) -> Stops:
    return Stops(tmp_path)


@pytest.fixture
def rig(tmp_path: Path, stops: Stops) -> Iterator[Rig]:
    rig = Rig(tmp_path, stops=stops)
    yield rig
    rig.close()


def test_a_paused_service_gives_no_number_until_its_end(rig: Rig, stops: Stops) -> None:
    stops.pause(PAUSE)
    with pytest.raises(IssueRefused) as caught:
        rig.desk.issue(rig.request("a"))
    event = refused("a", caught.value)
    assert (event.trouble, event.until) == (Refusal.PAUSED, PAUSE.until)
    assert event.words is not None
    assert event.words.in_("id") == "Petugas sedang tidak di tempat"
    assert rig.desk.issue(rig.request("b", "kk")).ticket.number
    rig.now = PAUSE.until
    assert rig.desk.issue(rig.request("c")).ticket.number


def test_a_closed_machine_gives_no_number(rig: Rig, stops: Stops) -> None:
    stops.close_machine()
    with pytest.raises(IssueRefused) as caught:
        rig.desk.issue(rig.request("a"))
    assert refused("a", caught.value).trouble is Refusal.SHUT
    stops.open_machine()
    assert rig.desk.issue(rig.request("a")).ticket.number


def test_a_number_that_was_given_is_given_again_while_the_machine_is_closed(
    rig: Rig, stops: Stops
) -> None:
    first = rig.desk.issue(rig.request("a"))
    stops.close_machine()
    assert rig.desk.issue(rig.request("a")).ticket.number == first.ticket.number


def test_the_screens_show_a_pause_with_its_reason() -> None:
    live = NOT_LIVE.paused({"ktp": (PAUSE.until, pause_words(WORDS, PAUSE))})
    snapshot = KioskSnapshot(MENU, NINE, 0.0, live=live)
    agency = MENU.agency("dukcapil")
    assert agency is not None
    shut = snapshot.opening(agency, agency.services[0])
    assert (shut.why, shut.opens) == (Why.PAUSED, PAUSE.until)
    assert shut.reason is not None
    assert shut.reason.in_("en") == "The counter staff are away"
    assert snapshot.opening(agency, agency.services[1]).open


def paused_until(now: datetime, until: datetime) -> Opening:
    """What the screens show at ``now`` of a service that is paused until ``until``."""
    pause = replace(PAUSE, until=until)
    live = NOT_LIVE.paused({"ktp": (until, pause_words(WORDS, pause))})
    agency = BREAKS.agency("dukcapil")
    assert agency is not None
    return KioskSnapshot(BREAKS, now, 0.0, live=live).opening(agency, agency.services[0])


WITH_BREAK = hours(*["08:15-12:00 13:00-15:00"] * 4, "08:15-11:00", break_closed=True)
BREAKS = menu(agency("dukcapil", service("ktp", at_hours=WITH_BREAK)))
FRIDAY = date(2026, 11, 27)
MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("now", "until", "opens"),
    [
        (at(9), at(10), at(10)),
        (at(9), at(12, 30), at(13)),
        (at(9), PauseFor.TODAY.until(at(9)), at(7, 45, TUESDAY + timedelta(days=1))),
        (at(14), at(15), at(7, 45, TUESDAY + timedelta(days=1))),
        (at(9, 0, FRIDAY), PauseFor.TODAY.until(at(9, 0, FRIDAY)), at(7, 45, MONDAY)),
        (at(9), at(10).astimezone(UTC), at(10)),
        # While the hours give no numbers either, and the pause outlasts their next opening.
        (at(12, 10), PauseFor.TODAY.until(at(9)), at(7, 45, TUESDAY + timedelta(days=1))),
        (at(7), at(9), at(9)),
    ],
)
def test_a_pause_promises_only_an_opening_that_happens(
    now: datetime, until: datetime, opens: datetime
) -> None:
    shut = paused_until(now, until)
    assert (shut.why, shut.opens) == (Why.PAUSED, opens)
    agency = BREAKS.agency("dukcapil")
    assert agency is not None
    assert KioskSnapshot(BREAKS, opens, 0.0).opening(agency).open


def test_hours_that_open_after_the_pause_say_why_no_numbers_are_given() -> None:
    assert paused_until(at(12, 10), at(12, 30)).why is Why.BREAK
    assert paused_until(at(16), PauseFor.TODAY.until(at(9))).why is Why.CUTOFF


def test_a_refusal_by_a_pause_names_the_next_opening(rig: Rig, stops: Stops) -> None:
    whole_day = replace(PAUSE, until=PauseFor.TODAY.until(NINE))
    stops.pause(whole_day)
    with pytest.raises(IssueRefused) as caught:
        rig.desk.issue(rig.request("a"))
    tomorrow = at(7, 45, TUESDAY + timedelta(days=1))
    assert refused("a", caught.value).until == tomorrow
    assert "2026-11-25 07:45" in str(caught.value)
    rig.now = at(7)
    with pytest.raises(IssueRefused) as caught:
        rig.desk.issue(rig.request("b"))
    event = refused("b", caught.value)
    assert (event.trouble, event.until) == (Refusal.PAUSED, tomorrow)


def test_actions_are_appended_and_a_torn_line_is_skipped(tmp_path: Path) -> None:
    log = ActionLog(tmp_path)
    log.add(ActionEntry(NINE, "print-test"))
    with (tmp_path / "staff-actions.jsonl").open("a") as file:
        file.write('{"at": "2026')
        file.write("\n")
    log.add(ActionEntry(NINE, "pause", "done", "ktp"))
    assert [e.action for e in ActionLog(tmp_path).entries()] == ["print-test", "pause"]
    assert ActionLog(tmp_path).entries()[1] == ActionEntry(NINE, "pause", "done", "ktp")


def test_an_action_after_a_torn_line_is_kept(tmp_path: Path) -> None:
    log = ActionLog(tmp_path)
    log.add(ActionEntry(NINE, "pause"))
    log.add(ActionEntry(NINE, "print-test"))
    path = tmp_path / "staff-actions.jsonl"
    # As a full disk and a power cut leave the line that they interrupt.
    path.write_bytes(path.read_bytes()[:-9])
    for action in ("close", "open"):
        log.add(ActionEntry(NINE, action))
    assert [e.action for e in ActionLog(tmp_path).entries()] == ["pause", "close", "open"]


def test_a_full_log_begins_anew_and_keeps_the_one_before(tmp_path: Path) -> None:
    log = ActionLog(tmp_path)
    log.add(ActionEntry(NINE, "first", detail="x" * MOST_BYTES))
    log.add(ActionEntry(NINE, "second"))
    assert [e.action for e in log.entries()] == ["first", "second"]
    assert (tmp_path / "staff-actions.jsonl").stat().st_size < 1000
