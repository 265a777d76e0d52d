from __future__ import annotations

from pathlib import Path

import pytest

from tests.settings.folder import AGENCIES, KIOSK, TICKET, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A settings folder that loads without a word."""
    path = tmp_path / "config"
    path.mkdir()
    made = Folder(path)
    made.write("agencies.yaml", AGENCIES)
    made.write("kiosk.yaml", KIOSK)
    made.write("ticket.yaml", TICKET)
    return made
