"""Kiosk printers: presenter, retractor, and the simulated hand that takes the slip."""

from __future__ import annotations

import time

import pytest

from tests.virtual_printer.client import MakeVirtual, PrinterClient, job
from virtual_printer import SlipRecord, VirtualPrinter

STATUS = b"\x10\x04\x01"
FULL = b"\x10\x04\x14"
EJECTOR = b"\x1de\x06"
PRESENT, RETRACT, EJECT = b"\x1de\x03\x0c", b"\x1de\x02", b"\x1de\x05"
STAR = b"\x1b\x06\x01"


def fates(device: VirtualPrinter) -> list[str]:
    """The fate of each slip."""
    return [slip.fate for slip in device.slips]


def test_a_printer_without_a_mouth_drops_the_slip(virtual: MakeVirtual) -> None:
    device = virtual()
    with PrinterClient(device) as client:
        client.send(job("DK-001"))
        (slip,) = device.wait_for_slips(1)
    assert slip.fate == "out"
    assert slip.began is not None
    assert slip.left is not None
    assert slip.gone == slip.left
    assert slip.began <= slip.left <= time.time() + 0.001
    assert not device.take()


def test_bit_7_is_set_until_the_slip_is_torn_off(virtual: MakeVirtual) -> None:
    device = virtual(character="cashino")
    with PrinterClient(device) as client:
        assert client.ask(STATUS) == b"\x12"
        client.send(job("DK-001"))
        device.wait_for_slips(1)
        assert client.ask(STATUS) == b"\x92"
        assert [client.ask(bytes((0x10, 4, n))) for n in (2, 3, 4)] == [b"\x12"] * 3
        assert device.take()
        assert client.ask(STATUS) == b"\x12"
    assert fates(device) == ["taken"]
    assert not device.take()


def test_the_next_slip_pushes_out_the_one_in_the_mouth(virtual: MakeVirtual) -> None:
    device = virtual(character="cashino")
    with PrinterClient(device) as client:
        client.send(job("DK-001") + job("DK-002"))
        device.wait_for_slips(2)
        assert client.ask(STATUS) == b"\x92"
    assert fates(device) == ["pushed_out", "in_mouth"]


def test_the_hand_takes_the_slip_after_the_set_time(virtual: MakeVirtual) -> None:
    device = virtual(character="cashino", settings={"hand_s": 0.2})
    with PrinterClient(device) as client:
        client.send(job("DK-001"))
        slip = device.wait_for_fate(0, "taken")
    assert slip.left is not None
    assert slip.gone is not None
    assert slip.gone - slip.left >= 0.19


def test_a_cut_slip_stays_inside_until_it_is_presented(virtual: MakeVirtual) -> None:
    device = virtual(character="custom")
    with PrinterClient(device) as client:
        assert client.ask(FULL, 6) == b"\x10\x0f\x00\x00\x00\x00"
        assert client.ask(EJECTOR) == b"\x04"
        client.send(job("DK-001"))
        device.wait_for_slips(1)
        assert fates(device) == ["inside"]
        assert client.ask(FULL, 6) == b"\x10\x0f\x00\x00\x00\x00"
        assert not device.take()
        assert client.ask(PRESENT + EJECTOR) == b"\x0c"
        assert client.ask(FULL, 6) == b"\x10\x0f\x20\x00\x00\x00"
        assert device.take()
        assert client.ask(EJECTOR) == b"\x04"
    assert fates(device) == ["taken"]


@pytest.mark.parametrize(
    ("command", "settings", "fate"),
    [
        (RETRACT, {}, "retracted"),
        (EJECT, {}, "ejected"),
        (RETRACT, {"retracts": False}, "in_mouth"),
    ],
)
def test_retract_and_eject_commands_move_the_slip(
    virtual: MakeVirtual, command: bytes, settings: dict[str, object], fate: str
) -> None:
    device = virtual(character="custom", settings=settings)
    with PrinterClient(device) as client:
        client.send(job("DK-001") + PRESENT + command)
        client.ask(EJECTOR)
    assert fates(device) == [fate]


def test_presenting_cuts_an_uncut_slip(virtual: MakeVirtual) -> None:
    device = virtual(character="reliance")
    with PrinterClient(device) as client:
        client.send(b"\x1b@DK-001\n" + PRESENT)
        (slip,) = device.wait_for_slips(1)
    assert (slip.complete, slip.fate) == (True, "in_mouth")


def test_a_presented_slip_is_retracted_after_the_time_of_the_command(virtual: MakeVirtual) -> None:
    device = virtual(character="reliance")
    with PrinterClient(device) as client:
        client.send(job("DK-001") + b"\x1de\x20\x0c\x01")
        device.wait_for_slips(1)
        slip = device.wait_for_fate(0, "retracted")
    assert slip.left is not None
    assert slip.gone is not None
    assert slip.gone - slip.left >= 0.9


def test_the_next_slip_retracts_the_one_in_the_mouth(virtual: MakeVirtual) -> None:
    device = virtual(character="reliance")
    with PrinterClient(device) as client:
        client.send(job("DK-001") + job("DK-002"))
        device.wait_for_slips(2)
    assert fates(device) == ["retracted", "in_mouth"]


@pytest.mark.parametrize(("then", "fate"), [("retract", "retracted"), ("eject", "ejected")])
def test_the_printer_clears_its_mouth_after_the_set_time(
    virtual: MakeVirtual, then: str, fate: str
) -> None:
    settings = {"mouth_s": 0.1, "mouth_then": then, "held": False}
    device = virtual(character="custom", settings=settings)
    with PrinterClient(device) as client:
        client.send(job("DK-001"))
        device.wait_for_fate(0, fate)


def test_selected_changes_of_the_full_status_are_sent_automatically(virtual: MakeVirtual) -> None:
    device = virtual(character="custom", settings={"held": False})
    with PrinterClient(device) as client:
        # 1D E0 with bits 0 and 2: paper and recoverable errors.
        assert client.silent(b"\x1d\xe0\x05")
        device.fault("overheated")
        assert client.ask(b"", 4) == b"\x10\x05\x00\x01"
        device.mend()
        assert client.ask(b"", 4) == b"\x10\x05\x00\x00"
        device.fault("cover_open")
        assert client.silent(b""), "the user's byte is not selected"
        device.mend()
        client.send(job("DK-001", end=b"\x1d\xe0\x05\x1dVB\x00"))
        assert client.ask(b"", 4) == b"\x10\x05\x20\x00"
        device.take()
        assert client.ask(b"", 4) == b"\x10\x05\x00\x00"


def test_full_status_of_each_fault(virtual: MakeVirtual) -> None:
    device = virtual(character="custom")
    expected = {
        "paper_out": b"\x05\x00\x00\x00",
        "near_end": b"\x04\x00\x00\x00",
        "cover_open": b"\x00\x03\x00\x00",
        "overheated": b"\x00\x00\x01\x00",
        "cutter_jam": b"\x00\x00\x00\x01",
        "error": b"\x00\x00\x00\x04",
    }
    with PrinterClient(device) as client:
        for fault, status in expected.items():
            device.fault(fault)
            assert client.ask(FULL, 6) == b"\x10\x0f" + status, fault
            device.mend()


def test_a_jam_in_the_presenter_blocks_the_slip_until_it_is_cleared(
    virtual: MakeVirtual,
) -> None:
    device = virtual(character="custom", settings={"held": False})
    with PrinterClient(device) as client:
        client.send(job("DK-001"))
        device.wait_for_slips(1)
        device.fault("mouth_jam")
        assert client.ask(FULL, 6) == b"\x10\x0f\x20\x00\x40\x00"
        assert [client.ask(bytes((0x10, 4, n))) for n in (1, 2, 3)] == [b"\x1a", b"\x52", b"\x32"]
        assert not device.take()
        client.send(RETRACT + job("DK-002"))
        assert client.silent(EJECTOR), "a stopped printer does not answer questions in the job"
        assert fates(device) == ["in_mouth"]
        device.mend()
        assert client.ask(b"") == b"\x0c"
        device.wait_for_slips(2)
    assert fates(device) == ["retracted", "in_mouth"]


def test_star_reports_the_position_of_the_slip(virtual: MakeVirtual) -> None:
    device = virtual(character="star")

    def position(client: PrinterClient) -> int:
        answer = client.ask(STAR, 11)
        assert answer[:2] == b"\x23\x86"
        assert answer[9:] == b"\x00\x00", "no length follows over Ethernet"
        return answer[8] >> 1

    with PrinterClient(device) as client:
        assert position(client) == 0
        client.send(job("DK-001"))
        device.wait_for_slips(1)
        assert position(client) == 3
        device.take()
        assert position(client) == 7
        client.send(job("DK-002") + b"\x1b\x160\x00")
        device.wait_for_fate(1, "retracted")
        assert position(client) == 6


def test_star_sends_selected_changes_automatically(virtual: MakeVirtual) -> None:
    device = virtual(character="star")
    with PrinterClient(device) as client:
        assert client.ask(b"\x1b\x1ea\x01", 11)[2] == 0x00
        device.fault("cover_open")
        assert client.ask(b"", 11)[2] == 0x28
        # ESC ACK SOH in two packets.
        client.send(STAR[:2])
        assert client.ask(STAR[2:], 11)[2] == 0x28


def test_star_retracts_the_next_slip_after_the_set_time(virtual: MakeVirtual) -> None:
    device = virtual(character="star")
    with PrinterClient(device) as client:
        client.send(b"\x1b\x161\x01" + job("DK-001"))
        slip: SlipRecord = device.wait_for_fate(0, "retracted")
    assert slip.left is not None
    assert slip.gone is not None
    assert slip.gone - slip.left >= 0.45


def test_the_hand_can_be_set_while_a_slip_is_in_the_mouth(virtual: MakeVirtual) -> None:
    device = virtual(character="cashino")
    with PrinterClient(device) as client:
        client.send(job("DK-001"))
        device.wait_for_slips(1)
        assert fates(device) == ["in_mouth"]
        device.set(hand_s=0)
        device.wait_for_fate(0, "taken")


def test_a_change_to_a_character_without_a_mouth_ejects_the_slip(virtual: MakeVirtual) -> None:
    device = virtual(character="cashino")
    with PrinterClient(device) as client:
        client.send(job("DK-001"))
        device.wait_for_slips(1)
        device.become("epson")
        assert client.ask(STATUS) == b"\x12"
    assert fates(device) == ["ejected"]
