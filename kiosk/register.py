"""The register: from a request to a committed number, the server's or the own line's.

Refuse what is to be refused, ask the server where it is in touch, commit. Whose number it is, a
visitor cannot tell.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from kiosk.domain.config import Settings
from kiosk.domain.events import Refused
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.visit_state import Trouble
from kiosk.errors import IssueRefused, JournalFull, LetterMissing, NumberTaken
from kiosk.messages import Message
from kiosk.store.journal import Journal
from kiosk.sync.values import Reservation
from menu.catalogue import Found, Service
from menu.schedule import Opening, opening

MIN_FREE_BYTES = 1 << 20
"""With less space than this on the journal's disk no number is begun."""

log = logging.getLogger(__name__)


class QueuePort(Protocol):
    """The central queue server (``kiosk.background.queue_manager``)."""

    @property
    def url(self) -> str:
        """The configured server; empty for none."""

    @property
    def revoked(self) -> bool:
        """Whether the server has revoked this kiosk's token: the one thing that stops issuing."""

    def reserve(self, request: TicketRequest) -> Reservation | None:
        """The number that the server has for ``request``; None: use the own line.

        Blocks for the server's deadline at most, and not at all when out of touch. Raises
        IssueRefused (``closed``, ``paused``, ``quota``, ``revoked``).
        """


class NoQueue:
    """A kiosk that stands alone."""

    url = ""
    revoked = False

    def reserve(self, _request: TicketRequest) -> Reservation | None:
        """Nobody to ask."""
        return None


class ServiceClosed(IssueRefused):
    """No numbers are given now; ``opening`` says why and when again."""

    def __init__(self, service: str, opening: Opening) -> None:
        why = Message(f"why.{opening.why.value}")
        again = f"{opening.opens:%Y-%m-%d %H:%M}" if opening.opens else ""
        key = "issue.closed_until" if again else "issue.closed"
        super().__init__("closed", key, service=service, why=why, again=again)
        self.opening = opening


class Register:
    """Makes numbers. Several threads may use it at once, one for each ticket id.

    ``settings`` and ``now`` (aware, site time) answer the present ones; ``date_confirmed``
    whether a synchronised clock or the server stands behind the date.
    """

    def __init__(
        self,
        journal: Journal,
        queue: QueuePort,
        *,
        settings: Callable[[], Settings],
        now: Callable[[], datetime],
        date_confirmed: Callable[[], bool],
    ) -> None:
        self._journal = journal
        self._queue = queue
        self._settings = settings
        self._now = now
        self._date_confirmed = date_confirmed
        self._issuing = threading.Lock()

    def check(self, request: TicketRequest, settings: Settings) -> None:
        """Raise IssueRefused or JournalError for what speaks against a new number: an unknown
        service, its hours, a full disk."""
        menu = settings.catalogue
        agency, service = found_in(settings, request.service)
        shut = opening(service.hours, menu.window, menu.closures, agency.code, self._now())
        if not shut.open:
            raise ServiceClosed(service.code, shut)
        if self._journal.free_bytes() < MIN_FREE_BYTES:
            raise JournalFull("disk.full")

    def enter(self, request: TicketRequest) -> tuple[Ticket, Reservation | None]:
        """The committed ticket of ``request``, and the reservation where the server made one.

        Raises IssueRefused, NumberingError or JournalError.
        """
        # Not under the lock: another visitor's number does not wait for the server.
        reserved = self._reserve(request)
        with self._issuing:
            return self._write(request, reserved)

    def _reserve(self, request: TicketRequest) -> Reservation | None:
        """The server's number, where its numbers count today and it is in touch."""
        url = self._queue.url
        if not url or self._server(self._now().date()) != url:
            return None
        if self._queue.revoked:
            raise IssueRefused("revoked", "issue.revoked")
        return self._queue.reserve(request)

    def _write(
        self, request: TicketRequest, reserved: Reservation | None
    ) -> tuple[Ticket, Reservation | None]:
        """Commit the server's number; the next of the own line where there is none."""
        now = self._now()
        if reserved is not None:
            number, day = reserved.number, reserved.business_date
            try:
                return self._journal.keep(request, number, business_date=day, now=now), reserved
            except NumberTaken as error:
                log.error("the own line instead: %s", error)  # noqa: TRY400
        return self._own(request, now), None

    def _own(self, request: TicketRequest, now: datetime) -> Ticket:
        settings, day = self._settings(), now.date()
        service, server = found_in(settings, request.service).service, self._server(day)
        self._check_quota(service, day, server)
        letter = settings.kiosk.letter
        if not server and settings.kiosk.kiosks > 1 and not letter:
            raise LetterMissing("issue.letter")
        return self._journal.issue(
            request,
            prefix=service.prefix,
            letter=letter,
            business_date=day,
            now=now,
            date_confirmed=self._date_confirmed(),
            server=server,
        )

    def _server(self, day: date) -> str:
        """The server whose numbers count on ``day``; empty for none."""
        return self._journal.outbox.in_force(self._queue.url, day)

    def _check_quota(self, service: Service, day: date, server: str) -> None:
        left = self._left(service, day, server)
        if left is not None and left <= 0:
            raise IssueRefused("quota", "issue.quota", service=service.code)

    def _left(self, service: Service, day: date, server: str) -> int | None:
        """Numbers left: the server's last word of today, counted down; else the menu's quota."""
        left = self._journal.outbox.quota_left(service.code, day) if server else None
        if left is None and service.quota is not None:
            left = service.quota - self._journal.counts(day).get(service.code, 0)
        return left

    def numbers_left(self) -> dict[str, int]:
        """Today's numbers left by service, of those with a quota. Raises JournalError."""
        day = self._now().date()
        server = self._server(day)
        left = {
            f.service.code: self._left(f.service, day, server)
            for f in self._settings().catalogue.services()
            if f.service.quota is not None
        }
        return {code: n for code, n in left.items() if n is not None}


def found_in(settings: Settings, service: str) -> Found:
    """The service with this code; IssueRefused (``unknown``) where the menu has none."""
    found = settings.catalogue.service(service)
    if found is None:
        raise IssueRefused("unknown", "issue.service", value=repr(service), near="")
    return found


def refusal(request_id: str, error: IssueRefused) -> Refused:
    """What the visitor is told of a number that is refused."""
    if isinstance(error, ServiceClosed):
        return Refused(request_id, opening=error.opening)
    known = {
        "quota": Trouble.QUOTA,
        "closed": Trouble.PAUSED,
        "paused": Trouble.PAUSED,
        "printer": Trouble.PRINTER,
        "revoked": Trouble.NUMBERS,
    }
    return Refused(request_id, known.get(error.reason, Trouble.GENERIC))
