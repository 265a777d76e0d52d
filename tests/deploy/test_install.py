"""``deploy/install`` in a folder that stands for a machine, with systemd's own tools for users,
folders and units. ``script/test-deploy`` does the same on a booted Debian.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.machine import INSTALL, ROOT, Machine, needs_root

EXPOSURE = 25
"""Tenths: the most that ``systemd-analyze security`` may say of what visitors can reach."""

NEWER = re.compile("Unknown key '(RestartSteps|RestartMaxDelaySec|RestartMode)'|^$")
"""What systemd before 254 says of the variant for newer ones."""

pytestmark = needs_root


@pytest.fixture(params=["257", "252"])
def blank(tmp_path: Path, request: pytest.FixtureRequest) -> Machine:
    return Machine(tmp_path / "machine", request.param)


@pytest.fixture
def machine(blank: Machine) -> Machine:
    return blank.laid_out()


def test_owners_and_modes(machine: Machine) -> None:
    found = {
        path: machine.owner_and_mode(path)
        for path in (
            *("etc/mpp-kiosk", "etc/mpp-kiosk/kiosk.yaml", "var/lib/mpp-kiosk", "opt/mpp-kiosk"),
            *("etc/mpp-queue", "var/lib/mpp-queue", "etc/systemd/system/mpp-kiosk.service"),
            *("opt/mpp-kiosk/releases", "opt/mpp-kiosk/current/libexec", "opt/mpp-kiosk/role"),
            "opt/mpp-kiosk/current/libexec/session",
        )
    }
    assert found == {
        "etc/mpp-kiosk": ("root", "kiosk", "0750"),
        "etc/mpp-kiosk/kiosk.yaml": ("root", "kiosk", "0640"),
        "var/lib/mpp-kiosk": ("kiosk", "kiosk", "0700"),
        "etc/mpp-queue": ("root", "queue", "0750"),
        "var/lib/mpp-queue": ("queue", "queue", "0700"),
        "opt/mpp-kiosk": ("root", "root", "0755"),
        "etc/systemd/system/mpp-kiosk.service": ("root", "root", "0644"),
        "opt/mpp-kiosk/releases": ("root", "root", "0755"),
        "opt/mpp-kiosk/current/libexec": ("root", "root", "0755"),
        "opt/mpp-kiosk/role": ("root", "root", "0644"),
        "opt/mpp-kiosk/current/libexec/session": ("root", "root", "0755"),
    }
    shell = (machine.folder / "etc/passwd").read_text().splitlines()[1].rsplit(":", 1)[1]
    assert shell == "/usr/sbin/nologin"


def test_nothing_but_the_state_belongs_to_the_kiosk(machine: Machine) -> None:
    """A program or a setting that the app could write would outlive a restart."""
    uid = (machine.folder / "var/lib/mpp-kiosk").stat().st_uid
    owned = [p for p in machine.folder.rglob("*") if p.lstat().st_uid == uid]
    assert owned == [machine.folder / "var/lib/mpp-kiosk"]
    writable = [
        p for p in machine.folder.rglob("*") if not p.is_symlink() and p.stat().st_mode & 0o022
    ]
    assert writable == []


def test_the_units_are_right(machine: Machine) -> None:
    names = sorted(p.name for p in (ROOT / "deploy/units").glob("*.*") if p.is_file())
    assert len(names) >= 8
    said = machine.analyze("verify", *names).stderr.splitlines()
    assert [line for line in said if not NEWER.search(line)] == []
    limit = f"--threshold={EXPOSURE}"
    services = [name for name in names if name.endswith(".service")]
    # One runs a command of systemd, once, after the app has failed; the other installs releases.
    services.remove("mpp-kiosk-failed.service")
    services.remove("mpp-kiosk-night.service")
    for name in services:
        found = machine.analyze("security", "--offline=true", limit, name)
        assert found.returncode == 0, found.stdout[-300:]


def test_the_variant_is_that_of_the_systemd(machine: Machine) -> None:
    dropin = machine.folder / "etc/systemd/system/mpp-kiosk.service.d/10-restart.conf"
    text = dropin.read_text()
    newer = machine.systemd == "257"
    assert ("RestartMode=direct" in text, "mpp-kiosk-failed" in text) == (newer, not newer)
    # cage of Debian 12 crashes with it.
    assert ("ExecStart=/usr/bin/cage -d --" in text) == (not newer)


def test_check_finds_what_was_changed(machine: Machine) -> None:
    assert machine.check() == (0, [])
    (machine.folder / "etc/mpp-kiosk").chmod(0o755)
    (machine.folder / "etc/sysctl.d/60-mpp-kiosk.conf").write_text("kernel.sysrq = 1\n")
    (machine.folder / "etc/systemd/system/getty@tty1.service").unlink()
    (machine.folder / "opt/mpp-kiosk/current/libexec/stop").unlink()
    code, bad = machine.check()
    assert (code, bad) == (
        1,
        [
            "/etc/mpp-kiosk: root:kiosk 0750",
            "/etc/sysctl.d/60-mpp-kiosk.conf",
            "getty@tty1.service is masked",
            "/opt/mpp-kiosk/current/libexec/stop",
        ],
    )
    machine.install()
    assert machine.check() == (0, [])


def test_a_second_run_keeps_the_settings_of_staff(machine: Machine, tmp_path: Path) -> None:
    menu, journal = (
        machine.folder / "etc/mpp-kiosk/agencies.yaml",
        machine.folder / "var/lib/mpp-kiosk/journal.sqlite3",
    )
    menu.write_text("edited\n")
    journal.write_text("numbers\n")
    given = tmp_path / "of-lobby-2.yaml"
    given.write_text("another\n")
    was = (machine.folder / "etc/mpp-kiosk/kiosk.yaml").read_text()
    assert machine.install("--config", str(given)).returncode == 0
    assert menu.read_text() == "edited\n"
    assert journal.read_text() == "numbers\n"
    assert (machine.folder / "etc/mpp-kiosk/kiosk.yaml").read_text() == was


def test_the_machine_gets_the_settings_that_are_named(blank: Machine, tmp_path: Path) -> None:
    given = tmp_path / "of-lobby-2.yaml"
    given.write_text("id: lobi-2\n")
    assert blank.install("--config", str(given)).returncode == 0
    config = blank.folder / "etc/mpp-kiosk"
    assert (config / "kiosk.yaml").read_text() == "id: lobi-2\n"
    shipped = (ROOT / "config/agencies.yaml").read_text()
    assert (config / "agencies.yaml").read_text() == shipped
    missing = blank.install("--config", str(tmp_path / "none.yaml"))
    assert missing.returncode != 0


def test_a_power_cut_leaves_the_files_of_before(machine: Machine, tmp_path: Path) -> None:
    """An empty unit would be a masked one."""
    unit = machine.folder / "etc/systemd/system/mpp-kiosk.service"
    unit.write_text("of the release before\n")
    role = machine.folder / "opt/mpp-kiosk/role"
    (tmp_path / "sync").write_text('#!/bin/sh\nkill -KILL "$PPID"\n')
    (tmp_path / "sync").chmod(0o755)
    done = machine.install("--files", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode < 0
    assert (unit.read_text(), role.read_text()) == ("of the release before\n", "kiosk\n")
    done = machine.install("--files")
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.check() == (0, [])
    assert list(machine.folder.rglob("*.new")) == []


def test_an_empty_file_of_settings_is_replaced(machine: Machine, tmp_path: Path) -> None:
    """A power cut during the first run left them: the kiosk would start without settings."""
    config = machine.folder / "etc/mpp-kiosk"
    for name in ("kiosk.yaml", "agencies.yaml"):
        (config / name).write_text("")
    given = tmp_path / "of-lobby-2.yaml"
    given.write_text("id: lobi-2\n")
    assert machine.install("--config", str(given)).returncode == 0
    assert (config / "kiosk.yaml").read_text() == "id: lobi-2\n"
    shipped = (ROOT / "config/agencies.yaml").read_text()
    assert (config / "agencies.yaml").read_text() == shipped
    assert machine.owner_and_mode("etc/mpp-kiosk/kiosk.yaml") == ("root", "kiosk", "0640")


def test_a_power_cut_leaves_no_half_file_of_settings(blank: Machine, tmp_path: Path) -> None:
    """Written to the disk before it gets its name."""
    cut = 'case $* in *.yaml.new) kill -KILL "$PPID" ;; esac'
    (tmp_path / "sync").write_text(f"#!/bin/sh\n{cut}\n")
    (tmp_path / "sync").chmod(0o755)
    done = blank.install(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode < 0
    config = blank.folder / "etc/mpp-kiosk"
    assert [p.suffix for p in config.iterdir()] == [".new"], "the first file has no name yet"
    assert blank.install().returncode == 0
    assert (config / "agencies.yaml").read_text() == (ROOT / "config/agencies.yaml").read_text()
    assert list(config.rglob("*.new")) == []


def test_an_option_without_its_value_installs_nothing(blank: Machine) -> None:
    before = blank.files()
    done = blank.install("--config")
    assert (done.returncode, "--config needs a file" in done.stderr) == (1, True)
    assert blank.files() == before


def test_uninstall_leaves_settings_journal_and_users(blank: Machine) -> None:
    before = blank.files()
    blank.laid_out()
    (blank.folder / "var/lib/mpp-kiosk/journal.sqlite3").write_text("numbers\n")
    done = blank.install("--uninstall")
    assert done.returncode == 0, done.stderr
    left = blank.files() - before
    users = {"etc/.pwd.lock", "etc/passwd-", "etc/group-", "etc/shadow", "etc/gshadow"}
    users |= {"etc/shadow-", "etc/gshadow-"}
    kept = {p for p in left if p.startswith("etc/mpp-kiosk/")}
    assert {"etc/mpp-kiosk/agencies.yaml", "etc/mpp-kiosk/kiosk.yaml"} <= kept
    assert left - users - kept == {"var/lib/mpp-kiosk/journal.sqlite3"}
    assert not (blank.folder / "opt/mpp-kiosk").exists()


def test_only_root_may_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [INSTALL, "--check"],
        user=65534, group=65534, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    wrong = subprocess.run([INSTALL, "--nonsense"], capture_output=True, text=True, timeout=60)
    assert wrong.returncode == 2


STOPPED_BY = """
import fcntl, os, signal, sys, time

handle = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.write(handle, b"%-15d\\n" % os.getpid())
fcntl.flock(handle, fcntl.LOCK_EX)

def stop(*_):
    time.sleep(0.3)
    print("in order", flush=True)
    os._exit(0)

signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
time.sleep(60)
"""


def test_stop_waits_for_the_owner_of_the_lock(tmp_path: Path) -> None:
    stop = [ROOT / "deploy/libexec/stop"]
    env = os.environ | {"STATE_DIR": str(tmp_path)}
    assert subprocess.run(stop, env=env, timeout=60).returncode == 0
    lock = tmp_path / "kiosk.lock"
    # The id of a process that has nothing to do with the lock: left over by a power cut.
    lock.write_text(f"{os.getpid():<15}\n")
    assert subprocess.run(stop, env=env, timeout=60).returncode == 0
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED_BY, str(lock)], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "ready\n"
        assert subprocess.run(stop, env=env, timeout=60).returncode == 0
        assert owner.communicate(timeout=60)[0] == "in order\n"
        assert owner.returncode == 0


def test_a_folder_of_settings_is_copied_whole(blank: Machine, tmp_path: Path) -> None:
    given = tmp_path / "site"
    names = ("kiosk.yaml", "locale/jv/words.yaml", "attract/1.jpg", "ca.pem", "display.env")
    for name in (*names, "schema/kiosk.schema.json", ".git/config"):
        (given / name).parent.mkdir(parents=True, exist_ok=True)
        (given / name).write_text("of the site\n")
    config = blank.folder / "etc/mpp-kiosk"
    (config / "locale/jv").mkdir(parents=True)
    (config / "locale/jv/words.yaml").write_text("edited\n")
    assert blank.install("--config", str(given)).returncode == 0
    found = {name: (config / name).read_text() for name in names}
    assert found == dict.fromkeys(names, "of the site\n") | {"locale/jv/words.yaml": "edited\n"}
    assert blank.owner_and_mode("etc/mpp-kiosk/attract") == ("root", "kiosk", "0750")
    assert blank.owner_and_mode("etc/mpp-kiosk/attract/1.jpg") == ("root", "kiosk", "0640")
    assert "of the site" not in (config / "schema/kiosk.schema.json").read_text()
    assert not (config / ".git").exists()
