"""The settings folders of ``examples/``: without a complaint, and as their script makes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import check_settings
from menu.agencies import describe
from tests.settings.folder import ROOT

EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize(
    ("name", "size", "zone"),
    [
        ("mpp-kecil", "3 agencies, 8 services", "WIT"),
        ("mpp-besar", "41 agencies, 150 services", "WIB"),
    ],
)
def test_an_example_has_no_problem(name: str, size: str, zone: str) -> None:
    checked = check_settings(EXAMPLES / name, ASSETS)
    assert [str(problem) for problem in checked.problems] == []
    assert checked.settings is not None
    menu = checked.settings.catalogue
    assert (describe(menu).in_("en"), menu.site.zone) == (size, zone)


def test_the_examples_are_those_of_their_script(tmp_path: Path) -> None:
    """After a change there: python -m script.make_examples, or script/fix."""
    argv = [sys.executable, "-m", "script.make_examples", str(tmp_path)]
    subprocess.run(argv, cwd=ROOT, check=True, timeout=60)
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*.yaml")}
    kept = {p.relative_to(EXAMPLES): p.read_bytes() for p in EXAMPLES.rglob("*.yaml")}
    assert made == kept
