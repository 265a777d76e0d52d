"""A limit that the kiosk does not know, added in one place, holds for its own series."""

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
from tests.desk.counter import MENU, Counter, PaperTray
from tests.domain.menus import TUESDAY, at
from tests.menu.strangers_rule import MOST, WORDS, add_rule


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[PaperTray]]:
    add_rule(monkeypatch)
    counter = Counter[PaperTray](tmp_path)
    yield counter
    counter.close()


def test_forty_before_noon_then_no_more_until_noon(counter: Counter[PaperTray]) -> None:
    for n in range(MOST):
        counter.desk.issue(counter.request(f"a{n}"))
    with pytest.raises(IssueRefused) as caught:
        counter.desk.issue(counter.request("b"))
    said = refused("b", caught.value)
    assert (said.trouble, said.until, said.words) == (Refusal.QUOTA, at(12), WORDS)

    left = counter.desk.numbers_left()
    assert left["ktp"] == NumbersLeft(0, at(12), own=True)
    live = NOT_LIVE.shown(0.0, left)
    screen = KioskSnapshot(MENU, counter.now, 0.0, live=live)
    agency = MENU.agency("dukcapil")
    assert agency is not None
    shut = screen.opening(agency, agency.services[0])
    assert (shut.why, shut.opens) == (Why.QUOTA, at(12))

    counter.now = at(12)
    assert "ktp" not in counter.desk.numbers_left()
    assert counter.desk.issue(counter.request("c")).ticket.number == f"DK-{MOST + 1:03d}"


def test_the_servers_word_of_the_morning_does_not_close_the_afternoon(
    counter: Counter[PaperTray],
) -> None:
    outbox = counter.journal.outbox
    outbox.keep_quota(TUESDAY, {"ktp": 0, "akta": 1}, {"ktp": MOST, "akta": 2})
    assert outbox.quota_left("ktp", TUESDAY, MOST) == 0
    assert outbox.quota_left("ktp", TUESDAY, None) is None, "no limit after noon"
    assert outbox.quota_left("ktp", TUESDAY, 100) == 60, "another limit after noon"
    assert outbox.quota_left("akta", TUESDAY, 2) == 1


def test_without_words_of_its_own_a_quota_says_the_usual_ones(
    counter: Counter[PaperTray],
) -> None:
    for name in ("a1", "a2"):
        counter.desk.issue(counter.request(name, "akta"))
    with pytest.raises(IssueRefused) as caught:
        counter.desk.issue(counter.request("a3", "akta"))
    said = refused("a3", caught.value)
    assert said.words is None
    assert said.until == at(7, 45, day=TUESDAY + timedelta(days=1))
