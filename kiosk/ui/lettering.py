"""Which font draws a text: the kiosk's own typeface, or one of the site's for other letters.

A text is drawn with one font as a whole, because Kivy's text provider cannot mix fonts within one
texture. Fonts for Chinese or Cyrillic letters have Latin letters and figures, too. The fonts in use
belong to the process, as Kivy's own cache of fonts does: there is one window in a process.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from kiosk.domain.config import FontFiles
from kiosk.typeface import Face, best_face, read_face
from kiosk.ui.theme import FONTS, face

_MARK = ":"
"""Separates a weight from the number of the site's font: ``bold:0``."""

_TRIED_PX = 20
"""The font size in which a font is opened before it is used."""

log = logging.getLogger(__name__)


class _Site:
    """The site's fonts that can be read, in their order."""

    files: tuple[FontFiles, ...] = ()
    fonts: tuple[tuple[FontFiles, Face], ...] = ()
    left_out: tuple[str, ...] = ()


def use_fonts(files: tuple[FontFiles, ...]) -> bool:
    """Draw letters that the kiosk's typeface lacks with ``files``, from the next text on.

    A font that cannot be read or opened is left out (``left_out``). True where the fonts are others
    than before: texts that are measured already must then be measured again.
    """
    if files == _Site.files:
        return False
    fonts, left_out = [], []
    for one in files:
        try:
            fonts.append((one, _opened(one)))
        except Exception as error:  # noqa: BLE001 - the drawing library says not what it raises
            log.warning("the font %s is not used: %s", one.regular, error)
            left_out.append(one.regular)
    _Site.files, _Site.fonts, _Site.left_out = files, tuple(fonts), tuple(left_out)
    font_of.cache_clear()
    return True


def left_out() -> tuple[str, ...]:
    """The paths of the site's fonts that are not used because they cannot be opened."""
    return _Site.left_out


def _opened(files: FontFiles) -> Face:
    """The face of a font whose files the drawing library opens. Raises what it raises."""
    from kivy.core.text import Label as CoreLabel

    found = read_face(Path(files.regular))
    for file in {files.regular, files.bold}:
        read_face(Path(file))
        CoreLabel(font_name=file, font_size=_TRIED_PX).get_extents("A")
    return found


def readable(text: str, whole: str | None = None) -> str:
    """``text`` as one line that can be drawn (``Face.readable``), with the font of the ``whole``
    text of which it is a line."""
    if text.isascii() or not _Site.fonts:
        return face().readable(text)
    return _faces()[best_face(_faces(), whole or text)].readable(text)


@lru_cache(maxsize=320)
def font_of(text: str, weight: str) -> str:
    """The font for a whole text: ``weight``, or a font of the site in that weight."""
    if text.isascii() or not _Site.fonts or weight == "icon" or _MARK in weight:
        return weight
    best = best_face(_faces(), text)
    return f"{weight}{_MARK}{best - 1}" if best else weight


def font_file(font: str) -> str:
    """The file of a font that ``font_of`` gave."""
    weight, _, number = font.partition(_MARK)
    if not number or int(number) >= len(_Site.fonts):
        return str(FONTS[weight])
    files = _Site.fonts[int(number)][0]
    file = files.regular if weight == "regular" else files.bold
    # Staff may have deleted it since: Kivy would raise, and empty boxes are better than no screen.
    return file if Path(file).is_file() else str(FONTS[weight])


def weight_of(font: str) -> str:
    """The weight of a font that ``font_of`` gave."""
    return font.partition(_MARK)[0]


def _faces() -> tuple[Face, ...]:
    return (face(), *(one for _, one in _Site.fonts))
