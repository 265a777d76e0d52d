"""A PostgreSQL server for tests: Debian's package, run as an unprivileged user on loopback."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from tests.queue_server.servers import WAIT_S, until

MISSING = "PostgreSQL is needed:  apt-get install -y --no-install-recommends postgresql"


class Postgres:
    """One PostgreSQL server in a temporary folder."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        assert found, MISSING
        self._bin = found[-1].parent
        self._user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.port = _free_port()
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "-D", "data", "-A", "trust", "-U", "queue", "-E", "UTF8", "--locale=C")
        self._process: subprocess.Popen[bytes] | None = None

    def _popen(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        as_user: dict[str, Any] = {}
        if self._user:
            as_user = {
                "user": self._user.pw_uid,
                "group": self._user.pw_gid,
                "extra_groups": [],
            }
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [str(self._bin / name), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
                **as_user,
            )

    def _run(self, name: str, *arguments: str) -> None:
        code = self._popen(name, *arguments).wait(WAIT_S)
        assert code == 0, (self.folder / f"{name}.log").read_text()

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        self._process = self._popen(
            "postgres",
            *["-D", "data", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1"],
            *["-c", "unix_socket_directories=", "-c", "fsync=on", "-c", "max_connections=100"],
        )
        until(self._answers, f"PostgreSQL answers; see {self.folder}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            assert self._process is not None
            assert self._process.poll() is None, (self.folder / "postgres.log").read_text()
            return False
        return True

    def url(self, database: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://queue@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Create an empty database; its URL."""
        name = f"q{secrets.token_hex(6)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def dump(self, url: str, file: Path) -> str:
        """Dump a database into ``file``; returns the path."""
        self._tool("pg_dump", "--file", str(file), url)
        return str(file)

    def load(self, file: str, url: str) -> None:
        """Load a dump into an empty database."""
        self._tool("psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", file, url)

    def _tool(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / name), *arguments], capture_output=True, text=True, timeout=WAIT_S
        )
        assert done.returncode == 0, done.stderr

    def stop(self) -> None:
        """Stop it immediately: clients lose their connections, nothing is flushed."""
        if self._process is not None:
            self._process.send_signal(3)  # SIGQUIT: immediate shutdown
            self._process.wait(WAIT_S)
            self._process = None

    def crash(self) -> None:
        """Stop it immediately and start it again: it recovers from its write-ahead log."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
