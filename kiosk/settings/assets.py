"""Where the assets lie: fonts, icons, pictures, words."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
