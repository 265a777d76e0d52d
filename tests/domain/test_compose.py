"""The slip: what stands on it, in one language and in two."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import (
    Block,
    BlockKind,
    SlipTemplate,
)
from kiosk.domain.slip import BadgeLine, NumberLine, QrLine, Slip, TextLine
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
    return [line.text for line in slip.lines if isinstance(line, TextLine | BadgeLine | NumberLine)]


def test_a_slip_in_one_language_says_all_that_a_visitor_needs() -> None:
    said = texts(compose(FULL, facts()))
    for needed in (
        "NOMOR ANTREAN", "DK-027", "Lantai 1", "Loket 19", "ktp", "Dukcapil", "Jl. Contoh 1",
        "Selasa, 24 November 2026 09.05 WITA", "Mesin lobi-1", "Berlaku hari ini saja",
    ):  # fmt: skip
        assert needed in said, said
    assert "QUEUE NUMBER" not in said


def test_a_visit_in_another_language_gets_both() -> None:
    said = texts(compose(FULL, facts("en")))
    assert said.index("NOMOR ANTREAN") < said.index("QUEUE NUMBER")
    assert "Tuesday, 24 November 2026 09:05 WITA" in said
    assert "Floor 1 · Counter 19" in said
    assert said.count("DK-027") == 1
    assert said.count("ktp") == 1


def test_priority_and_copy_are_badges_above_and_below_the_number() -> None:
    base = facts("en")
    priority = replace(base.ticket, priority="elderly")
    name = MENU.priority_groups[0].name
    slip = compose(FULL, replace(base, ticket=priority, priority_name=name, copy_of=at(9, 1)))
    badges = [line.text for line in slip.lines if isinstance(line, BadgeLine)]
    assert badges == ["SALINAN / COPY", "PRIORITAS / PRIORITY"]
    assert any("09.01" in t for t in texts(slip))
    assert "Lansia" in texts(slip)


def test_a_template_without_a_number_gets_one() -> None:
    slip = compose(SlipTemplate((Block(BlockKind.RULE),)), facts())
    assert "DK-027" in texts(slip)


def test_an_unknown_counter_and_an_unknown_place_are_said_plainly() -> None:
    found = facts().found
    for place, expected in (
        (Place("2"), "Lantai 2"),
        (Place("", ("7",)), "Loket 7"),
        (Place(), "Tunggu panggilan petugas"),
    ):
        moved = Found(found.agency, replace(found.service, place=place))
        said = texts(compose(FULL, facts(found=moved)))
        assert expected in said
        assert not any("{" in t for t in said)


def test_people_ahead_and_waiting_time_only_when_known() -> None:
    assert not any("di depan" in t.lower() for t in texts(compose(FULL, facts())))
    known = texts(compose(FULL, facts(ahead=12, wait_minutes=(40, 50))))
    assert "Di depan Anda: 12 orang" in known
    assert "Perkiraan tunggu: 40-50 menit" in known
    assert "Anda berikutnya" in texts(compose(FULL, facts(ahead=0)))
    # A server may send a waiting time for the first in line as well.
    first = texts(compose(FULL, facts(ahead=0, wait_minutes=(0, 10))))
    assert first == texts(compose(FULL, facts(ahead=0))), "who is next has no wait to read"
    one = texts(compose(FULL, facts(ahead=1, wait_minutes=(3, 5))))
    assert any("3" in text and "5" in text for text in one if "menit" in text)


def test_the_code_to_follow_only_with_a_public_address() -> None:
    def codes(made: SlipFacts) -> list[str]:
        return [line.data for line in compose(FULL, made).lines if isinstance(line, QrLine)]

    assert codes(facts()) == []
    public = replace(facts().site, public_url="https://antrean.example.go.id/")
    assert codes(facts(site=public)) == [f"https://antrean.example.go.id/t/{'ab' * 16}"]


def test_date_and_machine_stand_where_their_block_stands_or_in_the_footer() -> None:
    def said(*kinds: BlockKind) -> list[str]:
        return texts(compose(SlipTemplate(tuple(map(Block, kinds))), facts()))[-4:]

    date, machine = "Selasa, 24 November 2026 09.05 WITA", "Mesin lobi-1"
    rest = ["Berlaku hari ini saja", "Jl. Contoh 1"]
    assert said(BlockKind.NUMBER, BlockKind.FOOTER) == [date, machine, *rest]
    assert said(BlockKind.NUMBER, BlockKind.ISSUED, BlockKind.FOOTER) == [date, machine, *rest]
    both = said(BlockKind.ISSUED, BlockKind.NUMBER, BlockKind.FOOTER)
    assert both == [machine, "DK-027", *rest]


@given(st.text(max_size=300), st.text(max_size=60))
def test_a_name_is_never_a_template(name: str, other: str) -> None:
    """Braces in a name stay what they are: no field of another block can be pulled in."""
    found = facts().found
    named = replace(found.service, name=LocalText.same(name + "{agency}{" + other))
    template = SlipTemplate((Block(BlockKind.TEXT, LocalText.same("{service}")),))
    said = texts(compose(template, facts(found=Found(found.agency, named))))
    assert "Dukcapil" not in "".join(said) or "Dukcapil" in name + other
