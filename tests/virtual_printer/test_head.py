"""The print head: bit images on a line of text, and page mode."""

from __future__ import annotations

from virtual_printer.commands import next_command
from virtual_printer.head import Cut, PrintHead
from virtual_printer.render import render
from virtual_printer.sheet import Bitmap, Element, Page, QrSymbol, Run, SlipRecord, Strip, TextRow

LINE = b"\x1bL"
PRINT = b"\x0c"


def printed(data: bytes, dots: int = 576) -> list[Element]:
    """The elements that a print head makes of ``data``."""
    head, found = PrintHead(dots), []
    while data:
        command, used = next_command(data)
        assert command is not None
        found += [step for step in head.obey(command) if not isinstance(step, Cut)]
        data = data[used:]
    return found


def area(left: int, top: int, width: int, height: int) -> bytes:
    return b"\x1bW" + b"".join(n.to_bytes(2, "little") for n in (left, top, width, height))


def at(left: int, bottom: int) -> bytes:
    return b"\x1d$" + bottom.to_bytes(2, "little") + b"\x1b$" + left.to_bytes(2, "little")


def page(data: bytes) -> Page:
    (found,) = printed(data)
    assert isinstance(found, Page)
    return found


def test_a_bit_image_and_text_share_a_line() -> None:
    (row,) = printed(b"\x1b*\x21\x02\x00" + b"\xf0\x00\x01" * 2 + b"Loket\n")
    assert isinstance(row, TextRow)
    assert row.runs[0] == Strip(b"\xf0\x00\x01" * 2)
    assert row.text == "Loket"
    assert sum(run.dots for run in row.runs) == 2 + 5 * 12


def test_a_low_density_bit_image_has_dots_two_wide_and_three_high() -> None:
    (row,) = printed(b"\x1b*\x00\x01\x00\x81\n")
    assert isinstance(row, TextRow)
    assert row.runs == (Strip(b"\xe0\x00\x07" * 2),)
    picture = render(SlipRecord(0, 576, [row]))
    assert picture.height > 24


def test_one_command_prints_a_page_with_its_parts_in_place() -> None:
    data = LINE + area(0, 0, 576, 200) + at(0, 164) + b"\x1d(k\x05\x001P0ab" + b"\x1d(k\x03\x001Q0"
    assert printed(data) == [], "nothing before FF"
    found = page(data + at(200, 33) + b"Ikuti\n" + PRINT)
    code, words = found.placed
    assert isinstance(code.element, QrSymbol)
    assert (code.left, code.top + code.element.height) == (0, 165)
    assert isinstance(words.element, TextRow)
    assert (words.left, words.top, words.element.text) == (200, 10, "Ikuti")
    assert found.height == 200
    record = SlipRecord(0, 576, [found])
    assert (record.lines, record.codes, record.height_mm) == (["Ikuti"], ["ab"], 25)
    assert render(record).height > 200


def test_parts_outside_the_area_are_dropped() -> None:
    high = b"\x1d!\x11" + b"A\n"
    assert page(LINE + area(0, 0, 576, 100) + high + PRINT).placed == (), "above the upper edge"
    assert page(LINE + area(0, 0, 576, 20) + at(0, 19) + b"A\n" + PRINT).placed == ()
    image = b"\x1b*\x21\x0a\x00" + bytes(30)
    (cut,) = page(LINE + area(570, 0, 6, 30) + at(0, 23) + image + PRINT).placed
    assert isinstance(cut.element, TextRow)
    assert cut.element.runs == (Strip(bytes(18)),)


def test_reset_and_standard_mode_discard_the_page() -> None:
    for end in (b"\x1b@", b"\x1bS"):
        (row,) = printed(LINE + area(0, 0, 576, 100) + b"A" + end + b"B\n")
        assert isinstance(row, TextRow)
        assert [r.text for r in row.runs if isinstance(r, Run)] == ["B"]


def test_cancel_empties_the_page_and_a_cut_waits_for_standard_mode() -> None:
    data = LINE + area(0, 0, 576, 100) + at(0, 23) + b"A\n\x18\x1dVB\x00" + at(0, 23) + b"B\n"
    (only,) = page(data + PRINT).placed
    assert isinstance(only.element, TextRow)
    assert only.element.text == "B"


def test_a_stored_picture_can_be_placed_on_a_page() -> None:
    define = b"\x1d(L\x0c\x000C0ab\x01\x08\x00\x01\x00\x31\xff"
    (only,) = page(define + LINE + at(8, 30) + b"\x1d(L\x06\x000Eab\x01\x01" + PRINT).placed
    assert (only.left, only.top, only.element) == (8, 30, Bitmap(8, b"\xff", 0, 1))
