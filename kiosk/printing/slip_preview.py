"""Draw a slip with the virtual printer's print head, without a printer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.slip import Slip
from kiosk.printing.encoder import encode, no_pictures
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Pictures
from virtual_printer.commands import next_command
from virtual_printer.head import Cut, PrintHead
from virtual_printer.sheet import SlipRecord

if TYPE_CHECKING:
    from PIL import Image


def print_bytes(data: bytes, paper_mm: int) -> list[SlipRecord]:
    """The pieces of paper that ``data`` prints on a printer without faults.

    Bytes after the last cut are on a last, incomplete piece.
    """
    dots = paper_of(paper_mm).dots
    head = PrintHead(dots)
    sheet = SlipRecord(0, dots)
    pieces: list[SlipRecord] = []
    at = 0
    while True:
        command, used = next_command(data[at:])
        if command is None:
            break
        at += used
        sheet.commands.append(command.name)
        for step in head.obey(command):
            if isinstance(step, Cut):
                sheet.complete = True
                pieces.append(sheet)
                sheet = SlipRecord(len(pieces), dots)
            else:
                sheet.elements.append(step)
    return [*pieces, sheet] if sheet.elements else pieces


def picture_of(
    slip: Slip,
    paper_mm: int,
    code_page: str,
    pictures: Pictures = no_pictures,
    *,
    page_mode: bool = False,
) -> Image.Image:
    """``slip`` as an RGBA picture of 8 dots per millimetre, with cut edges."""
    from virtual_printer.render import render

    data = encode(slip, paper_mm, code_page, pictures, page_mode=page_mode)
    return render(print_bytes(data, paper_mm)[0])
