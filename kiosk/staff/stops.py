"""What staff have stopped: this machine, or single services until a moment. Survives a restart.

A pause ends by itself. Its end is a time of day, because staff think in them. One that lies more
than ``LONGEST`` ahead was written by a clock that has been set back since, and does not count.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kiosk.domain.staff import Pause, PauseReason
from kiosk.errors import KioskError
from kiosk.messages import reason
from kiosk.staff.files import write_private

STOPS_FILE = "staff-stops.json"
LONGEST = timedelta(hours=24)
log = logging.getLogger(__name__)


class Stops:
    """The stops of the state folder ``state``. Any thread; reading does not wait for the disk."""

    def __init__(self, state: Path) -> None:
        self._path = state / STOPS_FILE
        self._lock = threading.Lock()
        self._closed, self._pauses = self._read()

    @property
    def closed(self) -> bool:
        """Whether staff have closed this machine."""
        return self._closed

    def pauses(self, now: datetime) -> Mapping[str, Pause]:
        """The pauses that hold at ``now`` (aware), by service code."""
        held = {code: p for code, p in self._pauses.items() if now < p.until <= now + LONGEST}
        return MappingProxyType(held)

    def close_machine(self) -> None:
        """Give no numbers on this machine. Raises KioskError where it cannot be written."""
        self._change(closed=True, pauses=self._pauses)

    def open_machine(self) -> None:
        """Give numbers again. Raises as ``close_machine``."""
        self._change(closed=False, pauses=self._pauses)

    def pause(self, pause: Pause) -> None:
        """Give no numbers for a service until the pause ends. Raises as ``close_machine``."""
        held = {code: p for code, p in self._pauses.items() if p.until > pause.since}
        self._change(closed=self._closed, pauses={**held, pause.service: pause})

    def resume(self, service: str) -> None:
        """End the pause of a service. Raises as ``close_machine``."""
        left = {code: p for code, p in self._pauses.items() if code != service}
        self._change(closed=self._closed, pauses=left)

    def _change(self, *, closed: bool, pauses: Mapping[str, Pause]) -> None:
        body = {
            "closed": closed,
            "pauses": [
                {
                    "service": p.service,
                    "reason": p.reason.value,
                    "since": p.since.isoformat(timespec="seconds"),
                    "until": p.until.isoformat(timespec="seconds"),
                }
                for p in pauses.values()
            ],
        }
        with self._lock:
            try:
                write_private(self._path, json.dumps(body).encode("utf-8"))
            except OSError as error:
                raise KioskError("folder.write", folder=self._path, why=reason(error)) from error
            self._closed, self._pauses = closed, dict(pauses)

    def _read(self) -> tuple[bool, dict[str, Pause]]:
        try:
            body = json.loads(self._path.read_text(encoding="utf-8"))
            pauses = [_pause(one) for one in body["pauses"]]
            return body["closed"] is True, {p.service: p for p in pauses}
        except FileNotFoundError:
            return False, {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("what staff have stopped cannot be read: %s", error)  # noqa: TRY400
            return False, {}


def _pause(one: dict[str, Any]) -> Pause:
    """A pause of the file. Raises KeyError, TypeError or ValueError for another shape."""
    since, until = (datetime.fromisoformat(one[key]) for key in ("since", "until"))
    if since.tzinfo is None or until.tzinfo is None:
        raise ValueError("a moment without a zone")
    return Pause(str(one["service"]), PauseReason(one["reason"]), since, until)
