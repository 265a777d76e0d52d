"""Any text from the YAML files or the server gives the same commands, and is printed completely."""

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
REPEATED_KEYS = (
    "slip.head", "slip.priority", "slip.copy", "slip.copy_of", "slip.where_floor",
    "slip.where_counter", "slip.ahead", "slip.wait", "slip.qr", "slip.follow", "slip.follow_hint",
    "slip.valid", "time.format",
)  # fmt: skip
SINGLE_KEYS = ("slip.issued", "slip.kiosk", "date.slip", "day.1", "month.short.11")
"""Keys printed in the first language only. The day and month keys match the test's date, a Tuesday
in November."""

TEXT = st.text(st.characters(), max_size=60)
COMMANDS = (
    *("\x1b@", "\x1dV\x00", "\x10\x04\x01", "\x1b!"),
    *("\n", "\r", "\u2028", "\x00", "{", "}", "·"),
)
HOSTILE = st.lists(st.sampled_from(COMMANDS), max_size=6).map("".join)
WHOLE = st.integers(-(10**12), 10**12)


class ExternalTexts:
    """Texts from outside, each with a unique prefix and suffix, so that none is empty.

    ``used``: all texts handed out.
    """

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self.used: list[str] = []

    def next(self) -> str:
        """The next text."""
        n = len(self.used)
        text = f"a{n}{self._texts[n % len(self._texts)]}{n}z"
        self.used.append(text)
        return text

    def translated(self) -> LocalText:
        """A text for each language."""
        return LocalText.of(id=self.next(), en=self.next())


def slip_of(texts: ExternalTexts, people: int, wait: tuple[int, int]) -> Slip:
    """A slip of all blocks, with a text from outside in every place that accepts one."""
    found = MENU.service("ktp")
    assert found is not None
    named = replace(
        found.service,
        name=texts.translated(),
        place=Place(texts.next(), (texts.next(), texts.next())),
    )
    agency = replace(found.agency, name=texts.translated(), short=texts.translated())
    site = replace(
        MENU.site,
        name=texts.translated(),
        address=texts.translated(),
        zone=texts.next(),
        public_url="https://antrean.example.go.id",
    )
    # A site may replace any text of the catalogue, with or without its fields.
    spoken = {
        language: {
            key: f"{text} {texts.next()}"
            if key in REPEATED_KEYS or (key in SINGLE_KEYS and language == "id")
            else text
            for key, text in WORDS.by_language[language].items()
        }
        for language in ("id", "en")
    }
    ticket = Ticket("i", "5" * 32, texts.next(), at(9).date(), "ktp", "en", at(9, 5), "elderly")
    facts = SlipFacts(
        ticket,
        Found(agency, named),
        site,
        Words.of(spoken),
        kiosk_id=texts.next(),
        priority_names=(texts.translated(),),
        ahead=people,
        wait_minutes=wait,
        copy_of=at(9, 1),
    )
    fields = "{site} {address} {agency} {agency_short} {service} {number} {floor} {counter} {kiosk}"
    written = {
        BlockKind.LOGO: LocalText.same("logo.png"),
        BlockKind.HEADING: LocalText.same("logo.png"),
        BlockKind.TEXT: LocalText.of(id=fields + texts.next(), en=fields + texts.next()),
    }
    blocks = [Block(kind, written.get(kind)) for kind in BlockKind]
    blocks.append(Block(BlockKind.TEXT, LocalText.same("{site} {zone}" + texts.next())))
    return compose(SlipTemplate(tuple(blocks)), facts)


def names(data: bytes) -> list[str]:
    """The names of the commands, without text and line ends."""
    found, at_byte = [], 0
    while at_byte < len(data):
        command, used = next_command(data[at_byte:])
        assert command is not None, data[at_byte:]
        at_byte += used
        if command.name not in ("text", "LF"):
            found.append(command.name)
    return found


def skeleton(data: bytes) -> list[str]:
    """The names of the commands in order. Repeated ones count once: a badge may have many lines."""
    return [name for name, _ in groupby(names(data))]


def with_logo(name: str) -> Picture:
    """Find every picture."""
    assert name == "logo.png"
    strip = b"\x1b*\x21\x08\x00" + bytes(24)
    return Picture(8, 24, (strip,), strip)


PAGE_MODE = {"ESC L", "ESC W", "GS P", "GS b", "GS $", "ESC $", "FF"}


def read(slip: Slip, paper_mm: int, *, page_mode: bool) -> str:
    """All text on the paper, without blanks."""
    (piece,) = print_bytes(encode(slip, paper_mm, "CP858", page_mode=page_mode), paper_mm)
    return "".join("".join(piece.lines).split())


@given(st.lists(TEXT | HOSTILE, min_size=1, max_size=8), WHOLE, st.tuples(WHOLE, WHOLE))
@settings(max_examples=40, deadline=None)
def test_any_text_gives_the_same_commands_and_one_cut_at_the_end(
    given_: list[str], people: int, wait: tuple[int, int]
) -> None:
    slip = slip_of(ExternalTexts(given_), people or 1, wait)
    plain = slip_of(ExternalTexts(["Loket"]), 12, (40, 50))
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
def test_any_text_is_printed_completely(given_: list[str], paper_mm: int, page_mode: bool) -> None:
    texts = ExternalTexts(given_)
    seen = read(slip_of(texts, 12, (40, 50)), paper_mm, page_mode=page_mode).replace("·", "")
    # A line that is equal in both languages is printed once.
    for line in {line for text in texts.used for line in text.split("\n")}:
        # Wrapping drops a dot at the end of a line; the place is printed in capitals.
        wanted = ("".join(printable(t, "CP858").split()) for t in (line, line.upper()))
        assert any(text.replace("·", "") in seen for text in wanted), line
