"""A desk for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.counter import Counter, PaperTray


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter[PaperTray]]:
    """A desk over a new journal, at 09:00 on an open day."""
    counter = Counter[PaperTray](tmp_path)
    yield counter
    counter.close()
