"""A new kind of limit, added in one place, applies to the kiosk's own series."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.live import NOT_LIVE, NumbersLeft
from kiosk.domain.refusals import refused
from kiosk.domain.visit_screens import (
    Problem,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
)
from kiosk.errors import IssueRefused, Refusal
from kiosk.ui.i18n import Phrases, TitleAndText
from kiosk.ui.opening_phrases import OpeningPhrases
from menu.limits import Limit, room
from menu.quota import DayQuota, Quota
from menu.schedule import Why
from tests.desk.rig import MENU, DeskRig, FakePrinter, settings
from tests.desk.rig import WORDS as WORDS_OF_SCREEN
from tests.domain.menus import TUESDAY, agency, at, menu, service
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
    quotas = rig.journal.server_quotas
    quotas.store(TUESDAY, {"ktp": 0, "akta": 1}, {"ktp": MOST, "akta": 2})

    def left(service: str, *limits: Limit) -> int | None:
        said = quotas.latest(TUESDAY)[service]
        found = room(limits, lambda since: said.taken(since, 0))
        return None if found is None else found.left

    assert left("ktp", Limit(MOST, at(12))) == 0
    assert left("ktp") is None, "no limit after noon"
    assert left("ktp", Limit(100, at(23))) == 60, "another limit after noon"
    assert left("akta", Limit(2, at(23))) == 1


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


def test_alone_each_hour_has_its_own_numbers_and_the_day_its_sum(tmp_path: Path) -> None:
    """Two services on one series: each quota counts its own service."""
    quota = Quota.every_day(DayQuota(day=5, hour=3))
    both = [service("ktp", prefix="DK", quota=quota), service("kk", prefix="DK", quota=quota)]
    catalogue = menu(agency("dukcapil", *both, prefix="DK"))
    rig = DeskRig[FakePrinter](tmp_path, settings(catalogue=catalogue))
    rig.now = at(8, 59)
    rig.desk.issue(rig.request("early", "ktp"))
    rig.now = at(9)
    for n in range(3):
        rig.desk.issue(rig.request(f"nine{n}", "ktp"))
    with pytest.raises(IssueRefused) as caught:
        rig.desk.issue(rig.request("full", "ktp"))
    event = refused("full", caught.value)
    assert (event.trouble, event.until, event.words) == (Refusal.QUOTA, at(10), None)
    assert rig.desk.numbers_left()["kk"] == NumbersLeft(3, at(10), own=True)
    assert rig.desk.issue(rig.request("other", "kk")).ticket.number == "DK-005"

    rig.now = at(10)
    assert rig.desk.numbers_left()["ktp"].numbers == 1, "the day's sum leaves one"
    assert rig.desk.issue(rig.request("last", "ktp")).ticket.number == "DK-006"
    rig.journal.void("last")
    assert rig.desk.issue(rig.request("again", "ktp")).ticket.number == "DK-007"
    with pytest.raises(IssueRefused) as caught:
        rig.desk.issue(rig.request("tomorrow", "ktp"))
    tomorrow = at(7, 45, day=TUESDAY + timedelta(days=1))
    assert refused("tomorrow", caught.value).until == tomorrow
    rig.close()


def test_the_screen_says_when_numbers_are_given_again(rig: DeskRig[FakePrinter]) -> None:
    full = {"ktp": NumbersLeft(0, at(10), own=True)}
    screen = KioskSnapshot(MENU, at(9, 20), 0.0, live=NOT_LIVE.shown(0.0, full))
    found = MENU.agency("dukcapil")
    assert found is not None
    shut = screen.opening(found, found.services[0])
    assert (shut.why, shut.opens) == (Why.QUOTA, at(10))
    for language, title, text, short in (
        ("id", "Nomor untuk saat ini habis", "Nomor dapat diambil lagi pukul 10.00 WITA.",
         "Nomor lagi 10.00"),
        ("en", "No numbers are left for now", "You can take a number again at 10:00 WITA.",
         "Numbers at 10:00"),
    ):  # fmt: skip
        says = Phrases(WORDS_OF_SCREEN, language, "WITA")
        assert OpeningPhrases(says).reason(shut, at(9, 20)) == TitleAndText(title, text)
        assert OpeningPhrases(says).short(shut, at(9, 20)) == short
        problem = Problem(Refusal.QUOTA, until=at(10))
        assert says.problem(problem, at(9, 20)) == TitleAndText(title, text)
