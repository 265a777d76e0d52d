"""The port to a queue server: what the kiosk calls, and what a server of each kind can promise.

One adapter a kind: ``client.QueueClient`` for a server of the contract (docs/protocol.md),
``fqm.FqmClient`` for FQM, ``novosga.NovoSgaClient`` for Novo SGA.
``kiosk.background.queue_manager`` builds the one that ``server.kind`` names. docs/adapters.md
compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from kiosk.domain.ticket import TicketRequest
from kiosk.messages import Text
from kiosk.sync import values


class Promise(Enum):
    """Something that a server of the contract does, and that another kind may lack.

    In order of importance; the value is part of a key of the texts (``lacks.<value>``) and of
    ``kiosk status --json``. One visitor, one number does not depend on any of them.
    """

    NUMBERS = "numbers"
    """It gives the numbers: one series for all kiosks."""
    LETTERS = "letters"
    """It gives each journal a letter that no other journal has."""
    IDEMPOTENT = "idempotent"
    """It recognises a repeated message by the ticket's id."""
    RESTORE = "restore"
    """After its restore from a backup it asks for the numbers again."""
    PAST = "past"
    """It takes numbers of past days without calling them."""
    PRIORITY = "priority"
    """It knows priority tickets."""
    LIMITS = "limits"
    """It counts quotas and knows pauses for all kiosks together."""
    LIVE = "live"
    """It says who is being served and how many wait."""
    MENU = "menu"
    """It sends the menu."""
    CALLS = "calls"
    """It passes visitors' calls on to staff."""
    TIME = "time"
    """It corrects the kiosk's clock."""


class QueueServer(Protocol):
    """The client of one server. Thread-safe: desks reserve while the loop exchanges.

    ``lacks``: the promises that this kind of server does not keep. Without NUMBERS the adapter may
    raise NotReserving for each reservation. Without LETTERS the kiosk numbers as it does without a
    server: by the ``letter`` in its settings, and a new one for each later journal.
    """

    lacks: frozenset[Promise]

    @property
    def notices(self) -> Sequence[Text]:
        """Lines for staff: what they must set right at the server."""

    @property
    def remarks(self) -> Sequence[Text]:
        """What of the menu does not fit into this kind of server; nothing can be set right."""

    def reserve(self, request: TicketRequest, deadline_s: float) -> values.Reservation:
        """Reserve a number for the ticket id of ``request``, within ``deadline_s`` seconds.

        Must be idempotent: a second call with the same id gives the same number or an error.
        Raises SyncError: ServerRefused with 409 and ``closed``, ``paused`` or ``quota_full`` sends
        the visitor away, NotReserving means the own series without going offline, every other
        error the own series and offline.
        """

    def sync(self, request: values.SyncRequest) -> values.SyncAnswer:
        """Send rows and learn. Raises SyncError: then no row counts as sent.

        A row that is missing in the results is sent again; a row that is sent again must not make
        a second ticket. ``server_time`` None: the server's clock is not to be believed.
        """

    def catalogue(self, etag: str) -> values.CatalogueFile | None:
        """The menu; None when it still has ``etag``. Called only after ``sync`` named another."""

    def close(self) -> None:
        """Close the connections."""
