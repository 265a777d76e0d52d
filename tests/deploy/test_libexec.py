"""The scripts beside the units, each with the programs that it calls replaced by recorders."""

from __future__ import annotations

import json
import os
import select
from pathlib import Path

import pytest

from kiosk.domain.health import ScreenHealth, screen_values
from tests.deploy.scripts import LIBEXEC, Script

UNIT = "mpp-kiosk.service"


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


# ── after the sorry picture ──────────────────────────────────────────────────────────────


def test_the_machine_restarts_after_three_pictures_but_not_in_its_first_hour(
    script: Script,
) -> None:
    script.program("systemctl")
    rounds, uptime = script.folder / "rounds", script.folder / "uptime"

    def end(up_s: int) -> bool:
        uptime.write_text(f"{up_s}.21 99.00\n")
        done = script.run("sorry-end", ROUNDS_FILE=rounds, UPTIME_FILE=uptime)
        calls = script.called()
        assert (done.returncode, done.stderr) == (0, "")
        assert calls[0] == "systemctl reset-failed mpp-kiosk.service"
        (order,) = calls[1:]
        assert order in ("systemctl --no-block reboot", f"systemctl --no-block start {UNIT}")
        return order.endswith("reboot")

    assert [end(900 + n * 400) for n in range(5)] == [False] * 5
    assert end(3600) is True
    assert [end(3700), end(4100), end(4500)] == [False, False, True]


def test_pictures_of_another_hour_do_not_count(script: Script) -> None:
    script.program("systemctl")
    rounds, uptime = script.folder / "rounds", script.folder / "uptime"
    uptime.write_text("90000.00 1.00\n")
    rounds.write_text("2\n")
    os.utime(rounds, (0, 0))
    script.run("sorry-end", ROUNDS_FILE=rounds, UPTIME_FILE=uptime)
    assert script.called() == [
        f"systemctl reset-failed {UNIT}",
        f"systemctl --no-block start {UNIT}",
    ]
    assert rounds.read_text() == "1\n"


# ── health ───────────────────────────────────────────────────────────────────────────────


def status(touch_s: float | None) -> str:
    """What ``kiosk status --json`` prints, as far as the script reads it."""
    screen = ScreenHealth(1.2, frames_failed=0, last_touch_s=touch_s, touches_dropped=0)
    return json.dumps({"state": "well", "screen": screen_values(screen)}, ensure_ascii=False)


def health(script: Script, touch_s: float | None, **values: str) -> tuple[str, list[str]]:
    """What the script prints, and what it tells systemd."""
    release = script.folder / "opt/releases/1/venv/bin"
    release.mkdir(parents=True, exist_ok=True)
    current = script.folder / "opt/current"
    if not current.exists():
        current.symlink_to("releases/1")
    kiosk = release / "kiosk"
    kiosk.write_text(f"#!/bin/sh\nprintf '%s\\n' '{status(touch_s)}'\nexit 1\n")
    kiosk.chmod(0o755)
    shown = {
        "ActiveState": "active", "ActiveEnterTimestampMonotonic": "0", "NRestarts": "0",
        "MemoryCurrent": str(300 << 20),
    } | values  # fmt: skip
    cases = "\n".join(f"*{key}*) echo {value} ;;" for key, value in shown.items())
    script.program("systemctl", f'case "$*" in\n{cases}\nesac')
    script.program("cut", "echo 5000")
    done = script.run("health", MPP_ROOT=script.folder / "opt")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, [
        c for c in script.called() if c.startswith("systemctl") and "show" not in c
    ]


def test_the_health_is_one_line(script: Script) -> None:
    said, orders = health(script, 12)
    assert said == f"exit=1 {status(12)}\n"
    assert orders == []


def test_an_idle_app_that_has_grown_is_restarted_in_order(script: Script) -> None:
    large = str(800 << 20)
    restart = ["systemctl --no-block restart mpp-kiosk.service"]
    assert health(script, 12, MemoryCurrent=large)[1] == []
    assert health(script, 301.5, MemoryCurrent=large)[1] == restart
    assert health(script, None, MemoryCurrent=large)[1] == restart
    assert health(script, None, MemoryCurrent="[not set]")[1] == []
    assert health(script, None, MemoryCurrent=large, ActiveState="activating")[1] == []


def test_an_app_that_has_run_well_begins_its_count_of_restarts_anew(script: Script) -> None:
    """systemd never does so by itself: each crash, weeks later, would wait the longest delay."""
    assert health(script, 1, NRestarts="4")[1] == ["systemctl reset-failed mpp-kiosk.service"]
    begun = str(4500 * 1_000_000)
    assert health(script, 1, NRestarts="4", ActiveEnterTimestampMonotonic=begun)[1] == []


# ── before the start ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("free_mb", "kept"), [(5000, True), (150, False)])
def test_room_is_made_on_a_full_disk_from_what_can_be_made_again(
    script: Script, free_mb: int, kept: bool
) -> None:
    state = script.folder / "state"
    for name in ("slips/1.png", "backup/20260101-1/j", "backup/20260102-1/j"):
        (state / name).parent.mkdir(parents=True)
        (state / name).touch()
    for name in ("kiosk.log", "kiosk.log.1", "journal.sqlite3", "kiosk.lock"):
        (state / name).touch()
    script.program("df", f"echo Avail; echo {free_mb}M")
    done = script.run("pre-start", STATE_DIR=state)
    assert (done.returncode, done.stderr) == (0, "")
    found = {str(p.relative_to(state)) for p in state.rglob("*") if p.is_file()}
    always = {"kiosk.log", "journal.sqlite3", "kiosk.lock", "backup/20260102-1/j"}
    lost = {"slips/1.png", "kiosk.log.1", "backup/20260101-1/j"}
    assert found == (always | lost if kept else always)


# ── the picture ──────────────────────────────────────────────────────────────────────────


def test_the_picture_is_shown_for_its_time_and_then_ends_well(script: Script) -> None:
    script.program("feh")
    for version, options in (("0.2.0", "-d -m last"), ("0.1.4", "-d")):
        script.program("cage", f'[ "$1" = -v ] && echo Cage version {version} || sleep 60')
        done = script.run("sorry", SORRY_S=1)
        assert (done.returncode, done.stderr) == (0, "")
        call = script.called()[-1]
        assert call.startswith(f"cage {options} -- {LIBEXEC}/display feh ")
    assert call.endswith("/sorry.png")
    assert (LIBEXEC / "sorry.png").is_file()


def test_without_a_compositor_the_time_is_waited_all_the_same(script: Script) -> None:
    """An end at once would start the app again and again, with nothing on the screen."""
    script.program("feh")
    script.program("cage", "exit 1")
    script.program("sleep")
    done = script.run("sorry", SORRY_S=300)
    assert done.returncode == 0
    last = script.called()[-1].split()
    assert (last[0], 290 < int(last[1]) <= 300) == ("sleep", True)


def test_words_stand_on_the_console_while_the_app_is_started_again(script: Script) -> None:
    script.program("setfont")
    leader, follower = os.openpty()
    done = script.run("moment", TTY=os.ttyname(follower))
    assert (done.returncode, done.stderr) == (0, "")
    shown = ""
    # A pseudo-terminal hands over what was written in pieces, and not at once.
    while "One moment, please" not in shown and select.select([leader], [], [], 10)[0]:
        shown += os.read(leader, 4096).decode()
    assert "One moment, please" in shown
    assert "Mohon tunggu sebentar" in shown
    assert "\x1b[2J" in shown
    os.close(leader)
    os.close(follower)
    assert script.run("moment", TTY=script.folder / "none").returncode == 0


def test_the_display_is_turned_before_the_program_starts(script: Script) -> None:
    script.program("cage", "echo Cage version 0.2.0")
    script.program("wlr-randr", "[ $# -gt 0 ] || printf 'DP-1 \"panel\"\n  Enabled: yes\n'")
    script.program("feh")
    plain = script.run("display", "feh", "a b")
    assert (plain.returncode, script.called()) == (0, ["feh a b"])
    script.run("display", "feh", OUTPUT_TRANSFORM=90)
    turned = ["cage -v", "wlr-randr ", "wlr-randr --output DP-1 --transform 90", "feh "]
    assert script.called() == turned
    script.program("wlr-randr", '[ $# -gt 0 ] && exit 1; echo "DP-1 x"')
    failed = script.run("display", "feh", OUTPUT_MODE="1080x1920")
    assert (failed.returncode, script.called()[-1]) == (0, "feh ")
    assert failed.stderr == "the display DP-1 keeps its own mode\n"
    # Of Debian 12: it has no output management.
    script.program("cage", "echo Cage version 0.1.4")
    script.called()
    old = script.run("display", "feh", OUTPUT_TRANSFORM=90)
    assert (old.returncode, script.called()) == (0, ["cage -v", "feh "])
    assert "newer cage" in old.stderr
