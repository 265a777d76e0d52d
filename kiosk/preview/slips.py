"""Draw sample slips to PNG files, from the same bytes that a real printer gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kiosk.clock import demo_start
from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import Settings
from kiosk.domain.details_slip import details_slip, parts
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.printing.encoder import encode
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Logos
from kiosk.printing.slip_preview import print_bytes
from kiosk.settings.assets import picture_finder
from menu.catalogue import Found

PAPERS_MM = (80, 58)
EXAMPLE_URL = "https://antrean.example.go.id"


def draw_slips(settings: Settings, out: Path) -> list[Path]:
    """Draw sample slips, for each paper width; returns the files.

    Once as printers with page mode print them, and once (``-below``) as all others do.
    """
    from virtual_printer.render import save

    out.mkdir(parents=True, exist_ok=True)
    slips, code_page = dict(sample_slips(settings)), settings.kiosk.printer.code_page
    drawn = []
    for paper_mm in PAPERS_MM:
        logos = Logos(picture_finder(settings), paper_of(paper_mm))
        for name, slip in slips.items():
            for page_mode, suffix in ((True, ""), (False, "-below")):
                data = encode(slip, paper_mm, code_page, logos.get, page_mode=page_mode)
                drawn.append(out / f"{paper_mm}mm-{name}{suffix}.png")
                save(print_bytes(data, paper_mm)[0], drawn[-1])
    return drawn


def sample_slips(settings: Settings) -> Iterator[tuple[str, Slip]]:
    """Sample slips with their names, in each language.

    The first service, the longest names, priority, a copy, a number of the kiosk's own series,
    given while the server was unreachable, and one without a code. With people ahead where the
    server would send it. A site without a public address gets one for the code. Last the slip
    without a number: the details of the service that has most to say.
    """
    menu, now = settings.catalogue, demo_start(settings)
    site = replace(menu.site, public_url=menu.site.public_url or EXAMPLE_URL)
    found = list(menu.services())
    if not found:
        return
    first = found[0]
    longest = max(found, key=lambda f: len(f.agency.name.in_("")) + len(f.service.name.in_("")))
    for language in menu.site.languages:

        def facts(of: Found, number: str = "027", language: str = language) -> SlipFacts:
            ticket = Ticket(
                id="0" * 36,
                track="5f0c2d9be8a147d3b6c1f2e09a7d4835",
                number=f"{of.service.prefix}-{number}",
                business_date=now.date(),
                service=of.service.code,
                language=language,
                issued_at=now,
            )
            return SlipFacts(ticket, of, site, settings.words, settings.kiosk.id)

        samples = {
            "first": replace(facts(first), ahead=12, wait_minutes=(40, 50)),
            "longest": replace(facts(longest), ahead=7, wait_minutes=(90, 120)),
            "copy": replace(facts(first), copy_of=now),
            "offline": facts(longest, "B003"),
            "no-code": replace(facts(first), site=replace(site, public_url="")),
        }
        if menu.priority_groups:
            of, groups = facts(first), menu.priority_groups[:2]
            ticket = replace(of.ticket, priority=groups[0].code)
            names = tuple(group.name for group in groups)
            samples["priority"] = replace(of, ticket=ticket, priority_names=names, ahead=0)
        for name, sample in samples.items():
            yield f"{language}-{name}", compose(settings.template, sample)
        fullest = max(found, key=lambda f: sum(len(part.texts) for part in parts(f.service)))
        yield (
            f"{language}-details",
            details_slip(
                fullest,
                site,
                settings.words,
                language,
                now,
                settings.template.unprintable,
                settings.template.code_page,
            ),
        )
