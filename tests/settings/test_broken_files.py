"""Files broken by seeded mutation: each mistake is named on its line, and nothing else is.

``benchmarks/broken_files.py`` does the same with 500 files and prints a table by kind.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from menu.agencies import check_menu
from tests.settings.broken_files import Broken, BrokenTwice, broken_files, broken_twice
from tests.settings.folder import CONFIG, Folder

ONCE = list(broken_files(60))
TWICE = list(broken_twice(24)) + list(broken_twice(6, mistakes=4))
MENU = (CONFIG / "agencies.yaml").read_text("utf-8")
MORE = {"id": "mungkin ada kesalahan lain sesudah baris ini", "en": "there may be more mistakes"}


def _lines(folder: Folder, broken: Broken | BrokenTwice, lang: str) -> list[int]:
    """The lines of all errors and warnings of the broken file, but for logos that are not here."""
    folder.write(broken.name, broken.text)
    problems = [p for p in folder.check(lang).problems if p.file.endswith(broken.name)]
    return [p.line for p in problems if not (p.warning and "logo" in p.text)]


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("broken", ONCE, ids=lambda broken: broken.kind)
def test_a_mistake_is_named_on_its_line_and_nothing_else_is(
    folder: Folder, broken: Broken, lang: str
) -> None:
    lines = _lines(folder, broken, lang)
    assert lines
    assert set(lines) <= broken.lines


@pytest.mark.parametrize(
    "broken", TWICE, ids=lambda broken: ", ".join(kind for kind, _ in broken.mistakes)
)
def test_all_mistakes_of_a_file_are_named_at_once(folder: Folder, broken: BrokenTwice) -> None:
    lines = set(_lines(folder, broken, "id"))
    assert all(lines & right for _, right in broken.mistakes)
    assert lines <= set().union(*(right for _, right in broken.mistakes))


def test_the_corpus_is_the_same_at_each_run_and_has_every_file() -> None:
    assert list(broken_files(60)) == ONCE
    assert {broken.name for broken in ONCE} == {"agencies.yaml", "kiosk.yaml", "ticket.yaml"}
    assert len({broken.kind for broken in ONCE}) > 35


# A change of the shipped menu, and all that staff read about it.
SAID: dict[str, tuple[Callable[[str], str], str]] = {
    "an equals sign": (
        lambda text: text.replace("  open_minutes_before: 30", "  open_minutes_before = 30"),
        "45:23: '=' is not a colon; write 'open_minutes_before: ...'",
    ),
    "a fullwidth colon": (
        lambda text: text.replace("  zone: WITA", "  zone：WITA"),
        "26:7: the colon ： is not the usual one; write ':' and a space",
    ),
    "no blank after a colon": (
        lambda text: text.replace("  zone: WITA", "  zone:WITA"),
        "26:7: a space is needed after this character",
    ),
    "a non-breaking space": (
        lambda text: text.replace("  zone: WITA", "  zone:\u00a0WITA"),
        "26:8: there is a space that is not the usual one (U+00A0); delete it and press the "
        "space bar",
    ),
    "curly quotes": (
        lambda text: text.replace('fri: "08:15-11:00"', "fri: “08:15-11:00”"),
        "41:8: the quote “ is not a straight one; write \" or '",
    ),
    "a quote that is not closed": (
        lambda text: text.replace('fri: "08:15-11:00"', 'fri: "08:15-11:00'),
        "41:8: the quote opened here is never closed",
    ),
    "one blank too many": (
        lambda text: text.replace("  timezone: Asia", "   timezone: Asia"),
        "25:4: the indentation differs from the other lines of this part",
    ),
    "a line end that no editor shows": (
        lambda text: text.replace("# Cara mengubah:", "# Cara\u0085mengubah:"),
        "9:7: there is an invisible character (U+0085); delete it",
    ),
    "a key at the left edge, below the part that it left empty": (
        lambda text: text.replace("  groups:", "groups:"),
        "68:1: the indentation differs from the other lines of this part",
    ),
    "an en dash for a dash": (
        lambda text: text.replace("    - [akta, akte]", "    – [akta, akte]"),
        "95:5: '–' is not the usual '-'; write '-' and a space",
    ),
    "an item without its dash": (
        lambda text: text.replace("      - code: kia ", "        code: kia "),
        "268:9: agency 'disdukcapil' > service 'akta-kematian': 'code' begins a new item; the '-' "
        "in front of it is missing",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_the_mistake_is_named_in_words(case: str) -> None:
    change, seen = SAID[case]
    broken = change(MENU)
    assert broken != MENU
    checked = check_menu(broken.encode(), "f", "en")
    assert [str(p).removeprefix("f:").split("; did you")[0] for p in checked.problems] == [seen]
    assert checked.catalogue is None


def test_a_name_that_begins_with_a_quotation_is_a_name() -> None:
    menu = MENU.replace("{id: Badan Narkotika", "{id: “Bersinar” Badan Narkotika")
    assert menu != MENU
    checked = check_menu(menu.encode(), "f", "en")
    assert checked.catalogue is not None, [str(p) for p in checked.problems]
    names = [agency.name.in_("id") for agency in checked.catalogue.agencies]
    assert "“Bersinar” Badan Narkotika Nasional Kota Balikpapan" in names


@pytest.mark.parametrize("lang", ["id", "en"])
def test_where_not_all_can_be_read_the_last_message_says_that_more_may_follow(lang: str) -> None:
    """An agency of which nearly each line is broken is left out; the rest is still read."""
    broken = "  - code: a\n" + '    name: "A\n' * 60
    text = MENU.replace("  - code: bnn\n", f"{broken}  - code: bnn\n")
    text = text.replace("prefix: DK", "prefix: dk")
    errors = check_menu(text.encode(), "f", lang).errors
    first = text[: text.index(broken)].count("\n") + 1
    assert errors[0].line == 172
    assert all(first <= p.line <= first + 61 for p in errors[1:])
    assert sum(MORE[lang] in p.text for p in errors) == 1
    assert MORE[lang] in errors[-1].text


def test_a_mistake_of_syntax_hides_no_wrong_value_and_no_unknown_reference() -> None:
    text = MENU.replace("  zone: WITA", "  zone=WITA").replace("prefix: DK", "prefix: dk")
    text = text.replace("{service: skck,", "{service: skkc,")
    lines = [p.line for p in check_menu(text.encode(), "f").problems]
    assert lines == [26, MENU[: MENU.index("{service: skck")].count("\n") + 1, 172]


def test_what_is_below_a_misspelt_key_is_checked_as_what_was_meant() -> None:
    text = MENU.replace("priority:\n  groups:", "priority:\n  grups:")
    text = text.replace("code: elderly,", "code: 'l ansia',")
    assert [p.line for p in check_menu(text.encode(), "f").problems] == [68, 69]


def test_what_a_cut_off_file_lacks_is_not_reported_where_it_is_named() -> None:
    licence = MENU.index("name: {id: ", MENU.index("code: sim-perpanjangan"))
    for end in (MENU.index("  - code: imigrasi") + 12, licence + 14):
        half = MENU[:end]
        last = half.count("\n") + 1
        assert {p.line for p in check_menu(half.encode(), "f").problems} == {last}


def test_a_broken_menu_of_200_agencies_is_read_in_bounded_work() -> None:
    """Processor time, far above the half second that it takes: a search without a bound fails."""
    items = "".join(
        f"  - code: a{i}\n    prefix: {chr(65 + i // 26)}{chr(65 + i % 26)}\n    name: A {i}\n"
        "    services:\n" + "".join(f"      - {{code: s{i}-{j}, name: S}}\n" for j in range(50))
        for i in range(200)
    )
    text = "version: 1\nsite: {name: M, timezone: Asia/Makassar}\nhours: {mon: '08:00-14:00'}\n"
    text += "agencies:\n" + items
    broken = text.replace("    prefix: DW", "prefix: DW").replace("code: s7-3,", 'code: "s7-3,')
    began = time.process_time()
    lines = [p.line for p in check_menu(broken.encode(), "f").problems]
    assert time.process_time() - began < 20
    places = ("code: s7-3,", "    prefix: DW")
    assert lines == [text[: text.index(place)].count("\n") + 1 for place in places]
