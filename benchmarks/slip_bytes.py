"""Bytes of a full slip, against the same slip sent as one picture.

Full: logo and stamps recalled from the printer's memory, priority, people ahead, waiting time, QR.
Every service of the menu in ``config/``; the longest slip counts. Building is all from ticket to
bytes, each time with another ticket.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from benchmarks.common import ROOT, quantile, table, verdict
from kiosk.domain.compose import SlipFacts, compose, storable_drawings
from kiosk.domain.config import Settings
from kiosk.domain.slip import BadgeLine, NumberLine, QrLine, Slip, TextLine
from kiosk.domain.ticket import Ticket
from kiosk.printing.encoder import encode, warm_up
from kiosk.printing.nv_graphics import NvGraphics
from kiosk.printing.paper import paper_of
from kiosk.printing.sheet import new_sheet
from kiosk.printing.slip_preview import keep_all, print_bytes
from kiosk.settings.assets import ASSETS, picture_finder
from kiosk.settings.loader import load_settings
from menu.catalogue import Found

LIMITS = {1: 600, 2: 1000}
BUILD_MS = 1.0
PAPERS_MM = (80, 58)
NOW = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)
LEFT_AND_RIGHT = 8


def with_address(settings: Settings) -> Settings:
    """The settings of a site that visitors reach from their phones: its slips bear a code."""
    site = replace(settings.catalogue.site, public_url="https://antrean.example.go.id")
    return replace(settings, catalogue=replace(settings.catalogue, site=site))


def full_slip(settings: Settings, found: Found, language: str, visitor: int) -> SlipFacts:
    """All that a slip can say of one ticket; each ``visitor`` has a track token of his own."""
    names = settings.catalogue.priority_groups
    ticket = Ticket(
        id="0" * 36,
        track=f"{visitor:032x}",
        number=f"{found.service.prefix}-B027",
        business_date=NOW.date(),
        service=found.service.code,
        language=language,
        issued_at=NOW,
        priority=names[0].code if names else None,
    )
    return SlipFacts(
        ticket=ticket,
        found=found,
        site=settings.catalogue.site,
        words=settings.words,
        kiosk_id=settings.kiosk.id,
        priority_name=names[0].name if names else None,
        ahead=12,
        wait_minutes=(90, 120),
    )


def graphics(settings: Settings, paper_mm: int) -> NvGraphics:
    """Logo and stamps, as if the printer kept them already."""
    made = NvGraphics(
        picture_finder(settings), paper_of(paper_mm), settings.kiosk.printer.code_page
    )
    made.wanted.update(storable_drawings(settings))
    keep_all(made, NOW)
    return made


def plain_escpos(slip: Slip) -> bytes:
    """The baseline: the words of ``slip`` as python-escpos' own methods write them."""
    sheet: Any = new_sheet()
    sheet.hw("INIT")
    sheet.charcode("CP858")
    for line in slip.plain:
        match line:
            case TextLine():
                sheet.set(align="center", bold=line.bold, custom_size=True, width=line.width,
                          height=line.height)  # fmt: skip
                sheet.text(line.text + "\n")
            case NumberLine():
                sheet.set(align="center", bold=True, custom_size=True, width=6, height=8)
                sheet.text(line.text + "\n")
            case BadgeLine():
                sheet.set(align="center", invert=True)
                sheet.text(line.text + "\n")
            case QrLine():
                sheet.qr(line.data, native=True, size=6)
    sheet.cut(feed=False)
    return bytes(sheet.output)


def middle_ms(build: Callable[[], object]) -> float:
    """The middle of five: what else this machine does is not the slip's."""
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        build()
        taken.append((time.perf_counter() - began) * 1000)
    return quantile(taken, 0.5)


def main() -> int:
    """Measure all slips; 0 when the limits are kept."""
    settings = with_address(load_settings(ROOT / "config", ASSETS))
    warm_up()
    rows, limits, times, plain_times = [], [], [], []
    page = settings.kiosk.printer.code_page
    default = settings.catalogue.site.languages[0]
    other = next(lang for lang in settings.catalogue.site.languages if lang != default)
    for count, language in ((1, default), (2, other)):
        for paper_mm in PAPERS_MM:
            kept = graphics(settings, paper_mm)
            bare = NvGraphics(picture_finder(settings), paper_of(paper_mm), page)
            sizes, texts, pictures, lengths = [], [], [], []
            for i, found in enumerate(settings.catalogue.services()):
                facts = full_slip(settings, found, language, i)
                slip = compose(settings.template, facts)
                data = encode(slip, paper_mm, page, kept.commands)
                (piece,) = print_bytes(data, paper_mm, kept.kept())
                sizes.append(len(data))
                texts.append(len(encode(slip, paper_mm, page, bare.commands)))
                pictures.append(LEFT_AND_RIGHT + piece.paper_dots // 8 * round(piece.height_mm * 8))
                lengths.append(piece.height_mm)
                times.append(middle_ms(partial(build, settings, facts, paper_mm, kept)))
                plain_times.append(middle_ms(partial(plain_escpos, slip)))
            what = f"{count} language{'s' * (count > 1)}, {paper_mm} mm"
            rows.append(
                (
                    what,
                    f"{quantile(sizes, 0.5):,.0f}",
                    f"{max(sizes):,}",
                    f"{LIMITS[count]:,}",
                    f"{max(texts):,}",
                    f"{max(pictures):,}",
                    f"{max(lengths):.0f}",
                )
            )
            limits.append((f"bytes, {what}", float(max(sizes)), float(LIMITS[count])))
    heads = ("full slip", "median", "longest", "limit", "no memory", "as one picture", "paper mm")
    table(f"Bytes of a slip, {len(times) // 4} services", heads, rows)
    for what, taken in (("a slip", times), ("python-escpos alone, words only", plain_times)):
        low, high = quantile(taken, 0.5), quantile(taken, 0.95)
        print(f"building, {what}: p50 {low:.2f} ms, p95 {high:.2f} ms")
    limits.append(("building a slip, p95 ms", quantile(times, 0.95), BUILD_MS))
    return verdict(limits)


def build(settings: Settings, facts: SlipFacts, paper_mm: int, kept: NvGraphics) -> bytes:
    """All that is done for a slip, from the ticket to the bytes."""
    slip = compose(settings.template, facts)
    return encode(slip, paper_mm, settings.kiosk.printer.code_page, kept.commands)


if __name__ == "__main__":
    sys.exit(main())
