"""Watches the screen: whether frames are drawn, whether they fail, whether touches come.

A kiosk whose drawing has stopped looks like one that works: the last picture stays on the panel,
and its threads go on. So the service manager's watchdog is fed by drawn frames alone, and an app
that cannot draw ends itself for a restart.
"""

from __future__ import annotations

import faulthandler
import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import IO

from kiosk.background.service_manager import ServiceNotifier
from kiosk.domain.health import ScreenHealth, TouchTrouble

FRAME_EVERY_S = 4.0
"""An idle screen draws nothing for half a minute. A frame is forced after this long, so that
the watchdog (20 s) sees a drawing app."""

FEED_EVERY_S = 1.0
FAILURES, FAILURES_S = 3, 10.0
"""The app gives up after FAILURES failed turns of the loop within FAILURES_S without a turn between
them that drew and did not fail. So does one whose timer fails at each tick for FAILURES_S. A
failure after which the screen draws again, such as that of one button, never ends the app."""

DUMP_AFTER_S = 15.0
"""Without a frame for this long, the stacks of all threads are written: 5 s before the watchdog."""

GHOST_RATE_S = 8.0
GHOST_S = 60
"""Dropped touches a second, over this many seconds, that no visitor makes."""

GHOST_NOTICE_S = 600.0
UNTOUCHED_S = 4 * 3600.0
"""Open hours of one day without a touch after which the panel may be dead."""

DUMP_BYTES = 1 << 18

log = logging.getLogger(__name__)


class ThreadDump:
    """Writes the stacks of all threads to ``path`` unless ``arm`` is called again in time.

    By faulthandler's own C thread: a drawing library that hangs may hold the GIL.
    """

    def __init__(self, path: Path, after_s: float = DUMP_AFTER_S) -> None:
        self._after_s = after_s
        self._file: IO[str] | None = None
        try:
            long = path.exists() and path.stat().st_size > DUMP_BYTES
            self._file = path.open("w" if long else "a", encoding="utf-8")
        except OSError as error:
            log.warning("no file for the stacks of a frozen app: %s", error.strerror)

    def arm(self) -> None:
        """Begin to wait anew."""
        if self._file is not None:
            faulthandler.dump_traceback_later(self._after_s, file=self._file)

    def close(self) -> None:
        """Stop waiting. Idempotent."""
        if self._file is not None:
            faulthandler.cancel_dump_traceback_later()
            self._file.close()
            self._file = None


class ScreenMonitor:
    """What is known of the screen. The UI thread reports; any thread may read ``health``.

    ``wedged``: whether another thread hangs for so long that a restart is due (``restart_due``).
    ``now``: monotonic seconds.
    """

    def __init__(
        self,
        wedged: Callable[[], bool] = lambda: False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wedged = wedged
        self._now = now
        self._notifier = ServiceNotifier()
        self._dump: ThreadDump | None = None
        self._began_s: float | None = None
        self._frame_s: float | None = None
        self._fed_s = float("-inf")
        self._failed = 0
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._turn_failed = False
        self._tick_failed_s: float | None = None
        self._gave_up = False
        self._touch_s: float | None = None
        self._dropped = 0
        self._dropped_at: deque[float] = deque(maxlen=int(GHOST_RATE_S * GHOST_S))
        self._ghost_s = float("-inf")
        self._day: date | None = None
        self._noted_s = 0.0
        self._untouched_s = 0.0
        self.fonts_left_out: tuple[str, ...] = ()
        """Paths of the site's fonts that the app cannot use."""

    # ── the app's life ───────────────────────────────────────────────────────────────────

    def report_to(self, notifier: ServiceNotifier, dump: ThreadDump | None = None) -> None:
        """Report to a service manager, and dump the threads of a frozen app. Before ``begin``."""
        self._notifier, self._dump = notifier, dump

    def begin(self) -> None:
        """The app's loop begins: frames are due from now on."""
        self._began_s = self._now()
        self._arm()

    def end(self, *, again: bool = False) -> None:
        """The app's loop has ended in order. Idempotent.

        ``again``: the process goes on with a fresh app. The service manager hears of no stop:
        systemd ends a service for good that has said so.
        """
        if self._began_s is not None:
            self._began_s = None
            if not again:
                self._notifier.stopping()
            if self._dump is not None:
                self._dump.close()

    # ── reports of the UI thread ─────────────────────────────────────────────────────────

    def drawn(self) -> None:
        """A frame was drawn and shown."""
        now, first = self._now(), self._frame_s is None
        self._frame_s = now
        # Kivy goes on with a turn in which a callback failed, and draws at its end.
        if not self._turn_failed:
            self._failures.clear()
        self._turn_failed = False
        if first:
            self._notifier.ready()
        if not self._gave_up and now - self._fed_s >= FEED_EVERY_S:
            self._fed_s = now
            self._notifier.alive()
            self._arm()

    def frame_due(self) -> bool:
        """Whether a frame must be forced: none was drawn for FRAME_EVERY_S."""
        since = self._frame_s if self._frame_s is not None else self._began_s
        return not self._gave_up and since is not None and self._now() - since >= FRAME_EVERY_S

    def restart_due(self) -> bool:
        """Whether the app must end in order for a restart: another thread hangs for good, nobody
        uses the screen (a frame is due), and a service manager starts the app again."""
        if self._notifier.present and self.frame_due() and self._wedged():
            self._gave_up = True
            return True
        return False

    def turn_failed(self) -> bool:
        """A turn of the loop failed. Whether the app must give up."""
        self._failed += 1
        self._turn_failed = True
        now = self._now()
        self._failures.append(now)
        if len(self._failures) == FAILURES and now - self._failures[0] < FAILURES_S:
            self._gave_up = True
        return self._gave_up

    def tick_failed(self) -> bool:
        """The timer tick failed. Whether the app must give up."""
        self._failed += 1
        now = self._now()
        if self._tick_failed_s is None:
            self._tick_failed_s = now
        if now - self._tick_failed_s >= FAILURES_S:
            self._gave_up = True
        return self._gave_up

    def ticked(self) -> None:
        """The timer tick succeeded."""
        self._tick_failed_s = None

    def touched(self) -> None:
        """A touch came that was passed on."""
        self._touch_s = self._now()
        self._untouched_s = 0.0

    def touch_dropped(self) -> None:
        """A touch above the rate limit was dropped."""
        now = self._now()
        self._dropped += 1
        self._dropped_at.append(now)
        full = len(self._dropped_at) == self._dropped_at.maxlen
        if full and now - self._dropped_at[0] <= GHOST_S:
            self._ghost_s = now

    def note_fonts(self, left_out: tuple[str, ...]) -> None:
        """The app goes on without these fonts of the site (their paths)."""
        self.fonts_left_out = left_out

    # ── what others see ──────────────────────────────────────────────────────────────────

    def note_hours(self, today: date, *, open_now: bool) -> None:
        """Count open time without a touch; called about once a second, on one thread."""
        now = self._now()
        passed_s, self._noted_s = min(now - self._noted_s, 10.0), now
        if today != self._day:
            self._day, self._untouched_s = today, 0.0
        elif open_now and self._began_s is not None:
            self._untouched_s += passed_s

    def health(self) -> ScreenHealth | None:
        """The screen's health; None while no app draws."""
        began_s, frame_s, touch_s, now = self._began_s, self._frame_s, self._touch_s, self._now()
        if began_s is None:
            return None
        return ScreenHealth(
            last_frame_s=None if frame_s is None else now - frame_s,
            frames_failed=self._failed,
            last_touch_s=None if touch_s is None else now - touch_s,
            touches_dropped=self._dropped,
            waited_s=now - (frame_s if frame_s is not None else began_s),
            touch_trouble=self._touch_trouble(now),
        )

    def _touch_trouble(self, now: float) -> TouchTrouble | None:
        if now - self._ghost_s < GHOST_NOTICE_S:
            return TouchTrouble.GHOST
        return TouchTrouble.NONE_TODAY if self._untouched_s >= UNTOUCHED_S else None

    def _arm(self) -> None:
        if self._dump is not None:
            self._dump.arm()
