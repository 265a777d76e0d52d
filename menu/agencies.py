"""Read ``agencies.yaml``: from the bytes of the file to a ``Catalogue``, or to every problem in it.

Kiosk and queue server both use ``check_menu``.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from menu import schema, source
from menu.catalogue import (
    NO_STANDARD,
    Agency,
    Catalogue,
    InformationDesk,
    Need,
    Place,
    PriorityGroup,
    Service,
    ServiceStandard,
    Site,
)
from menu.check import Checker
from menu.consistency import MenuCheck
from menu.holidays import holidays_of
from menu.known_names import KnownNames, known_names
from menu.local_text import LocalText
from menu.messages import say
from menu.problems import START, FileProblem, Report
from menu.reading import MISSING, Read
from menu.rules import ZONE_NAMES
from menu.schedule import Closure, Season, TicketWindow, Week, WeeklyHours
from menu.source import Node, Scalar, Sequence
from menu.text_file import decode

AGENCIES_FILE = "agencies.yaml"
DEFAULT_ICON = "office-building-outline"
GROUP_ICONS = MappingProxyType(
    {
        "elderly": "human-cane",
        "disability": "wheelchair-accessibility",
        "pregnant": "human-pregnant",
        "nursing": "mother-nurse",
        "child": "human-male-child",
        "disaster": "home-flood",
    }
)
"""The icons of priority groups with these codes, where the menu names none."""
DEFAULT_LANGUAGES = ("id", "en")
NO_HOURS = WeeklyHours(((),) * 7)

_NONE = Read(START, None)


@dataclass(frozen=True, slots=True)
class CheckedMenu:
    """The result of a check of ``agencies.yaml``.

    ``catalogue`` is None when a problem is an error. ``languages``: the site's, also where
    another part is wrong. ``problems``: errors and warnings, from top to bottom. ``words``: the
    words of screens and slips that the file replaces, by key.
    """

    catalogue: Catalogue | None
    languages: tuple[str, ...]
    problems: tuple[FileProblem, ...]
    words: Mapping[str, LocalText] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def errors(self) -> tuple[FileProblem, ...]:
        """The problems that prevent the use of the menu."""
        return tuple(p for p in self.problems if not p.warning)


def check_menu(body: bytes, file: str, lang: str = "id") -> CheckedMenu:
    """Read and check the bytes of an agencies file.

    ``file`` is the name that the problems begin with, ``lang`` their language (``id``, ``en``).
    """
    report = Report(file, lang)
    text = decode(body, report)
    with no_collector():
        return check_text(text, report)


def check_text(text: str | None, report: Report) -> CheckedMenu:
    """As ``check_menu``, of a file's text; None where reading it failed, as ``report`` says."""
    tree = None if text is None else source.parse(text, report)
    names = known_names()
    languages = _site_languages(tree, names)
    root: Read | None = None
    if tree is not None:
        read = Checker(report, names.of_site(languages)).table(schema.AGENCIES, tree, None)
        root = None if read is MISSING else read
    if root is not None:
        MenuCheck(report).check(root)
    problems = tuple(report)
    if root is None or report.failed:
        return CheckedMenu(None, languages, problems)
    catalogue = build_catalogue(root, languages)
    return CheckedMenu(catalogue, catalogue.site.languages, problems, root.get("words", {}))


@dataclass(frozen=True, slots=True)
class Summary:
    """The size of a menu, ``27 agencies, 80 services``, in each language."""

    agencies: int
    services: int

    def in_(self, language: str) -> str:
        """The summary in ``language``."""
        agencies = say(language, "summary.agencies", n=self.agencies)
        services = say(language, "summary.services", n=self.services)
        return f"{agencies}, {services}"

    def __str__(self) -> str:
        return self.in_("en")


def describe(catalogue: Catalogue) -> Summary:
    """The summary of a menu."""
    services = sum(len(a.services) for a in catalogue.agencies)
    return Summary(len(catalogue.agencies), services)


@contextmanager
def no_collector() -> Iterator[None]:
    """Switch the garbage collector off: a large menu is many values and no reference cycle."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _site_languages(menu: Node | None, names: KnownNames) -> tuple[str, ...]:
    """The site's languages as written, before they are checked: reading texts needs them."""
    node: Node | None = menu
    for name in ("site", "languages"):
        pair = node.items.get(name) if isinstance(node, source.Mapping) else None
        node = None if pair is None else pair[1]
    items: list[Node] = node.items if isinstance(node, Sequence) else [node] if node else []
    said = [item.value for item in items if isinstance(item, Scalar)]
    return tuple(filter(names.may_offer, said or DEFAULT_LANGUAGES)) or names.languages[:1]


def build_catalogue(root: Read, languages: tuple[str, ...]) -> Catalogue:
    """The catalogue of a file without errors; ``languages`` where the site names none."""
    tickets: Read = root.get("tickets") or _NONE
    priority: Read = root.get("priority") or _NONE
    search: Read = root.get("search") or _NONE
    holidays: Read = root.get("holidays") or _NONE
    country: str = holidays.get("country", "")
    hours, standard = _year(root, NO_HOURS), _standard(root, NO_STANDARD)
    return Catalogue(
        site=_build_site(root.get("site"), languages),
        agencies=tuple(_build_agency(a, hours, standard) for a in root.get("agencies")),
        window=TicketWindow(
            tickets.get("open_minutes_before", 0), tickets.get("stop_minutes_before", 0)
        ),
        closures=tuple(
            Closure(c.get("date"), c.get("reason"), tuple(c.get("agencies", ())))
            for c in root.get("closures", [])
        )
        + _listed(country, joint_leave=holidays.get("joint_leave", "closed") == "closed"),
        priority_groups=tuple(_build_group(g) for g in priority.get("groups", [])),
        confirm_above=tickets.get("confirm_above", None),
        needs=tuple(Need(n.get("service"), n.get("words")) for n in search.get("needs", [])),
        synonyms=tuple(tuple(group) for group in search.get("synonyms", [])),
        country=country,
        valid_from=root.get("valid_from"),
        last_by_closing=tickets.get("last_by_closing", False),
    )


def _listed(country: str, *, joint_leave: bool) -> tuple[Closure, ...]:
    return holidays_of(country).closures(joint_leave=joint_leave) if country else ()


def _year(scope: Read, outer: WeeklyHours) -> WeeklyHours:
    """The hours of the site, an agency or a service with its exceptions, inside ``outer``."""
    seasons = tuple(
        Season(s.get("from"), s.get("to"), _week(s.get("hours")), s.get("reason"))
        for s in scope.get("hours_between", ())
    )
    open_on = frozenset(scope.get("open_on", ()))
    own: WeeklyHours | None = scope.get("hours")
    hours = outer.within(own)
    if not seasons and not open_on:
        return hours
    return replace(hours, seasons=seasons + hours.seasons, open_on=hours.open_on | open_on)


def _week(hours: WeeklyHours) -> Week:
    return Week(hours.days, hours.break_closed)


def _build_group(group: Read) -> PriorityGroup:
    code, name = group.get("code"), group.get("name")
    icon = group.get("icon") or GROUP_ICONS.get(code)
    return PriorityGroup(code, name, icon) if icon else PriorityGroup(code, name)


def _build_desk(desk: Read | None) -> InformationDesk | None:
    return None if desk is None else InformationDesk(desk.get("where"), desk.get("phone", ""))


def _build_site(site: Read, languages: tuple[str, ...]) -> Site:
    timezone = site.get("timezone")
    return Site(
        name=site.get("name"),
        timezone=timezone,
        languages=tuple(site.get("languages", languages)),
        address=site.get("address", LocalText.same("")),
        public_url=site.get("public_url", ""),
        survey_url=site.get("survey_url", ""),
        complaint_url=site.get("complaint_url", ""),
        desk=_build_desk(site.get("desk")),
        zone=site.get("zone", ZONE_NAMES.get(timezone, "")),
    )


def _standard(scope: Read, outer: ServiceStandard) -> ServiceStandard:
    """The standard that the site, an agency or a service states; ``outer`` has the other parts."""
    written: Read | None = scope.get("standard")
    if written is None:
        return outer
    parts = written.values()
    if "procedure" in parts:
        parts["procedure"] = tuple(parts["procedure"])
    return replace(outer, **parts)


def _build_agency(agency: Read, site_hours: WeeklyHours, site_standard: ServiceStandard) -> Agency:
    place = Place(agency.get("floor", ""), tuple(agency.get("counters", ())))
    hours, standard = _year(agency, site_hours), _standard(agency, site_standard)
    prefix: str = agency.get("prefix")
    name = agency.get("name") or agency.get("short")
    return Agency(
        code=agency.get("code"),
        prefix=prefix,
        name=name,
        short=agency.get("short") or name,
        hint=agency.get("hint", LocalText.same("")),
        icon=agency.get("icon", DEFAULT_ICON),
        place=place,
        hours=hours,
        services=tuple(
            _build_service(s, prefix, place, hours, standard) for s in agency.get("services", [])
        ),
        popular=agency.get("popular"),
        survey_url=agency.get("survey_url", ""),
    )


def _build_service(
    service: Read, prefix: str, place: Place, hours: WeeklyHours, standard: ServiceStandard
) -> Service:
    floor: str = service.get("floor", place.floor)
    counters = service.get("counters")
    return Service(
        code=service.get("code"),
        name=service.get("name"),
        prefix=service.get("prefix", prefix),
        place=Place(floor, place.counters if counters is None else tuple(counters)),
        hours=_year(service, hours),
        keywords=tuple(service.get("keywords", ())),
        synonyms=tuple(service.get("synonyms", ())),
        requirements=tuple(service.get("requirements", ())),
        standard=_standard(service, standard),
        quota=service.get("quota"),
        minutes=service.get("minutes"),
    )
