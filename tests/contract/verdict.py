"""The verdict of each side on one menu, as values that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kiosk.settings import check_settings
from menu.agencies import check_menu, describe
from menu.problems import FileProblem
from queue_server.errors import CatalogueError
from queue_server.served_menu import read_menu
from tests.settings.folder import ASSETS

FILE = "agencies.yaml"


def verdict_of_menu(body: bytes) -> Any:
    """The expected verdict: a summary or None, and every problem in Indonesian."""
    checked = check_menu(body, FILE)
    summary = None if checked.catalogue is None else str(describe(checked.catalogue))
    return {"summary": summary, "problems": _lines(checked.problems)}


def verdict_of_kiosk(body: bytes, folder: Path, lang: str = "id") -> Any:
    """What ``kiosk check`` makes of it in a folder whose other files are good."""
    path = folder / FILE
    path.write_bytes(body)
    checked = check_settings(folder, ASSETS, lang)
    summary = None if checked.settings is None else str(describe(checked.settings.catalogue))
    return {"summary": summary, "problems": _lines(checked.problems, f"{folder}/")}


def verdict_of_server(body: bytes) -> Any:
    """What the server makes of it: the same without the warnings, which stop nothing there."""
    try:
        menu = read_menu(body, FILE)
    except CatalogueError as error:
        return {"summary": None, "errors": list(error.problems)}
    return {"summary": str(menu.summary), "errors": []}


def _lines(problems: Iterable[FileProblem], folder: str = "") -> list[str]:
    return [("W " if p.warning else "E ") + str(p).removeprefix(folder) for p in problems]
