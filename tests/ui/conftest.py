"""One real off-screen window for all tests of the screen: Kivy has one window in a process.

Kivy is configured while this file is imported, before any test module imports Kivy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.ui import kivy_env

_HOME = tempfile.TemporaryDirectory(prefix="kivy-home-")
SIZE = (1080, 1920)
kivy_env.prepare(offscreen=True, windowed=False, size=SIZE, home=Path(_HOME.name))


@pytest.fixture(scope="session")
def window() -> Any:
    """The window."""
    return kivy_env.open_window()


@pytest.fixture
def context(window: Any) -> Iterator[Callable[..., Any]]:
    """Begins an application on a kiosk port, and finishes it after the test."""
    from tests.ui.hands import AppUnderTest

    begun: list[AppUnderTest] = []

    def make(*args: Any, **more: Any) -> AppUnderTest:
        begun.append(AppUnderTest(window, *args, **more))
        return begun[-1]

    yield make
    for one in begun:
        one.end()
