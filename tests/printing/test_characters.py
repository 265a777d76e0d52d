"""The kiosk detects and recovers printers of real sites: clones, kiosk printers, one-socket boards.

``virtual_printer.characters`` cites the manual or the public issue behind each. The kiosk detects
all capabilities (``level: auto``) without a command from staff. Paper speed and limits are real, so
each test runs its printers concurrently.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.domain.delivery import Fault, Level, Outcome, Proof
from kiosk.printing.direct import DirectPrinter
from kiosk.printing.network import NetworkTransport
from tests.printing.conftest import READY_LIMIT_S, MakePrinter, MakeVirtual, slip, wait_until_ready
from virtual_printer import VirtualPrinter

SPEED_MM_S = 400.0
PAPER_BACK_S = 3.0

EXPECTED = {
    "epson": Level.PROCESS_ID,
    "clone": Level.STATUS,
    "clone-b": Level.QUEUED_STATUS,
    "clone-a": Level.PROCESS_ID,
    "cashino": Level.QUEUED_STATUS,
    "xprinter-chinese": Level.STATUS,
    "one-socket": Level.QUEUED_STATUS,
    "slow": Level.PROCESS_ID,
    "custom": Level.QUEUED_STATUS,
    "star": Level.QUEUED_STATUS,
}
FAULTS: dict[str, Mapping[str, float]] = {
    "paper_out": {"at_mm": 20.0},
    "cover_open": {"at_mm": 20.0},
    "error": {"at_mm": 20.0},
    "cutter_jam": {},
}


@pytest.fixture
def instant_paper() -> None:
    """Disabled: use the speeds of real printers."""


@pytest.fixture
def short_answer_timeout() -> None:
    """Disabled: use the timeouts of production."""


def numbers_on(device: VirtualPrinter) -> list[tuple[bool, set[str]]]:
    """For each piece of paper: whether it is complete, and the visitors' numbers on it."""
    return [
        (piece.complete, {word for line in piece.lines for word in line.split() if "DK-" in word})
        for piece in device.slips
    ]


def run_for_each(names: Iterable[str], play: Callable[[str], None]) -> None:
    """Call ``play`` with each name, in a thread each; AssertionError with the name that failed."""
    names = list(names)
    with ThreadPoolExecutor(len(names)) as pool:
        played = {name: pool.submit(play, name) for name in names}
    failures = {name: done.exception() for name, done in played.items()}
    assert not {name: str(error) for name, error in failures.items() if error is not None}


def test_the_level_is_detected_and_kept(virtual: MakeVirtual, printer: MakePrinter) -> None:
    def play(character: str) -> None:
        level = EXPECTED[character]
        device = virtual(character=character, speed_mm_s=SPEED_MM_S)
        port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
        wait_until_ready(port)
        assert wait_until_ready(port).level is level
        result = port.print(slip("DK-001"))
        proof = Proof.SENT if level is Level.STATUS else Proof.CONFIRMED
        assert (result.proof, result.level) == (proof, level), result
        device.wait_for_slips(1)
        assert numbers_on(device) == [(True, {"DK-001"})]

    run_for_each(EXPECTED, play)


@pytest.mark.parametrize("fault", FAULTS)
def test_printing_resumes_without_staff_after_every_cleared_fault(
    virtual: MakeVirtual, printer: MakePrinter, fault: str
) -> None:
    def play(character: str) -> None:
        device = virtual(character=character, speed_mm_s=SPEED_MM_S)
        port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
        wait_until_ready(port)
        device.fault(fault, **FAULTS[fault])
        first = port.print(slip("DK-001"))
        assert first.outcome is not Outcome.PRINTED, first
        device.mend()
        wait_until_ready(port, PAPER_BACK_S if character != "slow" else READY_LIMIT_S)
        second = port.print(slip("DK-002"))
        assert second.outcome is Outcome.PRINTED, second
        device.wait_until_idle(5.0)
        pieces = numbers_on(device)
        assert all(len(numbers) <= 1 for _, numbers in pieces), pieces
        assert pieces.count((True, {"DK-002"})) == 1, pieces

    run_for_each([*EXPECTED, "early"], play)


@pytest.mark.parametrize("character", ["clone-b", "custom", "cashino", "one-socket"])
def test_a_hold_at_level_b_ends_with_one_probe(
    virtual: MakeVirtual, printer: MakePrinter, character: str
) -> None:
    device = virtual(character=character, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
    assert wait_until_ready(port).level is Level.QUEUED_STATUS
    device.fault("error", at_mm=20.0)
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    for _ in range(3):
        assert port.probe().fault is Fault.ERROR
    device.mend()
    device.wait_until_idle(5.0)
    begun_s = time.monotonic()
    assert port.probe().well
    a_silent_question_s = 2.5
    assert time.monotonic() - begun_s < a_silent_question_s


@pytest.mark.parametrize("character", ["clone", "clone-b"])
def test_the_kiosk_waits_once_for_a_printer_that_confirms_no_cleared_buffer(
    virtual: MakeVirtual, printer: MakePrinter, character: str
) -> None:
    device = virtual(character=character, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0, connect_s=2.0)
    wait_until_ready(port)
    device.fault("cover_open", at_mm=20.0)
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    assert port.probe().fault is Fault.COVER_OPEN
    begun_s = time.monotonic()
    assert port.probe().fault is Fault.COVER_OPEN
    a_silent_question_s = 1.0
    assert time.monotonic() - begun_s < a_silent_question_s


def test_a_printer_that_answers_too_early_confirms_no_slip(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(character="early", speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    for n in range(3):
        result = port.print(slip(f"DK-00{n}"))
        assert (result.proof, result.level) == (Proof.SENT, Level.STATUS)
        wait_until_ready(port)
    assert port.probe().level is Level.STATUS
    assert port.survey().early


def test_the_level_of_a_slow_printer_is_detected_before_a_visitor_comes(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    def play(answer_s: str) -> None:
        settings = {"answer_s": float(answer_s)}
        device = virtual(character="slow", settings=settings, speed_mm_s=SPEED_MM_S)
        port = printer(device.connection, deadline_s=8.0)
        assert wait_until_ready(port).level is Level.PROCESS_ID
        begun_s = time.monotonic()
        assert port.print(slip()).proof is Proof.CONFIRMED
        slip_s = 1.0
        assert time.monotonic() - begun_s < float(answer_s) + slip_s

    run_for_each(["0.8", "2.0"], play)


@pytest.mark.parametrize(
    ("lacks", "level"),
    [(["dle_eot", "gs_r"], Level.PROCESS_ID), (["dle_eot", "process_id"], Level.BLIND)],
)
def test_the_level_of_a_printer_without_status_follows_from_its_other_answers(
    virtual: MakeVirtual, printer: MakePrinter, lacks: list[str], level: Level
) -> None:
    settings = {"lacks": [*lacks, "gs_a", "clear", "gs_i", "pictures"]}
    device = virtual(character="epson", settings=settings, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=3.0)
    assert wait_until_ready(port).level is level
    proof = Proof.CONFIRMED if level is Level.PROCESS_ID else Proof.SENT
    assert port.print(slip()).proof is proof
    found = port.survey()
    assert (found.status, found.process_id) == (False, level is Level.PROCESS_ID)
    assert bool(found.in_order) is (level is Level.BLIND)


def test_a_board_that_ignores_new_connections_for_a_while_keeps_its_level(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    settings = {"lockout_s": 5.0}
    device = virtual(character="one-socket", settings=settings, speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0)
    assert wait_until_ready(port).level is Level.QUEUED_STATUS
    for n in range(5):
        assert port.print(slip(f"DK-00{n}")).proof is Proof.CONFIRMED
        assert wait_until_ready(port, 0.0).level is Level.QUEUED_STATUS
    assert device.connected


@pytest.mark.parametrize("level", ["C", "D"])
def test_a_slip_that_lost_its_power_shares_no_paper_with_the_next_one(
    virtual: MakeVirtual, printer: MakePrinter, level: str
) -> None:
    device = virtual(level=level, speed_mm_s=30.0)  # slower than the kiosk watches
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    assert port.print(slip("DK-001")).proof is Proof.SENT
    device.fault("power_cycle", seconds=0.2, buffer="lost")
    time.sleep(0.5)
    wait_until_ready(port)
    assert port.print(slip("DK-002")).proof is Proof.SENT
    device.wait_until_idle(20.0)
    pieces = numbers_on(device)
    assert [numbers for _, numbers in pieces if numbers] == [{"DK-001"}, {"DK-002"}], pieces


def test_a_board_that_closes_idle_connections_wastes_no_paper(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="C", speed_mm_s=300.0)
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    for n in range(2):
        assert port.print(slip(f"DK-00{n}")).proof is Proof.SENT
        assert isinstance(port, DirectPrinter)
        transport = port._session.transport
        assert isinstance(transport, NetworkTransport)
        assert transport._socket is not None
        # Reads as if the board had closed.
        transport._socket.shutdown(socket.SHUT_RDWR)
        wait_until_ready(port)
    device.wait_until_idle(5.0)
    assert [numbers for _, numbers in numbers_on(device)] == [{f"DK-00{n}"} for n in range(2)]


@pytest.mark.parametrize("kept", [False, True])
def test_no_paper_shows_two_numbers_after_a_power_cycle_in_mid_slip(
    virtual: MakeVirtual, printer: MakePrinter, kept: bool
) -> None:
    device = virtual(character="clone-a", speed_mm_s=SPEED_MM_S)
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    device.fault("paper_out", at_mm=20.0)
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    device.fault("power_cycle", seconds=0.5, buffer="kept" if kept else "lost")
    device.mend("paper_out")
    wait_until_ready(port)
    assert port.print(slip("DK-002")).proof is Proof.CONFIRMED
    device.wait_until_idle(5.0)
    pieces = numbers_on(device)
    assert all(len(numbers) <= 1 for _, numbers in pieces), pieces
    assert pieces.count((True, {"DK-002"})) == 1, pieces
