"""Bytes of a full slip, against the same slip sent as one picture.

Full: logo and stamps recalled from the printer's memory, priority, people ahead, waiting time, QR.
Every service of the menu in ``config/``; the longest slip counts. Building is all from ticket to
bytes, each time with another ticket.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

from common import ROOT, quantile, table, verdict

from kiosk.domain.catalogue import Found
from kiosk.domain.compose import SlipFacts, compose, keepsakes
from kiosk.domain.config import Settings
from kiosk.domain.ticket import Ticket
from kiosk.printing.album import Album
from kiosk.printing.encoder import encode, warm_up
from kiosk.printing.paper import paper_of
from kiosk.printing.virtual.preview import keep_all, print_bytes
from kiosk.settings.assets import ASSETS, picture_finder
from kiosk.settings.loader import load_settings

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


def album(settings: Settings, paper_mm: int) -> Album:
    """Logo and stamps, as if the printer kept them already."""
    made = Album(picture_finder(settings), paper_of(paper_mm), settings.kiosk.printer.code_page)
    made.wanted.update(keepsakes(settings))
    keep_all(made, NOW)
    return made


def main() -> int:
    """Measure all slips; 0 when the limits are kept."""
    settings = with_address(load_settings(ROOT / "config", ASSETS))
    warm_up()
    rows, limits, times = [], [], []
    default = settings.catalogue.site.languages[0]
    other = next(lang for lang in settings.catalogue.site.languages if lang != default)
    for count, language in ((1, default), (2, other)):
        for paper_mm in PAPERS_MM:
            logos = album(settings, paper_mm)
            sizes, pictures, lengths = [], [], []
            for i, found in enumerate(settings.catalogue.services()):
                facts = full_slip(settings, found, language, i)
                # The middle of five: what else this machine does is not the slip's.
                taken = []
                for _ in range(5):
                    began = time.perf_counter()
                    slip = compose(settings.template, facts)
                    data = encode(slip, paper_mm, settings.kiosk.printer.code_page, logos.commands)
                    taken.append((time.perf_counter() - began) * 1000)
                times.append(quantile(taken, 0.5))
                (piece,) = print_bytes(data, paper_mm, logos.kept())
                height = round(piece.height_mm * 8)
                sizes.append(len(data))
                pictures.append(LEFT_AND_RIGHT + piece.paper_dots // 8 * height)
                lengths.append(piece.height_mm)
            rows.append(
                (
                    f"{count} language{'s' * (count > 1)}, {paper_mm} mm",
                    f"{quantile(sizes, 0.5):,.0f}",
                    f"{max(sizes):,}",
                    f"{LIMITS[count]:,}",
                    f"{max(pictures):,}",
                    f"{max(lengths):.0f}",
                )
            )
            name = f"bytes, {count} language{'s' * (count > 1)}, {paper_mm} mm"
            limits.append((name, float(max(sizes)), float(LIMITS[count])))
    heads = ("full slip", "median", "longest", "limit", "as one picture", "paper mm")
    table(f"Bytes of a slip, {len(times) // 4} services", heads, rows)
    slowest = quantile(times, 0.95)
    print(f"building a slip's bytes: p50 {quantile(times, 0.5):.2f} ms, p95 {slowest:.2f} ms")
    limits.append(("building a slip, p95 ms", slowest, BUILD_MS))
    return verdict(limits)


if __name__ == "__main__":
    sys.exit(main())
