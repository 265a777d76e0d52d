"""Pictures of a site: in its config folder, else among the assets."""

from collections.abc import Callable
from pathlib import Path

from kiosk.domain.config import Settings
from kiosk.package_data import ASSETS as ASSETS


def picture_finder(settings: Settings) -> Callable[[str], Path | None]:
    """A function that finds a logo by name: in the config folder, else in the assets."""

    def find(name: str) -> Path | None:
        for folder in (Path(settings.config_dir), ASSETS / "images"):
            if (folder / name).is_file():
                return folder / name
        return None

    return find
