"""One visit as a pure step function.

``step(visit, event, snapshot)`` returns the next visit and the effects to carry out. It reads no
clock and generates no id: both are in the snapshot. A test of a whole visit is a list of events.

::

    Attract, Dark ──touch──> Agencies
    Agencies ──agency──> Services ──service──> Issuing ──committed──> Shown ──> Agencies
        ├──> Find ──result──^                      │                     ^
        └─closed──> Closed <──closed───────────────┤                     │
                                                   └─failed──> Problem ──┘ try again, same id

For a busy service, and where the wait reaches past closing, Confirm comes before Issuing. From
Shown a number can be given back: CancelAsked, Cancelling, Cancelled. The details of a service
(Services with ``details``) can be printed without a number: DetailsSlip.

A second tap while Issuing is ignored. Results carry the ticket's id; a result of an older visit is
dropped.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.delivery import Proof
from kiosk.domain.effects import CallStaff, PrintDetails, Search
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    BrowseAsked,
    CallStaffTapped,
    ClosedAsked,
    ConfirmTapped,
    DetailsAsked,
    DetailsPrintTapped,
    DoneTapped,
    Event,
    FindTapped,
    HeadsetChanged,
    HelpTapped,
    HomeTapped,
    KeyPressed,
    LanguageChosen,
    LanguagesAsked,
    ModesAsked,
    ModeToggled,
    News,
    OfferTaken,
    PageChosen,
    PriorityAsked,
    PriorityChosen,
    RestartTapped,
    RetryTapped,
    ServiceChosen,
    SpeechAsked,
    Tap,
    Tick,
    Touched,
    VoidConfirmed,
)
from kiosk.domain.modes import Mode
from kiosk.domain.staff import StaffAsked, StaffNews
from kiosk.domain.staff_call import CallState
from kiosk.domain.visit_attract import wake
from kiosk.domain.visit_details import no_details
from kiosk.domain.visit_find import missed, on_find, search_again
from kiosk.domain.visit_issue import choose_service, on_confirm, on_problem
from kiosk.domain.visit_number import on_cancel, on_cancelled, on_offered, on_shown
from kiosk.domain.visit_repeats import SWITCHES, is_repeat, was_in_view
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    CancelAsked,
    Cancelled,
    Closed,
    Confirm,
    DetailsSlip,
    Find,
    Help,
    Offered,
    Problem,
    Screen,
    Services,
    Shown,
    Staff,
    StaffPin,
    number_on,
    uncovered,
    waits,
)
from kiosk.domain.visit_staff import apply_staff_news, on_pin, on_staff, open_pad
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Step,
    Visit,
    chooses_priority,
    usual_bar,
    with_screen,
)
from kiosk.domain.visit_timers import (
    apply_news,
    apply_time,
    automatic_copy,
    end_visit,
    go_home,
)

FINAL = (
    ServiceChosen,
    ConfirmTapped,
    RetryTapped,
    OfferTaken,
    VoidConfirmed,
    DetailsPrintTapped,
)
"""Taps that give a number, print a slip or give a number back."""


def begin(snapshot: KioskSnapshot) -> Visit:
    """A new visit: home screen, the site's first language, nothing chosen."""
    return Visit(language=snapshot.language, touched_s=snapshot.mono_s)


def step(visit: Visit, event: Event, snapshot: KioskSnapshot) -> Step:
    """The next visit and the effects to carry out.

    An event that does not fit the screen changes nothing and raises nothing.
    """
    after, effects = _step(visit, event, snapshot)
    before, now = visit.screen, after.screen
    return after, (*effects, *search_again(before, now), *missed(before, now))


def _step(visit: Visit, event: Event, snapshot: KioskSnapshot) -> Step:
    if isinstance(event, Tick):
        return automatic_copy(visit, snapshot) or (apply_time(visit, snapshot), ())
    if isinstance(event, News):
        return apply_news(visit, event, snapshot), ()
    if isinstance(event, StaffNews):
        return apply_staff_news(visit, event, snapshot)
    if isinstance(event, StaffAsked):
        # Held for three seconds: no unintended repeat of another touch.
        return open_pad(visit, snapshot), ()
    if isinstance(event, HeadsetChanged):
        return _by_headset(visit, event, snapshot), ()
    if isinstance(visit.screen, Attract):
        woken, acts = wake(visit, event, snapshot)
        if isinstance(event, KeyPressed):
            return _by_key(woken, snapshot), ()
        return _tap(woken, event, snapshot) if acts else (woken, ())  # type: ignore[arg-type]
    if isinstance(event, KeyPressed):
        return _by_key(visit, snapshot), ()
    if visit.warned_s is not None:
        return _answer_warning(visit, visit.warned_s, event, snapshot), ()
    touched = replace(visit, touched_s=snapshot.mono_s)
    if isinstance(event, Touched | SpeechAsked) or is_repeat(visit, event, snapshot):
        return touched, ()
    return _tap(touched, event, snapshot)


def _by_key(visit: Visit, snapshot: KioskSnapshot) -> Visit:
    """A key was pressed: the focus is shown, and the idle timeout or its warning begins anew."""
    now = snapshot.mono_s
    warned_s = None if visit.warned_s is None else now
    speaks = snapshot.voice and not visit.keypad
    modes = visit.modes | {Mode.SPEECH} if speaks else visit.modes
    return replace(visit, keypad=True, modes=modes, touched_s=now, warned_s=warned_s)


def _by_headset(visit: Visit, event: HeadsetChanged, snapshot: KioskSnapshot) -> Visit:
    """A headset starts speech on any screen of a visit, and wakes the machine; without it speech
    ends. The idle warning stays, and its countdown begins anew."""
    now = snapshot.mono_s
    if isinstance(visit.screen, Staff | StaffPin):
        return visit
    if not event.plugged:
        return replace(visit, modes=visit.modes - {Mode.SPEECH, Mode.CURTAIN}, switched_s=now)
    if not snapshot.voice or Mode.SPEECH in visit.modes:
        return visit
    if isinstance(visit.screen, Attract):
        visit, _ = wake(visit, event, snapshot)
    warned_s = None if visit.warned_s is None else now
    modes = visit.modes | {Mode.SPEECH}
    return replace(visit, modes=modes, touched_s=now, switched_s=now, warned_s=warned_s)


def _answer_warning(
    visit: Visit, warned_s: float, event: Tap | Touched | SpeechAsked, snapshot: KioskSnapshot
) -> Visit:
    """Any touch ends the idle warning. "Start again" also ends the visit, unless a number would
    be lost with it or the finger came down as the warning appeared."""
    meant = isinstance(event, RestartTapped) and was_in_view(warned_s, snapshot)
    if meant and may_leave(visit.screen):
        return end_visit(visit, snapshot)
    return with_screen(visit, visit.screen, snapshot)


def _tap(visit: Visit, event: Tap, snapshot: KioskSnapshot) -> Step:
    """Handle the taps that mean the same on every screen, then those of the screen."""
    screen = visit.screen
    if isinstance(screen, StaffPin):
        return on_pin(visit, screen, event, snapshot)
    if isinstance(screen, Staff):
        return on_staff(visit, screen, event, snapshot)
    if isinstance(event, SWITCHES):
        return _switch(visit, event, snapshot), ()
    if waits(screen):
        return visit, ()
    if isinstance(event, CallStaffTapped):
        ready = snapshot.call.state is CallState.READY
        return with_screen(visit, screen, snapshot), (CallStaff(),) if ready else ()
    if isinstance(event, HelpTapped):
        if isinstance(screen, Help):
            return visit, ()
        return with_screen(visit, Help(uncovered(screen)), snapshot), ()
    if isinstance(event, HomeTapped):
        return (go_home(visit, snapshot) if may_leave(screen) else visit), ()
    if isinstance(screen, Find):
        return on_find(visit, screen, event, snapshot)
    return _on_screen(visit, event, snapshot)


def _switch(visit: Visit, event: Tap, snapshot: KioskSnapshot) -> Visit:
    """The same screen, shown in another way."""
    screen, now = visit.screen, snapshot.mono_s
    plain = usual_bar(visit)
    if isinstance(event, LanguageChosen):
        if event.code not in snapshot.catalogue.site.languages or event.code == visit.language:
            return visit
        # Where its key lay among the languages, another key lies now.
        since_s = now if visit.languages_open else visit.switched_s
        spoken = replace(plain, language=event.code, switched_s=since_s)
        return with_screen(spoken, screen, snapshot, modes_open=visit.modes_open)
    if isinstance(event, LanguagesAsked):
        return with_screen(plain, screen, snapshot, languages_open=event.open, switched_s=now)
    if isinstance(event, ModesAsked):
        return with_screen(plain, screen, snapshot, modes_open=event.open)
    if isinstance(event, ModeToggled):
        modes = visit.modes ^ {event.mode}
        if Mode.SPEECH not in modes:
            modes -= {Mode.CURTAIN}
        if modes == visit.modes:
            return visit
        return with_screen(visit, screen, snapshot, modes=modes, switched_s=now)
    return visit


def _on_screen(visit: Visit, event: Tap, snapshot: KioskSnapshot) -> Step:
    match visit.screen:
        case Agencies() as screen:
            return _on_agencies(visit, screen, event, snapshot)
        case Services() as screen:
            return _on_services(visit, screen, event, snapshot)
        case DetailsSlip(back=back):
            leaves = isinstance(event, BackTapped | DoneTapped)
            return (with_screen(visit, back, snapshot) if leaves else visit), ()
        case Confirm() as screen:
            return on_confirm(visit, screen, event, snapshot)
        case Shown() as screen:
            return on_shown(visit, screen, event, snapshot), ()
        case CancelAsked(number):
            return on_cancel(visit, number, event, snapshot)
        case Cancelled():
            return on_cancelled(visit, event, snapshot), ()
        case Offered() as screen:
            return on_offered(visit, screen, event, snapshot)
        case Problem() as screen:
            return on_problem(visit, screen, event, snapshot)
        case Closed() as screen:
            return _on_closed(visit, screen, event, snapshot), ()
        case Help(back):
            leaves = isinstance(event, BackTapped)
            return (with_screen(visit, back, snapshot) if leaves else visit), ()
        case _:
            return visit, ()


def may_leave(screen: Screen) -> bool:
    """Whether "home" may leave ``screen``.

    A number without a proved slip is only left when the visitor confirms that it was noted."""
    number = number_on(screen)
    if number is not None:
        return number.proof is Proof.CONFIRMED
    return not waits(screen)


def _on_agencies(visit: Visit, screen: Agencies, event: Tap, snapshot: KioskSnapshot) -> Step:
    if isinstance(event, PageChosen) and event.page >= 0:
        return with_screen(visit, replace(screen, page=event.page), snapshot), ()
    if isinstance(event, FindTapped):
        find = Find(home_page=screen.page, browse=screen.browse)
        return with_screen(visit, find, snapshot), (Search(""),)
    if isinstance(event, BrowseAsked):
        return with_screen(visit, Agencies(browse=True), snapshot), ()
    if isinstance(event, BackTapped) and _page(screen.page, event) > 0:
        page = _page(screen.page, event) - 1
        return with_screen(visit, replace(screen, page=page), snapshot), ()
    if isinstance(event, BackTapped) and screen.browse:
        return with_screen(visit, Agencies(), snapshot), ()
    if not isinstance(event, AgencyChosen):
        return visit, ()
    agency = snapshot.catalogue.agency(event.code)
    if agency is None:
        return visit, ()
    if snapshot.barred and not screen.browse:
        return with_screen(visit, Problem(snapshot.barred), snapshot), ()
    now = snapshot.opening(agency)
    if agency.services and not now.open and not screen.browse:
        return with_screen(visit, Closed(agency.code, now, home_page=screen.page), snapshot), ()
    services = Services(agency.code, home_page=screen.page, browse=screen.browse)
    return with_screen(visit, services, snapshot), ()


def _on_services(visit: Visit, screen: Services, event: Tap, snapshot: KioskSnapshot) -> Step:
    if screen.details is not None:
        return _on_details(visit, screen, screen.details, event, snapshot)
    match event:
        case BackTapped() if chooses_priority(visit, snapshot):
            return with_screen(visit, replace(screen, choosing=False), snapshot), ()
        case PriorityAsked(open_):
            return with_screen(visit, replace(screen, choosing=open_), snapshot), ()
        case BackTapped() if _page(screen.page, event) > 0:
            page = _page(screen.page, event) - 1
            return with_screen(visit, replace(screen, page=page), snapshot), ()
        case BackTapped():
            back = screen.find or Agencies(screen.home_page, browse=screen.browse)
            return with_screen(visit, back, snapshot, priorities=()), ()
        case PageChosen(page) if page >= 0:
            return with_screen(visit, replace(screen, page=page), snapshot), ()
        case DetailsAsked(code):
            opened = replace(screen, details=code, details_page=0)
            return with_screen(visit, opened, snapshot), ()
        case PriorityChosen(code):
            return _toggle_priority(visit, code, snapshot), ()
        case ServiceChosen(code) | ClosedAsked(code):
            gives = isinstance(event, ServiceChosen)
            return choose_service(visit, screen, code, snapshot, gives=gives)
        case _:
            return visit, ()


def _on_details(
    visit: Visit, screen: Services, service: str, event: Tap, snapshot: KioskSnapshot
) -> Step:
    """The details of ``service``: read page by page, printed, left, or its number taken."""
    match event:
        case BackTapped() if _page(screen.details_page, event) > 0:
            page = _page(screen.details_page, event) - 1
            return with_screen(visit, replace(screen, details_page=page), snapshot), ()
        case BackTapped() | DetailsAsked(None):
            closed = replace(screen, details=None, details_page=0)
            return with_screen(visit, closed, snapshot), ()
        case PageChosen(page) if page >= 0:
            return with_screen(visit, replace(screen, details_page=page), snapshot), ()
        case DetailsPrintTapped(code) if code == service and not no_details(visit, code, snapshot):
            job = snapshot.fresh_id
            printing = DetailsSlip(job, snapshot.mono_s, screen)
            effect = PrintDetails(job, service, visit.language)
            asked = with_screen(visit, printing, snapshot, details_s=snapshot.mono_s)
            return asked, (effect,)
        case ServiceChosen(code) | ClosedAsked(code):
            gives = isinstance(event, ServiceChosen)
            return choose_service(visit, screen, code, snapshot, gives=gives)
        case _:
            return visit, ()


def _page(kept: int, event: BackTapped) -> int:
    """The page that "back" leaves: the one on the screen."""
    return kept if event.page is None else min(kept, event.page)


def _toggle_priority(visit: Visit, code: str, snapshot: KioskSnapshot) -> Visit:
    """Choose a priority group, or remove the choice; several may be chosen."""
    wanted = set(visit.priorities) ^ {code}
    known = [group.code for group in snapshot.catalogue.priority_groups]
    chosen = tuple(code for code in known if code in wanted)
    return with_screen(visit, visit.screen, snapshot, priorities=chosen)


def _on_closed(visit: Visit, screen: Closed, event: Tap, snapshot: KioskSnapshot) -> Visit:
    if not isinstance(event, BackTapped | DoneTapped):
        return visit
    if screen.service is None:
        return with_screen(visit, Agencies(screen.home_page), snapshot, priorities=())
    back = screen.back or Services(screen.agency, home_page=screen.home_page)
    back = replace(back, browse=not snapshot.offers)
    return with_screen(visit, back, snapshot)
