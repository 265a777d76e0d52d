"""Print two slips on a scripted printer, and compare the kiosk's results with its answers."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Level, Outcome, PrintResult
from kiosk.domain.slip import NumberLine, Slip, TextLine
from kiosk.printer import Printer, open_printer
from kiosk.printing import job_result, slip_time, status_protocol
from tests.printing.fuzz.script import Script
from tests.printing.fuzz.scripted_printer import ScriptedPrinter, SlipAnswers

ANSWER_S, DEADLINE_S = 0.03, 0.2
HUNG_S = 60.0
"""Limit that shows a hang: every call has a deadline, and those of one script add up to seconds."""

NUMBERS = ("DK-001", "DK-002")
NOW = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)


@dataclass(slots=True)
class ScriptResult:
    """The result of one script: ``complaints``, how often each proof was reported, the bytes sent
    to the kiosk, and the longest calls in seconds."""

    complaints: list[str] = field(default_factory=list)
    proofs: Counter[str] = field(default_factory=Counter)
    bytes_sent: int = 0
    longest_print_s: float = 0.0
    longest_probe_s: float = 0.0


@contextmanager
def short_answer_times(slack: float = 1.0) -> Iterator[None]:
    """Shorten the kiosk's wait for each answer of the printer to ``slack`` times ANSWER_S, and let
    slips be printed in no time: the scripted printer has no paper, and a slip that takes longer
    than its deadline would be uncertain whatever it answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(status_protocol, "ANSWER_S", ANSWER_S * slack)
        patch.setattr(job_result, "ASK_AGAIN_S", ANSWER_S * slack)
        patch.setattr(slip_time, "FASTEST_MM_S", math.inf)
        patch.setattr(slip_time, "SLOWEST_MM_S", math.inf)
        patch.setattr(slip_time, "AFTER_S", ANSWER_S * slack)
        yield


def slip_of(number: str) -> Slip:
    """A short slip whose number is readable in its bytes."""
    return Slip(number, (TextLine(f"Nomor {number}"), NumberLine(number, height=6)))


def play(script: Script, slack: float = 1.0) -> ScriptResult:
    """Print two slips in a thread, each within ``slack`` times DEADLINE_S.

    Complains when printing hangs, raises, or gives a proof that the printer's bytes do not
    support.
    """
    script_result = ScriptResult()
    with ScriptedPrinter(script) as printer:
        thread = threading.Thread(
            target=_visit, args=(script, printer, script_result, slack), daemon=True
        )
        thread.start()
        thread.join(HUNG_S)
        if thread.is_alive():
            script_result.complaints.append("hung")
    script_result.bytes_sent = printer.sent
    return script_result


def _visit(
    script: Script, printer: ScriptedPrinter, script_result: ScriptResult, slack: float
) -> None:
    settings = PrinterSettings(
        connection=printer.connection,
        level=script.level,
        deadline_s=DEADLINE_S * slack,
        connect_s=0.2 * slack,
    )
    port = open_printer(settings, pictures=lambda _: None, now=lambda: NOW)
    try:
        for number in NUMBERS:
            _print(port, number, printer, script_result)
        port.close()
    except Exception as error:  # noqa: BLE001 - the test is that no exception escapes
        script_result.complaints.append(f"raised {error!r}")


def _print(
    port: Printer, number: str, printer: ScriptedPrinter, script_result: ScriptResult
) -> None:
    for call in (port.probe, port.release, port.probe):
        began = time.monotonic()
        call()
        script_result.longest_probe_s = max(script_result.longest_probe_s, time.monotonic() - began)
    before, began = len(printer.answers), time.monotonic()
    result = port.print(slip_of(number))
    script_result.longest_print_s = max(script_result.longest_print_s, time.monotonic() - began)
    answers = printer.answers[-1] if len(printer.answers) > before else None
    script_result.proofs[result.proof.value] += 1
    why = contradiction(result, answers, number.encode() in printer.received)
    if why:
        script_result.complaints.append(f"{number}: {why}: {result}")
    if "\n" in str(result.detail):
        script_result.complaints.append(f"{number}: more than one line of detail")


def contradiction(result: PrintResult, answers: SlipAnswers | None, received: bool) -> str:
    """Return why the printer's answers do not support ``result``; empty if they may.

    ``answers``: those from the slip's first letter on, None if the slip did not arrive.
    ``received``: its number arrived. Conservative, and from the bytes alone: it reports a
    contradiction only where no reading of the bytes supports the result.
    """
    if result.outcome is Outcome.NOT_PRINTED:
        return "reported not printed, but it was sent" if received else ""
    if result.outcome is not Outcome.PRINTED or result.level is Level.BLIND:
        return ""
    if answers is None:
        return "reported printed, but it did not arrive"
    data = bytes(answers.data)
    if answers.faulty_status and result.level is not Level.STATUS:
        return "reported confirmed, but the printer had reported a fault"
    if result.level is Level.PROCESS_ID:
        echoed = answers.confirmation and answers.confirmation in data
        return "" if echoed else "reported confirmed without its echo"
    if not _reports_no_fault(data):
        return "reported printed, but the printer did not report its state"
    if result.level is Level.QUEUED_STATUS:
        sensor = next((i for i, byte in enumerate(data) if not byte & 0x90), None)
        if sensor is None or any(byte & 0x80 for byte in data[:sensor]):
            return "reported confirmed without an answer in its order"
    return ""


FAULTY = (0x08, 0x64, 0x6C, 0x60)
"""The fault bits of the answers to DLE EOT 1 to 4."""


def _reports_no_fault(data: bytes) -> bool:
    """Whether the bytes contain answers to DLE EOT 1 to 4, in order, without a fault bit."""
    left = list(FAULTY)
    for byte in data:
        if left and byte & 0x93 == 0x12 and not byte & left[0]:
            del left[0]
    return not left
