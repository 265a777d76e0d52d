"""Set up the demonstration: its own state folder, virtual printer, queue server and clock.

Nothing of the site is touched: the settings' real printer and queue server are replaced. Each
settings folder has its own state folder, because the journal belongs to that menu's numbers.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.bootstrap import Options, build_kiosk
from kiosk.clock import demo_start
from kiosk.demo.embedded_server import EmbeddedServer, installed
from kiosk.demo.offscreen import clock_of, meet
from kiosk.domain.config import ServerSettings, Settings
from kiosk.errors import AlreadyRunning, KioskError, UsageError
from kiosk.messages import Say, reason
from kiosk.runtime import Kiosk
from kiosk.store.lock import refuse_if_owned
from menu.agencies import AGENCIES_FILE

LAST_YEAR = 2100
SERVER_FOLDER = "server"
OWNER_FILE = "demo-of"
"""File in a state folder that names the settings folder whose demo it is."""


@dataclass(frozen=True, slots=True)
class DemoSession:
    """A built demo. ``server`` is None where the queue server cannot run here."""

    kiosk: Kiosk
    server: EmbeddedServer | None


@contextmanager
def demo_session(
    settings: Settings, config: Path, state: Path, options: Options, say: Say
) -> Iterator[DemoSession]:
    """Build the demo of the settings folder ``config`` in ``state``; stop it on leaving.

    ``settings`` are those of ``config``. Raises AlreadyRunning when another demo uses ``state``.
    """
    settings = _isolated(settings)
    with ExitStack() as ending:
        server = _server(state, config, settings, say)
        if server is not None:
            ending.enter_context(server)
            settings = _with(settings, server=server.settings)
        with _one_demo_per_folder(state):
            kiosk = ending.enter_context(build_kiosk(settings, state, options))
        if server is not None:
            server.start(clock_of(kiosk))
        yield DemoSession(kiosk, server)


def claim_state(state: Path, config: Path) -> None:
    """Note in ``state`` that it holds the demo of the settings folder ``config``.

    Raises AlreadyRunning when a demo runs there, UsageError when it is the demo of other
    settings, KioskError when the folder cannot be used.
    """
    home = str(config.resolve())
    with _one_demo_per_folder(state):
        # Checked first: otherwise the running demo's port would be the error that is reported.
        refuse_if_owned(state)
    owner = state / OWNER_FILE
    try:
        if owner.exists() and owner.read_text(encoding="utf-8", errors="replace") != home:
            raise UsageError("demo.other", folder=state)
        owner.write_text(home, encoding="utf-8")
    except OSError as error:
        raise KioskError("folder.use", folder=owner, why=reason(error)) from error


def folder_digest(config: Path) -> str:
    """Eight hexadecimal digits that distinguish one settings folder from another."""
    return hashlib.sha256(str(config.resolve()).encode()).hexdigest()[:8]


def first_moment(given: datetime | None, settings: Settings, *, real_time: bool) -> datetime | None:
    """The first moment of the demo's clock, aware; None for the system's time.

    ``given`` without a zone is site time. Raises UsageError for a year that is out of range.
    """
    if real_time:
        return None
    if given is None:
        return demo_start(settings)
    if not 2000 <= given.year <= LAST_YEAR:
        raise UsageError("usage.year", last=LAST_YEAR)
    zone = site_zone(settings)
    return given.replace(tzinfo=zone) if given.tzinfo is None else given.astimezone(zone)


def site_zone(settings: Settings) -> ZoneInfo:
    """The site's time zone."""
    return ZoneInfo(settings.catalogue.site.timezone)


def announce(session: DemoSession, config: Path, say: Say) -> None:
    """Print where the queue server and the slips can be seen.

    Waits until a kiosk that has no letter yet has received one: without it the first screen
    would refuse to give numbers.
    """
    kiosk, server = session.kiosk, session.server
    if server is not None:
        queue = kiosk.queue
        if queue is not None and not queue.terms().letter:
            server.wait()
            meet(kiosk)
        menu = config / AGENCIES_FILE
        print(say("demo.server", address=server.address, menu=menu))
    print(say("demo.slips", page=kiosk.slips_page()), flush=True)


def _isolated(settings: Settings) -> Settings:
    """The settings with the virtual printer and without the site's queue server."""
    printer = replace(settings.kiosk.printer, connection="virtual")
    return _with(settings, printer=printer, server=ServerSettings())


def _with(settings: Settings, **changes: Any) -> Settings:
    return replace(settings, kiosk=replace(settings.kiosk, **changes))


@contextmanager
def _one_demo_per_folder(state: Path) -> Iterator[None]:
    """Add to AlreadyRunning what the user can do about it."""
    try:
        yield
    except AlreadyRunning as error:
        raise AlreadyRunning("demo.alone", error=error, folder=state) from error


def _server(state: Path, config: Path, settings: Settings, say: Say) -> EmbeddedServer | None:
    """The queue server, with a token for the kiosk.

    None, with the reason on stderr, where it cannot run: the demo continues without it.
    """
    try:
        if not installed():
            raise KioskError("demo.not_installed")
        server = EmbeddedServer(state / SERVER_FOLDER, config / AGENCIES_FILE)
        server.add_kiosk(settings.kiosk.id)
    except KioskError as error:
        print(say("demo.no_server", error=error), file=sys.stderr)
        return None
    return server
