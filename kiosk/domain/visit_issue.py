"""From a chosen service to the request for its number.

The only place that makes an ``Issue``. What can prevent a number is asked here, and asked again
where time has passed since a question was shown.
"""

from __future__ import annotations

from kiosk.domain.effects import Issue
from kiosk.domain.events import BackTapped, ConfirmTapped, DoneTapped, RetryTapped, Tap
from kiosk.domain.ticket import TicketRequest
from kiosk.domain.visit_screens import (
    Closed,
    Confirm,
    Issuing,
    Problem,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Step,
    Visit,
    with_screen,
)
from kiosk.domain.visit_timers import go_home
from menu.catalogue import Found, Service


def choose_service(
    visit: Visit, screen: Services, code: str, snapshot: KioskSnapshot, *, gives: bool
) -> Step:
    """Say why a service is closed; if it is open and the touched button ``gives``, its number."""
    found = snapshot.catalogue.service(code)
    if found is None or found.agency.code != screen.agency:
        return visit, ()
    shut = _closed_screen(found, screen, snapshot)
    if shut:
        return with_screen(visit, shut, snapshot), ()
    if snapshot.barred:
        return with_screen(visit, Problem(snapshot.barred), snapshot), ()
    return _ask_or_issue(visit, found, screen, snapshot) if gives else (visit, ())


def on_confirm(visit: Visit, screen: Confirm, event: Tap, snapshot: KioskSnapshot) -> Step:
    """Yes checks the opening again: it may have changed since the question was shown."""
    back, found = screen.back, snapshot.catalogue.service(screen.service)
    match event:
        case BackTapped():
            return with_screen(visit, back, snapshot), ()
        case ConfirmTapped() if found is not None:
            shut = _closed_screen(found, back, snapshot)
            return (
                (with_screen(visit, shut, snapshot), ())
                if shut
                else _issue(visit, found.service, back, snapshot)
            )
        case _:
            return visit, ()


def on_problem(visit: Visit, screen: Problem, event: Tap, snapshot: KioskSnapshot) -> Step:
    if isinstance(event, RetryTapped) and screen.request is not None:
        again = Issuing(screen.request, snapshot.mono_s)
        return with_screen(visit, again, snapshot), (Issue(screen.request),)
    if isinstance(event, BackTapped | DoneTapped):
        return go_home(visit, snapshot), ()
    return visit, ()


def _ask_or_issue(visit: Visit, found: Found, screen: Services, snapshot: KioskSnapshot) -> Step:
    if snapshot.availability.asks(found.agency, found.service) and not snapshot.barred:
        return with_screen(visit, Confirm(found.service.code, screen), snapshot), ()
    return _issue(visit, found.service, screen, snapshot)


def _closed_screen(found: Found, back: Services, snapshot: KioskSnapshot) -> Closed | None:
    """The closed screen of a service that gives no numbers now; None when it does."""
    now = snapshot.opening(found.agency, found.service)
    if now.open:
        return None
    return Closed(found.agency.code, now, found.service.code, back.home_page, back)


def _issue(visit: Visit, service: Service, back: Services, snapshot: KioskSnapshot) -> Step:
    if snapshot.barred:
        return with_screen(visit, Problem(snapshot.barred), snapshot), ()
    request = TicketRequest(
        id=snapshot.fresh_id,
        track=snapshot.fresh_track,
        service=service.code,
        language=visit.language,
        requested_at=snapshot.now,
        priority=next(iter(visit.priorities), None),
        also=visit.priorities[1:],
    )
    going = Issuing(request, snapshot.mono_s, back)
    return with_screen(visit, going, snapshot), (Issue(request),)
