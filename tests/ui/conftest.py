"""One real off-screen window for all UI tests: Kivy supports one window in a process.

This file configures Kivy on import, because that must precede any import of Kivy in a test module.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.ui import kivy_env

os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
_HOME = tempfile.TemporaryDirectory(prefix="kivy-home-")
SIZE = (1080, 1920)
kivy_env.prepare(offscreen=True, windowed=False, size=SIZE, home=Path(_HOME.name))


@pytest.fixture(scope="session")
def unseen() -> Any:
    """The off-screen window, of whose frames only one pixel is filled."""
    window = kivy_env.open_window()
    from tests.ui.unseen import Unseen

    return Unseen(window)


@pytest.fixture
def seen(unseen: Any) -> Iterator[None]:
    """Fill every pixel of the window's frames, for tests that read them."""
    with unseen.seen():
        yield


@pytest.fixture(scope="session")
def window(unseen: Any) -> Any:
    """The off-screen window."""
    return unseen.window


@pytest.fixture
def context(window: Any) -> Iterator[Callable[..., Any]]:
    """Factory: starts an application on a kiosk port; finished after the test."""
    from tests.ui.app_under_test import AppUnderTest

    started: list[AppUnderTest] = []

    def make(*args: Any, **more: Any) -> AppUnderTest:
        started.append(AppUnderTest(window, *args, **more))
        return started[-1]

    yield make
    for app in started:
        app.end()
