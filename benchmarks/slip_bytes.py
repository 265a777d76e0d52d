"""Bytes of a full slip, against the same slip sent as one picture.

Full: logo recalled from the printer's memory, priority, people ahead, waiting time, QR, address.
Every service of the menu in ``config/``; the longest slip counts.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

from common import ROOT, quantile, table, verdict

from kiosk.domain.catalogue import Found
from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import Settings
from kiosk.domain.ticket import Ticket
from kiosk.printing.encoder import encode, warm_up
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Album
from kiosk.printing.virtual.preview import print_bytes
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

LIMITS = {1: 700, 2: 1100}
PAPERS_MM = (80, 58)
NOW = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)
LEFT_AND_RIGHT = 8


def full_slip(settings: Settings, found: Found, language: str) -> SlipFacts:
    """All that a slip can say of one ticket."""
    names = settings.catalogue.priority_groups
    ticket = Ticket(
        id="0" * 36,
        track="0123456789abcdef" * 2,
        number=f"{found.service.prefix}-B027",
        business_date=NOW.date(),
        service=found.service.code,
        language=language,
        issued_at=NOW,
        priority=names[0].code if names else None,
    )
    site = replace(settings.catalogue.site, public_url="https://antrean.example.go.id")
    return SlipFacts(
        ticket=ticket,
        found=found,
        site=site,
        words=settings.words,
        kiosk_id=settings.kiosk.id,
        priority_name=names[0].name if names else None,
        ahead=12,
        wait_minutes=(90, 120),
    )


def album(settings: Settings, paper_mm: int) -> Album:
    """The logos, as if the printer kept them already."""

    def find(name: str) -> object:
        for folder in (ROOT / "config", ASSETS / "images"):
            if (folder / name).is_file():
                return folder / name
        return None

    made = Album(find, paper_of(paper_mm))  # type: ignore[arg-type]
    for block in settings.template.blocks:
        if block.kind.value == "logo" and block.text:
            made.wanted.add(block.text.in_(""))
    made.stored = frozenset(picture.key for picture in made.missing())
    return made


def main() -> int:
    """Measure all slips; 0 when the limits are kept."""
    settings = load_settings(ROOT / "config", ASSETS)
    warm_up()
    rows, limits, times = [], [], []
    default = settings.catalogue.site.languages[0]
    other = next(lang for lang in settings.catalogue.site.languages if lang != default)
    for count, language in ((1, default), (2, other)):
        for paper_mm in PAPERS_MM:
            logos = album(settings, paper_mm)
            sizes, pictures, lengths = [], [], []
            for found in settings.catalogue.services():
                slip = compose(settings.template, full_slip(settings, found, language))
                began = time.perf_counter()
                data = encode(slip, paper_mm, settings.kiosk.printer.code_page, logos.commands)
                times.append((time.perf_counter() - began) * 1000)
                (piece,) = print_bytes(data, paper_mm)
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
    print(f"building the bytes: p50 {quantile(times, 0.5):.2f} ms, p95 {quantile(times, 0.95):.2f}")
    return verdict(limits)


if __name__ == "__main__":
    sys.exit(main())
