"""The server's menu: fetched when it changes, checked, and kept in a file.

The kiosk checks it with its own loader and ignores a menu with errors. The last valid menu is kept
in the state folder and used after a restart, also while the server cannot be reached.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

from kiosk.domain.config import Settings
from kiosk.errors import SettingsError, SyncError
from kiosk.messages import Message, Text
from kiosk.sync.values import CatalogueFile

FOLDER = "catalogue"
MENU_NAME, TAG_NAME, DRAFT_NAME = "agencies.yaml", "etag.json", "new.yaml"

Load = Callable[[Path], Settings]
log = logging.getLogger(__name__)


class CatalogueManager:
    """The menu of the server at ``url``, kept in ``state``.

    ``load`` reads an agencies file as the kiosk does and raises SettingsError; ``apply`` gets
    settings whose catalogue and words are the server's.
    """

    def __init__(self, state: Path, url: str, load: Load, apply: Callable[[Settings], None]):
        self._folder = state / FOLDER
        self._url = url
        self._load = load
        self._apply = apply
        self._etag = ""
        self._bad = ""
        self._problem: Text = ""

    @property
    def etag(self) -> str:
        """Of the menu that is kept, as the server wrote it; empty for none."""
        return self._etag

    @property
    def problem(self) -> Text:
        """What is wrong with the menu that the server has now; empty for nothing."""
        return self._problem

    def restore(self) -> None:
        """At a start: apply the kept menu, where it is this server's and still readable."""
        try:
            said = json.loads((self._folder / TAG_NAME).read_text(encoding="utf-8"))
            if said["url"] != self._url or not isinstance(said["etag"], str):
                return
            settings = self._load(self._folder / MENU_NAME)
        except (OSError, ValueError, KeyError, TypeError):
            return
        except SettingsError as error:
            log.error("the kept menu of the server: %s", error)  # noqa: TRY400
            return
        self._etag = said["etag"]
        self._apply(settings)

    def offer(self, etag: str, fetch: Callable[[str], CatalogueFile | None]) -> None:
        """The server's menu now has ``etag``: if that is new, fetch the menu, check and apply it.

        A menu with errors is fetched again only after it has changed. If the server returns to the
        kept menu, ``problem`` is cleared.
        """
        if etag and etag == self._etag:
            self._bad, self._problem = "", ""
        if not etag or etag in (self._etag, self._bad):
            return
        try:
            menu = fetch(self._etag)
        except SyncError as error:
            log.warning("the server's menu cannot be had: %s", error)
            return
        if menu is None or menu.etag in (self._etag, self._bad):
            return
        try:
            self._take(menu)
        except SettingsError as error:
            self._bad = menu.etag
            self._problem = Message.of("server.menu", problem=error.problems[0])
            log.error("the server's menu is not used: %s", error)  # noqa: TRY400
        except OSError as error:
            log.error("the server's menu cannot be kept: %s", error.strerror)  # noqa: TRY400

    def _take(self, menu: CatalogueFile) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / DRAFT_NAME
        draft.write_bytes(menu.body)
        settings = self._load(draft)
        # Delete the tag first: after a crash here the menu is fetched once more, and none is lost.
        (self._folder / TAG_NAME).unlink(missing_ok=True)
        draft.replace(self._folder / MENU_NAME)
        text = json.dumps({"url": self._url, "etag": menu.etag})
        tag = self._folder / (TAG_NAME + ".new")
        tag.write_text(text, encoding="utf-8")
        tag.replace(self._folder / TAG_NAME)
        self._etag, self._bad, self._problem = menu.etag, "", ""
        log.info("the menu is the server's, %s", menu.etag)
        self._apply(settings)
