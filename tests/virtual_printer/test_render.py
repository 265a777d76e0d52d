"""Pictures of slips match the printed dots."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from PIL import Image

from tests.virtual_printer.client import MakeVirtual, PrinterClient, full
from virtual_printer.commands import next_command
from virtual_printer.head import Cut, PrintHead, modules
from virtual_printer.paper import MARGIN_DOTS
from virtual_printer.render import TOOTH, render
from virtual_printer.sheet import SlipRecord

URL = "https://antrean.example.go.id/t/0123456789abcdef0123456789abcdef"


def picture_of(data: bytes, dots: int = 576) -> Image.Image:
    """The picture of what a print head makes of ``data``."""
    head, record = PrintHead(dots), SlipRecord(0, dots)
    while data:
        command, used = next_command(data)
        assert command is not None
        record.elements += [step for step in head.obey(command) if not isinstance(step, Cut)]
        data = data[used:]
    return render(record)


def ink_box(picture: Image.Image) -> tuple[int, int, int, int]:
    """The bounding box of the ink, without the teeth of the cut."""
    top = 2 * TOOTH
    grey = picture.convert("RGB").convert("L").crop((0, top, picture.width, picture.height - TOOTH))
    box = grey.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box is not None
    return box[0], box[1] + top, box[2], box[3] + top


def dark(grey: Image.Image, x: int, y: int) -> bool:
    """Whether this dot is printed."""
    value = grey.getpixel((x, y))
    assert isinstance(value, int)
    return value < 128


def code_on(picture: Image.Image, module: int) -> tuple[tuple[bool, ...], ...]:
    """The modules of the only code on the picture, each ``module`` dots wide.

    Asserts the quiet zone of four modules that readers need.
    """
    left, top, right, _ = ink_box(picture)
    assert left >= 4 * module
    grey = picture.convert("RGB").convert("L")
    side = range((right - left) // module)
    middle = module // 2
    return tuple(
        tuple(dark(grey, left + x * module + middle, top + y * module + middle) for x in side)
        for y in side
    )


def dark_share(picture: Image.Image) -> float:
    """The printed share of the ink's bounding box."""
    grey = picture.convert("RGB").convert("L").crop(ink_box(picture))
    return sum(grey.histogram()[:128]) / (grey.width * grey.height)


@pytest.mark.parametrize("dots", [576, 384])
def test_the_picture_of_a_code_has_its_modules(dots: int) -> None:
    data = URL.encode()
    store = b"\x1d(k" + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data
    setup = b"\x1ba\x01\x1d(k\x03\x001C\x06\x1d(k\x03\x001E0"
    picture = picture_of(setup + store + b"\x1d(k\x03\x001Q0", dots)
    assert code_on(picture, 6) == modules(URL, 48)


def test_reversed_text_is_light_on_dark() -> None:
    picture = picture_of(b"\x1dB\x01\x1d!\x11 PRIORITAS \n")
    assert 0.6 < dark_share(picture) < 0.9
    _, top, _, bottom = ink_box(picture)
    assert bottom - top == 48


def test_text_is_aligned() -> None:
    margin, dots, text = MARGIN_DOTS[576], 576, 8 * 12
    starts = (margin, margin + (dots - text) // 2, margin + dots - text)
    for align, start in zip((b"\x00", b"\x01", b"\x02"), starts, strict=True):
        left, _, right, _ = ink_box(picture_of(b"\x1b@\x1ba" + align + b"Loket 19\n"))
        assert start <= left <= start + 4
        assert start + text - 5 <= right <= start + text


def test_bold_has_more_ink() -> None:
    def ink(bold: bytes) -> int:
        picture = picture_of(b"\x1bE" + bold + b"Loket\n")
        return sum(picture.convert("RGB").convert("L").histogram()[:128])

    assert ink(b"\x01") > 1.2 * ink(b"\x00")


def test_a_raster_is_drawn_dot_for_dot() -> None:
    raster = bytes(itertools.islice(itertools.cycle(b"\xaa\x55"), 2 * 16))
    grey = picture_of(b"\x1dv0\x00\x02\x00\x10\x00" + raster).convert("RGB").convert("L")
    left, top = MARGIN_DOTS[576], 2 * TOOTH
    for y in range(16):
        for x in range(16):
            bit = raster[2 * y + x // 8] >> (7 - x % 8) & 1
            assert dark(grey, left + x, top + y) is bool(bit)


def test_a_chinese_character_is_drawn_as_a_box_of_its_size() -> None:
    left, top, right, bottom = ink_box(picture_of(b"\x1c&\xc4\xc4\n"))
    assert (right - left, bottom - top) == (22, 22)
    left, top, right, bottom = ink_box(picture_of(b"\x1c&\x1d!\x11\xc4\xc4\xc4\xc4\n"))
    assert (right - left, bottom - top) == (96 - 4, 44)


def test_each_slip_is_saved_as_a_png(tmp_path: Path, virtual: MakeVirtual) -> None:
    device = virtual(out_dir=tmp_path / "slips")
    with PrinterClient(device) as client:
        for number in ("DK-001", "DK-002"):
            client.send(full(number))
    device.wait_for_slips(2)
    device.wait_until_drawn()
    names = sorted(path.name for path in (tmp_path / "slips").iterdir())
    assert names == ["slip-0001.png", "slip-0002.png"]
    with Image.open(tmp_path / "slips" / names[0]) as picture:
        assert picture.size[0] == 640
