"""Draw a slip with the virtual printer's print head, without a printer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.domain.slip import Slip
from kiosk.printing.encoder import encode, no_pictures
from kiosk.printing.nv_graphics import NvGraphics
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Picture
from virtual_printer.commands import next_command
from virtual_printer.head import Cut, PrintHead
from virtual_printer.sheet import SlipRecord

if TYPE_CHECKING:
    from PIL import Image


def print_bytes(data: bytes, paper_mm: int, kept: Iterable[Picture] = ()) -> list[SlipRecord]:
    """The pieces of paper that ``data`` prints on a printer without faults.

    ``kept``: pictures in its memory. Bytes after the last cut are on a last, incomplete piece.
    """
    dots = paper_of(paper_mm).dots
    head = PrintHead(dots)
    for picture in kept:
        head.keep(picture.define())
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


def keep_all(graphics: NvGraphics, now: datetime) -> None:
    """Make ``graphics`` assume that the printer stores all its pictures. ``now`` is aware."""
    commands = [next_command(command)[0] for command in graphics.changes(lambda: now)]
    graphics.update_keys(
        frozenset(command.args[3:5] for command in commands if command is not None)
    )


def picture_of(
    slip: Slip, paper_mm: int, code_page: str, graphics: NvGraphics | None = None
) -> Image.Image:
    """``slip`` as an RGBA picture of 8 dots per millimetre, with cut edges.

    ``graphics`` holds the pictures and knows which of them the printer stores.
    """
    from virtual_printer.render import render

    pictures, kept = (graphics.commands, graphics.kept()) if graphics else (no_pictures, [])
    return render(print_bytes(encode(slip, paper_mm, code_page, pictures), paper_mm, kept)[0])
