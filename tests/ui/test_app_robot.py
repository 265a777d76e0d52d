"""The robot of the off-screen demo: visits, pictures, and other menus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.app.kiosk_app import make_root_view
from kiosk.demo.plans import VisitPlan, plan_visits
from kiosk.demo.robot import Robot, RobotLost
from kiosk.demo.timing_port import TimingKioskPort
from kiosk.domain.delivery import Proof
from kiosk.domain.events import Refused
from kiosk.domain.live import Live, ServiceLive
from kiosk.errors import KioskError, Refusal
from tests.domain.menus import MENU, agency, at, menu, service
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort

Make = Callable[..., AppUnderTest]


def robot_of(context: AppUnderTest, pictures: Path | None = None) -> Robot:
    return Robot(context.app, context.window, context.timing_port, context.clock, pictures)


def test_three_different_visits_of_the_usual_menu() -> None:
    plans = plan_visits(MENU, at(9), 3)
    assert len({plan.agency for plan in plans}) == 2
    assert plans[1].language == "en"
    assert plan_visits(MENU, at(9), 1) == plans[:1]
    assert len(plan_visits(MENU, at(9), 200)) == 200


def test_a_menu_with_one_agency_and_one_service_is_enough() -> None:
    small = menu(agency("only", service("one")))
    assert {(p.agency, p.service) for p in plan_visits(small, at(9), 5)} == {("only", "one")}


@pytest.mark.parametrize("shut", [menu(), menu(agency("empty"))])
def test_a_menu_without_services_is_an_error(shut: Any) -> None:
    with pytest.raises(KioskError, match="gives numbers"):
        plan_visits(shut, at(9), 3)


def test_a_demo_outside_the_hours_is_an_error() -> None:
    with pytest.raises(KioskError, match="23:00"):
        plan_visits(MENU, at(23), 3)


def test_the_robot_confirms_a_busy_service(context: Make) -> None:
    s = context(FakeKioskPort(replace(MENU, confirm_above=20)))
    s.kiosk_port.queue = Live({"ktp": ServiceLive(34)}, in_touch=True, linked=True)
    busy, calm = robot_of(s).visits([VisitPlan("dukcapil", "ktp"), VisitPlan("dukcapil", "kk")])
    assert (busy.number, busy.taps) == ("AA-001", 3)
    assert (calm.number, calm.taps) == ("AA-002", 2)


def test_the_robot_makes_visits_with_touches(context: Make, tmp_path: Path) -> None:
    s = context()
    plans = [
        VisitPlan("dukcapil", "ktp"),
        VisitPlan("dukcapil", "kk", language="en", priority="elderly"),
        VisitPlan("dlh", "ukl"),
    ]
    results = list(robot_of(s, tmp_path).visits(plans))
    assert [r.number for r in results] == ["AA-001", "AA-002", "AA-003"]
    assert [r.taps for r in results] == [2, 4, 2]
    assert [r.proof for r in results] == [Proof.CONFIRMED] * 3
    assert all(r.slip_ms is not None for r in results)
    requests = s.kiosk_port.requests
    assert [(r.service, r.language, r.priority) for r in requests] == [
        ("ktp", "id", None),
        ("kk", "en", "elderly"),
        ("ukl", "id", None),
    ]


def test_the_robot_saves_a_picture_of_each_screen(
    context: Make, seen: None, tmp_path: Path
) -> None:
    s = context()
    list(robot_of(s, tmp_path).visits([VisitPlan("dukcapil", "ktp")]))
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == [
        "01-agencies-id.png",
        "02-services-id.png",
        "03-printing-id.png",
        "04-number-id.png",
    ]
    for path in tmp_path.iterdir():
        with Image.open(path) as picture:
            assert picture.size == s.window.size
            low_high = picture.convert("L").getextrema()
            assert low_high[0] != low_high[1], f"{path.name} is blank"


def test_the_robot_finds_a_language_behind_the_key_of_three(context: Make) -> None:
    site = replace(MENU.site, languages=("id", "en", "jv"))
    s = context(FakeKioskPort(replace(MENU, site=site)), make_root_view)
    plans = [VisitPlan("dukcapil", "ktp", language="jv"), VisitPlan("dukcapil", "kk")]
    other, first = robot_of(s).visits(plans)
    assert (other.number, other.taps) == ("AA-001", 4)
    assert (first.number, first.taps) == ("AA-002", 2)


def test_a_refusal_is_reported_as_a_result(context: Make) -> None:
    s = context()
    s.kiosk_port.answer = lambda request, post: post(Refused(request.id, Refusal.QUOTA))
    (result,) = robot_of(s).visits([VisitPlan("dlh", "ukl")])
    assert (result.number, result.trouble) == ("", "quota")


def test_a_screen_that_does_not_appear_is_an_error(
    context: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    s = context()
    s.kiosk_port.answer = s.kiosk_port.nothing
    monkeypatch.setattr("kiosk.demo.robot.DEADLINE_S", 0.2)
    with pytest.raises(RobotLost, match="Issuing"):
        list(robot_of(s).visits([VisitPlan("dlh", "ukl")]))


def test_the_timing_port_records_when_events_were_posted(context: Make) -> None:
    s = context()
    port = TimingKioskPort(s.kiosk_port)
    posted: list[Any] = []
    port.issue(s.kiosk_port_request("ukl"), posted.append)
    (ticket,) = s.kiosk_port.tickets.values()
    assert len(posted) == 2
    assert port.committed_s[ticket.id] <= port.delivered_s[ticket.id]
