"""The safety net: no exception reaches a visitor or stops the loop; each is logged once in full."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from kivy.base import ExceptionHandler, ExceptionManager
from kivy.graphics import Color, Rectangle
from kivy.uix.label import Label

from kiosk.domain.theme import NORMAL_COLOURS

log = logging.getLogger(__name__)

REPEAT_AFTER_S = 60.0
"""After this long the same exception from the same line is logged in full again."""


class FaultLog:
    """Logs exceptions: in full the first time, at debug level when repeated soon after."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: dict[tuple[str, str, int], float] = {}

    def write(self, error: BaseException, where: str) -> None:
        """Log ``error``; ``where`` names what was being done."""
        frames = traceback.extract_tb(error.__traceback__)
        last = frames[-1] if frames else None
        key = (
            type(error).__name__,
            last.filename if last else "",
            (last.lineno or 0) if last else 0,
        )
        now = self._now()
        if now - self._seen.get(key, float("-inf")) < REPEAT_AFTER_S:
            log.debug("again in %s: %s", where, error)
            return
        self._seen[key] = now
        log.error("%s failed", where, exc_info=error)

    @contextlib.contextmanager
    def caught(self, where: str, then: Callable[[Exception], None] | None = None) -> Iterator[None]:
        """Catch any exception of the block: log it, then call ``then`` with it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the safety net
            self.write(error, where)
            if then is not None:
                then(error)


class LoopGuard(ExceptionHandler):
    """Kivy's handler for exceptions in its loop: calls ``failed``, and the loop continues."""

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        super().__init__()
        self._failed = failed

    def handle_exception(self, exception: BaseException) -> int:
        """Kivy's protocol. SystemExit and KeyboardInterrupt are passed on."""
        if not isinstance(exception, Exception):
            return int(ExceptionManager.RAISE)
        self._failed(exception)
        return int(ExceptionManager.PASS)


class ThreadHooks:
    """While entered, uncaught exceptions of threads and unraisable ones are logged."""

    def __init__(self, faults: FaultLog) -> None:
        self._faults = faults
        self._before = (threading.excepthook, sys.unraisablehook)

    def __enter__(self) -> None:
        self._before = (threading.excepthook, sys.unraisablehook)
        threading.excepthook = self._thread
        sys.unraisablehook = self._unraisable

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        threading.excepthook, sys.unraisablehook = self._before

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else "a thread"
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self._faults.write(args.exc_value, f"thread {name}")

    def _unraisable(self, args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            self._faults.write(args.exc_value, args.err_msg or "cleaning up")


class LastResort(Label):
    """Shows a committed number in large text when its screen cannot be drawn."""

    def __init__(self, **more: Any) -> None:
        super().__init__(color=NORMAL_COLOURS.text, halign="center", **more)
        with self.canvas.before:
            Color(*NORMAL_COLOURS.surface)
            self._ground = Rectangle(pos=self.pos, size=self.size)

    def cover(self, window: Any, text: str) -> None:
        """Cover the whole window with ``text``."""
        self.uncover(window)
        self.text = text
        self.size = window.size
        self.font_size = window.width / max(6, len(text)) * 1.4
        self._ground.size = window.size
        window.add_widget(self)

    def uncover(self, window: Any) -> None:
        """Remove the cover."""
        window.remove_widget(self)

    def on_touch_down(self, _touch: Any) -> bool:
        """Take every touch, so that nothing below can be pressed."""
        return True
