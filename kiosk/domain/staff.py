"""Values of the staff screen: what staff can do at the machine, and what they see of its state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum

from kiosk.domain.modes import USUAL_VOLUME
from kiosk.messages import Text
from menu.local_text import LocalText

LEAST_DIGITS, MOST_DIGITS = 4, 8
"""Length of a PIN."""


# ── what staff do ────────────────────────────────────────────────────────────────────────


class PauseReason(Enum):
    """Why staff pause a service; visitors read it (``pause.<value>``)."""

    ABSENT = "absent"
    SYSTEM = "system"
    BREAK = "break"
    CROWDED = "crowded"


class PauseFor(Enum):
    """How long a service is paused."""

    MINUTES_15 = "15"
    MINUTES_30 = "30"
    MINUTES_60 = "60"
    TODAY = "today"

    def until(self, now: datetime) -> datetime:
        """The end of a pause that begins at ``now`` (aware), at a whole minute."""
        if self is PauseFor.TODAY:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight + timedelta(days=1)
        ends = now + timedelta(minutes=int(self.value))
        whole = ends.replace(second=0, microsecond=0)
        return whole if whole == ends else whole + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """``service`` (a code) gives no numbers on this machine before ``until``. Moments are aware."""

    service: str
    reason: PauseReason
    since: datetime
    until: datetime


class StaffAction(Enum):
    """What a key of the staff screen does; the value is its code in the log of actions."""

    TEST = "print-test"
    """Print a test slip; ends a hold of the printer."""
    REPRINT = "reprint"
    CLOSE = "close"
    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    RELOAD = "reload"
    ACCEPT = "accept"
    """Use a menu that lacks many services of the one in use."""
    SOFTER = "volume-down"
    LOUDER = "volume-up"
    """The volume at which speech begins for each visitor, one step."""
    USB_READ = "usb-read"
    """Read and check the settings files on a USB stick."""
    USB_ACCEPT = "usb-accept"
    """Use the files that were read."""
    RESTART = "restart"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class StaffTask:
    """An action with what it is about: ``subject`` is a ticket's id for REPRINT, a service's code
    for PAUSE and RESUME, the id of what was shown for USB_ACCEPT; ``reason`` and ``length`` belong
    to PAUSE."""

    action: StaffAction
    subject: str = ""
    reason: PauseReason | None = None
    length: PauseFor | None = None


@dataclass(frozen=True, slots=True)
class StaffResult:
    """How ``task`` ended. ``detail``: more about it, in the language of its reader."""

    task: StaffTask
    done: bool
    detail: Text = ""


# ── what staff see ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day on which the menu closes agencies that would work by their week.

    ``everyone``: all of them. ``estimated``: the date may still move by a day.
    """

    date: date
    reason: LocalText
    everyone: bool = True
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class RecentSlip:
    """A number of today that can be printed again. Says nothing about its visitor."""

    id: str
    number: str
    service: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class UsbFacts:
    """The settings files that were last read from a USB stick.

    ``id``: of exactly these bytes; empty where none were read. ``files``: their names. ``errors``
    and ``warnings``: how many; ``problems``: the first of them, errors before warnings, with file
    and line. ``changes``: what they would change, the first of ``changed``. ``lost``: how many of
    the ``services`` in use they lack, where these are many. ``machine``: the id of another machine,
    whose ``kiosk.yaml`` was left out. ``usable``: no error, and something differs.
    """

    id: str = ""
    files: tuple[str, ...] = ()
    errors: int = 0
    warnings: int = 0
    problems: tuple[LocalText, ...] = ()
    changes: tuple[LocalText, ...] = ()
    changed: int = 0
    lost: int = 0
    services: int = 0
    machine: str = ""
    usable: bool = False


NO_USB = UsbFacts()


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """The state of the machine, for staff.

    ``pin_set``: None while it is not known yet. ``wait_s``: seconds until a PIN may be tried
    again. ``pin_command``: how to set a PIN. ``unsent`` and ``parked``: rows that the server has
    not taken. ``menu_since``: since when the settings are in use; ``menu_of_server``: the menu is
    the server's. ``menu_notice``: what is wrong with the files, the first of ``menu_errors``
    errors with its file and line; ``menu_waits``: the menu on the disk waits until staff accept
    it; ``menu_begins``: the date from which a menu on the disk without errors counts, None for no
    such menu. ``clock_sure``: the date is confirmed. ``free_mb``: of the disk. ``usb``: what was
    read from a USB stick. ``volume``: the step from 0 at which speech begins.
    """

    pin_set: bool | None = None
    wait_s: int = 0
    machine_closed: bool = False
    pauses: tuple[Pause, ...] = ()
    unsent: int = 0
    parked: int = 0
    menu_since: datetime | None = None
    menu_of_server: bool = False
    menu_notice: Text = ""
    menu_errors: int = 0
    menu_waits: bool = False
    menu_begins: date | None = None
    clock_sure: bool = True
    closed_days: tuple[ClosedDay, ...] = ()
    slips: tuple[RecentSlip, ...] = ()
    notices: tuple[Text, ...] = ()
    free_mb: int | None = None
    volume: int = USUAL_VOLUME
    usb: UsbFacts = NO_USB
    version: str = ""


NO_FACTS = StaffFacts()


# ── events ───────────────────────────────────────────────────────────────────────────────


class StaffPage(Enum):
    """A page of the staff screen."""

    MENU = "menu"
    PAPER = "paper"
    SLIPS = "slips"
    PAUSE = "pause"
    """Choose a service: agency, then service, then reason and length."""
    USB = "usb"
    """What a USB stick holds and would change."""
    VOLUME = "volume"
    END = "end"
    """Restart or end the application."""


@dataclass(frozen=True, slots=True)
class StaffAsked:
    """The emblem was held for three seconds."""


@dataclass(frozen=True, slots=True)
class DigitTyped:
    """A key of the PIN pad; ``digit`` is "0" to "9"."""

    digit: str


@dataclass(frozen=True, slots=True)
class PinEntered:
    """The PIN is complete."""


@dataclass(frozen=True, slots=True)
class StaffPageAsked:
    """Go to a page of the staff screen."""

    page: StaffPage


@dataclass(frozen=True, slots=True)
class StaffTapped:
    """A key that does ``task``. QUIT asks for the PIN again."""

    task: StaffTask


@dataclass(frozen=True, slots=True)
class PauseServiceChosen:
    """The service to pause; ``code`` is its code."""

    code: str


@dataclass(frozen=True, slots=True)
class PauseReasonChosen:
    """Why it is paused."""

    reason: PauseReason


@dataclass(frozen=True, slots=True)
class PauseForChosen:
    """How long it is paused."""

    length: PauseFor


StaffTap = (
    StaffAsked
    | DigitTyped
    | PinEntered
    | StaffPageAsked
    | StaffTapped
    | PauseServiceChosen
    | PauseReasonChosen
    | PauseForChosen
)


@dataclass(frozen=True, slots=True)
class PinChecked:
    """The PIN of the try ``id`` was compared. ``right`` False: it is wrong, or none may be tried
    now."""

    right: bool
    id: str = ""


@dataclass(frozen=True, slots=True)
class StaffTaskDone:
    """The task of the request ``id`` has ended."""

    result: StaffResult
    id: str = ""


StaffNews = PinChecked | StaffTaskDone


# ── effects ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CheckPin:
    """Compare ``pin`` with the staff PIN. ``id``: of this try, returned in its PinChecked."""

    pin: str = field(repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True)
class DoStaffTask:
    """Carry ``task`` out. ``id``: of this request, returned in its StaffTaskDone."""

    task: StaffTask
    id: str = ""


@dataclass(frozen=True, slots=True)
class EndApp:
    """End the application; ``restart``: and start it again."""

    restart: bool


StaffEffect = CheckPin | DoStaffTask | EndApp
