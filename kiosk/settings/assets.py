"""Where the assets lie: fonts, icons, pictures, words."""

from collections.abc import Callable
from pathlib import Path

from kiosk.domain.config import Settings

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def picture_finder(settings: Settings) -> Callable[[str], Path | None]:
    """A function that finds a logo by name: in the config folder, else in the assets."""

    def find(name: str) -> Path | None:
        for folder in (Path(settings.config_dir), ASSETS / "images"):
            if (folder / name).is_file():
                return folder / name
        return None

    return find
