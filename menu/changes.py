"""What differs between two menus, in sentences for staff: "Disdukcapil: tutup Jumat, dulu
08.15-11.00".

``menu_changes`` is the one description of a difference: ``kiosk diff`` and ``kiosk history`` print
it. Fields are found by reflection, so that a new field of the menu is reported without a line here;
its name in a sentence is ``change.field.<name>``, or the field's own name where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time
from enum import Enum
from functools import partial
from typing import Any

from menu.catalogue import Agency, Catalogue, Place, PriorityGroup
from menu.local_text import LocalText
from menu.messages import TEXTS, say
from menu.quota import DayQuota, Quota
from menu.schedule import Closure, Period, Season, WeeklyHours

MOST_NAMED = 3
"""A change that more agencies share is one sentence with their number."""

MOST_CHARACTERS = 120
"""Of a longer value the sentence says only that it changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    ``text``: what differs, without the subject. ``agency`` and ``service``: codes, empty where the
    change is wider. ``field``: the field's name, ``added`` or ``removed``. ``subject``: what the
    sentence begins with.
    """

    subject: str
    text: str
    field: str
    agency: str = ""
    service: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}" if self.subject else self.text


def menu_changes(old: Catalogue, new: Catalogue, language: str) -> list[Change]:
    """What ``new`` changes against ``old``, from the site to its services."""
    found = _Differ(language)
    changes = [*found.of_site(old, new)]
    changes += _merged(found.of_agencies(old, new), new, language)
    return changes


def value_words(value: object, language: str) -> str:
    """A value of the settings in words; ``tidak ada`` for None and empty values."""
    inner = partial(value_words, language=language)
    if isinstance(value, Enum):
        return inner(value.value)
    if isinstance(value, frozenset | set):
        return inner(tuple(sorted(value)))
    if isinstance(value, Mapping) and value:
        return ", ".join(f"{key} {inner(one)}" for key, one in value.items())
    if isinstance(value, LocalText | Period) or not is_dataclass(value) or isinstance(value, type):
        if isinstance(value, Sequence) and not isinstance(value, str) and value:
            return ", ".join(map(inner, value))
        return _single_words(value, language)
    parts = ((field.name, getattr(value, field.name)) for field in fields(value))
    said = [
        f"{field_name(name, language)} {inner(one)}"
        for name, one in parts
        if one is not None and one != "" and one != ()
    ]
    return ", ".join(said) or say(language, "change.nothing")


def _single_words(value: object, language: str) -> str:
    """A value that has no parts."""
    if value is None or value in ("", ()):
        return say(language, "change.nothing")
    if isinstance(value, bool):
        return say(language, "change.yes" if value else "change.no")
    if isinstance(value, LocalText):
        return f"'{value.in_(language)}'"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H.%M}"
    if isinstance(value, Period):
        return f"{value.start:%H.%M}-{value.end:%H.%M}"
    if isinstance(value, str):
        return f"'{value}'"
    return f"{value:g}" if isinstance(value, float) else str(value)


def field_name(name: str, language: str) -> str:
    """What a field is called in a sentence; its name in the file where there is no word for it."""
    key = f"change.field.{name}"
    return say(language, key) if key in TEXTS.by_language["id"] else name


def was(new: str, old: str, language: str) -> str:
    """``100, dulu 150``."""
    return say(language, "change.was", new=new, old=old)


class _Differ:
    """Sentences in one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._say = partial(say, language)

    # ── the site ─────────────────────────────────────────────────────────────────────────

    def of_site(self, old: Catalogue, new: Catalogue) -> Iterator[Change]:
        """What holds for the whole building."""
        for name, before, after in differing(old.site, new.site):
            yield self._field("", name, before, after)
        apart = {"site", "agencies", "closures", "country", "priority_groups"}
        for name, before, after in differing(old, new):
            if name not in apart:
                yield self._field("", name, before, after)
        yield from self._groups(old.priority_groups, new.priority_groups)
        yield from self._closures(old, new)

    def _groups(
        self, old: Sequence[PriorityGroup], new: Sequence[PriorityGroup]
    ) -> Iterator[Change]:
        if old == new:
            return
        name = self._name("priority_groups")
        before, after = self._group_names(old), self._group_names(new)
        if before == after:
            text = self._say("change.details", name=name)
        else:
            text = f"{name} {was(after, before, self._language)}"
        yield Change("", text, "priority_groups")

    def _group_names(self, groups: Sequence[PriorityGroup]) -> str:
        names = ", ".join(group.name.in_(self._language) for group in groups)
        return names or self._say("change.nothing")

    def _closures(self, old: Catalogue, new: Catalogue) -> Iterator[Change]:
        if old.country != new.country:
            key = "change.holidays_on" if new.country else "change.holidays_off"
            yield Change("", self._say(key), "holidays")
        before, after = _written(old), _written(new)
        for which in sorted(after):
            if which not in before:
                yield self._closure("change.closure_added", after[which], new)
            elif before[which] != after[which]:
                yield self._closure("change.closure_reason", after[which], new)
        for which in sorted(before.keys() - after.keys()):
            yield self._closure("change.closure_removed", before[which], old)
        listed = [{c.date for c in menu.closures if c.listed} for menu in (old, new)]
        if old.country == new.country and listed[0] != listed[1]:
            added, removed = len(listed[1] - listed[0]), len(listed[0] - listed[1])
            text = self._say("change.holidays", added=added, removed=removed)
            yield Change("", text, "holidays")

    def _closure(self, key: str, closure: Closure, menu: Catalogue) -> Change:
        names = [
            agency.short.in_(self._language) if agency is not None else code
            for code in closure.agencies
            for agency in (menu.agency(code),)
        ]
        said = {"date": closure.date.isoformat(), "reason": closure.reason.in_(self._language)}
        subject = ", ".join(names)
        return Change(subject, self._say(key, **said), "closures")

    # ── agencies and services ────────────────────────────────────────────────────────────

    def of_agencies(self, old: Catalogue, new: Catalogue) -> list[Change]:
        """What each agency and service changes, in the order of the new menu."""
        found: list[Change] = []
        for agency in new.agencies:
            before = old.agency(agency.code)
            name = agency.short.in_(self._language)
            if before is None:
                services = len(agency.services)
                text = self._say("change.agency_added", n=services)
                found.append(Change(name, text, "added", agency.code))
            else:
                found += self._agency(before, agency, name)
        for agency in old.agencies:
            if new.agency(agency.code) is None:
                text = self._say("change.agency_removed", n=len(agency.services))
                name = agency.short.in_(self._language)
                found.append(Change(name, text, "removed", agency.code))
        if _moved([a.code for a in old.agencies], [a.code for a in new.agencies]):
            found.append(Change("", self._say("change.agency_order"), "order"))
        return found

    def _agency(self, old: Agency, new: Agency, name: str) -> Iterator[Change]:
        for field, before, after in differing(old, new):
            if field == "services":
                continue
            if field == "name" and (old.name, new.name) == (old.short, new.short):
                continue  # an agency without ``name`` has its short name as both
            yield from self._changed(name, field, before, after, new.code)
        services = {service.code: service for service in old.services}
        for service in new.services:
            said = service.name.in_(self._language)
            known = services.get(service.code)
            if known is None:
                text = self._say("change.service_added", service=said)
                yield Change(name, text, "added", new.code, service.code)
                continue
            for field, before, after in differing(known, service):
                inherited = (getattr(old, field, None), getattr(new, field, None))
                if field != "name" and inherited == (before, after):
                    continue
                subject = f"{name}, {said}"
                yield from self._changed(subject, field, before, after, new.code, service.code)
        codes = [service.code for service in new.services]
        for service in old.services:
            if service.code not in codes:
                text = self._say("change.service_removed", service=service.name.in_(self._language))
                yield Change(name, text, "removed", new.code, service.code)
        if _moved(list(services), codes):
            yield Change(name, self._say("change.service_order"), "order", new.code)

    def _changed(
        self, subject: str, field: str, old: Any, new: Any, agency: str, service: str = ""
    ) -> Iterator[Change]:
        if isinstance(old, WeeklyHours) and isinstance(new, WeeklyHours):
            for text in self._hours(old, new):
                yield Change(subject, text, field, agency, service)
            return
        made = self._field(subject, field, old, new)
        yield Change(subject, made.text, field, agency, service)

    def _field(self, subject: str, field: str, old: Any, new: Any) -> Change:
        words = [self._words(value) for value in (new, old)]
        name = self._name(field)
        if words[0] == words[1] and isinstance(new, LocalText) and isinstance(old, LocalText):
            words = [_where_differing(new, old), _where_differing(old, new)]
        if words[0] == words[1] or max(map(len, words)) > MOST_CHARACTERS:
            return Change(subject, self._say("change.details", name=name), field)
        return Change(subject, f"{name} {was(words[0], words[1], self._language)}", field)

    def _name(self, field: str) -> str:
        return field_name(field, self._language)

    def _words(self, value: Any) -> str:
        if isinstance(value, Place):
            floor = self._say("change.floor", floor=value.floor) if value.floor else ""
            counters = ", ".join(value.counters)
            counter = self._say("change.counter", counters=counters) if counters else ""
            return ", ".join(part for part in (floor, counter) if part) or self._say(
                "change.nothing"
            )
        if isinstance(value, Quota):
            return self._quota(value)
        return value_words(value, self._language)

    def _quota(self, quota: Quota) -> str:
        """``100``; by weekday where the days differ: ``Senin-Kamis 40, Jumat-Minggu 20``."""
        said = [self._day_quota(day) for day in quota.week]
        groups = [
            f"{self._span(first, last)} {said[first]}"
            for first, last in _alike(said)
            if said[first]
        ]
        return said[0] if len(set(said)) == 1 else ", ".join(groups)

    def _day_quota(self, quota: DayQuota) -> str:
        parts = [str(quota.day)] if quota.day is not None else []
        if quota.hour is not None:
            parts.append(self._say("change.quota_hour", n=quota.hour))
        parts += [
            self._say("change.quota_before", n=count, time=f"{moment:%H.%M}")
            for moment, count in quota.before
        ]
        return ", ".join(parts)

    def _span(self, first: int, last: int) -> str:
        """``Senin-Kamis``, or one day."""
        names = [self._say(f"change.day.{day}") for day in (first, last)]
        return names[0] if first == last else "-".join(names)

    # ── hours ────────────────────────────────────────────────────────────────────────────

    def _hours(self, old: WeeklyHours, new: WeeklyHours) -> Iterator[str]:
        yield from self._week(old.days, new.days)
        if old.break_closed != new.break_closed:
            yield self._say("change.break_closed" if new.break_closed else "change.break_open")
        for name in ("seasons", "wider"):
            before, after = getattr(old, name), getattr(new, name)
            yield from (self._season("change.season_added", s) for s in after if s not in before)
            yield from (self._season("change.season_removed", s) for s in before if s not in after)
        for day in sorted(new.open_on - old.open_on):
            yield self._say("change.open_on", date=day.isoformat())
        for day in sorted(old.open_on - new.open_on):
            yield self._say("change.not_open_on", date=day.isoformat())

    def _week(
        self, old: tuple[tuple[Period, ...], ...], new: tuple[tuple[Period, ...], ...]
    ) -> Iterator[str]:
        """A sentence for each group of neighbouring days that change alike."""
        for first, last in _alike(list(zip(old, new, strict=True))):
            if old[first] == new[first]:
                continue
            days = self._span(first, last)
            before, after = (value_words(week[first], self._language) for week in (old, new))
            if not new[first]:
                yield self._say("change.shut", days=days, old=before)
            elif not old[first]:
                yield self._say("change.opened", days=days, new=after)
            else:
                yield f"{days} {was(after, before, self._language)}"

    def _season(self, key: str, season: Season) -> str:
        reason = season.reason.in_(self._language) if season.reason is not None else ""
        return self._say(
            key,
            first=season.first.isoformat(),
            last=season.last.isoformat(),
            reason=f" ({reason})" if reason else "",
        )


def _where_differing(text: LocalText, other: LocalText) -> str:
    """``text`` in the languages in which it is not as ``other``."""
    pairs = sorted(text.by_language.items())
    found = [(code, said) for code, said in pairs if other.by_language.get(code) != said]
    return ", ".join(f"'{said}' ({code})" if code else f"'{said}'" for code, said in found)


def differing(old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """The fields of two values of one dataclass that differ: name, old and new value."""
    for field in fields(old):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            yield field.name, before, after


def _written(menu: Catalogue) -> dict[tuple[date, tuple[str, ...]], Closure]:
    """The closures that staff wrote, by date and agencies."""
    return {(c.date, c.agencies): c for c in menu.closures if not c.listed}


def _alike(days: Sequence[object]) -> Iterator[tuple[int, int]]:
    """The first and the last index of each run of equal values."""
    first = 0
    for last, value in enumerate(days):
        if last + 1 == len(days) or days[last + 1] != value:
            yield first, last
            first = last + 1


def _moved(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether what both have is in another order."""
    both = set(old) & set(new)
    return [code for code in old if code in both] != [code for code in new if code in both]


def _merged(changes: Iterable[Change], new: Catalogue, language: str) -> Iterator[Change]:
    """The same change of many agencies as one sentence, in the place of the first of them.

    A change of the site's hours is one of every agency without its own.
    """
    listed = list(changes)
    alike: dict[tuple[str, str], list[Change]] = {}
    for change in listed:
        if change.agency and not change.service and change.field not in ("added", "removed"):
            alike.setdefault((change.field, change.text), []).append(change)
    for change in listed:
        same = alike.get((change.field, change.text), [])
        if change not in same or len(same) <= MOST_NAMED:
            yield change
        elif change == same[0]:
            everyone = len(same) == len(new.agencies)
            key = "change.all_agencies" if everyone else "change.agencies"
            yield Change(say(language, key, n=len(same)), change.text, change.field)
