"""Print bytes with the virtual printer's print head, without a printer."""

from __future__ import annotations

from kiosk.printing.paper import paper_of
from virtual_printer.commands import next_command
from virtual_printer.head import Cut, PrintHead
from virtual_printer.sheet import SlipRecord


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
