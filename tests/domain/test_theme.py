"""The tokens in figures: contrast of every pair, and of a site's own accent."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import theme
from kiosk.domain.colours import (
    EDGE_PAIRS,
    LEAST_EDGE,
    LEAST_TEXT,
    LEAST_TEXT_HIGH,
    TEXT_PAIRS,
    Palette,
    code_of,
    colour,
    contrast,
    weakest,
)
from kiosk.domain.theme import HIGH_CONTRAST, NORMAL_COLOURS, readable_accent, with_accent

ROOT = Path(__file__).parents[2]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(colour("#FFFFFF"), colour("#000000")) == pytest.approx(21)
    assert contrast(colour("#777777"), colour("#FFFFFF")) == pytest.approx(4.48, abs=0.01)
    assert contrast(colour("#0048C8"), colour("#FFFFFF")) == pytest.approx(7.6, abs=0.1)


def test_every_text_and_every_edge_stands_out_from_its_ground() -> None:
    for pair, (ink, ground) in NORMAL_COLOURS.pairs().items():
        assert contrast(ink, ground) >= LEAST_TEXT, pair
    for pair, (edge, ground) in NORMAL_COLOURS.pairs(EDGE_PAIRS).items():
        assert contrast(edge, ground) >= LEAST_EDGE, pair
    assert weakest(NORMAL_COLOURS) is None


def test_in_high_contrast_every_text_stands_out_more() -> None:
    for pair, (ink, ground) in HIGH_CONTRAST.pairs().items():
        assert contrast(ink, ground) >= LEAST_TEXT_HIGH, pair
    for pair, (edge, ground) in HIGH_CONTRAST.pairs(EDGE_PAIRS).items():
        assert contrast(edge, ground) >= LEAST_EDGE, pair


def test_every_colour_is_in_a_pair_or_only_decorates() -> None:
    """A new token is measured, or named here as one that carries no meaning alone."""
    paired = {name for pair in (*TEXT_PAIRS, *EDGE_PAIRS) for name in pair.split(" on ")}
    decoration = {
        *("edge", "track", "off_edge", "chip", "clear", "place_edge", "place_light"),
        *("header_line", "bar_line", "info_edge", "good_edge", "warn_edge"),
    }
    assert {f.name for f in fields(Palette)} == paired | decoration
    assert not paired & decoration


def test_a_sites_accent_replaces_every_blue() -> None:
    green = with_accent(NORMAL_COLOURS, colour("#006A35"))
    assert code_of(green.main) == code_of(green.mark) == "#006A35"
    assert weakest(green) is None
    for f in fields(Palette):
        red, _, blue, _ = getattr(green, f.name)
        was = getattr(NORMAL_COLOURS, f.name)
        if was[2] - was[0] > 0.5:
            assert blue - red < 0.5, f.name
    assert (green.text, green.warn, green.code_dark) == (
        *(NORMAL_COLOURS.text, NORMAL_COLOURS.warn, NORMAL_COLOURS.code_dark),
    )


def test_the_kiosks_own_accent_changes_nothing() -> None:
    same = with_accent(NORMAL_COLOURS, colour(theme.ACCENT))
    for f in fields(Palette):
        assert code_of(getattr(same, f.name)) == code_of(getattr(NORMAL_COLOURS, f.name)), f.name


@given(st.integers(0, 0xFFFFFF))
def test_the_suggested_accent_can_be_read(number: int) -> None:
    wanted = colour(f"#{number:06X}")
    better = readable_accent(wanted)
    assert weakest(with_accent(NORMAL_COLOURS, better)) is None
    if weakest(with_accent(NORMAL_COLOURS, wanted)) is None:
        assert better == wanted


# ── one file of tokens ───────────────────────────────────────────────────────────────────

SCREEN_CODE = ("app", "demo", "preview", "screens", "ui", "widgets")
LITERALS = (
    re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b(?=[\"'])"),
    re.compile(r"rgba?:\s*\(?\s*[\d.]+\s*,"),
    re.compile(r"(?:Color|ClearColor|ColorProperty)\(\(?\s*[\d.]+\s*,"),
    re.compile(r"(?:color|colour|fill|ink|edge)\s*[=:]\s*[(\[]\s*[\d.]+\s*,\s*[\d.]+\s*,\s*[\d.]+"),
    re.compile(r"\bget_color_from_hex\b|\bhex_colormap\b"),
)


def literals(text: str) -> list[str]:
    """The lines of a source text that hold a colour."""
    return [line for line in text.splitlines() if any(p.search(line) for p in LITERALS)]


def test_a_colour_stands_in_the_file_of_tokens_only() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for part in SCREEN_CODE
        for path in sorted((ROOT / "kiosk" / part).rglob("*"))
        if path.suffix in (".py", ".kv")
        for lines in [literals(path.read_text(encoding="utf-8"))]
        if lines
    }
    assert not found


@pytest.mark.parametrize(
    "line",
    [
        "    ink: 1, 1, 1, 1".replace("ink", "rgba"),
        "Color(1, 1, 1, 1)",
        "ClearColor(0.2, 0, 0, 1)",
        "fill = ColorProperty((1, 1, 1, 1))",
        "    fill: (0.1, 0.2, 0.3, 1)",
        'shade = "#0048C8"',
        "super().__init__(color=(0, 0.03, 0.1, 1))",
    ],
)
def test_the_next_literal_would_be_found(line: str) -> None:
    assert literals(line) == [line]


def test_a_widget_reads_tokens_that_exist() -> None:
    """Names in kv files are only looked up when a rule runs."""
    palette = {f.name for f in fields(Palette)}
    sizes = {f.name for f in fields(theme.Sizes)}
    tokens = {f.name for f in fields(theme.Theme)} | {"colours", "sizes"}
    for part in ("screens", "widgets"):
        for path in sorted((ROOT / "kiosk" / part).iterdir()):
            if path.suffix not in (".py", ".kv"):
                continue
            text = path.read_text(encoding="utf-8")
            assert set(re.findall(r"look\.colour\.(\w+)", text)) <= palette, path.name
            assert set(re.findall(r"theme\.sizes\.(\w+)", text)) <= sizes, path.name
            assert set(re.findall(r"look\.theme\.(\w+)", text)) <= tokens, path.name
