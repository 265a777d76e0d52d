"""Actions due after a time: a hand takes the slip, a slip is retracted, the power returns."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Agenda:
    """Runs actions after a time, in one thread, each with the lock ``changed`` held.

    All methods but ``stop`` are called with ``changed`` held.
    """

    def __init__(self, changed: threading.Condition) -> None:
        self._changed = changed
        self._due: dict[str, tuple[float, Callable[[], None]]] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="virtual-agenda", daemon=True)
        self._thread.start()

    def add(self, key: str, seconds: float, action: Callable[[], None]) -> None:
        """Run ``action`` in ``seconds``, instead of the action of the same ``key``."""
        self._due[key] = (time.monotonic() + seconds, action)
        self._changed.notify_all()

    def cancel(self, key: str) -> None:
        """Forget the action ``key``, if there is one."""
        self._due.pop(key, None)

    def stop(self) -> None:
        """End the thread; actions that are not due yet never run."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(5)

    def _run(self) -> None:
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                for key, (due, action) in list(self._due.items()):
                    if due <= now and self._due.get(key) == (due, action):
                        del self._due[key]
                        action()
                        self._changed.notify_all()
                soonest = min((due for due, _ in self._due.values()), default=None)
                self._changed.wait(
                    None if soonest is None else max(0.0, soonest - time.monotonic())
                )
