"""Encode a slip as bytes for a receipt printer.

The bytes begin with ``ESC @`` and the code page and end with the only cut, ``GS V 66 0``.
"""

from __future__ import annotations

from collections.abc import Iterable

from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Level
from kiosk.domain.slip import Slip
from kiosk.printing.page_writer import PageWriter
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Picture, Pictures
from kiosk.printing.sheet import load
from kiosk.printing.text import codec_of
from kiosk.printing.writer import EncodedSlip, Writer


def warm_up() -> None:
    """Import what encoding needs (about 50 ms), ahead of the first slip."""
    load()


def no_pictures(_: str) -> Picture | None:
    """Print no logos."""
    return None


def has_page_mode(setting: str, level: Level) -> bool:
    """Whether to use page mode, by ``printer.page_mode`` and what the printer was found to be.

    A printer cannot be asked for it, and one without it prints the parameters of its commands. All
    printers known to echo a process id (level A) have it; many others do not.
    """
    return setting == "always" or (setting == "auto" and level is Level.PROCESS_ID)


def encode(
    slip: Slip,
    paper_mm: int,
    code_page: str,
    pictures: Pictures = no_pictures,
    *,
    page_mode: bool = False,
    small_font: str = "B",
) -> EncodedSlip:
    """The bytes of ``slip``, for paper of 80 or 58 mm (576 or 384 dots).

    ``code_page`` is one of ``text.CODE_PAGES``; ``pictures`` returns the logos. ``page_mode``: the
    printer has it ("ESC L"), so a code can have words beside it. ``small_font``: that of running
    text, B or A. Raises PrinterError for an unknown paper or code page.
    """
    codec = codec_of(code_page)
    kind = PageWriter if page_mode else Writer
    writer = kind(paper_of(paper_mm), code_page.upper(), codec, pictures, small_font)
    for line in slip.lines:
        writer.write(line)
    return writer.end()


class SlipEncoder:
    """Encodes slips as ``settings`` say. ``logos``: the names of those to read before the first."""

    def __init__(
        self,
        settings: PrinterSettings,
        pictures: Pictures = no_pictures,
        logos: Iterable[str] = (),
    ) -> None:
        self._settings = settings
        self._pictures = pictures
        self._logos = tuple(logos)

    def warm_up(self) -> None:
        """Import what encoding needs and read the logos, ahead of the first slip."""
        warm_up()
        for name in self._logos:
            self._pictures(name)

    def encode(self, slip: Slip, level: Level) -> EncodedSlip:
        """The bytes of ``slip`` for a printer of ``level``. Raises PrinterError as ``encode``."""
        settings = self._settings
        return encode(
            slip,
            settings.paper_mm,
            settings.code_page,
            self._pictures,
            page_mode=has_page_mode(settings.page_mode, level),
            small_font=settings.small_font,
        )
