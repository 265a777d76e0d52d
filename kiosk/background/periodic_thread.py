"""A thread that calls a function periodically, such as the idle probe of the printer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class PeriodicThread:
    """Calls ``call`` at once and then ``every_s`` seconds after each return, until ``stop``.

    An exception of ``call`` is logged; the thread continues.
    """

    def __init__(self, name: str, call: Callable[[], object], every_s: float) -> None:
        self._call = call
        self._every_s = every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.0) -> None:
        """Make no further call; wait at most ``timeout_s`` seconds for a call under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._call()
            except Exception:
                log.exception("%s failed", self._thread.name)
            self._stopped.wait(self._every_s)
