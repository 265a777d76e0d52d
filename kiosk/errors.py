"""Every error the kiosk raises on purpose, in one tree.

An error is made with a key of ``kiosk/locale`` and the fields of its text; the sentence is made
where its reader's language is known (``in_``). ``str()`` is the English sentence, for the log.

::

    KioskError                  one line for its reader; never a traceback
    ├── UsageError              the command line is wrong (exit 2)
    ├── SettingsError           YAML that cannot be used; carries every problem at once
    ├── AlreadyRunning          another process owns the journal and the printer
    ├── ControlError            the running app could not be spoken to
    ├── DisplayError            no window, no GL
    ├── IssueRefused            no number for this visitor; ``reason`` says why
    ├── NumberingError          no number can be made without risking a double
    │   ├── LetterMissing       the kiosk's own series needs a letter and there is none
    │   └── SeriesExhausted     the series has given its last number of the day
    ├── JournalError            the journal cannot be written or read
    │   ├── JournalDamaged      the file is not a sound database
    │   ├── JournalReadOnly     the disk or the file refuses writing
    │   ├── JournalFull         no space left
    │   ├── JournalBusy         locked by another process for too long
    │   ├── NumberTaken         the journal holds that number for another ticket
    │   └── TicketMismatch      the same id asked for something else
    ├── SyncError               the queue server's answer cannot be had, or not be used
    │   ├── ServerUnreachable   no connection, no answer in time, broken off
    │   ├── ServerBusy          try again later: 408, 429, 5xx
    │   ├── ServerGarbled       not an answer of the queue server: a proxy's page, broken JSON
    │   ├── ServerRefused       the server refuses the request; ``code`` says why
    │   ├── NotReserving        the server has no reservations: own series, online all the same
    │   ├── TokenDenied         401 or 403 with another code than ``revoked``: offline, and an alert
    │   ├── TokenRevoked        the one answer that stops issuing
    │   └── TokenMissing        no token that could be sent
    └── PrinterError            the printer could not be used
        ├── PrinterUnreachable  no connection: name, route, refusal, missing device
        ├── PrinterDeadline     no answer in time
        ├── PrinterPreempted    a question was abandoned because a slip is waiting
        └── PrinterGarbled      an answer that no printer gives
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from kiosk.messages import Message
from menu.local_text import LocalText
from menu.schedule import Opening


class KioskError(Exception):
    """Base of all errors raised on purpose.

    ``key`` and ``fields`` name the text in ``kiosk/locale``; a sentence in place of the key is
    shown as it is.
    """

    exit_code = 1

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(key)
        self.message = Message.of(key, **fields)

    def in_(self, language: str) -> str:
        """One line for a reader of ``language``."""
        return self.message.in_(language)

    def __str__(self) -> str:
        return str(self.message)


class UsageError(KioskError):
    """The command line is wrong."""

    exit_code = 2


class SettingsError(KioskError):
    """Settings that cannot be used.

    ``problems`` holds every problem found, each a one-line text that begins with
    ``file:line:column``, in the order of the files; ``details`` the same as
    ``menu.problems.FileProblem``, where they come from there.
    """

    def __init__(self, problems: tuple[str, ...], details: tuple[object, ...] = ()) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.details = details


class AlreadyRunning(KioskError):
    """Another process owns the journal and the printer."""


class ControlError(KioskError):
    """The running app could not be spoken to."""


class DisplayError(KioskError):
    """There is no window to draw in."""

    exit_code = 3


class Refusal(Enum):
    """Why a visitor gets no number: the one list for desk, server and screens.

    The value names the words of the problem screen (``trouble.<value>.title``). Defined here, below
    the domain, because ``IssueRefused`` carries it.
    """

    CLOSED = "closed"
    PAUSED = "paused"
    QUOTA = "quota"
    PRINTER = "printer"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    VOID = "void"
    FULL = "full"
    READ_ONLY = "read_only"
    DAMAGED = "damaged"
    BUSY = "busy"
    NUMBERS = "numbers"
    SHUT = "shut"
    """Staff have closed this machine."""
    SLOW = "slow"
    GENERIC = "generic"

    @staticmethod
    def of_wire(code: str) -> Refusal | None:
        """The refusal of a 409 code of the contract; None for a code that refuses no visitor."""
        return _WIRE.get(code)

    @property
    def shown(self) -> Refusal:
        """The refusal whose text the visitor reads: some causes differ for staff only."""
        return _SHOWN_AS.get(self, self)

    @property
    def retry(self) -> bool:
        """Whether an immediate retry can succeed."""
        return self.shown in (Refusal.BUSY, Refusal.SLOW, Refusal.DAMAGED, Refusal.GENERIC)


_WIRE = {"closed": Refusal.CLOSED, "paused": Refusal.PAUSED, "quota_full": Refusal.QUOTA}
_SHOWN_AS = {
    Refusal.CLOSED: Refusal.PAUSED,
    Refusal.REVOKED: Refusal.NUMBERS,
    Refusal.UNKNOWN: Refusal.GENERIC,
    Refusal.VOID: Refusal.GENERIC,
}


class IssueRefused(KioskError):
    """No number for this visitor.

    ``until``: when numbers are given again, as far as known. ``words``: what to tell the visitor in
    place of the usual words. ``opening``: the hours, where they are the reason.
    """

    def __init__(
        self,
        reason: Refusal,
        key: str = "",
        /,
        *,
        until: datetime | None = None,
        words: LocalText | None = None,
        opening: Opening | None = None,
        **fields: object,
    ) -> None:
        super().__init__(key or reason.value, **fields)
        self.reason = reason
        self.until = until
        self.words = words
        self.opening = opening


class NumberingError(KioskError):
    """No number can be made without risking a double."""


class LetterMissing(NumberingError):
    """The kiosk's own series needs a letter and there is none."""


class SeriesExhausted(NumberingError):
    """The series has given its last number of the day."""


class JournalError(KioskError):
    """The journal cannot be written or read."""


class JournalDamaged(JournalError):
    """The journal's file is not a sound database."""


class JournalReadOnly(JournalError):
    """The disk or the file refuses writing."""


class JournalFull(JournalError):
    """There is no space left for the journal."""


class JournalBusy(JournalError):
    """The journal was locked by another process for too long."""


class NumberTaken(JournalError):
    """The journal holds that number of that day for another ticket."""


class TicketMismatch(JournalError):
    """The same ticket id was asked for with another service."""


class SyncError(KioskError):
    """The queue server gave no answer, or none that can be used. Never holds the token."""


class ServerUnreachable(SyncError):
    """No connection to the server, no answer in time, or an answer that broke off."""


class ServerBusy(SyncError):
    """The server, or a proxy in front of it, says to try again later.

    ``retry_after_s``: seconds that it asks for, None where it does not say.
    """

    def __init__(self, key: str, retry_after_s: float | None = None, /, **fields: object) -> None:
        super().__init__(key, **fields)
        self.retry_after_s = retry_after_s


class ServerGarbled(SyncError):
    """Not an answer of the queue server: a proxy's page, a redirect, broken JSON."""


class ServerRefused(SyncError):
    """The server refuses the request: a 4xx with a ``code`` of the contract.

    ``detail``: its sentence for people. ``status``: of HTTP. ``words``: for the visitor.
    ``until``: when the reason ends.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        status: int,
        words: LocalText | None = None,
        until: datetime | None = None,
    ) -> None:
        super().__init__("server.refused" if detail else code, code=code, detail=detail)
        self.code = code
        self.detail = detail
        self.status = status
        self.words = words
        self.until = until


class NotReserving(SyncError):
    """The server has no reservations: the kiosk numbers from its own series, and stays online."""


class TokenDenied(SyncError):
    """401 or 403 with another code than ``revoked``: staff must check the token."""


class TokenRevoked(SyncError):
    """The server has revoked this kiosk's token: no more numbers are issued."""


class TokenMissing(SyncError):
    """The token's file is missing, unreadable or holds no token."""


class PrinterError(KioskError):
    """The printer could not be used."""


class PrinterUnreachable(PrinterError):
    """There is no connection to the printer."""


class PrinterDeadline(PrinterError):
    """The printer did not answer in time."""


class PrinterPreempted(PrinterError):
    """A question was abandoned because a slip is waiting for the printer."""


class PrinterGarbled(PrinterError):
    """The bytes that came are no answer of a printer."""
