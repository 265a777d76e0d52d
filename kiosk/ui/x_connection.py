"""The end of the connection to the X server.

Xlib cannot go on after it: it prints a line and calls ``exit(1)`` from within whatever drawing call
was under way (XSetIOErrorHandler(3)), and the journal gets no mark of a clean stop. Under cage
this is how every stop begins, because Xwayland goes before its clients. A handler that does not
return comes before that exit.
"""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_installed: list[Any] = []
"""ctypes callbacks must live as long as C may call them."""


def loaded_xlib() -> Any:
    """The libX11 that SDL has loaded into this process; None without one, as under Wayland."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
        names = (line[line.index("/") :] for line in maps.splitlines() if "/libX11.so" in line)
        return ctypes.CDLL(next(names))
    except (OSError, StopIteration):
        return None


def when_connection_is_lost(leave: Callable[[], None]) -> bool:
    """Call ``leave`` when the connection to the X server breaks; it must end the process.

    It runs inside a call of Xlib, so it must not draw and must not touch the window. The process
    ends with EX_TEMPFAIL (75) if it returns or raises. Returns whether Xlib is in use.
    """
    xlib = loaded_xlib()
    if xlib is None:
        return False

    def lost(_display: int | None) -> int:
        try:
            leave()
        except BaseException:
            log.exception("the app could not be left in order")
        os._exit(os.EX_TEMPFAIL)

    handler = _HANDLER(lost)
    _installed.append(handler)
    xlib.XSetIOErrorHandler(handler)
    return True
