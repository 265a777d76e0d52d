"""A raw queue of CUPS, through the commands ``lp``, ``lpstat`` and ``cancel``.

Each command runs without a shell, in the C locale, and is killed at its deadline. Job and printer
reasons: lpstat(1) with ``-l`` ("Alerts") and RFC 8011, 5.3.8 and 5.4.12.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass, replace

from kiosk.deadline import Deadline
from kiosk.domain.delivery import Fault
from kiosk.errors import PrinterDeadline, PrinterUnreachable
from kiosk.messages import reason
from kiosk.printing.ipp import COMPLETED, job_state

COMMAND_S = 2.0
"""Limit for one command of CUPS; they answer within milliseconds."""

_GIVEN_UP = ("canceled", "aborted")
"""Reasons of a job that was not sent. With the error policy ``abort-job``, lpstat of CUPS 2.4
does not show them; ``completed`` asks for the job's state as well."""

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
"""Beginnings of a printer's reasons; the fault to mend first comes first."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """State of the queue's printer in CUPS: its reasons, and one line for staff."""

    reasons: tuple[str, ...]
    detail: str = ""

    @property
    def fault(self) -> Fault | None:
        """The fault that the reasons name; None without a fault."""
        for start, fault in _REASONS:
            if any(reason.startswith(start) for reason in self.reasons):
                return fault
        return Fault.ERROR if any(r.endswith("-error") for r in self.reasons) else None

    def without(self, ignored: frozenset[str]) -> QueueState:
        """The same state without the reasons in ``ignored``."""
        return replace(self, reasons=tuple(r for r in self.reasons if r not in ignored))

    @property
    def near_end(self) -> bool:
        """Whether the paper is nearly used up."""
        return any(reason.startswith("media-low") for reason in self.reasons)


class CupsQueue:
    """The queue ``name``.

    Each call raises PrinterUnreachable when CUPS refuses or is missing, PrinterDeadline when it
    does not answer in time.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._user = _user()

    def state(self, deadline: Deadline) -> QueueState:
        """Ask for the state of the queue's printer."""
        lines = self._run(["lpstat", "-l", "-p", self.name], deadline).splitlines()
        alerts = [line.partition(":")[2] for line in lines if line.startswith("\tAlerts:")]
        reasons = tuple(r for r in " ".join(alerts).replace(",", " ").split() if r != "none")
        output = [line.strip() for line in lines[1:2] if not line.startswith("\tForm mounted")]
        return QueueState(reasons, " ".join((*output, *reasons)))

    def submit(self, data: bytes, deadline: Deadline) -> str:
        """Hand over ``data`` unchanged as one job. Returns the job's id (``QUEUE-NUMBER``)."""
        output = self._run(["lp", "-d", self.name, "-o", "raw", "-t", "kiosk", "-"], deadline, data)
        found = re.search(rf"request id is ({re.escape(self.name)}-[0-9]+)", output)
        if found is None:
            raise PrinterUnreachable("cups.no_job", name=self.name)
        return found[1]

    def waiting(self, deadline: Deadline) -> tuple[str, ...]:
        """The ids of this user's jobs that are not finished."""
        return tuple(self._jobs("not-completed", deadline))

    def completed(self, job: str, deadline: Deadline) -> bool:
        """Whether CUPS has sent all of ``job`` to the printer."""
        output = self._jobs("completed", deadline).get(job)
        if output is None or any(word in output for word in _GIVEN_UP):
            return False
        return job_state(int(job.rpartition("-")[2]), deadline) in (COMPLETED, None)

    def cancel(self, jobs: tuple[str, ...], deadline: Deadline) -> None:
        """Remove ``jobs`` from the queue."""
        if jobs:
            self._run(["cancel", *jobs], deadline)

    def _jobs(self, which: str, deadline: Deadline) -> dict[str, str]:
        """This user's jobs: id to all lines that lpstat prints about it."""
        command = ["lpstat", "-l", "-W", which, "-u", self._user]
        jobs: dict[str, str] = {}
        job = ""
        for line in self._run(command, deadline).splitlines():
            if not line.startswith("\t"):
                job = line.split(" ", 1)[0]
            if re.fullmatch(rf"{re.escape(self.name)}-[0-9]+", job):
                jobs[job] = jobs.get(job, "") + line
        return jobs

    def _run(self, command: list[str], deadline: Deadline, data: bytes = b"") -> str:
        program = shutil.which(command[0])
        if program is None:
            raise PrinterUnreachable("cups.missing", name=command[0])
        try:
            done = subprocess.run(
                [program, *command[1:]],
                input=data,
                capture_output=True,
                check=False,
                timeout=max(0.01, min(COMMAND_S, deadline.left())),
                env={**os.environ, "LC_ALL": "C", "LANGUAGE": "C"},
            )
        except subprocess.TimeoutExpired as error:
            raise PrinterDeadline("cups.silent", name=self.name) from error
        except OSError as error:
            raise PrinterUnreachable(
                "printer.failed", name=command[0], why=reason(error)
            ) from error
        if done.returncode:
            output = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
            raise PrinterUnreachable(output or "cups.refused", name=self.name)
        return done.stdout.decode("utf-8", "replace")


def _user() -> str:
    """The name of the process's user, by which CUPS knows the owner of a job."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
