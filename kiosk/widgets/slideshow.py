"""Pictures that take turns, without a movement between them: each change is one frame.

Pictures are read on another thread; until the first one is there, and where there is none, the
emblem stands on the site's colour.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.clock import Clock
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from kiosk.background.pictures import Photo, PictureFolder
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)

TURN_S = 20.0
"""How long each picture is shown. A change costs one frame, as the clock does each minute."""


class Slideshow(Panel):
    """The pictures of ``folder``, from ``show`` to ``hide``. ``picture``: the present texture."""

    emblem = StringProperty("")
    picture = ObjectProperty(None, allownone=True)
    waiting = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._folder: Path | None = None
        self._pictures: PictureFolder | None = None
        self._turn: Any = None
        self._asked: tuple[int, int] = (0, 0)

    def show(self, folder: Path) -> None:
        """Begin, or go on with the pictures of ``folder``."""
        if folder != self._folder or self._pictures is None:
            self.hide()
            self._folder, self._pictures = folder, PictureFolder(folder)
        size = (round(self.width), round(self.height))
        if self._turn is None or size != self._asked:
            self._next()
        if self._turn is None:
            self._turn = Clock.schedule_interval(self._next, TURN_S)

    def hide(self) -> None:
        """Stop the turns and free the picture."""
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        if self._pictures is not None:
            self._pictures.close()
            self._pictures = None
        self.picture, self.waiting = None, False

    def _next(self, *_: object) -> None:
        """Ask for the next picture. Must not raise: Kivy cancels an interval that does."""
        size = (round(self.width), round(self.height))
        if self._pictures is None or min(size) < 1:
            return
        self._asked, self.waiting = size, True
        source = self._pictures
        # Clock.schedule_once may be called from any thread.
        source.next(size, lambda photo: Clock.schedule_once(lambda _: self._come(source, photo)))

    def _come(self, source: PictureFolder, photo: Photo | None) -> None:
        if source is not self._pictures:
            return  # of a folder that is no longer shown
        self.waiting = False
        if photo is None:
            self.picture = None
            return
        if self.picture is None or tuple(self.picture.size) != photo.size:
            self.picture = Texture.create(size=photo.size, colorfmt="rgb")
        self.picture.blit_buffer(photo.pixels, colorfmt="rgb", bufferfmt="ubyte")
        self.canvas.ask_update()
