"""Draw every screen and slip as pictures, per language, size and state."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from kiosk.background.site_clock import SiteClock, demo_start
from kiosk.commands.shared import add_config, config_dir
from kiosk.domain.compose import SlipFacts, compose, keepsakes
from kiosk.domain.config import Settings
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.errors import KioskError
from kiosk.printer import open_printer
from kiosk.settings.assets import ASSETS, picture_finder
from kiosk.settings.loader import load_settings

PAPERS_MM = (80, 58)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``kiosk preview``."""
    parser.add_argument("dir", metavar="DIR", nargs="?", type=Path, help="folder of the YAML files")
    parser.add_argument("--out", type=Path, default=Path("preview"), metavar="DIR")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--slips-only", action="store_true", help="no screens")
    what.add_argument("--screens-only", action="store_true", help="no slips")
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Draw; 0 when every picture was drawn."""
    settings = load_settings(args.dir or config_dir(args.config), ASSETS)
    out: Path = args.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KioskError(f"cannot write to {out}: {error.strerror}") from error
    drawn: list[Path] = []
    if not args.screens_only:
        drawn += draw_slips(settings, out / "slips")
    if not args.slips_only:
        from kiosk.app.preview import render

        drawn += render(settings, out)
    print(f"{len(drawn)} pictures in {out}")
    return 0


def draw_slips(settings: Settings, out: Path) -> list[Path]:
    """Slips of a few tickets, printed by a virtual printer on each width of paper.

    They are the pictures that the bytes for a real printer make.
    """
    from kiosk.printing.virtual import VirtualPrinter
    from kiosk.printing.virtual.render import save

    drawn = []
    out.mkdir(parents=True, exist_ok=True)
    for paper_mm in PAPERS_MM:
        with VirtualPrinter(paper_mm=paper_mm) as device:
            wanted = replace(
                settings.kiosk.printer, connection=device.connection, paper_mm=paper_mm
            )
            clock = SiteClock(settings.catalogue.site.timezone)
            find = picture_finder(settings)
            printer = open_printer(wanted, pictures=find, now=clock, keep=keepsakes(settings))
            for count, (name, slip) in enumerate(sample_slips(settings), start=1):
                printer.probe()
                result = printer.print(slip)
                if result.fault is not None:
                    raise KioskError(f"the slip {name} could not be drawn: {result.detail}")
                path = out / f"{paper_mm}mm-{name}.png"
                save(device.wait_for_slips(count)[-1], path)
                drawn.append(path)
            printer.close()
    return drawn


def sample_slips(settings: Settings) -> Iterator[tuple[str, Slip]]:
    """Named slips: the first service, the longest names, priority, a copy; in each language."""
    menu, now = settings.catalogue, demo_start(settings)
    found = list(menu.services())
    if not found:
        return
    longest = max(found, key=lambda f: len(f.agency.name.in_("")) + len(f.service.name.in_("")))
    for language in menu.site.languages:
        yield f"{language}-first", _slip(settings, found[0].service.code, language, now)
        yield f"{language}-longest", _slip(settings, longest.service.code, language, now)
        if menu.priority_groups:
            code = menu.priority_groups[0].code
            slip = _slip(settings, found[0].service.code, language, now, priority=code)
            yield f"{language}-priority", slip
        slip = _slip(settings, found[0].service.code, language, now, copy=True)
        yield f"{language}-copy", slip


def _slip(
    settings: Settings,
    code: str,
    language: str,
    now: datetime,
    *,
    priority: str | None = None,
    copy: bool = False,
) -> Slip:
    found = settings.catalogue.service(code)
    if found is None:
        raise KioskError(f"the menu has no service {code!r}")
    ticket = Ticket(
        id="0" * 36,
        track="0" * 32,
        number=f"{found.service.prefix}-027",
        business_date=now.date(),
        service=code,
        language=language,
        issued_at=now,
        priority=priority,
    )
    names = {g.code: g.name for g in settings.catalogue.priority_groups}
    facts = SlipFacts(
        ticket=ticket,
        found=found,
        site=settings.catalogue.site,
        words=settings.words,
        kiosk_id=settings.kiosk.id,
        priority_name=names.get(priority or ""),
        copy_of=now if copy else None,
    )
    return compose(settings.template, facts)
