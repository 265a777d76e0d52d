"""A private CUPS: the real ``cupsd`` in a temporary folder, with one raw queue to a file."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

BACKEND = """#!/bin/sh
# CUPS backend: waits while "stall" exists, reports no paper while "paper" does, fails on "fail".
[ $# -eq 0 ] && exit 0
while [ -e {home}/stall ]; do sleep 0.05; done
if [ -e {home}/paper ]; then
    echo "STATE: +media-empty-error" >&2
    while [ -e {home}/paper ]; do sleep 0.05; done
    echo "STATE: -media-empty-error" >&2
fi
[ -e {home}/fail ] && exit 1
cat "${{6:--}}" >> {home}/paper.out
"""

FILES = """ServerRoot {home}/root
ServerBin {home}/bin
CacheDir {home}/cache
StateDir {home}/state
RequestRoot {home}/spool
TempDir {home}/spool/tmp
AccessLog {home}/log/access
ErrorLog {home}/log/error
PageLog {home}/log/page
"""

CONF = """Listen {home}/sock
ErrorPolicy stop-printer
<Location />
Order allow,deny
Allow all
</Location>
<Location /admin>
Order allow,deny
Allow all
</Location>
<Policy default>
<Limit All>
Order allow,deny
Allow all
</Limit>
</Policy>
"""


class Cups:
    """A running daemon with the queue ``KIOSK``; ``set`` and ``unset`` control printer faults."""

    def __init__(self) -> None:
        # A UNIX socket's path has at most 107 bytes; pytest's folders can be longer.
        self._folder = tempfile.TemporaryDirectory(prefix="cups-")
        self.home = Path(self._folder.name)
        # The daemon's backends may run as another user.
        self.home.chmod(0o755)
        for name in ("root", "bin/backend", "cache", "state", "spool/tmp", "log"):
            (self.home / name).mkdir(parents=True)
        for path in Path("/usr/lib/cups").iterdir():
            if path.name != "backend":
                (self.home / "bin" / path.name).symlink_to(path)
        backend = self.home / "bin/backend/kiosk"
        backend.write_text(BACKEND.format(home=self.home))
        backend.chmod(0o700)
        files, conf = self.home / "root/cups-files.conf", self.home / "root/cupsd.conf"
        files.write_text(FILES.format(home=self.home))
        conf.write_text(CONF.format(home=self.home))
        self.environment = {"CUPS_SERVER": str(self.home / "sock")}
        self._daemon = subprocess.Popen(
            ["/usr/sbin/cupsd", "-f", "-c", str(conf), "-s", str(files)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_until_it_listens()
        self.do("lpadmin", "-p", "KIOSK", "-v", "kiosk:/printer", "-E", "-m", "raw")

    def _wait_until_it_listens(self) -> None:
        until = time.monotonic() + 20
        while True:
            with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(OSError):
                line.connect(self.environment["CUPS_SERVER"])
                return
            if time.monotonic() > until or self._daemon.poll() is not None:
                raise TimeoutError("cupsd does not listen")
            time.sleep(0.02)

    def do(self, *command: str) -> str:
        """Run a CUPS command against this daemon; return its output."""
        done = subprocess.run(
            command, env={**os.environ, **self.environment}, capture_output=True, check=True
        )
        return done.stdout.decode()

    def set(self, fault: str) -> None:
        """Set a fault: ``stall``, ``paper`` or ``fail``."""
        (self.home / fault).touch()

    def unset(self, fault: str) -> None:
        """Clear a fault."""
        (self.home / fault).unlink()

    @property
    def paper(self) -> bytes:
        """All bytes that the printer received."""
        path = self.home / "paper.out"
        return path.read_bytes() if path.exists() else b""

    def stop(self) -> None:
        """Stop the daemon."""
        self._daemon.terminate()
        self._daemon.wait(10)

    def close(self) -> None:
        """Stop the daemon and delete its folder."""
        self.stop()
        self._folder.cleanup()
