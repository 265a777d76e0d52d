"""If no window can be opened: a one-line message and exit code 3, without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")


def kiosk(tmp_path: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a ``kiosk`` command without this machine's display variables."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KIVY_", "SDL_"))}
    for name in NAMES:
        kept.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *args, "--state", str(tmp_path / "state")],
        cwd=ROOT,
        env={**kept, "HOME": str(tmp_path), "KIOSK_LANG": "en", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def assert_one_line(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 3, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("kiosk: ")
    assert "Traceback" not in done.stderr + done.stdout


def test_no_display(tmp_path: Path) -> None:
    done = kiosk(tmp_path, "run")
    assert_one_line(done)
    assert "no display" in done.stderr


@pytest.mark.parametrize("mode", [[], ["--windowed"]])
def test_a_display_that_does_not_answer(tmp_path: Path, mode: list[str]) -> None:
    done = kiosk(tmp_path, "run", *mode, DISPLAY=":60999")
    assert_one_line(done)
    assert "':60999'" in done.stderr


@pytest.mark.parametrize(
    "broken",
    [
        # libglvnd reads the list of EGL drivers from this folder. Mesa 25 ignores
        # LIBGL_DRIVERS_PATH, because it links its drivers statically.
        {"__EGL_VENDOR_LIBRARY_DIRS": "/nonexistent"},
        {"MESA_GL_VERSION_OVERRIDE": "1.4"},
    ],
    ids=["no driver", "OpenGL 1.4"],
)
def test_no_opengl(tmp_path: Path, broken: dict[str, str]) -> None:
    out = ["--out", str(tmp_path / "out")]
    done = kiosk(tmp_path, "demo", "--offscreen", *out, **broken)
    assert_one_line(done)
    assert "OpenGL" in done.stderr


def test_kivy_variables_in_the_environment_are_ignored(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from kiosk.ui import kivy_env\n"
        "home = pathlib.Path(sys.argv[1])\n"
        "kivy_env.prepare(offscreen=True, windowed=False, size=None, home=home)\n"
        "window = kivy_env.open_window()\n"
        "from kivy.config import Config\n"
        "print(window.size, Config.get('kivy', 'exit_on_escape'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "KIVY_WINDOW": "x11", "KCFG_KIVY_EXIT_ON_ESCAPE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split("\n")[0] == "(1080, 1920) 0"
    assert done.stderr == ""
