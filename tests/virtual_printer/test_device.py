"""The virtual printer as an Epson: answers and paper."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual_printer.client import CLEAR, CUT, MakeVirtual, PrinterClient, full
from virtual_printer import VirtualPrinter
from virtual_printer.commands import next_command
from virtual_printer.faults import Faults

# -- answers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "bits"),
    [
        (None, (0x12, 0x12, 0x12, 0x12)),
        ("near_end", (0x12, 0x12, 0x12, 0x1E)),
        ("paper_out", (0x1A, 0x32, 0x12, 0x7E)),
        ("cover_open", (0x1A, 0x16, 0x12, 0x12)),
        ("cutter_jam", (0x1A, 0x52, 0x1A, 0x12)),
        ("error", (0x1A, 0x52, 0x32, 0x12)),
        ("overheated", (0x1A, 0x52, 0x52, 0x12)),
        ("offline", (0x1A, 0x12, 0x12, 0x12)),
    ],
)
def test_status_bits_match_the_manual(
    virtual: MakeVirtual, fault: str | None, bits: tuple[int, ...]
) -> None:
    device = virtual(level="C")
    if fault:
        device.fault(fault)
    with PrinterClient(device) as client:
        for n, expected in enumerate(bits, start=1):
            assert client.ask(bytes((0x10, 4, n))) == bytes((expected,))


def test_each_level_answers_only_its_questions(virtual: MakeVirtual) -> None:
    questions = {
        b"\x10\x04\x01": "ABC",
        b"\x1dr\x01": "AB",
        b"\x1d(H\x06\x0000abcd": "A",
        CLEAR: "AB",
    }
    for level in "ABCD":
        with PrinterClient(virtual(level=level)) as client:
            for question, levels in questions.items():
                assert client.silent(question) is (level not in levels), (level, question)


def test_automatic_status_is_sent_on_a_change(virtual: MakeVirtual) -> None:
    device = virtual()
    with PrinterClient(device) as client:
        assert client.ask(b"\x1da\x0e", 4) == b"\x10\x00\x00\x00"
        device.fault("cover_open")
        assert client.ask(b"", 4) == b"\x38\x00\x00\x00"
        device.fault("paper_out")
        assert client.ask(b"", 4) == b"\x38\x00\x0f\x00"
        device.mend()
        assert client.ask(b"", 4) == b"\x10\x00\x00\x00"


def test_only_the_selected_changes_are_reported_until_the_next_reset(virtual: MakeVirtual) -> None:
    device = virtual()
    with PrinterClient(device) as client:
        assert client.ask(b"\x1da\x08", 4) == b"\x10\x00\x00\x00"
        device.fault("overheated")
        device.fault("near_end")
        assert client.ask(b"", 4) == b"\x18\x40\x03\x00"
        assert client.silent(b"")
        device.mend("overheated")
        assert client.ask(b"\x1b@\x1dr\x01") == b"\x03"
        device.fault("paper_out")
        assert client.silent(b"")


@pytest.mark.parametrize(
    ("name", "report"), [("paper_out", b"\x18\x00\x0f\x00"), ("cover_open", b"\x38\x00\x00\x00")]
)
def test_a_passing_fault_in_mid_slip_is_reported_and_tears_the_paper(
    virtual: MakeVirtual, name: str, report: bytes
) -> None:
    device = virtual()
    device.fault(name, at_mm=5, mended=True)
    with PrinterClient(device) as client:
        client.socket.sendall(b"\x1b@\x1da\x0eone\ntwo\n\x1dVB\x00\x1d(H\x06\x0000wxyz")
        well = b"\x10\x00\x00\x00"
        expected = (b"\x10\x00\x03\x00" if name == "paper_out" else well) + report + well
        assert client.ask(b"", 19) == expected + b"\x37\x22wxyz\x00"
    assert [piece.complete for piece in device.slips] == [False] * len(device.slips)
    assert [line for piece in device.slips for line in piece.lines] == ["one", "two"]


def test_paper_that_ends_with_the_last_line_is_reported_at_once(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("paper_out", at_mm=30 / 8)
    with PrinterClient(device) as client:
        report = client.ask(b"\x1b@\x1da\x0eone\n", 8)
    assert report == b"\x10\x00\x03\x00" + b"\x18\x00\x0f\x00"


def test_a_printer_without_automatic_status_reports_no_change(virtual: MakeVirtual) -> None:
    device = virtual(tells_changes=False)
    with PrinterClient(device) as client:
        assert client.silent(b"\x1da\x0e")
        device.fault("cover_open")
        assert client.silent(b"")


def test_a_process_id_is_answered_after_printing(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("paper_out", at_mm=2)
    with PrinterClient(device) as client:
        assert client.silent(b"line\n\x1d(H\x06\x0000wxyz")
        device.mend()
        assert client.ask(b"", 7) == b"\x37\x22wxyz\x00"


def test_stored_pictures_are_listed(virtual: MakeVirtual) -> None:
    with PrinterClient(virtual()) as client:
        assert client.ask(b"\x1d(L\x04\x000@KC", 4) == b"\x37\x72\x41\x00"
        define = b"0C0ab\x01\x08\x00\x02\x001\xff\x81"
        client.socket.sendall(b"\x1d(L" + len(define).to_bytes(2, "little") + define)
        assert client.ask(b"\x1d(L\x04\x000@KC", 6) == b"\x37\x72\x41ab\x00"


def test_a_second_client_waits_for_the_first(virtual: MakeVirtual) -> None:
    device = virtual()
    with PrinterClient(device) as first, PrinterClient(device) as second:
        assert first.ask(b"\x10\x04\x01") == b"\x12"
        assert second.silent(b"\x10\x04\x01")
        first.socket.close()
        assert second.ask(b"") == b"\x12"


@given(st.binary(max_size=300))
def test_the_command_reader_makes_progress_on_any_bytes(data: bytes) -> None:
    at = 0
    while at < len(data):
        command, used = next_command(data[at:])
        if command is None:
            break
        assert used > 0
        at += used


def test_noise_does_not_stop_the_printer(virtual: MakeVirtual) -> None:
    device = virtual()
    noise = bytes(i * 37 % 251 for i in range(20_000))
    with PrinterClient(device) as client:
        client.socket.sendall(noise + bytes(70_000) + b"\x1b@")
        client.socket.settimeout(20)
        client.socket.sendall(b"\x1d(H\x06\x0000done")
        got = b""
        while not got.endswith(b"\x37\x22done\x00"):
            got += client.socket.recv(4096)


@pytest.mark.parametrize("rows", [500, 1600])
def test_a_picture_larger_than_the_buffer_is_printed(virtual: MakeVirtual, rows: int) -> None:
    device = virtual()
    picture = b"\x1dv0\x00" + (72).to_bytes(2, "little") + rows.to_bytes(2, "little")
    with PrinterClient(device) as client:
        client.send(b"\x1b@" + picture + bytes(72 * rows) + b"done\n" + CUT)
        (slip,) = device.wait_for_slips(1)
    assert slip.lines == ["done"]
    assert slip.height_mm == (rows + 30 + 104) / 8


def test_a_picture_too_large_for_the_memory_is_dropped(
    virtual: MakeVirtual,
) -> None:
    device = virtual()
    define = b"0C0ab\x01\xff\x07\xff\x071" + bytes(256 * 2047)
    with PrinterClient(device) as client:
        client.send(b"\x1d8L" + len(define).to_bytes(4, "little") + define + full())
        (slip,) = device.wait_for_slips(1)
    assert "Berlaku hari ini saja" in slip.lines
    assert device.machine.head.memory == {}


# -- paper ----------------------------------------------------------------------------


def test_a_held_job_prints_after_the_fault_is_cleared(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("cover_open")
    with PrinterClient(device) as client:
        client.socket.sendall(full("DK-001"))
    device.mend()
    (piece,) = device.wait_for_slips(1)
    assert piece.complete
    assert "DK-001" in piece.lines


def test_a_fault_cleared_with_the_receipt_of_its_byte_does_not_begin(virtual: MakeVirtual) -> None:
    device = virtual()
    received = device.machine.receive

    def receive(data: bytes) -> None:
        received(data)
        device.machine.change(Faults.mend)

    device.machine.receive = receive  # type: ignore[assignment, method-assign]
    device.fault("overheated", at_byte=10)
    with PrinterClient(device) as client:
        client.socket.sendall(full("DK-001"))
        (piece,) = device.wait_for_slips(1)
    assert piece.complete


def test_a_cleared_job_is_not_printed(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("cover_open")
    with PrinterClient(device) as client:
        client.socket.sendall(full("DK-001"))
        assert client.ask(CLEAR, 3) == b"\x37\x25\x00"
        device.mend()
        client.socket.sendall(full("DK-002"))
        (piece,) = device.wait_for_slips(1)
    assert "DK-002" in piece.lines
    assert "DK-001" not in piece.lines


def test_paper_ends_after_its_length(virtual: MakeVirtual) -> None:
    device = virtual()
    with PrinterClient(device) as client:
        client.socket.sendall(full("DK-001"))
        (whole,) = device.wait_for_slips(1)
        used = device.machine.used_mm
        assert used == pytest.approx(whole.height_mm)
        device.fault("paper_out", at_mm=used / 2)
        client.socket.sendall(full("DK-002"))
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: device.machine.status(4) == 0x7E, 5)
        device.mend()
        pieces = device.wait_for_slips(3)
    assert [piece.complete for piece in pieces] == [True, False, False]
    assert used / 2 - 30 < pieces[1].height_mm <= used / 2
    assert pieces[1].height_mm + pieces[2].height_mm == pytest.approx(used)


def test_printing_takes_the_time_of_the_paper_speed(virtual: MakeVirtual) -> None:
    device = virtual(speed_mm_s=400.0)
    with PrinterClient(device) as client:
        data = b"\x1bJ\xf0" * 5 + b"\x1d(H\x06\x0000time"
        client.socket.sendall(data)
        assert client.silent(b""), "150 mm at 400 mm/s are not printed in 0.2 s"
        assert client.ask(b"", 7) == b"\x37\x22time\x00"


def test_closing_the_printer_ends_its_threads() -> None:
    before = set(threading.enumerate())
    VirtualPrinter().close()
    assert set(threading.enumerate()) <= before


def test_an_unknown_paper_width_is_refused() -> None:
    with pytest.raises(ValueError, match="paper of 70 mm is not known; known: 80 and 58 mm"):
        VirtualPrinter(paper_mm=70)
