"""The settings folder that staff edit: what is in use at the start, and what an edit changes.

A file with errors changes nothing: the kiosk goes on with the settings in use, also over a
restart. Four rules protect the visitors: a set of files counts once it was unchanged for
``SETTLED_S`` (editors save in steps); a menu that lacks a third of the services in use waits for
staff to confirm it; one with ``valid_from`` waits for that date; what a running app cannot change
(``kiosk.yaml``) waits for the next start.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path

from kiosk.background.settings_manager import SettingsManager
from kiosk.domain.config import Settings
from kiosk.errors import SettingsError
from kiosk.messages import TEXTS, Message, Text
from kiosk.settings.assets import ASSETS
from kiosk.settings.history import SettingsHistory, Snapshot, load_kept, load_snapshot, problems_in
from kiosk.settings.languages import font_files
from kiosk.settings.loader import load_settings
from menu.catalogue import Catalogue, lost
from menu.local_text import LocalText
from menu.year import site_today

SETTLED_S = 1.0
LOOK_EVERY_S = 0.25
MOST_NAMED = 5
"""Codes of missing services in a notice; the rest is counted."""

log = logging.getLogger(__name__)


class OnDisk(Enum):
    """The result of the last check of the files."""

    IN_USE = "in_use"
    RESTART = "restart"
    """In use, but for ``kiosk.yaml`` or the time zone, which count from the next start on."""
    WAITING = "waiting"
    """The menu lacks many services: staff must confirm it. The other files are in use."""
    COMING = "coming"
    """The menu counts from a later date on (``valid_from``). The other files are in use."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class DiskStatus:
    """``notice``: what staff should know; empty for ``IN_USE``. ``begins``: the date of a
    ``COMING`` menu."""

    state: OnDisk = OnDisk.IN_USE
    notice: Text = ""
    begins: date | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """Settings to start with.

    ``snapshot``: the files that they were read from; None where these could not be copied.
    ``judged``: the files that were in the settings folder; None where one could not be read.
    ``status``: the result of their check.
    """

    settings: Settings
    snapshot: Snapshot | None
    judged: Snapshot | None
    status: DiskStatus = DiskStatus()


def open_settings(
    config: Path, state: Path, lang: str, today: Callable[[Catalogue], date] = site_today
) -> Opened:
    """The settings in ``config``, or those that were last in use where these have errors or do not
    count yet. ``today``: the date at the site of a menu.

    Raises SettingsError with the errors of ``config`` where there are none to fall back on.
    """
    history = SettingsHistory(state)
    found = Snapshot.take(config)
    try:
        settings = _load(found, config, lang)
    except SettingsError as error:
        last = _last_good(history, config, lang)
        if last is None:
            raise
        log.error("settings with errors, the last good ones are used: %s", error)  # noqa: TRY400
        return Opened(last[1], last[0], found, _broken(config))
    newest = history.newest()
    if found is None or newest is None or Snapshot.take(newest.folder) == found:
        return Opened(settings, found, found)
    last = _last_good(history, config, lang)
    status = None if last is None else _held(history, found, settings, last[1], today)
    if last is None or status is None:
        return Opened(settings, found, found)
    mixed = found.with_menu_of(last[0])
    try:
        return Opened(_load(mixed, config, lang), mixed, found, status)
    except SettingsError:
        return Opened(last[1], last[0], found, status)


def _load(snapshot: Snapshot | None, config: Path, lang: str) -> Settings:
    if snapshot is not None:
        try:
            return load_snapshot(snapshot, config, lang)
        except OSError as error:
            log.warning("the settings files cannot be copied: %s", error.strerror)
    return load_settings(config, ASSETS, lang)


def _last_good(
    history: SettingsHistory, config: Path, lang: str
) -> tuple[Snapshot, Settings] | None:
    """The newest kept set that this version of the program reads."""
    for kept in reversed(history.kept()):
        snapshot = Snapshot.take(kept.folder)
        if snapshot is None:
            continue
        with contextlib.suppress(SettingsError):
            return snapshot, load_kept(kept, config, lang)
    return None


def _broken(config: Path) -> DiskStatus:
    problems = {language: problems_in(config, language) for language in TEXTS.languages}
    count = max(map(len, problems.values()))
    first = LocalText.of(**{lang: found[0] for lang, found in problems.items() if found})
    return DiskStatus(OnDisk.BROKEN, Message.of("settings.broken", problem=first, n=count))


def _held(
    history: SettingsHistory,
    found: Snapshot,
    read: Settings,
    in_use: Settings,
    today: Callable[[Catalogue], date],
) -> DiskStatus | None:
    """Why the menu of ``found``, read as ``read``, does not replace ``in_use``; None: it does."""
    menu = read.catalogue
    if menu.valid_from is not None and not menu.counts_on(today(menu)):
        notice = Message.of("settings.coming", date=menu.valid_from.isoformat())
        return DiskStatus(OnDisk.COMING, notice, menu.valid_from)
    missing = lost(in_use.catalogue, menu)
    return _waiting(missing, in_use) if missing and not history.confirmed(found) else None


def _waiting(missing: tuple[str, ...], in_use: Settings) -> DiskStatus:
    named = ", ".join(missing[:MOST_NAMED]) + (", …" if len(missing) > MOST_NAMED else "")
    of = sum(1 for _ in in_use.catalogue.services())
    return DiskStatus(
        OnDisk.WAITING, Message.of("settings.waiting", n=len(missing), of=of, codes=named)
    )


class SettingsFolder:
    """Follows the files in ``config`` while the app runs; ``look`` is called every
    ``LOOK_EVERY_S`` seconds on one thread.

    ``now``: the time at the site, noted with each set that is put in use.
    """

    def __init__(
        self,
        opened: Opened,
        manager: SettingsManager,
        state: Path,
        now: Callable[[], datetime],
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = Path(opened.settings.config_dir)
        self._manager = manager
        self._history = SettingsHistory(state)
        self._now = now
        self._mono = mono
        self._status = opened.status
        self._in_use = opened.snapshot
        # Read from the files in use; the server's menu may be in force in its place.
        self._read = opened.settings
        self._seen = self._judged = (opened.judged, font_files(self._config))
        self._since_s = mono()
        self._looking = threading.Lock()
        self._keep()

    @property
    def status(self) -> DiskStatus:
        """The result of the last check of the files. From any thread."""
        return self._status

    def look(self) -> None:
        """Check the files once they have settled. Raises nothing that an editor can cause."""
        with self._looking:
            self._look()

    def reload(self, *, accept: bool) -> DiskStatus:
        """Check the files now, for staff. ``accept``: use a menu that waits to be confirmed; not
        where the files have changed since."""
        with self._looking:
            self._seen, self._since_s = self._files(), self._mono()
            found, _ = self._seen
            if accept and found is not None and found == self._judged[0]:
                try:
                    self._history.confirm(found)
                except OSError as error:
                    log.error("the menu is not confirmed: %s", error.strerror)  # noqa: TRY400
            self._judged, self._status = self._seen, self._judge(found)
            return self._status

    def _look(self) -> None:
        seen = self._files()
        if seen != self._seen:
            self._seen, self._since_s = seen, self._mono()
            return
        if self._mono() - self._since_s < SETTLED_S:
            return
        found, _ = seen
        if seen == self._judged and not self._confirmed_since(found) and not self._begun():
            return
        self._judged = seen
        self._status = self._judge(found)

    def _files(self) -> tuple[Snapshot | None, tuple[tuple[str, int, int], ...]]:
        """What the folder holds now. Of a font only size and time: it has megabytes."""
        return Snapshot.take(self._config), font_files(self._config)

    def _confirmed_since(self, found: Snapshot | None) -> bool:
        waiting = self._status.state is OnDisk.WAITING
        return waiting and found is not None and self._history.confirmed(found)

    def _begun(self) -> bool:
        """Whether the date of a coming menu has come."""
        begins = self._status.begins
        return begins is not None and begins <= self._now().date()

    def _judge(self, found: Snapshot | None) -> DiskStatus:
        try:
            read = _load(found, self._config, TEXTS.languages[0])
            held = None if found is None else self._held(found, read)
            if held is None or found is None:
                return self._use(found, read)
            if self._in_use is not None:
                mixed = found.with_menu_of(self._in_use)
                self._use(mixed, _load(mixed, self._config, TEXTS.languages[0]))
        except SettingsError as error:
            log.error("the edited settings are not used: %s", error)  # noqa: TRY400
            return _broken(self._config)
        return held

    def _held(self, found: Snapshot, read: Settings) -> DiskStatus | None:
        in_use = self._in_use
        if in_use is not None and in_use.digest == found.digest:
            return None
        return _held(self._history, found, read, self._read, lambda _: self._now().date())

    def _use(self, found: Snapshot | None, read: Settings) -> DiskStatus:
        if found != self._in_use:
            log.info("edited settings: %s", read.config_dir)
        self._in_use, self._read = found, read
        # Before they are in force: the server's menu is read with the words of the newest set.
        self._keep()
        whole = self._manager.use_files(read)
        return DiskStatus() if whole else DiskStatus(OnDisk.RESTART, Message("settings.restart"))

    def _keep(self) -> None:
        if self._in_use is None:
            return
        try:
            self._history.keep(self._in_use, self._now())
        except OSError as error:
            log.error("the settings in use cannot be kept: %s", error.strerror)  # noqa: TRY400
