"""The kiosk prints through a raw queue of a real CUPS."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.deadline import Deadline
from kiosk.domain.delivery import Fault, Level, Outcome, Proof
from kiosk.printer import Printer
from kiosk.printing import queued
from kiosk.printing.ipp import job_state
from tests.printing.conftest import MakePrinter, slip
from tests.printing.cupsd import Cups

CUT = b"\x1dVB\x00"


@pytest.fixture
def cups(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cups]:
    """A private CUPS that the environment names."""
    made = Cups()
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.close()


def queue(printer: MakePrinter, **how: object) -> Printer:
    """The kiosk's printer on the queue."""
    return printer("cups:KIOSK", **{"deadline_s": 1.5, "connect_s": 2.0, **how})


def waiting(cups: Cups) -> str:
    """The jobs that CUPS has not completed."""
    return cups.do("lpstat", "-o")


def test_the_queue_passes_a_slip_unchanged_and_it_counts_as_sent(
    cups: Cups, printer: MakePrinter
) -> None:
    port = queue(printer, deadline_s=5.0)
    health = port.probe()
    assert (health.well, health.level) == (True, Level.BLIND)
    for number in ("DK-001", "DK-002"):
        result = port.print(slip(number))
        assert (result.outcome, result.proof) == (Outcome.PRINTED, Proof.SENT)
    assert cups.paper.count(CUT) == 2
    assert cups.paper.startswith(b"\x1b@")
    assert b"DK-001" in cups.paper


def test_a_job_that_exceeds_the_deadline_is_cancelled_and_begins_a_hold(
    cups: Cups, printer: MakePrinter
) -> None:
    port = queue(printer)
    assert port.probe().well
    cups.set("stall")
    began = time.monotonic()
    result = port.print(slip("DK-001"))
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.MUTE)
    assert time.monotonic() - began < 4
    assert waiting(cups) == ""
    assert port.print(slip("DK-002")).fault is Fault.HELD_BACK
    cups.unset("stall")
    assert port.probe().held
    port.release()
    assert port.print(slip("DK-003")).proof is Proof.SENT
    assert b"DK-001" not in cups.paper
    # The separator cuts first: the printer may still have text of the cancelled job.
    assert cups.paper.startswith(b"\x1b@\x1c.\x1bd\x04\x1dVB\x00")


def test_a_hold_ends_without_staff_once_the_queue_is_idle(
    cups: Cups, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queued, "SETTLE_S", 0.3)
    port = queue(printer)
    cups.set("stall")
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    cups.do("cupsdisable", "KIOSK")
    port.probe()
    time.sleep(0.4)
    assert port.probe().held, "a paused queue is not idle"
    cups.unset("stall")
    cups.do("cupsenable", "KIOSK")
    assert port.probe().held
    time.sleep(0.4)
    assert port.probe().well
    assert port.print(slip("DK-002")).proof is Proof.SENT
    assert b"DK-001" not in cups.paper


def test_a_probe_reports_the_faults_that_cups_reports(cups: Cups, printer: MakePrinter) -> None:
    port = queue(printer)
    assert port.probe().well
    cups.set("paper")
    result = port.print(slip("DK-001"))
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.PAPER_OUT)
    cups.unset("paper")
    assert port.probe().fault is Fault.PAPER_OUT
    port.release()
    assert port.probe().well, (
        "after a release, the stale report of CUPS is ignored until the next job"
    )
    cups.do("cupsdisable", "-r", "being cleaned", "KIOSK")
    health = port.probe()
    assert (health.fault, "being cleaned" in str(health.detail)) == (Fault.OFFLINE, True)
    assert port.print(slip("DK-002")).outcome is Outcome.NOT_PRINTED
    cups.do("cupsenable", "KIOSK")
    cups.do("cupsreject", "KIOSK")
    result = port.print(slip("DK-003"))
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, Fault.UNREACHABLE)
    assert waiting(cups) == ""


def test_a_job_that_the_printer_refuses_is_uncertain(cups: Cups, printer: MakePrinter) -> None:
    port = queue(printer)
    cups.set("fail")
    result = port.print(slip())
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.OFFLINE)
    assert waiting(cups) == ""
    assert CUT not in cups.paper


def test_a_job_that_cups_aborted_is_uncertain(cups: Cups, printer: MakePrinter) -> None:
    cups.do("lpadmin", "-p", "KIOSK", "-o", "printer-error-policy=abort-job")
    port = queue(printer, deadline_s=5.0)
    assert port.print(slip("DK-001")).proof is Proof.SENT
    cups.set("fail")
    result = port.print(slip("DK-002"))
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.ERROR)
    assert b"DK-002" not in cups.paper


def test_a_job_that_an_earlier_run_left_in_the_queue_is_cancelled(
    cups: Cups, printer: MakePrinter
) -> None:
    cups.do("cupsdisable", "KIOSK")
    cups.do("lp", "-d", "KIOSK", "-o", "raw", "/etc/hostname")
    assert "KIOSK-1" in waiting(cups)
    port = queue(printer, deadline_s=5.0)
    port.probe()
    assert waiting(cups) == ""
    cups.do("cupsenable", "KIOSK")
    assert port.print(slip()).proof is Proof.SENT
    assert cups.paper.startswith(b"\x1b@")


def test_the_job_state_is_unknown_if_cups_does_not_answer_by_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "sock"))
    assert job_state(1, Deadline.after(60)) is None, "no CUPS listens"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "sock"))
        silent.listen()
        assert job_state(1, Deadline.after(0.1)) is None


def test_a_missing_queue_or_cups_is_unreachable_in_a_one_line_message(
    cups: Cups, printer: MakePrinter
) -> None:
    health = printer("cups:OTHER").probe()
    assert (health.fault, "OTHER" in str(health.detail)) == (Fault.UNREACHABLE, True)
    cups.stop()
    health = queue(printer).probe()
    assert health.fault is Fault.UNREACHABLE
    assert health.detail
    assert "\n" not in str(health.detail)


def test_a_job_that_could_not_be_cancelled_is_cancelled_at_the_next_probe(
    cups: Cups, printer: MakePrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = queue(printer)
    assert port.probe().well
    cups.set("stall")
    with monkeypatch.context() as patch:
        (tmp_path / "cancel").write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "cancel").chmod(0o755)
        patch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
        assert "KIOSK-1" in waiting(cups)
    assert port.probe().held
    assert waiting(cups) == ""


def test_a_cups_command_that_cannot_be_run_is_unreachable(
    printer: MakePrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lpstat").write_bytes(b"\x7fELF")
    (tmp_path / "lpstat").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    health = queue(printer).probe()
    assert (health.fault, "lpstat" in str(health.detail)) == (Fault.UNREACHABLE, True)


def test_missing_cups_commands_are_unreachable(
    printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "cups-client" in str(queue(printer).probe().detail)
