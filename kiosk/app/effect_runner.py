"""Passes the effects of a step on to the kiosk.

Apart from the application because it is the only place where an effect becomes a call of the
kiosk, and each call needs its own answer for a failure: a visitor who waits must be answered even
if the call itself raises.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.app.ports import KioskPort, Post
from kiosk.app.safety import FaultLog
from kiosk.domain.delivery import PrintResult
from kiosk.domain.effects import (
    CallStaff,
    Effect,
    Issue,
    NoteMissed,
    PrintCopy,
    PrintDetails,
    Search,
    VoidTicket,
)
from kiosk.domain.events import DetailsPrinted, NotVoided, Refused
from kiosk.domain.staff import CheckPin, DoStaffTask, EndApp, PinChecked


class EffectRunner:
    """Calls ``kiosk_port`` for each effect; failures go to ``faults``.

    ``post``: takes the events that answer an effect, from any thread. ``end``: ends the app, and
    says whether it is to be started again. UI thread only."""

    def __init__(
        self, kiosk_port: KioskPort, faults: FaultLog, post: Post, end: Callable[[bool], None]
    ) -> None:
        self._kiosk_port = kiosk_port
        self._faults = faults
        self._post = post
        self._end = end

    def run(self, effect: Effect) -> None:
        """Pass an effect to the kiosk. A failure to pass on Issue is reported as Refused."""
        kiosk, post, caught = self._kiosk_port, self._post, self._faults.caught
        match effect:
            case Issue(request):
                with caught("issuing", lambda _: post(Refused(request.id))):
                    kiosk.issue(request, post)
            case PrintCopy(ticket):
                with caught("printing a copy"):
                    kiosk.print_copy(ticket, post)
            case PrintDetails(job=job):
                none = DetailsPrinted(job, PrintResult.not_printed(None))
                with caught("printing details", lambda _: post(none)):
                    kiosk.print_details(effect, post)
            case VoidTicket(ticket):
                with caught("a void", lambda _: post(NotVoided(ticket.id))):
                    kiosk.void(ticket, post)
            case Search(text):
                with caught("a search"):
                    kiosk.search(text, post)
            case CheckPin(id=id_):
                with caught("the PIN", lambda _: post(PinChecked(False, id_))):
                    kiosk.staff.check_pin(effect, post)
            case DoStaffTask():
                with caught("a staff task"):
                    kiosk.staff.do(effect, post)
            case EndApp(restart):
                self._end(restart)
            case NoteMissed(text):
                with caught("counting a search"):
                    kiosk.note_missed(text)
            case CallStaff():
                with caught("a call for staff"):
                    kiosk.call_staff()
