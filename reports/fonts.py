"""The typeface of the PDFs: that of the screens."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from reports.plots import FACES

_FILES = ("AtkinsonHyperlegibleNext-Regular.ttf", "AtkinsonHyperlegibleNext-Bold.ttf")
_BESIDE = Path(__file__).resolve().parents[1]
_FOLDERS = (_BESIDE / "assets/fonts", _BESIDE / "kiosk/_data/assets/fonts")
"""Where the fonts lie: in the repository, in an installed wheel (``setup.py``)."""


def load_fonts() -> None:
    """Make ``FACES`` known to reportlab; once a process."""
    folder = next((f for f in _FOLDERS if f.is_dir()), _FOLDERS[0])
    for name, file in zip(FACES, _FILES, strict=True):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(folder / file)))
