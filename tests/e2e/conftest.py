from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.site import SiteFolder, VirtualPrinterProgram


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    """A kiosk that is open now, with its own virtual printer."""
    return SiteFolder(tmp_path)


@pytest.fixture
def printer(site: SiteFolder, tmp_path: Path) -> Iterator[VirtualPrinterProgram]:
    """A virtual printer beside the kiosk, which is set to it."""
    made = VirtualPrinterProgram(tmp_path / "slips")
    site.machine(made.connection)
    yield made
    made.close()
