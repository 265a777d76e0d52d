"""One kept connection to a printer, and what the printer was found to be able to do over it.

``PrinterSession`` connects, asks and disconnects; ``DirectPrinter`` decides when. What a broken
job left in the printer is in ``hold`` (``kiosk.domain.printer_hold``), because it decides what
must be sent first on a new connection.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Level
from kiosk.domain.health import Capabilities, no_job_waiting
from kiosk.domain.printer_hold import (
    BufferCleared,
    ConnectionLost,
    FoundWell,
    HoldEvent,
    JobUncertain,
    PaddingSent,
    PrinterHold,
    WriteBegun,
    WriteConfirmed,
    step,
)
from kiosk.errors import PrinterDeadline, PrinterUnreachable
from kiosk.printing.nv_graphics import NvGraphics
from kiosk.printing.replies import PrinterStatus
from kiosk.printing.status_protocol import ASK_MAKER, ASK_MODEL, StatusProtocol
from kiosk.printing.transport import Transport

PICTURE_S = 6.0
"""Limit for writing one picture into the printer's memory."""

LIST_S = 4.5
"""Limit for listing the pictures in the printer's memory."""

LIST_AGAIN_S = 30.0
"""How often a printer that stores pictures is asked for their keys on a kept connection: another
program may delete them, and a swapped printer on a serial line shows by nothing else."""

BLIND_AGAIN_S = 15.0
"""How often a printer that has never answered is asked again whether it does."""

LONGEST_COMMAND = 512
"""Length in bytes of the longest command of a slip without raster data: the data of a QR code."""

MEMORY_LEVELS = (Level.PROCESS_ID, Level.QUEUED_STATUS)
"""Levels at which a printer may store pictures and can list them."""

NEVER = float("-inf")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LevelKnowledge:
    """What is known of the printer's level.

    ``level`` is None before it was found. ``fixed`` is the level of the settings, which is never
    searched for; None for ``auto``.
    ``verified``: found on this connection by a thorough probe. ``has_answered``: this printer
    has answered a status question at least once. ``blind_at_s``: when the printer last did not
    answer the first question (monotonic).
    """

    level: Level | None
    fixed: Level | None
    verified: bool = False
    has_answered: bool = False
    blind_at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class MemoryKnowledge:
    """What is known of the printer's memory for pictures.

    ``listed``: the printer has listed its pictures on this connection, after the last write.
    ``present``: it has such a memory. ``asked_at_s``: when it was last asked (monotonic).
    """

    listed: bool = False
    present: bool = False
    asked_at_s: float = NEVER


class PrinterSession:
    """Owns the transport, the protocol over it and what is known of the printer.

    Used by one thread at a time. Each method raises PrinterError when the connection or the
    printer fails; the caller then calls ``disconnect``.
    """

    def __init__(
        self,
        settings: PrinterSettings,
        transport: Transport,
        graphics: NvGraphics,
        suspect: bool,
    ) -> None:
        self._settings = settings
        self.transport = transport
        self.graphics = graphics
        self.protocol = StatusProtocol(transport)
        self.job_waiting: Callable[[], bool] = no_job_waiting
        self.connected = False
        fixed = None if settings.level == "auto" else Level(settings.level)
        self.levels = LevelKnowledge(fixed, fixed)
        self.memory = MemoryKnowledge()
        self.hold = PrinterHold.at_start(
            suspect=suspect, job_bytes=LONGEST_COMMAND, write_bytes=graphics.under_way
        )

    @property
    def level(self) -> Level:
        """The printer's level; BLIND while it is unknown."""
        return self.levels.level or Level.BLIND

    def apply(self, event: HoldEvent) -> None:
        """Advance the hold."""
        self.hold = step(self.hold, event)

    # -- the connection -----------------------------------------------------------------

    def connect(self, deadline: Deadline) -> None:
        """Connect where there is no connection, or only a stale one."""
        if self.connected and self.protocol.stale:
            self.disconnect()
        if self.connected:
            return
        try:
            self.transport.open(deadline.sooner(self._settings.connect_s))
        except PrinterDeadline as error:
            # Without a connection it is not known whether the printer answers.
            message = error.message
            raise PrinterUnreachable(message.key, **dict(message.fields)) from error
        self.protocol = StatusProtocol(self.transport, lambda: self.job_waiting())
        self.connected = True
        if self.transport.remembers and self.transport.two_way:
            self.protocol.drain_until_quiet(deadline)
        # Another printer may be connected now.
        self.levels = replace(self.levels, verified=False)
        self.memory = replace(self.memory, listed=False)
        self.graphics.forget()
        self._send_padding(deadline)

    def renew(self, deadline: Deadline) -> None:
        """Connect anew where a late answer may still come. What is known of the printer stays."""
        if self.protocol.stale:
            known = self.levels, self.memory, self.graphics.keys
            self.disconnect()
            self.connect(deadline)
            self.levels, self.memory, self.graphics.keys = known

    def disconnect(self) -> None:
        """Close. Bytes of a job that counts as sent still go out; those of a held one do not."""
        self.transport.close(discard=not self.hold.may_print)
        self.connected = False
        self.apply(ConnectionLost())

    def abort(self, job_bytes: int) -> None:
        """Close after a job of ``job_bytes`` whose end is unknown: its unsent rest is discarded."""
        self.apply(JobUncertain(job_bytes))
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
        except PrinterUnreachable:
            self.disconnect()
            # A kept connection may have ended while idle: try once more with a new one.
            if not was_connected:
                raise
            return self._query(deadline, thorough=thorough)

    def _query(self, deadline: Deadline, *, thorough: bool) -> PrinterStatus | None:
        self.connect(deadline)
        self.protocol.clear_replies()
        if not self._may_answer(thorough=thorough):
            self.levels = replace(self.levels, level=Level.BLIND)
            # Nothing to ask, but this notices a connection that has ended.
            self.protocol.drain()
            return None
        if self.levels.fixed is not None:
            self.levels = replace(self.levels, level=self.levels.fixed)
        if self.hold.needs_clear:
            if self.protocol.clear_buffer(deadline):
                self.apply(BufferCleared())
            self.renew(deadline)
        if not self.levels.has_answered and self.levels.level is None:
            if not self.protocol.answers_status(deadline):
                self.renew(deadline)
                silent_s = time.monotonic()
                self.levels = replace(self.levels, level=Level.BLIND, blind_at_s=silent_s)
                return None
            self.levels = replace(self.levels, has_answered=True)
        status = self.protocol.status(deadline)
        self.levels = replace(self.levels, has_answered=True)
        if status.fault is None:
            self.apply(FoundWell())
            if self.hold.may_print and self._level_unknown(thorough=thorough):
                self._find_level(deadline)
        return status

    def _may_answer(self, *, thorough: bool) -> bool:
        """Whether to ask at all: a printer that never answered is asked only now and then."""
        levels = self.levels
        if not self.transport.two_way or levels.fixed is Level.BLIND:
            return False
        if levels.fixed is None and levels.level is Level.BLIND and not levels.has_answered:
            if not thorough or time.monotonic() - levels.blind_at_s < BLIND_AGAIN_S:
                return False
            self.levels = replace(levels, level=None)
        return True

    def _level_unknown(self, *, thorough: bool) -> bool:
        levels = self.levels
        unverified = thorough and not levels.verified
        return levels.fixed is None and (levels.level is None or unverified)

    def _find_level(self, deadline: Deadline) -> None:
        """Find the highest level at which this printer, without a fault now, gives its answers."""
        if self.protocol.echoes_process_id(deadline):
            level = Level.PROCESS_ID
        else:
            self.renew(deadline)
            in_order = self.protocol.answers_in_order(deadline)
            level = Level.QUEUED_STATUS if in_order else Level.STATUS
            self.renew(deadline)
        self.levels = replace(self.levels, level=level, verified=True)

    def survey(self, deadline: Deadline) -> Capabilities:
        """Ask for everything that the printer may be able to do. Clears its buffer."""
        self.connect(deadline)
        if not self.transport.two_way:
            return Capabilities()
        if not self._ask_alone(StatusProtocol.answers_status, deadline):
            return Capabilities(status=False)
        return Capabilities(
            status=True,
            process_id=self._ask_alone(StatusProtocol.echoes_process_id, deadline),
            clear=self._ask_alone(StatusProtocol.clear_buffer, deadline),
            watch=self._ask_alone(StatusProtocol.reports_changes, deadline),
            memory=self._ask_alone(StatusProtocol.stored_keys, deadline) is not None,
            cutter=self._ask_alone(StatusProtocol.has_cutter, deadline),
            maker=self._ask_alone(lambda p, until: p.name(ASK_MAKER, until), deadline),
            model=self._ask_alone(lambda p, until: p.name(ASK_MODEL, until), deadline),
        )

    def _ask_alone(
        self, question: Callable[[StatusProtocol, Deadline], T], deadline: Deadline
    ) -> T:
        """The answer to ``question``; afterwards no older answer can come any more."""
        answer = question(self.protocol, deadline)
        self.renew(deadline)
        return answer

    # -- pictures in the printer's memory --------------------------------------------------

    def update_memory(self, now: Callable[[], datetime]) -> None:
        """Write missing pictures into the printer's memory, where it has one and can list it.

        Raises PrinterPreempted as soon as a job is waiting; a picture that is being written is
        finished first.
        """
        if self.level not in MEMORY_LEVELS or not self.graphics.wanted:
            return
        if not self.transport.two_way:
            return
        aged = time.monotonic() - self.memory.asked_at_s > LIST_AGAIN_S
        if not self.memory.listed or (self.memory.present and aged):
            self._list_memory(writing=self.memory.listed)
        job_waiting, self.job_waiting = self.job_waiting, no_job_waiting
        for command in self.graphics.changes(now) if self.memory.present else ():
            # Until the printer has answered, it may be waiting for the rest of the command.
            self.apply(WriteBegun(len(command)))
            self.memory = replace(self.memory, listed=False)
            self.transport.write_all(command, Deadline.after(PICTURE_S))
            if job_waiting():
                return
        if not self.memory.listed:
            self._list_memory(writing=True)

    def _list_memory(self, *, writing: bool = False) -> None:
        keys = self.protocol.stored_keys(Deadline.after(LIST_S), writing=writing)
        self.memory = MemoryKnowledge(
            listed=True, present=keys is not None, asked_at_s=time.monotonic()
        )
        if keys is None:
            self.graphics.forget()
        else:
            self.apply(WriteConfirmed())
            self.graphics.update_keys(keys)
        self.renew(Deadline.after(LIST_S))
