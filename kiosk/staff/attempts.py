"""Limits the tries of the PIN, over restarts and whatever the clock says.

Four wrong PINs are free, for fingers that slip. From the fifth on each is followed by a wait, of up
to 20 minutes: at most about 80 tries a day. Three rules keep this bound:

* A try is written to the disk before the PIN is compared, so a power cut gives no free try.
* Waits are counted by the clock since boot, which nobody can set. After a reboot, where that
  clock begins anew, the whole wait begins anew.
* Where a try cannot be written (a full or read-only disk) or the file cannot be understood, each
  wrong try costs the longest wait, and so does the start of a process.
"""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.durable import write_private

ATTEMPTS_FILE = "staff-attempts.json"
FREE_TRIES = 4
WAITS_S = (60.0, 120.0, 300.0, 600.0, 1200.0)
"""The wait after the fifth wrong PIN in a row, the sixth, …; the last one for all further ones."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
log = logging.getLogger(__name__)


def since_boot() -> float:
    """Seconds since boot, suspend included: nobody can set this clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot_id() -> str:
    """Identifies the present boot; empty where the system does not say."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class _Tries:
    """``wrong`` PINs in a row, the last at ``at_s`` seconds since the boot named ``boot``."""

    wrong: int = 0
    boot: str = ""
    at_s: float = 0.0


_UNREADABLE = _Tries(wrong=FREE_TRIES + len(WAITS_S))


class PinAttempts:
    """The tries, in a file of the state folder. Any thread. ``since_boot``: seconds; ``boot``:
    identifies the present boot."""

    def __init__(
        self,
        state: Path,
        since_boot: Callable[[], float] = since_boot,
        boot: Callable[[], str] = boot_id,
    ) -> None:
        self._path = state / ATTEMPTS_FILE
        self._since_boot = since_boot
        self._boot = boot()
        self._began_s = since_boot()
        self._lock = threading.Lock()
        self._unkept_s: float | None = None
        self._tries = self._of_this_boot(self._read())

    def wait_s(self) -> int:
        """Whole seconds until the next try is allowed; 0: now."""
        with self._lock:
            return self._wait_s()

    def begin(self) -> bool:
        """Count a try, as a wrong one. False: not allowed now, and nothing is counted."""
        with self._lock:
            if self._wait_s():
                return False
            before, now_s = self._tries, self._since_boot()
            if self._keep(_Tries(before.wrong + 1, self._boot, now_s)):
                return True
            self._tries = before
            if self._unkept_s is None:
                self._unkept_s = self._began_s
            if self._wait_s():
                return False
            self._tries = _Tries(before.wrong + 1, self._boot, now_s)
            self._unkept_s = now_s
            return True

    def succeeded(self) -> None:
        """The PIN of the try was right: the count begins anew, also where it cannot be written.

        In this process the next try then has no wait: staff must be able to end the app.
        """
        with self._lock:
            self._keep(_Tries(0, self._boot, self._since_boot()))
            self._unkept_s = None

    def _wait_s(self) -> int:
        if self._unkept_s is None and self._tries.wrong and not self._path.exists():
            self._tries = _Tries()  # ``forget``, by ``kiosk set-pin``
        now_s = self._since_boot()
        until_s = now_s
        beyond = self._tries.wrong - FREE_TRIES
        if beyond > 0:
            until_s = self._tries.at_s + WAITS_S[min(beyond, len(WAITS_S)) - 1]
        if self._unkept_s is not None:
            until_s = max(until_s, self._unkept_s + WAITS_S[-1])
        return max(0, math.ceil(until_s - now_s))

    def _keep(self, tries: _Tries) -> bool:
        """Write ``tries``; they count for this process in any case."""
        self._tries = tries
        body = {"wrong": tries.wrong, "boot": tries.boot, "at_s": tries.at_s}
        try:
            write_private(self._path, json.dumps(body).encode("ascii"))
        except OSError as error:
            log.error("a try of the PIN is not written down: %s", error.strerror)  # noqa: TRY400
            return False
        return True

    def _read(self) -> _Tries:
        try:
            body = json.loads(self._path.read_text(encoding="ascii"))
            return _Tries(max(0, int(body["wrong"])), str(body["boot"]), float(body["at_s"]))
        except FileNotFoundError:
            return _Tries()
        except (OSError, ValueError, KeyError, TypeError):
            return _UNREADABLE

    def _of_this_boot(self, tries: _Tries) -> _Tries:
        """``tries`` by the clock of this boot. Those of an earlier boot wait anew from now on."""
        if not tries.wrong or (tries.boot == self._boot and tries.at_s <= self._began_s):
            return tries
        anew = _Tries(tries.wrong, self._boot, self._began_s)
        self._keep(anew)
        return anew


def forget(state: Path) -> None:
    """Let the count begin anew: for ``kiosk set-pin``. Raises OSError."""
    (state / ATTEMPTS_FILE).unlink(missing_ok=True)
