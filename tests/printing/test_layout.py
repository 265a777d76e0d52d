"""The slips of the real menu: sizes, margins, unbroken words, length, and readable codes."""

from __future__ import annotations

import shutil
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from benchmarks.slip_bytes import BYTES, LENGTH_MM, full_slip, with_address
from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import Settings
from kiosk.domain.slip import BarLine, Slip
from kiosk.preview.slips import draw_slips, sample_slips
from kiosk.printing.encoder import encode
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Logos
from kiosk.printing.slip_preview import print_bytes
from kiosk.settings.assets import ASSETS, picture_finder
from kiosk.settings.loader import load_settings
from virtual_printer.render import CAPITAL
from virtual_printer.sheet import Page, SlipRecord, TextRow

ROOT = Path(__file__).parents[2]
DOTS_PER_MM = 8
kinds = pytest.mark.parametrize(
    ("paper_mm", "language", "page_mode"),
    [(mm, lang, page) for mm in (80, 58) for lang in ("id", "en") for page in (True, False)],
)


@cache
def site() -> Settings:
    """The project's menu for a site with a public address, so that slips have a code."""
    return with_address(load_settings(ROOT / "config", ASSETS))


def all_facts(language: str, *, priority: bool = False) -> Iterator[SlipFacts]:
    """The facts of a slip for each service."""
    for i, found in enumerate(site().catalogue.services()):
        facts = full_slip(site(), found, language, i)
        if not priority:
            ticket = replace(facts.ticket, priority=None)
            facts = replace(facts, ticket=ticket, priority_names=())
        yield facts


def printed(slip: Slip, paper_mm: int, *, page_mode: bool) -> SlipRecord:
    """The paper of ``slip`` with its logo."""
    logos = Logos(picture_finder(site()), paper_of(paper_mm))
    data = encode(slip, paper_mm, "CP858", logos.get, page_mode=page_mode)
    (piece,) = print_bytes(data, paper_mm)
    return piece


@kinds
def test_every_word_of_every_service_is_unbroken_and_within_the_paper(
    paper_mm: int, language: str, page_mode: bool
) -> None:
    for facts in all_facts(language, priority=True):
        slip = compose(site().template, facts)
        piece = printed(slip, paper_mm, page_mode=page_mode)
        read = " ".join(piece.lines)
        agency, service = facts.found
        for text in (service.name.in_("id"), agency.name.in_("id"), facts.ticket.number):
            assert text in read
        if language == "en":
            assert service.name.in_("en") in read
        for part in next(line.parts for line in slip.lines if isinstance(line, BarLine)):
            assert part in read
        for row in (part for part in piece.parts if isinstance(part, TextRow)):
            assert sum(run.dots for run in row.runs) <= piece.paper_dots


@kinds
def test_no_letter_is_lower_than_2_5_mm(paper_mm: int, language: str, page_mode: bool) -> None:
    for name, slip in sample_slips(site()):
        if name.startswith(language):
            piece = printed(slip, paper_mm, page_mode=page_mode)
            for row in (part for part in piece.parts if isinstance(part, TextRow)):
                for run in row.words:
                    capital_mm = run.style.cell[1] * CAPITAL / DOTS_PER_MM
                    assert capital_mm >= 2.5 or not run.text.strip(), run


@pytest.mark.parametrize("page_mode", [True, False])
@pytest.mark.parametrize(("language", "languages"), [("id", 1), ("en", 2)])
def test_the_slip_is_short_on_80_mm_paper(language: str, languages: int, page_mode: bool) -> None:
    slips = [compose(site().template, facts) for facts in all_facts(language)]
    lengths = [printed(slip, 80, page_mode=page_mode).height_mm for slip in slips]
    assert len(lengths) == 80
    assert statistics.median(lengths) <= LENGTH_MM[languages]
    sizes = [len(encode(slip, 80, "CP858", page_mode=page_mode)) for slip in slips]
    assert max(sizes) <= BYTES[languages]


def test_more_important_lines_are_larger() -> None:
    slip = dict(sample_slips(site()))["en-first"]
    rows = [part for part in printed(slip, 80, page_mode=True).parts if isinstance(part, TextRow)]
    area = {
        row.text.strip(): row.words[0].style.cell[0] * row.words[0].style.cell[1]
        for row in rows
        if row.words
    }
    order = [
        "DK-027",
        "LANTAI 1 · LOKET 19",
        "KTP elektronik",
        "12 orang di depan · sekitar 40-50 menit",
        "Floor 1 · Counter 19",
    ]
    sizes = [area[text] for text in order]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)
    smallest = {"Electronic ID card", "QUEUE NUMBER", "Follow the queue"}
    assert {area[text] for text in smallest} == {min(area.values())}


def test_the_code_and_the_logo_are_left_of_their_text() -> None:
    slip = dict(sample_slips(site()))["id-first"]
    heading, follow = (
        part for part in printed(slip, 80, page_mode=True).elements if isinstance(part, Page)
    )
    for page, words in ((heading, "Mal Pelayanan Publik Kota Balikpapan"), (follow, "Ikuti")):
        left = [p for p in page.placed if not getattr(p.element, "text", "")]
        right = [p for p in page.placed if getattr(p.element, "text", "")]
        assert right[0].element.text.startswith(words)  # type: ignore[union-attr]
        assert {p.left for p in left} == {0}
        assert len({p.left for p in right}) == 1
        assert right[0].left > 80
    (code,) = [p for p in follow.placed if not getattr(p.element, "text", "")]
    assert 20 <= code.element.height / DOTS_PER_MM <= 22
    assert heading.height == 80, "the logo is 10 mm high"


@pytest.mark.skipif(not shutil.which("zbarimg"), reason="script/test installs zbar-tools")
def test_every_code_of_the_preview_is_readable(tmp_path: Path) -> None:
    wanted = {
        name: code
        for name, slip in sample_slips(site())
        for code in printed(slip, 80, page_mode=False).codes
    }
    assert len(wanted) == 10
    drawn = [
        path
        for path in draw_slips(site(), tmp_path)
        if not any(without in path.name for without in ("no-code", "details"))
    ]
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", *map(str, drawn)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    read = done.stdout.split()
    assert len(drawn) == 40
    assert read == [wanted[path.stem[5:].removesuffix("-below")] for path in drawn]
