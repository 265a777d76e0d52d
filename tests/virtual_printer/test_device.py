"""The virtual printer by itself: its answers, its paper, its pictures."""

from __future__ import annotations

import itertools
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kiosk.domain.slip import BadgeLine, NumberLine, QrLine, Slip, TextLine
from kiosk.printing.encoder import encode
from kiosk.printing.slip_preview import picture_of, print_bytes
from kiosk.printing.text import CODE_PAGES
from tests.printing.conftest import MakeVirtual, slip
from virtual_printer import VirtualPrinter
from virtual_printer.commands import Command, next_command
from virtual_printer.faults import Faults
from virtual_printer.head import PrintHead, modules
from virtual_printer.paper import MARGIN_DOTS
from virtual_printer.render import TOOTH
from virtual_printer.sheet import TextRow

URL = "https://antrean.example.go.id/t/0123456789abcdef0123456789abcdef"


class Client:
    """A plain client of a network printer."""

    def __init__(self, device: VirtualPrinter) -> None:
        self.socket = socket.create_connection((device.host, device.port), timeout=5)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, question: bytes, length: int = 1) -> bytes:
        """Send, and read so many bytes."""
        self.socket.sendall(question)
        got = b""
        while len(got) < length:
            data = self.socket.recv(length - len(got))
            assert data, "the printer ended the connection"
            got += data
        return got

    def silent(self, question: bytes) -> bool:
        """Whether nothing comes back, known by an answer to a later status question."""
        self.socket.sendall(question)
        self.socket.settimeout(0.2)
        try:
            return self.socket.recv(10) == b""
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(5)


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
def test_status_bits_are_those_of_the_manual(
    virtual: MakeVirtual, fault: str | None, bits: tuple[int, ...]
) -> None:
    device = virtual(level="C")
    if fault:
        device.fault(fault)
    with Client(device) as client:
        for n, expected in enumerate(bits, start=1):
            assert client.ask(bytes((0x10, 4, n))) == bytes((expected,))


def test_each_level_answers_what_it_can(virtual: MakeVirtual) -> None:
    questions = {
        b"\x10\x04\x01": "ABC",
        b"\x1dr\x01": "AB",
        b"\x1d(H\x06\x0000abcd": "A",
        b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08": "AB",
    }
    for level in "ABCD":
        with Client(virtual(level=level)) as client:
            for question, levels in questions.items():
                assert client.silent(question) is (level not in levels), (level, question)


def test_automatic_status_comes_with_a_change(virtual: MakeVirtual) -> None:
    device = virtual()
    with Client(device) as client:
        assert client.ask(b"\x1da\x0e", 4) == b"\x10\x00\x00\x00"
        device.fault("cover_open")
        assert client.ask(b"", 4) == b"\x38\x00\x00\x00"
        device.fault("paper_out")
        assert client.ask(b"", 4) == b"\x38\x00\x0f\x00"
        device.mend()
        assert client.ask(b"", 4) == b"\x10\x00\x00\x00"


def test_only_the_selected_changes_are_told_until_the_next_reset(virtual: MakeVirtual) -> None:
    device = virtual()
    with Client(device) as client:
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
    ("name", "told"), [("paper_out", b"\x18\x00\x0f\x00"), ("cover_open", b"\x38\x00\x00\x00")]
)
def test_a_fault_that_passes_in_mid_slip_is_told_and_seen_on_the_paper(
    virtual: MakeVirtual, name: str, told: bytes
) -> None:
    device = virtual()
    device.fault(name, at_mm=5, mended=True)
    with Client(device) as client:
        client.socket.sendall(b"\x1b@\x1da\x0eone\ntwo\n\x1dVB\x00\x1d(H\x06\x0000wxyz")
        well = b"\x10\x00\x00\x00"
        expected = (b"\x10\x00\x03\x00" if name == "paper_out" else well) + told + well
        assert client.ask(b"", 19) == expected + b"\x37\x22wxyz\x00"
    assert [piece.complete for piece in device.slips] == [False] * len(device.slips)
    assert [line for piece in device.slips for line in piece.lines] == ["one", "two"]


def test_a_roll_that_ends_with_the_very_line_is_told_at_once(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("paper_out", at_mm=30 / 8)
    with Client(device) as client:
        told = client.ask(b"\x1b@\x1da\x0eone\n", 8)
    assert told == b"\x10\x00\x03\x00" + b"\x18\x00\x0f\x00"


def test_a_printer_without_automatic_status_tells_no_change(virtual: MakeVirtual) -> None:
    device = virtual(tells_changes=False)
    with Client(device) as client:
        assert client.silent(b"\x1da\x0e")
        device.fault("cover_open")
        assert client.silent(b"")


def test_a_process_id_comes_only_once_all_is_printed(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("paper_out", at_mm=2)
    with Client(device) as client:
        assert client.silent(b"line\n\x1d(H\x06\x0000wxyz")
        device.mend()
        assert client.ask(b"", 7) == b"\x37\x22wxyz\x00"


def test_pictures_in_its_memory_are_listed(virtual: MakeVirtual) -> None:
    with Client(virtual()) as client:
        assert client.ask(b"\x1d(L\x04\x000@KC", 4) == b"\x37\x72\x41\x00"
        define = b"0C0ab\x01\x08\x00\x02\x001\xff\x81"
        client.socket.sendall(b"\x1d(L" + len(define).to_bytes(2, "little") + define)
        assert client.ask(b"\x1d(L\x04\x000@KC", 6) == b"\x37\x72\x41ab\x00"


def test_a_second_client_waits_for_the_first(virtual: MakeVirtual) -> None:
    device = virtual()
    with Client(device) as first, Client(device) as second:
        assert first.ask(b"\x10\x04\x01") == b"\x12"
        assert second.silent(b"\x10\x04\x01")
        first.socket.close()
        assert second.ask(b"") == b"\x12"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_as_commands_without_an_end(data: bytes) -> None:
    at = 0
    while at < len(data):
        command, used = next_command(data[at:])
        if command is None:
            break
        assert used > 0
        at += used


def test_noise_does_not_stop_it(virtual: MakeVirtual) -> None:
    device = virtual()
    noise = bytes(i * 37 % 251 for i in range(20_000))
    with Client(device) as client:
        client.socket.sendall(noise + bytes(70_000) + b"\x1b@")
        client.socket.settimeout(20)
        client.socket.sendall(b"\x1d(H\x06\x0000done")
        got = b""
        while not got.endswith(b"\x37\x22done\x00"):
            got += client.socket.recv(4096)


# -- paper ----------------------------------------------------------------------------


def test_a_held_job_prints_by_itself_once_mended(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("cover_open")
    with Client(device) as client:
        client.socket.sendall(encode(slip("DK-001"), 80, "CP858"))
    device.mend()
    (piece,) = device.wait_for_slips(1)
    assert piece.complete
    assert "DK-001" in piece.lines


def test_a_fault_that_is_mended_as_its_byte_comes_does_not_begin(virtual: MakeVirtual) -> None:
    device = virtual()
    received = device.machine.receive

    def receive(data: bytes) -> None:
        received(data)
        device.machine.change(Faults.mend)

    device.machine.receive = receive  # type: ignore[assignment, method-assign]
    device.fault("overheated", at_byte=10)
    with Client(device) as client:
        client.socket.sendall(encode(slip("DK-001"), 80, "CP858"))
        (piece,) = device.wait_for_slips(1)
    assert piece.complete


def test_a_cleared_job_never_prints(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("cover_open")
    with Client(device) as client:
        client.socket.sendall(encode(slip("DK-001"), 80, "CP858"))
        assert client.ask(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", 3) == b"\x37\x25\x00"
        device.mend()
        client.socket.sendall(encode(slip("DK-002"), 80, "CP858"))
        (piece,) = device.wait_for_slips(1)
    assert "DK-002" in piece.lines
    assert "DK-001" not in piece.lines


def test_paper_is_used_up_in_millimetres(virtual: MakeVirtual) -> None:
    device = virtual()
    with Client(device) as client:
        client.socket.sendall(encode(slip("DK-001"), 80, "CP858"))
        (whole,) = device.wait_for_slips(1)
        used = device.machine.used_mm
        assert used == pytest.approx(whole.height_mm)
        device.fault("paper_out", at_mm=used / 2)
        client.socket.sendall(encode(slip("DK-002"), 80, "CP858"))
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: device.machine.status(4) == 0x7E, 5)
        device.mend()
        pieces = device.wait_for_slips(3)
    assert [piece.complete for piece in pieces] == [True, False, False]
    assert used / 2 - 30 < pieces[1].height_mm <= used / 2
    assert pieces[1].height_mm + pieces[2].height_mm == pytest.approx(used)


def test_mechanics_take_the_time_of_their_speed(virtual: MakeVirtual) -> None:
    device = virtual(speed_mm_s=400.0)
    with Client(device) as client:
        data = b"\x1bJ\xf0" * 5 + b"\x1d(H\x06\x0000time"
        client.socket.sendall(data)
        assert client.silent(b""), "150 mm at 400 mm/s are not printed in 0.2 s"
        assert client.ask(b"", 7) == b"\x37\x22time\x00"


# -- pictures -------------------------------------------------------------------------


def ink_box(picture: Image.Image, top: int, bottom: int) -> tuple[int, int, int, int]:
    """The box around what is printed between two heights."""
    grey = picture.convert("RGB").convert("L").crop((0, top, picture.width, bottom))
    box = grey.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box is not None
    return box


def dark(grey: Image.Image, x: int, y: int) -> bool:
    """Whether this dot is burnt."""
    value = grey.getpixel((x, y))
    assert isinstance(value, int)
    return value < 128


@pytest.mark.parametrize(("paper_mm", "width"), [(80, 640), (58, 464)])
@pytest.mark.parametrize("number", ["DK-027", "DKC-B003"])
def test_the_number_is_at_least_15_mm_high_and_within_the_paper(
    paper_mm: int, width: int, number: str
) -> None:
    picture = picture_of(Slip(number, (NumberLine(number, 8),)), paper_mm, "CP858")
    assert picture.width == width
    left, top, right, bottom = ink_box(picture, 2 * TOOTH, picture.height - TOOTH)
    assert (bottom - top) / 8 >= 15
    margin = (width - {80: 576, 58: 384}[paper_mm]) // 2
    assert left >= margin
    assert right <= width - margin
    assert right - left >= 0.8 * (width - 2 * margin)


@pytest.mark.parametrize("paper_mm", [80, 58])
def test_the_code_on_the_picture_is_the_code(paper_mm: int) -> None:
    picture = picture_of(Slip("", (QrLine(URL, 6),)), paper_mm, "CP858")
    box = ink_box(picture, 2 * TOOTH, picture.height - TOOTH)
    rows = modules(URL, 48)
    module = (box[2] - box[0]) // len(rows)
    assert module == 6
    grey = picture.convert("RGB").convert("L")
    seen = tuple(
        tuple(
            dark(grey, box[0] + x * module + 3, 2 * TOOTH + box[1] + y * module + 3)
            for x in range(len(rows))
        )
        for y in range(len(rows))
    )
    assert seen == rows
    # Light around it, as wide as a reader asks for: four modules.
    assert box[0] >= 4 * module


def test_reversed_text_is_light_on_dark() -> None:
    picture = picture_of(Slip("", (BadgeLine("PRIORITAS"),)), 80, "CP858")
    left, top, right, bottom = ink_box(picture, 2 * TOOTH, picture.height - TOOTH)
    grey = (
        picture.convert("RGB").convert("L").crop((left, 2 * TOOTH + top, right, 2 * TOOTH + bottom))
    )
    dark = sum(grey.histogram()[:128]) / (grey.width * grey.height)
    assert 0.6 < dark < 0.9
    assert bottom - top == 48


def test_text_stands_where_it_is_aligned() -> None:
    def box(align: bytes) -> tuple[int, int, int, int]:
        from virtual_printer.render import render

        (piece,) = print_bytes(b"\x1b@\x1ba" + align + b"Loket 19\n\x1dVB\x00", 80)
        picture = render(piece)
        return ink_box(picture, 2 * TOOTH, picture.height - TOOTH)

    margin, dots, text = MARGIN_DOTS[576], 576, 8 * 12
    starts = (margin, margin + (dots - text) // 2, margin + dots - text)
    for align, start in zip((b"\x00", b"\x01", b"\x02"), starts, strict=True):
        left, _, right, _ = box(align)
        assert start <= left <= start + 4
        assert start + text - 5 <= right <= start + text


def test_bold_has_more_ink() -> None:
    def ink(bold: bool) -> int:
        picture = picture_of(Slip("", (TextLine("Loket", bold=bold),)), 80, "CP858")
        return sum(picture.convert("RGB").convert("L").histogram()[:128])

    assert ink(True) > 1.2 * ink(False)


def test_a_raster_is_drawn_dot_for_dot() -> None:
    raster = bytes(itertools.islice(itertools.cycle(b"\xaa\x55"), 2 * 16))
    (piece,) = print_bytes(b"\x1dv0\x00\x02\x00\x10\x00" + raster + b"\x1dVB\x00", 80)
    from virtual_printer.render import render

    grey = render(piece).convert("RGB").convert("L")
    left, top = MARGIN_DOTS[576], 2 * TOOTH
    for y in range(16):
        for x in range(16):
            bit = raster[2 * y + x // 8] >> (7 - x % 8) & 1
            assert dark(grey, left + x, top + y) is bool(bit)


def test_each_slip_is_left_as_a_png(tmp_path: Path, virtual: MakeVirtual) -> None:
    device = virtual(out_dir=tmp_path / "slips")
    with Client(device) as client:
        for number in ("DK-001", "DK-002"):
            client.socket.sendall(encode(slip(number), 80, "CP858"))
    device.wait_for_slips(2)
    device.wait_until_drawn()
    names = sorted(path.name for path in (tmp_path / "slips").iterdir())
    assert names == ["slip-0001.png", "slip-0002.png"]
    with Image.open(tmp_path / "slips" / names[0]) as picture:
        assert picture.size[0] == 640


def test_its_threads_end_with_it() -> None:
    before = set(threading.enumerate())
    VirtualPrinter().close()
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(("number", "codec"), list(CODE_PAGES.values()), ids=list(CODE_PAGES))
def test_both_tables_of_code_pages_agree(number: int, codec: str) -> None:
    """Each table is written from the manual by itself; a page that differs is an error in one."""
    for byte in range(0x80, 0x100):
        head = PrintHead(576)
        text = bytes((byte,)) * 2
        commands = (Command("ESC t", bytes((number,))), Command("text", text), Command("LF"))
        (row,) = [step for command in commands for step in head.obey(command)]
        assert isinstance(row, TextRow)
        assert row.text == text.decode(codec, "replace")


def test_paper_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="paper of 70 mm is not known; known: 80 and 58 mm"):
        VirtualPrinter(paper_mm=70)
