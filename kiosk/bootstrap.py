"""The composition root: builds the running kiosk from real parts.

The app, the commands and the tests all call ``build_kiosk``, so a test runs what a site runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.background.journal_manager import JournalManager
from kiosk.background.printer_manager import PrinterManager
from kiosk.background.settings_manager import SettingsManager
from kiosk.clock import SiteClock
from kiosk.desk import Desk
from kiosk.domain.config import Settings
from kiosk.runtime import Kiosk, Parts
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.store.journal import Journal
from menu.limits import limits_at

if TYPE_CHECKING:
    from kiosk.background.queue_manager import QueueManager


@dataclass(frozen=True, slots=True)
class Options:
    """How to build the kiosk.

    ``demo``: say on the screen that this is a demonstration. ``start``: the first moment of a
    simulated clock; None for the real time. ``slips``: folder in which the virtual printer keeps
    all its pictures; None keeps the newest ones in the state folder. ``printer``: False starts
    no virtual printer, for commands that only read.
    """

    demo: bool = False
    start: datetime | None = None
    slips: Path | None = None
    printer: bool = True


OPTIONS = Options()


def build_kiosk(settings: Settings, state: Path, options: Options = OPTIONS) -> Kiosk:
    """The kiosk of ``settings`` with ``state`` as its folder; ``Kiosk.start`` starts its threads.

    Raises AlreadyRunning when another process owns ``state``.
    """
    clock = SiteClock(settings.catalogue.site.timezone, options.start)
    in_force = SettingsManager(settings, _load_with_menu)
    journal = JournalManager(state, clock)
    printer = PrinterManager(
        lambda: in_force.current, state, clock, suspect=lambda: journal.suspect
    )
    if options.printer:
        if options.slips is None:
            printer.start_virtual(state / "slips")
        else:
            printer.start_virtual(options.slips, keep=sys.maxsize)

    def health() -> Mapping[str, Any]:
        from kiosk.background.queue_manager import health_of

        return health_of(kiosk.printer_health(), kiosk.trouble())

    queue = _link(in_force, state, clock, journal, health) if settings.kiosk.server.url else None

    def make_desk(opened: Journal) -> Desk:
        return Desk(
            opened,
            printer,
            printer.worker,
            settings=lambda: in_force.current,
            now=clock,
            date_confirmed=clock.confirmed,
            queue=queue,
        )

    kiosk = Kiosk(
        Parts(
            state=state,
            demo=options.demo,
            clock=clock,
            settings=in_force,
            journal=journal,
            printer=printer,
            queue=queue,
            make_desk=make_desk,
        )
    )
    return kiosk


def _link(
    in_force: SettingsManager,
    state: Path,
    clock: SiteClock,
    journal: JournalManager,
    health: Callable[[], Mapping[str, Any]],
) -> QueueManager:
    # Imported here: a kiosk without a server does not pay for importing the HTTP client.
    from kiosk.background.queue_manager import QueueManager

    def limits() -> dict[str, int]:
        found = limits_at(in_force.current.catalogue, clock())
        return {code: limit.most for code, limit in found.items()}

    return QueueManager(
        in_force.current,
        state,
        clock,
        journal=lambda: journal.journal,
        health=health,
        load=in_force.load_menu,
        apply=in_force.use_menu,
        limits=limits,
    )


def _load_with_menu(settings: Settings, menu: Path) -> Settings:
    """``settings`` read again from their folder, with ``menu`` as the agencies file."""
    return load_settings(Path(settings.config_dir), ASSETS, menu=menu)
