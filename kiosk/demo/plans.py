"""Plans of the visits that the demo's robot makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice

from kiosk.domain.visit_state import (
    KioskSnapshot,
)
from kiosk.errors import KioskError
from kiosk.messages import Message
from menu.catalogue import Catalogue, Found


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """One visit. ``language`` and ``priority``: None leaves them unchanged."""

    agency: str
    service: str
    language: str | None = None
    priority: str | None = None


def plan_visits(catalogue: Catalogue, now: datetime, count: int) -> list[VisitPlan]:
    """``count`` visits to agencies that are open at ``now``, as varied as the menu allows.

    Raises KioskError when none is open.
    """
    snapshot = KioskSnapshot(catalogue=catalogue, now=now, mono_s=0.0)
    menu = [f for f in catalogue.services() if snapshot.opening(f.agency, f.service).open]
    if not menu:
        raise KioskError("demo.closed", when=when(now))
    first = next((f for f in menu if f.service.code == "ktp-el"), menu[0])
    others = [f for f in menu if f.agency.code != first.agency.code] or menu
    named = [f for f in others if f.agency.code == "dpmptsp"]
    wide = named or [f for f in others if len(f.agency.services) > 1] or others
    left = [f for f in others if f.agency.code != wide[0].agency.code] or others
    single = [f for f in left if len(f.agency.services) == 1] or left
    plans = [
        VisitPlan(first.agency.code, first.service.code),
        _in_another_way(wide[0], catalogue),
        VisitPlan(single[0].agency.code, single[0].service.code),
    ]
    more = (VisitPlan(f.agency.code, f.service.code) for f in cycle(menu))
    return (plans + list(islice(more, max(0, count - len(plans)))))[:count]


def when(moment: datetime) -> Message:
    """``Selasa, 24-11-2026 09:00``."""
    weekday = Message(f"weekday.{moment.weekday()}")
    return Message.of("demo.when", weekday=weekday, moment=f"{moment:%d-%m-%Y %H:%M}")


def _in_another_way(found: Found, catalogue: Catalogue) -> VisitPlan:
    """A visit in the site's second language and with the first priority group, if they exist."""
    languages, groups = catalogue.site.languages, catalogue.priority_groups
    return VisitPlan(
        found.agency.code,
        found.service.code,
        language=languages[1] if len(languages) > 1 else None,
        priority=groups[0].code if groups else None,
    )
