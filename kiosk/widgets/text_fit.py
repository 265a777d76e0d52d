"""Fit text into a box: wrap at words, reduce the font size step by step, cut only as a last resort.

``fit`` finds the largest font size at which the whole text fits a box and a number of lines. A line
feed in the text starts a new line. Textures are white, because the canvas colours them, and are
shared through weak references while a widget uses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from weakref import WeakValueDictionary

from kivy.core.text import Label as CoreLabel

from kiosk.domain.config import FontFiles
from kiosk.ui import lettering
from kiosk.ui.lettering import font_file, font_of, readable, weight_of
from kiosk.ui.theme import face
from kiosk.widgets.line_breaks import pieces

STEP = 0.97
"""Ratio of each font size to the one before; at least one pixel smaller."""

LEADING = {"bold": 0.8, "black": 0.8}
LEADING_OF_TEXT = 0.88
"""Line distance as a part of the typeface's own, by weight: names are set closer than sentences."""

LARGE_PX = 72
LARGE_STEP = 24
"""Above LARGE_PX only multiples of LARGE_STEP are used: Kivy keeps one font with its glyph cache,
about 50 KB for each figure, for every size ever used."""

ELLIPSIS = "…"

TRIM_SPARE = 0.15
"""Space above and below the figures of a trimmed number, as a part of the font size."""

KEPT_TEXTS = 160
KEPT_WIDTHS = 320
"""Sizes of the caches of fitted texts and of measured widths: about two screens. Larger ones go on
filling with texts of single visits (numbers, times) until visit 200 (benchmarks/memory.py)."""

_textures: WeakValueDictionary[tuple[str, str, int, str], Any] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class FittedText:
    """A text as it will be drawn; sizes in pixels. ``cut``: its end was replaced by an ellipsis.

    ``font``: as ``font_of`` names it; empty for an empty text."""

    lines: tuple[str, ...]
    px: int
    width: int
    height: int
    cut: bool = False
    font: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """The space for a text, in pixels: at most ``lines``, font size from ``px`` down to ``least``.

    ``trim``: a number, which needs no space above and below its figures.
    """

    width: float
    height: float
    px: int
    least: int
    lines: int
    trim: bool = False


def use_fonts(files: tuple[FontFiles, ...]) -> None:
    """Draw letters that the typeface lacks with the site's fonts; forget what was measured."""
    if lettering.use_fonts(files):
        for cached in (_pen, measure, line_height, fit):
            cached.cache_clear()
        _textures.clear()


@cache
def _pen(weight: str, px: int) -> Any:
    """A label that is only used to measure."""
    return CoreLabel(font_name=font_file(weight), font_size=px)


@lru_cache(maxsize=KEPT_WIDTHS)
def measure(text: str, weight: str, px: int) -> int:
    """The width of one line in pixels."""
    return int(_pen(font_of(text, weight), px).get_extents(text)[0])


@lru_cache(maxsize=512)
def line_height(weight: str, px: int) -> int:
    """The height of a single line in pixels."""
    return int(_pen(weight, px).get_extents("Ág")[1])


def leading(weight: str) -> float:
    """The line distance of a weight as a part of the typeface's own."""
    return LEADING.get(weight_of(weight), LEADING_OF_TEXT)


def block_height(lines: int, weight: str, px: int) -> int:
    """The height of ``lines`` lines in pixels."""
    one = line_height(weight, px)
    return one + (lines - 1) * int(one * leading(weight)) if lines > 0 else 0


def drawn_height(lines: int, weight: str, px: int, *, trim: bool) -> int:
    """The drawn height in pixels; of a trimmed number only its figures and TRIM_SPARE."""
    return trimmed(px)[1] if trim else block_height(lines, weight, px)


def trimmed(px: int) -> tuple[int, int]:
    """The part of a line that contains figures and capitals: (pixels cut off at the top, height).

    Capitals are centred in this typeface's line, so the same is cut off at the bottom.
    """
    whole, spare = px * face().line_height, px * TRIM_SPARE
    out = max(0, int((whole - px * face().cap_height) / 2 - spare))
    return out, int(whole) - 2 * out


@lru_cache(maxsize=KEPT_TEXTS)
def fit(text: str, weight: str, box: Box, *, balanced: bool = False) -> FittedText:
    """Fit ``text`` into ``box`` at the largest possible size.

    ``balanced``: break it into lines of about equal length."""
    if weight != "icon":
        weight = font_of(text, weight)
        text = "\n".join(readable(part, text) for part in text.split("\n"))
    if not text.strip() or box.width < 1:
        return FittedText((), box.px, 0, 0)
    px = _first_try(text, weight, box)
    while True:
        lines = _wrap(text, weight, px, box.width)
        if lines is not None and _fits(len(lines), weight, px, box):
            if balanced and len(lines) > 1:
                lines = _balance(text, weight, px, box.width, len(lines))
            return _fitted(lines, weight, px, cut=False)
        if px <= box.least:
            return _squeezed(text, weight, min(px, box.px), box)
        px = max(box.least, _smaller(px))


def _first_try(text: str, weight: str, box: Box) -> int:
    """The first size to try: for a single line an estimate that is slightly too large."""
    if box.lines > 1 or box.px < LARGE_PX:
        return box.px
    wide = measure(text, weight, LARGE_PX) / LARGE_PX
    likely = min(box.px, int(1.02 * box.width / max(wide, 0.01)) + LARGE_STEP)
    return max(box.least, likely - likely % LARGE_STEP) if likely > LARGE_PX else likely


def _smaller(px: int) -> int:
    """The next size to try; few large ones, because each is one more font in memory."""
    if px > LARGE_PX + LARGE_STEP:
        return px - (px % LARGE_STEP or LARGE_STEP)
    return min(px - 1, round(px * STEP))


def _fits(lines: int, weight: str, px: int, box: Box) -> bool:
    return lines <= box.lines and drawn_height(lines, weight, px, trim=box.trim) <= box.height


def _fitted(lines: tuple[str, ...], weight: str, px: int, *, cut: bool) -> FittedText:
    width = max(measure(line, weight, px) for line in lines)
    return FittedText(lines, px, width, block_height(len(lines), weight, px), cut, weight)


def _wrap(text: str, weight: str, px: int, width: float) -> tuple[str, ...] | None:
    """Lines no wider than ``width``, broken between words; None when a word is wider."""
    if "\n" in text:
        parts = [_wrap(part, weight, px, width) for part in text.split("\n")]
        return None if None in parts else tuple(line for part in parts for line in part or ())
    lines: list[str] = []
    line = ""
    for glue, word in pieces(text):
        longer = f"{line}{glue}{word}" if line else word
        if measure(longer, weight, px) <= width:
            line = longer
            continue
        if not line or measure(word, weight, px) > width:
            return None
        lines.append(line)
        line = word
    return (*lines, line)


def _balance(text: str, weight: str, px: int, width: float, count: int) -> tuple[str, ...]:
    """The narrowest wrapping with the same number of lines, by binary search over the width."""
    low, high = int(width / count), int(width)
    best = _wrap(text, weight, px, high) or (text,)
    while low < high:
        middle = (low + high) // 2
        lines = _wrap(text, weight, px, middle)
        if lines is not None and len(lines) <= count:
            best, high = lines, middle
        else:
            low = middle + 1
    return best


def _squeezed(text: str, weight: str, px: int, box: Box) -> FittedText:
    """At the smallest size: use all lines that the height allows, break long words, then cut."""
    room = box.lines
    while block_height(room + 1, weight, px) <= box.height:
        room += 1
    while room > 1 and block_height(room, weight, px) > box.height:
        room -= 1
    whole = _wrap(text, weight, px, box.width)
    if whole is not None and len(whole) <= room:
        return _fitted(whole, weight, px, cut=False)
    lines: list[str] = []
    rest = text.replace("\n", " ")
    while rest and len(lines) < room:
        last = len(lines) == room - 1
        taken = _take(rest, weight, px, box.width)
        if last and len(taken) < len(rest):
            short = _take(rest, weight, px, box.width - measure(ELLIPSIS, weight, px))
            lines.append(short.rstrip() + ELLIPSIS)
            return _fitted(tuple(lines), weight, px, cut=True)
        lines.append(taken.rstrip())
        rest = rest[len(taken) :].lstrip()
    return _fitted(tuple(lines), weight, px, cut=False)


def _take(text: str, weight: str, px: int, width: float) -> str:
    """The beginning of ``text`` that fits on one line: whole words, or a part of a long word."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle], weight, px) <= width:
            low = middle
        else:
            high = middle - 1
    if low == len(text):
        return text
    space = text.rfind(" ", 0, low + 1)
    return text[:space] if space > 0 else text[:low]


def texture(fitted: FittedText, weight: str, halign: str = "left") -> Any:
    """The texture of a fitted text, white on a transparent ground; None for an empty text."""
    if not fitted.lines:
        return None
    text, weight = "\n".join(fitted.lines), fitted.font or weight
    key = (text, weight, fitted.px, halign if len(fitted.lines) > 1 else "")
    found = _textures.get(key)
    if found is None:
        label = CoreLabel(
            text=text,
            font_name=font_file(weight),
            font_size=fitted.px,
            halign=halign,
            line_height=leading(weight) if len(fitted.lines) > 1 else 1.0,
        )
        label.refresh()
        found = label.texture
        if found is not None:
            _textures[key] = found
    return found
