"""Make the fonts in `assets/fonts/` and `assets/icons/` from their source packages.

Run it by hand to update a font; the product only reads the files that it writes.
Needs `fonttools` and `brotli`, and the two packages named in assets/README.md
unpacked in one `node_modules` folder:

    python script/make_fonts.py node_modules
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import GlyphCoordinates

ASSETS = Path(__file__).resolve().parents[1] / "assets"
TEXT_PACKAGE = "@fontsource/atkinson-hyperlegible-next"
ICON_PACKAGE = "@mdi/font"
FAMILY = "atkinson-hyperlegible-next"
SUBSETS = ("latin", "latin-ext")
FIGURES = 800
"""The weight of the large figures: number, place, clock, countdown. Nothing else is set in it."""

WEIGHTS = {400: "Regular", 600: "SemiBold", 700: "Bold", 800: "ExtraBold"}


def as_plain_ttf(woff2: Path, folder: Path) -> str:
    """Unpack one web font to TrueType and return the path of the copy."""
    font = TTFont(woff2)
    font.flavor = None
    # STAT describes the variable font's axes: meaningless in a single weight.
    del font["STAT"]
    target = folder / f"{woff2.stem}.ttf"
    font.save(target)
    return str(target)


def plain_zero(font: TTFont) -> None:
    """Remove the slash from the digit zero, for digits several centimetres high.

    The typeface has no alternate zero. In running text the slash distinguishes a zero from an O; in
    a very large number it looks like a crossed-out digit. The two counters beside the slash are
    replaced by one with the outline's shape, fitted into their common bounding box.
    """
    name = font.getBestCmap()[ord("0")]
    glyphs = font["glyf"]
    glyph = glyphs[name]
    points, ends, flags = glyph.getCoordinates(glyphs)
    starts = [0, *(end + 1 for end in ends[:-1])]
    contours = [(s, e + 1) for s, e in zip(starts, ends, strict=True)]
    box = [_box(points[s:e]) for s, e in contours]
    outer = max(range(len(box)), key=lambda i: (box[i][2] - box[i][0]) * (box[i][3] - box[i][1]))
    inner = [box[i] for i in range(len(box)) if i != outer]
    left, low, right, high = (
        pick(b[i] for b in inner) for i, pick in enumerate((min, min, max, max))
    )
    x0, y0, x1, y1 = box[outer]
    s, e = contours[outer]
    outline = list(zip(points[s:e], flags[s:e], strict=True))
    fitted = [
        (
            round(left + (x - x0) * (right - left) / (x1 - x0)),
            round(low + (y - y0) * (high - low) / (y1 - y0)),
        )
        for (x, y), _ in outline
    ]
    # A counter has the opposite direction; keep the first point.
    turned = [fitted[0], *fitted[:0:-1]]
    on_curve = [flag for _, flag in outline]
    glyph.coordinates = GlyphCoordinates([point for point, _ in outline] + turned)
    glyph.flags = bytearray([*on_curve, on_curve[0], *on_curve[:0:-1]])
    glyph.endPtsOfContours = [len(outline) - 1, 2 * len(outline) - 1]
    glyph.numberOfContours = 2
    glyph.removeHinting()


def _box(points: list[tuple[int, int]]) -> tuple[int, int, int, int]:
    """Left, low, right and high edge."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def make_text_font(package: Path, weight: int, style: str, target: Path) -> None:
    """Merge the subsets of one weight into one TrueType file."""
    sources = [package / "files" / f"{FAMILY}-{name}-{weight}-normal.woff2" for name in SUBSETS]
    with tempfile.TemporaryDirectory() as folder:
        merged = Merger().merge([as_plain_ttf(source, Path(folder)) for source in sources])
    merged["OS/2"].usWeightClass = weight
    if weight == FIGURES:
        plain_zero(merged)
    # Use the source's dates, so that the same input gives the same bytes.
    head = TTFont(sources[0])["head"]
    merged["head"].created, merged["head"].modified = head.created, head.modified
    merged.recalcTimestamp = False
    merged.save(target)
    print(f"{target.name}: {len(merged.getBestCmap())} characters, {style}")


def make_codepoints(css: Path, target: Path) -> None:
    """Read the icon names out of the icon font's stylesheet."""
    pattern = re.compile(r'\.mdi-([a-z0-9-]+)::before\s*\{\s*content:\s*"\\([0-9A-Fa-f]+)"')
    names = dict(sorted(pattern.findall(css.read_text(encoding="utf-8"))))
    target.write_text(json.dumps(names, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(names)} names")


def copy_text(source: Path, target: Path) -> None:
    """Copy a licence with plain line ends."""
    target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")


def main() -> None:
    modules = Path(sys.argv[1])
    text, icons = modules / TEXT_PACKAGE, modules / ICON_PACKAGE
    for weight, style in WEIGHTS.items():
        make_text_font(
            text, weight, style, ASSETS / "fonts" / f"AtkinsonHyperlegibleNext-{style}.ttf"
        )
    copy_text(text / "LICENSE", ASSETS / "fonts" / "OFL.txt")
    shutil.copyfile(
        icons / "fonts" / "materialdesignicons-webfont.ttf",
        ASSETS / "icons" / "materialdesignicons.ttf",
    )
    copy_text(icons / "LICENSE", ASSETS / "icons" / "LICENSE")
    make_codepoints(icons / "css" / "materialdesignicons.css", ASSETS / "icons" / "codepoints.json")


if __name__ == "__main__":
    main()
