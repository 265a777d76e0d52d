"""Draw sample slips to PNG files, from the same bytes that a real printer gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from kiosk.clock import SiteClock, demo_start
from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import Settings
from kiosk.domain.delivery import Level
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.errors import KioskError
from kiosk.printer import open_printer
from kiosk.settings.assets import picture_finder
from menu.catalogue import Found

PAPERS_MM = (80, 58)


def draw_slips(settings: Settings, out: Path) -> list[Path]:
    """Print sample slips on a virtual printer, for each paper width.

    Returns the files.
    """
    out.mkdir(parents=True, exist_ok=True)
    slips = dict(sample_slips(settings))
    drawn = []
    for paper_mm in PAPERS_MM:
        drawn += _print(settings, paper_mm, Level.PROCESS_ID, slips, out)
    return drawn


def _print(
    settings: Settings, paper_mm: int, level: Level, slips: Mapping[str, Slip], out: Path
) -> list[Path]:
    """Print ``slips`` on a virtual printer without faults; returns the files, named like them."""
    from virtual_printer import VirtualPrinter
    from virtual_printer.render import save

    drawn = []
    clock = SiteClock(settings.catalogue.site.timezone)
    find = picture_finder(settings)
    with VirtualPrinter(paper_mm=paper_mm, level=level.value) as device:
        wanted = replace(
            settings.kiosk.printer,
            connection=device.connection,
            paper_mm=paper_mm,
            level=level.value,
        )
        printer = open_printer(wanted, pictures=find, now=clock)
        for count, (name, slip) in enumerate(slips.items(), start=1):
            printer.probe()
            result = printer.print(slip)
            if result.fault is not None:
                raise KioskError("preview.slip", name=name, why=result.detail)
            drawn.append(out / f"{paper_mm}mm-{name}.png")
            save(device.wait_for_slips(count)[-1], drawn[-1])
        printer.close()
    return drawn


def sample_slips(settings: Settings) -> Iterator[tuple[str, Slip]]:
    """Sample slips with their names, in each language.

    The first service, the longest names, priority, a copy, and a number of the kiosk's own series,
    given while the server was unreachable. With people ahead where the server would send it.
    """
    menu, now = settings.catalogue, demo_start(settings)
    found = list(menu.services())
    if not found:
        return
    first = found[0]
    longest = max(found, key=lambda f: len(f.agency.name.in_("")) + len(f.service.name.in_("")))
    for language in menu.site.languages:

        def facts(of: Found, number: str = "027", language: str = language) -> SlipFacts:
            ticket = Ticket(
                id="0" * 36,
                track="0" * 32,
                number=f"{of.service.prefix}-{number}",
                business_date=now.date(),
                service=of.service.code,
                language=language,
                issued_at=now,
            )
            return SlipFacts(ticket, of, menu.site, settings.words, settings.kiosk.id)

        samples = {
            "first": replace(facts(first), ahead=12, wait_minutes=(40, 50)),
            "longest": replace(facts(longest), ahead=7, wait_minutes=(90, 120)),
            "copy": replace(facts(first), copy_of=now),
            "offline": facts(longest, "B003"),
        }
        for group in menu.priority_groups[:1]:
            of = facts(first)
            ticket = replace(of.ticket, priority=group.code)
            samples["priority"] = replace(of, ticket=ticket, priority_name=group.name, ahead=0)
        for name, sample in samples.items():
            yield f"{language}-{name}", compose(settings.template, sample)
