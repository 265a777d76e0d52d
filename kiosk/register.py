"""The register: from a request to a committed number, the server's or one of the own series.

Check for refusals, ask the server while online, commit.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Protocol

from kiosk.domain.config import Settings, coordinates
from kiosk.domain.live import NumbersLeft
from kiosk.domain.staff import Pause
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.words import Words
from kiosk.errors import IssueRefused, JournalFull, LetterMissing, NumberTaken, Refusal
from kiosk.messages import Message
from kiosk.store.journal import Journal
from kiosk.store.server_quotas import ServerQuota
from kiosk.sync.values import Reservation
from menu.catalogue import Found, Service
from menu.limits import again_after, limits_at, limits_of, room
from menu.local_text import LocalText
from menu.schedule import Opening, first_from, opening

MIN_FREE_BYTES = 1 << 20
"""With less space than this on the journal's disk no number is begun."""

log = logging.getLogger(__name__)


class QueuePort(Protocol):
    """The central queue server (``kiosk.background.queue_manager``)."""

    @property
    def url(self) -> str:
        """The identity of the configured server (``kiosk.domain.config.server_id``)."""

    @property
    def revoked(self) -> bool:
        """Whether the server has revoked this kiosk's token: the one thing that stops issuing."""

    def reserve(self, request: TicketRequest) -> Reservation | None:
        """The number that the server has for ``request``; None: use the own series.

        Blocks for the server's deadline at most, and not at all while offline. Raises
        IssueRefused (``closed``, ``paused``, ``quota``, ``revoked``).
        """


class NoQueue:
    """No queue server is configured."""

    url = ""
    revoked = False

    def reserve(self, _request: TicketRequest) -> Reservation | None:
        """Always None: use the own series."""
        return None


class StopsPort(Protocol):
    """What staff have stopped at this machine (``kiosk.staff.stops``)."""

    @property
    def closed(self) -> bool:
        """Whether the machine gives no numbers at all."""

    def pauses(self, now: datetime) -> Mapping[str, Pause]:
        """The services that are paused at ``now``, by code."""


class NoStops:
    """Nothing is stopped."""

    closed = False

    def pauses(self, _now: datetime) -> Mapping[str, Pause]:
        """None."""
        return {}


class ServiceClosed(IssueRefused):
    """No numbers are given now; ``opening`` says why and when again."""

    opening: Opening

    def __init__(self, service: str, opening: Opening) -> None:
        why = Message(f"why.{opening.why.value}")
        again = f"{opening.opens:%Y-%m-%d %H:%M}" if opening.opens else ""
        key = "issue.closed_until" if again else "issue.closed"
        super().__init__(
            Refusal.CLOSED,
            key,
            until=opening.opens,
            opening=opening,
            service=service,
            why=why,
            again=again,
        )


class Register:
    """Makes numbers. Several threads may use it at once, one for each ticket id.

    ``settings`` and ``now`` (aware, site time) return the current ones. ``date_confirmed``:
    whether a synchronised clock or the server confirms the date. ``stops``: what staff have
    stopped at this machine.
    """

    def __init__(
        self,
        journal: Journal,
        queue: QueuePort,
        *,
        settings: Callable[[], Settings],
        now: Callable[[], datetime],
        date_confirmed: Callable[[], bool],
        stops: StopsPort | None = None,
    ) -> None:
        self._stops = stops or NoStops()
        self._journal = journal
        self._queue = queue
        self._settings = settings
        self._now = now
        self._date_confirmed = date_confirmed
        self._issuing = threading.Lock()

    def check(self, request: TicketRequest, settings: Settings) -> None:
        """Check that a new number may be given. Raises IssueRefused or JournalError for an unknown
        service, closed hours, a full disk, and what staff have stopped."""
        menu = settings.catalogue
        if self._stops.closed:
            raise IssueRefused(Refusal.SHUT, "issue.shut")
        now, (agency, service) = self._now(), found_in(settings, request.service)
        shut = opening(service.hours, menu.window, menu.closed, agency.code, now)
        pause = self._stops.pauses(now).get(service.code)
        lasts = pause is not None and shut.opens is not None and pause.until > shut.opens
        if not shut.open and not lasts:
            raise ServiceClosed(service.code, shut)
        if pause is not None:
            ends = pause.until.astimezone(now.tzinfo)
            opens, _ = first_from(service.hours, menu.window, menu.closed, agency.code, ends)
            raise IssueRefused(
                Refusal.PAUSED,
                "issue.paused_until",
                until=opens,
                words=pause_words(settings.words, pause),
                service=service.code,
                again=f"{opens or ends:%Y-%m-%d %H:%M}",
            )
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
            raise IssueRefused(Refusal.REVOKED, "issue.revoked")
        return self._queue.reserve(request)

    def _write(
        self, request: TicketRequest, reserved: Reservation | None
    ) -> tuple[Ticket, Reservation | None]:
        """Commit the server's number, or the next number of the own series."""
        now = self._now()
        if reserved is not None:
            number, day = reserved.number, reserved.business_date
            try:
                return self._journal.keep(request, number, business_date=day, now=now), reserved
            except NumberTaken as error:
                log.error("number from the own series: %s", error)  # noqa: TRY400
        return self._own(request, now), None

    def _own(self, request: TicketRequest, now: datetime) -> Ticket:
        settings, day = self._settings(), now.date()
        found, server = found_in(settings, request.service), self._server(day)
        self._check_limit(found, now, server)
        letter = settings.kiosk.letter
        # By the server in force: on the day of a change it is not yet the configured one.
        own_letter = not coordinates(server)
        if own_letter and settings.kiosk.kiosks > 1 and not letter:
            raise LetterMissing("issue.letter")
        return self._journal.issue(
            request,
            prefix=found.service.prefix,
            letter=letter,
            business_date=day,
            now=now,
            date_confirmed=self._date_confirmed(),
            server=server,
            own_letter=own_letter,
        )

    def _server(self, day: date) -> str:
        """The server whose numbers count on ``day``; empty for none."""
        return self._journal.outbox.in_force(self._queue.url, day)

    def _check_limit(self, found: Found, now: datetime, server: str) -> None:
        left, words = self._left(found.service, now, self._given(now.date(), server))
        if left is not None and left.numbers <= 0:
            raise IssueRefused(
                Refusal.QUOTA,
                "issue.quota",
                until=left.again,
                words=words,
                service=found.service.code,
            )

    def _given(self, day: date, server: str) -> _Given:
        """What is known of the numbers of ``day``. Each count is read from the journal once."""
        counted = coordinates(server)
        said = self._journal.server_quotas.latest(day) if counted else {}
        return _Given(counted, said, cache(partial(self._journal.counts, day)))

    def _left(
        self, service: Service, now: datetime, given: _Given
    ) -> tuple[NumbersLeft | None, LocalText | None]:
        """What the limits of this moment leave, None without a limit; and the limit's own words.

        Counted from the server's last answer of today, else from this journal's own numbers.
        """
        said = given.said.get(service.code)
        hourly = next((n for n in limits_of(service, now) if n.since is not None), None)
        of_hour = None
        if said is not None and hourly is not None and said.given.day is None:
            # The server does not say what it counts: its answer may be about this hour alone.
            of_hour = said if said.given.hour == hourly.since else None
            said = None
        own = room(limits_of(service, now), partial(_taken, service.code, said, given.own))
        left = None if own is None else own.left
        limit = None if own is None else own.limit
        if said is not None and said.unknown_limit:
            left = said.left - said.since if left is None else min(left, said.left - said.since)
        if of_hour is not None and left is not None and of_hour.left - of_hour.since < left:
            left = of_hour.left - of_hour.since
            limit = hourly if own is None or own.left > 0 else limit
        if left is None:
            return None, None
        menu = self._settings().catalogue
        again = None if limit is None else again_after(menu, service, limit)
        return NumbersLeft(left, again, own=not given.server), limit.words if limit else None

    def numbers_left(self) -> dict[str, NumbersLeft]:
        """The numbers left by service, of those with a limit now. Raises JournalError."""
        now = self._now()
        given = self._given(now.date(), self._server(now.date()))
        menu = self._settings().catalogue
        limited = [found_in(self._settings(), code).service for code in limits_at(menu, now)]
        left = {service.code: self._left(service, now, given)[0] for service in limited}
        return {code: n for code, n in left.items() if n is not None}


@dataclass(frozen=True, slots=True)
class _Given:
    """The numbers of a date. ``server``: whether a server counts them; ``said``: its last answer by
    service. ``own``: this journal's numbers by service, from a moment on (None: of the date)."""

    server: bool
    said: Mapping[str, ServerQuota]
    own: Callable[[datetime | None], Mapping[str, int]]


def _taken(
    code: str,
    said: ServerQuota | None,
    own: Callable[[datetime | None], Mapping[str, int]],
    since: datetime | None,
) -> int:
    """How many numbers of the service ``code`` were given from ``since`` on."""
    count = own(since).get(code, 0)
    return count if said is None else said.taken(since, count)


def pause_words(words: Words, pause: Pause) -> LocalText:
    """Why a service is paused, as visitors read it."""
    key = f"pause.{pause.reason.value}"
    return LocalText.of(**{lang: words.say(lang, key) for lang in words.by_language})


def found_in(settings: Settings, service: str) -> Found:
    """The service with this code; IssueRefused (``UNKNOWN``) where the menu has none."""
    found = settings.catalogue.service(service)
    if found is None:
        raise IssueRefused(Refusal.UNKNOWN, "issue.service", value=repr(service), near="")
    return found
