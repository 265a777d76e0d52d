"""A folder that stands for a machine, for ``deploy/install``, with systemd's own tools for users,
folders and units.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALL = ROOT / "deploy" / "install"
UNITS = Path("/usr/lib/systemd/system")
TARGETS = ("basic", "sysinit", "shutdown", "multi-user", "timers", "network", "time-sync")
PROGRAMS = ("bin/sh", "usr/bin/cage", "usr/bin/chvt")
GROUPS = {"root": 0, "lp": 7, "dialout": 20, "audio": 29, "video": 44, "render": 104}

needs_root = pytest.mark.skipif(
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

    def install(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the installer for this machine, as a root whose files are private by default."""
        return subprocess.run(
            [INSTALL, "--root", self.folder, *args],
            env=os.environ | {"MPP_SYSTEMD": self.systemd, "LC_ALL": "C.UTF-8"} | env,
            umask=0o077,
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

    def systemctl(self, *args: str) -> str:
        """What systemctl says about the units of this machine."""
        return subprocess.run(
            ["systemctl", f"--root={self.folder}", *args],
            capture_output=True, text=True, timeout=60,
        ).stdout.strip()  # fmt: skip
