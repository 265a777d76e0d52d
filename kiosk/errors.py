"""Every error the kiosk raises on purpose, in one tree.

::

    KioskError                  one line for whoever reads it; never a traceback
    ├── UsageError              the command line is wrong (exit 2)
    ├── SettingsError           YAML that cannot be used; carries every problem at once
    ├── AlreadyRunning          another process owns the journal and the printer
    ├── ControlError            the running app could not be spoken to
    ├── DisplayError            no window, no GL
    ├── IssueRefused            no number for this visitor, and the reason to tell
    ├── NumberingError          no number can be made without risking a double
    │   ├── LetterMissing       an own line needs a letter and there is none
    │   └── LineExhausted       the line has handed out its last number of the day
    ├── JournalError            the journal cannot be written or read
    │   ├── JournalDamaged      the file is not a sound database
    │   ├── JournalReadOnly     the disk or the file refuses writing
    │   ├── JournalFull         no space left
    │   ├── JournalBusy         locked by another process for too long
    │   └── TicketMismatch      the same id asked for something else
    └── PrinterError            the printer could not be used
        ├── PrinterUnreachable  no connection: name, route, refusal, missing device
        ├── PrinterDeadline     no answer in time
        └── PrinterGarbled      an answer that no printer gives
"""

from __future__ import annotations


class KioskError(Exception):
    """Base of all errors raised on purpose. ``str()`` is one line for people."""

    exit_code = 1


class UsageError(KioskError):
    """The command line is wrong."""

    exit_code = 2


class SettingsError(KioskError):
    """Settings that cannot be used.

    ``problems`` holds every problem found, each a one-line text that begins with
    ``file:line:column``, in the order of the files; ``details`` the same as
    ``kiosk.settings.Problem``, where they come from there.
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


class IssueRefused(KioskError):
    """No number for this visitor. ``reason`` is a key of the screens' vocabulary."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


class NumberingError(KioskError):
    """No number can be made without risking a double."""


class LetterMissing(NumberingError):
    """The own line needs a letter and there is none."""


class LineExhausted(NumberingError):
    """The line has handed out its last number of the day."""


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


class TicketMismatch(JournalError):
    """The same ticket id was asked for with another service."""


class PrinterError(KioskError):
    """The printer could not be used."""


class PrinterUnreachable(PrinterError):
    """There is no connection to the printer."""


class PrinterDeadline(PrinterError):
    """The printer did not answer in time."""


class PrinterGarbled(PrinterError):
    """The printer's answer is none that a printer gives."""
