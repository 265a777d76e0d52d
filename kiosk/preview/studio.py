"""Draw every screen state to PNG files, at every reference size, in every language and mode.

The states are values (``kiosk.preview.states``); each is drawn into an off-screen buffer.
"""

from __future__ import annotations

import fnmatch
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kiosk.domain.config import Settings
from kiosk.domain.modes import NO_MODES, Mode, Modes
from kiosk.errors import KioskError
from kiosk.preview.cast import PreviewState
from kiosk.preview.states import states
from kiosk.ui import kivy_env

SIZES = {
    "portrait-21": (1080, 1920, 21.5),
    "landscape-21": (1920, 1080, 21.5),
    "portrait-15": (800, 1280, 15.6),
    "landscape-15": (1280, 800, 15.6),
}
"""The reference screens: width and height in pixels, diagonal in inches."""

MODES: dict[str, Modes] = {
    "normal": NO_MODES,
    **{mode.value: frozenset({mode}) for mode in Mode if mode is not Mode.CURTAIN},
}
"""The ways of showing a screen, by the name of their folder. The curtain shows nothing of it."""

SHEET_COLUMNS = 6
THUMB_PX = 420
PHOTO_S = 10.0


def render(
    settings: Settings,
    out_dir: Path,
    sizes: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    only: str = "*",
    modes: Sequence[str] | None = None,
) -> list[Path]:
    """Draw all states into ``out_dir/SIZE/LANGUAGE/STATE.png``, with a contact sheet of each set.

    A mode has its own folder: ``out_dir/SIZE/LANGUAGE-MODE``. ``sizes``: names of ``SIZES``; None
    for all. ``languages``: None for the site's. ``modes``: names of ``MODES``; None for
    all that change something.
    ``only``: a pattern of state names, such as ``help*``. Returns the files. Raises KioskError
    when no state has such a name, DisplayError without OpenGL, OSError when a file cannot be
    written.
    """
    names = [state.name for state in states(settings, settings.catalogue.site.languages[0])]
    if not fnmatch.filter(names, only):
        raise KioskError("preview.none", only=only, known=", ".join(sorted(names)))
    if "kivy" not in sys.modules:
        home = Path(tempfile.mkdtemp(prefix="kiosk-preview-"))
        kivy_env.prepare(offscreen=True, windowed=False, size=(320, 240), home=home)
    kivy_env.open_window()
    drawn: list[Path] = []
    for size in sizes or SIZES:
        studio = Studio(settings, SIZES[size])
        for language in languages or settings.catalogue.site.languages:
            for mode in modes or studio.modes:
                folder = out_dir / size / (language if mode == "normal" else f"{language}-{mode}")
                folder.mkdir(parents=True, exist_ok=True)
                thumbs = []
                for state in states(settings, language, MODES[mode]):
                    if not fnmatch.fnmatch(state.name, only):
                        continue
                    drawn.append(folder / f"{state.name}.png")
                    thumbs.append(studio.draw(state, drawn[-1]))
                drawn.append(contact_sheet(thumbs, folder.parent / f"{folder.name}-sheet.png"))
    return drawn


class Studio:
    """A root view that is drawn into an off-screen buffer, not the window."""

    def __init__(self, settings: Settings, size: tuple[int, int, float]) -> None:
        from kiosk.screens.root_view import RootView
        from kiosk.ui.metrics import Metrics

        self._settings = settings
        self._size = size[:2]
        self.root_view = RootView(settings, Metrics(*size), lambda _event: None)

    @property
    def modes(self) -> list[str]:
        """The names of the modes that change something on this screen."""
        low = Mode.LOW.value
        return [name for name in MODES if name != low or self.root_view.plan.can_move]

    def draw(self, state: PreviewState, path: Path) -> Any:
        """Save the picture of a state; returns its thumbnail."""
        from PIL import Image

        picture = self.picture(state)
        picture.save(path, compress_level=2)
        picture.thumbnail((THUMB_PX, THUMB_PX), Image.Resampling.LANCZOS)
        return picture

    def picture(self, state: PreviewState) -> Any:
        """The picture of a state, in RGB."""
        from PIL import Image

        self.root_view.show(state.visit, state.snapshot, staff=state.staff)
        settle()
        self._wait_for_photo()
        pixels = self._pixels()
        picture = Image.frombytes("RGBA", self._size, pixels).convert("RGB")
        return picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)

    def _wait_for_photo(self) -> None:
        """Let the attract screen's picture come: it is read on another thread."""
        from kiosk.widgets.slideshow import Slideshow

        shows = [w for w in self.root_view.walk() if isinstance(w, Slideshow)]
        end = time.monotonic() + PHOTO_S
        while any(show.waiting for show in shows) and time.monotonic() < end:
            time.sleep(0.01)
            settle()

    def _pixels(self) -> bytes:
        from kivy.graphics import ClearBuffers, ClearColor, Fbo

        buffer: Any = Fbo(size=self._size)
        with buffer:
            ClearColor(*self.root_view.look.colour.ground)
            ClearBuffers()
        buffer.add(self.root_view.canvas)
        buffer.draw()
        pixels: bytes = buffer.texture.pixels
        buffer.remove(self.root_view.canvas)
        return pixels


def settle(turns: int = 3) -> None:
    """Run Kivy's layout to its end, without a window's loop."""
    from kivy.clock import Clock
    from kivy.lang import Builder

    for _ in range(turns):
        now = Clock.time()
        # As Clock.tick: scheduled calls keep no widget alive from here on.
        Clock.pre_idle()
        Clock.post_idle(now, now)
        Builder.sync()
        Clock.tick_draw()
        Builder.sync()


def contact_sheet(thumbs: Sequence[Any], path: Path) -> Path:
    """Save all thumbnails of a set on one page."""
    from PIL import Image

    width, height = (n + 8 for n in thumbs[0].size)
    columns = SHEET_COLUMNS if height < width else SHEET_COLUMNS * 3 // 2
    rows = -(-len(thumbs) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), (70, 76, 88))
    for i, thumb in enumerate(thumbs):
        sheet.paste(thumb, (i % columns * width + 4, i // columns * height + 4))
    sheet.save(path)
    return path
