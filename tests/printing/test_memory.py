"""The printer's memory: written seldom, never trusted further than what is known of it."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from kiosk.domain.delivery import Outcome
from kiosk.domain.slip import LogoLine, NumberLine, RuleLine, Slip, StampLine, TextLine
from kiosk.printer import Printer
from kiosk.printing import session
from kiosk.printing.nv_write_ledger import WRITES_A_DAY, NvWriteLedger
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Picture, load_picture
from kiosk.printing.stamps import draw_stamp
from tests.printing.conftest import NOW, MakePrinter, MakeVirtual, find_picture
from virtual_printer import SlipRecord, VirtualPrinter
from virtual_printer.sheet import Bitmap

LOGO = LogoLine("logo.png")
STAMP = StampLine((TextLine("Mal Pelayanan Publik", bold=True), RuleLine(), TextLine("Jl. 1")))
SLIP = Slip("DK-001", (LOGO, STAMP, NumberLine("DK-001")))


def logo() -> Picture:
    """The project's own, as it is printed."""
    path = find_picture(LOGO.name)
    assert path is not None
    return load_picture(path, paper_of(80))


def stamp() -> Picture:
    """The stamp, as it is printed."""
    drawn = draw_stamp(STAMP, paper_of(80), "CP858")
    assert drawn is not None
    return drawn


def printed(port: Printer, device: VirtualPrinter, slip: Slip = SLIP) -> SlipRecord:
    """The piece of paper that comes out for ``slip``."""
    before = len(device.slips)
    assert port.print(slip).outcome is Outcome.PRINTED
    return device.wait_for_slips(before + 1)[-1]


def rasters(piece: SlipRecord) -> list[bytes]:
    """The pictures on it."""
    return [element.raster for element in piece.elements if isinstance(element, Bitmap)]


def is_stamped(piece: SlipRecord) -> bool:
    """Whether logo and stamp are on it as drawn, both from the printer's memory."""
    return "GS v 0" not in piece.commands and rasters(piece) == [logo().raster, stamp().raster]


def test_logo_and_stamps_are_written_once_and_recalled_by_every_process(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device, ledger = virtual(level="A"), tmp_path / "ledger.json"
    port = printer(device.connection, preload=(LOGO, STAMP), ledger=ledger)
    assert port.probe().well
    received = device.machine.received
    assert is_stamped(printed(port, device))
    assert device.machine.received - received < 100
    port.close()
    again = printer(device.connection, preload=(LOGO, STAMP), ledger=ledger)
    assert again.probe().well
    assert is_stamped(printed(again, device))
    assert device.machine.head.writes == 2


def test_what_is_not_asked_for_before_is_text_first_and_a_stamp_later(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="B")
    port = printer(device.connection)
    assert port.probe().well
    first = printed(port, device)
    assert first.lines[:1] + first.lines[2:3] == ["Mal Pelayanan Publik", "Jl. 1"]
    assert rasters(first) == [logo().raster]
    assert port.probe().well
    second = printed(port, device)
    assert is_stamped(second)
    assert second.lines == ["DK-001"]


def test_a_slip_goes_before_the_next_picture(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device, ledger = virtual(level="A"), tmp_path / "ledger.json"
    port = printer(device.connection, preload=(LOGO, STAMP), ledger=ledger)
    # A visitor comes while the first picture is written.
    port.probe(ledger.exists)
    assert len(NvWriteLedger.read(ledger).writes) == 1
    piece = printed(port, device)
    assert "Jl. 1" in piece.lines
    assert piece.complete
    for _ in range(2):
        assert port.probe().well
    assert is_stamped(printed(port, device))
    assert device.machine.head.writes == 2


@pytest.mark.parametrize("letter", list("CD"))
def test_a_printer_without_a_memory_gets_the_same_words_as_text(
    virtual: MakeVirtual, printer: MakePrinter, letter: str
) -> None:
    device = virtual(level=letter)
    port = printer(device.connection, preload=(LOGO, STAMP))
    assert port.probe().well
    piece = printed(port, device)
    assert "GS v 0" in piece.commands
    assert {"Mal Pelayanan Publik", "Jl. 1", "DK-001"} <= set(piece.lines)
    assert device.machine.head.writes == 0


def test_the_memory_is_written_fewer_than_ten_times_a_day_over_all_processes(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device, path = virtual(level="A"), tmp_path / "logo.png"
    moment = NOW

    def restart_with_another_logo(shade: int) -> None:
        Image.new("L", (64, 40 + shade), 0).save(path)
        port = printer(
            device.connection,
            preload=(LOGO,),
            ledger=tmp_path / "ledger.json",
            pictures=lambda _: path,
            now=lambda: moment,
        )
        assert port.probe().well
        piece = printed(port, device, Slip("DK-001", (LOGO, NumberLine("DK-001"))))
        assert rasters(piece) == [load_picture(path, paper_of(80)).raster], "the newest logo"
        port.close()

    for n in range(WRITES_A_DAY + 3):
        moment = NOW + timedelta(minutes=n)
        restart_with_another_logo(n)
    assert device.machine.head.writes == WRITES_A_DAY < 10
    moment = NOW + timedelta(days=1, minutes=1)
    restart_with_another_logo(100)
    assert device.machine.head.writes == WRITES_A_DAY + 1


@pytest.mark.parametrize("k", [1, 20, 1000, 4000])
def test_a_picture_whose_writing_broke_off_is_never_printed(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path, k: int
) -> None:
    """The kiosk is killed in the middle: the printer waits for the rest, and takes what comes."""
    device, file = virtual(level="A"), tmp_path / "ledger.json"
    NvWriteLedger.read(file).begin(logo().key, len(logo().define()), NOW)
    with socket.create_connection((device.host, device.port), timeout=5) as client:
        client.sendall(b"\x1b@" + logo().define()[:k])
    port = printer(device.connection, preload=(LOGO, STAMP), ledger=file)
    assert port.probe().well
    assert is_stamped(printed(port, device))
    assert device.slips[-1].complete


def test_another_printer_is_never_asked_for_what_only_the_first_one_keeps(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    first, second, ledger = virtual(level="A"), virtual(level="A"), tmp_path / "ledger.json"
    port = printer(first.connection, preload=(LOGO, STAMP), ledger=ledger)
    assert port.probe().well
    port.close()
    second.machine.head.capacity = 0
    port = printer(second.connection, preload=(LOGO, STAMP), ledger=ledger)
    assert port.probe().well
    piece = printed(port, second)
    assert rasters(piece) == [logo().raster]
    assert "Jl. 1" in piece.lines
    port.close()
    # Its memory was cleared, or there is a third one: written anew.
    second.machine.head.capacity = 100_000
    port = printer(second.connection, preload=(LOGO, STAMP), ledger=ledger)
    assert port.probe().well
    assert is_stamped(printed(port, second))


@pytest.mark.parametrize("letter", list("AB"))
def test_pictures_that_somebody_deletes_meanwhile_are_soon_printed_as_text(
    virtual: MakeVirtual, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch, letter: str
) -> None:
    device = virtual(level=letter)
    port = printer(device.connection, preload=(LOGO, STAMP))
    assert port.probe().well
    assert is_stamped(printed(port, device))
    device.machine.head.memory.clear()
    monkeypatch.setattr(session, "LIST_AGAIN_S", 0.0)
    assert port.probe().well
    piece = printed(port, device)
    assert rasters(piece) == [logo().raster]
    assert {"Mal Pelayanan Publik", "Jl. 1", "DK-001"} <= set(piece.lines)
    assert device.machine.head.writes == 2, "each picture once in the life of a process"


@pytest.mark.parametrize("kind", ["close", "reset", "swallow"])
def test_a_line_that_breaks_in_mid_picture_costs_no_slip(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path, kind: str
) -> None:
    device = virtual(level="A")
    with socket.create_connection((device.host, device.port), timeout=5) as client:
        client.sendall(b"\x1b@")
        device.wait_until_idle(5)
    device.fault(kind, at_byte=2000)
    port = printer(device.connection, preload=(LOGO, STAMP), ledger=tmp_path / "ledger.json")
    port.probe()
    device.mend()
    assert port.probe().well
    piece = printed(port, device)
    assert piece.complete
    assert "DK-001" in piece.lines
    assert all(raster in (logo().raster, stamp().raster) for raster in rasters(piece))


def test_a_memory_that_keeps_nothing_costs_two_writes_and_no_words(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    device = virtual(level="A")
    device.machine.head.capacity = 0
    port = printer(device.connection, preload=(LOGO, STAMP))
    for _ in range(3):
        assert port.probe().well
        piece = printed(port, device)
        assert {"Mal Pelayanan Publik", "Jl. 1", "DK-001"} <= set(piece.lines)
        assert rasters(piece) == [logo().raster]
    assert device.machine.head.writes == 2


def test_a_full_memory_loses_what_the_kiosk_wrote_earlier_and_nothing_else(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device, ledger = virtual(level="A"), tmp_path / "ledger.json"
    head = device.machine.head
    head.memory[b"zz"] = Bitmap(8, bytes(100), 0, 100)
    head.capacity = 100 + len(logo().raster) + len(stamp().raster)
    earlier = StampLine((TextLine("Mal Lama", bold=True), RuleLine()))
    port = printer(device.connection, preload=(LOGO, earlier), ledger=ledger)
    assert port.probe().well
    port.close()
    port = printer(device.connection, preload=(LOGO, STAMP), ledger=ledger)
    for _ in range(3):
        assert port.probe().well
    assert is_stamped(printed(port, device))
    assert set(head.memory) == {b"zz", logo().key, stamp().key}


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"whole": 3}', '{"whole": {"x": 1}}', "\x00", "[" * 100_000,
     '{"whole": {}, "writes": [1], "under_way": 0}',
     '{"whole": {}, "writes": ["2026-11-24T09:00:00"], "under_way": 0}',
     '{"whole": {}, "writes": [], "under_way": 1e999}'],
    ids=["empty", "list", "object", "figure", "key", "nul", "deep", "moment", "naive", "endless"],
)  # fmt: skip
def test_a_ledger_that_cannot_be_read_is_an_empty_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ledger.json"
    path.write_text(content)
    assert NvWriteLedger.read(path) == NvWriteLedger(path)


def test_a_ledger_is_read_as_it_was_written(tmp_path: Path) -> None:
    ledger = NvWriteLedger(tmp_path / "ledger.json")
    ledger.begin(b"ab", 7000, NOW)
    assert NvWriteLedger.read(ledger.path) == ledger
    assert ledger.under_way == 7000
    ledger.confirm({b"ab": "12"})
    assert NvWriteLedger.read(ledger.path) == NvWriteLedger(ledger.path, {b"ab": "12"}, [NOW])
    assert NvWriteLedger.read(tmp_path / "none") == NvWriteLedger(tmp_path / "none")


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_was_wrong_does_not_close_the_memory_for_ever(days: int) -> None:
    wrong = NOW + timedelta(days=days)
    ledger = NvWriteLedger(writes=[wrong] * WRITES_A_DAY)
    assert not ledger.may_write(wrong)
    assert ledger.may_write(NOW)


def test_where_nothing_can_be_noted_nothing_is_written(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    device = virtual(level="A")
    port = printer(device.connection, preload=(LOGO, STAMP), ledger=tmp_path / "no" / "ledger.json")
    assert port.probe().well
    piece = printed(port, device)
    assert rasters(piece) == [logo().raster]
    assert "Jl. 1" in piece.lines
    assert device.machine.head.writes == 0
