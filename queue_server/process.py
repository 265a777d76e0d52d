"""``queue-server serve``: one server process, from start to graceful stop."""

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
from queue_server.catalogue import LOOK_S, LiveCatalogue
from queue_server.clock import Clock
from queue_server.database import Database, open_url
from queue_server.errors import CatalogueError, Unavailable, Unusable, UsageError
from queue_server.listeners import listening
from queue_server.live import LiveStates
from queue_server.web.app import make_app
from queue_server.web.connection_limits import LimitedProtocol, make_room
from queue_server.web.context import ServerContext
from queue_server.web.middleware import RateLimiter

RETRY_S = 1.0
"""Interval between attempts to open a database that is down."""
GRACE_S = 10
"""Grace period for running requests after a stop signal, in seconds."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The options of ``serve``.

    ``host``: an address, or the path of a Unix socket, which has no port. ``rate``: requests a
    second for each token; 0: no limit. ``monitor_port``: of ``/metrics`` and ``/readyz`` on
    ``monitor_host``; None: they are on the address of everything else.
    """

    database: str
    catalogue: Path
    host: str
    port: int
    rate: float
    ratio: int
    now: datetime | None
    until_stdin_closes: bool
    lang: str = "id"
    monitor_host: str = "127.0.0.1"
    monitor_port: int | None = None


class _Server(uvicorn.Server):
    """Ends event streams before the shutdown: uvicorn would wait for them until ``GRACE_S``."""

    def __init__(self, config: uvicorn.Config, context: ServerContext) -> None:
        super().__init__(config)
        self._context = context

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """First signal: graceful stop, exit code 0. Second signal: stop at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._context.stopping.set()
        await super().shutdown(sockets)


def serve(options: ServeOptions) -> int:
    """Serve until a signal, or the end of stdin. Returns the exit code.

    Raises ServerError if it cannot start: a bad catalogue, or an address in use; Unusable, also
    later, for a database that must not be served.
    """
    database = open_url(options.database)
    clock = Clock(options.now)
    # Not ``clock``: the catalogue compares with file times, which come from the system clock.
    catalogue = LiveCatalogue(options.catalogue, database, Clock(), clock)
    _check_file(catalogue, database, options.lang)
    make_room()
    if options.monitor_port and options.monitor_port == options.port:
        raise UsageError("usage.monitor_port")  # requests are told apart by the port
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with contextlib.closing(database), contextlib.ExitStack() as sockets, runner:
        listeners = [sockets.enter_context(listening(options.host, options.port))]
        if options.monitor_port is not None:
            monitor = listening(options.monitor_host, options.monitor_port)
            listeners.append(sockets.enter_context(monitor))
        runner.run(_run(options, database, catalogue, clock, listeners))
    _log.info("stopped")
    return 0


def _check_file(catalogue: LiveCatalogue, database: Database, lang: str) -> None:
    """Raise CatalogueError if the file is bad and the database is known to hold no good one."""
    try:
        catalogue.read_file(lang)
    except CatalogueError:
        try:
            database.open(shared=True)
            catalogue.look()
        except Unavailable:
            return
        if not catalogue.ready:
            database.close()
            raise
        _log.error("using the last good catalogue")


async def _run(
    options: ServeOptions,
    database: Database,
    catalogue: LiveCatalogue,
    clock: Clock,
    listeners: list[socket.socket],
) -> None:
    context = ServerContext(
        database=database,
        catalogue=catalogue,
        clock=clock,
        limiter=RateLimiter(options.rate),
        ratio=options.ratio,
        live=LiveStates(database, catalogue, clock, options.ratio),
    )
    said = {
        name: listener.getsockname()[1]
        for name, listener in zip(("port", "monitor_port"), listeners, strict=False)
        if listener.family is not socket.AF_UNIX
    }
    config = uvicorn.Config(
        make_app(context, said.get("monitor_port")),
        http=LimitedProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="off",
        proxy_headers=False,
        ws="none",
    )
    server = _Server(config, context)
    fault = await _refresh(context, "")
    refresher = asyncio.create_task(_refresh_forever(context, fault, server))
    with _stdin_watch(options.until_stdin_closes, server):
        sys.stdout.write(json.dumps({"host": options.host, **said}) + "\n")
        sys.stdout.flush()
        _log.info("listening", extra={"host": options.host, **said})
        await server.serve(listeners)
    refresher.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await refresher


@contextlib.contextmanager
def _stdin_watch(wanted: bool, server: uvicorn.Server) -> Iterator[None]:
    """Stop the server when stdin closes, which means that its parent process ended."""

    def watch() -> None:
        # Not sys.stdin: this thread would hold its lock and the interpreter could not exit.
        while os.read(0, 4096):
            pass
        server.should_exit = True

    if wanted:
        threading.Thread(target=watch, name="stdin", daemon=True).start()
    yield


async def _refresh_forever(context: ServerContext, fault: str, server: uvicorn.Server) -> None:
    """Open the database as soon as it is reachable; then keep the catalogue up to date.

    Unusable stops the server: the database was put in place, or changed, by someone else.
    """
    while True:
        await asyncio.sleep(LOOK_S if context.database.is_open else RETRY_S)
        try:
            fault = await _refresh(context, fault)
        except Unusable:
            server.should_exit = True
            raise


async def _refresh(context: ServerContext, last_fault: str) -> str:
    """Check database and catalogue once. Returns the fault found; "" for none.

    ``last_fault``: the fault logged last, which is not logged again.
    """
    try:
        if not context.database.is_open:
            await asyncio.to_thread(context.database.open, shared=True)
            await context.database.write(meta.ensure_epoch)
            _log.info("database open")
        else:
            await asyncio.to_thread(context.database.renew)
        if await asyncio.to_thread(context.catalogue.look):
            context.changed()
        if context.database.write_fault is not None:
            # Without this a server that its load balancer left out would never be ready again.
            with contextlib.suppress(Unavailable):
                await context.database.write(meta.probe_write)
        context.database_fault = ""
    except Unavailable as error:
        context.database_fault = str(error)
        if str(error) != last_fault:
            _log.error("waiting for the database", extra={"cause": str(error)})
        return str(error)
    except Unusable:
        raise
    except Exception:  # noqa: BLE001  # retried after LOOK_S
        _log.exception("refreshing the catalogue failed")
        return "broken"
    if last_fault:
        _log.info("database reachable again")
    return ""
