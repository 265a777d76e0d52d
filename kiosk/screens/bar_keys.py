"""Which keys of the bar do something on a screen.

Apart from the root view because this is a rule about screens, not about widgets: it is the same at
every size, in every mode and language.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.domain.events import BackTapped
from kiosk.domain.modes import Mode
from kiosk.domain.visit import may_leave
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    CancelAsked,
    Cancelled,
    Closed,
    Confirm,
    Dark,
    DetailsSlip,
    Find,
    Help,
    Offered,
    Problem,
    Screen,
    Services,
    waits,
)

WITH_BACK = (
    *(Find, Services, DetailsSlip, Confirm, Closed, Problem, Help, Offered, CancelAsked),
    Cancelled,
)
"""Screens on which the key "Back" does something."""

MODES = (Mode.LARGE, Mode.CONTRAST, Mode.LOW, Mode.SPEECH)
"""The modes that have a key; LOW only where something moves."""


@dataclass(frozen=True, slots=True)
class BarKeys:
    """``back``: the event of the key "Back", None where it does nothing. ``home`` and ``help_``:
    whether these keys do something."""

    back: BackTapped | None
    home: bool
    help_: bool


def bar_keys(screen: Screen, page: int | None) -> BarKeys:
    """The keys on ``screen``. ``page``: the one that is shown, None without pages; the screen's may
    be a later one."""
    screen, back = _on_page(screen, page)
    return BarKeys(
        back=back if _has_back(screen) else None,
        home=may_leave(screen) and screen not in (Agencies(), Attract(), Dark()),
        help_=not isinstance(screen, Help) and not waits(screen),
    )


def mode_keys(*, can_move: bool) -> list[Mode]:
    """The modes that have a key. ``can_move``: whether low reach moves anything."""
    return [mode for mode in MODES if mode is not Mode.LOW or can_move]


def _on_page(screen: Screen, page: int | None) -> tuple[Screen, BackTapped]:
    """The screen with the page that is shown, and the event of the key "back" there."""
    if page is None or not isinstance(screen, Agencies | Services):
        return screen, BackTapped()
    if isinstance(screen, Services) and screen.details is not None:
        later = screen.details_page > page
        return screen, BackTapped(page) if later else BackTapped()
    if screen.page <= page:
        return screen, BackTapped()
    return replace(screen, page=page), BackTapped(page)


def _has_back(screen: Screen) -> bool:
    """Whether the key "Back" does something."""
    return (isinstance(screen, WITH_BACK) and not waits(screen)) or _inner_home(screen)


def _inner_home(screen: Screen) -> bool:
    """Whether this is a home screen with a screen before it: a later page, or only to read."""
    return isinstance(screen, Agencies) and (screen.page > 0 or screen.browse)
