"""The limit on a service: the tightest rule, until it ends, and when numbers are given again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from menu.limits import Limit, again_after, limit_at, limits_at
from tests.domain.menus import TUESDAY, agency, at, menu, service
from tests.menu.strangers_rule import MOST, add_rule

PLAIN, FEW, MANY = service("ktp"), service("akta", quota=2), service("kk", quota=100)
MENU = menu(agency("dukcapil", PLAIN, FEW, MANY))
TOMORROW = at(0, day=TUESDAY + timedelta(days=1))


def test_the_quota_is_a_limit_until_midnight() -> None:
    assert limit_at(PLAIN, at(9)) is None
    assert limit_at(FEW, at(9)) == Limit(2, TOMORROW)
    assert limits_at(MENU, at(9)) == {"akta": Limit(2, TOMORROW), "kk": Limit(100, TOMORROW)}


def test_after_a_full_quota_numbers_are_given_on_the_next_day_with_hours() -> None:
    limit = limit_at(FEW, at(9))
    assert limit is not None
    assert again_after(MENU, FEW, limit) == at(7, 45, day=TUESDAY + timedelta(days=1))


def test_a_strangers_rule_joins_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    add_rule(monkeypatch)
    morning = limits_at(MENU, at(9))
    assert {code: limit.most for code, limit in morning.items()} == {
        "ktp": MOST,
        "akta": 2,
        "kk": MOST,
    }
    assert again_after(MENU, MANY, morning["kk"]) == at(12)
    assert limits_at(MENU, at(12)) == {"akta": Limit(2, TOMORROW), "kk": Limit(100, TOMORROW)}


def test_of_two_equal_limits_the_later_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    add_rule(monkeypatch)
    assert limit_at(replace(MANY, quota=MOST), at(9)) == Limit(MOST, TOMORROW)
