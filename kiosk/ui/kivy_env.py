"""Configure Kivy before it is imported, and open the one window.

Kivy reads its environment and settings while it is imported, and opens the window while
``kivy.core.window`` is imported. The order is therefore fixed::

    kivy_env.prepare(offscreen=False, windowed=False, size=None, home=state / "kivy")
    kivy_env.open_window()              # DisplayError when there is nothing to draw in
    from kiosk.app.kiosk_app import KioskApp

Everything that would let a visitor leave the app is switched off: Esc, the settings panel (F1) and
the modules (inspector Ctrl+E, screenshots F12, monitor F11). Only the ``mouse`` input provider
stays: on Linux SDL2 turns a touchscreen's first finger into mouse events, and a second provider
would report the same finger twice.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kiosk.errors import DisplayError
from kiosk.ui.native import finish_frames, return_large_buffers

log = logging.getLogger(__name__)

OFFSCREEN_SIZE = (1080, 1920)
ON_SCREEN_DRIVERS = "x11,wayland,KMSDRM"
"""Named, because SDL by default falls back to its invisible driver when there is no display."""

WINDOW_CLASS = "mpp-kiosk"

ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_ENV_CONFIG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_CONSOLELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",
    # Kivy's own X11 window provider ends the process when no X server answers: allow SDL2 only.
    "KIVY_WINDOW": "sdl2",
    "KIVY_TEXT": "sdl2",
    "KIVY_AUDIO": "sdl2",
    "KIVY_VIDEO": "null",
    "KIVY_CAMERA": "",
    "KIVY_SPELLING": "",
    "KIVY_CLIPBOARD": "dummy",
    # The app handles SIGTERM; SDL would turn it into a close request.
    "SDL_NO_SIGNAL_HANDLERS": "1",
    "SDL_VIDEO_X11_WMCLASS": WINDOW_CLASS,
    "SDL_VIDEO_WAYLAND_WMCLASS": WINDOW_CLASS,
    "SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS": "0",
    "SDL_MOUSE_TOUCH_EVENTS": "0",
    "SDL_TOUCH_MOUSE_EVENTS": "1",
}

GRAPHICS = {
    "allow_screensaver": "0",
    "borderless": "0",
    "maxfps": "60",
    "min_state_time": "0",
    "multisamples": "0",
    "resizable": "1",
    "rotation": "0",
    "window_state": "visible",
}


def has_display() -> bool:
    """Whether there is a display: X11, Wayland, or a KMS console."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return True
    return any(Path("/dev/dri").glob("card*")) and sys.stdin is not None and _on_console()


def _on_console() -> bool:
    try:
        return os.ttyname(0).startswith("/dev/tty")
    except (OSError, ValueError):
        return False


def prepare(*, offscreen: bool, windowed: bool, size: tuple[int, int] | None, home: Path) -> None:
    """Set everything that Kivy reads while it is imported.

    ``offscreen``: an invisible GL window of ``size`` pixels (default 1080 x 1920). Otherwise the
    whole screen, or with ``windowed`` a window of ``size``. ``home``: a private folder that Kivy
    may write to.

    Raises DisplayError when Kivy is already imported: its settings can no longer be changed.
    """
    if "kivy" in sys.modules:
        raise DisplayError("display.late")
    return_large_buffers()
    for name in [n for n in os.environ if n.startswith("KIVY_")]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)
    os.environ["KIVY_HOME"] = str(home)
    if offscreen:
        os.environ["SDL_VIDEODRIVER"] = "offscreen"
    else:
        os.environ.setdefault("SDL_VIDEODRIVER", ON_SCREEN_DRIVERS)
    _quiet_logger()
    _configure(offscreen=offscreen, windowed=windowed, size=size)


def _configure(*, offscreen: bool, windowed: bool, size: tuple[int, int] | None) -> None:
    """Set Kivy's own settings. Imports ``kivy.config``, which opens no window."""
    config: Any = importlib.import_module("kivy.config").Config
    config.set("kivy", "exit_on_escape", "0")
    config.set("kivy", "pause_on_minimize", "0")
    config.set("kivy", "log_level", "warning")
    logging.getLogger("kivy").setLevel(logging.WARNING)
    for key, value in GRAPHICS.items():
        config.set("graphics", key, value)
    whole_screen = not (offscreen or windowed)
    if whole_screen and size is None:
        size = _x11_size()
    config.set("graphics", "fullscreen", "auto" if whole_screen else "0")
    config.set("graphics", "show_cursor", "0" if whole_screen else "1")
    if size is not None or offscreen:
        width, height = size or OFFSCREEN_SIZE
        config.set("graphics", "width", str(width))
        config.set("graphics", "height", str(height))
    for section in ("input", "modules"):
        config.remove_section(section)
        config.add_section(section)
    config.set("input", "mouse", "mouse,disable_multitouch,disable_hover")


def _x11_size() -> tuple[int, int] | None:
    """The size of the X server's screen in pixels; None without an X server.

    Without a window manager SDL's request for fullscreen is ignored, so the window must be
    created in the right size.
    """
    if not os.environ.get("DISPLAY"):
        return None
    try:
        xlib = ctypes.CDLL("libX11.so.6")
    except OSError:
        return None
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(xlib.XOpenDisplay(None))
    if display.value is None:
        return None
    screen = xlib.XDefaultScreen(display)
    size = xlib.XDisplayWidth(display, screen), xlib.XDisplayHeight(display, screen)
    xlib.XCloseDisplay(display)
    return size


class _OneLine(logging.Filter):
    """Shorten Kivy's messages to their first line; the rest goes to the debug level.

    Kivy logs whole tracebacks as one message, and warns about modules that are not used (mtdev).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return False
        text = record.getMessage()
        first, _, rest = text.partition("\n")
        noise = "MTDev" in first
        if rest or record.exc_info or noise:
            log.debug("kivy said: %s", text, exc_info=record.exc_info)
        record.msg, record.args, record.exc_info, record.exc_text = first, None, None, None
        return not noise


def _quiet_logger() -> None:
    """Route Kivy's logger to the root logger, one line for each message."""
    logger = logging.getLogger("kivy")
    if not any(isinstance(f, _OneLine) for f in logger.filters):
        logger.addFilter(_OneLine())


class _Collected(logging.Handler):
    """Collects Kivy's messages while the window opens; an error is explained with them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextlib.contextmanager
def _overheard() -> Iterator[_Collected]:
    """Collect Kivy's log, and hide what SDL and GL write to stderr."""
    logger, heard = logging.getLogger("kivy"), _Collected()
    logger.addHandler(heard)
    logger.propagate = False
    with contextlib.ExitStack() as stack:
        spill = stack.enter_context(tempfile.TemporaryFile())
        kept = os.dup(2)
        stack.callback(os.close, kept)
        os.dup2(spill.fileno(), 2)
        try:
            yield heard
        finally:
            os.dup2(kept, 2)
            logger.propagate = True
            logger.removeHandler(heard)
            spill.seek(0)
            for line in (*heard.lines, *spill.read().decode(errors="replace").splitlines()):
                log.debug("while the window opened: %s", line)


def open_window() -> Any:
    """Open the window and return it.

    Raises DisplayError, with a message of one line, when there is no display or no OpenGL 2.
    """
    try:
        with _overheard() as heard:
            window = importlib.import_module("kivy.core.window").Window
    except SystemExit as error:
        raise DisplayError("display.no_gl") from error
    except (ImportError, OSError, RuntimeError) as error:
        raise DisplayError("display.failed", why=error) from error
    if window is None or any("OpenGL version" in line for line in heard.lines):
        raise _no_display()
    if _offscreen():
        finish_frames(window)
    return window


def _offscreen() -> bool:
    return os.environ.get("SDL_VIDEODRIVER") == "offscreen"


def _no_display() -> DisplayError:
    if _offscreen():
        return DisplayError("display.offscreen")
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return DisplayError("display.silent", name=shown) if shown else DisplayError("display.none")
