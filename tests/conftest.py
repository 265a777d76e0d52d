"""Settings of all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Hypothesis fails an example that takes 200 ms, which on a busy machine any example can. A test
# that does not end is pytest-timeout's business.
settings.register_profile("kiosk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kiosk")


LONGEST = (
    "ui/test_screens_layout.py",
    "sync/test_real_server.py",
    "ui/test_touch_torture.py",
    "ui/test_keypad.py",
    "ui/test_reading.py",
    "ui/test_app_twice.py",
    "store/test_state_files.py",
    "printing/test_oracle.py",
    "ui/test_modes_large.py",
    "ui/test_app_staff.py",
    "contract/test_menus.py",
    "desk/test_kills.py",
    "ui/test_modes_contrast.py",
    "ui/test_speech.py",
    "ui/test_screens_preview.py",
    "e2e/test_demo.py",
)
"""The files that take the longest; those that calculate and those that wait in turn."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that at the end no process works alone on one of them."""
    place = {str(Path(__file__).parent / name): i for i, name in enumerate(LONGEST)}
    assert all(map(os.path.isfile, place)), "LONGEST names a file that does not exist"
    items.sort(key=lambda item: place.get(str(item.path), len(place)))


@pytest.fixture(scope="module")
def unmeasured(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run the tests of a module without measuring their coverage.

    The tracer nearly doubles the processor's time. Modules that run the same lines for many
    screens, printers or histories, lines which other modules measure, do without it.
    """
    plugin = request.config.pluginmanager.get_plugin("_cov")
    measuring = getattr(plugin, "cov_controller", None)
    if measuring is None:
        yield
        return
    measuring.pause()
    yield
    measuring.resume()
