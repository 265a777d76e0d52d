"""The live catalogue: a watched file, shared through the database by all server processes.

The newest edit wins, on whichever machine it was made. A file with errors, one that lost many
services (``menu_file``), or one whose ``valid_from`` is still to come changes nothing: the last
good menu is in the database and stays live, over restarts too. ``status`` says what became of the
file, for ``/metrics`` and for staff.
"""

from __future__ import annotations

import logging
import time
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from menu.catalogue import lost
from menu.problems import MOST_PROBLEMS
from queue_server import meta
from queue_server.clock import Clock, from_us
from queue_server.database import Database
from queue_server.errors import CatalogueError, Unavailable, Unusable
from queue_server.menu_file import (
    LANGUAGES,
    FileState,
    FileStatus,
    MenuFile,
    Seen,
    bad,
)
from queue_server.schema import catalogues, live_menus
from queue_server.served_menu import ServedMenu, read_menu
from queue_server.texts import LOG_LANGUAGE

LOOK_S = 0.5
"""Interval of looks at the file and the database. With ``menu_file.SETTLED_S`` it bounds how long
an edit takes: a kiosk must show it within 10 s."""

_log = logging.getLogger(__name__)


class LiveCatalogue:
    """Holds the live menu; ``look`` brings it up to date."""

    def __init__(
        self, path: Path, database: Database, clock: Clock, business: Clock | None = None
    ) -> None:
        """``clock``: the system's, which file times are compared with. ``business``: the clock of
        business dates, another one in demonstrations and tests."""
        self._path = path
        self._file = MenuFile(path)
        self._database = database
        self._clock = clock
        self._business = business or clock
        self._menu: ServedMenu | None = None
        self._unreadable = ""
        """The ETag of a live menu that this version of the program refuses."""
        self._at_start = self._first_look = True
        self._decided = ""
        """The ETag of the file about which the last decision was final."""
        self._candidate: ServedMenu | None = None
        self._status = FileStatus()

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

    @property
    def status(self) -> FileStatus:
        """The status of the file on this machine."""
        return self._status

    def read_file(self, lang: str = "id") -> ServedMenu:
        """The file as it is now. CatalogueError with every error, in ``lang``."""
        return read_menu(self._file.read(lang), str(self._path), lang)

    def look(self) -> bool:
        """Follow the database, then look at the file. Returns whether the live menu changed.

        Blocks: for a thread. Raises Unavailable while the database cannot be asked; Unusable if,
        at the start, the file is of another site and has no service of the live menu.
        """
        changed = self._follow()
        try:
            seen = self._file.look(time.monotonic())
        except CatalogueError:
            self._decided, self._candidate = "", None
            self._note(bad(self._errors()))
            return changed
        if self._first_look:
            self._check_site(seen.body)
            self._first_look = False
        return self._consider(seen) or changed

    def _consider(self, seen: Seen) -> bool:
        """Decide about this state of the file. Returns whether it went live."""
        digest = seen.fingerprint.digest
        if digest == self._decided:
            return False
        if not seen.settled and self.ready:
            if self._status.state is not FileState.SETTLING:
                self._note(FileStatus(FileState.SETTLING))
            return False
        if self._candidate is None or self._candidate.etag != digest:
            try:
                self._candidate = read_menu(seen.body, str(self._path))
            except CatalogueError:
                self._decided, self._candidate = digest, None
                self._note(bad(self._errors(seen.body)))
                return False
        begins = self._candidate.catalogue.valid_from
        if self.ready and not self._candidate.counts_at(from_us(self._business.now_us())):
            # Not decided: the date will come.
            self._note(self._coming(self._candidate, begins))
            return False
        return self._offer(self._candidate, seen.fingerprint.mtime_ns // 1000)

    def _coming(self, menu: ServedMenu, begins: date | None) -> FileStatus:
        """The status of a file before its date: staff learn now what will hold it back then."""
        live = self.menu
        missing = lost(live.catalogue, menu.catalogue)

        def held(connection: Connection) -> FileState:
            if is_other_site(connection, menu, live.site):
                return FileState.OTHER_SITE
            if missing and meta.get(connection, meta.CONFIRMED) != menu.etag:
                return FileState.WAITING
            return FileState.COMING

        state = self._database.read_now(held)
        if state is FileState.OTHER_SITE:
            name, of_name = menu.name.in_("id"), live.name.in_("id")
            return FileStatus(state, begins=begins, site=name, of_site=of_name)
        if state is FileState.WAITING:
            services = len(live.services)
            return FileStatus(state, begins=begins, missing=missing, services=services)
        return FileStatus(state, begins=begins)

    def _check_site(self, body: bytes) -> None:
        """Raise Unusable if the file at the start is of another site than the live menu, and they
        have no service in common.

        Before the file has settled: this server's kiosks must not get the other site's menu. Where
        they have services in common, the name of the site was probably corrected: the live menu is
        served, and the file waits for a confirmation (``OTHER_SITE``). A file that was live in this
        database is an older one, from before a rename.
        """
        if self._menu is None:
            return
        try:
            menu = read_menu(body)
        except CatalogueError:
            return
        live = self._menu
        if menu.services.keys() & live.services.keys():
            return

        def other(connection: Connection) -> bool:
            return not _was_live(connection, menu.etag) and is_other_site(
                connection, menu, live.site
            )

        if self._database.read_now(other):
            names = {"site": menu.name.in_("id"), "of": live.name.in_("id")}
            raise Unusable("catalogue.other_site", **names)

    def _offer(self, menu: ServedMenu, edited_us: int) -> bool:
        """Publish a valid file, unless it is older than the live menu or must be confirmed."""
        missing = lost(self._menu.catalogue, menu.catalogue) if self._menu is not None else ()
        now_us = self._clock.now_us()
        since_us = edited_us if self._at_start else None
        of_site = None if self._menu is None else self._menu.site
        state = self._database.write_now(
            lambda connection: _publish(connection, menu, now_us, since_us, bool(missing), of_site)
        )
        if state is FileState.OTHER_SITE:
            of_name = self.menu.name.in_("id")
            self._note(FileStatus(state, site=menu.name.in_("id"), of_site=of_name))
            return False
        if state is FileState.WAITING:
            # Not decided: a confirmation may come at any time.
            self._note(FileStatus(state, missing=missing, services=len(self.menu.services)))
            return False
        self._at_start, self._decided, self._candidate = False, menu.etag, None
        self._note(FileStatus(state))
        return self._follow()

    def _errors(self, body: bytes | None = None) -> dict[str, CatalogueError]:
        """What is wrong with the file, by language; ``body``: its bytes where they are known."""
        found: dict[str, CatalogueError] = {}
        for language in LANGUAGES:
            try:
                read = self._file.read(language) if body is None else body
                read_menu(read, str(self._path), language)
            except CatalogueError as error:
                found[language] = error
            else:
                found[language] = CatalogueError(f"{self._path}: changed while it was read")
        return found

    def _follow(self) -> bool:
        """Take over the live menu of the database. Returns whether it is another one."""
        have = self._unreadable or (self._menu.etag if self._menu else "")
        row = self._database.read_now(lambda connection: _live(connection, have))
        if row is None:
            return False
        etag, body = row
        try:
            menu = read_menu(body)
        except CatalogueError as error:
            # An earlier version of this program published it and was less strict.
            _log.error("the live catalogue is refused", extra={"etag": etag, "fault": str(error)})
            self._unreadable = etag
            if self._menu is not None:
                return False
            menu_or_none = self._database.read_now(_last_good)
            if menu_or_none is None:
                return False
            menu = menu_or_none
        else:
            self._unreadable = ""
        self._menu = menu
        _log.info("catalogue live", extra={"etag": menu.etag, "services": len(menu.services)})
        return True

    def _note(self, status: FileStatus) -> None:
        """Keep the status; log a new one that staff should know."""
        if status == self._status:
            return
        self._status = status
        if status.state is FileState.BAD and status.problems:
            problems = list(status.problems[LOG_LANGUAGE][:MOST_PROBLEMS])
            fault = {"fault": status.message(LOG_LANGUAGE), "problems": problems}
            _log.error("catalogue not taken", extra=fault)
        elif status.state is FileState.OTHER_SITE:
            _log.error("catalogue of another site", extra={"fault": status.message(LOG_LANGUAGE)})
        elif status.state is FileState.WAITING:
            waits = {"fault": status.message(LOG_LANGUAGE), "missing": list(status.missing)}
            _log.error("catalogue waits for confirmation", extra=waits)
        elif status.state is FileState.COMING:
            _log.info("catalogue waits for its date", extra={"date": str(status.begins)})


def confirm(connection: Connection, etag: str) -> None:
    """Allow the menu with this ETag to go live although it lacks many services."""
    meta.put(connection, meta.CONFIRMED, etag)


def confirm_site(connection: Connection, menu: ServedMenu) -> None:
    """Let the database belong to the site of this menu from its next publication on."""
    meta.put(connection, meta.SITE_CONFIRMED, menu.site)


def is_other_site(connection: Connection, menu: ServedMenu, live_site: str | None) -> bool:
    """Whether the database belongs to another site than this menu's, and no rename is confirmed.

    ``live_site``: the site of the live menu, for a database that does not say its own yet.
    """
    of = meta.get(connection, meta.SITE) or live_site
    return of not in (None, menu.site) and meta.get(connection, meta.SITE_CONFIRMED) != menu.site


def live_menu(connection: Connection) -> ServedMenu | None:
    """The live menu of the database; None where there is none, or it is refused today."""
    row = _live(connection, "")
    try:
        return None if row is None else read_menu(row[1])
    except CatalogueError:
        return None


def _publish(
    connection: Connection,
    menu: ServedMenu,
    now_us: int,
    edited_us: int | None,
    doubtful: bool,
    live_site: str | None,
) -> FileState:
    """Make a menu the live one; what became of it: LIVE, OLDER, OTHER_SITE or WAITING.

    ``edited_us``: set for what a process finds at its start; that must be newer than what is
    live, so that a machine with an old file does not undo an edit made elsewhere. ``doubtful``:
    it goes live only once it is confirmed.
    """
    live = meta.get(connection, meta.CATALOGUE)
    if live == menu.etag:
        if meta.get(connection, meta.SITE) is None:
            meta.put(connection, meta.SITE, menu.site)
        return FileState.LIVE
    published = _was_live(connection, menu.etag)
    if published and live is not None and edited_us is not None:
        since = select(catalogues.c.published_us).where(catalogues.c.etag == live)
        if edited_us < (connection.execute(since).scalar() or 0):
            return FileState.OLDER
    if is_other_site(connection, menu, live_site):
        return FileState.OTHER_SITE
    if doubtful and meta.get(connection, meta.CONFIRMED) != menu.etag:
        return FileState.WAITING
    if not published:
        connection.execute(
            insert(catalogues).values(etag=menu.etag, body=menu.body, published_us=now_us)
        )
    meta.put(connection, meta.CATALOGUE, menu.etag)
    connection.execute(delete(live_menus).where(live_menus.c.since_us == now_us))
    connection.execute(insert(live_menus).values(since_us=now_us, etag=menu.etag))
    meta.put(connection, meta.SITE, menu.site)
    meta.remove(connection, meta.SITE_CONFIRMED)
    return FileState.LIVE


def _was_live(connection: Connection, etag: str) -> bool:
    """Whether the menu with this ETag is or was the live one."""
    known = select(catalogues.c.etag).where(catalogues.c.etag == etag)
    return connection.execute(known).first() is not None


def _live(connection: Connection, have: str) -> tuple[str, bytes] | None:
    """Etag and bytes of the live catalogue; None where it is the one at hand, or there is none."""
    etag = meta.get(connection, meta.CATALOGUE)
    if etag is None or etag == have:
        return None
    body = connection.execute(select(catalogues.c.body).where(catalogues.c.etag == etag)).scalar()
    return None if body is None else (etag, bytes(body))


def _last_good(connection: Connection) -> ServedMenu | None:
    """The newest menu of the database that is accepted; None where there is none."""
    newest = select(catalogues.c.body).order_by(catalogues.c.published_us.desc())
    for body in connection.execute(newest).scalars():
        try:
            return read_menu(bytes(body))
        except CatalogueError:
            continue
    return None
