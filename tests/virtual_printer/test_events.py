"""Events: a second host, a wiped picture memory; and paper with black marks."""

from __future__ import annotations

import pytest

from tests.virtual_printer.client import CUT, MakeVirtual, PrinterClient, job
from virtual_printer.sheet import Bitmap

FULL = b"\x10\x04\x14"
DEFINE = b"\x1d(L\x0c\x000C0ab\x01\x08\x00\x01\x001\xff"
SHOW = b"\x1d(L\x06\x000Eab\x01\x01"


@pytest.mark.parametrize(
    ("how", "lines"),
    [
        # Byte 6 ends "one\n" after ESC @; byte 4 is within the word.
        ({"at_byte": 6}, ["one", "BON 12", "two"]),
        ({"at_byte": 4}, ["onBON 12", "e", "two"]),
        ({}, ["BON 12", "one", "two"]),
    ],
)
def test_lines_of_a_second_host_are_printed_between_two_bytes(
    virtual: MakeVirtual, how: dict[str, int], lines: list[str]
) -> None:
    device = virtual()
    device.fault("second_host", text="BON 12", **how)
    with PrinterClient(device) as client:
        client.send(job("one", "two"))
        (slip,) = device.wait_for_slips(1)
    assert slip.lines == lines
    assert slip.complete, "the printer detects no fault"


def test_lines_of_a_second_host_are_printed_at_a_length_of_paper(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("second_host", text="BON 12", at_mm=5)
    with PrinterClient(device) as client:
        client.send(job("one", "two", "three"))
        (slip,) = device.wait_for_slips(1)
    assert slip.lines == ["one", "two", "BON 12", "three"]


def test_a_second_host_prints_repeatedly_until_it_is_cleared(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("second_host", text="BON", every_s=0.02)
    with device.machine.changed:
        assert device.machine.changed.wait_for(
            lambda: device.machine.unfinished.lines[:3] == ["BON"] * 3, 5
        )
    device.mend("second_host")
    device.wait_until_idle()
    assert device.state()["faults"] == {}
    before = len(device.machine.unfinished.lines)
    with PrinterClient(device) as client:
        assert client.silent(b"", 0.1)
    assert len(device.machine.unfinished.lines) == before


@pytest.mark.parametrize("how", [{}, {"at_byte": 5}, {"at_mm": 3}])
def test_a_wiped_memory_prints_no_picture(virtual: MakeVirtual, how: dict[str, int]) -> None:
    device = virtual()
    with PrinterClient(device) as client:
        client.send(DEFINE + job("one", end=SHOW + CUT))
        device.wait_for_slips(1)
        assert client.ask(b"\x1d(L\x04\x000@KC", 6) == b"\x37\x72\x41ab\x00"
        device.fault("wipe_memory", **how)
        client.send(job("one", end=SHOW + CUT))
        slips = device.wait_for_slips(2)
        assert client.ask(b"\x1d(L\x04\x000@KC", 4) == b"\x37\x72\x41\x00"
    shown = [[e for e in slip.elements if isinstance(e, Bitmap)] for slip in slips]
    assert [len(pictures) for pictures in shown] == [1, 0]
    assert slips[1].complete


def test_a_printer_without_memory_drops_pictures(virtual: MakeVirtual) -> None:
    device = virtual(character="cashino")
    with PrinterClient(device) as client:
        client.send(DEFINE + job("one", end=SHOW + CUT))
        (slip,) = device.wait_for_slips(1)
    assert not any(isinstance(element, Bitmap) for element in slip.elements)


@pytest.mark.parametrize("align", [b"\x0c", b"\x1d\x0c", b"\x1d\xf8"])
def test_paper_is_fed_to_the_black_mark(virtual: MakeVirtual, align: bytes) -> None:
    device = virtual(character="custom", settings={"mark_mm": 60, "held": False})
    with PrinterClient(device) as client:
        client.send(job("one", end=align + b"\x1dV\x00") * 2)
        slips = device.wait_for_slips(2)
    assert [slip.height_mm for slip in slips] == [60, 60]
    assert [slip.marks_mm for slip in slips] == [[60], [60]]


def test_the_search_for_a_missing_mark_ends_in_an_error(virtual: MakeVirtual) -> None:
    device = virtual(character="custom", settings={"mark_mm": 60})
    device.fault("mark_missing")
    with PrinterClient(device) as client:
        client.send(job("one", end=b"\x1d\xf8\x1dV\x00"))
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: device.machine.state().mark_lost, 5)
        assert device.machine.used_mm >= 500
        assert client.ask(FULL, 6) == b"\x10\x0f\x00\x00\x80\x00"
        assert client.ask(b"\x10\x04\x02") == b"\x52"
        assert device.slips == []
        device.mend()
        device.wait_for_slips(1)
        assert client.ask(FULL, 6) == b"\x10\x0f\x00\x00\x00\x00"


def test_mark_commands_have_no_effect_on_plain_paper(virtual: MakeVirtual) -> None:
    device = virtual()
    with PrinterClient(device) as client:
        client.send(job("one", end=b"\x1d\xf8\x0c" + CUT) + job("one"))
        slips = device.wait_for_slips(2)
    assert slips[0].height_mm == slips[1].height_mm
    assert slips[0].marks_mm == []


def test_slips_cut_without_alignment_contain_the_marks(virtual: MakeVirtual) -> None:
    device = virtual(settings={"mark_mm": 20})
    with PrinterClient(device) as client:
        client.send(job("one") * 3)
        slips = device.wait_for_slips(3)
    length = slips[0].height_mm
    marks = [slip.index * length + mark for slip in slips for mark in slip.marks_mm]
    assert marks == [20 * (i + 1) for i in range(int(3 * length // 20))]
