"""``deploy/install`` in a folder that stands for a machine, with systemd's own tools for users,
folders and units. ``script/test-deploy`` does the same on a booted Debian.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALL = ROOT / "deploy" / "install"
UNITS = Path("/usr/lib/systemd/system")
TARGETS = ("basic", "sysinit", "shutdown", "multi-user", "timers", "network", "time-sync")
PROGRAMS = ("bin/sh", "usr/bin/cage", "usr/bin/chvt")
GROUPS = {"root": 0, "lp": 7, "dialout": 20, "audio": 29, "video": 44, "render": 104}
EXPOSURE = 25
"""Tenths: the most that ``systemd-analyze security`` may say of what visitors can reach."""

NEWER = re.compile("Unknown key '(RestartSteps|RestartMaxDelaySec|RestartMode)'|^$")
"""What systemd before 254 says of the variant for newer ones."""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("systemd-analyze") is None,
    reason="needs root, to give files to other users, and the tools of systemd",
)


class Machine:
    """A folder with what a blank machine has, as far as the installer looks at it."""

    def __init__(self, folder: Path, systemd: str) -> None:
        self.folder = folder
        self.systemd = systemd
        (folder / "etc").mkdir(parents=True)
        (folder / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        lines = [f"{name}:x:{gid}:\n" for name, gid in GROUPS.items()]
        (folder / "etc/group").write_text("".join(lines))
        for name in (*PROGRAMS, "venv/bin/queue-server"):
            program = folder / name
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)
        units = folder / "usr/lib/systemd/system"
        units.mkdir(parents=True)
        for name in TARGETS:
            shutil.copy(UNITS / f"{name}.target", units)

    def install(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run the installer for this machine."""
        return subprocess.run(
            [INSTALL, "--root", self.folder, *args],
            env=os.environ | {"MPP_SYSTEMD": self.systemd, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def laid_out(self) -> Machine:
        """The machine with everything installed."""
        done = self.install("--venv", str(self.folder / "venv"))
        assert done.returncode == 0, done.stderr
        # The link points where the environment is on the machine, not here.
        (link,) = self.folder.glob("opt/mpp-kiosk/releases/*/venv")
        link.unlink()
        shutil.copytree(self.folder / "venv", link)
        return self

    def check(self) -> tuple[int, list[str]]:
        """The exit code of ``--check``, and what is not as it should be."""
        done = self.install("--check")
        assert done.stderr == ""
        return done.returncode, [x[4:] for x in done.stdout.splitlines() if x.startswith("X")]

    def analyze(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run systemd-analyze on the units of this machine."""
        return subprocess.run(
            ["systemd-analyze", f"--root={self.folder}", "--no-pager", *args],
            env=os.environ | {"LC_ALL": "C.UTF-8", "SYSTEMD_LOG_LEVEL": "notice"},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def owner_and_mode(self, path: str) -> tuple[str, str, str]:
        """User, group and mode of a file, by the machine's own names."""
        found = (self.folder / path).stat()
        return (
            self._name("passwd", found.st_uid),
            self._name("group", found.st_gid),
            f"{stat.S_IMODE(found.st_mode):04o}",
        )

    def _name(self, file: str, number: int) -> str:
        for line in (self.folder / "etc" / file).read_text().splitlines():
            name, _, found, *_ = line.split(":")
            if found == str(number):
                return name
        return str(number)

    def files(self) -> set[str]:
        """All files and links."""
        return {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }


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
    # It runs a command of systemd, once, and only after the app has failed.
    services.remove("mpp-kiosk-failed.service")
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
