"""The settings in force, which the server's menu replaces while the kiosk runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kiosk.domain.config import Settings


class SettingsManager:
    """Holds the settings in force and calls listeners after each change.

    ``load`` reads settings again with another agencies file; it raises SettingsError.
    """

    def __init__(self, settings: Settings, load: Callable[[Settings, Path], Settings]) -> None:
        self._current = settings
        self._load = load
        self._listeners: list[Callable[[], None]] = []

    @property
    def current(self) -> Settings:
        """The settings in force. From any thread."""
        return self._current

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each change, on the thread that made the change."""
        self._listeners.append(listener)

    def load_menu(self, menu: Path) -> Settings:
        """The settings with ``menu`` as the agencies file; not in force yet.

        Raises SettingsError when the file is not valid.
        """
        return self._load(self._current, menu)

    def use_menu(self, read: Settings) -> None:
        """Put the menu and words of ``read`` in force; the machine's own settings stay."""
        self._current = replace(self._current, catalogue=read.catalogue, words=read.words)
        for listener in self._listeners:
            listener()
