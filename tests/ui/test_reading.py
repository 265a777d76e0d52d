"""The list of what can be read and reached: every touch target of every screen, in order.

Each state in each mode is drawn upright and lying at one of the two diagonals: an order depends on
the way up more than on the size. ``script/test --all`` draws it at both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.config import Settings
from kiosk.domain.events import (
    AgencyChosen,
    ConfirmTapped,
    DetailsPrintTapped,
    OfferTaken,
    RetryTapped,
    ServiceChosen,
    VoidConfirmed,
)
from kiosk.domain.visit_screens import (
    Agencies,
    Services,
)
from kiosk.preview.cast import PreviewState
from kiosk.preview.states import states
from kiosk.preview.studio import MODES, SIZES, Studio, settle
from kiosk.settings.loader import load_settings
from kiosk.widgets.reading import Reading, ReadItem
from tests.samples import is_share, pairs
from tests.ui import screen_measures as measures

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]
LANGUAGES = load_settings(ROOT / "config", ROOT / "assets").catalogue.site.languages
GIVES = (
    *(ServiceChosen, ConfirmTapped, RetryTapped, OfferTaken, VoidConfirmed, DetailsPrintTapped),
)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


@pytest.fixture(scope="module", params=SIZES)
def studio(request: Any, settings: Settings, window: Any) -> Studio:
    return Studio(settings, SIZES[request.param])


def draw(studio: Studio, state: PreviewState) -> Any:
    studio.root_view.show(state.visit, state.snapshot, staff=state.staff)
    settle()
    return studio.root_view


@pytest.mark.parametrize(("studio", "language"), pairs(SIZES, LANGUAGES), indirect=["studio"])
def test_the_list_holds_every_touch_target_once_in_reading_order(
    studio: Studio, settings: Settings, language: str
) -> None:
    wrong: list[str] = []
    place = int(studio.root_view.look.metrics.diagonal_inch > 20)
    for mode in studio.modes:
        for state in states(settings, language, MODES[mode]):
            if not is_share(f"{mode} {state.name}", place, 2):
                continue
            root_view = draw(studio, state)
            reading = root_view.reading()
            found = [*_lacking(root_view, reading), *_disordered(reading), *_silent(reading)]
            wrong += [f"{mode} {state.name}: {what}" for what in found]
    assert not wrong, "\n".join(wrong[:20])


def _lacking(root_view: Any, reading: Reading) -> Iterator[str]:
    """Targets that are not in the list, and what else is wrong with its number of items."""
    there = {t.uid: t for t in measures.targets(root_view) if t.event is not None}
    listed = [t for item in reading.items for t in (item.target, *item.same)]
    ids = {t.uid for t in listed}
    yield from (f"not listed: {measures.box(t).name}" for i, t in there.items() if i not in ids)
    yield from (f"too much: {measures.box(t).name}" for t in listed if t.uid not in there)
    if len(ids) < len(listed):
        yield "a target is listed twice"


def _disordered(reading: Reading) -> Iterator[str]:
    """Items that come after one which a person reads later."""
    boxes = [(measures.box(item.target), item) for item in reading.items]
    for (one, first), (two, second) in combinations(boxes, 2):
        if _before(two, one) and not _inside(second, first):
            yield f"{two.name} after {one.name}"


def _silent(reading: Reading) -> Iterator[str]:
    """A screen without a title, and items and notes without words."""
    if not reading.title:
        yield "no title"
    yield from ("an item without words" for item in reading.items if not item.words.strip())
    yield from ("an empty note" for note in reading.notes if not note.strip())
    if not 0 <= reading.start < max(1, len(reading.items)):
        yield f"begins at {reading.start} of {len(reading.items)}"


def _before(one: measures.Area, two: measures.Area) -> bool:
    """Whether a person who reads comes to ``one`` first: it is above, or left in the same row,
    and in neither case to the right."""
    slack = 2.0
    above = one.y >= two.y + two.h - slack
    same_row = not above and one.y + one.h / 2 > two.y and two.y + two.h / 2 > one.y
    left = one.x + one.w <= two.x + slack
    return (above and one.x <= two.x + slack) or (same_row and left)


def _inside(item: ReadItem, row: ReadItem) -> bool:
    return item.target.parent is row.target


def test_an_item_says_whether_it_gives_or_prints_or_takes_a_number(
    settings: Settings, window: Any
) -> None:
    seen: set[type] = set()
    for place, size in enumerate(SIZES):
        studio = Studio(settings, SIZES[size])
        for state in states(settings, "id"):
            if not is_share(state.name, place, len(SIZES)):
                continue
            for item in draw(studio, state).reading().items:
                assert item.final is isinstance(item.event, GIVES), (state.name, item.words)
                seen.add(type(item.event))
    assert set(GIVES) <= seen


def test_agencies_are_counted_over_all_pages(studio: Studio, settings: Settings) -> None:
    count = len(settings.catalogue.agencies)
    state = next(s for s in states(settings, "id") if s.name == "agencies-open")
    found: list[tuple[int, str]] = []
    page = 0
    while len(found) < count:
        visit = replace(state.visit, screen=Agencies(page=page))
        for item in draw(studio, replace(state, visit=visit)).reading().items:
            if isinstance(item.event, AgencyChosen) and item.place is not None:
                assert item.place[1] == count
                found.append((item.place[0], item.event.code))
        page += 1
    assert [place for place, _ in found] == list(range(1, count + 1))
    assert {code for _, code in found} == {a.code for a in settings.catalogue.agencies}


def test_the_number_is_read_with_its_place_and_its_slip(studio: Studio, settings: Settings) -> None:
    known = {s.name: s for s in states(settings, "id")}
    notes = draw(studio, known["number-ahead"]).reading().notes
    text = " ".join(notes)
    for part in ("DK-027", "12 orang", "40", "Loket", "Lantai", "di bawah layar"):
        assert part in text, (part, notes)


def test_what_to_bring_is_read(studio: Studio, settings: Settings) -> None:
    known = {s.name: s for s in states(settings, "id")}
    state = next(s for n, s in known.items() if n.startswith("details"))
    root_view = draw(studio, state)
    screen = state.visit.screen
    assert isinstance(screen, Services)
    assert screen.details is not None
    found = settings.catalogue.service(screen.details)
    assert found is not None
    notes = root_view.reading().notes
    assert found.service.requirements
    assert all(r.in_("id") in notes for r in found.service.requirements[:12])
