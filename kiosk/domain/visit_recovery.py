"""What to show after the screen of a visit could not be drawn.

Apart from ``visit`` because no event leads here, and apart from the application because the order
is a promise: a committed number, and a request for one, come before everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.modes import NO_MODES
from kiosk.domain.visit_screens import (
    Agencies,
    Cancelling,
    Issuing,
    Problem,
    Shown,
    number_on,
)
from kiosk.domain.visit_state import (
    Visit,
)
from kiosk.errors import Refusal


def recoveries(visit: Visit, now_s: float) -> Iterator[Visit]:
    """The visits to show in place of ``visit``, until one of them can be drawn.

    The same screen if it has a number or a request, else the problem screen, else home. Modes are
    switched off: they may be what cannot be drawn.
    """
    screen = number_on(visit.screen) or visit.screen
    if isinstance(screen, Cancelling):
        screen = screen.number
    kept = (screen,) if isinstance(screen, Issuing | Shown) else ()
    for choice in (*kept, Problem(Refusal.GENERIC), Agencies()):
        yield replace(
            visit,
            screen=choice,
            modes=NO_MODES,
            modes_open=False,
            languages_open=False,
            touched_s=now_s,
            acted_s=now_s,
            warned_s=None,
        )
