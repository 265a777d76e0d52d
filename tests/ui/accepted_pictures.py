"""A chosen set of screens and slips, as somebody has looked at and accepted them.

``script/accept-pictures`` draws them anew into ``tests/pictures``; ``test_accepted_pictures``
compares. They are drawn at one fixed time, at a third of their size and with few colours, so that a
picture has some 20 kB in git.

Tolerance. Letters and pictograms are drawn by FreeType and Pillow, which come with the pinned
packages; only shapes, scaling and edges are Mesa's. Its two software rasterisers, llvmpipe and
softpipe, have no code in common for that, so their difference stands for that of two versions. Over
the set (Mesa 22.3.6) no point of a reduced picture differed by more than 11 levels of 255, but for
the emblem at the upper left, which the driver scales (69 levels): it is left out. Reducing colours
adds at most 15. ``LEAST_LEVELS`` is above their sum.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from unittest import mock
from zoneinfo import ZoneInfo

from PIL import Image, ImageChops

from kiosk.domain.config import Settings
from kiosk.preview.cast import PreviewState
from kiosk.preview.slips import sample_slips
from kiosk.preview.states import states
from kiosk.preview.studio import MODES, SIZES, Studio
from kiosk.printing.encoder import encode
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Logos
from kiosk.printing.slip_preview import print_bytes
from kiosk.settings.assets import picture_finder
from kiosk.settings.loader import load_settings
from kiosk.ui import kivy_env
from virtual_printer.render import save

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "pictures"

REDUCED = 3
COLOURS = 256
LEAST_LEVELS = 40
"""A point is another one where a channel differs by more than this, of 255 levels."""

MOST_POINTS = 1
"""Limit for the points that may be others in an accepted picture. A full stop has three."""

LEFT_OUT = (128, 128, 128)
"""The colour over the emblem."""

TIME = "2026-11-24T09:00+08:00"
"""A Tuesday on which the shipped menu is open; the preview itself uses the next such day."""

CHOSEN = {
    ("portrait-21", "id", "normal"): (
        "agencies-open",
        "services-live",
        "find-typed",
        "details",
        "confirm",
        "number-ahead-follow",
        "site-closed",
        "machine-printer",
        "help",
        "attract-queue",
    ),
    ("portrait-21", "id", "large"): ("agencies-open",),
    ("portrait-21", "id", "contrast"): ("services-live",),
    ("landscape-21", "en", "normal"): ("agencies-live",),
    ("portrait-15", "id", "normal"): ("services-long",),
    ("landscape-15", "en", "normal"): ("number-ahead-follow",),
}
"""Names of preview states, by size, language and mode."""

SLIPS = ((80, "id-priority"), (58, "en-first"))
"""Paper in mm and name of the sample."""


@dataclass(frozen=True)
class Difference:
    """``points`` that differ of the reduced picture, and the rectangle around them, in its points
    from the upper left corner."""

    points: int
    box: tuple[int, int, int, int] | None


def shipped() -> Settings:
    """The settings that the pictures show."""
    return load_settings(ROOT / "config", ROOT / "assets")


def fixed_time(settings: Settings) -> datetime:
    """``TIME`` at the site."""
    return datetime.fromisoformat(TIME).astimezone(ZoneInfo(settings.catalogue.site.timezone))


def draw_screens(settings: Settings) -> Iterator[tuple[str, Image.Image]]:
    """Each chosen screen by the name of its file, in full size."""
    studios: dict[str, Studio] = {}
    with mock.patch("kiosk.preview.cast.demo_start", fixed_time):
        for (size, language, mode), names in CHOSEN.items():
            studio = studios.setdefault(size, Studio(settings, SIZES[size]))
            found: dict[str, PreviewState] = {
                state.name: state for state in states(settings, language, MODES[mode])
            }
            for name in names:
                if name not in found:
                    raise LookupError(f"no preview state is called {name}: mend CHOSEN")
                yield f"{size}-{language}-{mode}-{name}", drawn(studio, found[name])


def drawn(studio: Studio, state: PreviewState) -> Image.Image:
    """A screen without the emblem or the icon in its header."""
    picture: Image.Image = studio.picture(state)
    emblem = studio.root_view.emblem
    left, right = round(emblem.x), round(emblem.right)
    top, bottom = (round(picture.height - y) for y in (emblem.top, emblem.y))
    picture.paste(LEFT_OUT, (left, top, right, bottom))
    return picture


def draw_slips(settings: Settings) -> Iterator[tuple[str, Image.Image]]:
    """Each chosen slip by the name of its file, as printers with page mode print it."""
    with mock.patch("kiosk.preview.slips.demo_start", fixed_time):
        samples = dict(sample_slips(settings))
    for paper_mm, name in SLIPS:
        logos = Logos(picture_finder(settings), paper_of(paper_mm))
        page = settings.kiosk.printer.code_page
        data = encode(samples[name], paper_mm, page, logos.get, page_mode=True)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "slip.png"
            save(print_bytes(data, paper_mm)[0], path)
            with Image.open(path) as picture:
                yield f"slip-{paper_mm}mm-{name}", picture.convert("RGB")


def reduced(picture: Image.Image) -> Image.Image:
    """The picture at a third of its size: the mean of each nine points."""
    return picture.convert("RGB").reduce(REDUCED)


def accepted(name: str) -> Image.Image | None:
    """The accepted picture, None where there is none."""
    path = FOLDER / f"{name}.png"
    if not path.is_file():
        return None
    with Image.open(path) as picture:
        return picture.convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> Difference:
    """How two reduced pictures of one size differ."""
    apart = ImageChops.difference(one, other)
    channels = [c.point(lambda n: 255 if n > LEAST_LEVELS else 0) for c in apart.split()]
    mask = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    return Difference(mask.histogram()[255], mask.getbbox())


def accept(name: str, picture: Image.Image) -> bool:
    """Keep ``picture`` unless it is accepted already; whether it was written."""
    small = reduced(picture)
    before = accepted(name)
    same_size = before is not None and before.size == small.size
    if before is not None and same_size and difference(before, small).points <= MOST_POINTS:
        return False
    few = small.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)
    return True


def main() -> int:
    """Draw the set, write what differs, remove what is no longer chosen; say what was done."""
    with tempfile.TemporaryDirectory(prefix="kiosk-pictures-") as home:
        kivy_env.prepare(offscreen=True, windowed=False, size=(320, 240), home=Path(home))
        kivy_env.open_window()
        settings, names = shipped(), set()
        FOLDER.mkdir(exist_ok=True)
        for name, picture in (*draw_screens(settings), *draw_slips(settings)):
            names.add(name)
            if accept(name, picture):
                sys.stdout.write(f"{FOLDER.relative_to(ROOT)}/{name}.png: look at it\n")
        for path in FOLDER.glob("*.png"):
            if path.stem not in names:
                path.unlink()
                sys.stdout.write(f"{path.relative_to(ROOT)}: removed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
