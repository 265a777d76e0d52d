"""The wheel holds everything that the program needs, and runs far from the repository.

``script/test-wheel`` does the same in an empty virtual environment with the packages of PyPI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("kiosk", "menu", "queue_server", "virtual_printer", "assets", "config")
FILES = ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the wheel of a copy of the sources is installed."""
    base = tmp_path_factory.mktemp("wheel")
    source, folder = base / "source", base / "installed"
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    alone = ["--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "wheel", *alone, "-w", str(base), str(source)], check=True, cwd=base)
    (wheel,) = base.glob("*.whl")
    subprocess.run([*pip, "install", *alone, "--target", str(folder), str(wheel)], check=True)
    return folder


def run(installed: Path, cwd: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the wheel in ``cwd``."""
    env = os.environ | {"PYTHONPATH": str(installed), "KIOSK_LANG": "en", "HOME": str(cwd)}
    return subprocess.run(
        [sys.executable, "-m", *args], cwd=cwd, env=env, capture_output=True, text=True, timeout=120
    )


def test_no_file_of_the_packages_is_missing(installed: Path) -> None:
    places = {"assets": "kiosk/_data/assets", "config": "kiosk/_data/config"}
    wanted = {
        places.get(name, name) + "/" + path.relative_to(ROOT / name).as_posix()
        for name in SOURCES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    found = {path.relative_to(installed).as_posix() for path in installed.rglob("*")}
    ours = {name for name in wanted if not name.endswith((".md", ".pyc"))}
    assert ours - found == set()


def test_the_shipped_settings_are_right_far_from_the_repository(
    installed: Path, tmp_path: Path
) -> None:
    config = installed / "kiosk" / "_data" / "config"
    done = run(installed, tmp_path, "kiosk", "check", str(config))
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "27 agencies, 80 services")
    assert done.stderr == ""


def test_a_visit_off_screen_works_far_from_the_repository(installed: Path, tmp_path: Path) -> None:
    config = str(installed / "kiosk" / "_data" / "config")
    done = run(
        installed, tmp_path, "kiosk", "demo", "--offscreen", "--visits", "1", "--config", config,
        "--state", str(tmp_path / "state"), "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert list((tmp_path / "out" / "slips").glob("*.png"))
    assert len(list((tmp_path / "out").rglob("*.png"))) > 3
    name = subprocess.run(
        [sys.executable, "-c", "import kiosk; print(kiosk.__file__)"],
        env=os.environ | {"PYTHONPATH": str(installed)}, cwd=tmp_path, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert Path(name.stdout.strip()).is_relative_to(installed)
