"""A new kind of limit, added in one place, applies to the kiosk's own series."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.live import NOT_LIVE, NumbersLeft
from kiosk.domain.refusals import refused
from kiosk.domain.visit_state import KioskSnapshot
from kiosk.errors import IssueRefused, Refusal
from menu.schedule import Why
from tests.desk.rig import MENU, DeskRig, FakePrinter
from tests.domain.menus import TUESDAY, at
from tests.menu.strangers_rule import MOST, WORDS, add_rule


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeskRig[FakePrinter]]:
    add_rule(monkeypatch)
    rig = DeskRig[FakePrinter](tmp_path)
    yield rig
    rig.close()


def test_forty_numbers_before_noon_and_more_after(rig: DeskRig[FakePrinter]) -> None:
    for n in range(MOST):
        rig.desk.issue(rig.request(f"a{n}"))
    with pytest.raises(IssueRefused) as caught:
        rig.desk.issue(rig.request("b"))
    event = refused("b", caught.value)
    assert (event.trouble, event.until, event.words) == (Refusal.QUOTA, at(12), WORDS)

    left = rig.desk.numbers_left()
    assert left["ktp"] == NumbersLeft(0, at(12), own=True)
    live = NOT_LIVE.shown(0.0, left)
    screen = KioskSnapshot(MENU, rig.now, 0.0, live=live)
    agency = MENU.agency("dukcapil")
    assert agency is not None
    shut = screen.opening(agency, agency.services[0])
    assert (shut.why, shut.opens) == (Why.QUOTA, at(12))

    rig.now = at(12)
    assert "ktp" not in rig.desk.numbers_left()
    assert rig.desk.issue(rig.request("c")).ticket.number == f"DK-{MOST + 1:03d}"


def test_the_server_s_count_of_the_morning_does_not_limit_the_afternoon(
    rig: DeskRig[FakePrinter],
) -> None:
    outbox = rig.journal.outbox
    outbox.keep_quota(TUESDAY, {"ktp": 0, "akta": 1}, {"ktp": MOST, "akta": 2})
    assert outbox.quota_left("ktp", TUESDAY, MOST) == 0
    assert outbox.quota_left("ktp", TUESDAY, None) is None, "no limit after noon"
    assert outbox.quota_left("ktp", TUESDAY, 100) == 60, "another limit after noon"
    assert outbox.quota_left("akta", TUESDAY, 2) == 1


def test_a_quota_without_its_own_words_is_refused_with_the_standard_text(
    rig: DeskRig[FakePrinter],
) -> None:
    for name in ("a1", "a2"):
        rig.desk.issue(rig.request(name, "akta"))
    with pytest.raises(IssueRefused) as caught:
        rig.desk.issue(rig.request("a3", "akta"))
    event = refused("a3", caught.value)
    assert event.words is None
    assert event.until == at(7, 45, day=TUESDAY + timedelta(days=1))
