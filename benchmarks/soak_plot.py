"""The plot of ``soak.py``: one panel for each quantity over the simulated hours, as PNG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

WIDTH, PANEL, LEFT, TOP = 1000, 180, 90, 40
Sample = dict[str, Any]
PANELS: tuple[tuple[str, Callable[[Sample], float]], ...] = (
    ("private memory, MiB", lambda s: s["kib"] / 1024),
    ("open files", lambda s: s["files"]),
    ("threads", lambda s: s["threads"]),
    ("widgets", lambda s: s["widgets"]),
    ("drawn frame, p95, ms of processor time", lambda s: s["frame_p95"]),
)
INK, LINE, GRID, RUSH = (30, 30, 30), (0, 72, 200), (210, 210, 210), (255, 240, 214)


def draw(samples: Sequence[Sample], path: Path, title: str) -> None:
    """Write the plot of ``samples`` to ``path``. Each panel begins at 0, so that flat looks flat;
    the rush has another ground."""
    height = TOP + PANEL * len(PANELS) + 56
    picture = Image.new("RGB", (WIDTH, height), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    pen.text((LEFT, 12), title, INK, font)
    hours = [s["hours"] for s in samples]
    span = max(hours) or 1.0
    rush = [s["hours"] for s in samples if s["phase"] == "day"]

    def across(hour: float) -> float:
        return LEFT + (WIDTH - LEFT - 20) * hour / span

    for row, (name, value) in enumerate(PANELS):
        top = TOP + row * PANEL + 24
        bottom = top + PANEL - 44
        values = [value(s) for s in samples]
        most = max(values) * 1.15 or 1.0
        if rush:
            pen.rectangle((across(max(rush)), top, across(span), bottom), RUSH)
        for part in (0, 0.5, 1):
            y = bottom - (bottom - top) * part
            pen.line((LEFT, y, across(span), y), GRID)
            pen.text((8, y - 8), f"{most * part:.1f}", INK, font)
        points = [
            (across(hour), bottom - (bottom - top) * found / most)
            for hour, found in zip(hours, values, strict=True)
        ]
        pen.line(points, LINE, 2)
        for x, y in points:
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), LINE)
        pen.text((LEFT, top - 20), name, INK, font)
    for hour in range(int(span) + 1):
        pen.text((across(hour) - 4, height - 48), str(hour), INK, font)
    pen.text((LEFT, height - 26), "simulated hours; the rush on yellow", INK, font)
    picture.save(path)
