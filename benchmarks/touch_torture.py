"""Touch every screen everywhere, at every size: no number but from a button that says so.

    python benchmarks/touch_torture.py [SHARE] [--size WIDTHxHEIGHT] [--modes MODE,MODE]

Each point of a 10 mm grid, and the centre of each target, on each preview state, in each of the
site's languages and with each mode: one touch, two on the same spot (0.3 to 1.1 s apart) or a
slide. ``SHARE`` (0.01, about 200,000 gestures): the part of them that is made, at random. The
baseline: the same gestures while the kiosk takes every touch for a meant one. Exit code 1 when a
number came from elsewhere, or two for one visitor; or when the baseline shows no wrong number,
because then the gestures show nothing.
"""

from __future__ import annotations

import argparse
import math
import random
import subprocess
import sys
import tempfile
from collections import Counter
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.common import ROOT, environment, table, verdict
from kiosk.domain import visit_repeats
from kiosk.domain.modes import NO_MODES, Mode, Modes
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.ui import kivy_env

if TYPE_CHECKING:
    from kiosk.preview.cast import PreviewState
    from tests.ui.touch_torture import Gesture

SIZES = {"1080x1920": 21.5, "1920x1080": 21.5, "800x1280": 15.6, "1280x800": 15.6}
BASELINE_SHARE = 0.1
"""Part of the gestures that the baseline repeats."""
MOST_PRINTED = 20

Places = list[tuple[tuple[float, float], "Gesture"]]


def one_size(size: str, share: float, modes: list[Modes], *, meant: bool) -> int:
    """Torture one size in this process and print its figures; ``meant``: the baseline."""
    from dataclasses import replace

    width, height = map(int, size.split("x"))
    kivy_env.prepare(
        offscreen=True,
        windowed=False,
        size=(width, height),
        home=Path(tempfile.mkdtemp(prefix="kiosk-torture-")),
    )
    window = kivy_env.open_window()
    from tests.ui.touch_torture import GESTURES, TortureApp, torture

    if meant:
        visit_repeats.DEBOUNCE_S = visit_repeats.REPEAT_S = 0.0
    settings = load_settings(ROOT / "config", ASSETS)
    screen = replace(settings.kiosk.screen, diagonal_inch=SIZES[size], resolution_px=None)
    settings = replace(settings, kiosk=replace(settings.kiosk, screen=screen))
    app = TortureApp(settings, window)
    rng = random.Random(f"{size} {meant}")

    def chosen(state: PreviewState) -> Places:
        every = list(product([*app.grid(state), *app.centres(state)], GESTURES))
        return rng.sample(every, math.ceil(share * len(every)))

    found: Counter[str] = Counter()
    for language, chosen_modes in product(settings.catalogue.site.languages, modes):
        for _, gestures, numbers, wrong in torture(app, chosen, language, chosen_modes):
            found.update(gestures=gestures, numbers=numbers, wrong=len(wrong))
            if not meant:
                for line in wrong[:MOST_PRINTED]:
                    names = "+".join(sorted(m.value for m in chosen_modes)) or "normal"
                    print(f"{size} {language} {names} {line}", flush=True)
    app.end()
    print(found["gestures"], found["numbers"], found["wrong"])
    return 0


def run(size: str, share: float, modes: str, *, meant: bool = False) -> list[int]:
    """One size in a process of its own: gestures, numbers, wrong numbers."""
    command = [sys.executable, __file__, str(share), "--size", size, "--modes", modes, "--child"]
    done = subprocess.run(
        [*command, *(["--meant"] if meant else [])],
        env=environment(),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    *lines, last = done.stdout.splitlines()
    print(*lines, sep="\n", end="\n" if lines else "")
    return [int(n) for n in last.split()]


def main() -> int:
    """Run all sizes; return 0 when no number was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("share", nargs="?", type=float, default=0.01)
    parser.add_argument("--size", choices=SIZES)
    parser.add_argument("--modes", default=",".join(["normal", *(m.value for m in Mode)]))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--meant", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        modes = [
            NO_MODES if name == "normal" else frozenset({Mode(name)})
            for name in given.modes.split(",")
        ]
        return one_size(given.size, given.share, modes, meant=given.meant)
    rows, total, shown_wrong = [], Counter[str](), 0
    for size in [given.size] if given.size else SIZES:
        gestures, numbers, wrong = run(size, given.share, given.modes)
        total.update(gestures=gestures, numbers=numbers, wrong=wrong)
        plain = run(size, given.share * BASELINE_SHARE, "normal", meant=True)
        shown_wrong += plain[2]
        rows.append(
            [size, *(str(n) for n in (gestures, numbers, wrong)), f"{plain[2]} of {plain[0]}"]
        )
    heads = ("screen", "gestures", "numbers", "wrong", "baseline wrong")
    table("touches everywhere, once, twice and sliding", heads, rows)
    return verdict(
        [
            ("numbers from elsewhere, or two for one visitor", float(total["wrong"]), 0.0),
            ("baseline without a wrong number", float(not shown_wrong), 0.0),
            ("no number from any button", float(not total["numbers"]), 0.0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
