"""The settings in force, which an edit of the files or the server's menu replaces while the kiosk
runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kiosk.domain.config import Settings
from kiosk.errors import SettingsError

log = logging.getLogger(__name__)


class SettingsManager:
    """Holds the settings in force and calls listeners after each change. From any thread.

    ``load`` reads settings again with another agencies file; it raises SettingsError.
    """

    def __init__(self, settings: Settings, load: Callable[[Settings, Path], Settings]) -> None:
        self._current = self._started = settings
        self._load = load
        self._lock = threading.Lock()
        self._served = False
        self._menu_file: Path | None = None
        self._listeners: list[Callable[[], None]] = []

    @property
    def current(self) -> Settings:
        """The settings in force."""
        return self._current

    @property
    def of_server(self) -> bool:
        """Whether the menu in force is the server's."""
        return self._served

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each change, on the thread that made the change."""
        self._listeners.append(listener)

    def load_menu(self, menu: Path) -> Settings:
        """The settings with ``menu`` as the agencies file; not in force yet.

        Raises SettingsError when the file is not valid.
        """
        return self._load(self._current, menu)

    def use_menu(self, read: Settings, file: Path | None = None) -> None:
        """Put the menu and words of ``read``, the server's, in force; they win over the files' from
        now on. The machine's own settings stay.

        ``file``: where the menu is kept. It is read again when the settings files change, because
        the words and fonts of the site's own languages come from there.
        """
        with self._lock:
            self._served, self._menu_file = True, file
            self._current = _with_menu(self._current, read)
        self._changed()

    def use_files(self, read: Settings) -> bool:
        """Put the edited files in force as far as a running app can: menu and words, unless the
        server's are in force or the time zone is another one, and the slip.

        False where a restart would change more. Listeners are called where anything has changed.
        """
        started = self._started
        same_zone = read.catalogue.site.timezone == started.catalogue.site.timezone
        with self._lock:
            before = self._current
            now = _with_template(before, read)
            if self._served:
                now = self._read_menu_again(now)
            elif same_zone:
                now = _with_menu(now, read)
            self._current = now
        if now != before:
            self._changed()
        return read.kiosk == started.kiosk and (same_zone or self._served)

    def _read_menu_again(self, settings: Settings) -> Settings:
        """``settings`` with the server's menu as it reads with the settings files of now."""
        if self._menu_file is None:
            return settings
        try:
            return _with_menu(settings, self._load(settings, self._menu_file))
        except SettingsError as error:
            log.error("the server's menu is not read again: %s", error)  # noqa: TRY400
            return settings

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()


def _with_menu(settings: Settings, read: Settings) -> Settings:
    """``settings`` with the menu, words and fonts of ``read``, and with the languages that cannot
    be printed, which depend on the words."""
    template = replace(settings.template, unprintable=read.template.unprintable)
    return replace(
        settings,
        catalogue=read.catalogue,
        menu_text=read.menu_text,
        words=read.words,
        fonts=read.fonts,
        language_problems=read.language_problems,
        template=template,
    )


def _with_template(settings: Settings, read: Settings) -> Settings:
    """``settings`` with the slip of ``read``; menu and words stay, and with them the languages that
    cannot be printed."""
    unprintable = settings.template.unprintable
    return replace(settings, template=replace(read.template, unprintable=unprintable))
