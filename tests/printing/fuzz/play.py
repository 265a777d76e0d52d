"""Print two slips on a printer that follows a script, and judge what the kiosk concluded."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Level, Outcome, PrintResult
from kiosk.domain.slip import NumberLine, Slip, TextLine
from kiosk.printer import Printer, open_printer
from kiosk.printing import job_result, status_protocol
from tests.printing.fuzz.script import Script
from tests.printing.fuzz.talker import Said, Talker

ANSWER_S, DEADLINE_S = 0.03, 0.2
HUNG_S = 60.0
"""Every call has its own deadline; those of one script add up to a few seconds at most."""

NUMBERS = ("DK-001", "DK-002")
NOW = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)


@dataclass(slots=True)
class Played:
    """What came of one script: ``complaints`` of what was believed, how often each proof was
    given, the bytes said to the kiosk, and the longest calls in seconds."""

    complaints: list[str] = field(default_factory=list)
    proofs: Counter[str] = field(default_factory=Counter)
    bytes_said: int = 0
    longest_print_s: float = 0.0
    longest_probe_s: float = 0.0


@contextmanager
def haste(slack: float = 1.0) -> Iterator[None]:
    """Shorten the kiosk's wait for each answer of the printer to ``slack`` times ANSWER_S."""
    before = status_protocol.ANSWER_S, job_result.ASK_AGAIN_S
    status_protocol.ANSWER_S = job_result.ASK_AGAIN_S = ANSWER_S * slack
    try:
        yield
    finally:
        status_protocol.ANSWER_S, job_result.ASK_AGAIN_S = before


def slip_of(number: str) -> Slip:
    """A short slip whose number is readable in its bytes."""
    return Slip(number, (TextLine(f"Nomor {number}"), NumberLine(number, height=6)))


def play(script: Script, slack: float = 1.0) -> Played:
    """Print two slips in a thread, each within ``slack`` times DEADLINE_S.

    Complains when printing hangs, raises, or gives a proof that the printer's bytes do not
    support.
    """
    played = Played()
    with Talker(script) as talker:
        thread = threading.Thread(target=_visit, args=(script, talker, played, slack), daemon=True)
        thread.start()
        thread.join(HUNG_S)
        if thread.is_alive():
            played.complaints.append("hung")
    played.bytes_said = talker.sent
    return played


def _visit(script: Script, talker: Talker, played: Played, slack: float) -> None:
    settings = PrinterSettings(
        connection=talker.connection,
        level=script.level,
        deadline_s=DEADLINE_S * slack,
        connect_s=0.2 * slack,
    )
    port = open_printer(settings, pictures=lambda _: None, now=lambda: NOW)
    try:
        for number in NUMBERS:
            _print(port, number, talker, played)
        port.close()
    except Exception as error:  # noqa: BLE001 - that none escapes is what is tried
        played.complaints.append(f"broke off: {error!r}")


def _print(port: Printer, number: str, talker: Talker, played: Played) -> None:
    for call in (port.probe, port.release, port.probe):
        began = time.monotonic()
        call()
        played.longest_probe_s = max(played.longest_probe_s, time.monotonic() - began)
    before, began = len(talker.said), time.monotonic()
    result = port.print(slip_of(number))
    played.longest_print_s = max(played.longest_print_s, time.monotonic() - began)
    said = talker.said[-1] if len(talker.said) > before else None
    played.proofs[result.proof.value] += 1
    why = doubt(result, said, number.encode() in talker.heard)
    if why:
        played.complaints.append(f"{number}: {why}: {result}")
    if "\n" in str(result.detail):
        played.complaints.append(f"{number}: more than one line of detail")


def doubt(result: PrintResult, said: Said | None, heard: bool) -> str:
    """Why ``result`` must not be believed; empty where it may. ``said``: what the printer said
    from the slip's first letter on, None where none came; ``heard``: its number came.

    Read from the bytes alone, and generously: only what no reader could take for a word.
    """
    if result.outcome is Outcome.NOT_PRINTED:
        return "called not printed, and it was sent" if heard else ""
    if result.outcome is not Outcome.PRINTED or result.level is Level.BLIND:
        return ""
    if said is None:
        return "called printed, and it never came"
    data = bytes(said.data)
    if said.trouble and result.level is not Level.STATUS:
        return "called confirmed, and the printer had told of a fault"
    if result.level is Level.PROCESS_ID:
        return "" if said.word in data and said.word else "called confirmed without its echo"
    if not _is_told_well(data):
        return "called printed, and its state was not told"
    if result.level is Level.QUEUED_STATUS:
        sensor = next((i for i, byte in enumerate(data) if not byte & 0x90), None)
        if sensor is None or any(byte & 0x80 for byte in data[:sensor]):
            return "called confirmed without an answer in its turn"
    return ""


FAULTY = (0x08, 0x64, 0x6C, 0x60)
"""The bits of the four answers to DLE EOT that name a fault, in their order."""


def _is_told_well(data: bytes) -> bool:
    """Whether four answers to DLE EOT in a row can be read that name no fault."""
    left = list(FAULTY)
    for byte in data:
        if left and byte & 0x93 == 0x12 and not byte & left[0]:
            del left[0]
    return not left
