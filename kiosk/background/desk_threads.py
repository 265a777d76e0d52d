"""The visitors' requests, each carried out on a thread of the desk.

Apart from the kiosk because of what a thread may not do: let an exception end it without an answer
to the screen. Every request ends with an event that says how it ended.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from kiosk.background.desk_opener import DeskOpener
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.effects import PrintDetails
from kiosk.domain.events import (
    Committed,
    DetailsPrinted,
    Event,
    NotVoided,
    PrintFinished,
    Refused,
    Voided,
)
from kiosk.domain.refusals import refused
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.errors import IssueRefused, KioskError, Refusal

DESKS = 32
"""Desk threads. Each waits for one visitor's slip, so a stalled printer does not delay the next
visitor's number."""

Post = Callable[[Event], None]
log = logging.getLogger(__name__)


class DeskThreads:
    """Each method returns at once and posts its events from a thread.

    ``counted`` is called when the numbers given have changed, ``send`` when there is something for
    the queue server. ``print_without_desk`` prints details while the journal cannot be opened.
    """

    def __init__(
        self,
        opener: DeskOpener,
        *,
        counted: Callable[[], None],
        send: Callable[[], None],
        print_without_desk: Callable[[PrintDetails], PrintResult],
    ) -> None:
        self._opener = opener
        self._counted = counted
        self._send = send
        self._print_without_desk = print_without_desk
        self._threads = ThreadPoolExecutor(DESKS, thread_name_prefix="desk")
        self._at_work: set[Future[None]] = set()

    def stop(self, *, wait_for_slips: bool) -> None:
        """Take no more requests, and drop those that have not begun."""
        self._threads.shutdown(wait=wait_for_slips, cancel_futures=True)

    def join(self, within_s: float) -> None:
        """Wait for the requests under way, at most ``within_s``."""
        wait(tuple(self._at_work), within_s)

    @property
    def ended(self) -> bool:
        """Whether no request is under way."""
        return not self._at_work

    def issue(self, request: TicketRequest, post: Post) -> None:
        """Make a number and print it; posts Committed, PrintFinished or Refused."""
        self._submit(self._issue, request, post)

    def print_copy(self, ticket: Ticket, post: Post) -> None:
        """Print a ticket's slip again, as a copy; posts PrintFinished."""
        self._submit(self._print_copy, ticket, post)

    def print_details(self, wanted: PrintDetails, post: Post) -> None:
        """Print the details of a service without a number; posts DetailsPrinted."""
        self._submit(self._print_details, wanted, post)

    def void(self, ticket: Ticket, post: Post) -> None:
        """Give a number back; posts Voided or NotVoided."""
        self._submit(self._void, ticket, post)

    def _submit(self, job: Callable[..., None], *args: object) -> None:
        """Run ``job`` on a desk thread."""
        future = self._threads.submit(job, *args)
        self._at_work.add(future)
        future.add_done_callback(self._at_work.discard)

    def _issue(self, request: TicketRequest, post: Post) -> None:
        try:
            done = self._opener.ready().issue(request, lambda *news: post(Committed(*news)))
        except IssueRefused as error:
            post(refused(request.id, error))
        except KioskError as error:
            log.error("no number for %s: %s", request.service, error)  # noqa: TRY400
            post(refused(request.id, error))
        except Exception:
            log.exception("no number for %s", request.service)
            post(Refused(request.id, Refusal.GENERIC))
        else:
            post(PrintFinished(done.ticket, done.result))
            self._counted()
        self._send()

    def _print_copy(self, ticket: Ticket, post: Post) -> None:
        try:
            result = self._opener.ready().reprint(ticket.id)
        except Exception:
            log.exception("no copy of %s", ticket.number)
            result = PrintResult(Outcome.NOT_PRINTED, Level.BLIND, Fault.ERROR)
        post(PrintFinished(ticket, result))

    def _print_details(self, wanted: PrintDetails, post: Post) -> None:
        try:
            desk = self._opener.open()
            if desk is not None:
                result = desk.print_details(wanted.service, wanted.language)
            else:
                result = self._print_without_desk(wanted)
        except Exception:
            log.exception("the details of %s are not printed", wanted.service)
            # The printer has not failed, so no fault of it is named.
            result = PrintResult.not_printed(None)
        post(DetailsPrinted(wanted.job, result))

    def _void(self, ticket: Ticket, post: Post) -> None:
        try:
            voided = self._opener.ready().void(ticket.id)
        except Exception:
            log.exception("%s could not be given back", ticket.number)
            post(NotVoided(ticket.id))
            return
        post(Voided(voided))
        self._counted()
        self._send()
