"""What may be shown of the queue: fresh, counted down, and what it does to the opening."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.live import (
    FRESH_S,
    NOT_LIVE,
    QUOTA_FULL,
    Live,
    NumbersLeft,
    ServiceLive,
    WaitSpan,
    wait_span,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
)
from menu.schedule import Why
from tests.domain.menus import MENU, at

BUSY = ServiceLive(12, (40, 50), "DK-001", quota_left=5)


def test_old_live_state_is_hidden_except_the_numbers_left() -> None:
    live = Live({"ktp": BUSY, "kk": BUSY}, at_s=100.0, in_touch=True, linked=True)
    assert live.shown(100 + FRESH_S, {}).services == {"ktp": BUSY, "kk": BUSY}
    assert live.shown(100.1 + FRESH_S, {"ktp": NumbersLeft(3)}).services == {
        "ktp": ServiceLive(quota_left=3)
    }
    assert live.shown(99.0, {}).services == {}, "a clock that ran backwards"


def test_the_kiosk_s_own_count_replaces_the_server_s_older_one() -> None:
    live = Live({"ktp": BUSY}, at_s=0.0)
    assert live.shown(1.0, {"ktp": NumbersLeft(4)}).services["ktp"] == replace(BUSY, quota_left=4)
    full = live.shown(1.0, {"ktp": NumbersLeft(-1, at(12))}).services["ktp"]
    assert (full.open, full.reason, full.quota_left) == (False, QUOTA_FULL, 0)
    assert full.until == at(12)
    paused = ServiceLive(open=False, reason="paused")
    assert (
        Live({"ktp": paused}, at_s=0.0).shown(1.0, {"ktp": NumbersLeft(0)}).services["ktp"].reason
        == "paused"
    )


def test_a_service_that_the_server_reports_full_stays_full_while_its_numbers_count() -> None:
    full = ServiceLive(open=False, reason=QUOTA_FULL, until=at(12), quota_left=0)
    live = Live({"ktp": full}, at_s=0.0)
    assert live.shown(1.0, {"ktp": NumbersLeft(60)}).services["ktp"] == full
    alone = live.shown(1.0, {"ktp": NumbersLeft(1, own=True)}).services["ktp"]
    assert (alone.open, alone.reason, alone.quota_left) == (True, None, 1)


def test_the_server_s_end_of_a_closure_is_used_in_the_opening() -> None:
    now = snapshot(ktp=ServiceLive(open=False, reason=QUOTA_FULL, until=at(12)))
    agency = MENU.agency("dukcapil")
    assert agency is not None
    shut = now.opening(agency, agency.services[0])
    assert (shut.why, shut.opens, shut.service_opens) == (Why.QUOTA, at(12), None)


def test_only_a_kiosk_with_a_server_can_be_offline() -> None:
    assert not NOT_LIVE.cut_off
    assert Live(linked=True).cut_off
    assert not Live(linked=True, in_touch=True).cut_off


def snapshot(**states: ServiceLive) -> KioskSnapshot:
    return KioskSnapshot(MENU, at(9), 0.0, live=Live(states, in_touch=True, linked=True))


def test_full_and_paused_services_are_closed_with_their_end() -> None:
    until = at(10, 30)
    now = snapshot(
        ktp=ServiceLive(open=False, reason=QUOTA_FULL),
        kk=ServiceLive(open=False, reason="paused", until=until),
    )
    agency = MENU.agency("dukcapil")
    assert agency is not None
    by_code = {s.code: now.opening(agency, s) for s in agency.services}
    assert by_code["ktp"].why is Why.QUOTA
    assert by_code["ktp"].opens is not None
    assert by_code["ktp"].opens > at(23)
    assert (by_code["kk"].why, by_code["kk"].opens) == (Why.PAUSED, until)


def test_the_opening_hours_precede_the_live_state() -> None:
    agency = MENU.agency("dukcapil")
    assert agency is not None
    night = replace(snapshot(ktp=ServiceLive(open=False, reason=QUOTA_FULL)), now=at(23))
    assert night.opening(agency, agency.services[0]).why is Why.CUTOFF


def test_a_service_is_busy_if_recent_live_state_exceeds_the_setting() -> None:
    found = MENU.service("ktp")
    assert found is not None
    for waiting, above, busy in (
        (12, None, False),
        (12, 12, False),
        (12, 11, True),
        (0, 0, False),
        (1, 0, True),
        (None, 0, False),
    ):
        now = snapshot(ktp=ServiceLive(waiting))
        now = replace(now, catalogue=replace(MENU, confirm_above=above))
        assert now.busy(found.service) is busy, (waiting, above)
    unknown = replace(snapshot(), catalogue=replace(MENU, confirm_above=0))
    assert not unknown.busy(found.service)


def test_an_agency_s_count_is_the_sum_of_its_services() -> None:
    agency = MENU.agency("dukcapil")
    assert agency is not None
    assert snapshot(ktp=BUSY, kk=ServiceLive(3)).waiting(agency) == 15
    assert snapshot(ktp=ServiceLive()).waiting(agency) is None
    assert snapshot().waiting(agency) is None


@pytest.mark.parametrize(
    ("minutes", "span"),
    [
        ((0, 5), WaitSpan(0, 5)),
        ((4, 4), WaitSpan(5, 5)),
        ((36, 50), WaitSpan(35, 50)),
        ((40, 60), WaitSpan(40, 60)),
        ((50, 61), WaitSpan(1.0, 1.5, hours=True)),
        ((10, 70), WaitSpan(0.5, 1.5, hours=True)),
        ((120, 150), WaitSpan(2.0, 2.5, hours=True)),
        ((440, 550), WaitSpan(7.5, 9.5, hours=True)),
    ],
)
def test_waits_are_rounded_to_5_minutes_or_half_hours(
    minutes: tuple[int, int], span: WaitSpan
) -> None:
    assert wait_span(minutes) == span


@given(st.integers(0, 2000), st.integers(0, 600))
def test_no_wait_is_shown_shorter_than_its_estimate(low: int, more: int) -> None:
    span = wait_span((low, low + more))
    unit = 60 if span.hours else 1
    assert span.low <= span.high
    assert span.high * unit >= low + more
    assert (span.low % (0.5 if span.hours else 5), span.high % (0.5 if span.hours else 5)) == (0, 0)
