"""Measure length and bytes of a full slip, compared with the same slip sent as one picture.

A full slip has people ahead, waiting time, priority and QR code; lengths are without priority. All
services of the menu in ``config/``, for printers with and without page mode. A second table has the
logo's bytes and their time on each connection. The building time is measured from ticket to bytes,
each time with another ticket.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from benchmarks.common import ROOT, quantile, table, verdict
from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import Settings
from kiosk.domain.slip import BadgeLine, NumberLine, QrLine, Slip, TextLine
from kiosk.domain.ticket import Ticket
from kiosk.printing.encoder import encode, no_pictures, warm_up
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Logos, Pictures
from kiosk.printing.sheet import new_sheet
from kiosk.printing.slip_preview import print_bytes
from kiosk.printing.status_protocol import RESET
from kiosk.settings.assets import ASSETS, picture_finder
from kiosk.settings.loader import load_settings
from menu.catalogue import Found

BYTES = {1: 700, 2: 1050}
"""Limit of bytes of the longest slip, without its logo, by the number of languages."""

LENGTH_MM = {1: 110.0, 2: 135.0}
"""Limit of the length of the median slip on 80 mm paper, by the number of languages."""

BUILD_MS = 1.0
PAPERS_MM = (80, 58)
LINES = {"9600": 960, "19200": 1920, "38400": 3840, "115200": 11520, "USB, LAN": None}
"""Bytes a second by connection; None: the whole slip takes less than 1 ms."""

NOW = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)
LEFT_AND_RIGHT = 8


def with_address(settings: Settings) -> Settings:
    """The settings with a public address, so that the slips have a code."""
    site = replace(settings.catalogue.site, public_url="https://antrean.example.go.id")
    return replace(settings, catalogue=replace(settings.catalogue, site=site))


def full_slip(settings: Settings, found: Found, language: str, visitor: int) -> SlipFacts:
    """The facts of a full slip; each ``visitor`` has another track token."""
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
        priority_names=(names[0].name,) if names else (),
        ahead=12,
        wait_minutes=(90, 120),
    )


def plain_escpos(slip: Slip) -> bytes:
    """The baseline: most texts of ``slip``, encoded by python-escpos' methods."""
    sheet: Any = new_sheet()
    sheet.raw(RESET)
    sheet.charcode("CP858")
    for line in slip.lines:
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
    """The median of five runs, to exclude delays by other processes."""
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        build()
        taken.append((time.perf_counter() - began) * 1000)
    return quantile(taken, 0.5)


@dataclass(frozen=True, slots=True)
class Measured:
    """The slips of all services in ``languages`` languages on ``paper_mm``; lengths in mm.

    ``page_mode``: on a printer that can print side by side. ``lengths`` are without priority.
    """

    languages: int
    paper_mm: int
    page_mode: bool
    sizes: list[int] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)

    def row(self) -> tuple[str, ...]:
        """One row of the table."""
        way = "side by side" if self.page_mode else "one column"
        what = f"{self.languages} language{'s' * (self.languages > 1)}, {self.paper_mm} mm, {way}"
        return (
            what,
            f"{quantile(self.lengths, 0.5):.0f}",
            f"{max(self.lengths):.0f}",
            f"{quantile(self.sizes, 0.5):,.0f}",
            f"{max(self.sizes):,}",
            f"{max(self.pictures):,}",
        )

    def limits(self) -> Iterator[tuple[str, float, float]]:
        """The limits, as ``verdict`` takes them."""
        what, *_ = self.row()
        yield f"bytes, {what}", float(max(self.sizes)), float(BYTES[self.languages])
        if self.paper_mm == 80:
            median = quantile(self.lengths, 0.5)
            yield f"median length, {what}", median, LENGTH_MM[self.languages]


def main() -> int:
    """Measure all slips; return 0 when the limits are kept."""
    settings = with_address(load_settings(ROOT / "config", ASSETS))
    warm_up()
    site = settings.catalogue.site
    other = next(lang for lang in site.languages if lang != site.languages[0])
    times: list[float] = []
    plain_times: list[float] = []
    found = [
        measure(settings, language, Measured(count, paper_mm, page_mode), times, plain_times)
        for count, language in ((1, site.languages[0]), (2, other))
        for paper_mm in PAPERS_MM
        for page_mode in (True, False)
    ]
    heads = ("full slip", "mm median", "longest", "bytes median", "longest", "as one picture")
    table(f"Slips of {len(found[0].sizes)} services", heads, [m.row() for m in found])
    logo_table(settings)
    for what, taken in (("a slip", times), ("python-escpos alone, words only", plain_times)):
        low, high = quantile(taken, 0.5), quantile(taken, 0.95)
        print(f"building, {what}: p50 {low:.2f} ms, p95 {high:.2f} ms")
    limits = [limit for m in found for limit in m.limits()]
    return verdict([*limits, ("building a slip, p95 ms", quantile(times, 0.95), BUILD_MS)])


def measure(
    settings: Settings,
    language: str,
    measured: Measured,
    times: list[float],
    plain_times: list[float],
) -> Measured:
    """Measure the slips of all services; add the milliseconds of building each to ``times``."""
    paper_mm, page_mode = measured.paper_mm, measured.page_mode
    logos = Logos(picture_finder(settings), paper_of(paper_mm)).get
    for i, found in enumerate(settings.catalogue.services()):
        facts = full_slip(settings, found, language, i)
        make = partial(build, settings, facts, paper_mm, page_mode=page_mode)
        usual = replace(facts, ticket=replace(facts.ticket, priority=None), priority_names=())
        (piece,) = print_bytes(
            build(settings, usual, paper_mm, logos, page_mode=page_mode), paper_mm
        )
        measured.sizes.append(len(make(no_pictures)))
        measured.lengths.append(piece.height_mm)
        raster = piece.paper_dots // 8 * round(piece.height_mm * 8)
        measured.pictures.append(LEFT_AND_RIGHT + raster)
        times.append(middle_ms(partial(make, logos)))
        slip = compose(settings.template, facts)
        plain_times.append(middle_ms(partial(plain_escpos, slip)))
    return measured


def logo_table(settings: Settings) -> None:
    """Print the logo's bytes and seconds on each connection."""
    facts = full_slip(settings, next(iter(settings.catalogue.services())), "id", 0)
    bare = len(build(settings, facts, 80, no_pictures))
    rows = []
    for line, bytes_s in LINES.items():
        logos = Logos(picture_finder(settings), paper_of(80), bytes_s)
        size = len(build(settings, facts, 80, logos.get)) - bare
        slip_s, logo_s = (bare / bytes_s, size / bytes_s) if bytes_s else (0.0, 0.0)
        rows.append((line, f"{bare:,}", f"{slip_s:.2f}", f"{size:,}", f"{logo_s:.2f}"))
    table("Logo", ("line", "slip bytes", "s", "logo bytes", "s"), rows)


def build(
    settings: Settings,
    facts: SlipFacts,
    paper_mm: int,
    pictures: Pictures,
    *,
    page_mode: bool = True,
) -> bytes:
    """Compose and encode a slip."""
    slip, code_page = compose(settings.template, facts), settings.kiosk.printer.code_page
    return encode(slip, paper_mm, code_page, pictures, page_mode=page_mode)


if __name__ == "__main__":
    sys.exit(main())
