"""The off-screen demo: a robot's visits, a server outage, and a comparison of both lists."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.demo.embedded_server import EmbeddedServer
from kiosk.demo.plans import when
from kiosk.domain.tables import table
from kiosk.domain.ticket import Ticket
from kiosk.errors import KioskError
from kiosk.messages import Message, Say, reason
from kiosk.runtime import Kiosk

if TYPE_CHECKING:
    from kiosk.demo.robot import VisitResult

SIZE = (1080, 1920)
PICTURES = ("[0-9][0-9]*-*.png", "slip-[0-9]*.png")
"""File names of an earlier demo; only these are deleted."""

OUTAGE = 1
"""Index of the visit during which the server is stopped; a shorter demo has no outage."""

MEET_S = 30.0
MOST = 10_000
NOBODY = "-"


@dataclass(frozen=True)
class OffscreenRun:
    """What the command line asked for. ``out``: folder of the pictures. ``screens``: whether to
    save pictures of the screens. ``size`` in pixels."""

    visits: int
    out: Path
    screens: bool
    size: tuple[int, int] = SIZE


def perform(kiosk: Kiosk, server: EmbeddedServer | None, wanted: OffscreenRun, say: Say) -> int:
    """Make the visits and print their results.

    Returns the exit code: 0 when every visitor has a number and the server, if there is one,
    holds exactly the tickets of the journal."""
    from kiosk.ui import kivy_env

    kivy_env.prepare(offscreen=True, windowed=False, size=wanted.size, home=kiosk.state / "kivy")
    window = kivy_env.open_window()
    from kiosk.demo.robot import NO_OBSERVER, run_robot

    screens, slips = folders(wanted.out)
    site = kiosk.settings.catalogue.site
    if server is not None:
        server.wait()
        meet(kiosk)
    kiosk.start()
    kiosk.probe_now()
    print(say("demo.title", site=site.name.in_(""), when=when(kiosk.now())))
    if server is not None and kiosk.queue is not None:
        letter = kiosk.queue.terms().letter
        name = kiosk.settings.kiosk.id
        print(say("demo.enrolled", address=server.address, kiosk=name, letter=letter))
    observer = NO_OBSERVER if server is None else Outage(kiosk, server)
    results = run_robot(kiosk, window, wanted.visits, screens if wanted.screens else None, observer)
    print(f"\n{_visits(results, OUTAGE if server is not None else None, say)}")
    well = all(r.number for r in results)
    if server is not None:
        meet(kiosk)
        well = _compare(kiosk, server, [r.number for r in results], say) and well
    if wanted.screens:
        counts = {"n_screens": _count(screens), "n_slips": _count(slips)}
        print("\n" + say("demo.pictures", screens=screens, slips=slips, **counts))
    return 0 if well else 1


class Outage:
    """Kills the server before the last touch of one visit, and restarts it after the visit."""

    def __init__(self, kiosk: Kiosk, server: EmbeddedServer, visit: int = OUTAGE) -> None:
        self._kiosk = kiosk
        self._server = server
        self._visit = visit

    def before_last_touch(self, visit: int) -> None:
        """Kill the server."""
        if visit == self._visit:
            self._server.cut()

    def after(self, visit: int) -> None:
        """Restart the server, and wait until the kiosk has sent all its rows."""
        if visit == self._visit:
            self._server.start(clock_of(self._kiosk))
            self._server.wait()
            meet(self._kiosk)


def clock_of(kiosk: Kiosk) -> datetime | None:
    """The time for the server's clock; None for the system's."""
    return kiosk.now() if kiosk.clock.simulated else None


def meet(kiosk: Kiosk) -> None:
    """Exchange with the server until no row is left to send.

    Raises KioskError after MEET_S seconds.
    """
    queue = kiosk.queue
    if queue is None:
        raise KioskError("enroll.no_server")
    until = time.monotonic() + MEET_S
    while True:
        kiosk.exchange_with_server()
        if queue.online and not queue.refresh_status().backlog.pending:
            return
        if time.monotonic() > until:
            raise KioskError("demo.unmet", why=queue.problem or Message("demo.rows_left"))
        time.sleep(0.05)


def folders(out: Path) -> tuple[Path, Path]:
    """The folders for pictures of screens and slips, without those of an earlier demo.

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
        raise KioskError("folder.write", folder=error.filename, why=reason(error)) from error
    return screens, slips


def _visits(results: list[VisitResult], outage: int | None, say: Say) -> str:
    """The visits as a table. ``outage``: index of the visit without a server; None: no server."""
    rows = [
        (
            r.number or say("demo.none", trouble=r.trouble),
            say(_giver(i, outage)),
            f"{r.agency}: {r.service}",
            str(r.taps),
            NOBODY if r.slip_ms is None else f"{r.slip_ms:.0f}",
            say(f"paper.{r.proof.value}") if r.proof else NOBODY,
        )
        for i, r in enumerate(results)
    ]
    head = ("number", "by", "service", "taps", "slip_ms", "paper")
    return table([say(f"demo.{name}") for name in head], rows)


def _giver(visit: int, outage: int | None) -> str:
    if outage is None:
        return "demo.by_kiosk"
    return "demo.by_kiosk_alone" if visit == outage else "demo.by_server"


def _compare(kiosk: Kiosk, server: EmbeddedServer, shown: list[str], say: Say) -> bool:
    """Compare the lists of kiosk and server: print the numbers of this demo and all differences."""
    day = kiosk.now().date()
    here = {t.id: _line(t) for t in kiosk.ready_journal().tickets(day, MOST)}
    settled = [t for t in server.tickets(day) if t["rev"]]
    there = {t["id"]: _server_line(t) for t in settled}
    ids = list(here) + [i for i in there if i not in here]
    differ = [i for i in ids if here.get(i) != there.get(i)]
    listed = [i for i in ids if i in differ or here[i][0] in shown]
    rows = [[*_shown(here.get(i), say), *_shown(there.get(i), say)] for i in listed]
    head = ("journal", "service", "paper", "queue_server", "service", "paper")
    print(f"\n{table([say(f'demo.{name}') for name in head], rows)}")
    if differ:
        print(say("demo.differ", n=len(differ), all=len(ids), day=day))
    else:
        print(say("demo.equal", n=len(ids), day=day))
    return not differ


_Line = tuple[str, str, str]


def _shown(line: _Line | None, say: Say) -> _Line:
    """A line of the table; the paper in words."""
    if line is None:
        return NOBODY, NOBODY, NOBODY
    number, service, paper = line
    return number, service, say(f"paper.{paper}")


def _line(ticket: Ticket) -> _Line:
    paper = ticket.printed.value if ticket.printed else "no"
    return ticket.number, ticket.service, "void" if ticket.state == "void" else paper


def _server_line(ticket: dict[str, Any]) -> _Line:
    paper = "void" if ticket["state"] == "void" else str(ticket["printed"])
    return str(ticket["number"]), str(ticket["service"]), paper


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.png"))
