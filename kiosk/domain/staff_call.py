"""A visitor's call for staff, as the screen shows it.

The call belongs to the machine, not to a visit: the next visitor finds it too, and a second touch
makes no second call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class CallState(Enum):
    """What has happened to the call; the screen promises nothing beyond it."""

    OFF = "off"
    """Staff cannot be called from here: there is no server, one that does not pass calls on, or no
    open journal, without which nothing is sent."""
    READY = "ready"
    """No call is open."""
    SENDING = "sending"
    """The call is on its way to the server."""
    UNSENT = "unsent"
    """The kiosk is offline: the server has not taken the call, and may take it later."""
    DELAYED = "delayed"
    """The server has not taken the call, and not because the kiosk is offline."""
    CALLED = "called"
    """The server has taken the call and shows it to staff."""
    ANSWERED = "answered"
    """Staff have seen the call."""

    @property
    def open(self) -> bool:
        """Whether a call is open: another touch adds nothing."""
        return self not in (CallState.OFF, CallState.READY)


@dataclass(frozen=True, slots=True)
class StaffCall:
    """``id``: of the open call; ``since``: when it was made, aware. Both empty without one."""

    state: CallState = CallState.OFF
    id: str = ""
    since: datetime | None = None


NO_CALL = StaffCall()
