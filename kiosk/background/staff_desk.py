"""What staff do and see at the machine: PIN, tasks of the staff screen, and the state it shows.

Nothing here blocks the screen. Tasks and PINs run one after the other on one thread, because
hashing takes 50 ms and a slip seconds; a second thread looks at the state, so that it stays current
while a slip is printed. Every task is written to the log of actions when it begins and when it has
ended.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from kiosk import __version__
from kiosk.background.settings_folder import DiskStatus, OnDisk
from kiosk.background.usb_offer import UsbOffer
from kiosk.domain.config import Settings
from kiosk.domain.delivery import Outcome, PrintResult
from kiosk.domain.events import Event
from kiosk.domain.health import ClockHealth
from kiosk.domain.slip import Slip
from kiosk.domain.staff import (
    NO_FACTS,
    CheckPin,
    ClosedDay,
    DoStaffTask,
    Pause,
    PauseFor,
    PauseReason,
    PinChecked,
    RecentSlip,
    StaffAction,
    StaffFacts,
    StaffResult,
    StaffTask,
    StaffTaskDone,
)
from kiosk.domain.ticket import Ticket
from kiosk.errors import KioskError, Refusal
from kiosk.messages import LOG_LANGUAGE, Message, Text, in_language
from kiosk.settings.history import SettingsHistory
from kiosk.staff.action_log import ActionEntry, ActionLog
from kiosk.staff.attempts import PinAttempts
from kiosk.staff.pin import PinFile
from kiosk.staff.stops import Stops
from kiosk.staff.volume import Volume
from kiosk.store.outbox import Backlog
from menu.catalogue import Catalogue
from menu.year import COMING_DAYS, calendar

LOOK_EVERY_S = 0.7
COPY_EVERY_S = 30.0
SLIPS = 12
"""Numbers that are offered to be printed again, the newest."""

Post = Callable[[Event], None]
log = logging.getLogger(__name__)


class StaffKiosk(Protocol):
    """What is used of the running kiosk (``kiosk.runtime.Kiosk``). Its methods may block."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""

    @property
    def menu_of_server(self) -> bool:
        """Whether the menu in force is the server's."""

    @property
    def settings_on_disk(self) -> DiskStatus:
        """What became of the settings files as they are now."""

    def now(self) -> datetime:
        """The time at the site, aware."""

    def trouble(self) -> Refusal | None:
        """Why no number can be given now, as of the last check; None when one can."""

    def clock_health(self) -> ClockHealth:
        """Whether the clock is confirmed and believed."""

    def backlog(self) -> Backlog:
        """Rows that the queue server has not taken; none where none is configured."""

    def notices(self) -> tuple[Text, ...]:
        """Notices for staff, the most serious first."""

    def tickets(self, business_date: date | None, limit: int) -> tuple[Ticket, ...]:
        """The latest tickets, in order."""

    def print_now(self, slip: Slip) -> PrintResult:
        """Print a slip that is no ticket; ends a hold of the printer."""

    def reprint(self, ticket_id: str) -> PrintResult:
        """Print a ticket's slip again, as a copy."""

    def reload_settings(self, *, accept: bool) -> DiskStatus:
        """Look at the settings files now; ``accept`` a menu that lacks many services."""


class StaffDesk:
    """The staff's side of ``kiosk``, with its files in the state folder ``state``."""

    def __init__(self, kiosk: StaffKiosk, state: Path, stops: Stops) -> None:
        self._kiosk = kiosk
        self._state = state
        self._stops = stops
        self._pin = PinFile(state)
        self._log = ActionLog(state)
        self._usb = UsbOffer(kiosk, state)
        self._volume = Volume(state)
        self._facts = NO_FACTS
        self._days: tuple[tuple[object, ...], tuple[ClosedDay, ...]] = ((), ())
        self._look: Future[None] | None = None
        self._looked_s = self._copied_s = float("-inf")
        self._look_failed = False
        self._first_try = threading.Lock()
        self._tasks = ThreadPoolExecutor(1, thread_name_prefix="staff")
        self._looks = ThreadPoolExecutor(1, thread_name_prefix="staff-look")

    def close(self, *, wait: bool = True) -> None:
        """Drop the tasks that have not begun. ``wait``: for the end of the one under way."""
        self._looks.shutdown(wait=wait, cancel_futures=True)
        self._tasks.shutdown(wait=wait, cancel_futures=True)

    # ── called by the app; never blocks ──────────────────────────────────────────────────

    def facts(self) -> StaffFacts:
        """The state as last looked at; begins another look where that is a while ago."""
        idle = self._look is None or self._look.done()
        if idle and time.monotonic() - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = time.monotonic()
            self._look = self._looks.submit(self._look_again)
        return self._facts

    def check_pin(self, wanted: CheckPin, post: Post) -> None:
        """Compare a PIN; returns at once, posts PinChecked with the id of ``wanted``."""
        self._tasks.submit(self._check_pin, wanted, post)

    def do(self, wanted: DoStaffTask, post: Post) -> None:
        """Carry a task out; returns at once, posts StaffTaskDone with the id of ``wanted``."""
        self._tasks.submit(self._do, wanted, post)

    # ── on the staff thread ──────────────────────────────────────────────────────────────

    def _check_pin(self, wanted: CheckPin, post: Post) -> None:
        right = False
        try:
            if self._attempts.begin():
                right = self._pin.matches(wanted.pin)
                if right:
                    self._attempts.succeeded()
                self._note("pin", "done" if right else "failed")
            self._look_again()
        except Exception:
            log.exception("the PIN could not be checked")
        finally:
            post(PinChecked(right, wanted.id))

    def _do(self, wanted: DoStaffTask, post: Post) -> None:
        task = wanted.task
        self._note(task.action.value, "begun", task.subject)
        try:
            result = self._carry_out(task)
        except KioskError as error:
            result = StaffResult(task, done=False, detail=error.message)
        except Exception:
            log.exception("a staff task failed: %s", task.action.value)
            result = StaffResult(task, done=False, detail=Message("staff.unexpected"))
        said = in_language(result.detail, LOG_LANGUAGE)
        detail = " ".join(part for part in (task.subject, said) if part)
        self._note(task.action.value, "done" if result.done else "failed", detail)
        try:
            self._look_again()
        finally:
            post(StaffTaskDone(result, wanted.id))

    def _carry_out(self, task: StaffTask) -> StaffResult:
        """Raises KioskError."""
        kiosk, stops = self._kiosk, self._stops
        match task.action:
            case StaffAction.TEST:
                # Imported here: the first frame does not wait for the printing package.
                from kiosk.printing.test_slip import test_slip

                slip = test_slip(kiosk.settings, kiosk.now(), dated=kiosk.clock_health().dated)
                return _printed(task, kiosk.print_now(slip))
            case StaffAction.REPRINT:
                return _printed(task, kiosk.reprint(task.subject))
            case StaffAction.CLOSE:
                stops.close_machine()
            case StaffAction.OPEN:
                stops.open_machine()
            case StaffAction.PAUSE:
                now, length = kiosk.now(), task.length or PauseFor.MINUTES_30
                reason = task.reason or PauseReason.ABSENT
                stops.pause(Pause(task.subject, reason, now, length.until(now)))
            case StaffAction.RESUME:
                stops.resume(task.subject)
            case StaffAction.RELOAD | StaffAction.ACCEPT:
                accept = task.action is StaffAction.ACCEPT
                status = kiosk.reload_settings(accept=accept)
                fine = status.state not in (OnDisk.WAITING, OnDisk.BROKEN)
                return StaffResult(task, done=fine, detail=_for_screen(status))
            case StaffAction.SOFTER | StaffAction.LOUDER:
                self._volume.change(1 if task.action is StaffAction.LOUDER else -1)
            case StaffAction.USB_READ:
                self._usb.read()
            case StaffAction.USB_ACCEPT:
                self._usb.accept(task.subject)
                status = kiosk.reload_settings(accept=True)
                fine = status.state not in (OnDisk.WAITING, OnDisk.BROKEN)
                return StaffResult(task, done=fine, detail=_for_screen(status))
            case StaffAction.RESTART | StaffAction.QUIT:
                pass
        return StaffResult(task, done=True)

    def _note(self, action: str, outcome: str, detail: str = "") -> None:
        self._log.add(ActionEntry(self._kiosk.now(), action, outcome, detail))

    @property
    def _attempts(self) -> PinAttempts:
        with self._first_try:
            return self._made_attempts

    @cached_property
    def _made_attempts(self) -> PinAttempts:
        return PinAttempts(self._state)

    # ── on either thread ─────────────────────────────────────────────────────────────────

    def _look_again(self) -> None:
        """Look at the state. Where a part fails, staff read so, and can enter and act all the
        same: what the pad and the keys depend on is looked at before."""
        try:
            self._facts = known = self._known()
            self._facts = self._looked_at(known)
        except Exception:
            if not self._look_failed:
                log.exception("the state for staff is incomplete")
            self._look_failed = True
            self._facts = replace(self._facts, notices=(Message("staff.unexpected"),))
        else:
            self._look_failed = False

    def _known(self) -> StaffFacts:
        """The facts with what staff have set at this machine."""
        return replace(
            self._facts,
            pin_set=self._pin.is_set,
            wait_s=self._attempts.wait_s(),
            machine_closed=self._stops.closed,
            pauses=tuple(self._stops.pauses(self._kiosk.now()).values()),
            usb=self._usb.facts,
            volume=self._volume.step,
        )

    def _looked_at(self, known: StaffFacts) -> StaffFacts:
        """``known`` with the state of all parts."""
        kiosk, now = self._kiosk, self._kiosk.now()
        backlog, on_disk = kiosk.backlog(), kiosk.settings_on_disk
        newest = SettingsHistory(self._state).newest()
        zone = ZoneInfo(kiosk.settings.catalogue.site.timezone)
        return replace(
            known,
            unsent=backlog.pending,
            parked=backlog.parked,
            menu_since=newest.since.astimezone(zone) if newest else None,
            menu_of_server=kiosk.menu_of_server,
            menu_notice="" if on_disk.begins is not None else _for_screen(on_disk),
            menu_errors=_errors(on_disk),
            menu_waits=on_disk.state is OnDisk.WAITING,
            menu_begins=on_disk.begins,
            clock_sure=kiosk.clock_health().well,
            closed_days=self._closed_days(kiosk.settings.catalogue, now.date()),
            slips=self._slips(now.date()),
            notices=tuple(n for n in kiosk.notices() if n != on_disk.notice),
            free_mb=self._free_mb(),
            version=__version__,
        )

    def _slips(self, today: date) -> tuple[RecentSlip, ...]:
        """The latest numbers of ``today``. While the journal cannot be written they are read from a
        copy of the whole file: only every ``COPY_EVERY_S``."""
        if self._kiosk.trouble() in (Refusal.FULL, Refusal.READ_ONLY):
            if time.monotonic() - self._copied_s < COPY_EVERY_S:
                return self._facts.slips
            self._copied_s = time.monotonic()
        try:
            tickets = self._kiosk.tickets(today, 4 * SLIPS)
        except KioskError:
            return ()
        valid = [t for t in reversed(tickets) if t.state == "issued"]
        return tuple(RecentSlip(t.id, t.number, t.service, t.issued_at) for t in valid[:SLIPS])

    def _free_mb(self) -> int | None:
        try:
            return shutil.disk_usage(self._state).free // 1_000_000
        except OSError:
            return None

    def _closed_days(self, menu: Catalogue, today: date) -> tuple[ClosedDay, ...]:
        """The closed days of the coming weeks; computed once for each menu and day."""
        key = (id(menu), today)
        if self._days[0] != key:
            last = date.fromordinal(today.toordinal() + COMING_DAYS)
            self._days = (key, tuple(_closed_days(menu, today, last)))
        return self._days[1]


def _closed_days(menu: Catalogue, first: date, last: date) -> list[ClosedDay]:
    return [
        ClosedDay(
            day.date,
            closure.reason,
            everyone=not day.open,
            estimated=closure.estimated,
        )
        for day in calendar(menu, first, last)
        for closure in day.closures[:1]
    ]


def _for_screen(status: DiskStatus) -> Text:
    """What is wrong with the settings files, without commands: staff have no shell."""
    if not isinstance(status.notice, Message):
        return status.notice
    fields = dict(status.notice.fields)
    if status.state is OnDisk.BROKEN:
        return Message.of("sentence", text=fields["problem"])
    if status.state is OnDisk.WAITING:
        return Message("staff.waiting", status.notice.fields)
    return status.notice


def _errors(status: DiskStatus) -> int:
    if status.state is not OnDisk.BROKEN or not isinstance(status.notice, Message):
        return 0
    return int(str(dict(status.notice.fields)["n"]))


def _printed(task: StaffTask, result: PrintResult) -> StaffResult:
    """The result of a slip, and for a fault what to do about it."""
    if result.is_printed:
        return StaffResult(task, done=True)
    if result.outcome is Outcome.UNCERTAIN:
        return StaffResult(task, done=False, detail=Message("staff.uncertain"))
    if result.fault is None:
        return StaffResult(task, done=False, detail=result.detail)
    name = result.fault.value
    detail = Message.of(
        "staff.fault", fault=Message(f"fault.{name}"), action=Message(f"action.{name}")
    )
    return StaffResult(task, done=False, detail=detail)
