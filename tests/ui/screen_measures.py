"""Measure touch targets, gaps and texts of a root view from its widget tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from kiosk.demo.fingers import FingerTouch
from kiosk.screens.root_view import RootView
from kiosk.widgets.press import Touchable
from kiosk.widgets.text import Icon, Text


@dataclass(frozen=True)
class Area:
    """A rectangle on the root view, in pixels."""

    name: str
    x: float
    y: float
    w: float
    h: float

    def gap_to(self, other: Area) -> float:
        """The distance between two rectangles; negative when they overlap."""
        across = max(self.x, other.x) - min(self.x + self.w, other.x + other.w)
        up = max(self.y, other.y) - min(self.y + self.h, other.y + other.h)
        if across < 0 and up < 0:
            return max(across, up)
        return max(across, up)

    def within(self, other: Area, slack: float = 1.0) -> bool:
        """Whether this area is inside the other."""
        return (
            self.x >= other.x - slack
            and self.y >= other.y - slack
            and self.x + self.w <= other.x + other.w + slack
            and self.y + self.h <= other.y + other.h + slack
        )


def visible(widget: Any) -> Iterator[Any]:
    """Yield ``widget`` and its descendants that are visible."""
    if not widget.opacity:
        return
    yield widget
    for child in widget.children:
        yield from visible(child)


def shown(root_view: RootView) -> list[Any]:
    """The visible widgets; during an idle warning those of the warning only."""
    warning = root_view.warning
    top = warning if warning is not None and warning.parent is not None else root_view
    return list(visible(top))


def box(widget: Any) -> Area:
    """A widget's rectangle."""
    name = getattr(widget, "label", "") or getattr(widget, "name", "") or type(widget).__name__
    return Area(f"{type(widget).__name__} {name!r}", widget.x, widget.y, *widget.size)


def drawn(text: Text) -> Area:
    """The rectangle in which a text is drawn."""
    (x, y), (w, h) = text.texture_pos, text.texture_size
    return Area(f"Text {text.text!r}", x, y, w, h)


def targets(root_view: RootView) -> list[Touchable]:
    """The touch targets, enabled or not, except the idle warning's background."""
    return [
        w
        for w in shown(root_view)
        if isinstance(w, Touchable) and w is not root_view.warning and w.width and w.height
    ]


def pressed_target(
    root_view: RootView, x: float, y: float, among: list[Touchable] | None = None
) -> Touchable | None:
    """The target pressed by a touch at this point, as the widgets handle it. ``among``: the
    targets, where they are known."""
    touch = FingerTouch("measure", 1, (0.0, 0.0))
    touch.x, touch.y, touch.pos = x, y, (x, y)
    root_view.dispatch("on_touch_down", touch)
    pressed = [t for t in (targets(root_view) if among is None else among) if t.down]
    for target in pressed:
        target.void()
    assert len(pressed) <= 1, "one finger presses one target"
    return pressed[0] if pressed else None


def texts(root_view: RootView) -> list[Text]:
    """The visible texts."""
    return [
        w for w in shown(root_view) if isinstance(w, Text) and not isinstance(w, Icon) and w.text
    ]


def too_small(root_view: RootView, least_mm: float) -> list[Area]:
    """Targets smaller than ``least_mm``."""
    least = least_mm * root_view.look.metrics.px_per_mm - 1
    return [box(t) for t in targets(root_view) if t.width < least or t.height < least]


def too_near(root_view: RootView) -> list[str]:
    """Pairs of targets closer than 5 mm, neither of which contains the other."""
    least = 5.0 * root_view.look.metrics.px_per_mm - 1
    found = []
    for (one, a), (two, b) in combinations([(t, box(t)) for t in targets(root_view)], 2):
        gap = a.gap_to(b)
        if gap < least and not _holds(one, two) and not _holds(two, one):
            found.append(f"{a.name} and {b.name}: {gap:.0f} px")
    return found


def _holds(parent: Any, child: Any) -> bool:
    node = child.parent
    while node is not None and node is not node.parent:
        if node is parent:
            return True
        node = node.parent
    return False


def overflowing(root_view: RootView) -> list[str]:
    """Texts that exceed their widget, are cut, or exceed the root view."""
    whole = Area("root_view", 0, 0, *root_view.size)
    found = []
    for text in texts(root_view):
        if text.cut:
            found.append(f"cut: {text.text!r}")
        if text.texture_size[0] > text.width + 1 or text.texture_size[1] > text.height + 1:
            found.append(f"{text.text!r}: {text.texture_size} in {text.size}")
        if not drawn(text).within(whole):
            found.append(f"{text.text!r} leaves the screen")
    return found


def colliding(root_view: RootView) -> list[str]:
    """Pairs of overlapping texts. They may share half of the empty part of a line."""
    found = []
    for (one, a), (two, b) in combinations([(t, drawn(t)) for t in texts(root_view)], 2):
        if a.gap_to(b) < -0.22 * min(one.fitted.px, two.fitted.px):
            found.append(f"{one.text!r} over {two.text!r}")
    return found


def faults(root_view: RootView) -> list[str]:
    """All targets below 20 mm or too near each other, and all texts that do not fit or collide."""
    return [
        *(f"smaller than 20 mm: {target}" for target in too_small(root_view, 20)),
        *(f"nearer than 5 mm: {pair}" for pair in too_near(root_view)),
        *(f"does not fit: {text}" for text in overflowing(root_view)),
        *(f"collides: {pair}" for pair in colliding(root_view)),
    ]


def low_capitals(root_view: RootView) -> list[str]:
    """Texts with the height of their capitals in millimetres, where it is below 4.8; of notes,
    below 4.4."""
    found = []
    for text in texts(root_view):
        height = cap_mm(text)
        if height < (4.4 if text.parent and "note" in text.parent.ids else 4.75):
            found.append(f"too small to read: {text.text!r}: {height:.2f} mm; shorten the text")
    return found


def cap_mm(text: Text) -> float:
    """The height of a text's capitals on the screen, in mm."""
    from kiosk.ui.theme import face

    return float(text.fitted.px * face().cap_height / text.look.metrics.px_per_mm)
