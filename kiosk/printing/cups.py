"""A raw queue of CUPS, through its own commands ``lp``, ``lpstat`` and ``cancel``.

Each command runs with a list of arguments, never through a shell, in the C locale, and is
ended at its deadline. Job and printer reasons after lpstat(1) with ``-l`` ("Alerts") and
RFC 8011, 5.3.8 and 5.4.12.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, replace

from kiosk.domain.delivery import Fault
from kiosk.errors import PrinterDeadline, PrinterUnreachable
from kiosk.printing.ipp import COMPLETED, job_state

COMMAND_S = 2.0
"""One command of CUPS; they answer in milliseconds."""

_GIVEN_UP = ("canceled", "aborted")
"""In the reasons of a job that was not handed over. With the error policy ``abort-job`` the
commands of CUPS 2.4 tell no difference: its state is asked for."""

_REASONS = (
    ("media-empty", Fault.PAPER_OUT),
    ("media-needed", Fault.PAPER_OUT),
    ("cover-open", Fault.COVER_OPEN),
    ("door-open", Fault.COVER_OPEN),
    ("interlock-open", Fault.COVER_OPEN),
    ("media-jam", Fault.CUTTER),
    ("connecting-to-device", Fault.UNREACHABLE),
    ("timed-out", Fault.UNREACHABLE),
    ("offline", Fault.OFFLINE),
    ("paused", Fault.OFFLINE),
    ("shutdown", Fault.OFFLINE),
)
"""What a printer's reasons begin with, the one to mend first at the head."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue's printer as CUPS has it: its reasons, and one line for staff."""

    reasons: tuple[str, ...]
    detail: str = ""

    @property
    def fault(self) -> Fault | None:
        """The fault that the reasons name; None when all is well."""
        for start, fault in _REASONS:
            if any(reason.startswith(start) for reason in self.reasons):
                return fault
        return Fault.ERROR if any(r.endswith("-error") for r in self.reasons) else None

    def without(self, excused: frozenset[str]) -> QueueState:
        """The same without some of its reasons."""
        return replace(self, reasons=tuple(r for r in self.reasons if r not in excused))

    @property
    def near_end(self) -> bool:
        """Whether the roll is nearly used up."""
        return any(reason.startswith("media-low") for reason in self.reasons)


class CupsQueue:
    """The queue ``name``. Deadlines are moments of ``time.monotonic()``.

    Each call raises PrinterUnreachable where CUPS refuses or is not there, PrinterDeadline
    where it does not answer in time.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._user = _user()

    def state(self, deadline: float) -> QueueState:
        """How the queue's printer is."""
        lines = self._run(["lpstat", "-l", "-p", self.name], deadline).splitlines()
        alerts = [line.partition(":")[2] for line in lines if line.startswith("\tAlerts:")]
        reasons = tuple(r for r in " ".join(alerts).replace(",", " ").split() if r != "none")
        said = [line.strip() for line in lines[1:2] if not line.startswith("\tForm mounted")]
        return QueueState(reasons, " ".join((*said, *reasons)))

    def submit(self, data: bytes, deadline: float) -> str:
        """Hand over a job, as it is; its id."""
        said = self._run(["lp", "-d", self.name, "-o", "raw", "-t", "kiosk", "-"], deadline, data)
        found = re.search(rf"request id is ({re.escape(self.name)}-[0-9]+)", said)
        if found is None:
            raise PrinterUnreachable(f"{self.name}: CUPS did not say which job it took")
        return found[1]

    def waiting(self, deadline: float) -> tuple[str, ...]:
        """The jobs of this user that are not done."""
        return tuple(self._jobs("not-completed", deadline))

    def completed(self, job: str, deadline: float) -> bool:
        """Whether CUPS has handed all of ``job`` to the printer."""
        said = self._jobs("completed", deadline).get(job)
        if said is None or any(word in said for word in _GIVEN_UP):
            return False
        return job_state(int(job.rpartition("-")[2]), deadline) in (COMPLETED, None)

    def cancel(self, jobs: tuple[str, ...], deadline: float) -> None:
        """Take ``jobs`` out of the queue."""
        if jobs:
            self._run(["cancel", *jobs], deadline)

    def _jobs(self, which: str, deadline: float) -> dict[str, str]:
        """Jobs of this user, with all that is said of each."""
        command = ["lpstat", "-l", "-W", which, "-u", self._user]
        jobs: dict[str, str] = {}
        job = ""
        for line in self._run(command, deadline).splitlines():
            if not line.startswith("\t"):
                job = line.split(" ", 1)[0]
            if re.fullmatch(rf"{re.escape(self.name)}-[0-9]+", job):
                jobs[job] = jobs.get(job, "") + line
        return jobs

    def _run(self, command: list[str], deadline: float, data: bytes = b"") -> str:
        program = shutil.which(command[0])
        if program is None:
            raise PrinterUnreachable(f"{command[0]} is missing; install it (Debian: cups-client)")
        left_s = min(COMMAND_S, deadline - time.monotonic())
        try:
            done = subprocess.run(
                [program, *command[1:]],
                input=data,
                capture_output=True,
                check=False,
                timeout=max(0.01, left_s),
                env={**os.environ, "LC_ALL": "C", "LANGUAGE": "C"},
            )
        except subprocess.TimeoutExpired as error:
            raise PrinterDeadline(f"{self.name}: CUPS does not answer") from error
        except OSError as error:
            raise PrinterUnreachable(f"{command[0]}: {error.strerror}") from error
        if done.returncode:
            said = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
            raise PrinterUnreachable(said or f"{self.name}: CUPS refused")
        return done.stdout.decode("utf-8", "replace")


def _user() -> str:
    """Whose jobs these are: CUPS goes by the name of the process's user."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
