"""What may be said of a slip, from what the printer says after it (printing.md, levels).

Sources: Epson ESC/POS reference, "GS ( H" fn 48 (sent back once all before it is printed),
"GS r" (answered in its turn), "DLE EOT" (answered at once), "GS a" (told with each change).
"""

from __future__ import annotations

import time

from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.errors import PrinterDeadline, PrinterError, PrinterGarbled, PrinterUnreachable
from kiosk.printing.replies import PaperSensor, Reply, is_process_id
from kiosk.printing.status_protocol import ASK_SENSOR, RESET, WATCH, StatusProtocol, ask_process_id

ASK_AGAIN_S = 0.5
"""While a slip is under way without a word: how often the printer is asked what is wrong."""


AT_WORK = 2.0
"""So many times longer a slow printer may take for an answer while it prints."""

PAUSES = frozenset({Fault.OVERHEATED})
"""What stops a slip without a hand on the paper: it goes on where it was."""

BY_WEIGHT = (Fault.COVER_OPEN, Fault.PAPER_OUT, Fault.CUTTER, Fault.ERROR, Fault.OFFLINE)
"""What interrupts a slip, the one to name first in front."""


def framed(slip: bytes, level: Level, ident: bytes) -> bytes:
    """The bytes of a job: ``slip``, and what makes the printer say what becomes of it.

    ``ident``: four bytes by which its word is known. At levels A and B it is to tell each change
    of its state meanwhile, from behind the reset with which a slip begins.
    """
    word = {Level.PROCESS_ID: ask_process_id(ident), Level.QUEUED_STATUS: ASK_SENSOR}.get(level)
    if word is None:
        return slip
    body = slip.removeprefix(RESET)
    return slip[: len(slip) - len(body)] + WATCH + body + word


def fault_of(error: PrinterError) -> Fault:
    """The fault that an error on the way to the printer stands for."""
    if isinstance(error, PrinterGarbled):
        return Fault.GARBLED
    if isinstance(error, PrinterDeadline):
        return Fault.MUTE
    return Fault.UNREACHABLE


def job_result(
    protocol: StatusProtocol, level: Level, ident: bytes, deadline: float, *, told_before: bool
) -> PrintResult:
    """PRINTED or UNCERTAIN, once the job (``framed``) has been handed over.

    Waits until ``deadline`` (``time.monotonic()``) at levels A and B. ``told_before``: with the
    job before, the printer told its state of its own accord. Raises PrinterError where the way
    to the printer ends first: UNCERTAIN as well.
    """
    if level is Level.BLIND:
        if protocol.transport.two_way:
            protocol.hush()
        return PrintResult(Outcome.PRINTED, level, detail="sent; this printer never answers")
    if level is Level.STATUS:
        fault = protocol.status(deadline, patience=AT_WORK).fault
        if fault is None:
            return PrintResult(Outcome.PRINTED, level, detail="sent; no fault seen")
        return PrintResult(Outcome.UNCERTAIN, level, fault, "a fault followed the slip")
    result = _await_word(protocol, level, ident, deadline)
    if result.outcome is Outcome.PRINTED and told_before and not protocol.watched:
        why = "did not tell its state, as it had before"
        return PrintResult(Outcome.UNCERTAIN, level, Fault.MUTE, why)
    return result


def _await_word(
    protocol: StatusProtocol, level: Level, ident: bytes, deadline: float
) -> PrintResult:
    """At levels A and B.

    A slip that was interrupted is not waited for. The rest may come on another piece of paper,
    and a hand was at it: whatever the printer says of it later, it is no slip to send a visitor
    away with.
    """

    def came() -> bool:
        return protocol.has(lambda reply: _is_word(reply, level, ident))

    named: Fault | None = None
    while time.monotonic() < deadline:
        until = min(deadline, time.monotonic() + ASK_AGAIN_S)
        protocol.read_until(lambda: came() or bool(protocol.troubles - PAUSES), until)
        word = came()
        if word and level is Level.PROCESS_ID and not protocol.troubles:
            return PrintResult(Outcome.PRINTED, level)
        fault = _fault_now(protocol, deadline)
        for interruption in BY_WEIGHT:
            if interruption in protocol.troubles or interruption is fault:
                return PrintResult(
                    Outcome.UNCERTAIN, level, interruption, "interrupted in mid slip"
                )
        named = fault if fault in PAUSES else named
        if word and level is Level.PROCESS_ID:
            return PrintResult(Outcome.PRINTED, level)
        if word and (protocol.rubbish or protocol.stale):
            break
        if word and fault is None:
            return PrintResult(Outcome.PRINTED, level)
    named = named or (Fault.GARBLED if protocol.rubbish else Fault.MUTE)
    return PrintResult(Outcome.UNCERTAIN, level, named, "no word that the slip is complete")


def _is_word(reply: Reply, level: Level, ident: bytes) -> bool:
    if level is Level.PROCESS_ID:
        return is_process_id(reply, ident)
    return isinstance(reply, PaperSensor)


def _fault_now(protocol: StatusProtocol, deadline: float) -> Fault | None:
    """What DLE EOT says; silence and rubbish are faults, an end of the connection is raised."""
    try:
        return protocol.status(deadline).fault
    except PrinterUnreachable:
        raise
    except PrinterError as error:
        return fault_of(error)
