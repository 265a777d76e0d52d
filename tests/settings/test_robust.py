"""Whatever the bytes are: settings, or a SettingsError whose lines name a place."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.errors import SettingsError
from kiosk.settings import load_settings
from kiosk.settings.schema import KIOSK, TICKET
from menu import schema
from menu.hours import Wrong, day_names, read_days, read_periods, show
from menu.schedule import Period
from tests.settings.folder import AGENCIES, ASSETS, CONFIG, Folder

NAMES = ["agencies.yaml", "kiosk.yaml", "ticket.yaml"]
PLACE = re.compile(r"[^\n]+:[1-9][0-9]*:[1-9][0-9]*: [^\n]+")
many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

KEYS = st.sampled_from(
    [
        *(name for table in (schema.AGENCIES, KIOSK, TICKET) for name in table.by_name),
        *("name", "timezone", "languages", "id", "en", "mon", "fri", "break", "date", "reason"),
        *("code", "prefix", "short", "icon", "counters", "popular", "services", "requirements"),
        *("quota", "groups", "word.queue", "text", "number", "height", "logo", "qr", "url"),
        *("resolution_px", "connection", "paper_mm", "token_file", "idle_s", "token", "<<"),
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.text(max_size=20),
    st.sampled_from(["A", "djp", "08:15-14:00", "{site}", "virtual", "network:a:1", "10:15", "id"]),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(), inner, max_size=6)
    ),
    max_leaves=25,
)


def _load(folder: Folder) -> None:
    """Loads; SettingsError is the only error there may be, and each line names a place."""
    problems: tuple[str, ...] = ("",)
    try:
        load_settings(folder.path, ASSETS)
    except SettingsError as error:
        problems = error.problems
    assert problems
    assert problems == ("",) or all(PLACE.fullmatch(line) for line in problems), problems


@many
@given(name=st.sampled_from(NAMES), data=st.binary(max_size=300))
def test_any_bytes(folder: Folder, name: str, data: bytes) -> None:
    folder.write(name, data)
    _load(folder)


@many
@given(
    name=st.sampled_from(NAMES),
    text=st.text(alphabet="ab:- \n\t{}[]\"'*&!|>#%@`,?\\1.", max_size=60),
)
def test_any_text_that_looks_like_yaml(folder: Folder, name: str, text: str) -> None:
    folder.write(name, text)
    _load(folder)


@many
@given(name=st.sampled_from(NAMES), tree=st.dictionaries(KEYS, TREES, max_size=8))
def test_any_tree(folder: Folder, name: str, tree: dict[str, Any]) -> None:
    folder.write(name, yaml.safe_dump({"version": 1, **tree}, allow_unicode=True))
    _load(folder)


@many
@given(where=st.integers(0, 400), what=st.text(max_size=5), much=st.integers(0, 5))
def test_a_good_file_with_one_thing_changed(
    folder: Folder, where: int, what: str, much: int
) -> None:
    at = where % len(AGENCIES)
    folder.write(
        "agencies.yaml", (AGENCIES[:at] + what + AGENCIES[at + much :]).encode("utf-8", "replace")
    )
    _load(folder)


@many
@given(cut=st.integers(0, 40_000))
def test_the_real_menu_cut_off_anywhere(folder: Folder, cut: int) -> None:
    folder.write("agencies.yaml", (CONFIG / "agencies.yaml").read_bytes()[:cut])
    _load(folder)


times = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(times, times)
def test_a_period_reads_back_as_it_is_shown(one: Any, other: Any) -> None:
    start, end = sorted((one, other))
    read = read_periods(f"{start:%H:%M}-{end:%H:%M}")
    if start == end:
        assert isinstance(read, Wrong)
    else:
        assert read == (Period(start, end),)
        assert read_periods(show(Period(start, end)).replace(":", ".")) == read


@given(st.integers(0, 6), st.integers(0, 6))
def test_a_range_of_days_runs_from_its_first_to_its_last(first: int, last: int) -> None:
    for language in (0, 1):
        days = read_days(f"{day_names(first)[language]}-{day_names(last)[language]}")
        assert isinstance(days, tuple)
        assert (days[0], days[-1]) == (first, last)
        assert all((b - a) % 7 == 1 for a, b in pairwise(days))


@given(st.text())
def test_days_and_times_never_raise(text: str) -> None:
    assert isinstance(read_days(text), tuple | Wrong)
    assert isinstance(read_periods(text), tuple | Wrong)
