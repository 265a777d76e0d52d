"""The virtual printer prints the kiosk's slips as its encoder intends.

The other tests of this folder do not import the kiosk.
"""

from __future__ import annotations

import pytest

from kiosk.domain.slip import BadgeLine, NumberLine, QrLine, Slip, TextLine
from kiosk.printing.text import CODE_PAGES
from tests.printing.conftest import picture_of
from tests.virtual_printer.test_render import URL, code_on, dark_share, ink_box
from virtual_printer.commands import Command
from virtual_printer.head import PrintHead, modules
from virtual_printer.sheet import TextRow


@pytest.mark.parametrize(("paper_mm", "width"), [(80, 640), (58, 464)])
@pytest.mark.parametrize("number", ["DK-027", "DKC-B003"])
def test_the_number_is_at_least_15_mm_high_and_within_the_paper(
    paper_mm: int, width: int, number: str
) -> None:
    picture = picture_of(Slip(number, (NumberLine(number, 8),)), paper_mm, "CP858")
    assert picture.width == width
    left, top, right, bottom = ink_box(picture)
    assert (bottom - top) / 8 >= 15
    margin = (width - {80: 576, 58: 384}[paper_mm]) // 2
    assert left >= margin
    assert right <= width - margin
    assert right - left >= 0.8 * (width - 2 * margin)


@pytest.mark.parametrize("paper_mm", [80, 58])
def test_the_code_of_a_slip_has_its_modules(paper_mm: int) -> None:
    picture = picture_of(Slip("", (QrLine(URL, 6),)), paper_mm, "CP858")
    assert code_on(picture, 6) == modules(URL, 48)


def test_a_badge_is_light_on_dark() -> None:
    picture = picture_of(Slip("", (BadgeLine("PRIORITAS"),)), 80, "CP858")
    assert 0.6 < dark_share(picture) < 0.9
    _, top, _, bottom = ink_box(picture)
    assert bottom - top == 48


def test_bold_text_has_more_ink() -> None:
    def ink(bold: bool) -> int:
        picture = picture_of(Slip("", (TextLine("Loket", bold=bold),)), 80, "CP858")
        return sum(picture.convert("RGB").convert("L").histogram()[:128])

    assert ink(True) > 1.2 * ink(False)


@pytest.mark.parametrize(("number", "codec"), list(CODE_PAGES.values()), ids=list(CODE_PAGES))
def test_the_code_page_tables_of_kiosk_and_printer_agree(number: int, codec: str) -> None:
    """Both were written from the manual independently: a difference is an error in one of them."""
    for byte in range(0x80, 0x100):
        head = PrintHead(576)
        text = bytes((byte,)) * 2
        commands = (Command("ESC t", bytes((number,))), Command("text", text), Command("LF"))
        (row,) = [step for command in commands for step in head.obey(command)]
        assert isinstance(row, TextRow)
        assert row.text == text.decode(codec, "replace")
