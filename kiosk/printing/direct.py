"""A printer that the kiosk speaks to itself, over one kept connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.health import Capabilities, PrinterHealth, never
from kiosk.domain.slip import Slip
from kiosk.errors import PrinterDeadline, PrinterError, PrinterUnreachable, PrinterWanted
from kiosk.messages import Text
from kiosk.printing import encoder
from kiosk.printing.capabilities import survey
from kiosk.printing.job_result import fault_of, framed, job_result
from kiosk.printing.nv_graphics import NvGraphics
from kiosk.printing.roll import Roll
from kiosk.printing.status_protocol import StatusProtocol, new_ident
from kiosk.printing.transport import Transport

FRESH_S = 1.5
"""A printer found well so recently is not asked again before a slip; a slow one, so much longer
as it takes to answer."""

SLOW_S = 0.1
"""A printer whose state takes longer to ask for is not asked again while a visitor waits and
what it has said is fresh."""

DEAD_S = 5.0
"""A printer that did not answer so recently is not waited for again by a visitor."""

PROBE_S = 4.5
"""For all questions of one probe, the connection aside."""

PICTURE_S = 6.0
"""For one picture on its way into the printer's memory."""

MEMORY_AGAIN_S = 30.0
"""How often a printer that keeps pictures is asked which, on a connection that stands: others may
delete them, and on a serial line another printer shows by nothing else."""

SURVEY_S = 10.0
"""For all questions of a survey, the connection aside."""

LEAST_S = 1.0
"""A slip is not begun with less time than this before its deadline."""

BLIND_AGAIN_S = 15.0
"""How often a printer that has never answered is asked whether it does now."""

NEVER = float("-inf")

PRELUDE = b"\x1b@\x1bd\x04\x1dVB\x00"
"""Before the first job after a broken one: reset, feed, cut."""

LONGEST_COMMAND = 512
"""Bytes of the longest command of a slip without raster: the data of a QR code."""

_MEMORY = (Level.PROCESS_ID, Level.QUEUED_STATUS)
"""Levels at which a printer may keep pictures and says which it keeps."""

_DEAD = (Fault.UNREACHABLE, Fault.MUTE, Fault.GARBLED)

T = TypeVar("T")


class DirectPrinter:
    """See Printer. Each call takes its turn; whoever comes while a slip is under way waits."""

    def __init__(
        self,
        settings: PrinterSettings,
        transport: Transport,
        graphics: NvGraphics,
        now: Callable[[], datetime],
        suspect: bool = False,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._wanted = never
        self._protocol = StatusProtocol(transport)
        self._graphics = graphics
        self._now = now
        self._lock = threading.Lock()
        self._fixed = None if settings.level == "auto" else Level(settings.level)
        self._level: Level | None = self._fixed
        self._level_proved = False
        # Whether it told its state of its own accord during the last job.
        self._watches = False
        self._connected = False
        self._has_answered = False
        self._asked_at = NEVER
        # What the last look took, or has taken when it was broken off.
        self._look_s = 0.0
        self._blind_at = 0.0
        self._health = PrinterHealth(level=self._level or Level.BLIND, held=suspect)
        self._held = suspect
        self._cleared = False
        self._released = False
        self._holds = self._cleared_hold = 0
        self._roll, self._to_measure = Roll(), b""
        # The last job may have ended anywhere: the next one begins on paper of its own.
        self._suspect = suspect
        # Bytes that the printer may still be waiting for.
        self._unfinished = max(LONGEST_COMMAND if suspect else 0, graphics.under_way)
        # Bytes of the last job, where nothing at all is known of its end.
        self._unproved = 0
        # Bytes that a flush completed, until a slip has come out after it.
        self._flushed = 0
        self._memory_known = self._has_memory = False
        self._memory_asked_at = NEVER

    # -- the port ---------------------------------------------------------------------

    def probe(self, wanted: Callable[[], bool] = never) -> PrinterHealth:
        """See Printer."""
        if not self._lock.acquire(blocking=False):
            return self._health
        self._wanted = wanted
        try:
            self._probe()
        except PrinterWanted:
            # What was known stays, and is asked again when there is time.
            pass
        finally:
            self._wanted = never
            self._lock.release()
        return self._health

    def _probe(self) -> None:
        health = self._look(_in(self._settings.connect_s + PROBE_S), thorough=True)
        encoder.warm_up()
        if health.well:
            self._store_pictures()
        if self._to_measure:
            kept = self._graphics.kept()
            self._roll.use(self._to_measure, self._settings.paper_mm, kept)
            self._to_measure = b""

    def print(self, slip: Slip) -> PrintResult:
        """See Printer."""
        deadline = _in(self._settings.deadline_s)
        if not self._lock.acquire(timeout=self._settings.deadline_s):
            return self._not_printed(Fault.WEDGED, "another slip is still under way")
        try:
            return self._print(slip, deadline)
        finally:
            self._lock.release()

    def survey(self) -> Capabilities:
        """See Printer."""
        with self._lock:
            deadline = _in(self._settings.connect_s + SURVEY_S)
            try:
                self._connect(deadline)
                if not self._transport.two_way:
                    return Capabilities()
                return survey(lambda ask: self._ask_alone(ask, deadline), deadline)
            except PrinterError:
                self._disconnect()
                return Capabilities()

    def _ask_alone(self, question: Callable[[StatusProtocol], T], deadline: float) -> T:
        """Its answer; after it, no older one can come any more."""
        answer = question(self._protocol)
        self._renew(deadline)
        return answer

    def release(self) -> None:
        """See Printer."""
        if self._held:
            self._released = True

    def close(self) -> None:
        """See Printer."""
        with self._lock:
            self._disconnect()

    # -- asking -----------------------------------------------------------------------

    def _look(self, deadline: float, *, thorough: bool) -> PrinterHealth:
        """Find out how the printer is, and remember it."""
        fault: Fault | None = None
        near_end, detail = False, ""
        self._end_hold_if_released()
        begun = time.monotonic()
        try:
            fault, near_end = self._ask_again(deadline, thorough=thorough)
        except PrinterWanted:
            self._look_s = max(self._look_s, time.monotonic() - begun)
            raise
        except PrinterError as error:
            fault, detail = fault_of(error), str(error)
            self._disconnect()
        self._asked_at = time.monotonic()
        self._look_s = self._asked_at - begun
        if fault not in _DEAD:
            self._roll.see(near_end=near_end)
        self._health = PrinterHealth(
            self._level or Level.BLIND,
            fault,
            near_end,
            self._now(),
            detail,
            self._held,
            self._cleared_hold,
            self._roll.slips_left,
        )
        return self._health

    def _ask_again(self, deadline: float, *, thorough: bool) -> tuple[Fault | None, bool]:
        """Ask; once more where a kept connection turns out to have ended while idle."""
        kept = self._connected
        try:
            return self._ask_all(deadline, thorough=thorough)
        except PrinterUnreachable:
            self._disconnect()
            if not kept:
                raise
            return self._ask_all(deadline, thorough=thorough)

    def _ask_all(self, deadline: float, *, thorough: bool) -> tuple[Fault | None, bool]:
        self._connect(deadline)
        self._protocol.forget()
        if not self._speaks(thorough=thorough):
            self._level = Level.BLIND
            # Nothing to ask, but a connection that has ended says so.
            self._protocol.hush()
            return None, False
        if self._held and not self._cleared:
            self._cleared = self._protocol.clear(deadline)
            self._renew(deadline)
        if not self._has_answered and self._level is None:
            if not self._protocol.answers(deadline):
                self._renew(deadline)
                self._blind_at = time.monotonic()
                self._level = Level.BLIND
                return None, False
            self._has_answered = True
        status = self._protocol.status(deadline)
        self._has_answered = True
        if self._held and self._cleared and status.fault is None:
            self._held = False
            self._cleared_hold = self._holds
        unknown = self._level is None or (thorough and not self._level_proved)
        if status.fault is None and not self._held and unknown and self._fixed is None:
            self._find_level(deadline)
        return status.fault, status.near_end

    def _speaks(self, *, thorough: bool) -> bool:
        """Whether this printer is to be asked at all; a silent one only now and then."""
        if not self._transport.two_way or self._fixed is Level.BLIND:
            return False
        if self._fixed is None and self._level is Level.BLIND and not self._has_answered:
            if not thorough or time.monotonic() - self._blind_at < BLIND_AGAIN_S:
                return False
            self._level = None
        return True

    def _find_level(self, deadline: float) -> None:
        """The highest level at which the printer, well at this moment, keeps its word."""
        if self._protocol.echoes(deadline):
            self._level = Level.PROCESS_ID
        else:
            self._renew(deadline)
            self._level = Level.QUEUED_STATUS if self._protocol.senses(deadline) else Level.STATUS
            self._renew(deadline)
        self._level_proved = True

    def _store_pictures(self) -> None:
        """Bring the printer's memory up to date, if it has one and says so afterwards."""
        if not self._transport.two_way or self._level not in _MEMORY or not self._graphics.wanted:
            return
        try:
            aged = time.monotonic() - self._memory_asked_at > MEMORY_AGAIN_S
            if not self._memory_known or (self._has_memory and aged):
                self._ask_memory(patient=self._memory_known)
            # A picture on its way into the memory is not broken off, but a slip goes before
            # the next one.
            wanted, self._wanted = self._wanted, never
            for command in self._graphics.changes(self._now) if self._has_memory else ():
                # Until the printer has answered after it, it may be waiting for the rest.
                self._unfinished = max(self._unfinished, len(command))
                self._memory_known = False
                self._transport.write_all(command, _in(PICTURE_S))
                if wanted():
                    return
            if not self._memory_known:
                self._ask_memory(patient=True)
        except PrinterWanted:
            raise
        except PrinterError:
            self._disconnect()

    def _ask_memory(self, *, patient: bool = False) -> None:
        keys = self._protocol.keys(_in(PROBE_S), patient=patient)
        self._memory_asked_at = time.monotonic()
        self._memory_known, self._has_memory = True, keys is not None
        if keys is None:
            self._graphics.forget()
        else:
            self._unfinished = 0
            self._graphics.heard(keys)
        self._renew(_in(PROBE_S))

    # -- printing ---------------------------------------------------------------------

    def _print(self, slip: Slip, deadline: float) -> PrintResult:
        self._end_hold_if_released()
        if self._held:
            return self._not_printed(Fault.HELD_BACK, "an earlier slip is uncertain")
        fault = self._fault_before_job(deadline)
        if fault is not None:
            return self._not_printed(fault, self._health.detail)
        # Encoded only now: a new connection may lead to a printer without the logo.
        try:
            encoded = encoder.encode(
                slip, self._settings.paper_mm, self._settings.code_page, self._graphics.commands
            )
        except PrinterError as error:
            return self._not_printed(Fault.ERROR, str(error))
        if deadline - time.monotonic() < min(LEAST_S, self._settings.deadline_s / 4):
            return self._not_printed(Fault.MUTE, "too slow to begin a slip in time")
        level = self._level or Level.BLIND
        ident = new_ident()
        prelude = PRELUDE if self._suspect else b""
        job = prelude + framed(encoded, level, ident)
        already = self._transport.sent
        self._protocol.forget()
        try:
            self._transport.write_all(job, deadline)
            result = job_result(self._protocol, level, ident, deadline, told_before=self._watches)
        except PrinterError as error:
            fault = fault_of(error)
            if self._transport.sent - already <= len(prelude):
                self._disconnect()
                return self._not_printed(fault, str(error))
            result = PrintResult(Outcome.UNCERTAIN, level, fault, str(error))
        self._watches = self._protocol.watched
        if result.outcome is Outcome.PRINTED:
            self._suspect, self._flushed = False, 0
            self._unproved = len(job) if level is Level.BLIND else 0
            self._asked_at = time.monotonic()
            # Measured at the next idle look, when nobody waits.
            self._to_measure += encoded if self._roll.counting else b""
        else:
            self._hold(len(job), result)
            result = replace(result, hold=self._holds)
        return result

    def _fault_before_job(self, deadline: float) -> Fault | None:
        """Whether a slip may be sent now; asks again only where the answer has aged."""
        age = time.monotonic() - self._asked_at
        if self._health.fault in _DEAD and age < DEAD_S:
            return self._health.fault
        fresh = self._connected and self._level is not None and age < FRESH_S + self._look_s
        if fresh and self._health.fault and self._look_s > SLOW_S:
            return self._health.fault
        if fresh and self._health.well:
            try:
                self._protocol.hush()
            except PrinterError:
                self._disconnect()
            else:
                if not self._protocol.troubles:
                    return None
        health = self._look(deadline, thorough=False)
        return Fault.HELD_BACK if health.held else health.fault

    def _flush(self, deadline: float) -> None:
        """Complete the command that a broken job may have ended in.

        As many NULs as the job had bytes: data of that command, and nothing otherwise.
        Before any question, which would be taken for its data.
        """
        if self._unfinished:
            self._transport.write_all(bytes(self._unfinished), deadline)
            self._flushed, self._unfinished = self._unfinished, 0

    def _hold(self, length: int, result: PrintResult) -> None:
        """Nothing more goes to the printer until it is clear (design.md, printer fails)."""
        self._held, self._cleared, self._released = True, False, False
        self._suspect, self._unfinished = True, length
        self._holds += 1
        self._transport.close(discard=True)
        self._connected = False
        self._health = PrinterHealth(
            result.level,
            result.fault,
            self._health.near_end,
            self._now(),
            result.detail,
            True,
            self._cleared_hold,
        )
        self._asked_at = time.monotonic()

    def _end_hold_if_released(self) -> None:
        if self._released:
            self._held = self._released = False
            self._asked_at = NEVER

    def _not_printed(self, fault: Fault, detail: Text) -> PrintResult:
        return PrintResult(Outcome.NOT_PRINTED, self._level or Level.BLIND, fault, detail)

    # -- the connection ---------------------------------------------------------------

    def _connect(self, deadline: float) -> None:
        if self._connected and self._protocol.stale:
            self._disconnect()
        if self._connected:
            return
        try:
            self._transport.open(min(deadline, _in(self._settings.connect_s)))
        except PrinterDeadline as error:
            raise PrinterUnreachable(str(error)) from error
        self._protocol = StatusProtocol(self._transport, lambda: self._wanted())
        self._connected = True
        if self._transport.remembers and self._transport.two_way:
            self._protocol.settle(deadline)
        self._level_proved = self._memory_known = False
        self._graphics.forget()
        self._flush(deadline)

    def _renew(self, deadline: float) -> None:
        """Connect anew where an answer may still be under way; what is known stays."""
        if self._protocol.stale:
            known, keys = (self._level_proved, self._memory_known), self._graphics.keys
            self._disconnect()
            self._connect(deadline)
            self._level_proved, self._memory_known = known
            self._graphics.keys = keys

    def _disconnect(self) -> None:
        # A job that was said to be sent may still be on its way: never thrown away here.
        self._transport.close(discard=self._held)
        self._connected = False
        # The printer may never have seen the flush.
        self._unfinished, self._flushed = max(self._unfinished, self._flushed), 0
        if self._unproved:
            # A blind printer cannot say where its last job ended: begin on fresh paper.
            self._suspect, self._unfinished, self._unproved = True, self._unproved, 0


def _in(seconds: float) -> float:
    return time.monotonic() + seconds
