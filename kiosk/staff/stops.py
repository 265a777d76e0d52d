"""What staff have stopped: this machine, or single services until a moment. Survives a restart.

A pause ends by itself, at the first of two moments. One is a time of day, because staff think in
them; a pause whose end lies more than ``LONGEST`` ahead was written by a clock that has been set
back since, and does not count. The other is counted by the clock since boot, which runs on where
the time of day is not known (a dead battery, no network). After a reboot, where that clock begins
anew, the whole length counts from the start of the process.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kiosk.domain.staff import Pause, PauseReason
from kiosk.durable import write_private
from kiosk.errors import KioskError
from kiosk.messages import reason
from kiosk.staff.attempts import boot_id, since_boot

STOPS_FILE = "staff-stops.json"
LONGEST = timedelta(hours=24)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _TimedPause:
    """A pause, and its end in seconds since this boot."""

    pause: Pause
    ends_s: float


class Stops:
    """The stops of the state folder ``state``. Any thread; reading does not wait for the disk.

    ``since_boot``: seconds; ``boot``: identifies the present boot.
    """

    def __init__(
        self,
        state: Path,
        since_boot: Callable[[], float] = since_boot,
        boot: Callable[[], str] = boot_id,
    ) -> None:
        self._path = state / STOPS_FILE
        self._lock = threading.Lock()
        self._since_boot = since_boot
        self._boot = boot()
        self._began_s = since_boot()
        self._closed = False
        self._held: dict[str, _TimedPause] = {}
        self._unread = False
        self._read()

    @property
    def closed(self) -> bool:
        """Whether staff have closed this machine."""
        return self._closed

    @property
    def unread(self) -> bool:
        """Whether some of the file could not be read, and nothing was stopped or resumed since."""
        return self._unread

    def pauses(self, now: datetime) -> Mapping[str, Pause]:
        """The pauses that hold at ``now`` (aware), by service code."""
        now_s, latest = self._since_boot(), now + LONGEST
        held = {
            code: one.pause
            for code, one in self._held.items()
            if now < one.pause.until <= latest and now_s < one.ends_s
        }
        return MappingProxyType(held)

    def close_machine(self) -> None:
        """Give no numbers on this machine. Raises KioskError where it cannot be written."""
        with self._lock:
            self._change(closed=True, held=self._held)

    def open_machine(self) -> None:
        """Give numbers again. Raises as ``close_machine``."""
        with self._lock:
            self._change(closed=False, held=self._held)

    def pause(self, pause: Pause) -> None:
        """Give no numbers for a service until the pause ends. Raises as ``close_machine``."""
        now_s = self._since_boot()
        with self._lock:
            left = {
                code: one
                for code, one in self._held.items()
                if one.pause.until > pause.since and one.ends_s > now_s
            }
            left[pause.service] = _TimedPause(pause, now_s + _length_s(pause))
            self._change(closed=self._closed, held=left)

    def resume(self, service: str) -> None:
        """End the pause of a service. Raises as ``close_machine``."""
        with self._lock:
            left = {code: one for code, one in self._held.items() if code != service}
            self._change(closed=self._closed, held=left)

    def _change(self, *, closed: bool, held: Mapping[str, _TimedPause]) -> None:
        """Write and take over a change that was computed while the lock was held."""
        body = {"closed": closed, "pauses": [self._written(one) for one in held.values()]}
        try:
            write_private(self._path, json.dumps(body).encode("utf-8"))
        except OSError as error:
            raise KioskError("folder.write", folder=self._path, why=reason(error)) from error
        self._closed, self._held, self._unread = closed, dict(held), False

    def _written(self, one: _TimedPause) -> dict[str, Any]:
        return {
            "service": one.pause.service,
            "reason": one.pause.reason.value,
            "since": one.pause.since.isoformat(timespec="seconds"),
            "until": one.pause.until.isoformat(timespec="seconds"),
            "boot": self._boot,
            "ends_s": one.ends_s,
        }

    def _read(self) -> None:
        """Take over what the file says. What cannot be read stops nothing."""
        try:
            body = json.loads(self._path.read_text(encoding="utf-8"))
            self._closed = body["closed"] is True
            listed = list(body["pauses"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("what staff have stopped cannot be read: %s", error)  # noqa: TRY400
            self._unread = True
            return
        for one in listed:
            try:
                held = self._of_this_boot(one)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                log.error("a pause by staff cannot be read: %s", error)  # noqa: TRY400
                self._unread = True
            else:
                self._held[held.pause.service] = held

    def _of_this_boot(self, one: dict[str, Any]) -> _TimedPause:
        """A pause of the file. Raises KeyError, TypeError, ValueError or AttributeError for
        another shape."""
        pause, length_s = _pause(one), _length_s(_pause(one))
        if one.get("boot") == self._boot and "ends_s" in one:
            # Never longer than from now on: the file is not trusted more than that.
            return _TimedPause(pause, min(float(one["ends_s"]), self._began_s + length_s))
        return _TimedPause(pause, self._began_s + length_s)


def _length_s(pause: Pause) -> float:
    return (pause.until - pause.since).total_seconds()


def _pause(one: dict[str, Any]) -> Pause:
    """A pause of the file. Raises KeyError, TypeError or ValueError for another shape."""
    since, until = (datetime.fromisoformat(one[key]) for key in ("since", "until"))
    if since.tzinfo is None or until.tzinfo is None:
        raise ValueError("a moment without a zone")
    return Pause(str(one["service"]), PauseReason(one["reason"]), since, until)
