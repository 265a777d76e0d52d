"""Decide from a printer's replies whether a slip was printed (docs/printers.md, levels).

Sources: Epson ESC/POS reference, "GS ( H" fn 48 (sent back once everything before it is printed),
"GS r" (answered in order), "DLE EOT" (answered at once), "GS a" (sent with each change).
"""

from __future__ import annotations

from enum import Enum
from time import monotonic

from kiosk.deadline import Deadline
from kiosk.domain.delivery import Fault, Level, PrintResult
from kiosk.errors import PrinterDeadline, PrinterError, PrinterGarbled, PrinterUnreachable
from kiosk.messages import Message
from kiosk.printing.mouth import PRESENT, Mouth
from kiosk.printing.profile import PrinterProfile
from kiosk.printing.replies import PaperSensor, Reply, is_process_id
from kiosk.printing.slip_time import SlipTime
from kiosk.printing.status_protocol import (
    ASK_SENSOR,
    ENABLE_AUTOMATIC_STATUS,
    RESET,
    StatusProtocol,
    ask_process_id,
)

ASK_AGAIN_S = 0.5
"""How often the printer is asked for its state while a slip is unconfirmed."""

PRINTING_PATIENCE = 2.0
"""Factor on the limit for an answer: slow printers take longer while they print."""

PAUSES = frozenset({Fault.OVERHEATED})
"""Faults after which the printer continues the same slip without anybody touching the paper."""

INTERRUPTIONS = (Fault.COVER_OPEN, Fault.PAPER_OUT, Fault.CUTTER, Fault.ERROR, Fault.OFFLINE)
"""Faults that interrupt a slip; the first one that applies is named."""


def frame_job(slip: bytes, level: Level, ident: bytes, mouth: Mouth = Mouth.NONE) -> bytes:
    """``slip`` with the commands that make the printer present it and report on it.

    ``ident``: four bytes that mark the reply at level A. At levels A and B automatic status is
    enabled as well, after the reset with which a slip begins, because a reset disables it.
    """
    question = {Level.PROCESS_ID: ask_process_id(ident), Level.QUEUED_STATUS: ASK_SENSOR}
    slip += PRESENT if mouth is Mouth.CUSTOM else b""
    if level not in question:
        return slip
    body = slip.removeprefix(RESET)
    return slip[: len(slip) - len(body)] + ENABLE_AUTOMATIC_STATUS + body + question[level]


def fault_of(error: PrinterError) -> Fault:
    """The fault that a transport's or protocol's error stands for."""
    if isinstance(error, PrinterGarbled):
        return Fault.GARBLED
    if isinstance(error, PrinterDeadline):
        return Fault.MUTE
    return Fault.UNREACHABLE


def job_result(
    protocol: StatusProtocol,
    level: Level,
    ident: bytes,
    deadline: Deadline,
    *,
    time: SlipTime,
    profile: PrinterProfile,
    reported_before: bool,
) -> tuple[PrintResult, bool]:
    """PRINTED or UNCERTAIN for a job (``frame_job``) that was handed over whole.

    Waits until ``deadline`` at levels A and B, and as long as the slip takes (``time``) at C and D.
    A printer of level A or B that answers before the slip can be out has not waited for the
    paper: its answer proves nothing, and the result is that of level C, with ``level`` C. So is
    that of an answer which was read too late to know when it came. The second value says whether
    the printer is known to have answered early.
    On a slow printer (``profile``) each question costs a noticeable time, so the answer to the job
    is waited for alone until it must be there. ``reported_before``: the printer sent automatic
    status with the job before. Raises PrinterError when the connection breaks first; the caller
    takes that as UNCERTAIN.
    """
    if level is Level.BLIND:
        return _watch_blind(protocol, deadline, time), False
    if level is Level.STATUS:
        return _watch(protocol, deadline, time, Message("job.no_fault")), False
    first = Deadline.after(ASK_AGAIN_S)
    if profile.slow:
        first = Deadline(time.latest_s + profile.answer_s)
    result = _await_confirmation(protocol, level, ident, deadline, time, first)
    if isinstance(result, _NoProof):
        return _watch(protocol, deadline, time, Message(result.value)), result is _NoProof.EARLY
    if result.is_printed and reported_before and not protocol.reported:
        # Another printer, or one that has been reset: its word cannot be relied on.
        why = Message("job.no_report")
        return PrintResult.uncertain(Fault.MUTE, why, level), False
    return result, False


class _NoProof(Enum):
    """Why the printer's answer to a job proves nothing; the value is the message for staff."""

    EARLY = "job.too_early"
    UNDATED = "job.undated"


def _proof_of_time(protocol: StatusProtocol, time: SlipTime) -> _NoProof | None:
    """None when the answer just read came when the slip can be out.

    Both moments, of the answer and of the slip's first byte, are known between two bounds only. An
    answer never comes before its job. One that is early only by the printer's own delay says
    nothing about the printer: that delay may have been measured on a busy machine.
    """
    after_s, before_s = protocol.answered_between
    if before_s - time.begun_s < time.paper_s:
        return _NoProof.EARLY
    return _NoProof.UNDATED if max(0.0, after_s - time.sent_s) < time.least_s else None


def _await_confirmation(
    protocol: StatusProtocol,
    level: Level,
    ident: bytes,
    deadline: Deadline,
    time: SlipTime,
    look: Deadline,
) -> PrintResult | _NoProof:
    """The result at levels A and B; the printer's state is asked at ``look``, and then again and
    again. No proof when the printer may have answered before the slip can be out.

    An interrupted slip is UNCERTAIN at once, whatever the printer reports later: the rest may
    come on another piece of paper, and somebody has touched it.
    """

    def confirmed() -> bool:
        return protocol.has_reply(lambda reply: _confirms(reply, level, ident))

    named: Fault | None = None
    while not deadline.expired:
        protocol.read_until(
            lambda: confirmed() or bool(protocol.reported_faults - PAUSES),
            min(deadline, look),
        )
        look = Deadline.after(ASK_AGAIN_S)
        done = confirmed()
        if done and (no_proof := _proof_of_time(protocol, time)):
            return no_proof
        if done and level is Level.PROCESS_ID and not protocol.reported_faults:
            return PrintResult.printed(level)
        fault = _fault_now(protocol, deadline)
        interruption = _interruption(protocol, fault)
        if interruption is not None:
            return PrintResult.uncertain(interruption, Message("job.interrupted"), level)
        named = fault if fault in PAUSES else named
        if done and level is Level.PROCESS_ID:
            return PrintResult.printed(level)
        if done and (protocol.unknown_bytes or protocol.stale):
            break
        if done and fault is None:
            return PrintResult.printed(level)
    named = named or (Fault.GARBLED if protocol.unknown_bytes else Fault.MUTE)
    return PrintResult.uncertain(named, Message("job.unconfirmed"), level)


def _interruption(protocol: StatusProtocol, fault: Fault | None) -> Fault | None:
    """The fault that interrupted the slip: one that was reported unasked, or ``fault``."""
    for interruption in INTERRUPTIONS:
        if interruption in protocol.reported_faults or interruption is fault:
            return interruption
    return None


def _watch(
    protocol: StatusProtocol, deadline: Deadline, time: SlipTime, no_fault: Message
) -> PrintResult:
    """Ask for the printer's state until the slip is out: the result at level C.

    The roll may end, or the cover open, at any moment of the slip; asked only once, right after
    the bytes, the printer still has all of the slip before it.
    """
    level, end = Level.STATUS, min(Deadline(time.latest_s), deadline)
    while True:
        asked_s = monotonic()
        try:
            fault = protocol.status(deadline, patience=PRINTING_PATIENCE).fault
        except PrinterDeadline:
            if deadline.expired or not protocol.silent_while_feeding:
                raise
            continue
        interruption = _interruption(protocol, fault)
        if interruption is not None:
            return PrintResult.uncertain(interruption, Message("job.fault_followed"), level)
        if fault is None and end.expired and asked_s >= time.paper_done_s:
            return PrintResult.printed(level, no_fault)
        if deadline.expired:
            if fault is None:
                return PrintResult.printed(level, no_fault)
            return PrintResult.uncertain(fault, Message("job.fault_followed"), level)
        protocol.read_until(
            lambda: bool(protocol.reported_faults - PAUSES),
            (end if fault is None else deadline).sooner(ASK_AGAIN_S),
        )


def _watch_blind(protocol: StatusProtocol, deadline: Deadline, time: SlipTime) -> PrintResult:
    """Wait until the slip is out: a connection that ends before raises PrinterUnreachable."""
    level = Level.BLIND
    if protocol.transport.two_way:
        end = min(Deadline(time.latest_s), deadline)
        protocol.read_until(lambda: bool(protocol.reported_faults - PAUSES), end)
        interruption = _interruption(protocol, None)
        if interruption is not None:
            return PrintResult.uncertain(interruption, Message("job.fault_followed"), level)
    return PrintResult.printed(level, Message("job.never_answers"))


def _confirms(reply: Reply, level: Level, ident: bytes) -> bool:
    if level is Level.PROCESS_ID:
        return is_process_id(reply, ident)
    return isinstance(reply, PaperSensor)


def _fault_now(protocol: StatusProtocol, deadline: Deadline) -> Fault | None:
    """The fault that DLE EOT reports; no answer or a wrong one is a fault as well.

    Raises PrinterUnreachable when the connection has ended.
    """
    try:
        return protocol.status(deadline).fault
    except PrinterUnreachable:
        raise
    except PrinterError as error:
        return fault_of(error)
