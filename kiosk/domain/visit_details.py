"""The limits of the slips with the details of a service: paper is for numbers first.

One slip for each service and visit; a pause after each, also for the next visit; none while the
roll is near its end. A slip that was not printed counts for nothing.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from kiosk.domain.delivery import Outcome, PrintResult
from kiosk.domain.visit_screens import (
    DetailsSlip,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)

PAUSE_S = 30.0
"""After a slip with details, seconds until the next one: a child that prints all the time uses
some 30 m of paper in an hour at most."""


class NoDetails(Enum):
    """Why the details of a service cannot be printed now."""

    PRINTED = "printed"
    """In this visit, already."""

    PRINTER = "printer"
    NEAR_END = "near_end"
    PAUSE = "pause"


def no_details(visit: Visit, service: str, snapshot: KioskSnapshot) -> NoDetails | None:
    """Why the details of ``service`` cannot be printed now; None when they can."""
    if service in visit.details:
        return NoDetails.PRINTED
    if not snapshot.printer.well:
        return NoDetails.PRINTER
    if snapshot.printer.near_end:
        return NoDetails.NEAR_END
    return NoDetails.PAUSE if snapshot.mono_s - visit.details_s < PAUSE_S else None


def no_details_shown(visit: Visit, snapshot: KioskSnapshot) -> NoDetails | None:
    """As ``no_details``, of the service whose details are on the screen; None on other screens."""
    screen = visit.screen
    if not isinstance(screen, Services) or screen.details is None:
        return None
    return no_details(visit, screen.details, snapshot)


def after_slip(visit: Visit, slip: DetailsSlip, result: PrintResult) -> Visit:
    """The visit after the slip's print job has ended with ``result``."""
    service = slip.back.details
    if result.is_printed and service is not None:
        return replace(visit, details=(*visit.details, service))
    unused = result.outcome is Outcome.NOT_PRINTED
    return replace(visit, details_s=float("-inf")) if unused else visit
