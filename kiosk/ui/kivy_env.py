"""What Kivy must be told before any of it is imported, and the opening of the one window.

Kivy reads its environment and its settings while it is imported, and it opens the window while
``kivy.core.window`` is imported. So the order is fixed::

    kivy_env.prepare(offscreen=False, windowed=False, size=None, home=state / "kivy")
    kivy_env.open_window()              # DisplayError when there is nothing to draw in
    from kiosk.app.kiosk_app import KioskApp

What is switched off is what would let a visitor out of the app: Esc, the settings panel (F1),
the modules (inspector Ctrl+E, screenshots F12, monitor F11), and the second provider of the
same finger. On Linux SDL2 turns the first finger of a touchscreen into mouse events, and the
``mouse`` provider hears those: one finger, one touch.
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
"""Named, because SDL left to itself ends at its invisible driver where there is no display."""

WINDOW_CLASS = "mpp-kiosk"

ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_ENV_CONFIG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_CONSOLELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",
    # Kivy's own X11 window ends the process when no server answers: SDL2 or nothing.
    "KIVY_WINDOW": "sdl2",
    "KIVY_TEXT": "sdl2",
    "KIVY_AUDIO": "sdl2",
    "KIVY_VIDEO": "null",
    "KIVY_CAMERA": "",
    "KIVY_SPELLING": "",
    "KIVY_CLIPBOARD": "dummy",
    # SIGTERM is the app's to answer; SDL would turn it into a close request.
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
    """Whether a window has somewhere to be shown: X11, Wayland, or the console's own screen."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return True
    return any(Path("/dev/dri").glob("card*")) and sys.stdin is not None and _on_console()


def _on_console() -> bool:
    try:
        return os.ttyname(0).startswith("/dev/tty")
    except (OSError, ValueError):
        return False


def prepare(*, offscreen: bool, windowed: bool, size: tuple[int, int] | None, home: Path) -> None:
    """Set all that Kivy reads while it is imported.

    ``offscreen``: a real GL window that nobody sees, ``size`` pixels large (1080 x 1920 unless
    told). Otherwise the whole screen, or with ``windowed`` a window of ``size``. ``home`` is a
    private folder that Kivy may write to.

    Raises DisplayError when Kivy was imported before, for then it is too late.
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
    """Kivy's own settings; imports ``kivy.config``, which opens nothing yet."""
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
    """The X server's screen, None without one.

    Where no window manager runs, SDL's fullscreen is a wish that nobody grants: the window has
    to be born in the right size.
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
    """Kivy logs whole tracebacks as one message: keep the first line, the rest for debugging.

    Kivy also talks at length of itself, and complains of what this app does not use (mtdev).
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
    """Route Kivy's logger to ours: no handlers of its own, one line a message."""
    logger = logging.getLogger("kivy")
    if not any(isinstance(f, _OneLine) for f in logger.filters):
        logger.addFilter(_OneLine())


class _Collected(logging.Handler):
    """Kivy's words while the window opens, for the one line that says what is missing."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextlib.contextmanager
def _overheard() -> Iterator[_Collected]:
    """Take what Kivy logs, and what SDL and GL write to the error output, out of sight."""
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
    """Open the window and give it back.

    Raises DisplayError with one plain line when there is no display, or no OpenGL 2.
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
