"""Stamps: the same words as text, drawn; and only where every letter can be drawn."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from kiosk.domain.slip import FeedLine, RuleLine, StampLine, TextLine
from kiosk.printing import stamps
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import REAL_TIME, Picture, without_commands
from kiosk.printing.stamps import draw_stamp


def drawn(*lines: TextLine | RuleLine | FeedLine, paper_mm: int = 80) -> Picture:
    """The stamp of these lines."""
    picture = draw_stamp(StampLine(lines), paper_of(paper_mm), "CP858")
    assert picture is not None
    return picture


def image(picture: Picture) -> Image.Image:
    """Black dots as 255."""
    return Image.frombytes("1", (picture.width, picture.height), picture.raster).convert("L")


def test_a_stamp_stands_in_the_middle_of_the_paper() -> None:
    picture = drawn(TextLine("NOMOR ANTREAN", bold=True))
    assert picture.width % 16 == 0
    assert picture.width < paper_of(80).dots / 2
    box = image(picture).getbbox()
    assert box is not None
    assert abs(box[0] - (picture.width - box[2])) <= 2


def test_letters_are_as_tall_as_the_printers_own_and_grow_with_the_size() -> None:
    heights = []
    for size in (1, 2, 3):
        box = image(drawn(TextLine("H", width=size, height=size))).getbbox()
        assert box is not None
        heights.append(box[3] - box[1])
    assert heights[0] >= 17
    assert heights == pytest.approx([18, 36, 54], abs=1)


def test_bold_is_bolder_and_a_rule_goes_from_edge_to_edge() -> None:
    plain, bold = (
        sum(byte.bit_count() for byte in drawn(TextLine("Loket", bold=b)).raster)
        for b in (False, True)
    )
    assert bold > 1.2 * plain
    for paper_mm, dots in ((80, 576), (58, 384)):
        picture = drawn(TextLine("a"), RuleLine(), paper_mm=paper_mm)
        rows = [picture.raster[i : i + dots // 8] for i in range(0, len(picture.raster), dots // 8)]
        assert (picture.width, rows.count(b"\xff" * (dots // 8))) == (dots, 2)


@pytest.mark.parametrize("paper_mm", [80, 58])
def test_what_is_too_long_for_a_line_is_broken_and_all_there(paper_mm: int) -> None:
    words = "Jl. Ruhui Rahayu 1 RT.08 No.9, Sepinggan Baru, Balikpapan Selatan"
    one, many = drawn(TextLine("Jl. Ruhui")), drawn(TextLine(words), paper_mm=paper_mm)
    assert many.height >= one.height + 31
    assert many.width <= paper_of(paper_mm).dots
    letters = image(drawn(TextLine("x" * 300), paper_mm=paper_mm))
    single = image(drawn(TextLine("x"), paper_mm=paper_mm))
    ink, of_one = (sum(i.histogram()[255:]) for i in (letters, single))
    assert ink == pytest.approx(300 * of_one, rel=0.1)


def test_words_that_look_alike_are_not_the_same_stamp() -> None:
    first, second = drawn(TextLine("Loket 1")), drawn(TextLine("Loket 7"))
    assert first.key != second.key
    assert ImageChops.difference(image(first), image(second)).getbbox() is not None


def test_what_cannot_be_drawn_well_is_left_to_the_printers_own_letters() -> None:
    paper = paper_of(80)
    for lines in (
        (TextLine("lantai ░▒▓"),),
        (TextLine("x " * 900),),
        (TextLine("a"), FeedLine(40)),
    ):
        assert draw_stamp(StampLine(lines), paper, "CP437") is None
    # What the code page lacks is the same question mark as in text.
    assert drawn(TextLine("漢")).raster == drawn(TextLine("?")).raster


def test_no_stamp_whose_dots_spell_a_command_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The typeface is too bold for it: drawn so thin that dots stand alone, it does."""
    monkeypatch.setattr(stamps, "INK", 255)
    draw_stamp.cache_clear()
    scanned = drawn(TextLine("Loket 12")).raster
    monkeypatch.setattr(stamps, "without_commands", bytes)
    draw_stamp.cache_clear()
    raw = drawn(TextLine("Loket 12")).raster
    draw_stamp.cache_clear()
    assert REAL_TIME.search(raw) is not None
    assert REAL_TIME.search(scanned) is None
    assert scanned == without_commands(raw)
