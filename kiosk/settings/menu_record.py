"""The menus that were in force, by day, kept in the state folder for the reports of past months.

``kiosk.settings.history`` keeps the sets of files for a restart and a rollback: the newest 30,
which an officer can fill in one afternoon, and never the queue server's menu. This keeps one menu
for each day on which it changed, the last of that day.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import date, tzinfo
from pathlib import Path

from kiosk.domain.config import Settings
from kiosk.durable import write_private
from kiosk.settings.history import FOLDER, SettingsHistory
from menu.agencies import AGENCIES_FILE
from reports.menus import KeptMenu

MENUS = "menus"
MOST = 400
"""How many menus are kept, the newest: more than a year with a change on every day."""

log = logging.getLogger(__name__)


class MenuRecord:
    """The menus in ``state``, which its owner alone may change."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._folder = state / FOLDER / MENUS

    def note(self, settings: Settings, today: date) -> None:
        """Keep the menu in force, unless it is the one that ``today`` began with.

        ``today``: the date at the site. A failure is logged: it must not stop the kiosk.
        """
        body = settings.menu_text.encode()
        try:
            before = [path for day, path in self._files() if day <= today]
            if before and before[-1].read_bytes() == body:
                return
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._folder / f"{today.isoformat()}.yaml", body)
            for _, old in self._files()[:-MOST]:
                old.unlink(missing_ok=True)
        except OSError as error:
            log.error("the menu in force cannot be kept: %s", error.strerror)  # noqa: TRY400

    def kept(self, zone: tzinfo) -> list[KeptMenu]:
        """All menus, oldest first. Before the first one that was recorded: those of
        ``SettingsHistory``, whose times become dates of ``zone``. Files that cannot be read are
        left out."""
        recorded = []
        for day, path in self._files():
            with contextlib.suppress(OSError):
                recorded.append(KeptMenu(day, path.read_bytes()))
        earlier = []
        for one in SettingsHistory(self._state).kept():
            with contextlib.suppress(OSError):
                body = (one.folder / AGENCIES_FILE).read_bytes()
                earlier.append(KeptMenu(one.since.astimezone(zone).date(), body))
        if not recorded:
            return earlier
        return [one for one in earlier if one.since < recorded[0].since] + recorded

    def _files(self) -> list[tuple[date, Path]]:
        """The files by their dates, oldest first."""
        found = []
        with contextlib.suppress(OSError):
            for path in self._folder.glob("*.yaml"):
                with contextlib.suppress(ValueError):
                    found.append((date.fromisoformat(path.stem), path))
        return sorted(found)
