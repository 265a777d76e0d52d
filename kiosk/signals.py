"""Signals of the process: which of them stop the app in an orderly way, and which are ignored.

The default action of most signals ends or stops a process at once: the journal then has no mark of
a clean stop, and each number series skips 20. ``kiosk run`` installs ``StopSignals`` before it
opens the journal, so that a service manager may stop it at any moment of its start too.
"""

from __future__ import annotations

import contextlib
import logging
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

log = logging.getLogger(__name__)

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
"""Signals that stop the app in an orderly way. SIGHUP: its terminal was closed."""

IGNORED_NAMES = (
    *("SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGPIPE", "SIGIO", "SIGPWR"),
    *("SIGSTKFLT", "SIGTSTP", "SIGTTIN", "SIGTTOU"),
)
IGNORED = tuple(getattr(signal, name) for name in IGNORED_NAMES if hasattr(signal, name))
"""Signals whose default action ends or stops the process, and which the app has no use for
(signal(7)). Not among them: those of a defect (SIGSEGV, SIGABRT …), and those the kernel delivers
in any case (SIGKILL, SIGSTOP)."""


class StopSignals:
    """While entered, STOPPING call the listener and IGNORED do nothing. Reentrant, main thread.

    In another thread than the main one nothing is installed: Python handles signals only there.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._before: dict[int, Any] = {}
        self._listener: Callable[[], None] | None = None
        self._asked = False

    @property
    def asked(self) -> bool:
        """Whether a stop was asked for since the first ``__enter__``."""
        return self._asked

    def listen(self, listener: Callable[[], None] | None) -> None:
        """Call ``listener`` at each STOPPING signal; at once when one came already."""
        self._listener = listener
        if listener is not None and self._asked:
            listener()

    def __enter__(self) -> StopSignals:
        self._depth += 1
        if self._depth == 1:
            self._asked = False
            # ValueError: this is not the main thread.
            with contextlib.suppress(ValueError):
                for number in STOPPING:
                    self._before[number] = signal.signal(number, self._stop)
                for number in IGNORED:
                    # A handler that was installed on purpose stays.
                    if signal.getsignal(number) is signal.SIG_DFL:
                        self._before[number] = signal.signal(number, signal.SIG_IGN)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth:
            return
        self._listener = None
        while self._before:
            number, handler = self._before.popitem()
            # None: the handler was not installed from Python, and cannot be restored from it.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._asked = True
        if self._listener is not None:
            self._listener()
        # Last, because it may fail: a handler of Python interrupts a write to the log's buffer too,
        # which refuses a second one within the first ("reentrant call").
        with contextlib.suppress(RuntimeError):
            log.info("asked to stop by %s", signal.Signals(number).name)
