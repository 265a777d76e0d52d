"""Logos are dithered, 10 mm high, no wider than the paper, and contain no real-time command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from kiosk.errors import PrinterError
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Logos, Picture, load_picture, without_commands
from kiosk.printing.slip_preview import print_bytes
from virtual_printer.sheet import Strip, TextRow

REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")
DLE_BYTES = st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x00, 0xFF]), max_size=200)


def saved(image: Image.Image, folder: Path) -> Path:
    """Save the image as a file."""
    path = folder / "logo.png"
    image.save(path)
    return path


def lines(picture: Picture) -> bytes:
    """The bytes that print ``picture``."""
    return b"\x1b3\x18" + b"".join(strip + b"\n" for strip in picture.strips)


def printed(picture: Picture) -> list[TextRow]:
    """The printed lines of ``picture``."""
    (piece,) = print_bytes(lines(picture) + b"\x1dVA\x00", 80)
    return [element for element in piece.elements if isinstance(element, TextRow)]


def image(picture: Picture) -> Image.Image:
    """The printed dots, black as 255."""
    seen = Image.new("L", (picture.width, 24 * len(picture.strips)), 0)
    for i, row in enumerate(printed(picture)):
        columns = b"".join(run.columns for run in row.runs if isinstance(run, Strip))
        strip = Image.frombytes("1", (24, len(columns) // 3), columns).convert("L")
        seen.paste(strip.transpose(Image.Transpose.TRANSPOSE), (0, 24 * i))
    return seen


@given(DLE_BYTES.map(bytes) | st.binary(max_size=200))
def test_cleaned_data_contains_no_real_time_command(data: bytes) -> None:
    safe = without_commands(data)
    assert REAL_TIME.search(safe) is None
    assert len(safe) == len(data)
    different = [i for i, (a, b) in enumerate(zip(data, safe, strict=True)) if a != b]
    assert all(safe[i] == data[i] | 0x01 for i in different)


@pytest.mark.parametrize(("paper_mm", "dots"), [(80, 576), (58, 384)])
def test_a_wide_logo_is_scaled_to_the_width_of_the_paper(
    tmp_path: Path, paper_mm: int, dots: int
) -> None:
    picture = load_picture(saved(Image.new("L", (9000, 500), 0), tmp_path), paper_of(paper_mm))
    assert picture.width == dots
    rows = printed(picture)
    assert [sum(r.dots for r in row.runs) for row in rows] == [dots] * len(rows)


@pytest.mark.parametrize("size", [(100, 4000), (400, 400), (192, 178)])
def test_a_logo_is_10_mm_high(tmp_path: Path, size: tuple[int, int]) -> None:
    picture = load_picture(saved(Image.new("L", size, 0), tmp_path), paper_of(80))
    ink = image(picture).getbbox()
    assert ink is not None
    assert ink[3] - ink[1] == 80
    assert picture.width == round(size[0] * 80 / size[1])


def test_a_small_picture_is_not_scaled(tmp_path: Path) -> None:
    source = Image.new("1", (10, 30), 1)
    for dot in ((0, 0), (9, 2), (3, 29)):
        source.putpixel(dot, 0)
    picture = load_picture(saved(source, tmp_path), paper_of(80))
    assert (picture.width, picture.height) == (10, 30)
    seen = image(picture)
    black = {(x, y) for x in range(10) for y in range(48) if seen.getpixel((x, y))}
    assert black == {(0, 0), (9, 2), (3, 29)}


def test_a_coarse_logo_has_the_same_size_and_a_sixth_of_the_bytes(tmp_path: Path) -> None:
    path = saved(Image.new("L", (96, 96), 0), tmp_path)
    fine, coarse = (load_picture(path, paper_of(80), coarse=c) for c in (False, True))
    assert image(coarse).getbbox() == (0, 0, 80, 78)
    assert image(fine).getbbox() == (0, 0, 80, 80)
    assert fine.size > 5 * coarse.size


@pytest.mark.parametrize("second", [0x04, 0x05, 0x14])
def test_dots_that_form_a_real_time_command_are_changed(tmp_path: Path, second: int) -> None:
    columns = bytes((0x10, second, 0)) * 8
    dots = Image.frombytes("1", (24, 8), columns).transpose(Image.Transpose.TRANSPOSE)
    path = saved(ImageOps.invert(dots.convert("L")), tmp_path)
    (strip,) = load_picture(path, paper_of(80)).strips
    assert REAL_TIME.search(strip) is None
    assert strip[5:] == bytes((0x11, second, 0)) * 8, "only one dot of each command may change"


def test_each_command_of_a_logo_is_short(tmp_path: Path) -> None:
    """The padding after a broken job is as long as the longest command."""
    picture = load_picture(saved(Image.new("L", (2000, 200), 0), tmp_path), paper_of(80))
    (piece,) = print_bytes(lines(picture) + b"\x1dVB\x00", 80)
    longest = 5 + 3 * 160
    assert piece.commands.count("ESC *") == 4 * len(picture.strips)
    assert all(len(strip) <= 4 * longest for strip in picture.strips)


def test_grey_is_dithered_to_its_share_of_dots(tmp_path: Path) -> None:
    seen = image(load_picture(saved(Image.new("L", (72, 72), 192), tmp_path), paper_of(80)))
    assert 0.2 < sum(seen.histogram()[1:]) / (72 * 72) < 0.3


def test_transparent_pixels_stay_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    assert image(load_picture(saved(clear, tmp_path), paper_of(80))).getbbox() is None


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_an_invalid_picture_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(content)
    with pytest.raises(PrinterError, match=r"logo\.png"):
        load_picture(path, paper_of(80))


def test_a_changed_logo_is_loaded_again_and_its_errors_are_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = saved(Image.new("1", (8, 8), 0), tmp_path)
    logos = Logos(lambda name: path if name == "logo.png" else None, paper_of(80))
    logos.get("logo.png")
    first = logos.get("logo.png")
    assert first is not None
    assert logos.get("logo.png") is first
    saved(Image.new("1", (16, 16), 0), tmp_path)
    second = logos.get("logo.png")
    assert second is not None
    assert second != first
    path.write_bytes(b"broken")
    assert logos.get("logo.png") is None
    assert logos.get("logo.png") is None
    assert "logo.png" in logos.faults
    assert [record.levelname for record in caplog.records] == ["WARNING"], "logged once"
    assert logos.get("other.png") is None
    assert "not found" in logos.faults["other.png"]


@pytest.mark.parametrize(("baud", "fine"), [(9600, False), (19200, False), (38400, True)])
def test_a_logo_is_coarse_on_a_slow_serial_line(tmp_path: Path, baud: int, fine: bool) -> None:
    path = saved(Image.new("L", (96, 96), 0), tmp_path)
    picture = Logos(lambda _: path, paper_of(80), baud / 10).get("logo.png")
    assert picture == load_picture(path, paper_of(80), coarse=not fine)
    assert picture.size / (baud / 10) <= 0.3


def test_a_logo_that_is_too_long_for_the_line_is_left_out(tmp_path: Path) -> None:
    path = saved(Image.new("L", (576, 80), 0), tmp_path)
    assert Logos(lambda _: path, paper_of(80), 960).get("logo.png") is None
