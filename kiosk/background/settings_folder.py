"""The settings folder that staff edit: what is in use at the start, and what an edit changes.

A file with errors changes nothing: the kiosk goes on with the settings in use, also over a
restart. Three rules protect the visitors: a set of files counts once it was unchanged for
``SETTLED_S`` (editors save in steps); a menu that lacks a third of the services in use waits for
staff to confirm it; what a running app cannot change (``kiosk.yaml``) waits for the next start.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from kiosk.background.settings_manager import SettingsManager
from kiosk.domain.config import Settings
from kiosk.errors import SettingsError
from kiosk.messages import TEXTS, Message, Text
from kiosk.settings.assets import ASSETS
from kiosk.settings.history import SettingsHistory, Snapshot, load_kept, load_snapshot, problems_in
from kiosk.settings.loader import load_settings
from menu.catalogue import lost

SETTLED_S = 1.0
LOOK_EVERY_S = 0.25
MOST_NAMED = 5
"""Codes of missing services in a notice; the rest is counted."""

log = logging.getLogger(__name__)


class OnDisk(Enum):
    """What became of the files as they are now."""

    IN_USE = "in_use"
    RESTART = "restart"
    """In use, but for ``kiosk.yaml`` or the time zone, which count from the next start on."""
    WAITING = "waiting"
    """The menu lacks many services: staff must confirm it."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class DiskStatus:
    """``notice``: what staff should know; empty for ``IN_USE``."""

    state: OnDisk = OnDisk.IN_USE
    notice: Text = ""


@dataclass(frozen=True, slots=True)
class InLanguages:
    """A text by language, as pairs so that a notice can be hashed; see
    ``menu.texts.Translatable``."""

    texts: tuple[tuple[str, str], ...]

    def in_(self, language: str) -> str:
        """The text in ``language``, else the first."""
        texts = dict(self.texts)
        return texts.get(language) or next(iter(texts.values()), "")

    def __str__(self) -> str:
        return self.in_("en")


@dataclass(frozen=True, slots=True)
class Opened:
    """Settings to start with. ``snapshot``: the files that they were read from; None where these
    could not be copied. ``status``: what is wrong with those in the settings folder."""

    settings: Settings
    snapshot: Snapshot | None
    status: DiskStatus = DiskStatus()


def open_settings(config: Path, state: Path, lang: str) -> Opened:
    """The settings in ``config``, or those that were last in use where these have errors.

    Raises SettingsError with the errors of ``config`` where there are none to fall back on.
    """
    history = SettingsHistory(state)
    snapshot = Snapshot.take(config)
    try:
        settings = _load(snapshot, config, lang)
    except SettingsError as error:
        return _fall_back(history, config, lang, error)
    if snapshot is None:
        return Opened(settings, None)
    newest = history.newest()
    before = None if newest is None else Snapshot.take(newest.folder)
    if newest is None or before is None or before == snapshot or history.confirmed(snapshot):
        return Opened(settings, snapshot)
    try:
        in_use = load_kept(newest, config, lang)
    except SettingsError:
        return Opened(settings, snapshot)
    missing = lost(in_use.catalogue, settings.catalogue)
    if not missing:
        return Opened(settings, snapshot)
    return Opened(in_use, before, _waiting(missing, in_use))


def _load(snapshot: Snapshot | None, config: Path, lang: str) -> Settings:
    if snapshot is not None:
        try:
            return load_snapshot(snapshot, config, lang)
        except OSError as error:
            log.warning("the settings files cannot be copied: %s", error.strerror)
    return load_settings(config, ASSETS, lang)


def _fall_back(history: SettingsHistory, config: Path, lang: str, error: SettingsError) -> Opened:
    newest = history.newest()
    if newest is None:
        raise error
    try:
        settings = load_kept(newest, config, lang)
    except SettingsError:
        raise error from None
    log.error("settings with errors, the last good ones are used: %s", error)
    return Opened(settings, Snapshot.take(newest.folder), _broken(config))


def _broken(config: Path) -> DiskStatus:
    problems = {language: problems_in(config, language) for language in TEXTS.languages}
    count = max(map(len, problems.values()))
    first = InLanguages(tuple((lang, found[0]) for lang, found in problems.items() if found))
    return DiskStatus(OnDisk.BROKEN, Message.of("settings.broken", problem=first, n=count))


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
        self._seen = self._judged = self._snapshot()
        self._since_s = mono()
        self._keep()

    @property
    def status(self) -> DiskStatus:
        """What became of the files as they are now. From any thread."""
        return self._status

    def look(self) -> None:
        """Judge the files once they have settled. Raises nothing that an editor can cause."""
        found = self._snapshot()
        if found != self._seen:
            self._seen, self._since_s = found, self._mono()
            return
        if self._mono() - self._since_s < SETTLED_S:
            return
        if found == self._judged and not self._confirmed_since(found):
            return
        self._judged = found
        self._status = self._judge(found)

    def _snapshot(self) -> Snapshot | None:
        return Snapshot.take(self._config)

    def _confirmed_since(self, found: Snapshot | None) -> bool:
        waiting = self._status.state is OnDisk.WAITING
        return waiting and found is not None and self._history.confirmed(found)

    def _judge(self, found: Snapshot | None) -> DiskStatus:
        if found is not None and found == self._in_use:
            return DiskStatus()
        try:
            read = _load(found, self._config, TEXTS.languages[0])
        except SettingsError as error:
            log.error("the edited settings are not used: %s", error)  # noqa: TRY400
            return _broken(self._config)
        missing = lost(self._manager.current.catalogue, read.catalogue)
        if missing and found is not None and not self._history.confirmed(found):
            return _waiting(missing, self._manager.current)
        whole = self._manager.use_files(read)
        log.info("the edited settings are in use")
        self._in_use = found
        self._keep()
        if whole:
            return DiskStatus()
        return DiskStatus(OnDisk.RESTART, Message("settings.restart"))

    def _keep(self) -> None:
        if self._in_use is None:
            return
        try:
            self._history.keep(self._in_use, self._now())
        except OSError as error:
            log.error("the settings in use cannot be kept: %s", error.strerror)  # noqa: TRY400
