"""The contents of the slip, in one language and in two."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.compose import SlipFacts, compose, logo_names, waiting_time
from kiosk.domain.config import (
    Block,
    BlockKind,
    SlipTemplate,
)
from kiosk.domain.slip import (
    BadgeLine,
    BarLine,
    LogoLine,
    NumberLine,
    QrLine,
    SideBySide,
    Slip,
    SlipLine,
    TextLine,
)
from kiosk.domain.ticket import Ticket
from kiosk.settings.assets import ASSETS
from kiosk.settings.locale import load_words
from menu.catalogue import Found, Place
from menu.local_text import LocalText
from tests.domain.menus import MENU, at

WORDS = load_words(ASSETS, ("id", "en"), {})
FULL = SlipTemplate(
    tuple(
        Block(
            kind, LocalText.same("{site}\n{agency}\n{service}") if kind is BlockKind.TEXT else None
        )
        for kind in BlockKind
        if kind is not BlockKind.LOGO
    )
)


def facts(language: str = "id", **changes: object) -> SlipFacts:
    found = MENU.service("ktp")
    assert found is not None
    now = at(9, 5)
    ticket = Ticket("i", "ab" * 16, "DK-027", now.date(), "ktp", language, now)
    site = replace(MENU.site, address=LocalText.same("Jl. Contoh 1"))
    return replace(SlipFacts(ticket, found, site, WORDS, "lobi-1"), **changes)  # type: ignore[arg-type]


def texts(slip: Slip) -> list[str]:
    """All that can be read, from top to bottom and from left to right."""
    return [text for line in slip.lines for text in _texts(line)]


def _texts(line: SlipLine) -> tuple[str, ...]:
    match line:
        case TextLine() | BadgeLine() | NumberLine():
            return (line.text,)
        case BarLine():
            return line.parts
        case SideBySide():
            return tuple(text.text for text in line.lines)
        case _:
            return ()


def test_a_slip_in_one_language_has_all_facts() -> None:
    said = texts(compose(FULL, facts()))
    for needed in (
        "NOMOR ANTREAN", "DK-027", "LANTAI 1", "LOKET 19", "ktp", "Dukcapil", "Jl. Contoh 1",
        "Selasa 24 Nov 2026, 09.05 WITA · lobi-1", "Berlaku hari ini saja",
        "Nomor terlewat? Hubungi petugas loket. Berlaku hari ini saja.",
    ):  # fmt: skip
        assert needed in said, said
    assert "QUEUE NUMBER" not in said


def test_a_visit_in_another_language_gets_a_slip_in_both() -> None:
    said = texts(compose(FULL, facts("en")))
    assert said.index("NOMOR ANTREAN") < said.index("QUEUE NUMBER")
    assert said.count("Selasa 24 Nov 2026, 09.05 WITA · lobi-1") == 1, "the date is printed once"
    assert not any("Tuesday" in text for text in said)
    assert said.index("LANTAI 1") < said.index("LOKET 19") < said.index("Floor 1 · Counter 19")
    assert said.count("DK-027") == 1
    assert said.count("ktp") == 1


def test_priority_and_copy_are_badges_above_and_below_the_number() -> None:
    base = facts("en")
    priority = replace(base.ticket, priority="elderly")
    name = MENU.priority_groups[0].name
    slip = compose(FULL, replace(base, ticket=priority, priority_names=(name,), copy_of=at(9, 1)))
    badges = [line.text for line in slip.lines if isinstance(line, BadgeLine)]
    assert badges == ["SALINAN / COPY", "PRIORITAS / PRIORITY"]
    assert any("09.01" in t for t in texts(slip))
    assert "Lansia" in texts(slip)


def test_a_template_without_a_number_gets_one() -> None:
    slip = compose(SlipTemplate((Block(BlockKind.RULE),)), facts())
    assert "DK-027" in texts(slip)


def test_an_unknown_counter_or_place_has_its_own_text() -> None:
    found = facts().found
    for place, expected in (
        (Place("2"), "LANTAI 2"),
        (Place("", ("7",)), "LOKET 7"),
        (Place(), "TUNGGU PANGGILAN PETUGAS"),
    ):
        moved = Found(found.agency, replace(found.service, place=place))
        said = texts(compose(FULL, facts(found=moved)))
        assert expected in said
        assert not any("{" in t for t in said)


def test_people_ahead_and_waiting_time_are_printed_only_if_known() -> None:
    assert not any("di depan" in t.lower() for t in texts(compose(FULL, facts())))
    known = texts(compose(FULL, facts(ahead=12, wait_minutes=(40, 50))))
    assert "12 orang di depan · sekitar 40-50 menit" in known
    assert "Anda berikutnya" in texts(compose(FULL, facts(ahead=0)))
    # A server may send a waiting time for the first in line as well.
    first = texts(compose(FULL, facts(ahead=0, wait_minutes=(0, 10))))
    assert first == texts(compose(FULL, facts(ahead=0))), "who is next has no wait to read"
    one = texts(compose(FULL, facts(ahead=1, wait_minutes=(3, 5))))
    assert "1 orang di depan · sekitar 3-5 menit" in one
    english = texts(compose(FULL, facts("en", ahead=1, wait_minutes=(3, 5))))
    assert "1 person ahead · about 3-5 minutes" in english


@pytest.mark.parametrize(
    ("minutes", "indonesian", "english"),
    [
        ((50, 60), "sekitar 50-60 menit", "about 50-60 minutes"),
        ((50, 70), "sekitar 1 jam", "about 1 hour"),
        ((90, 120), "sekitar 1,5-2 jam", "about 1.5-2 hours"),
        ((100, 105), "sekitar 1,5-2 jam", "about 1.5-2 hours"),
        ((120, 125), "sekitar 2 jam", "about 2 hours"),
    ],
)
def test_a_long_wait_is_printed_in_half_hours(
    minutes: tuple[int, int], indonesian: str, english: str
) -> None:
    assert waiting_time(minutes, WORDS, "id") == indonesian
    assert waiting_time(minutes, WORDS, "en") == english


def test_the_code_is_printed_only_with_a_public_address() -> None:
    def codes(made: SlipFacts) -> list[str]:
        lines = compose(FULL, made).lines
        found = (line.left if isinstance(line, SideBySide) else line for line in lines)
        return [line.data for line in found if isinstance(line, QrLine)]

    assert codes(facts()) == []
    public = replace(facts().site, public_url="https://antrean.example.go.id/")
    assert codes(facts(site=public)) == 2 * [f"https://antrean.example.go.id/t/{'ab' * 16}"]


def test_date_and_kiosk_are_printed_in_their_block_or_in_the_footer() -> None:
    def said(*kinds: BlockKind) -> list[str]:
        return texts(compose(SlipTemplate(tuple(map(Block, kinds))), facts()))[-4:]

    date = "Selasa 24 Nov 2026, 09.05 WITA · lobi-1"
    rest = ["Berlaku hari ini saja", "Jl. Contoh 1"]
    assert said(BlockKind.NUMBER, BlockKind.FOOTER) == ["DK-027", date, *rest]
    assert said(BlockKind.NUMBER, BlockKind.ISSUED, BlockKind.FOOTER) == ["DK-027", date, *rest]
    both = said(BlockKind.ISSUED, BlockKind.NUMBER, BlockKind.FOOTER)
    assert both == [date, "DK-027", *rest]


def test_the_heading_has_the_logo_left_of_the_name() -> None:
    block = Block(BlockKind.HEADING, LocalText.same("logo.png"))
    head, *_ = compose(SlipTemplate((block, Block(BlockKind.NUMBER))), facts("en")).lines
    name = TextLine("Mal", bold=True, height=2)
    assert head == SideBySide(LogoLine("logo.png"), (name, TextLine("Mall")), (name,))
    assert logo_names(SlipTemplate((block,))) == ("logo.png",)


def test_the_code_has_its_text_beside_it() -> None:
    site = replace(facts().site, public_url="https://antrean.example.go.id")
    template = SlipTemplate((Block(BlockKind.NUMBER), Block(BlockKind.FOLLOW)))
    _, beside = compose(template, facts("en", site=site)).lines
    assert isinstance(beside, SideBySide)
    assert beside.left == QrLine(f"https://antrean.example.go.id/t/{'ab' * 16}", 0)
    assert [line.text for line in beside.lines] == [
        "Ikuti antrean",
        "Nomor terlewat? Hubungi petugas loket. Berlaku hari ini saja.",
        "Follow the queue",
        "Missed your call? Ask the counter staff. Valid today only.",
    ]
    assert beside.instead[:2] == (beside.left, TextLine("Ikuti antrean · Follow the queue"))
    # Without a public address there is nothing to follow, but a number can be missed.
    _, *rest = compose(template, facts()).lines
    assert rest == [TextLine("Nomor terlewat? Hubungi petugas loket. Berlaku hari ini saja.")]


@given(st.text(max_size=300), st.text(max_size=60))
def test_braces_in_a_name_are_not_filled_in(name: str, other: str) -> None:
    """Braces in a name stay what they are: no field of another block can be pulled in."""
    found = facts().found
    named = replace(found.service, name=LocalText.same(name + "{agency}{" + other))
    template = SlipTemplate((Block(BlockKind.TEXT, LocalText.same("{service}")),))
    said = texts(compose(template, facts(found=Found(found.agency, named))))
    assert "Dukcapil" not in "".join(said) or "Dukcapil" in name + other


@pytest.mark.parametrize("copy", [False, True])
def test_a_clock_that_is_not_trusted_puts_no_date_and_no_time_on_the_slip(copy: bool) -> None:
    template = SlipTemplate(
        (
            *FULL.blocks,
            Block(BlockKind.TEXT, LocalText.same("{date}")),
            Block(BlockKind.TEXT, LocalText.same("{service} {time} {zone}")),
        )
    )
    shown = facts("en", copy_of=at(9) if copy else None)
    dated = texts(compose(template, shown))
    assert any("2026" in line for line in dated)
    undated = texts(compose(template, replace(shown, dated=False)))
    assert [line for line in undated if re.search(r"2026|09[.:]0|WITA|Nov", line)] == []
    assert "DK-027" in undated
    assert any("lobi-1" in line for line in undated)
    assert any("SALINAN" in line for line in undated) is copy


def test_a_language_that_cannot_be_printed_is_left_out_of_the_slip() -> None:
    words = WORDS.of({**WORDS.by_language, "zh": {"slip.valid": "仅当天有效"}})
    asked = facts("zh", words=words)
    plain = replace(FULL, unprintable=frozenset({"zh"}))
    assert texts(compose(plain, asked)) == texts(compose(FULL, facts("id", words=words)))
    assert "仅当天有效" in " ".join(texts(compose(FULL, asked)))


def test_the_survey_is_the_agencys_own_or_the_sites() -> None:
    """Without an address in the menu the block prints nothing."""
    template = SlipTemplate((Block(BlockKind.NUMBER), Block(BlockKind.SURVEY)))

    def codes(**changed: str) -> list[str]:
        made = facts()
        agency = replace(made.found.agency, survey_url=changed.get("agency", ""))
        site = replace(made.site, survey_url=changed.get("site", ""))
        made = replace(made, found=made.found._replace(agency=agency), site=site)
        lines = compose(template, made).lines
        return [
            line.left.data
            for line in lines
            if isinstance(line, SideBySide) and isinstance(line.left, QrLine)
        ]

    assert codes() == []
    assert codes(site="https://skm.example/s") == ["https://skm.example/s"]
    assert codes(site="https://skm.example/s", agency="https://skm.example/a") == [
        "https://skm.example/a"
    ]
