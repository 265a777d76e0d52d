"""The printer's results match the virtual printer's paper, at each level and with each fault."""

from __future__ import annotations

import os
import pty
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.slip import LogoLine, NumberLine, Slip, TextLine
from kiosk.errors import PrinterError
from kiosk.printer import open_printer
from kiosk.printing import job_result, status_protocol
from kiosk.printing.encoder import encode
from kiosk.printing.replies import PrinterStatus
from tests.printing.conftest import (
    NOW,
    MakePrinter,
    MakeVirtual,
    find_picture,
    short_slip,
    slip,
    wait_until_ready,
)
from virtual_printer import VirtualPrinter

LEVELS = {
    "A": (Level.PROCESS_ID, Proof.CONFIRMED),
    "B": (Level.QUEUED_STATUS, Proof.CONFIRMED),
    "C": (Level.STATUS, Proof.SENT),
    "D": (Level.BLIND, Proof.SENT),
}
IDLE_FAULTS = {
    "paper_out": Fault.PAPER_OUT,
    "cover_open": Fault.COVER_OPEN,
    "cutter_jam": Fault.CUTTER,
    "error": Fault.ERROR,
    "offline": Fault.OFFLINE,
    "mute": Fault.MUTE,
    "refuse": Fault.UNREACHABLE,
}


def numbers(device: VirtualPrinter) -> list[str]:
    """The numbers on the complete slips."""
    found = []
    for piece in device.slips:
        if piece.complete:
            found += [line for line in piece.lines if line.startswith("DK-")]
    return found


@pytest.mark.parametrize("letter", list("ABCD"))
@pytest.mark.parametrize("setting", ["auto", "fixed"])
@pytest.mark.parametrize("paper_mm", [80, 58])
def test_a_printer_without_a_fault_prints_at_its_level(
    virtual: MakeVirtual, printer: MakePrinter, letter: str, setting: str, paper_mm: int
) -> None:
    device = virtual(level=letter, paper_mm=paper_mm)
    level = "auto" if setting == "auto" else letter
    port = printer(device.connection, level=level, paper_mm=paper_mm)
    health = port.probe()
    assert (health.well, health.level, health.at) == (True, LEVELS[letter][0], NOW)
    for count in (1, 2, 3):
        result = port.print(slip(f"DK-{count:03d}"))
        assert result.outcome is Outcome.PRINTED, result
        assert (result.level, result.proof) == LEVELS[letter]
    device.wait_for_slips(3)
    assert numbers(device) == ["DK-001", "DK-002", "DK-003"]


@pytest.mark.parametrize("letter", list("ABCD"))
def test_a_slip_prints_without_a_probe_before_it(
    virtual: MakeVirtual, printer: MakePrinter, letter: str
) -> None:
    device = virtual(level=letter)
    result = printer(device.connection, deadline_s=4.0).print(slip())
    assert (result.outcome, result.level) == (Outcome.PRINTED, LEVELS[letter][0])
    device.wait_for_slips(1)


@pytest.mark.parametrize("name", list(IDLE_FAULTS))
@pytest.mark.parametrize("letter", list("ABC"))
def test_nothing_is_sent_if_a_fault_is_known_before_the_slip(
    virtual: MakeVirtual, printer: MakePrinter, name: str, letter: str
) -> None:
    device = virtual(level=letter)
    port = printer(device.connection, level=letter)
    wait_until_ready(port)
    device.fault(name)
    health = port.probe()
    assert health.fault is IDLE_FAULTS[name]
    assert not health.well
    result = port.print(slip())
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, IDLE_FAULTS[name])
    assert result.proof is Proof.SCREEN
    device.mend()
    device.wait_until_idle()
    assert port.probe().well
    assert port.print(slip("DK-028")).outcome is Outcome.PRINTED
    device.wait_for_slips(1)
    device.wait_until_idle()
    assert numbers(device) == ["DK-028"]
    assert len(device.slips) == 1


@pytest.mark.parametrize("kind", ["random", "endless"])
def test_noise_is_reported_as_garbled_and_nothing_is_sent(
    virtual: MakeVirtual, printer: MakePrinter, kind: str
) -> None:
    device = virtual(level="A")
    port = printer(device.connection, level="A")
    wait_until_ready(port)
    device.fault("garbage", kind=kind)
    # A random byte can look like a status byte, but not in each of six probes.
    faults = {port.probe().fault for _ in range(6)}
    assert Fault.GARBLED in faults
    assert port.print(slip()).outcome is not Outcome.PRINTED
    assert numbers(device) == []


def test_answers_in_single_bytes_confirm_the_slip(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    device.fault("garbage", kind="split")
    port = printer(device.connection)
    assert port.probe().level is Level.PROCESS_ID
    assert port.print(slip()).proof is Proof.CONFIRMED


def test_near_end_is_reported_and_does_not_stop_printing(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual()
    device.fault("near_end")
    port = printer(device.connection)
    health = port.probe()
    assert (health.near_end, health.well) == (True, True)
    assert port.print(slip()).outcome is Outcome.PRINTED


def test_the_slips_left_are_counted_from_the_moment_of_near_end(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual()
    port = printer(device.connection)
    assert port.probe().slips_left is None
    device.fault("near_end")
    assert port.probe().slips_left is None, "no slip has been measured yet"
    left = []
    for number in ("DK-001", "DK-002", "DK-003"):
        assert port.print(slip(number)).outcome is Outcome.PRINTED
        port.probe()
        left.append(port.probe().slips_left or 0)
    slip_mm = device.machine.used_mm / 3
    assert left == [int(2000 / slip_mm) - n for n in (1, 2, 3)]
    device.mend()
    port.probe()
    assert port.probe().slips_left is None
    device.fault("near_end")
    other = printer(device.connection)
    port.close()
    assert other.probe().near_end
    assert other.print(slip("DK-004")).outcome is Outcome.PRINTED
    assert other.probe().slips_left is None, (
        "near end since before the first probe: the rest of the roll is unknown"
    )


# -- faults during a slip -------------------------------------------------------------


@pytest.mark.parametrize("letter", list("AB"))
@pytest.mark.parametrize("at_mm", [0, 10, 60])
def test_paper_that_ends_in_mid_slip_is_uncertain_with_its_fault(
    virtual: MakeVirtual, printer: MakePrinter, letter: str, at_mm: int
) -> None:
    device = virtual(level=letter)
    port = printer(device.connection, deadline_s=1.2)
    wait_until_ready(port)
    device.fault("paper_out", at_mm=max(at_mm, 0.5))
    result = port.print(slip())
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.PAPER_OUT)
    assert numbers(device) == []


def test_a_slip_whose_paper_was_replaced_is_not_confirmed(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    port = printer(device.connection, deadline_s=6.0)
    wait_until_ready(port)
    device.fault("paper_out", at_mm=30)
    results: list[PrintResult] = []
    thread = threading.Thread(target=lambda: results.append(port.print(slip())))
    thread.start()
    with device.machine.changed:
        # Clear the fault only after the printer has reported it.
        assert device.machine.changed.wait_for(lambda: device.machine.asked_while_faulty, 5)
    device.mend("paper_out")
    thread.join(10)
    assert results[0].outcome is Outcome.UNCERTAIN
    assert results[0].fault in (Fault.PAPER_OUT, Fault.OFFLINE)
    device.wait_for_slips(2)
    assert [piece.complete for piece in device.slips] == [False, False]


@pytest.mark.parametrize("kind", ["stall", "close", "reset", "swallow"])
@pytest.mark.parametrize("letter", list("AB"))
def test_a_connection_that_fails_at_any_byte_causes_no_false_confirmation(
    virtual: MakeVirtual, printer: MakePrinter, kind: str, letter: str
) -> None:
    length = len(encode(short_slip(), 80, "CP858"))
    for at_byte in range(0, length + 12, 3 if kind in ("close", "reset") else 11):
        device = virtual(level=letter)
        port = printer(device.connection, level=letter, deadline_s=0.35, connect_s=0.35)
        wait_until_ready(port)
        device.fault(kind, at_byte=at_byte)
        result = port.print(short_slip())
        assert result.outcome is Outcome.UNCERTAIN, (at_byte, result)
        assert result.fault in (Fault.MUTE, Fault.UNREACHABLE), (at_byte, result)
        assert numbers(device) == [] or at_byte >= length


@pytest.mark.parametrize("kind", ["stall", "close", "reset", "swallow"])
def test_level_c_confirms_no_slip_on_a_broken_connection(
    virtual: MakeVirtual, printer: MakePrinter, kind: str
) -> None:
    device = virtual(level="C")
    port = printer(device.connection, level="C", deadline_s=0.6)
    wait_until_ready(port)
    device.fault(kind, at_byte=10)
    assert port.print(short_slip()).proof in (Proof.SENT, Proof.UNCERTAIN)


def test_a_slow_printer_gets_more_time_for_an_answer_while_it_prints(
    virtual: MakeVirtual, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_result, "PRINTING_PATIENCE", 20.0)
    device = virtual(level="C")
    port = printer(device.connection, level="C", deadline_s=10.0)
    wait_until_ready(port)
    device.fault("delay", seconds=1.1 * status_protocol.ANSWER_S)
    assert port.print(short_slip()).proof is Proof.SENT


def test_the_echo_of_another_job_confirms_nothing(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    port = printer(device.connection)
    wait_until_ready(port)
    device.fault("garbage", kind="wrong_id")
    result = port.print(slip())
    assert (result.outcome, result.fault) == (Outcome.UNCERTAIN, Fault.MUTE)


def test_a_printer_that_answers_too_late_is_uncertain(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    port = printer(device.connection)
    wait_until_ready(port)
    device.fault("delay", seconds=3.0)
    began = time.monotonic()
    assert port.print(slip()).outcome is Outcome.UNCERTAIN
    assert time.monotonic() - began < 2.0


@pytest.mark.parametrize("name", ["cover_open", "cutter_jam"])
def test_a_fault_during_the_slip_is_reported(
    virtual: MakeVirtual, printer: MakePrinter, name: str
) -> None:
    device = virtual(level="A", speed_mm_s=250.0)
    port = printer(device.connection, deadline_s=2.0)
    wait_until_ready(port)
    results: list[PrintResult] = []
    thread = threading.Thread(target=lambda: results.append(port.print(slip())))
    thread.start()
    with device.machine.changed:
        assert device.machine.changed.wait_for(lambda: device.machine.used_mm > 5, 5)
    device.fault(name)
    thread.join(10)
    assert (results[0].outcome, results[0].fault) == (Outcome.UNCERTAIN, IDLE_FAULTS[name])


# -- after an uncertain slip ----------------------------------------------------------


def bring_to_hold(device: VirtualPrinter, port: object) -> None:
    """Let the paper end during a slip, so that the port holds."""
    wait_until_ready(port)  # type: ignore[arg-type]
    device.fault("paper_out", at_mm=30)
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN  # type: ignore[attr-defined]


@pytest.mark.parametrize("letter", list("AB"))
def test_after_uncertain_nothing_is_sent_until_the_buffer_is_clear(
    virtual: MakeVirtual, printer: MakePrinter, letter: str
) -> None:
    device = virtual(level=letter)
    port = printer(device.connection)
    bring_to_hold(device, port)
    result = port.print(slip("DK-002"))
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, Fault.HELD_BACK)
    health = port.probe()
    assert (health.fault, health.held) == (Fault.PAPER_OUT, True)
    device.mend()
    health = port.probe()
    assert (health.fault, health.held, health.well) == (None, False, True)
    assert port.print(slip("DK-003")).outcome is Outcome.PRINTED
    device.wait_until_idle()
    assert numbers(device) == ["DK-003"]
    # The rest of the broken slip was printed and cut before the next one.
    assert [piece.complete for piece in device.slips][-1] is True
    assert not any("DK-001" in piece.lines for piece in device.slips if piece.complete)


def test_the_health_counts_holds_that_the_printer_ended_but_not_those_of_staff(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    port = printer(device.connection)
    assert port.probe().cleared == 0
    device.fault("paper_out", at_mm=30)
    assert port.print(slip("DK-001")).hold == 1
    device.mend()
    assert port.probe().cleared == 1
    device.fault("paper_out", at_mm=30)
    assert port.print(slip("DK-002")).hold == 2
    assert port.probe().cleared == 1
    port.release()
    device.mend()
    health = port.probe()
    assert (health.well, health.cleared) == (True, 1)
    assert port.print(slip("DK-003")).hold == 0


@pytest.mark.parametrize(
    ("bits", "fault"),
    [
        ((0x12, 0x12, 0x12, 0x12), None),
        ((0x1A, 0x52, 0x52, 0x12), Fault.OVERHEATED),
        ((0x1A, 0x52, 0x32, 0x12), Fault.ERROR),
        ((0x1A, 0x52, 0x1A, 0x12), Fault.CUTTER),
        ((0x1A, 0x56, 0x52, 0x12), Fault.COVER_OPEN),
        ((0x1A, 0x32, 0x12, 0x72), Fault.PAPER_OUT),
        ((0x1A, 0x12, 0x12, 0x12), Fault.OFFLINE),
    ],
)
def test_the_status_bits_give_the_fault_to_clear_first(
    bits: tuple[int, int, int, int], fault: Fault | None
) -> None:
    assert PrinterStatus(bits).fault is fault


def test_a_late_slip_never_shares_its_paper_with_another(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="C")
    port = printer(device.connection, level="C")
    wait_until_ready(port)
    device.fault("paper_out", at_mm=30)
    assert port.print(slip("DK-001")).proof is not Proof.CONFIRMED
    device.mend()
    device.wait_until_idle()
    for piece in device.slips:
        assert len({line for line in piece.lines if line.startswith("DK-")}) <= 1


def test_staff_can_end_a_hold_that_the_printer_cannot_end(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="C")
    port = printer(device.connection, level="C")
    wait_until_ready(port)
    device.fault("mute")
    # The last probe is recent, so the slip is sent before the kiosk detects the silence.
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    device.mend()
    health = port.probe()
    assert (health.fault, health.held, health.well) == (None, True, False)
    assert port.print(slip("DK-002")).fault is Fault.HELD_BACK
    port.release()
    assert port.probe().well
    assert port.print(slip("DK-003")).outcome is Outcome.PRINTED
    device.wait_until_idle()
    assert numbers(device) == ["DK-001", "DK-003"]


def test_a_release_without_a_hold_has_no_effect(virtual: MakeVirtual, printer: MakePrinter) -> None:
    device = virtual(level="A")
    port = printer(device.connection)
    port.release()
    bring_to_hold(device, port)
    assert port.print(slip("DK-002")).fault is Fault.HELD_BACK


@pytest.mark.parametrize("at_byte", range(2, 200, 13))
def test_an_incomplete_command_does_not_consume_the_next_slip(
    virtual: MakeVirtual, printer: MakePrinter, at_byte: int
) -> None:
    device = virtual(level="A")
    port = printer(device.connection)
    wait_until_ready(port)
    device.fault("reset", at_byte=at_byte)
    assert port.print(slip("DK-001")).outcome is Outcome.UNCERTAIN
    device.mend()
    # Staff end the hold, so the printer's buffer has not been cleared.
    port.release()
    assert port.print(slip("DK-002")).outcome is Outcome.PRINTED
    device.wait_until_idle()
    last = device.slips[-1]
    assert last.complete
    assert "DK-002" in last.lines
    assert not {"DK-001"} & set(last.lines)


def test_the_buffer_is_cleared_before_the_first_job_after_an_unclean_stop(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    with socket.create_connection((device.host, device.port)) as crashed:
        crashed.sendall(b"\x1b@DK-009\n")
    with device.machine.changed:
        assert device.machine.changed.wait_for(lambda: device.machine.used_mm > 0, 5)
    port = printer(device.connection, suspect=True)
    assert port.print(slip("DK-001")).fault is Fault.HELD_BACK
    assert port.probe().well
    assert port.print(slip("DK-002")).proof is Proof.CONFIRMED
    device.wait_for_slips(2)
    assert [("DK-009" in p.lines, "DK-002" in p.lines) for p in device.slips] == [
        (True, False),
        (False, True),
    ]


# -- connections ----------------------------------------------------------------------


def test_a_closed_idle_connection_is_opened_again(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    port = printer(device.connection)
    wait_until_ready(port)
    for number in ("DK-001", "DK-002"):
        device.hang_up()
        assert port.print(slip(number)).outcome is Outcome.PRINTED
        device.hang_up()
        assert port.probe().well
    assert numbers(device) == ["DK-001", "DK-002"]


def test_a_silent_printer_is_level_d_unless_it_has_answered_before(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    device.fault("mute")
    port = printer(device.connection)
    assert port.probe().level is Level.BLIND
    device.mend()
    other = printer(device.connection)
    port.close()
    assert other.probe().level is Level.PROCESS_ID
    device.fault("mute")
    assert other.probe().fault is Fault.MUTE


@pytest.mark.parametrize(
    "connection",
    ["network:printer.invalid:9100", "device:/no/such/lp0", "file:/no/such/folder/slips.bin"],
)
def test_a_connection_that_cannot_be_opened_is_unreachable(
    printer: MakePrinter, connection: str
) -> None:
    port = printer(connection, connect_s=10.0, deadline_s=12.0)
    health = port.probe()
    assert health.fault is Fault.UNREACHABLE
    assert health.detail
    assert "\n" not in str(health.detail)
    result = port.print(slip())
    assert (result.outcome, result.fault) == (Outcome.NOT_PRINTED, Fault.UNREACHABLE)


def test_a_server_of_another_protocol_is_garbled(printer: MakePrinter) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    while client.recv(100):
                        client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>\xff\xfe")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        port = printer(f"network:127.0.0.1:{server.getsockname()[1]}")
        assert port.probe().fault is Fault.GARBLED
        assert port.print(slip()).outcome is Outcome.NOT_PRINTED
        port.close()
        server.shutdown(socket.SHUT_RDWR)


def test_a_slip_is_appended_to_a_file(printer: MakePrinter, tmp_path: Path) -> None:
    path = tmp_path / "slips.bin"
    port = printer(f"file:{path}")
    assert port.probe().level is Level.BLIND
    result = port.print(slip())
    assert (result.outcome, result.proof) == (Outcome.PRINTED, Proof.SENT)
    assert path.read_bytes().endswith(b"\x1dVB\x00")


def test_a_device_file_that_answers_is_used_at_its_level(printer: MakePrinter) -> None:
    master, slave = pty.openpty()
    said: list[bytes] = []

    def play() -> None:
        """A level C printer on a serial line."""
        while True:
            try:
                data = os.read(master, 4096)
            except OSError:
                return
            said.append(data)
            os.write(master, b"\x12" * len(re.findall(rb"\x10\x04[\x01-\x04]", data)))

    threading.Thread(target=play, daemon=True).start()
    port = printer(f"device:{os.ttyname(slave)}", level="C")
    wait_until_ready(port)
    result = port.print(slip())
    assert (result.outcome, result.proof) == (Outcome.PRINTED, Proof.SENT)
    assert b"\x1dVB\x00" in b"".join(said)
    port.close()
    os.close(slave)
    os.close(master)


def test_a_probe_returns_at_once_while_another_thread_prints(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A", speed_mm_s=100.0)
    port = printer(device.connection, deadline_s=8.0)
    wait_until_ready(port)
    results: list[PrintResult] = []
    thread = threading.Thread(target=lambda: results.append(port.print(slip())))
    thread.start()
    with device.machine.changed:
        assert device.machine.changed.wait_for(lambda: device.machine.used_mm > 5, 5)
    began = time.monotonic()
    assert port.probe().well
    assert time.monotonic() - began < 0.2
    thread.join(10)
    assert results[0].outcome is Outcome.PRINTED


@pytest.mark.parametrize(
    ("letter", "echoes", "clears"), [("A", True, True), ("B", False, True), ("C", False, False)]
)
def test_the_survey_reports_the_printer_s_capabilities(
    virtual: MakeVirtual, printer: MakePrinter, letter: str, echoes: bool, clears: bool
) -> None:
    device = virtual(level=letter)
    port = printer(device.connection)
    assert port.print(slip()).outcome is Outcome.PRINTED
    found = port.survey()
    assert (found.status, found.process_id, found.clear) == (True, echoes, clears)
    assert found.watch is True
    assert port.print(slip("DK-028")).outcome is Outcome.PRINTED
    device.wait_for_slips(2)
    first, second = device.slips
    assert len(first.lines) == len(second.lines)


def test_the_survey_of_a_printer_that_never_answers_is_almost_empty(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    assert printer(virtual(level="D").connection).survey().status is False
    assert printer(f"file:{tmp_path / 'slips'}").survey().status is None
    assert printer("device:/no/such/lp0").survey().status is None


# -- pictures and settings ------------------------------------------------------------


@pytest.mark.parametrize("letter", list("ABCD"))
def test_every_printer_gets_the_logo_with_each_slip(
    virtual: MakeVirtual, printer: MakePrinter, letter: str
) -> None:
    device = virtual(level=letter)
    port = printer(device.connection, logos=("logo.png",))
    wait_until_ready(port)
    slip_ = Slip("DK-001", (LogoLine("logo.png"), NumberLine("DK-001")))
    assert port.print(slip_).outcome is Outcome.PRINTED
    (piece,) = device.wait_for_slips(1)
    assert piece.commands.count("ESC *") == 4, "80 dots are four strips of 24"


def test_a_slip_prints_without_its_missing_logo(virtual: MakeVirtual, printer: MakePrinter) -> None:
    device = virtual(level="A")
    port = printer(device.connection, logos=("none.png",))
    wait_until_ready(port)
    slip_ = Slip("DK-001", (LogoLine("none.png"), TextLine("Loket 1")))
    assert port.print(slip_).outcome is Outcome.PRINTED


@pytest.mark.parametrize(
    "wrong",
    [{"level": "E"}, {"code_page": "UTF-8"}, {"paper_mm": 76}, {"connection": "virtual"}],
)
def test_invalid_settings_are_refused_when_the_printer_is_opened(wrong: dict[str, object]) -> None:
    values = {"connection": "network:127.0.0.1:9100", **wrong}
    with pytest.raises(PrinterError):
        open_printer(PrinterSettings(**values), pictures=find_picture, now=lambda: NOW)  # type: ignore[arg-type]
