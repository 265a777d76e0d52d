"""A kiosk with two releases, for ``libexec/update``: real journals, every program of the system
replaced. The newer release has one more migration of the journal.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.deploy.scripts import LIBEXEC, Script
from tests.store.making import filled, numbers, opened

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = "1.0", "2.0"

APP = """
import pathlib, sys
from tests.store.making import issue, opened

state, release = map(pathlib.Path, sys.argv[1:])
mode = (release / "mode").read_text()
if mode == "dies":
    sys.exit(1)
journal = opened(state)
if "gives" in mode:
    for n in range(2):
        issue(journal, f"of-{release.name}-{n}")
journal.close()
sys.exit("fails" in mode)
"""
"""What the service does: it begins, gives two numbers or none, and stays or not."""

START = """
state="$MPP_ROOT/../unit"
case "$*" in
*is-active*) exit 3 ;;
stop*) echo inactive >"$state" ;;
start*)
    [ ! -e "$MPP_ROOT/../power-cut" ] || { rm "$MPP_ROOT/../power-cut"; kill -KILL $PPID; exit; }
    "$UPDATE" --settle kiosk || echo "settle failed" >>"$CALLS"
    release=$(readlink -f "$MPP_ROOT/current")
    if "$release/venv/bin/python" -I "$APP" "$STATE_DIR" "$release" >>"$MPP_ROOT/../app.log" 2>&1
    then echo active >"$state"; else echo failed >"$state"; fi ;;
show*) cat "$state" ;;
esac
"""

INSTALL = """#!/bin/bash
from=$(dirname "$0")/..
version=$(sed -n 's/^version = //p' "$from/setup.cfg")
echo "install $1 $version" >>"$CALLS"
[ "$1" != --beside ] || {
    rm -rf "$MPP_ROOT/releases/$version"
    cp -r "$from/program" "$MPP_ROOT/releases/$version"
    chmod +x "$MPP_ROOT/releases/$version"/venv/bin/*
}
"""

RUNUSER = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'


class Site:
    """The machine: ``opt`` with release 1.0 in use, a journal with numbers 1 to 3."""

    def __init__(self, folder: Path) -> None:
        self.script = Script(folder)
        self.opt, self.state = folder / "opt", folder / "state"
        self.config, self.folder = folder / "config", folder
        for each in (self.opt / "releases", self.state, self.config):
            each.mkdir(parents=True)
        (folder / "app.py").write_text(APP)
        self.script.env |= {
            "MPP_ROOT": str(self.opt), "STATE_DIR": str(self.state), "CONFIG_DIR": str(self.config),
            "LOCK_FILE": str(folder / "lock"), "READY_S": "20", "APP": str(folder / "app.py"),
            "UPDATE": str(LIBEXEC / "update"),
        }  # fmt: skip
        self.script.program("systemctl", START)
        self.script.program("runuser", RUNUSER)
        self.script.program("chown")
        self.script.program("id", "echo 0")
        self.program(self.opt / "releases" / OLD, ROOT, "works")
        (self.opt / "current").symlink_to(f"releases/{OLD}")
        filled(self.state)

    def program(self, folder: Path, code: Path, mode: str) -> None:
        """A release whose Python imports the kiosk of the folder ``code``."""
        bin_ = folder / "venv/bin"
        bin_.mkdir(parents=True)
        path = f"{code}:{ROOT}"
        python = f'#!/bin/sh\nshift\nPYTHONPATH={path} exec {sys.executable} "$@"\n'
        for name, text in (("python", python), ("kiosk", "#!/bin/sh\nexit 0\n")):
            (bin_ / name).write_text(text)
            (bin_ / name).chmod(0o755)
        (folder / "mode").write_text(mode)

    def release(
        self, mode: str, migration: str = "ALTER TABLE ticket ADD COLUMN more TEXT"
    ) -> Path:
        """Release 2.0 as it comes, unsigned; its app does as ``mode`` says."""
        code = self.folder / "newer"
        shutil.copytree(ROOT / "kiosk", code / "kiosk")
        (code / "kiosk/store/migrations/9999_newer.sql").write_text(f"{migration};\n")
        folder = self.folder / "release"
        self.program(folder / "program", code, mode)
        (folder / "deploy").mkdir()
        (folder / "deploy/install").write_text(INSTALL)
        (folder / "setup.cfg").write_text(f"version = {NEW}\n")
        self.listed(folder)
        return folder

    @staticmethod
    def listed(folder: Path) -> None:
        """Write the list of the release's files."""
        found = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "SHA256SUMS")
        lines = [
            f"{hashlib.sha256(p.read_bytes()).hexdigest()}  ./{p.relative_to(folder)}\n"
            for p in found
        ]
        (folder / "SHA256SUMS").write_text("".join(lines))

    def update(self, *args: object) -> subprocess.CompletedProcess[str]:
        return self.script.run("update", *map(str, args))

    def current(self) -> str:
        """The release in use."""
        return (self.opt / "current").readlink().name

    def noted(self) -> dict[str, str]:
        """The files that the script keeps beside the releases."""
        names = ("previous", "pending")
        found = [self.opt / n for n in names if (self.opt / n).exists()]
        return {p.name: p.read_text().strip() for p in found}

    def unsent(self) -> int:
        """How many tickets the server has not acknowledged."""
        path = self.state / "journal.sqlite3"
        with contextlib.closing(sqlite3.connect(path)) as db:
            query = "SELECT count(*) FROM ticket WHERE acked_rev < rev"
            return int(db.execute(query).fetchone()[0])

    def numbers(self) -> list[str]:
        """All numbers, read by the code of release 1.0."""
        journal = opened(self.state)
        try:
            return numbers(journal)
        finally:
            journal.close()
