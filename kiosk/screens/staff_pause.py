"""The page of the staff screen that pauses a service: which one, why and for how long.

Apart from the other pages because it is three pages in one: an agency, a service and the pause are
chosen one after the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.domain.events import AgencyChosen
from kiosk.domain.staff import (
    Pause,
    PauseFor,
    PauseForChosen,
    PauseReason,
    PauseReasonChosen,
    PauseServiceChosen,
    StaffAction,
    StaffTapped,
    StaffTask,
)
from kiosk.domain.visit_screens import (
    Staff,
)
from kiosk.screens.agencies_plan import Rect
from kiosk.screens.screen_view import ViewContext
from kiosk.screens.staff_keys import KeySpec, task_event
from kiosk.screens.staff_plan import StaffPlan
from kiosk.screens.staff_state import RowText, pause_end, result_rows


def _paused(code: str, context: ViewContext) -> Pause | None:
    pauses = context.snapshot.staff.pauses
    return next((pause for pause in pauses if pause.service == code), None)


def pause_list(screen: Staff, context: ViewContext) -> tuple[RowText, list[KeySpec]]:
    """The agencies, or the services of the chosen one; what is paused already says so."""
    phrases, menu = context.phrases, context.snapshot.catalogue
    say = phrases.say
    agency = menu.agency(screen.agency)
    if agency is None:
        head = RowText("info", "pause-circle-outline", say("staff.pause"), say("agency.title"))
        listed = [*menu.popular(), *menu.others(phrases.language)]
        return head, [KeySpec(phrases.short_name(a), AgencyChosen(a.code)) for a in listed]
    title = phrases.short_name(agency)
    head = RowText("info", "pause-circle-outline", title, say("staff.pause_service"))
    entries = []
    for service in agency.services:
        pause = _paused(service.code, context)
        note = pause_end(pause, context.snapshot.now, phrases) if pause else ""
        name = phrases.service_name(service)
        entries.append(KeySpec(name, PauseServiceChosen(service.code), note=note))
    return head, entries


def pause_head(screen: Staff, context: ViewContext) -> RowText:
    """The service that is chosen, and whether it is paused; or how the last task ended."""
    phrases, pause = context.phrases, _paused(screen.service, context)
    found = context.snapshot.catalogue.service(screen.service)
    name = phrases.service_name(found.service) if found else screen.service
    rows = list(result_rows(screen.doing, screen.result, phrases))
    if rows:
        return replace(rows[0], text=rows[0].text or name)
    if pause is None:
        return RowText("info", "pause-circle-outline", name, phrases.say("staff.pause_here"))
    until = pause_end(pause, context.snapshot.now, phrases)
    return RowText("warn", "pause-circle-outline", name, until)


def pause_choices(
    screen: Staff, plan: StaffPlan, head: Rect, context: ViewContext
) -> tuple[list[tuple[str, Rect]], list[tuple[KeySpec, Rect]]]:
    """Reason and length, each with a title above its keys."""
    say, now = context.phrases.say, context.snapshot.now
    reasons = [
        KeySpec(say(f"pause.{r.value}"), PauseReasonChosen(r), chosen=r is screen.reason)
        for r in PauseReason
    ]
    lengths = [
        KeySpec(
            say(f"staff.for.{length.value}"),
            PauseForChosen(length),
            note="" if length is PauseFor.TODAY else _until(length.until(now), context),
            chosen=length is screen.length,
        )
        for length in PauseFor
    ]
    (why, why_places), (how, how_places) = plan.choices(head, (len(reasons), len(lengths)))
    titles = [(say("staff.pause_why"), why), (say("staff.pause_for"), how)]
    keys = [*zip(reasons, why_places, strict=True), *zip(lengths, how_places, strict=True)]
    return titles, keys


def _until(moment: Any, context: ViewContext) -> str:
    return context.phrases.say("staff.until", time=context.phrases.time(moment))


def pause_keys(screen: Staff, context: ViewContext) -> list[KeySpec]:
    """The keys that begin, change and end the pause of the chosen service."""
    say, code = context.phrases.say, screen.service
    task = StaffTask(StaffAction.PAUSE, code, screen.reason, screen.length)
    pause = KeySpec(say("staff.pause"), StaffTapped(task), "pause-circle-outline")
    if _paused(code, context) is None:
        return [replace(pause, main=True)]
    resume = task_event(StaffAction.RESUME, code)
    return [KeySpec(say("staff.resume"), resume, "play-circle-outline", main=True), pause]
