"""The way from worker threads to the UI thread: one queue and one Clock trigger.

A worker gets ``post``, never a widget. Posted events are handled on the UI thread in order, in the
next frame.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from functools import partial

from kivy.clock import Clock

from kiosk.domain.events import Event

log = logging.getLogger(__name__)


class Bridge:
    """Passes events and calls to the UI thread, where ``handle`` is called for each event."""

    def __init__(self, handle: Callable[[Event], None]) -> None:
        self._handle = handle
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._trigger = Clock.create_trigger(self._drain)

    def post(self, event: Event) -> None:
        """Handle ``event`` on the UI thread. From any thread; returns at once."""
        self.call(partial(self._handle, event))

    def call(self, function: Callable[[], None]) -> None:
        """Call ``function`` on the UI thread. From any thread; returns at once."""
        self._waiting.put(function)
        self._trigger()

    def _drain(self, _dt: float) -> None:
        """Handle what is queued now; events posted meanwhile wait for the next frame."""
        for _ in range(self._waiting.qsize()):
            try:
                self._waiting.get_nowait()()
            except queue.Empty:
                return
            except Exception:
                log.exception("a posted event could not be handled")
