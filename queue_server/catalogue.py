"""The live catalogue: a watched file, shared through the database by all server processes.

The newest edit wins, wherever it was made. What cannot be read changes nothing: the last good
one stays live, over restarts too.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from menu.problems import Report
from menu.source import read_bytes
from queue_server import meta
from queue_server.clock import Clock
from queue_server.database import Database
from queue_server.errors import CatalogueError, Unavailable
from queue_server.schema import catalogues
from queue_server.served_menu import ServedMenu, read_menu

LOOK_S = 1.0
"""How often the file and the database are looked at."""

_log = logging.getLogger(__name__)


class _Stamp(NamedTuple):
    """By which a change of the file is noticed without reading it."""

    inode: int
    size: int
    mtime_ns: int


class Catalogue:
    """Holds the live menu; ``look`` brings it up to date."""

    def __init__(self, path: Path, database: Database, clock: Clock) -> None:
        self._path = path
        self._database = database
        self._clock = clock
        self._menu: ServedMenu | None = None
        self._stamp: _Stamp | None = None
        self._read_etag = ""
        self.fault: str | None = None

    @property
    def menu(self) -> ServedMenu:
        """The live menu; Unavailable where no good one was ever read."""
        if self._menu is None:
            raise Unavailable("catalogue.none")
        return self._menu

    @property
    def ready(self) -> bool:
        """Whether there is a live menu."""
        return self._menu is not None

    def read_file(self) -> ServedMenu:
        """The file as it is now; CatalogueError names it and says what is wrong."""
        report = Report(str(self._path), "id")
        body = read_bytes(self._path, report)
        if body is None:
            raise CatalogueError(*map(str, report))
        return read_menu(body, str(self._path))

    def look(self) -> bool:
        """Reads the file if it changed, then the database; whether the live menu changed.

        Blocks: for a thread. Raises Unavailable while the database cannot be asked.
        """
        found = self._changed_file()
        if found is not None:
            menu, edited_us = found
            first = self._read_etag == ""
            now_us = self._clock.now_us()
            self._database.write_now(
                lambda connection: _publish(connection, menu, now_us, edited_us if first else None)
            )
            self._read_etag = menu.etag
        return self._follow()

    def _changed_file(self) -> tuple[ServedMenu, int] | None:
        """The menu of a file that changed since it was last read, and when it was edited."""
        try:
            status = self._path.stat()
            stamp = _Stamp(status.st_ino, status.st_size, status.st_mtime_ns)
        except OSError as error:
            self._note(f"{self._path}: {error.strerror or error}")
            return None
        if stamp == self._stamp:
            return None
        try:
            menu = self.read_file()
        except CatalogueError as error:
            self._note(str(error))
            self._stamp = stamp
            return None
        self._note(None)
        if menu.etag == self._read_etag:
            self._stamp = stamp
            return None
        return menu, status.st_mtime_ns // 1000

    def _follow(self) -> bool:
        """Takes over what the database has live."""
        have = self._menu.etag if self._menu else None
        row = self._database.read_now(lambda connection: _live(connection, have))
        if row is None:
            return False
        etag, body = row
        self._menu = read_menu(body)
        _log.info("catalogue live", extra={"etag": etag, "services": len(self._menu.services)})
        return True

    def _note(self, fault: str | None) -> None:
        if fault != self.fault:
            self.fault = fault
            if fault:
                _log.error("catalogue not taken", extra={"fault": fault})


def _publish(connection: Connection, menu: ServedMenu, now_us: int, edited_us: int | None) -> None:
    """Makes a menu the live one.

    ``edited_us``: set for what a process finds at its start; that must be newer than what is
    live, so that a machine with an old file does not undo an edit made elsewhere.
    """
    live = meta.get(connection, meta.CATALOGUE)
    if live == menu.etag:
        return
    known = select(catalogues.c.published_us).where(catalogues.c.etag == menu.etag)
    if connection.execute(known).scalar() is None:
        connection.execute(
            insert(catalogues).values(etag=menu.etag, body=menu.body, published_us=now_us)
        )
    elif live is not None and edited_us is not None:
        since = select(catalogues.c.published_us).where(catalogues.c.etag == live)
        if edited_us < (connection.execute(since).scalar() or 0):
            return
    meta.put(connection, meta.CATALOGUE, menu.etag)


def _live(connection: Connection, have: str | None) -> tuple[str, bytes] | None:
    """Etag and bytes of the live catalogue; None where it is the one at hand, or there is none."""
    etag = meta.get(connection, meta.CATALOGUE)
    if etag is None or etag == have:
        return None
    body = connection.execute(select(catalogues.c.body).where(catalogues.c.etag == etag)).scalar()
    return None if body is None else (etag, bytes(body))
