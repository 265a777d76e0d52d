"""Whatever stands in the YAML files or comes from the server: the same commands, and all of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import Block, BlockKind, SlipTemplate
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.domain.words import Words
from kiosk.printing.encoder import encode, no_pictures
from kiosk.printing.pictures import REAL_TIME, Picture
from kiosk.printing.slip_preview import print_bytes
from kiosk.printing.text import printable
from kiosk.settings.assets import ASSETS
from kiosk.settings.locale import load_words
from menu.catalogue import Found, Place
from menu.local_text import LocalText
from tests.domain.menus import MENU, at
from virtual_printer.commands import next_command

WORDS = load_words(ASSETS, ("id", "en"), {})
SAID = (
    "slip.head", "slip.priority", "slip.copy", "slip.copy_of", "slip.where_floor",
    "slip.where_counter", "slip.ahead", "slip.wait", "slip.qr", "slip.follow", "slip.follow_hint",
    "slip.valid", "time.format",
)  # fmt: skip
ONCE = ("slip.issued", "slip.kiosk", "date.slip", "day.1", "month.short.11")
"""The date stands on the slip once, in the first language."""

"""Words that stand on the slip of a Tuesday in November."""

TEXT = st.text(st.characters(), max_size=60)
COMMANDS = (
    *("\x1b@", "\x1dV\x00", "\x10\x04\x01", "\x1b!"),
    *("\n", "\r", "\u2028", "\x00", "{", "}", "·"),
)
HOSTILE = st.lists(st.sampled_from(COMMANDS), max_size=6).map("".join)
WHOLE = st.integers(-(10**12), 10**12)


class Texts:
    """Texts from outside, each with a beginning and an end of its own, so that none is empty."""

    def __init__(self, given: list[str]) -> None:
        self._given = given
        self.used: list[str] = []

    def one(self) -> str:
        """The next."""
        n = len(self.used)
        text = f"a{n}{self._given[n % len(self._given)]}{n}z"
        self.used.append(text)
        return text

    def each(self) -> LocalText:
        """One for each language."""
        return LocalText.of(id=self.one(), en=self.one())


def slip_of(texts: Texts, people: int, wait: tuple[int, int]) -> Slip:
    """A slip of all blocks, with texts from outside wherever one can stand."""
    found = MENU.service("ktp")
    assert found is not None
    named = replace(
        found.service, name=texts.each(), place=Place(texts.one(), (texts.one(), texts.one()))
    )
    agency = replace(found.agency, name=texts.each(), short=texts.each())
    site = replace(
        MENU.site,
        name=texts.each(),
        address=texts.each(),
        zone=texts.one(),
        public_url="https://antrean.example.go.id",
    )
    # A site may replace any word; the fields in braces stay, or go.
    spoken = {
        language: {
            key: f"{text} {texts.one()}"
            if key in SAID or (key in ONCE and language == "id")
            else text
            for key, text in WORDS.by_language[language].items()
        }
        for language in ("id", "en")
    }
    ticket = Ticket("i", "5" * 32, texts.one(), at(9).date(), "ktp", "en", at(9, 5), "elderly")
    facts = SlipFacts(
        ticket,
        Found(agency, named),
        site,
        Words.of(spoken),
        kiosk_id=texts.one(),
        priority_name=texts.each(),
        ahead=people,
        wait_minutes=wait,
        copy_of=at(9, 1),
    )
    fields = "{site} {address} {agency} {agency_short} {service} {number} {floor} {counter} {kiosk}"
    written = {
        BlockKind.LOGO: LocalText.same("logo.png"),
        BlockKind.HEADING: LocalText.same("logo.png"),
        BlockKind.TEXT: LocalText.of(id=fields + texts.one(), en=fields + texts.one()),
    }
    blocks = [Block(kind, written.get(kind)) for kind in BlockKind]
    blocks.append(Block(BlockKind.TEXT, LocalText.same("{site} {zone}" + texts.one())))
    return compose(SlipTemplate(tuple(blocks)), facts)


def names(data: bytes) -> list[str]:
    """The names of the commands, text and line ends aside."""
    found, at_byte = [], 0
    while at_byte < len(data):
        command, used = next_command(data[at_byte:])
        assert command is not None, data[at_byte:]
        at_byte += used
        if command.name not in ("text", "LF"):
            found.append(command.name)
    return found


def skeleton(data: bytes) -> list[str]:
    """The commands in their order; a badge of many lines counts as one of one line."""
    return [name for name, _ in groupby(names(data))]


def with_logo(name: str) -> Picture:
    """Every picture is there."""
    assert name == "logo.png"
    strip = b"\x1b*\x21\x08\x00" + bytes(24)
    return Picture(8, 24, (strip,), strip)


PAGE_MODE = {"ESC L", "ESC W", "GS P", "GS b", "GS $", "ESC $", "FF"}


def read(slip: Slip, paper_mm: int, *, page_mode: bool) -> str:
    """All that stands on the paper, blanks aside."""
    (piece,) = print_bytes(encode(slip, paper_mm, "CP858", page_mode=page_mode), paper_mm)
    return "".join("".join(piece.lines).split())


@given(st.lists(TEXT | HOSTILE, min_size=1, max_size=8), WHOLE, st.tuples(WHOLE, WHOLE))
@settings(max_examples=40, deadline=None)
def test_every_text_from_outside_gives_the_same_commands_and_one_cut_at_the_end(
    given_: list[str], people: int, wait: tuple[int, int]
) -> None:
    slip = slip_of(Texts(given_), people or 1, wait)
    plain = slip_of(Texts(["Loket"]), 12, (40, 50))
    for pictures in (no_pictures, with_logo):
        for paper_mm in (80, 58):
            data = encode(slip, paper_mm, "CP858", pictures)
            assert skeleton(data) == skeleton(encode(plain, paper_mm, "CP858", pictures))
            assert names(data).count("GS V") == 1
            assert data.endswith(b"\x1dVB\x00")
            assert names(data).count("ESC @") == 1
            assert REAL_TIME.search(data) is None
            placed = encode(slip, paper_mm, "CP858", pictures, page_mode=True)
            assert set(names(placed)) <= {*names(data), *PAGE_MODE}
            assert names(placed).count("ESC L") == names(placed).count("FF")
            assert [names(placed).count(name) for name in ("GS V", "ESC @")] == [1, 1]
            assert placed.endswith(b"\x1dVB\x00")
            assert REAL_TIME.search(placed) is None


@given(st.lists(TEXT | HOSTILE, min_size=1, max_size=8), st.sampled_from([80, 58]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_nothing_of_any_text_from_outside_is_cut_off(
    given_: list[str], paper_mm: int, page_mode: bool
) -> None:
    texts = Texts(given_)
    seen = read(slip_of(texts, 12, (40, 50)), paper_mm, page_mode=page_mode).replace("·", "")
    # A line that both languages have stands there once.
    for line in {line for text in texts.used for line in text.split("\n")}:
        # A dot between two words goes where a line ends at it; the place is in capitals.
        wanted = ("".join(printable(t, "CP858").split()) for t in (line, line.upper()))
        assert any(text.replace("·", "") in seen for text in wanted), line
