"""One visit, as a pure step function: what is on the screen, and what follows a touch.

``step(visit, event, world)`` answers the next visit and the effects to carry out. It reads no
clock and makes no id: both come in with the world. A test of a whole visit is a list of events.

::

    Agencies ──agency──> Services ──service──> Issuing ──committed──> Shown ──> Agencies
        │ (one service) ────────────────────────^  │                     ^
        └─closed──> Closed <──closed───────────────┤                     │
                                                   └─failed──> Problem ──┘ try again, same id

Where many wait for the service, Confirm stands before Issuing and asks.

A second tap while Issuing is an event that is ignored. Results carry the ticket's id: one that
belongs to an older visit is dropped.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Found, Service
from kiosk.domain.delivery import Proof
from kiosk.domain.events import (
    AgencyChosen,
    AnotherTapped,
    BackTapped,
    Committed,
    ConfirmTapped,
    Delivered,
    DetailsAsked,
    DoneTapped,
    Effect,
    Event,
    HelpTapped,
    HomeTapped,
    Issue,
    LanguageChosen,
    OfferTaken,
    PageChosen,
    PrintCopy,
    PriorityChosen,
    Refused,
    RetryTapped,
    ServiceChosen,
    Tap,
    Tick,
    Touched,
    Unfinished,
)
from kiosk.domain.ticket import TicketRequest
from kiosk.domain.visit_state import (
    Agencies,
    Closed,
    Confirm,
    Help,
    Issuing,
    Offered,
    Problem,
    Screen,
    Services,
    Shown,
    Visit,
    World,
    number_on,
)
from kiosk.domain.visit_timers import copy_again, news, over, time_passes

DEBOUNCE_S = 0.5
"""A touch sooner than this after one that changed the screen is a tremor, not a wish."""

Step = tuple[Visit, tuple[Effect, ...]]


def begin(world: World) -> Visit:
    """A new visit: home, the site's language, nothing chosen."""
    return Visit(language=world.language, touched_s=world.mono_s)


def step(visit: Visit, event: Event, world: World) -> Step:
    """The next visit and what to do.

    Never raises for an event that does not fit the screen: such an event changes nothing.
    """
    if isinstance(event, Tick):
        return copy_again(visit, world) or (time_passes(visit, world), ())
    if isinstance(event, Committed | Delivered | Refused | Unfinished):
        return news(visit, event, world), ()
    if visit.warned_s is not None:
        return _act(visit, visit.screen, world), ()
    touched = replace(visit, touched_s=world.mono_s)
    if isinstance(event, Touched) or world.mono_s - visit.acted_s < DEBOUNCE_S:
        return touched, ()
    return _tap(touched, event, world)


def _act(visit: Visit, screen: Screen, world: World, **changes: object) -> Visit:
    """The visit with another screen, as the answer to a touch."""
    moved = replace(
        visit, screen=screen, touched_s=world.mono_s, acted_s=world.mono_s, warned_s=None
    )
    return replace(moved, **changes) if changes else moved  # type: ignore[arg-type]


def _tap(visit: Visit, event: Tap, world: World) -> Step:
    """What every screen answers alike; the rest is the screen's own."""
    screen = visit.screen
    if isinstance(event, LanguageChosen):
        known = event.code in world.catalogue.site.languages and event.code != visit.language
        return (_act(visit, screen, world, language=event.code) if known else visit), ()
    if isinstance(screen, Issuing):
        return visit, ()
    if isinstance(event, HelpTapped):
        if isinstance(screen, Help):
            return visit, ()
        return _act(visit, Help(screen), world), ()
    if isinstance(event, HomeTapped):
        return (_home(visit, world) if may_leave(screen) else visit), ()
    return _on_screen(visit, event, world)


def _on_screen(visit: Visit, event: Tap, world: World) -> Step:
    match visit.screen:
        case Agencies() as screen:
            return _on_agencies(visit, screen, event, world)
        case Services() as screen:
            return _on_services(visit, screen, event, world)
        case Confirm() as screen:
            return _on_confirm(visit, screen, event, world)
        case Shown():
            return _on_shown(visit, event, world), ()
        case Offered() as screen:
            return _on_offered(visit, screen, event, world)
        case Problem() as screen:
            return _on_problem(visit, screen, event, world)
        case Closed() as screen:
            return _on_closed(visit, screen, event, world), ()
        case Help(back):
            leaves = isinstance(event, BackTapped)
            return (_act(visit, back, world) if leaves else visit), ()
        case Issuing():
            return visit, ()


def may_leave(screen: Screen) -> bool:
    """Whether "home" may take ``screen`` away: a number without proved paper only goes when the
    visitor says that it was noted."""
    number = number_on(screen)
    if number is not None:
        return number.proof is Proof.CONFIRMED
    return not isinstance(screen, Issuing)


def _home(visit: Visit, world: World) -> Visit:
    """Home by the visitor's own wish: the language stays, nothing else does."""
    if visit.screen == Agencies():
        return visit
    return _act(visit, Agencies(), world, priority=None)


def _on_agencies(visit: Visit, screen: Agencies, event: Tap, world: World) -> Step:
    if isinstance(event, PageChosen) and event.page >= 0:
        return _act(visit, Agencies(event.page), world), ()
    if not isinstance(event, AgencyChosen):
        return visit, ()
    agency = world.catalogue.agency(event.code)
    if agency is None:
        return visit, ()
    if world.barred:
        return _act(visit, Problem(world.barred), world), ()
    now = world.opening(agency)
    if agency.services and not now.open:
        return _act(visit, Closed(agency.code, now, home_page=screen.page), world), ()
    if len(agency.services) == 1:
        return _ask_or_issue(visit, agency.services[0], screen, world)
    return _act(visit, Services(agency.code, home_page=screen.page), world), ()


def _on_services(visit: Visit, screen: Services, event: Tap, world: World) -> Step:
    match event:
        case BackTapped() if screen.details is not None:
            return _act(visit, replace(screen, details=None), world), ()
        case BackTapped():
            return _act(visit, Agencies(screen.home_page), world, priority=None), ()
        case PageChosen(page) if page >= 0:
            return _act(visit, replace(screen, page=page), world), ()
        case DetailsAsked(code):
            return _act(visit, replace(screen, details=code), world), ()
        case PriorityChosen(code):
            return _prefer(visit, code, world), ()
        case ServiceChosen(code):
            return _choose_service(visit, screen, code, world)
        case _:
            return visit, ()


def _choose_service(visit: Visit, screen: Services, code: str, world: World) -> Step:
    found = world.catalogue.service(code)
    if found is None or found.agency.code != screen.agency:
        return visit, ()
    shut = _shut(found, screen, world)
    if shut:
        return _act(visit, shut, world), ()
    return _ask_or_issue(visit, found.service, screen, world)


def _prefer(visit: Visit, code: str, world: World) -> Visit:
    """Choose a priority group; the one that is chosen already takes the choice back."""
    known = any(g.code == code for g in world.catalogue.priority_groups)
    wanted = None if visit.priority == code or not known else code
    return _act(visit, visit.screen, world, priority=wanted)


def _ask_or_issue(
    visit: Visit, service: Service, screen: Agencies | Services, world: World
) -> Step:
    if world.busy(service) and not world.barred:
        return _act(visit, Confirm(service.code, screen), world), ()
    return _issue(visit, service, world)


def _on_confirm(visit: Visit, screen: Confirm, event: Tap, world: World) -> Step:
    """What was true when the question came may have changed: yes asks the world again."""
    back, found = screen.back, world.catalogue.service(screen.service)
    match event:
        case BackTapped():
            kept = visit.priority if isinstance(back, Services) else None
            return _act(visit, back, world, priority=kept), ()
        case PriorityChosen(code):
            return _prefer(visit, code, world), ()
        case ConfirmTapped() if found is not None:
            shut = _shut(found, back, world)
            return (_act(visit, shut, world), ()) if shut else _issue(visit, found.service, world)
        case _:
            return visit, ()


def _shut(found: Found, back: Agencies | Services, world: World) -> Closed | None:
    """Why a service gives no number now, with the way back to what stood before it."""
    now = world.opening(found.agency, found.service)
    if now.open:
        return None
    if isinstance(back, Services):
        return Closed(found.agency.code, now, found.service.code, back.home_page)
    return Closed(found.agency.code, now, home_page=back.page)


def _issue(visit: Visit, service: Service, world: World) -> Step:
    if world.barred:
        return _act(visit, Problem(world.barred), world), ()
    request = TicketRequest(
        id=world.fresh_id,
        track=world.fresh_track,
        service=service.code,
        language=visit.language,
        requested_at=world.now,
        priority=visit.priority,
    )
    return _act(visit, Issuing(request, world.mono_s), world), (Issue(request),)


def _on_shown(visit: Visit, event: Tap, world: World) -> Visit:
    if isinstance(event, DoneTapped):
        return over(visit, world)
    if isinstance(event, AnotherTapped):
        return _home(visit, world)
    return visit


def _on_offered(visit: Visit, screen: Offered, event: Tap, world: World) -> Step:
    if isinstance(event, OfferTaken):
        shown = Shown(screen.ticket, world.mono_s, copy=True)
        return _act(visit, shown, world), (PrintCopy(screen.ticket),)
    if isinstance(event, DoneTapped | BackTapped):
        return over(visit, world), ()
    return visit, ()


def _on_problem(visit: Visit, screen: Problem, event: Tap, world: World) -> Step:
    if isinstance(event, RetryTapped) and screen.request is not None:
        again = Issuing(screen.request, world.mono_s)
        return _act(visit, again, world), (Issue(screen.request),)
    if isinstance(event, BackTapped | DoneTapped):
        return _home(visit, world), ()
    return visit, ()


def _on_closed(visit: Visit, screen: Closed, event: Tap, world: World) -> Visit:
    if not isinstance(event, BackTapped | DoneTapped):
        return visit
    if screen.service is None:
        return _act(visit, Agencies(screen.home_page), world, priority=None)
    return _act(visit, Services(screen.agency, home_page=screen.home_page), world)
