"""Settings of all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# Hypothesis fails an example that takes 200 ms, which on a busy machine any example can. A test
# that does not end is pytest-timeout's business.
settings.register_profile("kiosk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kiosk")


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
