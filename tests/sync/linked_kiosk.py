"""A kiosk without its screen, linked to a server: real journal, desk, client and sync loop."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.background.queue_manager import QueueManager
from kiosk.background.worker import Worker
from kiosk.clock import SiteClock
from kiosk.desk import Desk, IssueResult
from kiosk.domain.config import Block, BlockKind, ServerSettings, Settings, SlipTemplate
from kiosk.domain.ticket import Ticket, TicketRequest, uuid7
from kiosk.errors import SettingsError
from kiosk.store.journal import Journal
from kiosk.store.outbox import Backlog
from tests.desk.rig import MENU, FakePrinter, settings
from tests.store.making import MACHINE, at

TOKEN = "secret-token-0123456789"
DEADLINE_S = 5.0
SLIP = SlipTemplate((Block(BlockKind.NUMBER, height=8), Block(BlockKind.AHEAD)))


class LinkedKiosk:
    """``now``: the system clock (aware). ``boot_s``: the clock since boot, which cannot be set."""

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        token: str = TOKEN,
        now: datetime | None = None,
        deadline_s: float = DEADLINE_S,
        machine: str = MACHINE,
        menu: Settings | None = None,
        kind: str = "mpp",
        unit: int = 0,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "token").write_text(token)
        self.folder, self.now, self.boot_s, self._machine = folder, now or at(), 1000.0, machine
        self.tray = FakePrinter()
        base = menu or settings(catalogue=MENU)
        server = ServerSettings(url, "token", "", deadline_s, kind, unit)
        self.settings = replace(
            base,
            kiosk=replace(base.kiosk, server=server),
            template=SLIP,
            config_dir=str(folder),
        )
        self._made = 0
        self.menus: list[Settings] = []
        self.open()

    def open(self) -> None:
        """Build the parts, as a start of the kiosk does."""
        self.worker = Worker("printer")
        zone = self.settings.catalogue.site.timezone
        self.clock = SiteClock(zone, system=lambda: self.now, since_boot=lambda: self.boot_s)
        path = self.folder / "journal.sqlite3"
        self.journal = Journal.open(path, machine_id=self._machine, now=self.clock())
        self.link = QueueManager(
            self.settings,
            self.folder,
            self.clock,
            journal=lambda: self.journal,
            health=lambda: {"printer": "ready"},
            load=self._load,
            apply=self.menus.append,
        )
        self.desk = Desk(
            self.journal,
            self.tray,
            self.worker,
            settings=lambda: self.settings,
            now=self.clock,
            date_confirmed=self.clock.confirmed,
            queue=self.link if self.settings.kiosk.server.url else None,
        )

    def close(self, *, clean: bool = True) -> None:
        """Stop; ``clean`` False leaves the state of a killed process."""
        self.link.close()
        assert self.worker.stop(10)
        if clean:
            self.journal.close()
        else:
            self.journal._db.close()

    def restart(self, *, clean: bool = True) -> None:
        """Stop and start again."""
        self.close(clean=clean)
        self.open()

    def passes(self, **time: float) -> None:
        """Advance all clocks."""
        gone = timedelta(**time)
        self.now += gone
        self.boot_s += gone.total_seconds()

    def wish(self, service: str = "ktp", ticket_id: str = "") -> TicketRequest:
        """A visitor's request with a fresh id."""
        self._made += 1
        salt = zlib.crc32(self.folder.name.encode()) << 32 | self._made
        fresh = uuid7(int(at().timestamp() * 1000) + self._made, salt.to_bytes(10, "big"))
        track = f"{salt:032x}"
        return TicketRequest(ticket_id or fresh, track, service, "id", self.clock())

    def issue(self, service: str = "ktp") -> IssueResult:
        """Serve one visitor."""
        return self.desk.issue(self.wish(service))

    def number(self, service: str = "ktp") -> str:
        """Serve one visitor; return the number."""
        return self.issue(service).ticket.number

    def meet(self) -> bool:
        """Make one exchange; return whether the kiosk is online after it."""
        self.link.exchange_now()
        return self.link.online

    @property
    def backlog(self) -> Backlog:
        """The rows that are not acknowledged."""
        return self.journal.outbox.backlog()

    @property
    def tickets(self) -> dict[str, Ticket]:
        """The journal's tickets by id."""
        return {t.id: t for t in self.journal.tickets()}

    def _load(self, menu: Path) -> Settings:
        text = menu.read_text()
        if "bad" in text:
            raise SettingsError(("agencies.yaml:1:1: bad",))
        return replace(self.settings, config_dir=text)


def moment(value: datetime | None = None) -> str:
    """A time as the server writes it."""
    return (value or at()).astimezone(UTC).isoformat()


def synced(asked: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The answer to an exchange with all rows stored; ``more`` replaces members."""
    rows = asked["tickets"] if asked else []
    return {
        "epoch": "e1",
        "server_time": moment(),
        "next_sync_s": 5,
        "results": [{"id": r["id"], "rev": r["rev"], "status": "stored"} for r in rows],
        "services": {},
        "letter": "B",
        "letter_since": None,
        "catalogue": "",
        "notice": None,
    } | more
