"""The last good menu stays in force; staff see a notice as long as the server has a bad one."""

from __future__ import annotations

from pathlib import Path

from kiosk.background.catalogue_manager import CatalogueManager
from kiosk.domain.config import Settings
from kiosk.settings import load_settings
from kiosk.sync.values import CatalogueFile
from tests.settings.folder import AGENCIES, ASSETS, KIOSK, TICKET, Folder

URL = "https://queue.example"
GOOD = CatalogueFile('"good"', AGENCIES.encode())
BAD = CatalogueFile(
    '"bad"', AGENCIES.replace("code: npwp", "code: npwp\n        icon: nowhere").encode()
)


def test_an_invalid_menu_is_reported_until_a_valid_one_replaces_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for name, text in (("kiosk.yaml", KIOSK), ("ticket.yaml", TICKET)):
        folder.write(name, text)
    applied: list[Settings] = []
    keeper = CatalogueManager(
        tmp_path, URL, lambda menu: load_settings(tmp_path, ASSETS, menu=menu), applied.append
    )

    def offered(menu: CatalogueFile) -> tuple[int, bool]:
        """How many menus were applied so far, and whether there is a problem."""
        keeper.offer(menu.etag, lambda _: menu)
        return len(applied), bool(keeper.problem)

    assert offered(GOOD) == (1, False)
    assert offered(BAD) == (1, True)
    assert offered(BAD) == (1, True)
    assert offered(GOOD) == (1, False), "nothing is wrong with the menu that the server has now"
    assert offered(BAD) == (1, True), "and once more"
    assert keeper.etag == GOOD.etag
