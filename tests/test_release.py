"""The version and the release's date are the same wherever they are written."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import kiosk
import queue_server

ROOT = Path(__file__).resolve().parents[1]


def test_the_package_names_the_latest_release_of_the_changelog() -> None:
    released = re.search(
        r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$",
        (ROOT / "CHANGELOG.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert released is not None
    assert released.groups() == (kiosk.__version__, kiosk.RELEASED)


def test_the_package_and_its_metadata_have_one_version() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    assert setup["metadata"]["version"] == kiosk.__version__ == queue_server.__version__
