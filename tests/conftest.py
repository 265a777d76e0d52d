"""Settings of all tests."""

from __future__ import annotations

import functools
import gc
import itertools
import os
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Hypothesis fails an example that takes 200 ms, which on a busy machine any example can. A test
# that does not end is pytest-timeout's business.
settings.register_profile("kiosk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kiosk")


LONGEST = (
    "ui/test_modes_large.py",
    "desk/test_kills.py",
    "ui/test_screens_layout.py",
    "printing/test_oracle.py",
    "ui/test_modes_contrast.py",
    "e2e/test_commands.py",
    "ui/test_speech.py",
    "sync/test_real_server.py",
    "ui/test_keypad.py",
    "ui/test_app_staff.py",
    "e2e/test_demo.py",
    "ui/test_touch_torture.py",
    "e2e/test_service.py",
    "ui/test_reading.py",
    "contract/test_menus.py",
    "e2e/test_docs_commands.py",
    "model/test_search.py",
    "ui/test_modes_speech.py",
    "ui/test_modes_keys.py",
    "e2e/test_attacks.py",
    "ui/test_screens_preview.py",
)
"""The files that take the longest; those that calculate and those that wait in turn."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that at the end no process works alone on one of them."""
    place = {str(Path(__file__).parent / name): i for i, name in enumerate(LONGEST)}
    assert all(map(os.path.isfile, place)), "LONGEST names a file that does not exist"
    items.sort(key=lambda item: place.get(str(item.path), len(place)))


def pytest_collection_finish() -> None:
    """Exempt modules and collected tests from collections: they live to the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Close what a test left open: Python 3.13 warns of a database that is not closed."""
    making = sys.modules.get("tests.store.making")
    if making is not None:
        making.close_opened()


MEASURED_CASES = 1
"""Cases of each test function during which coverage is measured; the others run the same lines."""

MEASURED_EXAMPLES = 5
"""Examples of each property during which coverage is measured."""


class CoverageSampler:
    """Measures coverage during the first cases of each test function only.

    The tracer makes Python two to three times slower, also the code of libraries. Tests with
    ``usefixtures("unmeasured")`` are not measured at all: they run for many screens, printers or
    histories what other modules measure.
    """

    def __init__(self, plugin: Any) -> None:
        self._plugin = plugin
        self._measuring = True
        self._cases: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item
    ) -> Generator[None, bool | None, bool | None]:
        """Measure the test, or not."""
        function = item.nodeid.partition("[")[0]
        self._cases[function] += 1
        unmeasured = "unmeasured" in getattr(item, "fixturenames", ())
        self._measure(on=not unmeasured and self._cases[function] <= MEASURED_CASES)
        if self._measuring:
            self._limit_examples(item)
        return (yield)

    def _measure(self, *, on: bool) -> None:
        if on != self._measuring:
            controller = self._plugin.cov_controller
            (controller.resume if on else controller.pause)()
        self._measuring = on

    def _limit_examples(self, item: pytest.Item) -> None:
        """Stop measuring a property after its first examples."""
        handle = getattr(getattr(item, "obj", None), "hypothesis", None)
        if handle is None:
            return
        test, examples = handle.inner_test, itertools.count(1)

        @functools.wraps(test)
        def counted(*args: object, **named: object) -> object:
            if next(examples) > MEASURED_EXAMPLES:
                self._measure(on=False)
            return test(*args, **named)

        handle.inner_test = counted


def pytest_configure(config: pytest.Config) -> None:
    """Sample the coverage where pytest-cov measures it (``--cov``)."""
    plugin: Any = config.pluginmanager.get_plugin("_cov")
    if plugin is None or plugin.cov_controller is None:
        return
    if hasattr(config, "workerinput"):
        # pytest-cov starts another controller in a process of pytest-xdist, and never ends this
        # one, which would measure whenever the other one pauses.
        plugin.cov_controller.pause()
    config.pluginmanager.register(CoverageSampler(plugin))


@pytest.fixture(scope="module")
def unmeasured() -> None:
    """Run the tests of a module without measuring their coverage (``CoverageSampler``)."""
