"""The layout of the search screen: every letter, 20 mm keys, 5 mm between, on any screen."""

from __future__ import annotations

import string
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.screens.agencies_plan import PlanArea, Rect
from kiosk.screens.find_plan import ERASE, SPACE, plan_find

SIZES = {
    "portrait-21": PlanArea(267.7, 409),
    "landscape-21": PlanArea(476, 216.6),
    "portrait-15": PlanArea(210, 279),
    "landscape-15": PlanArea(336, 165.2),
}
SPACES = st.one_of(
    st.builds(PlanArea, st.floats(190, 420), st.floats(270, 700)),
    st.builds(PlanArea, st.floats(320, 700), st.floats(150, 270)),
)


def gap(one: Rect, other: Rect) -> float:
    """The distance between two rectangles; negative when they overlap."""
    across = max(one.x, other.x) - min(one.x + one.w, other.x + other.w)
    down = max(one.y, other.y) - min(one.y + one.h, other.y + other.h)
    return max(across, down)


def check(space: PlanArea) -> None:
    plan = plan_find(space)
    letters = [key.letter for key in plan.keys]
    assert sorted(letters) == sorted([*string.ascii_lowercase, SPACE, ERASE])
    needs, nothing = plan.needs(6)[1], plan.nothing(6)
    boards = [key.place for key in plan.keys]
    for group in (plan.rows(), needs, (nothing[1], *nothing[2])):
        targets = [*boards, plan.clear, *group]
        for place in targets:
            assert min(place.w, place.h) >= 20 - 1e-6, place
            assert place.x >= space.margin - 1e-6
            assert place.x + place.w <= space.width - space.margin + 1e-6
            assert place.y + place.h <= space.height - space.below + 1e-6
        for one, other in combinations([*targets, plan.field], 2):
            assert gap(one, other) >= 5 - 1e-6, (one, other)


@pytest.mark.parametrize("size", SIZES)
def test_a_reference_screen_holds_keys_results_and_needs(size: str) -> None:
    check(SIZES[size])
    assert len(plan_find(SIZES[size]).rows()) >= 4


@given(SPACES)
def test_any_usual_screen_holds_keys_results_and_needs(space: PlanArea) -> None:
    check(space)


def test_the_keyboard_is_the_one_that_fits() -> None:
    first = {name: "".join(k.letter for k in plan_find(s).keys[:5]) for name, s in SIZES.items()}
    assert first == {
        "portrait-21": "qwert",
        "landscape-21": "qwert",
        "portrait-15": "abcde",
        "landscape-15": "abcde",
    }
