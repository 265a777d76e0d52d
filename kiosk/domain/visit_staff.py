"""The staff screen of a visit: the PIN pad, the pages behind it, and the results of its tasks.

A long press opens the pad over a screen on which nothing is under way for a visitor: a number, or a
request for one, is never covered. Back leads to that screen again. Typing a PIN is no change of the
screen, as on the search screen. Nothing here gives a number.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.effects import Effect
from kiosk.domain.events import AgencyChosen, BackTapped, DoneTapped, EraseTapped, PageChosen, Tap
from kiosk.domain.modes import Mode, Modes
from kiosk.domain.staff import (
    MOST_DIGITS,
    CheckPin,
    DigitTyped,
    DoStaffTask,
    EndApp,
    PauseForChosen,
    PauseReasonChosen,
    PauseServiceChosen,
    PinChecked,
    PinEntered,
    StaffAction,
    StaffNews,
    StaffPage,
    StaffPageAsked,
    StaffResult,
    StaffTapped,
    StaffTask,
)
from kiosk.domain.visit_screens import (
    Agencies,
    Closed,
    Confirm,
    Find,
    Problem,
    Screen,
    Services,
    Staff,
    StaffPin,
    uncovered,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Step,
    Visit,
    with_screen,
)
from kiosk.messages import Message

STAFF_S = 60.0
PIN_S = 30.0
"""Without a touch for this long the staff screen, and the pad, end by themselves."""

TASK_DEADLINE_S = 60.0
"""After this long a task counts as unanswered. A test slip on a slow printer takes 25 s."""

READ_FIRST_S = 1.2
"""For this long after what a USB stick holds has appeared its files cannot be accepted: the second
touch of a hasty finger must not do it."""

KEPT_MODES = frozenset({Mode.CONTRAST})
"""Modes in which the staff screen is drawn: its keys have one place and one size."""


def drawn_modes(visit: Visit) -> Modes:
    """The modes in which the visit's screen is drawn; the pad does not change those of the visit
    below it."""
    staff = isinstance(visit.screen, StaffPin | Staff)
    return visit.modes & KEPT_MODES if staff else visit.modes


def may_cover(screen: Screen) -> bool:
    """Whether the pad may be opened over ``screen``: no number and no request is on it."""
    match uncovered(screen):
        case Agencies() | Find() | Services() | Confirm() | Closed():
            return True
        case Problem(request=request):
            return request is None
        case _:
            return False


def open_pad(visit: Visit, snapshot: KioskSnapshot) -> Visit:
    """The visit after the emblem was held."""
    if not may_cover(visit.screen):
        return visit
    return with_screen(visit, StaffPin(visit.screen), snapshot)


def on_pin(visit: Visit, screen: StaffPin, event: Tap, snapshot: KioskSnapshot) -> Step:
    """A tap on the pad."""
    if isinstance(event, BackTapped):
        return with_screen(visit, screen.back, snapshot), ()
    if screen.checking or snapshot.staff.wait_s or snapshot.staff.pin_set is False:
        return visit, ()
    match event:
        case DigitTyped(digit) if len(screen.typed) < MOST_DIGITS:
            typed = replace(screen, typed=screen.typed + digit, wrong=False)
            return replace(visit, screen=typed), ()
        case EraseTapped(all_):
            left = "" if all_ else screen.typed[:-1]
            return replace(visit, screen=replace(screen, typed=left)), ()
        case PinEntered() if screen.typed:
            now, id_ = snapshot.mono_s, snapshot.fresh_id
            asked = replace(screen, checking=True, since_s=now, asked=id_)
            return replace(visit, screen=asked), (CheckPin(screen.typed, id_),)
        case _:
            return visit, ()


def on_staff(visit: Visit, screen: Staff, event: Tap, snapshot: KioskSnapshot) -> Step:
    """A tap on a page of the staff screen; ignored while a task is under way."""
    if screen.doing is not None:
        return visit, ()
    match event:
        case DoneTapped():
            return _end(visit, snapshot), ()
        case BackTapped():
            back = _back(screen)
            return (with_screen(visit, back, snapshot) if back else _end(visit, snapshot)), ()
        case StaffPageAsked(page):
            return with_screen(visit, Staff(page), snapshot), ()
        case PageChosen(page) if page >= 0:
            return with_screen(visit, replace(screen, list_page=page), snapshot), ()
        case StaffTapped(task):
            return _begin(visit, screen, task, snapshot)
        case _ if screen.page is StaffPage.PAUSE:
            return _on_pause(visit, screen, event, snapshot), ()
        case _:
            return visit, ()


def _back(screen: Staff) -> Staff | None:
    """The page before; None for the first one."""
    if screen.page is StaffPage.MENU:
        return None
    if screen.service:
        return Staff(screen.page, agency=screen.agency)
    return Staff(screen.page) if screen.agency else Staff()


def _begin(visit: Visit, screen: Staff, task: StaffTask, snapshot: KioskSnapshot) -> Step:
    if task.action is StaffAction.QUIT:
        return with_screen(visit, StaffPin(screen, quits=True), snapshot), ()
    if task.action is StaffAction.USB_ACCEPT and snapshot.mono_s - visit.acted_s < READ_FIRST_S:
        return visit, ()
    now, id_ = snapshot.mono_s, snapshot.fresh_id
    going = replace(screen, doing=task, since_s=now, asked=id_, result=None)
    return with_screen(visit, going, snapshot), (DoStaffTask(task, id_),)


def _on_pause(visit: Visit, screen: Staff, event: Tap, snapshot: KioskSnapshot) -> Visit:
    menu = snapshot.catalogue
    match event:
        case AgencyChosen(code) if menu.agency(code) is not None:
            chosen = Staff(StaffPage.PAUSE, agency=code)
        case PauseServiceChosen(code) if menu.service(code) is not None:
            chosen = Staff(StaffPage.PAUSE, agency=screen.agency, service=code)
        case PauseReasonChosen(reason):
            chosen = replace(screen, reason=reason)
        case PauseForChosen(length):
            chosen = replace(screen, length=length)
        case _:
            return visit
    return with_screen(visit, chosen, snapshot)


def apply_staff_news(visit: Visit, event: StaffNews, snapshot: KioskSnapshot) -> Step:
    """The visit after a PIN was compared or a task has ended.

    An answer to an earlier try or request is dropped: another person may be at the pad by then.
    """
    screen, now = visit.screen, snapshot.mono_s
    if isinstance(event, PinChecked):
        if not isinstance(screen, StaffPin) or not screen.checking or screen.asked != event.id:
            return visit, ()
        return _checked(visit, screen, event, snapshot)
    if not isinstance(screen, Staff) or screen.doing is None or screen.asked != event.id:
        return visit, ()
    action = event.result.task.action
    ended = replace(screen, doing=None, asked="", result=event.result)
    if event.result.done and action in (StaffAction.PAUSE, StaffAction.RESUME):
        ended = Staff(result=event.result)
    elif action is StaffAction.USB_READ:
        # What was read says by itself that it was.
        ended = Staff(StaffPage.USB, result=None if event.result.done else event.result)
    moved = replace(visit, screen=ended, touched_s=now, acted_s=now)
    if event.result.done and action in (StaffAction.RESTART, StaffAction.QUIT):
        return moved, (EndApp(restart=action is StaffAction.RESTART),)
    return moved, ()


def _checked(visit: Visit, pad: StaffPin, event: PinChecked, snapshot: KioskSnapshot) -> Step:
    now = snapshot.mono_s
    if not event.right:
        again = replace(pad, typed="", checking=False, asked="", wrong=True)
        return replace(visit, screen=again, touched_s=now), ()
    effects: tuple[Effect, ...] = ()
    inside = Staff()
    if pad.quits:
        quits, id_ = StaffTask(StaffAction.QUIT), snapshot.fresh_id
        inside, effects = Staff(doing=quits, since_s=now, asked=id_), (DoStaffTask(quits, id_),)
    # A fresh visit behind it: nothing of the visitor's choices is kept.
    fresh = Visit(visit.language, inside, modes=visit.modes & KEPT_MODES)
    return replace(fresh, touched_s=now, acted_s=now), effects


def apply_staff_time(visit: Visit, screen: StaffPin | Staff, snapshot: KioskSnapshot) -> Visit:
    """The visit after time has passed on the pad or a page."""
    now = snapshot.mono_s
    busy = screen.checking if isinstance(screen, StaffPin) else screen.doing is not None
    if busy and now - screen.since_s < TASK_DEADLINE_S:
        return visit
    if busy and isinstance(screen, Staff) and screen.doing is not None:
        silent = StaffResult(screen.doing, done=False, detail=Message("staff.silent"))
        stopped = replace(screen, doing=None, asked="", result=silent)
        return replace(visit, screen=stopped, touched_s=now, acted_s=now)
    if staff_left_s(visit, screen, snapshot) > 0:
        return visit
    if isinstance(screen, StaffPin) and not (screen.quits or screen.typed or screen.wrong):
        # A visitor may have held the emblem. The visit goes on, idle since then.
        return replace(visit, screen=screen.back, acted_s=now)
    return _end(visit, snapshot)


def staff_left_s(visit: Visit, screen: StaffPin | Staff, snapshot: KioskSnapshot) -> float:
    """Seconds until the pad or the page ends by itself."""
    stands_s = PIN_S if isinstance(screen, StaffPin) else STAFF_S
    if isinstance(screen, StaffPin) and snapshot.staff.pin_set is False:
        stands_s = STAFF_S
    return visit.touched_s + stands_s - snapshot.mono_s


def _end(visit: Visit, snapshot: KioskSnapshot) -> Visit:
    """A fresh visit on the home screen."""
    acted_s = max(visit.acted_s, snapshot.mono_s)
    return Visit(language=snapshot.language, touched_s=snapshot.mono_s, acted_s=acted_s)
