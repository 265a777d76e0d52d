"""Random menus as plain data, and a slow reference of when they give numbers.

The reference follows the words of docs/configuration.md, minute by minute, from the same plain data
that the YAML is made of. It shares the list of holidays with the program, and nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from menu.agencies import check_menu
from menu.catalogue import Catalogue, Found
from menu.holidays import holidays_of
from menu.limits import Limit, again_after, limits_of, room
from menu.schedule import LOOKAHEAD_DAYS, opening

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
SHIPPED = Path(__file__).resolve().parents[2] / "config" / "agencies.yaml"
QUARTER = timedelta(minutes=15)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = ("Asia/Makassar", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe")
Plain = dict[str, Any]


def random_menu(chance: random.Random, zone: str) -> Plain:
    """A menu of two agencies with two services each; all times are quarters of an hour."""
    root: Plain = {"version": 1, "site": {"name": "MPP", "timezone": zone}}
    if chance.random() < 0.7:
        root["holidays"] = {"country": "ID", "joint_leave": chance.choice(["open", "closed"])}
    root["tickets"] = {
        "open_minutes_before": chance.choice([0, 15, 30, 120]),
        "stop_minutes_before": chance.choice([0, 15, 45]),
    }
    root |= {"hours": _week(chance)} | _exceptions(chance)
    closed = sorted(set(_dates(chance, 25)) - set(root.get("open_on", ())))
    root["closures"] = [
        {"date": day, "reason": "x"} | ({"agencies": ["a"]} if chance.random() < 0.4 else {})
        for day in closed
    ]
    root["agencies"] = [_agency(chance, code, set(closed)) for code in ("a", "b")]
    return root


def _agency(chance: random.Random, code: str, closed: set[date]) -> Plain:
    agency: Plain = {"code": code, "prefix": code.upper(), "name": code}
    agency |= _scope(chance, closed)
    agency["services"] = []
    for n in range(2):
        service: Plain = {"code": f"{code}{n}", "name": "x"} | _scope(chance, closed)
        agency["services"].append(service | {"quota": _quota(chance)})
    return agency


def _scope(chance: random.Random, closed: set[date]) -> Plain:
    found = _exceptions(chance)
    if chance.random() < 0.5:
        found["hours"] = _week(chance)
    if "open_on" in found:
        found["open_on"] = [day for day in found["open_on"] if day not in closed]
    return found


def _exceptions(chance: random.Random) -> Plain:
    found: Plain = {}
    if chance.random() < 0.5:
        found["open_on"] = _dates(chance, 12)
    if chance.random() < 0.5:
        begins = sorted(_dates(chance, 3))
        found["hours_between"] = [
            {
                "from": day,
                "to": min(day + timedelta(days=chance.randrange(40)), end - timedelta(days=1)),
                "hours": _week(chance),
            }
            for day, end in zip(begins, [*begins[1:], date(2030, 1, 1)], strict=True)
        ]
    return found


def _dates(chance: random.Random, count: int) -> list[date]:
    days = (LAST - FIRST).days + 1
    return [FIRST + timedelta(days=n) for n in chance.sample(range(days), count)]


def _week(chance: random.Random) -> Plain:
    week: Plain = {}
    for name in DAYS:
        edges = sorted(chance.sample(range(96), chance.choice([0, 2, 2, 2, 4, 6])))
        clocks = [f"{q // 4:02d}:{q % 4 * 15:02d}" for q in edges]
        pairs = zip(clocks[::2], clocks[1::2], strict=True)
        week[name] = [f"{a}-{b}" for a, b in pairs] or "closed"
    if chance.random() < 0.5:
        week["break"] = chance.choice(["closed", "open"])
    return week


def _quota(chance: random.Random) -> Plain:
    quota: Plain = {"day": chance.randint(3, 9), "hour": chance.randint(1, 4)}
    if chance.random() < 0.5:
        quota["before"] = {f"{chance.randrange(24):02d}:30": chance.randint(1, 5)}
    if chance.random() < 0.5:
        quota[chance.choice(DAYS)] = {"day": 2}
    return quota


# ── the reference ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Reference:
    """One service of a plain menu. ``agency``, ``service``: their places."""

    root: Plain
    agency: int
    service: int

    def __hash__(self) -> int:
        return id(self.root) + self.agency * 7 + self.service

    @property
    def scopes(self) -> tuple[Plain, Plain, Plain]:
        """Site, agency, service."""
        agency = self.root["agencies"][self.agency]
        return self.root, agency, agency["services"][self.service]

    def gives(self, moment: datetime) -> bool:
        """Whether numbers are given at a quarter of an hour (aware, site time)."""
        return (moment.hour * 60 + moment.minute) // 15 in self.quarters(moment.date())

    @lru_cache(maxsize=4096)  # noqa: B019  # a test's own value
    def quarters(self, day: date) -> frozenset[int]:
        """The quarters of ``day`` in which numbers are given."""
        site, agency, service = self.scopes
        for closure in site.get("closures", ()):
            mine = "agencies" not in closure or agency["code"] in closure["agencies"]
            if closure["date"] == day and mine:
                return frozenset()
        opened = any(day in scope.get("open_on", ()) for scope in self.scopes)
        if day in _holidays(str(site.get("holidays"))) and not opened:
            return frozenset()
        seasons = [
            (level, season["hours"])
            for level, scope in enumerate((site, agency, service))
            for season in scope.get("hours_between", ())
            if season["from"] <= day <= season["to"]
        ]
        own = max(level for level, scope in enumerate(self.scopes) if "hours" in scope)
        weeks = [self.scopes[own]["hours"]]
        if seasons:
            level, chosen = seasons[-1]
            weeks = [chosen, *weeks] if own > level else [chosen]
        minutes = set.intersection(*(_minutes(week, day) for week in weeks))
        if not minutes:
            return frozenset()
        runs: list[list[int]] = []
        for minute in sorted(minutes):
            if runs and minute == runs[-1][1]:
                runs[-1][1] += 1
            else:
                runs.append([minute, minute + 1])
        if all(week.get("break") != "closed" for week in weeks):
            runs = [[runs[0][0], runs[-1][1]]]
        runs[0][0] = max(0, runs[0][0] - site["tickets"]["open_minutes_before"])
        runs[-1][1] -= site["tickets"]["stop_minutes_before"]
        return frozenset(q for q in range(96) if any(begin <= q * 15 < end for begin, end in runs))

    def next_from(self, moment: datetime) -> datetime | None:
        """The first quarter at or after ``moment`` that gives numbers, by the wall clock."""
        for ahead in range(LOOKAHEAD_DAYS):
            day = moment.date() + timedelta(days=ahead)
            for quarter in sorted(self.quarters(day)):
                wall = datetime.combine(day, time(quarter // 4, quarter % 4 * 15))
                if wall >= moment.replace(tzinfo=None):
                    return wall
        return None

    def allows(self, moment: datetime, given: list[datetime]) -> bool:
        """Whether the quota allows one more after the moments of ``given`` (site time)."""
        service = self.scopes[2]
        quota = service["quota"] | service["quota"].get(DAYS[moment.weekday()], {})
        today = [g for g in given if g.date() == moment.date()]
        limits = [len(today) < quota["day"]]
        limits.append(len([g for g in today if g.hour == moment.hour]) < quota["hour"])
        for text, most in quota.get("before", {}).items():
            before = moment.time() < time.fromisoformat(text)
            limits.append(not before or len(today) < most)
        return all(limits)


@lru_cache
def _holidays(said: str) -> frozenset[date]:
    if said == "None":
        return frozenset()
    closures = holidays_of("ID").closures(joint_leave="'closed'" in said)
    return frozenset(closure.date for closure in closures)


def _minutes(week: Plain, day: date) -> set[int]:
    """The minutes of ``day`` at which counters are open."""
    found: set[int] = set()
    periods = week.get(DAYS[day.weekday()], "closed")
    for text in () if periods == "closed" else periods:
        (h1, m1), (h2, m2) = (map(int, clock.split(":")) for clock in text.split("-"))
        found |= set(range(h1 * 60 + m1, h2 * 60 + m2))
    return found


# ── the comparison ───────────────────────────────────────────────────────────────────────────────


def catalogue_of(root: Plain) -> Catalogue:
    """The program's reading of a plain menu, through its YAML."""
    text = yaml.safe_dump(root, sort_keys=False)
    checked = check_menu(text.encode(), "agencies.yaml")
    assert checked.catalogue is not None, [str(p) for p in checked.errors]
    return checked.catalogue


def references(root: Plain) -> Iterator[Reference]:
    """One for each service."""
    for i, agency in enumerate(root["agencies"]):
        for n in range(len(agency.get("services", ()))):
            yield Reference(root, i, n)


def moments_of(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Every quarter of an hour of ``day`` at the site, through UTC: 23 to 25 hours."""
    moment = datetime.combine(day, time.min, zone).astimezone(UTC)
    while (local := moment.astimezone(zone)).date() <= day:
        if local.date() == day:
            yield local
        moment += QUARTER


def shipped_menu() -> Plain:
    """The shipped menu as plain data: each weekday named, all texts of periods in lists."""
    root: Plain = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    root["closures"] = root.get("closures") or []
    services = [service for agency in root["agencies"] for service in agency.get("services", ())]
    for scope in (root, *root["agencies"], *services):
        for holder in (scope, *scope.get("hours_between", ())):
            if "hours" in holder:
                holder["hours"] = dict(_weekdays(holder["hours"]))
    return root


def _weekdays(hours: Plain) -> Iterator[tuple[str, Any]]:
    for key, periods in hours.items():
        first, _, last = key.partition("-")
        names = [key] if key == "break" else DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]
        for name in names:
            plain = key == "break" or periods == "closed" or isinstance(periods, list)
            yield name, periods if plain else [periods]


def compare(root: Plain, days: list[date]) -> int:
    """Compare program and reference at every quarter of an hour of ``days``; how many.

    Of services with the same hours only the first; by agency where a closure names agencies.
    """
    menu, compared = catalogue_of(root), 0
    zone = ZoneInfo(menu.site.timezone)
    seen = set()
    for reference in references(root):
        found = menu.service(reference.scopes[2]["code"])
        assert found is not None
        agency = found.agency.code if _names_agencies(root) else ""
        if (found.service.hours, agency) in seen:
            continue
        seen.add((found.service.hours, agency))
        for day in days:
            steady = _steady(day, zone)
            for moment in moments_of(day, zone):
                _compare_at(menu, found, reference, moment, steady=steady)
                compared += 1
    return compared


def _names_agencies(root: Plain) -> bool:
    return any("agencies" in closure for closure in root["closures"])


def _steady(day: date, zone: ZoneInfo) -> bool:
    """Whether the clock is set neither on ``day`` nor on the next."""
    noon = datetime.combine(day, time(12), zone)
    offsets = {(noon + timedelta(days=d)).utcoffset() for d in (-1, 0, 1, 2)}
    return len(offsets) == 1


def _compare_at(
    menu: Catalogue, found: Found, reference: Reference, moment: datetime, *, steady: bool
) -> None:
    hours, agency = found.service.hours, found.agency.code
    said = opening(hours, menu.window, menu.closed, agency, moment)
    gives = reference.gives(moment)
    assert said.open is gives, (moment, reference.scopes[2]["code"], said)
    if not steady:
        return
    if gives:
        assert said.until is not None
        before = said.until - QUARTER
        assert reference.gives(before), (moment, said)
        assert said.until.date() != moment.date() or not reference.gives(said.until), said
        return
    opens = None if said.opens is None else said.opens.replace(tzinfo=None)
    assert opens == reference.next_from(moment), (moment, said)


def compare_quota(root: Plain, day: date, chance: random.Random) -> int:
    """Compare which of the random visitors of ``day`` get a number by the quota; how many came."""
    menu, came = catalogue_of(root), 0
    zone = ZoneInfo(menu.site.timezone)
    for reference in references(root):
        found = menu.service(reference.scopes[2]["code"])
        assert found is not None
        given: list[datetime] = []
        for moment in moments_of(day, zone):
            for _ in range(chance.choice([0, 0, 1, 2])):
                came += 1
                left = room(limits_of(found.service, moment), partial(_count, given))
                assert left is not None
                allowed = reference.allows(moment, given)
                assert (left.left > 0) is allowed, (moment, given, left)
                if allowed:
                    given.append(moment)
                    continue
                _compare_again(menu, found, reference, left.limit.ends, given)
    return came


def _count(given: list[datetime], since: datetime | None) -> int:
    """How many were given from ``since`` on."""
    begin_s = 0.0 if since is None else since.timestamp()
    return len([one for one in given if one.timestamp() >= begin_s])


def _compare_again(
    menu: Catalogue, found: Found, reference: Reference, ends: datetime, given: list[datetime]
) -> None:
    """When a limit ends, the quota allows a number again; numbers are given from ``again`` on."""
    assert reference.allows(ends, given), ends
    zone = ZoneInfo(menu.site.timezone)
    if not _steady(ends.date(), zone):
        return
    again = again_after(menu, found.service, Limit(0, ends))
    assert (None if again is None else again.replace(tzinfo=None)) == reference.next_from(ends)
