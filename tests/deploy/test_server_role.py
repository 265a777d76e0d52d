"""``deploy/install --server``: the machine of the queue server never becomes a kiosk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.machine import ROOT, Machine, needs_root

pytestmark = needs_root

SERVER = ("queue-server.service", "queue-server-backup.timer", "queue-server-prune.timer")
TIMERS = ("health", "backup", "night")
KIOSK = ("mpp-kiosk.service", *(f"mpp-kiosk-{name}.timer" for name in TIMERS))


@pytest.fixture
def blank(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine", "257")


def enabled(machine: Machine) -> set[str]:
    """The units that start with the machine."""
    return {u for u in (*SERVER, *KIOSK) if machine.systemctl("is-enabled", u) == "enabled"}


def test_a_server_has_no_kiosk(blank: Machine, tmp_path: Path) -> None:
    menu = tmp_path / "menu.yaml"
    menu.write_text("site: {}\n")
    venv = ("--venv", str(blank.folder / "venv"))
    done = blank.install("--server", "--config", str(menu), *venv)
    assert done.returncode == 0, done.stderr
    for _ in range(2):
        assert enabled(blank) == set(SERVER)
        assert not (blank.folder / "etc/mpp-kiosk").exists()
        units = {p.name for p in (blank.folder / "etc/systemd/system").iterdir() if p.is_file()}
        assert {name for name in units if not name.startswith("queue-server")} == set()
        assert not (blank.folder / "etc/systemd/system/getty@tty1.service").is_symlink()
        assert (blank.folder / "etc/mpp-queue/agencies.yaml").read_text() == "site: {}\n"
        assert blank.owner_and_mode("etc/mpp-queue/agencies.yaml") == ("root", "queue", "0640")
        assert blank.owner_and_mode("var/lib/mpp-queue/backup") == ("queue", "queue", "0700")
        assert blank.check() == (0, [])
        # A later run, and that of an update, follow the role.
        assert blank.install("--no-start", *venv).returncode == 0


def test_the_menu_of_a_server_is_never_the_example(blank: Machine) -> None:
    """Its database would belong to the example's site."""
    assert blank.install("--server").returncode == 0
    assert not (blank.folder / "etc/mpp-queue/agencies.yaml").exists()


def test_a_kiosk_that_becomes_a_server_gives_no_numbers(blank: Machine) -> None:
    before = blank.files()
    blank.laid_out()
    assert enabled(blank) == set(KIOSK)
    assert blank.install("--server").returncode == 0
    assert enabled(blank) == set(SERVER)
    left = {p for p in blank.files() - before if p.startswith("etc/systemd/system/")}
    assert {p for p in left if "queue-server" not in p} == set()
    assert blank.install("--kiosk").returncode == 0
    assert set(KIOSK) <= enabled(blank)


def test_a_server_from_before_there_were_roles_is_recognised(blank: Machine) -> None:
    """It was set up by disabling the kiosk by hand; the next run enabled it again."""
    blank.laid_out()
    (blank.folder / "opt/mpp-kiosk/role").unlink()
    blank.systemctl("disable", "mpp-kiosk.service")
    blank.systemctl("enable", "queue-server.service")
    assert blank.install("--no-start").returncode == 0
    assert enabled(blank) == set(SERVER)
    assert (blank.folder / "opt/mpp-kiosk/role").read_text() == "server\n"


def test_uninstall_disables_the_server(blank: Machine) -> None:
    assert blank.install("--server").returncode == 0
    (blank.folder / "var/lib/mpp-queue/queue.sqlite3").write_text("numbers\n")
    done = blank.install("--uninstall")
    assert done.returncode == 0, done.stderr
    links = [p for p in (blank.folder / "etc/systemd").rglob("*") if not p.is_dir()]
    assert links == []
    assert (blank.folder / "var/lib/mpp-queue/queue.sqlite3").read_text() == "numbers\n"


REPLACE = r"""
set -eu
live() { true; }
say() { :; }
systemctl() { echo "systemctl $*" >>"$CALLS"; }
mv() { echo "mv ${!#}" >>"$CALLS"; command mv "$@"; }
for name in install_program exchange switch_to; do
    eval "$(sed -n "/^$name() {/,/^}/p" "$HERE/install")"
done
ROOT='' MODE=install VERSION=1
install_program
touch "$PREFIX/releases/1/of-the-first-run"
# After each command from here on: does `current` lead to a whole release?
whole() { [ -x "$PREFIX/current/libexec/session" ] || echo "no release: $1" >>"$CALLS"; }
trap 'whole "$BASH_COMMAND"' DEBUG
set -o functrace
install_program
trap - DEBUG
ls "$PREFIX/releases" "$PREFIX/current" >>"$CALLS"
"""


def replaced(tmp_path: Path, **more: str) -> list[str]:
    """What the installer does when it installs the same release twice on a running machine."""
    calls, prefix = tmp_path / "calls", tmp_path / "opt"
    (prefix / "releases").mkdir(parents=True)
    values = {"CALLS": calls, "PREFIX": prefix, "HERE": ROOT / "deploy", "VENV": tmp_path}
    env = os.environ | {name: str(value) for name, value in values.items()} | more
    subprocess.run(["bash", "-c", REPLACE], env=env, check=True, timeout=60)
    said = calls.read_text().splitlines()
    listed = [f"{prefix / 'current'}:", "libexec", "venv", "", f"{prefix / 'releases'}:", "1"]
    assert said[-len(listed) :] == listed, "only the new release is left"
    return said[: -len(listed)]


STOPPED = "systemctl stop mpp-kiosk.service queue-server.service"


def test_an_environment_is_replaced_in_one_step_while_no_service_runs(tmp_path: Path) -> None:
    """A power cut between two renames would leave a machine without a program."""
    release, current = tmp_path / "opt/releases/1", tmp_path / "opt/current"
    done = replaced(tmp_path)
    assert done == [f"mv {release}", f"mv {current}", STOPPED, f"mv {current}"]


def test_a_filesystem_that_cannot_exchange_folders_gets_two_renames(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    release, current = tmp_path / "opt/releases/1", tmp_path / "opt/current"
    done = replaced(tmp_path, PATH=f"{tmp_path}:{os.environ['PATH']}")
    placed = [f"mv {release}", f"mv {current}"]
    assert [x for x in done if not x.startswith("no release")] == [
        *(*placed, STOPPED, f"mv {release}.old", *placed)
    ]


@pytest.mark.parametrize("name", ["backup", "prune"])
def test_the_timers_run_commands_that_the_server_knows(tmp_path: Path, name: str) -> None:
    unit = (ROOT / f"deploy/units/queue-server-{name}.service").read_text()
    line = next(x for x in unit.splitlines() if x.startswith("ExecStart="))
    program, *words = line.removeprefix("ExecStart=").split()
    assert program == "/opt/mpp-kiosk/current/venv/bin/queue-server"
    pairs = " ".join(x for x in unit.splitlines() if x.startswith("Environment="))
    values = dict(pair.split("=", 1) for pair in pairs.replace("Environment=", "").split())
    values |= {"QUEUE_DATABASE": str(tmp_path / "q.sqlite3"), "QUEUE_BACKUP": str(tmp_path / "b")}
    words = [values[w[2:-1]] if w.startswith("${") else w for w in words]
    server = [sys.executable, "-m", "queue_server"]
    subprocess.run([*server, "migrate", *words[-2:]], check=True, timeout=60)
    done = subprocess.run([*server, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    if name == "backup":
        assert len(list((tmp_path / "b").iterdir())) == 1
