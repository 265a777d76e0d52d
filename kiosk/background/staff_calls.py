"""The machine's call for staff, from the touch to the answer.

Three threads meet here: the UI thread makes and reads the call, the sync thread reports it in each
exchange and brings the server's answer. One lock guards the call; no method waits for I/O. The call
is kept in memory: after a restart there is none, and the server ends it with the next exchange.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.domain.staff_call import CallState, StaffCall
from kiosk.sync.values import CallAnswer

SENDING_S = 4.0
"""A call that the server has not taken within this time is shown as not sent. An exchange takes
less than a second where the server answers at all."""

CLOCK_STEP_S = 2.0
"""A correction of the clock by less does not change the time of the call."""

ANSWERED_S = 60.0
"""How long the answer is shown before staff can be called again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Call:
    """``made_s`` and ``answered_s`` in seconds of ``mono``; ``since`` by the clock of the last
    look at it."""

    id: str
    since: datetime
    made_s: float
    taken: bool = False
    answered_s: float | None = None


class StaffCalls:
    """``lasts_s``: how long a call without an answer stays open. ``now``: the time at the site,
    aware."""

    def __init__(
        self,
        lasts_s: float,
        now: Callable[[], datetime],
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lasts_s = lasts_s
        self._now = now
        self._mono = mono
        self._lock = threading.Lock()
        self._call: _Call | None = None
        self._passed_on = True

    def call(self) -> None:
        """Open a call, unless one is open."""
        with self._lock:
            if self._present() is None:
                self._call = _Call(str(uuid.uuid4()), self._now(), self._mono())
                log.info("a visitor calls for staff")

    def current(self, *, online: bool, possible: bool = True) -> StaffCall:
        """The call as the screen shows it. ``online``: whether the server is reachable.
        ``possible``: whether a call can be sent at all."""
        with self._lock:
            call = self._present()
            if call is None:
                offered = self._passed_on and possible
                return StaffCall(CallState.READY if offered else CallState.OFF)
            if call.answered_s is not None:
                state = CallState.ANSWERED
            elif call.taken:
                state = CallState.CALLED
            elif online and possible and self._mono() - call.made_s < SENDING_S:
                state = CallState.SENDING
            else:
                state = CallState.DELAYED if online or not possible else CallState.UNSENT
            return StaffCall(state, call.id, call.since)

    def report(self) -> dict[str, str] | None:
        """The open call for the server, as JSON values; None without one."""
        with self._lock:
            call = self._present()
            if call is None:
                return None
            # Not by the clock of the touch: the server corrects both times by the difference that
            # the clock has now, and an exchange sets the clock (SiteClock.learn).
            until = call.since + timedelta(seconds=self._lasts_s)
            return {"id": call.id, "since": call.since.isoformat(), "until": until.isoformat()}

    def heard(self, answer: CallAnswer | None, *, passed_on: bool, read: bool = True) -> None:
        """Take the server's answer to a report. ``passed_on``: whether this server passes calls on.

        ``read``: whether the server has looked at the report. Then ``answer`` None means that it
        shows no call of this kiosk, also none that it had taken before."""
        with self._lock:
            self._passed_on, call = passed_on, self._present()
            if call is not None and answer is None and read:
                self._call = replace(call, taken=False)
            if call is None or answer is None or answer.id != call.id:
                return
            answered_s = call.answered_s
            if answer.answered and answered_s is None:
                answered_s = self._mono()
                log.info("staff answered a visitor's call")
            self._call = replace(call, taken=True, answered_s=answered_s)

    def _present(self) -> _Call | None:
        """The call, unless it is over; its time by the present clock. With the lock held."""
        call = self._call
        if call is None:
            return None
        since_s, lasts_s = call.made_s, self._lasts_s
        if call.answered_s is not None:
            since_s, lasts_s = call.answered_s, ANSWERED_S
        mono_s = self._mono()
        if mono_s - since_s >= lasts_s:
            self._call = None
            return None
        since = self._now() - timedelta(seconds=mono_s - call.made_s)
        if abs(since - call.since) >= timedelta(seconds=CLOCK_STEP_S):
            self._call = replace(call, since=since)
        return self._call
