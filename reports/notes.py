"""The heading and the notes of a report, the same in each of its files."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from reports.figures import MonthReport
from reports.texts import TEXTS, day_name, month_name


def heading(report: MonthReport, made_at: datetime) -> list[str]:
    """Title, site, address and when it was made; ``made_at`` aware, in the site's zone."""
    say = partial(TEXTS.say, report.language)
    title = f"{say('report.title')} {month_name(report.language, report.month)}"
    if report.until is not None:
        until = say("report.until", day=day_name(report.language, report.until))
        title = f"{title}, {until}"
    if report.incomplete_before is not None:
        day = day_name(report.language, report.incomplete_before)
        title = f"{title}, {say('report.incomplete', day=day)}"
    day, time = day_name(report.language, made_at), f"{made_at:%H.%M}"
    made = say("report.made", day=day, time=time, zone=report.zone)
    return [title, report.site, report.address, made]


def incomplete(language: str, before: date) -> str:
    """Why the figures are too low, for ``notes`` and the command."""
    return TEXTS.say(language, "report.note.incomplete", day=day_name(language, before))


def notes(report: MonthReport) -> list[str]:
    """What the figures mean, and why days are closed."""
    say = partial(TEXTS.say, report.language)
    found = []
    if report.incomplete_before is not None:
        found.append(incomplete(report.language, report.incomplete_before))
    if report.kiosk:
        found.append(say("report.note.kiosk", kiosk=report.kiosk))
    if report.partial:
        found.append(say("report.note.partial"))
    if report.until is not None:
        day = day_name(report.language, report.until)
        found.append(say("report.note.until", day=day))
    if report.unsettled:
        found.append(say("report.note.unsettled", n=report.unsettled))
    if report.days_only:
        found.append(say("report.note.days_only", n=report.days_only))
    found.append(say("report.note.void"))
    found.append(say("report.note.closed", mark=say("report.closed_mark")))
    found.append(_menus(report))
    if report.total.connected:
        found.append(say("report.note.offline"))
    found.append(say("report.note.times" if report.timed else "report.note.no_times"))
    for closure in report.closures:
        key = "report.note.closure_some" if closure.agencies else "report.note.closure"
        day, shut = day_name(report.language, closure.date), ", ".join(closure.agencies)
        found.append(say(key, day=day, reason=closure.reason, agencies=shut))
    return found


def _menus(report: MonthReport) -> str:
    """Which menus the names, agencies and closed days are from."""
    say = partial(TEXTS.say, report.language)
    if report.menus_from is None:
        return say("report.note.menu_in_use")
    if report.menus_from <= report.month:
        return say("report.note.menus")
    return say("report.note.menus_from", day=day_name(report.language, report.menus_from))
