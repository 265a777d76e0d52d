"""A limit that no code knows: at most 40 numbers of a service before noon."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pytest

from menu import limits
from menu.catalogue import Service
from menu.limits import Limit
from menu.local_text import LocalText

MOST = 40
WORDS = LocalText.of(id="Nomor untuk pagi ini sudah habis.", en="This morning's numbers are given.")


def before_noon(_: Service, now: datetime) -> Iterable[Limit]:
    """The rule."""
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    return [Limit(MOST, noon, WORDS)] if now < noon else []


def add_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add it in the one place where limits are asked."""
    monkeypatch.setattr(limits, "RULES", (*limits.RULES, before_noon))
