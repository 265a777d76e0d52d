"""The demo's queue server: a separate process on the loopback interface, with its own folder.

Kiosk and server share only the contract, so the server is started, and asked for its tickets,
through its command line.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import random
import socket
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kiosk.background.helper_process import HelperProcess
from kiosk.domain.config import ServerSettings
from kiosk.errors import KioskError
from kiosk.messages import reason
from kiosk.sync.token import keep_token

MODULE = "queue_server"
NEEDS = (MODULE, "alembic", "fastapi", "sqlalchemy", "uvicorn", "uvloop")
HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)
"""Below the ephemeral ports of Linux (32768 and up)."""

TRIES = 50
PATIENCE_S = 30.0
DATABASE, TOKEN, PORT, LOG = "queue.sqlite3", "token", "port", "server.log"


def installed() -> bool:
    """Whether the extra ``[server]`` is installed."""
    return all(importlib.util.find_spec(name) is not None for name in NEEDS)


class EmbeddedServer:
    """A queue server on SQLite in ``folder`` that serves the agencies file ``menu``.

    Its port is kept in the folder, because to a kiosk another address is another server. It ends
    with ``close``, and with the process that started it, however that ends.
    """

    def __init__(self, folder: Path, menu: Path) -> None:
        """Prepare the folder; nothing is started yet.

        Raises KioskError when the folder cannot be used, or its port is in use."""
        self._folder = folder
        self._menu = menu
        self._child: HelperProcess | None = None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._port = self._kept_port()
        except OSError as error:
            raise KioskError("folder.use", folder=folder, why=reason(error)) from error

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """``127.0.0.1:20001``."""
        return f"{HOST}:{self._port}"

    @property
    def settings(self) -> ServerSettings:
        """The ``server`` section of ``kiosk.yaml`` for this server."""
        return ServerSettings(
            url=f"http://{self.address}", token_file=str((self._folder / TOKEN).absolute())
        )

    def add_kiosk(self, name: str) -> None:
        """Register the kiosk ``name`` and keep its token, once for each folder.

        Raises KioskError.
        """
        path = self._folder / TOKEN
        if not path.exists():
            self._command("migrate")
            keep_token(path, self._command("add-kiosk", name).strip())

    def start(self, now: datetime | None) -> None:
        """Start the process, its clock at ``now`` (aware; None for the system's). Does not wait."""
        args = ["serve", *self._database(), "--catalogue", str(self._menu.absolute())]
        args += ["--host", HOST, "--port", str(self._port), "--until-stdin-closes"]
        if now is not None:
            args += ["--now", now.isoformat()]
        self._child = HelperProcess(MODULE, args, PATIENCE_S, self._folder / LOG)

    def wait(self) -> None:
        """Wait until it listens. Raises KioskError when it does not start."""
        if self._child is None:
            raise KioskError("embedded.not_started")
        try:
            self._child.greeting  # noqa: B018 - waits for it
        except KioskError as error:
            raise KioskError("embedded.log", error=error, log=self._folder / LOG) from error

    def cut(self) -> None:
        """Kill it at once (SIGKILL)."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def close(self) -> None:
        """Stop it, after the requests under way."""
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def tickets(self, day: date) -> list[dict[str, Any]]:
        """Its numbers of a business date, as ``queue-server tickets`` prints them.

        Raises KioskError.
        """
        said = self._command("tickets", "--date", day.isoformat(), "--json")
        found: list[dict[str, Any]] = json.loads(said)
        return found

    def _database(self) -> list[str]:
        return ["--database", str((self._folder / DATABASE).absolute())]

    def _command(self, name: str, *args: str) -> str:
        """Run a command of the server and return its output. Raises KioskError."""
        argv = [sys.executable, "-m", MODULE, name, *self._database(), *args]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KioskError("embedded.late", name=name, why=error) from error
        if done.returncode:
            said = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
            raise KioskError("embedded.failed", name=name, why=said)
        return done.stdout

    def _kept_port(self) -> int:
        """The port kept in the folder; chosen and kept if there is none yet."""
        file = self._folder / PORT
        with contextlib.suppress(OSError, ValueError):
            kept = int(file.read_text(encoding="ascii"))
            if not _free(kept):
                raise KioskError("embedded.port", port=kept)
            return kept
        for port in random.sample(PORTS, TRIES):
            if _free(port):
                draft = file.with_suffix(".new")
                draft.write_text(f"{port}\n", encoding="ascii")
                draft.replace(file)
                return port
        raise KioskError("embedded.no_port")


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True
