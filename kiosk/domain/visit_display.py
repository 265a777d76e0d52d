"""Which parts of a visit the screen displays, as values to compare before and after a step.

Apart from ``visit_state`` because these are not part of the state: they say when a change of it
must be drawn, and when it moves the targets under a finger.
"""

from __future__ import annotations

from kiosk.domain.visit_screens import (
    untyped,
)
from kiosk.domain.visit_state import (
    Visit,
)


def displayed(visit: Visit) -> tuple[object, ...]:
    """What the screen shows of a visit: drawn again when it changes."""
    return (visit.screen, *_manner(visit), visit.keypad)


def targets(visit: Visit) -> tuple[object, ...]:
    """What decides where the targets are: a finger may be down while another one types."""
    return (untyped(visit.screen), *_manner(visit))


def _manner(visit: Visit) -> tuple[object, ...]:
    """Everything but the screen that places or colours the targets."""
    how = (visit.language, visit.modes, visit.modes_open, visit.languages_open)
    return (*how, visit.priorities, visit.warned_s is not None)
