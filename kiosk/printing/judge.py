"""What may be said of a slip, from what the printer says after it (printing.md, levels).

Sources: Epson ESC/POS reference, "GS ( H" fn 48 (sent back once all before it is printed),
"GS r" (answered in its turn), "DLE EOT" (answered at once).
"""

from __future__ import annotations

import time

from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.errors import PrinterDeadline, PrinterError, PrinterGarbled, PrinterUnreachable
from kiosk.printing.dialogue import ASK_SENSOR, Dialogue, ask_process_id
from kiosk.printing.replies import PaperSensor, Reply, is_process_id

ASK_AGAIN_S = 0.5
"""While a slip is under way without a word: how often the printer is asked what is wrong."""


def mark(level: Level, ident: bytes) -> bytes:
    """What follows a slip, so that the printer says when it is out; ``ident`` of 4 bytes."""
    if level is Level.PROCESS_ID:
        return ask_process_id(ident)
    if level is Level.QUEUED_STATUS:
        return ASK_SENSOR
    return b""


def fault_of(error: PrinterError) -> Fault:
    """The fault that an error on the way to the printer stands for."""
    if isinstance(error, PrinterGarbled):
        return Fault.GARBLED
    if isinstance(error, PrinterDeadline):
        return Fault.MUTE
    return Fault.UNREACHABLE


def judge(dialogue: Dialogue, level: Level, ident: bytes, deadline: float) -> PrintResult:
    """PRINTED or UNCERTAIN, once the slip and its ``mark`` have been handed over.

    Waits until ``deadline`` (``time.monotonic()``) at levels A and B. Raises PrinterError
    where the way to the printer ends first: UNCERTAIN as well.
    """
    if level is Level.BLIND:
        if dialogue.transport.two_way:
            dialogue.hush()
        return PrintResult(Outcome.PRINTED, level, detail="sent; this printer never answers")
    if level is Level.STATUS:
        fault = dialogue.status(deadline).fault
        if fault is None:
            return PrintResult(Outcome.PRINTED, level, detail="sent; no fault seen")
        return PrintResult(Outcome.UNCERTAIN, level, fault, "a fault followed the slip")
    return _await_word(dialogue, level, ident, deadline)


def _await_word(dialogue: Dialogue, level: Level, ident: bytes, deadline: float) -> PrintResult:
    def wanted(reply: Reply) -> bool:
        if level is Level.PROCESS_ID:
            return is_process_id(reply, ident)
        return isinstance(reply, PaperSensor)

    named: Fault | None = None
    while time.monotonic() < deadline:
        came = dialogue.wait(wanted, min(deadline, time.monotonic() + ASK_AGAIN_S))
        if came and named:
            # The rest may have come on another piece of paper: no longer one slip.
            return PrintResult(Outcome.UNCERTAIN, level, named, "interrupted in mid slip")
        if came and level is Level.PROCESS_ID:
            return PrintResult(Outcome.PRINTED, level)
        fault = _fault_now(dialogue, deadline)
        named = fault if fault not in (None, Fault.MUTE, Fault.GARBLED) else named
        if came and (dialogue.rubbish or dialogue.stale):
            break
        if came and fault is None:
            return PrintResult(Outcome.PRINTED, level)
    named = named or (Fault.GARBLED if dialogue.rubbish else Fault.MUTE)
    return PrintResult(Outcome.UNCERTAIN, level, named, "no word that the slip is complete")


def _fault_now(dialogue: Dialogue, deadline: float) -> Fault | None:
    """What DLE EOT says; silence and rubbish are faults, an end of the connection is raised."""
    try:
        return dialogue.status(deadline).fault
    except PrinterUnreachable:
        raise
    except PrinterError as error:
        return fault_of(error)
