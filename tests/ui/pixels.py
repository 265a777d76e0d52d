"""Contrast as it is drawn: measured from the pixels of a screen, not from the palette."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from kiosk.domain.colours import contrast
from kiosk.preview.studio import Studio
from kiosk.widgets.press import Touchable
from tests.ui import screen_measures as measures

Shade = tuple[int, int, int]


@cache
def ratio(one: Shade, other: Shade) -> float:
    """The contrast ratio of two pixels."""
    first, second = ((*(part / 255 for part in shade), 1.0) for shade in (one, other))
    return contrast(first, second)  # type: ignore[arg-type]


def crop(picture: Any, x: float, y: float, w: float, h: float) -> Any:
    """A part of a picture, in the widgets' coordinates (from the lower left corner)."""
    top = picture.height - round(y + h)
    return picture.crop((round(x), top, round(x) + max(1, round(w)), top + max(1, round(h))))


def shades(part: Any) -> list[tuple[int, Shade]]:
    """Colours of a picture with their counts, the most frequent first."""
    return sorted(part.getcolors(part.width * part.height) or [], reverse=True)


def text_contrasts(studio: Studio, picture: Any) -> Iterable[tuple[str, float]]:
    """Each text with the contrast between its strokes and the ground on which it is drawn."""
    for text in measures.texts(studio.root_view):
        area = measures.drawn(text)
        found = shades(crop(picture, area.x, area.y, area.w, area.h))
        ground = found[0][1]
        yield text.text, max(ratio(ground, shade) for _, shade in found)


def edge_contrasts(studio: Studio, picture: Any) -> Iterable[tuple[str, float]]:
    """Each target with the contrast of its left edge to what is left of it.

    Half of the edge's height must show it: dashes and gaps are equally long."""
    for target in measures.targets(studio.root_view):
        if target.event is None:
            continue
        box, edge = measures.box(target), max(2.0, float(target.border_px))
        column = (box.y + 0.25 * box.h, 0.5 * box.h)
        outside = shades(crop(picture, box.x - 3, column[0], 1, column[1]))[0][1]
        best = [0.0]
        for x in range(round(edge)):
            part = crop(picture, box.x + x, column[0], 1, column[1])
            count = part.width * part.height
            seen = [(n, ratio(outside, shade)) for n, shade in shades(part)]
            best.append(_reached_by(seen, 0.4 * count))
        yield box.name, max(best)


def _reached_by(seen: list[tuple[int, float]], least: float) -> float:
    """The contrast that at least ``least`` pixels have."""
    had = 0
    for count, value in sorted(seen, key=lambda one: -one[1]):
        had += count
        if had >= least:
            return value
    return 0.0


def touchables(studio: Studio) -> list[Touchable]:
    """What can be touched now."""
    return [t for t in measures.targets(studio.root_view) if t.event is not None]
