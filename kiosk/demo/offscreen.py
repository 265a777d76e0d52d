"""The demo where there is no display: a robot's visits, an outage of the server, and both lists."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.demo.embedded_server import EmbeddedServer
from kiosk.domain.tables import table
from kiosk.domain.ticket import Ticket
from kiosk.errors import KioskError
from kiosk.runtime import Kiosk

if TYPE_CHECKING:
    from kiosk.demo.robot import VisitResult

SIZE = (1080, 1920)
PICTURES = ("[0-9][0-9]*-*.png", "slip-[0-9]*.png")
"""What an earlier demo left, and nothing else."""

OUTAGE = 1
"""The visit, from 0, during which the server is cut off; a shorter demo goes without."""

MEET_S = 30.0
MOST = 10_000
NOBODY = "-"


@dataclass(frozen=True)
class OffscreenRun:
    """What the command line asks for. ``out``: where pictures go; ``screens``: whether there are
    pictures of the screens; ``size`` in pixels."""

    visits: int
    out: Path
    screens: bool
    size: tuple[int, int] = SIZE


def perform(kiosk: Kiosk, server: EmbeddedServer | None, wanted: OffscreenRun) -> int:
    """Make the visits and say what came of them; 0 when every visitor has a number and, with a
    server, it holds exactly what the journal holds."""
    from kiosk.ui import kivy_env

    kivy_env.prepare(offscreen=True, windowed=False, size=wanted.size, home=kiosk.state / "kivy")
    window = kivy_env.open_window()
    from kiosk.demo.robot import UNDIRECTED, run_robot

    screens, slips = folders(wanted.out)
    site = kiosk.settings.catalogue.site
    if server is not None:
        server.wait()
        meet(kiosk)
    kiosk.start()
    kiosk.probe_now()
    print(f"demo: {site.name.in_('')}, {kiosk.now():%A %d.%m.%Y %H:%M}")
    if server is not None and kiosk.queue is not None:
        letter = kiosk.queue.terms().letter
        print(
            f"queue server: {server.address}; {kiosk.settings.kiosk.id} enrolled, letter {letter}"
        )
    director = UNDIRECTED if server is None else Outage(kiosk, server)
    results = run_robot(kiosk, window, wanted.visits, screens if wanted.screens else None, director)
    print(f"\n{_visits(results, OUTAGE if server is not None else None)}")
    well = all(r.number for r in results)
    if server is not None:
        meet(kiosk)
        well = _compare(kiosk, server, [r.number for r in results]) and well
    if wanted.screens:
        print(f"\npictures: {screens} ({_count(screens)}), {slips} ({_count(slips)})")
    return 0 if well else 1


class Outage:
    """Kills the server just before a visitor's last touch, and starts it again afterwards."""

    def __init__(self, kiosk: Kiosk, server: EmbeddedServer, visit: int = OUTAGE) -> None:
        self._kiosk = kiosk
        self._server = server
        self._visit = visit

    def before_last_touch(self, visit: int) -> None:
        """Cut it off."""
        if visit == self._visit:
            self._server.cut()

    def after(self, visit: int) -> None:
        """Bring it back, and wait until the kiosk has sent what it owes."""
        if visit == self._visit:
            self._server.start(clock_of(self._kiosk))
            self._server.wait()
            meet(self._kiosk)


def clock_of(kiosk: Kiosk) -> datetime | None:
    """What the server's clock is to be set to; None: the system's."""
    return kiosk.now() if kiosk.clock.simulated else None


def meet(kiosk: Kiosk) -> None:
    """Exchange until the server has all that the journal holds.

    Raises KioskError when it does not come to that.
    """
    queue = kiosk.queue
    if queue is None:
        raise KioskError("the demo's kiosk has no queue server")
    until = time.monotonic() + MEET_S
    while True:
        kiosk.meet_server()
        if queue.in_touch and not queue.refresh_status().backlog.pending:
            return
        if time.monotonic() > until:
            raise KioskError(f"the queue server was not met: {queue.problem or 'rows are left'}")
        time.sleep(0.05)


def folders(out: Path) -> tuple[Path, Path]:
    """The folders of the pictures of screens and slips, emptied of an earlier demo's.

    Raises KioskError when they cannot be written to.
    """
    screens, slips = out / "screens", out / "slips"
    try:
        for folder in (screens, slips):
            folder.mkdir(parents=True, exist_ok=True)
            for name in PICTURES:
                for old in folder.glob(name):
                    old.unlink()
    except OSError as error:
        raise KioskError(f"cannot write to {error.filename}: {error.strerror}") from error
    return screens, slips


def _visits(results: list[VisitResult], outage: int | None) -> str:
    """The visits as a table; ``outage``: the one without a server, None: none had any."""
    rows = [
        (
            r.number or f"none ({r.trouble})",
            "kiosk" if outage is None else "kiosk, server cut off" if i == outage else "server",
            f"{r.agency}: {r.service}",
            str(r.taps),
            NOBODY if r.slip_ms is None else f"{r.slip_ms:.0f}",
            r.proof.value if r.proof else NOBODY,
        )
        for i, r in enumerate(results)
    ]
    return table(("number", "given by", "service", "taps", "ms to slip", "paper"), rows)


def _compare(kiosk: Kiosk, server: EmbeddedServer, shown: list[str]) -> bool:
    """Print both lists side by side: the numbers of this demo, and whatever differs."""
    day = kiosk.now().date()
    here = {t.id: _line(t) for t in kiosk.ready_journal().tickets(day, MOST)}
    settled = [t for t in server.tickets(day) if t["rev"]]
    there = {t["id"]: _server_line(t) for t in settled}
    ids = list(here) + [i for i in there if i not in here]
    differ = [i for i in ids if here.get(i) != there.get(i)]
    listed = [i for i in ids if i in differ or here[i][0] in shown]
    rows = [(*here.get(i, _NONE), *there.get(i, _NONE)) for i in listed]
    head = ("kiosk's journal", "service", "paper", "queue server", "service", "paper")
    print(f"\n{table(head, rows)}")
    if differ:
        print(f"NOT EQUAL: {len(differ)} of {len(ids)} numbers of {day} differ")
    else:
        print(f"equal: the server holds each of the {len(ids)} numbers of {day}, as it was shown")
    return not differ


_Line = tuple[str, str, str]
_NONE: _Line = (NOBODY, NOBODY, NOBODY)


def _line(ticket: Ticket) -> _Line:
    paper = ticket.printed.value if ticket.printed else "no"
    return ticket.number, ticket.service, "void" if ticket.state == "void" else paper


def _server_line(ticket: dict[str, Any]) -> _Line:
    paper = "void" if ticket["state"] == "void" else str(ticket["printed"])
    return str(ticket["number"]), str(ticket["service"]), paper


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.png"))
