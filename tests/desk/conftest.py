"""The desk under test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.rig import DeskRig, FakePrinter


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[DeskRig[FakePrinter]]:
    """A desk with a new journal and a fake printer, at 09:00 on an open day."""
    rig = DeskRig[FakePrinter](tmp_path)
    yield rig
    rig.close()
