"""The composition root: builds the running kiosk from real parts.

The app, the commands and the tests all call ``build_kiosk``, so a test runs what a site runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk import RELEASED
from kiosk.background.clock_manager import ClockManager
from kiosk.background.journal_manager import JournalManager
from kiosk.background.printer_manager import PrinterManager
from kiosk.background.screen_monitor import ScreenMonitor
from kiosk.background.search_manager import SearchManager
from kiosk.background.settings_folder import Opened, SettingsFolder
from kiosk.background.settings_manager import SettingsManager
from kiosk.clock import SiteClock, opening_from
from kiosk.desk import Desk
from kiosk.domain.config import Settings
from kiosk.runtime import Kiosk, Parts
from kiosk.settings.assets import ASSETS
from kiosk.settings.history import SettingsHistory
from kiosk.settings.loader import load_settings
from kiosk.settings.menu_record import MenuRecord
from kiosk.staff.stops import Stops
from kiosk.store.journal import Journal
from menu.limits import limits_at

if TYPE_CHECKING:
    from kiosk.background.queue_manager import QueueManager
    from kiosk.search.missed import MissedWords


@dataclass(frozen=True, slots=True)
class Options:
    """How to build the kiosk.

    ``demo``: say on the screen that this is a demonstration. ``start``: the first moment of a
    simulated clock; None for the real time. ``slips``: folder in which the virtual printer keeps
    all its pictures; None keeps the newest ones in the state folder. ``printer``: False starts
    no virtual printer, for commands that only read. ``opened``: how the settings were opened;
    their files are then followed.
    """

    demo: bool = False
    start: datetime | None = None
    slips: Path | None = None
    printer: bool = True
    opened: Opened | None = None


OPTIONS = Options()

WEDGED_S = 120.0
"""A printer's job that exceeds its deadline by this much is healed by a restart of the app only.
The app ends in order for that while no visitor uses it; the time keeps the restarts for a printer
that hangs again and again below ten in a quarter of an hour."""


def build_kiosk(settings: Settings, state: Path, options: Options = OPTIONS) -> Kiosk:
    """The kiosk of ``settings`` with ``state`` as its folder; ``Kiosk.start`` starts its threads.

    Raises AlreadyRunning when another process owns ``state``.
    """
    released = date.fromisoformat(RELEASED)
    clock = SiteClock(
        settings.catalogue.site.timezone,
        options.start,
        released=released,
        newest=lambda: journal.newest_time,
        first_opening=cache(partial(opening_from, settings, released)),
    )
    clock_manager = ClockManager(state, clock)
    in_force = SettingsManager(settings, partial(_load_with_menu, SettingsHistory(state)))
    journal, stops = JournalManager(state, clock), Stops(state)
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

        return health_of(kiosk.printer_health(), kiosk.trouble(), kiosk.screen.health())

    queue = _link(in_force, state, clock, journal, health) if settings.kiosk.server.url else None

    def note_menu() -> None:
        MenuRecord(state).note(in_force.current, clock().date())

    def make_desk(opened: Journal) -> Desk:
        return Desk(
            opened,
            printer,
            printer.worker,
            settings=lambda: in_force.current,
            now=clock,
            date_confirmed=clock.confirmed,
            dated=lambda: clock_manager.health().dated,
            queue=queue,
            stops=stops,
        )

    if options.opened is not None:
        # Not before ``_link``, which puts the server's menu in force.
        note_menu()
        in_force.on_change(note_menu)
    kiosk = Kiosk(
        Parts(
            state=state,
            demo=options.demo,
            clock=clock,
            clock_manager=clock_manager,
            settings=in_force,
            journal=journal,
            printer=printer,
            queue=queue,
            search=SearchManager(
                lambda: in_force.current.catalogue, partial(_missed_words, state), clock
            ),
            stops=stops,
            screen=ScreenMonitor(lambda: printer.worker.overdue_s > WEDGED_S),
            make_desk=make_desk,
            folder=SettingsFolder(options.opened, in_force, state, clock)
            if options.opened is not None
            else None,
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
    from kiosk.background.catalogue_manager import FOLDER, MENU_NAME
    from kiosk.background.queue_manager import QueueManager

    def limits() -> dict[str, int]:
        found = limits_at(in_force.current.catalogue, clock())
        whole = {c: [n.most for n in limits if n.since is None] for c, limits in found.items()}
        return {code: min(most) for code, most in whole.items() if most}

    return QueueManager(
        in_force.current,
        state,
        clock,
        journal=lambda: journal.journal,
        health=health,
        load=in_force.load_menu,
        apply=lambda read: in_force.use_menu(read, state / FOLDER / MENU_NAME),
        limits=limits,
        menu=lambda: in_force.current.catalogue,
    )


def _missed_words(state: Path) -> MissedWords:
    # Imported here: not needed before the first search.
    from kiosk.search.missed import MISSED_FILE, MissedWords

    return MissedWords(state / MISSED_FILE)


def _load_with_menu(history: SettingsHistory, settings: Settings, menu: Path) -> Settings:
    """``settings`` read again with ``menu`` as the agencies file. The machine's own files are those
    in use: an error in an edited one must not keep the server's menu away."""
    folders = [kept.folder for kept in reversed(history.kept())]
    newest, older = folders[0] if folders else None, tuple(folders[1:])
    return load_settings(Path(settings.config_dir), ASSETS, menu=menu, files=newest, older=older)
