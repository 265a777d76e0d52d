"""The screens of a number: shown, given back, and offered again after a restart."""

from __future__ import annotations

from kiosk.domain.effects import PrintCopy, VoidTicket
from kiosk.domain.events import (
    AnotherTapped,
    BackTapped,
    CancelTapped,
    DoneTapped,
    OfferTaken,
    Tap,
    VoidConfirmed,
)
from kiosk.domain.visit_screens import (
    CancelAsked,
    Cancelling,
    Offered,
    Shown,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Step,
    Visit,
    with_screen,
)
from kiosk.domain.visit_timers import end_visit, go_home


def on_shown(visit: Visit, screen: Shown, event: Tap, snapshot: KioskSnapshot) -> Visit:
    match event:
        case DoneTapped():
            return end_visit(visit, snapshot)
        case AnotherTapped():
            return go_home(visit, snapshot)
        case CancelTapped():
            return with_screen(visit, CancelAsked(screen), snapshot)
        case _:
            return visit


def on_cancel(visit: Visit, number: Shown, event: Tap, snapshot: KioskSnapshot) -> Step:
    """The question of a void: yes gives the number back, no shows it again."""
    match event:
        case VoidConfirmed():
            going = Cancelling(number, snapshot.mono_s)
            return with_screen(visit, going, snapshot), (VoidTicket(number.ticket),)
        case BackTapped():
            return with_screen(visit, number, snapshot), ()
        case _:
            return visit, ()


def on_cancelled(visit: Visit, event: Tap, snapshot: KioskSnapshot) -> Visit:
    if isinstance(event, DoneTapped):
        return end_visit(visit, snapshot)
    return go_home(visit, snapshot) if isinstance(event, AnotherTapped | BackTapped) else visit


def on_offered(visit: Visit, screen: Offered, event: Tap, snapshot: KioskSnapshot) -> Step:
    if isinstance(event, OfferTaken):
        shown = Shown(screen.ticket, snapshot.mono_s, copy=True)
        return with_screen(visit, shown, snapshot), (PrintCopy(screen.ticket),)
    if isinstance(event, DoneTapped | BackTapped):
        return end_visit(visit, snapshot), ()
    return visit, ()
