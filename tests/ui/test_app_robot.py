"""The robot of the off-screen demo: three visits, pictures, and menus other than Balikpapan's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.app.plans import Plan, plan_visits
from kiosk.app.robot import Robot, RobotLost, Timed
from kiosk.domain.delivery import Proof
from kiosk.domain.events import Refused
from kiosk.domain.live import Live, ServiceLive
from kiosk.domain.scene import Trouble
from kiosk.errors import KioskError
from tests.domain.menus import MENU, agency, at, menu, service
from tests.ui.backstages import PlainBackstage
from tests.ui.hands import Scene

Make = Callable[..., Scene]


def robot_of(scene: Scene, pictures: Path | None = None) -> Robot:
    return Robot(scene.app, scene.window, scene.news, scene.clock, pictures)


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
def test_a_menu_that_gives_nothing_is_said_so(shut: Any) -> None:
    with pytest.raises(KioskError, match="gives numbers"):
        plan_visits(shut, at(9), 3)


def test_at_night_nothing_is_open_and_it_is_said_so() -> None:
    with pytest.raises(KioskError, match="23:00"):
        plan_visits(MENU, at(23), 3)


def test_a_busy_service_is_confirmed_like_a_visitor_does(scene: Make) -> None:
    s = scene(PlainBackstage(replace(MENU, confirm_above=20)))
    s.backstage.queue = Live({"ktp": ServiceLive(34)}, in_touch=True, linked=True)
    busy, calm = robot_of(s).visits([Plan("dukcapil", "ktp"), Plan("dukcapil", "kk")])
    assert (busy.number, busy.taps) == ("AA-001", 3)
    assert (calm.number, calm.taps) == ("AA-002", 2)


def test_the_visits_are_made_with_touches(scene: Make, tmp_path: Path) -> None:
    s = scene()
    plans = [
        Plan("dukcapil", "ktp"),
        Plan("dukcapil", "kk", language="en", priority="elderly"),
        Plan("dlh", "ukl"),
    ]
    results = list(robot_of(s, tmp_path).visits(plans))
    assert [r.number for r in results] == ["AA-001", "AA-002", "AA-003"]
    assert [r.taps for r in results] == [2, 4, 1]
    assert [r.proof for r in results] == [Proof.CONFIRMED] * 3
    assert all(r.slip_ms is not None for r in results)
    requests = s.backstage.requests
    assert [(r.service, r.language, r.priority) for r in requests] == [
        ("ktp", "id", None),
        ("kk", "en", "elderly"),
        ("ukl", "id", None),
    ]


def test_every_screen_passed_leaves_a_picture(scene: Make, tmp_path: Path) -> None:
    s = scene()
    list(robot_of(s, tmp_path).visits([Plan("dukcapil", "ktp")]))
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


def test_a_refusal_is_a_result_too(scene: Make) -> None:
    s = scene()
    s.backstage.answer = lambda request, post: post(Refused(request.id, Trouble.QUOTA))
    (result,) = robot_of(s).visits([Plan("dlh", "ukl")])
    assert (result.number, result.trouble) == ("", "quota")


def test_a_screen_that_never_comes_is_said_so(scene: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    s = scene()
    s.backstage.answer = s.backstage.nothing
    monkeypatch.setattr("kiosk.app.robot.DEADLINE_S", 0.2)
    with pytest.raises(RobotLost, match="Issuing"):
        list(robot_of(s).visits([Plan("dlh", "ukl")]))


def test_the_time_of_the_news_is_noted_where_it_was_posted(scene: Make) -> None:
    s = scene()
    news = Timed(s.backstage)
    posted: list[Any] = []
    news.issue(s.backstage_request("ukl"), posted.append)
    (ticket,) = s.backstage.tickets.values()
    assert len(posted) == 2
    assert news.committed_s[ticket.id] <= news.delivered_s[ticket.id]
