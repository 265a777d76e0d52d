"""The information desk and the call for staff, as the screens of trouble and help show them."""

from __future__ import annotations

from typing import Any

from kiosk.domain.events import CallStaffTapped
from kiosk.domain.staff_call import CallState, StaffCall
from kiosk.ui.i18n import Phrases
from menu.catalogue import InformationDesk

MOODS = {
    CallState.CALLED: "good",
    CallState.ANSWERED: "good",
    CallState.UNSENT: "warn",
    CallState.DELAYED: "warn",
}
ICONS = {
    CallState.READY: "bell-outline",
    CallState.SENDING: "bell-ring-outline",
    CallState.UNSENT: "bell-off-outline",
    CallState.DELAYED: "bell-off-outline",
    CallState.CALLED: "bell-check-outline",
    CallState.ANSWERED: "bell-check-outline",
}


def show_desk(strip: Any, desk: InformationDesk | None, call: StaffCall, phrases: Phrases) -> None:
    """Show in ``strip`` where the desk is; while a call is open what has happened to it."""
    said = phrases.desk_or_call(desk, call)
    strip.title, strip.text = said.title, said.text
    strip.icon = ICONS[call.state] if call.state.open else "account-voice"
    strip.mood = MOODS.get(call.state, "info")


def offer_call(button: Any, call: StaffCall, phrases: Phrases) -> bool:
    """Label the button that calls staff; returns whether it is shown.

    While a call is open the button stays, without an event and with the state as its label: the
    buttons beside it must not move under a finger."""
    if call.state is CallState.OFF:
        button.label, button.icon, button.event = "", "", None
        return False
    button.icon = ICONS[call.state]
    button.label = phrases.say(f"call.{call.state.value}")
    button.event = CallStaffTapped() if call.state is CallState.READY else None
    return True
