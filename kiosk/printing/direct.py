"""A printer that the kiosk speaks to itself, over one kept connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, PrintResult, Proof
from kiosk.domain.health import UNRESPONSIVE, Capabilities, PrinterHealth, no_job_waiting
from kiosk.domain.printer_hold import Released
from kiosk.domain.slip import Slip
from kiosk.errors import PrinterError, PrinterPreempted
from kiosk.messages import Message, Text
from kiosk.printing import slip_time
from kiosk.printing.capabilities import survey
from kiosk.printing.encoder import SlipEncoder
from kiosk.printing.job_result import fault_of, frame_job, job_result
from kiosk.printing.mouth import Mouth, MouthWatch
from kiosk.printing.paper import RollEstimate
from kiosk.printing.profile import ProfileFile
from kiosk.printing.session import NEVER, PrinterSession
from kiosk.printing.slip_time import SlipTime
from kiosk.printing.status_protocol import RESET, new_ident
from kiosk.printing.transport import Transport

FRESH_S = 1.5
"""A printer found well this recently is not asked again before a slip. The time that it took to
answer is added, for slow printers."""

COSTLY_S = 0.1
"""A printer that takes longer than this to answer is not asked again while a visitor waits and its
last answer is fresh."""

PROBE_S = 7.5
"""Limit for all questions of one probe, without the connection."""

SURVEY_S = 10.0
"""Limit for all questions of a survey, without the connection."""

LEAST_S = 1.0
"""A slip is not begun with less time than this before its deadline."""

SEPARATOR = RESET + b"\x1bd\x04\x1dVB\x00"
"""Sent before the first job after a broken one: reset, feed of four lines, cut."""

SEPARATOR_MM = 15.0
"""Paper that the separator moves, without the feed to the cutter."""


@dataclass(frozen=True, slots=True)
class LastProbe:
    """The last answer about the printer's state.

    ``at_s``: when it came (monotonic), NEVER where it counts no more. ``took_s``: how long the
    printer took, or had taken when the probe was preempted.
    """

    health: PrinterHealth
    at_s: float = NEVER
    took_s: float = 0.0

    @property
    def age_s(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self.at_s


class DirectPrinter:
    """See ``kiosk.printer.Printer``. A lock serialises the calls of several threads."""

    def __init__(
        self,
        settings: PrinterSettings,
        transport: Transport,
        encoder: SlipEncoder,
        now: Callable[[], datetime],
        suspect: bool = False,
        profiles: ProfileFile | None = None,
    ) -> None:
        self._settings = settings
        self._encoder = encoder
        self._now = now
        self._lock = threading.Lock()
        self._session = PrinterSession(settings, transport, suspect, profiles or ProfileFile(None))
        self._last = LastProbe(PrinterHealth(level=self._session.level, held=suspect))
        self._mouth = MouthWatch()
        self._roll = RollEstimate()
        # Set by any thread, applied by the thread that holds the lock.
        self._release_requested = False
        # Whether the printer sent automatic status with the last job.
        self._reported = False

    # -- the port -------------------------------------------------------------------------

    def probe(self, job_waiting: Callable[[], bool] = no_job_waiting) -> PrinterHealth:
        """See Printer."""
        if not self._lock.acquire(blocking=False):
            return self._last.health
        session = self._session
        session.job_waiting = job_waiting
        try:
            deadline = Deadline.after(self._settings.connect_s + PROBE_S)
            if self._ask(deadline, thorough=True).fault not in UNRESPONSIVE:
                self._look_at_mouth(deadline)
            self._encoder.warm_up()
        except PrinterPreempted:
            # The last health stays valid; the next probe asks again.
            pass
        finally:
            session.job_waiting = no_job_waiting
            self._lock.release()
        return self._last.health

    def print(self, slip: Slip) -> PrintResult:
        """See Printer."""
        deadline = Deadline.after(self._settings.deadline_s)
        if not self._lock.acquire(timeout=self._settings.deadline_s):
            return self._not_printed(Fault.WEDGED, Message("job.under_way"))
        try:
            return self._print(slip, deadline)
        finally:
            self._lock.release()

    def survey(self) -> Capabilities:
        """See Printer."""
        with self._lock:
            try:
                deadline = Deadline.after(self._settings.connect_s + SURVEY_S)
                return survey(self._session, deadline)
            except PrinterError as error:
                self._session.disconnect(error)
                return Capabilities()

    def release(self) -> None:
        """See Printer."""
        if not self._session.hold.may_print:
            self._release_requested = True

    def relearn(self) -> None:
        """See Printer."""
        with self._lock:
            self._session.forget()

    def close(self) -> None:
        """See Printer."""
        with self._lock:
            self._session.disconnect()

    # -- asking ---------------------------------------------------------------------------

    def _ask(self, deadline: Deadline, *, thorough: bool) -> PrinterHealth:
        """Ask for the printer's state and remember it. Raises PrinterPreempted only."""
        fault: Fault | None = None
        near_end = False
        detail: Text = ""
        self._apply_release()
        begun_s = time.monotonic()
        try:
            status = self._session.query(deadline, thorough=thorough)
            if status is not None:
                fault, near_end = status.fault, status.near_end
        except PrinterPreempted:
            took_s = max(self._last.took_s, time.monotonic() - begun_s)
            self._last = replace(self._last, took_s=took_s)
            raise
        except PrinterError as error:
            fault, detail = fault_of(error), error.message
            self._session.disconnect(error)
        if fault is Fault.MUTE:
            self._session.mute()
        if fault not in UNRESPONSIVE:
            self._roll.sensor(near_end=near_end)
        health = self._health(fault, detail, near_end=near_end)
        now_s = time.monotonic()
        self._last = LastProbe(health, now_s, now_s - begun_s)
        return health

    def _look_at_mouth(self, deadline: Deadline) -> None:
        """Whether a slip hangs there; one that is not taken in time is removed.

        Without an answer what is known of the mouth stays.
        """
        session, before = self._session, self._mouth
        try:
            occupied = session.slip_in_mouth(deadline) if session.connected else None
            if occupied is not None:
                self._mouth = before.seen(
                    occupied=occupied, now_s=time.monotonic(), limit_s=self._settings.mouth_s
                )
            if self._mouth.not_taken > before.not_taken:
                session.remove_slip(deadline)
        except PrinterPreempted:
            raise
        except PrinterError as error:
            session.disconnect(error)
        self._last = replace(self._last, health=self._with_mouth(self._last.health))

    def _with_mouth(self, health: PrinterHealth) -> PrinterHealth:
        """``health`` with what is known of the mouth."""
        return replace(
            health,
            has_mouth=self._session.mouth is not Mouth.NONE,
            in_mouth=self._mouth.occupied,
            not_taken=self._mouth.not_taken,
        )

    def _health(self, fault: Fault | None, detail: Text, *, near_end: bool) -> PrinterHealth:
        health = PrinterHealth(
            level=self._session.level,
            fault=fault,
            near_end=near_end,
            at=self._now(),
            detail=detail,
            held=not self._session.hold.may_print,
            cleared=self._session.hold.cleared_number,
            slips_left=self._roll.slips_left,
        )
        return self._with_mouth(health)

    # -- printing -------------------------------------------------------------------------

    def _print(self, slip: Slip, deadline: Deadline) -> PrintResult:
        self._apply_release()
        session = self._session
        if not session.hold.may_print:
            return self._not_printed(Fault.HELD_BACK, Message("job.held"))
        fault = self._fault_before_job(deadline)
        if fault is not None:
            return self._not_printed(fault, self._last.health.detail)
        try:
            encoded = self._encoder.encode(slip, session.level)
        except PrinterError as error:
            return self._not_printed(Fault.ERROR, error.message)
        if deadline.left() < min(LEAST_S, self._settings.deadline_s / 4):
            return self._not_printed(Fault.MUTE, Message("job.too_slow"))
        level, ident = session.level, new_ident()
        separator = SEPARATOR if session.hold.separate_paper else b""
        job = separator + frame_job(encoded, level, ident, session.mouth)
        already_sent = session.transport.sent
        session.protocol.clear_replies()
        answer_s = session.least_answer_s
        begun_s = time.monotonic()
        try:
            session.transport.write_all(job, deadline)
            time_of_slip = SlipTime(begun_s, time.monotonic(), encoded.length_mm, answer_s)
            result, early = job_result(
                session.protocol,
                level,
                ident,
                deadline,
                time=time_of_slip,
                profile=session.profile,
                reported_before=self._reported,
            )
        except PrinterError as error:
            if session.transport.sent - already_sent <= len(separator):
                # Nothing of the slip itself has left the kiosk.
                session.disconnect(error)
                return self._not_printed(fault_of(error), error.message)
            result, early = PrintResult.uncertain(fault_of(error), error.message, level), False
        self._reported = session.protocol.reported
        if not result.is_printed:
            return self._begin_hold(len(job), encoded.length_mm, result)
        if early:
            session.learn(early=True)
        session.job_printed(len(job), proven=result.proof is Proof.CONFIRMED)
        self._last = replace(self._last, at_s=time.monotonic())
        self._roll.printed(encoded.length_mm)
        return result

    def _fault_before_job(self, deadline: Deadline) -> Fault | None:
        """Whether a slip may be sent now; asks again only where the last answer is too old."""
        session, last = self._session, self._last
        known = session.connected and session.knows_level
        fresh = known and last.age_s < FRESH_S + last.took_s
        if fresh and last.health.fault and last.took_s > COSTLY_S:
            return last.health.fault
        if fresh and last.health.well:
            try:
                session.protocol.drain()
            except PrinterError as error:
                session.disconnect(error)
            else:
                if not session.protocol.reported_faults:
                    return None
        health = self._ask(deadline, thorough=False)
        return Fault.HELD_BACK if health.held else health.fault

    def _begin_hold(self, job_bytes: int, length_mm: float, result: PrintResult) -> PrintResult:
        """After an uncertain job: send nothing more until the printer is clear."""
        job_s = (SEPARATOR_MM + length_mm) / slip_time.SLOWEST_MM_S
        self._session.abort(job_bytes, job_s)
        self._release_requested = False
        near_end = self._last.health.near_end
        health = self._health(result.fault, result.detail, near_end=near_end)
        self._last = replace(
            self._last,
            health=replace(health, level=result.level, slips_left=None),
            at_s=time.monotonic(),
        )
        return replace(result, hold=self._session.hold.number)

    def _apply_release(self) -> None:
        if self._release_requested:
            self._release_requested = False
            self._session.apply(Released())
            self._last = replace(self._last, at_s=NEVER)

    def _not_printed(self, fault: Fault, detail: Text) -> PrintResult:
        return PrintResult.not_printed(fault, detail, self._session.level)
