"""Logos: dithered, no wider than the paper, and never a command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from kiosk.domain.slip import LogoLine
from kiosk.errors import PrinterError
from kiosk.printing.nv_graphics import NvGraphics
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Picture, load_picture, without_commands
from kiosk.printing.slip_preview import print_bytes
from virtual_printer.sheet import Bitmap

REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")
DLE_BYTES = st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x00, 0xFF]), max_size=200)


def saved(image: Image.Image, folder: Path) -> Path:
    """The image as a file."""
    path = folder / "logo.png"
    image.save(path)
    return path


@given(DLE_BYTES.map(bytes) | st.binary(max_size=200))
def test_no_raster_holds_a_real_time_command(raster: bytes) -> None:
    safe = without_commands(raster)
    assert REAL_TIME.search(safe) is None
    assert len(safe) == len(raster)
    different = [i for i, (a, b) in enumerate(zip(raster, safe, strict=True)) if a != b]
    assert all(safe[i] == raster[i] | 0x01 for i in different)


@given(st.integers(1, 72), st.integers(1, 400), st.integers(0, 255))
def test_no_definition_holds_a_real_time_command(across: int, height: int, fill: int) -> None:
    raster = without_commands(bytes((fill,)) * (across * height))
    picture = Picture(across * 8, height, raster)
    assert REAL_TIME.search(picture.define()) is None
    assert REAL_TIME.search(picture.draw()) is None
    assert len(picture.recall()) == 11


def test_no_length_of_a_definition_reads_as_a_real_time_command() -> None:
    spelt = [0x10 + 0x100 * second for second in (0x04, 0x05, 0x14)]
    sizes = [(a, h) for a in range(1, 73) for h in range(1, 801) if a * h + 11 in spelt]
    assert len(sizes) == 7
    for across, height in sizes:
        picture = Picture(across * 8, height, bytes(across * height))
        assert REAL_TIME.search(picture.define()) is None
        (piece,) = print_bytes(picture.define() + picture.recall() + b"\x1dVB\x00", 80)
        (bits,) = [element for element in piece.elements if isinstance(element, Bitmap)]
        assert (bits.width, bits.height) == (across * 8, height + 1)


def test_pictures_of_the_same_dots_in_another_shape_are_not_the_same() -> None:
    wide, high = Picture(16, 8, b"\xff" * 16), Picture(8, 16, b"\xff" * 16)
    assert wide.digest != high.digest
    assert wide.key != high.key


@pytest.mark.parametrize(("paper_mm", "dots"), [(80, 576), (58, 384)])
def test_a_picture_is_brought_to_the_width_of_the_paper(
    tmp_path: Path, paper_mm: int, dots: int
) -> None:
    picture = load_picture(saved(Image.new("L", (2000, 500), 0), tmp_path), paper_of(paper_mm))
    assert (picture.width, picture.height) == (dots, dots // 4)


def test_a_poster_is_brought_to_the_height_of_a_logo(tmp_path: Path) -> None:
    picture = load_picture(saved(Image.new("L", (100, 4000), 0), tmp_path), paper_of(80))
    assert picture.height == 400


def test_small_pictures_keep_their_dots(tmp_path: Path) -> None:
    image = Image.new("1", (10, 3), 1)
    image.putpixel((0, 0), 0)
    image.putpixel((9, 2), 0)
    picture = load_picture(saved(image, tmp_path), paper_of(80))
    # 16 dots wide now, three white ones on each side.
    assert (picture.width, picture.height) == (16, 3)
    assert picture.raster == bytes((0x11, 0, 0, 0, 0, 0x08)) or picture.raster == bytes(
        (0x10, 0, 0, 0, 0, 0x08)
    )


@pytest.mark.parametrize("second", [0x04, 0x05, 0x14])
def test_no_logo_whose_dots_spell_a_command_keeps_them(tmp_path: Path, second: int) -> None:
    spelt = bytes((0x10, second)) * 8
    image = ImageOps.invert(Image.frombytes("1", (16, 8), spelt).convert("L"))
    raster = load_picture(saved(image, tmp_path), paper_of(80)).raster
    assert REAL_TIME.search(raster) is None
    assert raster == bytes((0x11, second)) * 8, "one dot more each time, and no other"


def test_grey_becomes_as_many_dots(tmp_path: Path) -> None:
    picture = load_picture(saved(Image.new("L", (80, 80), 192), tmp_path), paper_of(80))
    black = sum(byte.bit_count() for byte in picture.raster)
    assert 0.2 < black / (80 * 80) < 0.3


def test_what_is_transparent_stays_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    assert not any(load_picture(saved(image, tmp_path), paper_of(80)).raster)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_what_is_no_picture_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(content)
    with pytest.raises(PrinterError, match=r"logo\.png"):
        load_picture(path, paper_of(80))


def test_a_recalled_picture_is_the_defined_one(tmp_path: Path) -> None:
    image = Image.linear_gradient("L").resize((64, 40))
    picture = load_picture(saved(image, tmp_path), paper_of(80))
    for data in (picture.define() + picture.recall(), picture.draw()):
        (piece,) = print_bytes(data + b"\x1dVB\x00", 80)
        (bits,) = [element for element in piece.elements if isinstance(element, Bitmap)]
        assert (bits.width, bits.height, bits.raster) == (
            picture.width,
            picture.height,
            picture.raster,
        )


def test_an_graphics_reads_a_changed_file_again_and_says_what_is_amiss(tmp_path: Path) -> None:
    path = saved(Image.new("1", (8, 8), 0), tmp_path)
    graphics = NvGraphics(lambda name: path if name == "logo.png" else None, paper_of(80), "CP858")
    first = graphics.get("logo.png")
    assert first is not None
    assert graphics.get("logo.png") is first
    saved(Image.new("1", (16, 16), 0), tmp_path)
    second = graphics.get("logo.png")
    assert second is not None
    assert second.key != first.key
    path.write_bytes(b"broken")
    assert graphics.get("logo.png") is None
    assert "logo.png" in graphics.faults
    assert graphics.commands(LogoLine("other.png")) == b""
    assert "not found" in graphics.faults["other.png"]
