"""``queue-server serve``: one server process, from its start to its graceful stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType

import uvicorn
import uvloop

from queue_server import meta
from queue_server.catalogue import LOOK_S, Catalogue
from queue_server.clock import Clock
from queue_server.database import Database, open_url
from queue_server.errors import CatalogueError, ServerError, Unavailable
from queue_server.live import Live
from queue_server.web.app import make_app
from queue_server.web.edge import Limiter
from queue_server.web.parts import Parts
from queue_server.web.protocol import OnePiece

RETRY_S = 1.0
"""How often a database that is down is tried."""
GRACE_S = 10
"""How long requests under way may take to finish once the server stops."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says. ``rate``: requests a second for each token, 0 for no limit."""

    database: str
    catalogue: Path
    host: str
    port: int
    rate: float
    ratio: int
    now: datetime | None
    until_stdin_closes: bool


class _Server(uvicorn.Server):
    """Tells streams that the server stops, so that they end and the rest can finish."""

    def __init__(self, config: uvicorn.Config, parts: Parts) -> None:
        super().__init__(config)
        self._parts = parts

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """The first signal stops gracefully, with exit code 0; the second at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._parts.stopping.set()
        await super().shutdown(sockets)


def serve(settings: Settings) -> int:
    """Serves until it is told to stop; the exit code. ServerError where it cannot begin."""
    database = open_url(settings.database)
    clock = Clock(settings.now)
    # Its edits are told apart by the times of files, which are the system's.
    catalogue = Catalogue(settings.catalogue, database, Clock())
    _check_file(catalogue, database)
    listener = _listen(settings.host, settings.port)
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with contextlib.closing(listener), runner:
        runner.run(_run(settings, database, catalogue, clock, listener))
    database.close()
    _log.info("stopped")
    return 0


def _check_file(catalogue: Catalogue, database: Database) -> None:
    """CatalogueError where the file is bad and the database is known to hold no good one."""
    try:
        catalogue.read_file()
    except CatalogueError as error:
        try:
            database.open()
            catalogue.look()
        except Unavailable:
            return
        if not catalogue.ready:
            database.close()
            raise
        _log.error("the catalogue's last good version is used", extra={"fault": str(error)})


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # The protocol must be named: asyncio sends small answers at once only where it is.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        raise ServerError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return listener


async def _run(
    settings: Settings,
    database: Database,
    catalogue: Catalogue,
    clock: Clock,
    listener: socket.socket,
) -> None:
    parts = Parts(
        database=database,
        catalogue=catalogue,
        clock=clock,
        limiter=Limiter(settings.rate),
        ratio=settings.ratio,
        live=Live(database, catalogue, clock),
    )
    config = uvicorn.Config(
        make_app(parts),
        http=OnePiece,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="off",
        proxy_headers=False,
        ws="none",
    )
    server = _Server(config, parts)
    told = await _look_after(parts, "")
    keeper = asyncio.create_task(_keep(parts, told))
    port = listener.getsockname()[1]
    with _stdin_watch(settings.until_stdin_closes, server):
        sys.stdout.write(json.dumps({"host": settings.host, "port": port}) + "\n")
        sys.stdout.flush()
        _log.info("listening", extra={"host": settings.host, "port": port})
        await server.serve([listener])
    keeper.cancel()
    await asyncio.gather(keeper, return_exceptions=True)


@contextlib.contextmanager
def _stdin_watch(wanted: bool, server: uvicorn.Server) -> Iterator[None]:
    """Stops the server once stdin closes: its parent has gone."""

    def watch() -> None:
        # Not sys.stdin: its lock, held by this thread, would abort the program's exit.
        while os.read(0, 4096):
            pass
        server.should_exit = True

    if wanted:
        threading.Thread(target=watch, name="stdin", daemon=True).start()
    yield


async def _keep(parts: Parts, told: str) -> None:
    """Opens the database as soon as it can be reached; then keeps the catalogue up to date."""
    while True:
        await asyncio.sleep(LOOK_S if parts.database.is_open else RETRY_S)
        told = await _look_after(parts, told)


async def _look_after(parts: Parts, told: str) -> str:
    """One look at database and catalogue; the trouble that is there, empty for none.

    ``told``: the trouble that stands in the log already.
    """
    try:
        if not parts.database.is_open:
            await asyncio.to_thread(parts.database.open)
            await parts.database.write(meta.begin_epoch)
            _log.info("database open")
        if await asyncio.to_thread(parts.catalogue.look):
            parts.changed()
    except Unavailable as error:
        if str(error) != told:
            _log.error("waiting for the database", extra={"cause": str(error)})
        return str(error)
    except Exception:  # noqa: BLE001  # tried again
        _log.exception("looking after the catalogue failed")
        return "broken"
    if told:
        _log.info("database back")
    return ""
