"""One kept connection to a printer, and what the printer was found to be able to do over it.

``PrinterSession`` connects, asks and disconnects; ``DirectPrinter`` decides when. What a broken
job left in the printer is in ``hold`` (``kiosk.domain.printer_hold``), because it decides what
must be sent first on a new connection.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, TypeVar

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level
from kiosk.domain.health import no_job_waiting
from kiosk.domain.printer_hold import (
    BufferCleared,
    ConnectionLost,
    FoundWell,
    HoldEvent,
    JobPrinted,
    JobUncertain,
    PaddingSent,
    PrinterHold,
    step,
)
from kiosk.errors import PrinterDeadline, PrinterError, PrinterUnreachable
from kiosk.printing.mouth import IN_OUTPUT, REMOVE, FullStatusAnswers, Mouth
from kiosk.printing.profile import PrinterProfile, ProfileFile
from kiosk.printing.replies import PrinterStatus
from kiosk.printing.status_protocol import StatusProtocol
from kiosk.printing.transport import ENDED, Transport

FIND_PATIENCE = 2.5
"""Factor on the time for an answer while the printer's abilities are searched for."""

UNKNOWN_JOB_S = 1.0
"""Time for the slip of an earlier process, whose length is not known: 150 mm at 150 mm/s."""

SILENT_IN_ORDER_S = 10.0
"""A printer of level A or B that has no fault and does not answer in order for this long after a
hold: it is another printer, or its level is set too high. It must print again all the same."""

SLOWEST_ANSWER_S = 5.0
"""No printer is waited for longer than this for one answer."""

CLEAR_TRIES = 2
"""How often in one hold a printer that never confirmed a cleared buffer is asked to clear it."""

RELEARN_S = 120.0
"""Silence of a printer that has answered before, after which it is taken for another one."""

BLIND_AGAIN_S = 15.0
"""How often a printer that has never answered is asked again whether it does."""

LONGEST_COMMAND = 512
"""Limit in bytes for one command of a slip: the data of a QR code, or a strip of the logo."""

SLOW_SLIP_S = 10.0
"""A slip of 150 mm from the slowest printer (15 mm/s) is out after this time."""

NEVER = float("-inf")

T = TypeVar("T")


class PrinterSession:
    """Owns the transport, the protocol over it and what is known of the printer.

    Used by one thread at a time. Each method raises PrinterError when the connection or the
    printer fails; the caller then calls ``disconnect``.
    """

    def __init__(
        self,
        settings: PrinterSettings,
        transport: Transport,
        suspect: bool,
        profiles: ProfileFile,
    ) -> None:
        self._settings = settings
        self.transport = transport
        self.protocol = StatusProtocol(transport)
        self.job_waiting: Callable[[], bool] = no_job_waiting
        self.connected = False
        # The level of the settings, which is never searched for; None for ``auto``.
        self._fixed = None if settings.level == "auto" else Level(settings.level)
        self._profiles = profiles
        self.profile = profiles.get(transport.name)
        # Whether the level was found on this connection.
        self._verified = False
        # When the printer last did not answer the first question, and since when it has had no
        # fault, and has been silent (monotonic).
        self._blind_at_s = NEVER
        self._well_since_s = math.inf
        self._job_s = UNKNOWN_JOB_S
        self._mute_since_s = math.inf
        # When a slip was last handed over without proof that it was printed, and when the printer
        # last answered (monotonic).
        self._unproven_s = self._answered_s = NEVER
        self._clear_tries = 0
        self._full = FullStatusAnswers()
        # The fault of the last status, on this connection.
        self._fault: Fault | None = None
        self.hold = PrinterHold.at_start(suspect=suspect, job_bytes=LONGEST_COMMAND)

    @property
    def level(self) -> Level:
        """The level at which jobs are judged; BLIND while it is unknown."""
        level = self._found_level or Level.BLIND
        return Level.STATUS if self.profile.early and level.proves else level

    @property
    def _found_level(self) -> Level | None:
        """The level that is set or was found, though its answers may come too early.

        Never one that proves while ``profile.full``: an answer to ``DLE EOT`` 1 without the fixed
        bits looks like the answer to ``GS r`` that would confirm a slip.
        """
        level = self._fixed or self.profile.level
        return Level.STATUS if self.profile.full and level is not Level.BLIND else level

    @property
    def mouth(self) -> Mouth:
        """How this printer tells of a slip that hangs in its mouth."""
        if self._settings.mouth != "auto":
            return Mouth(self._settings.mouth)
        return self.profile.mouth or Mouth.NONE

    def slip_in_mouth(self, deadline: Deadline) -> bool | None:
        """Whether a slip hangs in the mouth, as of now; None where the printer does not answer."""
        if self.mouth is Mouth.CUSTOM:
            answer = self._full_status(deadline)
            if self._settings.mouth == "auto" and self._full.unknown:
                # Another printer may be connected now: search again.
                self._full = FullStatusAnswers()
                self.learn(mouth=None)
            return None if answer is None else bool(answer[0] & IN_OUTPUT)
        return self.mouth is Mouth.CASHINO and self.protocol.in_mouth

    def _full_status(self, deadline: Deadline) -> bytes | None:
        """The answer to ``DLE EOT`` 20, counted."""
        answer = self.protocol.full_status(deadline)
        self._full = self._full.after(answered=answer is not None)
        return answer

    def _find_mouth(self, deadline: Deadline) -> None:
        """Find whether the printer answers ``DLE EOT`` 20; a lost answer leaves that unknown."""
        if self._full_status(deadline) is not None:
            self.learn(mouth=Mouth.CUSTOM)
        elif self._full.unknown:
            self.learn(mouth=Mouth.NONE)

    def remove_slip(self, deadline: Deadline) -> None:
        """Remove a slip that nobody takes, as the settings say, where the printer can."""
        if self.mouth is Mouth.CUSTOM:
            self.transport.write_all(REMOVE[self._settings.mouth_then], deadline)

    @property
    def least_answer_s(self) -> float:
        """The shortest time of any answer on this connection; of an earlier one without any."""
        found_s = self.protocol.least_s
        return found_s if math.isfinite(found_s) else self.profile.answer_s

    @property
    def knows_level(self) -> bool:
        """Whether the level was ever found, or is set."""
        return self._found_level is not None

    def learn(self, **found: Any) -> None:
        """Change the printer's record (``PrinterProfile``)."""
        self.profile = replace(self.profile, **found)
        self._profiles.put(self.transport.name, self.profile)
        self.protocol.adapt(self.profile)

    def forget(self) -> None:
        """Forget what the printer can do: another one may be connected there now."""
        self._verified, self._blind_at_s = False, NEVER
        self.learn(**asdict(PrinterProfile()))

    def apply(self, event: HoldEvent) -> None:
        """Advance the hold."""
        self.hold = step(self.hold, event)

    # -- the connection -----------------------------------------------------------------

    def connect(self, deadline: Deadline) -> None:
        """Connect where there is no connection, or only a stale one."""
        if self.connected and self.protocol.stale:
            self.disconnect(self.protocol.silence())
        if self.connected:
            return
        try:
            self.transport.open(deadline.sooner(self._settings.connect_s))
        except PrinterDeadline as error:
            # Without a connection it is not known whether the printer answers.
            message = error.message
            raise PrinterUnreachable(message.key, **dict(message.fields)) from error
        self.protocol = StatusProtocol(self.transport, lambda: self.job_waiting())
        self.protocol.adapt(self.profile)
        self.connected = True
        if self.transport.remembers and self.transport.two_way:
            self.protocol.drain_until_quiet(deadline)
        # Another printer may be connected now.
        self._verified, self._well_since_s, self._fault = False, math.inf, None
        # A search goes on over connections that end.
        keep = self.profile.mouth is None
        self._full = replace(self._full, answered=False) if keep else FullStatusAnswers()
        self._send_padding(deadline)

    def renew(self, deadline: Deadline) -> None:
        """Connect anew where a late answer may still come. What is known of the printer stays."""
        if self.protocol.stale:
            known = self._verified, self._well_since_s
            self.disconnect()
            self.connect(deadline)
            self._verified, self._well_since_s = known

    def disconnect(self, why: PrinterError | None = None) -> None:
        """Close. Bytes of a job that counts as sent still go out; those of a held one do not.

        ``why``: the failure, perhaps of the printer's power; None where the kiosk closes. A printer
        without power does not close a network connection in order.
        """
        self.transport.close(discard=not self.hold.may_print)
        self.connected = False
        closed = why is not None and why.message.key == ENDED and not self.transport.remembers
        failed = why is not None and not closed
        during_slip = failed and self._answered_s - self._unproven_s < SLOW_SLIP_S
        self.apply(ConnectionLost(during_slip=during_slip))

    def job_printed(self, job_bytes: int, *, proven: bool) -> None:
        """After a job of ``job_bytes`` that went well. ``proven``: the printer confirmed it."""
        self._answered_s = time.monotonic()
        self._unproven_s = NEVER if proven else self._answered_s
        self.apply(JobPrinted(job_bytes, answered=self.level is not Level.BLIND))

    def abort(self, job_bytes: int, job_s: float) -> None:
        """Close after a job of ``job_bytes`` whose end is unknown: its unsent rest is discarded.

        ``job_s``: seconds in which a slow printer prints it.
        """
        self.apply(JobUncertain(job_bytes))
        self._job_s = job_s
        self._clear_tries = 0
        self.transport.close(discard=True)
        self.connected = False

    def _send_padding(self, deadline: Deadline) -> None:
        """Complete a command that a broken job may have ended in.

        NUL bytes are data inside that command and do nothing otherwise. They go before the first
        question, which the printer would also take as data.
        """
        if self.hold.padding_due:
            self.transport.write_all(bytes(self.hold.padding_due), deadline)
            self.apply(PaddingSent())

    # -- status and level ---------------------------------------------------------------

    def query(self, deadline: Deadline, *, thorough: bool) -> PrinterStatus | None:
        """Ask for the status, connecting where needed; None from a printer that never answers.

        ``thorough`` also asks what takes longer: a silent printer whether it answers now, and the
        level on a new connection. Clears the printer's buffer during a hold.
        """
        was_connected = self.connected
        try:
            return self._query(deadline, thorough=thorough)
        except PrinterUnreachable as error:
            self.disconnect(error)
            # A kept connection may have ended while idle: try once more with a new one.
            if not was_connected:
                raise
            return self._query(deadline, thorough=thorough)

    def _query(self, deadline: Deadline, *, thorough: bool) -> PrinterStatus | None:
        self.connect(deadline)
        self.protocol.clear_replies()
        if not self._may_answer(thorough=thorough):
            # Nothing to ask, but this notices a connection that has ended.
            self.protocol.drain()
            if self.protocol.heard_status and self._fixed is None:
                # The answer to an earlier question: this printer is only slow.
                late_s = time.monotonic() - self._blind_at_s
                self.learn(level=None, status=True, answer_s=min(late_s, SLOWEST_ANSWER_S))
            self._settle()
            return None
        if self.hold.needs_clear and (self.profile.clears or self._clear_tries < CLEAR_TRIES):
            self._clear(deadline)
        unknown = self._fixed is None and self.profile.status is None
        if unknown and not self._find_status(deadline, thorough=thorough):
            return None
        if self._fixed is None and self.profile.status is False:
            self._query_by_echo(deadline, thorough=thorough)
            return None
        status = self._status(deadline, thorough=thorough)
        self._answered_s = time.monotonic()
        self._mute_since_s, self._fault = math.inf, status.fault
        self.learn(answer_s=self.protocol.longest_s)
        if self._clear_tries and self.profile.clears is None:
            # It answers, but not that its buffer is cleared: do not wait for that again.
            self.learn(clears=False)
        if self.protocol.in_mouth and self.mouth is not Mouth.CASHINO:
            self.learn(mouth=Mouth.CASHINO)
        if status.fault is not None:
            self._well_since_s = math.inf
            return status
        if self._must_ask_in_order() and (thorough or not self.knows_level):
            self._find_level(deadline, patience=FIND_PATIENCE if thorough else 1.0)
        unknown_mouth = self._settings.mouth == "auto" and self.profile.mouth is None
        # The search waits for an answer that most printers never give: not while slips are held.
        if thorough and unknown_mouth and self.hold.may_print:
            self._find_mouth(deadline)
        self._settle()
        return status

    def _status(self, deadline: Deadline, *, thorough: bool) -> PrinterStatus:
        """The printer's state.

        A printer with ``profile.full`` that does not answer ``DLE EOT`` 20 is asked ``DLE EOT`` 1
        once, and (``thorough``) one that has not answered on this connection the other way round.
        An answer comes from another printer than the one on record: the record is corrected.
        """
        try:
            echoes = self.level is Level.PROCESS_ID
            return self.protocol.status(deadline, after=self._fault, echoes=echoes)
        except PrinterDeadline:
            if self.profile.full:
                if not self.protocol.answers_status(deadline):
                    raise
                self.learn(full=False, mouth=None)
            else:
                heard = math.isfinite(self.protocol.least_s)
                if heard or not thorough or self.protocol.full_status(deadline) is None:
                    raise
                self.learn(level=Level.STATUS, status=True, full=True, mouth=Mouth.CUSTOM)
                self.renew(deadline)
        return self.protocol.status(deadline)

    def _may_answer(self, *, thorough: bool) -> bool:
        """Whether to ask at all: a printer that never answered is asked only now and then."""
        if not self.transport.two_way or self._fixed is Level.BLIND:
            return False
        if self._fixed is None and self.profile.level is Level.BLIND:
            if not thorough or time.monotonic() - self._blind_at_s < BLIND_AGAIN_S:
                return False
            self.learn(level=None, status=None)
        return True

    def _clear(self, deadline: Deadline) -> None:
        """Make the printer discard what it holds; where it does not confirm that, recover it.

        The confirmation of one that never gave it is not waited for again.
        """
        self._clear_tries += 1
        if self.profile.clears is not False and self.protocol.clear_buffer(deadline):
            self.apply(BufferCleared())
            self.learn(clears=True)
        else:
            self.protocol.recover(deadline)

    def _must_ask_in_order(self) -> bool:
        """Whether the level is not yet found, or an answer in order could end the hold.

        During the hold of a printer of level C the search would only delay its end. The level of
        a printer with ``profile.full`` is known.
        """
        if self.profile.full:
            return False
        known = self._found_level
        if self.hold.needs_clear and known is not None:
            return known.proves
        return not self._verified and self._fixed is None

    def _find_level(self, deadline: Deadline, *, patience: float) -> None:
        """Find the highest level at which this printer, without a fault now, gives its answers.

        An answer in order says that everything sent before was processed: it ends a hold. On a
        printer that answers on arrival the rest of the old slip may still come, on paper of its
        own, because the next slip begins with a cut.

        During the hold of a printer of level B only its own question is asked: that for an echo
        would go unanswered and delay the next slip.
        """
        level, in_order = Level.STATUS, None
        at_b = self.profile.level is Level.QUEUED_STATUS and self._fixed is None
        if at_b and not self.hold.may_print:
            in_order = self.protocol.answers_in_order(deadline, patience=patience)
            if not in_order and self._in_order_may_come():
                return
        if in_order:
            level = Level.QUEUED_STATUS
        elif self._fixed is not Level.QUEUED_STATUS and self.protocol.echoes_process_id(
            deadline, patience=patience
        ):
            level = Level.PROCESS_ID
        elif self._fixed is not Level.PROCESS_ID:
            in_order = self.protocol.answers_in_order(deadline, patience=patience)
            level = Level.QUEUED_STATUS if in_order else Level.STATUS
        if level is Level.STATUS and (deadline.expired or self._in_order_may_come()):
            return
        if self._fixed is None:
            same = level is self.profile.level
            self.learn(level=level, in_order=in_order, early=self.profile.early and same)
            self._verified = True
        if level.proves and not self.profile.early and self.hold.needs_clear:
            self.apply(BufferCleared())

    def _in_order_may_come(self) -> bool:
        """During a hold: whether a printer that could answer in order may still be printing."""
        waits = self.level.proves and self.hold.needs_clear
        return waits and time.monotonic() - self._well_since_s < SILENT_IN_ORDER_S

    def _find_status(self, deadline: Deadline, *, thorough: bool) -> bool:
        """Find out whether and how the printer reports its state. Returns whether it does.

        Pyramid Reliance answers DLE EOT 1 to 4 without the fixed bits that tell a status byte from
        a paper sensor's, and DLE EOT 20 with a mark.
        """
        patience = FIND_PATIENCE if thorough else 1.0
        if self.protocol.answers_status(deadline, patience=patience):
            self.learn(status=True, answer_s=self.protocol.longest_s)
        elif thorough and self.protocol.full_status(deadline) is not None:
            self.learn(level=Level.STATUS, status=True, full=True, mouth=Mouth.CUSTOM)
        else:
            self._find_without_status(deadline, thorough=thorough)
            return False
        return True

    def _find_without_status(self, deadline: Deadline, *, thorough: bool) -> None:
        """The first question was not answered: some printers answer others all the same.

        At level A without ``DLE EOT`` the answer to a slip is proof as well. One that answers only
        ``GS r`` reports no state of the cover and the cutter, so that it proves nothing.
        """
        level, in_order = Level.BLIND, None
        if thorough:
            self._blind_at_s = time.monotonic()
            if self.protocol.echoes_process_id(deadline, patience=FIND_PATIENCE):
                level = Level.PROCESS_ID
            else:
                in_order = self.protocol.answers_in_order(deadline)
        self.learn(level=level, status=False, in_order=in_order)
        self._settle()

    def _query_by_echo(self, deadline: Deadline, *, thorough: bool) -> None:
        """Ask a printer that answers nothing but process ids whether it is there and idle.

        Raises PrinterDeadline when it does not answer: without paper it processes nothing.
        """
        if thorough:
            if not self.protocol.echoes_process_id(deadline, patience=FIND_PATIENCE):
                raise self.protocol.silence()
            self.learn(answer_s=self.protocol.least_s)
            if self.hold.needs_clear and self.level.proves:
                self.apply(BufferCleared())
            self._verified, self._mute_since_s = True, math.inf
        self._settle()

    def mute(self) -> None:
        """The printer answered before and does not now, on a connection that it accepts.

        After RELEARN_S of that it may be another printer: what was known is forgotten.
        """
        now_s = time.monotonic()
        self._mute_since_s = min(self._mute_since_s, now_s)
        if now_s - self._mute_since_s > RELEARN_S:
            self._mute_since_s = math.inf
            self.forget()

    def _settle(self) -> None:
        """The printer has no fault now. A hold ends at the latest when it has had none for as long
        as the old slip can take: what was in its buffer is printed."""
        now_s = time.monotonic()
        self._well_since_s = min(self._well_since_s, now_s)
        wait_s = self._job_s + (SILENT_IN_ORDER_S if self.level.proves else 0.0)
        if self.hold.needs_clear and now_s - self._well_since_s >= wait_s:
            self.apply(BufferCleared())
        self.apply(FoundWell())
