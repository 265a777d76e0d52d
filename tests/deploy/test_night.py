"""``libexec/night`` and ``update --night``: what an unattended kiosk does while nobody is there."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.domain.health import ScreenHealth, screen_values
from tests.deploy.scripts import Script
from tests.deploy.site import NEW, OLD, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A kiosk that knows a key, with an empty folder in which releases arrive."""
    site = Site(tmp_path)
    (site.opt / "incoming").mkdir()
    openssl(f"genpkey -algorithm ed25519 -out {tmp_path}/key.pem")
    openssl(f"pkey -in {tmp_path}/key.pem -pubout -out {site.config}/update.pub")
    return site


def openssl(words: str) -> None:
    subprocess.run(["openssl", *words.split()], check=True, capture_output=True, timeout=60)


def arrives(site: Site, folder: Path, name: str = "") -> Path:
    """Sign the release and put it where releases arrive."""
    sums = folder / "SHA256SUMS"
    (folder / "SHA256SUMS.sig").unlink(missing_ok=True)
    site.listed(folder)
    openssl(f"pkeyutl -sign -inkey {site.folder}/key.pem -rawin -in {sums} -out {sums}.sig")
    return Path(shutil.copytree(folder, site.opt / "incoming" / name, dirs_exist_ok=True))


def with_version(folder: Path, version: str) -> Path:
    (folder / "setup.cfg").write_text(f"version = {version}\n")
    return folder


def test_the_newest_release_that_waits_is_put_in_use(site: Site) -> None:
    folder = site.release("gives")
    for version in ("1.10", "0.9", OLD):
        arrives(site, with_version(folder, version), version)
    arrives(site, with_version(folder, NEW), "of the office")
    (site.opt / "incoming/half/deploy").mkdir(parents=True)
    done = site.update("--night")
    assert (done.returncode, done.stdout) == (0, f"now in use: {NEW} (before: {OLD})\n"), done
    assert (site.current(), (site.opt / "tried").exists()) == (NEW, False)
    site.script.called()
    again = site.update("--night")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert not any(c.startswith("install") for c in site.script.called())


def test_a_release_that_does_not_work_is_tried_once(site: Site) -> None:
    folder = site.release("fails")
    arrives(site, folder)
    done = site.update("--night")
    assert done.returncode == 1
    assert f"{NEW} does not work; back to {OLD}" in done.stderr
    assert site.current() == OLD
    site.script.called()
    again = site.update("--night")
    assert again.returncode == 0
    assert f"{NEW} did not work before and is not tried again" in again.stderr
    assert not any(" stop " in c for c in site.script.called()), "the app was not stopped"
    # The same version made anew, and one that staff name, are tried.
    (folder / "program/mode").write_text("gives")
    arrives(site, folder)
    assert site.update("--night").returncode == 0
    assert site.current() == NEW


def test_a_power_cut_is_no_verdict_on_the_release(site: Site) -> None:
    arrives(site, site.release("gives"))
    (site.folder / "power-cut").touch()
    assert site.update("--night").returncode < 0
    assert site.update("--settle", "kiosk").returncode == 0
    assert site.current() == OLD
    assert site.update("--night").returncode == 0
    assert site.current() == NEW


@pytest.mark.parametrize("spoil", ["signature", "copying", "key"])
def test_what_is_not_signed_or_not_whole_waits(site: Site, spoil: str) -> None:
    came = arrives(site, site.release("works"))
    signature, late = came / "SHA256SUMS.sig", came / "program/mode"
    kept = signature.read_bytes(), late.read_bytes()
    if spoil == "signature":
        signature.write_bytes(b"none")
    elif spoil == "copying":
        late.unlink()
    else:
        (site.config / "update.pub").rename(site.config / "gone")
    site.script.called()
    assert site.update("--night").returncode == 1
    assert not any(c.startswith(("install", "systemctl stop")) for c in site.script.called())
    if spoil != "key":
        # It came whole in the meantime.
        signature.write_bytes(kept[0])
        late.write_bytes(kept[1])
        assert site.update("--night").returncode == 0
        assert site.current() == NEW


# ── the script of the timer ──────────────────────────────────────────────────────────────


def night(
    tmp_path: Path, touch_s: float | None, state: str = "active", update: str = "exit 0"
) -> tuple[int, str, list[str]]:
    """Run it: its exit code, what it said, and what it had done."""
    script = Script(tmp_path)
    screen = ScreenHealth(1.2, frames_failed=0, last_touch_s=touch_s, touches_dropped=0)
    said = json.dumps({"state": "well", "screen": screen_values(screen)})
    programs = {"venv/bin/kiosk": f"printf '%s\\n' '{said}'", "libexec/update": update}
    for name, body in programs.items():
        file = tmp_path / "opt/releases/1" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f'#!/bin/sh\n[ {name} != libexec/update ] || echo "update $*" >>"$CALLS"\n{body}\n'
        )
        file.chmod(0o755)
    (tmp_path / "opt/current").symlink_to("releases/1")
    (tmp_path / "since").write_text("100")
    shown = f'*ActiveState*) echo {state} ;;\n*Enter*) cat "{tmp_path}/since" ;;'
    script.program("systemctl", f'case "$*" in\n{shown}\nesac')
    done = script.run("night", MPP_ROOT=tmp_path / "opt", SINCE=tmp_path / "since")
    assert done.stderr == ""
    return done.returncode, done.stdout, [c for c in script.called() if " show " not in c]


RESTART = "systemctl restart mpp-kiosk.service"


@pytest.mark.parametrize("touch_s", [None, 901])
def test_an_idle_app_is_restarted_after_the_look_for_a_release(
    tmp_path: Path, touch_s: float | None
) -> None:
    assert night(tmp_path, touch_s) == (0, "", ["update --night", RESTART])


def test_nothing_happens_while_somebody_uses_the_kiosk(tmp_path: Path) -> None:
    code, said, calls = night(tmp_path, 60)
    assert (code, calls) == (0, [])
    assert "60 s ago" in said


@pytest.mark.parametrize("code", [0, 1])
def test_an_update_restarts_it_once_and_its_failure_is_the_units(tmp_path: Path, code: int) -> None:
    found = night(tmp_path, None, update=f'echo 200 >"$SINCE"; exit {code}')
    assert found == (code, "", ["update --night"])


def test_a_refused_release_does_not_keep_the_app_from_its_restart(tmp_path: Path) -> None:
    assert night(tmp_path, None, update="exit 1") == (1, "", ["update --night", RESTART])


def test_an_app_that_does_not_run_may_get_a_release_and_is_not_started(tmp_path: Path) -> None:
    assert night(tmp_path, None, state="failed") == (0, "", ["update --night"])
