"""The agencies file, as far as the server needs it: a reader of its own.

It takes codes, prefixes, hours, quotas, places and names, and refuses a file in which one of
them cannot be right. Everything else in the file is the kiosks' business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from queue_server.errors import CatalogueError
from queue_server.hours import Hours, Opening, Window, opening, read_hours
from queue_server.numbers import PREFIX

MOST_BYTES = 2 * 1024 * 1024
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Service:
    """One service; what it inherits from its agency and the site is filled in."""

    code: str
    name: Texts
    agency: str
    agency_name: Texts
    prefix: str
    hours: Hours
    floor: str = ""
    counters: tuple[str, ...] = ()
    quota: int | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class Menu:
    """The whole menu. ``etag`` names its bytes; ``closures`` are agency codes by day."""

    etag: str
    body: bytes = field(repr=False)
    name: Texts
    zone: ZoneInfo
    services: dict[str, Service]
    window: Window
    closures: dict[date, frozenset[str]]
    groups: frozenset[str]

    def opening(self, service: Service, now: datetime) -> Opening:
        """Whether numbers are given for ``service`` at ``now`` (aware)."""

        def closed(day: date) -> bool:
            agencies = self.closures.get(day)
            return agencies is not None and (not agencies or service.agency in agencies)

        return opening(service.hours, self.window, closed, now.astimezone(self.zone))

    def next_opening(self, service: Service, now: datetime) -> datetime | None:
        """When numbers are given again on a later day than ``now``'s; None if unknown."""
        local = now.astimezone(self.zone)
        tomorrow = datetime.combine(local.date() + timedelta(days=1), time.min, self.zone)
        found = self.opening(service, tomorrow)
        return tomorrow if found.open else found.until

    def at_counter(self, counter: str) -> tuple[str, ...]:
        """The codes of the services that are served at a counter."""
        return tuple(code for code, s in self.services.items() if counter in s.counters)

    def counters(self) -> frozenset[str]:
        """Every counter that the menu names."""
        return frozenset(counter for s in self.services.values() for counter in s.counters)

    def prefixes(self) -> frozenset[str]:
        """Every prefix in use."""
        return frozenset(s.prefix for s in self.services.values())


_SafeLoader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
MOST_ALIASES = 100
MOST_DEPTH = 20


class _Loader(_SafeLoader):  # type: ignore[misc]
    """The safe loader; a key may not stand twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name in seen:
                line = key.start_mark.line + 1
                raise CatalogueError(f"line {line}: {name!r:.60} stands twice")
            seen.add(name)
        return super().construct_mapping(node, deep)


def read_menu(body: bytes, etag: str) -> Menu:
    """The menu of an agencies file; CatalogueError says in one line what is wrong."""
    if len(body) > MOST_BYTES:
        raise CatalogueError(f"larger than {MOST_BYTES} bytes")
    try:
        _check_shape(body)
        root = yaml.load(body, Loader=_Loader)  # noqa: S506  # a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise CatalogueError(f"{where}{getattr(error, 'problem', None) or 'not YAML'}") from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise CatalogueError(f"not YAML: {error}"[:200]) from error
    return _Reader(etag, body).menu(root)


def _check_shape(body: bytes) -> None:
    """CatalogueError for aliases that could blow the file up, and for great depth."""
    aliases = depth = 0
    for event in yaml.parse(body, Loader=_SafeLoader):
        aliases += isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if aliases > MOST_ALIASES or depth > MOST_DEPTH:
            raise CatalogueError("too many aliases, or lists within lists")


class _Reader:
    """Reads one file; every error names the thing."""

    def __init__(self, etag: str, body: bytes) -> None:
        self._etag = etag
        self._body = body

    def menu(self, root: Any) -> Menu:
        root = _table(root, "the file")
        if root.get("version") != 1:
            raise CatalogueError("version must be 1")
        site = _table(root.get("site"), "site")
        services: dict[str, Service] = {}
        owners: dict[str, str] = {}
        agencies = _list(root.get("agencies"), "agencies")
        for agency in agencies:
            self._agency(_table(agency, "agency"), root.get("hours"), services, owners)
        if len({_code(a.get("code"), "agency") for a in agencies}) != len(agencies):
            raise CatalogueError("two agencies have the same code")
        tickets = _table(root.get("tickets") or {}, "tickets")
        priority = _table(root.get("priority") or {}, "priority")
        groups = [_table(g, "group") for g in _list(priority.get("groups") or [], "groups")]
        return Menu(
            etag=self._etag,
            body=self._body,
            name=_texts(site.get("name"), "site > name"),
            zone=_zone(site.get("timezone")),
            services=services,
            window=Window(
                _whole(tickets.get("open_minutes_before", 0), "open_minutes_before", 0, 600),
                _whole(tickets.get("stop_minutes_before", 0), "stop_minutes_before", 0, 600),
            ),
            closures=_closures(_list(root.get("closures") or [], "closures")),
            groups=frozenset(_code(g.get("code"), "group") for g in groups),
        )

    def _agency(
        self, agency: Any, hours: Any, services: dict[str, Service], owners: dict[str, str]
    ) -> None:
        code = _code(agency.get("code"), "agency")
        what = f"agency '{code}'"
        prefix = _prefix(agency.get("prefix"), what)
        name = _texts(agency.get("name") or agency.get("short"), f"{what} > name")
        for one in _list(agency.get("services") or [], f"{what} > services"):
            service = _table(one, f"{what} > service")
            own = _code(service.get("code"), f"{what} > service")
            where = f"{what} > service '{own}'"
            if own in services:
                raise CatalogueError(f"{where}: the code stands twice")
            used = _prefix(service.get("prefix", prefix), where)
            if owners.setdefault(used, code) != code:
                raise CatalogueError(f"{where}: prefix {used} belongs to '{owners[used]}'")
            quota, minutes = service.get("quota"), service.get("minutes")
            services[own] = Service(
                code=own,
                name=_texts(service.get("name"), f"{where} > name"),
                agency=code,
                agency_name=name,
                prefix=used,
                hours=_hours(service.get("hours") or agency.get("hours") or hours, where),
                floor=_label(service.get("floor", agency.get("floor", "")), where),
                counters=_counters(service.get("counters", agency.get("counters")), where),
                quota=None if quota is None else _whole(quota, f"{where} > quota", 1, 9999),
                minutes=None if minutes is None else _whole(minutes, f"{where} > minutes", 1, 600),
            )


def _table(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CatalogueError(f"{what} must be named values")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > 1000:
        raise CatalogueError(f"{what} must be a list")
    return value


def _code(value: Any, what: str) -> str:
    if not isinstance(value, str) or len(value) > 64 or not CODE.fullmatch(value):
        raise CatalogueError(f"{what}: not a code: {value!r:.80}")
    return value


def _prefix(value: Any, what: str) -> str:
    if not isinstance(value, str) or not PREFIX.fullmatch(value):
        raise CatalogueError(f"{what}: a prefix is 1 to 3 capital letters, not {value!r:.40}")
    return value


def _texts(value: Any, what: str) -> Texts:
    if isinstance(value, str) and value.strip():
        return {"": value}
    if isinstance(value, dict) and value:
        return {str(language): str(text) for language, text in value.items()}
    raise CatalogueError(f"{what} is missing")


def _label(value: Any, what: str) -> str:
    label = "" if value is None else str(value)
    if len(label) > 20:
        raise CatalogueError(f"{what}: longer than 20 characters: {label[:40]!r}")
    return label


def _counters(value: Any, what: str) -> tuple[str, ...]:
    listed = [] if value is None else value if isinstance(value, list) else [value]
    return tuple(_label(one, what) for one in listed)


def _whole(value: Any, what: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise CatalogueError(f"{what} must be a whole number from {low} to {high}")
    return value


def _hours(value: Any, what: str) -> Hours:
    if value is None:
        raise CatalogueError(f"{what} has no hours, nor has its agency or the site")
    try:
        return read_hours(value)
    except ValueError as error:
        raise CatalogueError(f"{what} > hours: {error}") from error


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise CatalogueError(f"site > timezone: no such zone: {value!r:.60}") from error


def _closures(listed: list[Any]) -> dict[date, frozenset[str]]:
    """Agency codes by day; an empty set is the whole site."""
    days: dict[date, frozenset[str]] = {}
    for one in listed:
        closure = _table(one, "closure")
        day, agencies = closure.get("date"), closure.get("agencies") or []
        if isinstance(day, str):
            try:
                day = date.fromisoformat(day)
            except ValueError:
                day = None
        if not isinstance(day, date) or isinstance(day, datetime):
            raise CatalogueError(f"closure: not a date: {closure.get('date')!r:.40}")
        codes = frozenset(map(str, agencies if isinstance(agencies, list) else [agencies]))
        if day in days:
            codes = codes | days[day] if codes and days[day] else frozenset()
        days[day] = codes
    return days


def in_language(texts: Texts, language: str) -> str:
    """A text in ``language``, else in the first one there is."""
    return texts.get(language) or next(iter(texts.values()))
