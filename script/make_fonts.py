"""Make the fonts in `assets/fonts/` and `assets/icons/` from the packages that they come from.

Run once by hand when a font is to be brought up to date; the product itself
only reads the files that this writes. Needs `fonttools` and `brotli`, and the
two packages named in assets/README.md unpacked below one `node_modules` folder:

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

ASSETS = Path(__file__).resolve().parents[1] / "assets"
TEXT_PACKAGE = "@fontsource/atkinson-hyperlegible-next"
ICON_PACKAGE = "@mdi/font"
FAMILY = "atkinson-hyperlegible-next"
SUBSETS = ("latin", "latin-ext")
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


def make_text_font(package: Path, weight: int, style: str, target: Path) -> None:
    """Merge the subsets of one weight into one TrueType file."""
    sources = [package / "files" / f"{FAMILY}-{name}-{weight}-normal.woff2" for name in SUBSETS]
    with tempfile.TemporaryDirectory() as folder:
        merged = Merger().merge([as_plain_ttf(source, Path(folder)) for source in sources])
    merged["OS/2"].usWeightClass = weight
    # The dates are the source's, so that the same input gives the same bytes.
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
