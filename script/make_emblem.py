"""Draw the neutral emblem: a public hall under a two-tiered hip roof, on columns and steps.

Writes `assets/images/emblem.png` (white on transparent, for the head of the screens)
and `assets/images/logo.png` (black on white without greys, for the slip). Run again
after a change; the same script always gives the same pixels:

    python script/make_emblem.py
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

IMAGES = Path(__file__).resolve().parents[1] / "assets" / "images"
SIDE = 512  # side of the drawing in its units; the emblem is symmetrical about x = 256
SUPERSAMPLING = 8
EMBLEM_SIDE = 128  # kiosk.widgets.pictures.EMBLEM_PX

Point = tuple[float, float]


def curve(start: Point, control: Point, end: Point, steps: int = 48) -> list[Point]:
    """Points of a quadratic Bézier curve."""
    points = []
    for i in range(steps + 1):
        t = i / steps
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        points.append(
            (
                a * start[0] + b * control[0] + c * end[0],
                a * start[1] + b * control[1] + c * end[1],
            )
        )
    return points


def mirrored(right_side: list[Point]) -> list[Point]:
    """Close an outline, given from top to bottom, with its mirror image."""
    return right_side + [(SIDE - x, y) for x, y in reversed(right_side)]


def draw_mask() -> Image.Image:
    """The emblem as a mask of `SIDE` x `SIDE`, 255 where there is ink."""
    scale = SUPERSAMPLING
    mask = Image.new("L", (SIDE * scale, SIDE * scale), 0)
    pen = ImageDraw.Draw(mask)

    def shape(points: list[Point]) -> None:
        pen.polygon([(x * scale, y * scale) for x, y in points], fill=255)

    def bar(left: float, top: float, right: float, bottom: float, radius: float) -> None:
        box = (left * scale, top * scale, right * scale - 1, bottom * scale - 1)
        pen.rounded_rectangle(box, radius=radius * scale, fill=255)

    # The upper roof is steep below its long ridge; the lower one spreads to wide eaves.
    shape(mirrored([(334, 62), (338, 76), *curve((330, 84), (346, 134), (380, 158))]))
    shape(mirrored([*curve((392, 174), (420, 204), (484, 226)), (484, 246)]))
    bar(76, 262, 436, 284, 4)
    for centre in (104, 202, 310, 408):
        bar(centre - 17, 284, centre + 17, 412, 0)
    bar(60, 412, 452, 434, 4)
    bar(28, 448, 484, 470, 4)
    return mask.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def main() -> None:
    mask = draw_mask()
    # At the size at which the screens show it: scaling it there costs the first frame 12 ms.
    shown = mask.resize((EMBLEM_SIDE, EMBLEM_SIDE), Image.Resampling.BOX)
    emblem = Image.new("RGBA", shown.size, (255, 255, 255, 0))
    emblem.putalpha(shown)
    emblem.save(IMAGES / "emblem.png", optimize=True)

    # 192 dots are 24 mm on a printer of 8 dots/mm; a multiple of 8 fills whole bytes.
    drawn = mask.crop((16, 40, 496, 486)).resize((192, 178), Image.Resampling.LANCZOS)
    logo = drawn.point(lambda ink: 0 if ink >= 128 else 255).convert("1")
    logo.save(IMAGES / "logo.png", optimize=True)


if __name__ == "__main__":
    main()
