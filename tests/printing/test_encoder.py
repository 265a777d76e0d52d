"""The bytes of a slip: their start and end, sizes and styles; no text becomes a command."""

from __future__ import annotations

import subprocess
import sys
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain import config
from kiosk.domain.delivery import Level
from kiosk.domain.slip import (
    Align,
    BadgeLine,
    BarLine,
    FeedLine,
    LogoLine,
    NumberLine,
    QrLine,
    RuleLine,
    SideBySide,
    Slip,
    TextLine,
)
from kiosk.errors import PrinterError
from kiosk.printing import text
from kiosk.printing.encoder import encode, has_page_mode
from kiosk.printing.qr_code import QR_CAPACITY, QR_MAX_BYTES, qr_modules
from kiosk.printing.slip_preview import print_bytes
from virtual_printer.commands import Command, next_command
from virtual_printer.head import code_side
from virtual_printer.sheet import Page, QrSymbol, TextRow

ANY_TEXT = st.text(st.characters(), max_size=120)
CUT = b"\x1dVB\x00"
KNOWN = {
    "ESC @", "FS .", "ESC t", "ESC a", "ESC E", "ESC J", "ESC d", "GS !", "GS B", "GS b", "GS V",
    "GS ( k", "ESC !", "ESC 3", "ESC -", "text", "LF",
}  # fmt: skip


def commands(data: bytes) -> list[Command]:
    """The commands in ``data``; fails if a part of it is no command."""
    found, at = [], 0
    while at < len(data):
        command, used = next_command(data[at:])
        assert command is not None, data[at:]
        found.append(command)
        at += used
    return found


def rows(*lines: object, paper_mm: int = 80) -> list[TextRow]:
    """The rows of text that these lines print."""
    data = encode(Slip("DK-027", lines), paper_mm, "CP858")  # type: ignore[arg-type]
    (piece,) = print_bytes(data, paper_mm)
    return [element for element in piece.elements if isinstance(element, TextRow)]


def named(name: str) -> Slip:
    """A slip with this name in every line that accepts a name."""
    return Slip(
        name,
        (
            LogoLine(name),
            TextLine(name, bold=True),
            RuleLine(),
            NumberLine(name),
            TextLine(name, Align.LEFT, width=2, height=2),
            FeedLine(2),
            TextLine(name, Align.RIGHT),
        ),
    )


def skeleton(slip: Slip) -> list[Command]:
    """The commands without text, line ends, and the number's width."""
    found = [c for c in commands(encode(slip, 80, "CP858")) if c.name not in ("text", "LF")]
    return [Command("GS !") if c.name == "GS !" else c for c in found]


@given(ANY_TEXT)
def test_any_name_gives_the_same_skeleton_of_commands(name: str) -> None:
    assert skeleton(named(name)) == skeleton(named("Loket"))


@given(st.lists(st.builds(BadgeLine, ANY_TEXT) | st.builds(QrLine, ANY_TEXT, st.integers(-9, 99))))
def test_any_badge_and_code_give_only_known_commands(lines: list[BadgeLine | QrLine]) -> None:
    found = commands(encode(Slip("", tuple(lines)), 58, "CP858"))
    assert {c.name for c in found} <= KNOWN
    assert [c.name for c in found].count("GS V") == 1


@given(ANY_TEXT, st.sampled_from([80, 58]))
@settings(max_examples=50)
def test_there_is_one_cut_and_it_is_last(name: str, paper_mm: int) -> None:
    data = encode(named(name), paper_mm, "CP858")
    assert data.startswith(b"\x1b@\x1c.\x1bt\x13")
    assert data.endswith(CUT)
    assert [c.name for c in commands(data)].count("GS V") == 1
    assert data.count(b"\x1b@") == 1


def test_two_slips_in_a_row_both_choose_the_code_page() -> None:
    first, second = (encode(named("é"), 80, "CP858") for _ in range(2))
    assert first == second
    assert b"\x1bt\x13" in second


@pytest.mark.parametrize(
    ("page", "number"),
    [
        *(("CP437", 0), ("CP850", 2), ("CP860", 3), ("CP863", 4), ("CP865", 5)),
        *(("CP1252", 16), ("CP852", 18), ("CP858", 19)),
    ],
)
def test_the_code_page_is_the_configured_one(page: str, number: int) -> None:
    data = encode(named("Ibu Café"), 80, page)
    assert data.startswith(b"\x1b@\x1c.\x1bt" + bytes((number,)))
    (piece,) = print_bytes(data, 80)
    assert "Ibu Café" in piece.lines


@pytest.mark.parametrize(
    ("number", "paper_mm", "width"),
    [
        ("DK-027", 80, 8),
        ("DK-B003", 80, 6),
        ("DKC-B003", 80, 6),
        ("A-001", 80, 8),
        ("DKC-AB1234", 80, 4),
        ("DK-027", 58, 5),
        ("DKC-B003", 58, 4),
    ],
)
def test_the_number_is_as_wide_as_the_paper_allows(number: str, paper_mm: int, width: int) -> None:
    (row,) = rows(NumberLine(number), paper_mm=paper_mm)
    (run,) = row.words
    assert (run.text, run.style.width, run.style.height) == (number, width, 8)
    assert run.dots <= {80: 576, 58: 384}[paper_mm]


@pytest.mark.parametrize("height", [6, 7, 8])
def test_the_number_has_the_configured_height(height: int) -> None:
    (row,) = rows(NumberLine("DK-027", height))
    assert row.height == height * 24


@pytest.mark.parametrize(("paper_mm", "columns"), [(80, 48), (58, 32)])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_long_name_wraps_within_the_paper(paper_mm: int, columns: int, width: int) -> None:
    name = "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu Provinsi Kalimantan Timur"
    seen = rows(TextLine(name, width=width), paper_mm=paper_mm)
    assert " ".join(row.text for row in seen) == name
    assert all(len(row.text) <= columns // width for row in seen)


def test_a_word_of_three_hundred_letters_is_printed_completely() -> None:
    word = "".join(chr(97 + i % 26) for i in range(300))
    assert "".join(row.text for row in rows(TextLine(word), paper_mm=58)) == word


def test_line_breaks_of_a_text_are_kept_on_paper() -> None:
    assert [row.text for row in rows(TextLine("Loket 1\nLoket 2"))] == ["Loket 1", "Loket 2"]


def test_a_style_ends_with_its_line() -> None:
    big, plain = rows(TextLine("besar", bold=True, width=2, height=3), TextLine("biasa"))
    assert (big.words[0].style.width, big.words[0].style.height) == (2, 3)
    assert (plain.words[0].style.width, plain.words[0].style.bold) == (1, False)


def test_a_badge_is_white_on_black_with_a_blank_on_each_side() -> None:
    (row,) = rows(BadgeLine("PRIORITAS"))
    assert [(run.text, run.style.invert) for run in row.words] == [(" PRIORITAS ", True)]


@pytest.mark.parametrize("page", ["CP858", "CP1252"])
def test_a_rule_spans_the_paper(page: str) -> None:
    data = encode(Slip("", (RuleLine(),)), 58, page)
    (piece,) = print_bytes(data, 58)
    (row,) = [element for element in piece.elements if isinstance(element, TextRow)]
    assert sum(run.dots for run in row.words) == 384


@pytest.mark.parametrize("paper_mm", [80, 58])
@pytest.mark.parametrize("module", [1, 6, 16])
def test_a_code_fits_the_paper_and_contains_its_data(paper_mm: int, module: int) -> None:
    data = "https://antrean.example.go.id/t/0123456789abcdef0123456789abcdef"
    encoded = encode(Slip("", (QrLine(data, module),)), paper_mm, "CP858")
    (piece,) = print_bytes(encoded, paper_mm)
    (code,) = [element for element in piece.elements if isinstance(element, QrSymbol)]
    assert code.data == data
    assert code.height <= 0.6 * {80: 576, 58: 384}[paper_mm]
    assert code.module == min(module, {80: 10, 58: 6}[paper_mm])


def test_the_computed_size_of_a_code_is_the_printed_size() -> None:
    edges = {size + more for size in QR_CAPACITY for more in (0, 1)}
    for size in {1, QR_MAX_BYTES, *(size for size in edges if size <= QR_MAX_BYTES)}:
        assert qr_modules(size) == code_side("a" * size, 48)
        assert qr_modules(size) >= code_side("7" * size, 48)


def test_data_too_long_for_a_code_is_printed_as_text() -> None:
    data = "x" * 1000
    (piece,) = print_bytes(encode(Slip("", (QrLine(data),)), 80, "CP858"), 80)
    assert piece.codes == []
    assert "".join(piece.lines) == data


def test_an_unknown_paper_or_code_page_is_refused_with_a_one_line_message() -> None:
    for paper_mm, page in ((76, "CP858"), (80, "UTF-8")):
        with pytest.raises(PrinterError) as caught:
            encode(named("x"), paper_mm, page)
        assert "\n" not in str(caught.value)


def test_python_escpos_is_imported_on_first_use_without_side_effects(tmp_path: object) -> None:
    script = (
        "import logging, os, sys\n"
        "import kiosk.printer, kiosk.printing.encoder as encoder\n"
        "assert not {'escpos', 'PIL', 'qrcode', 'yaml'} & set(sys.modules), 'too early'\n"
        "os.makedirs('cups')\n"
        "before = dict(os.environ)\n"
        "encoder.warm_up()\n"
        "assert 'escpos' in sys.modules and 'escpos.printer' not in sys.modules\n"
        "assert before == dict(os.environ) and not logging.getLogger().handlers\n"
        "assert os.listdir('.') == ['cups'], os.listdir('.')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=str(tmp_path),
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_the_settings_accept_exactly_the_code_pages_of_the_encoder() -> None:
    assert set(config.CODE_PAGES) == set(text.CODE_PAGES)


def test_running_text_is_font_b_at_double_height_or_font_a() -> None:
    job = Slip("DK-027", (TextLine("Loket"),))
    for font, small, columns in (("B", True, 64), ("A", False, 48)):
        data = encode(job, 80, "CP858", small_font=font)
        (piece,) = print_bytes(data, 80)
        (row,) = [part for part in piece.parts if isinstance(part, TextRow)]
        style = row.words[0].style
        assert (style.small, style.width, style.height) == (small, 1, 2)
        long = encode(Slip("", (TextLine("a" * columns),)), 80, "CP858", small_font=font)
        (piece,) = print_bytes(long, 80)
        assert piece.lines == ["a" * columns]


def test_the_place_is_a_bar_across_the_paper() -> None:
    for paper_mm, parts, texts, dots in (
        (80, ("LANTAI 1", "LOKET 19"), ["LANTAI 1 · LOKET 19"], 552),
        (80, ("LANTAI 1",), ["LANTAI 1"], 576),
        (80, ("LANTAI 1", "LOKET 01, 02"), ["LANTAI 1", "LOKET 01, 02"], 576),
        (80, ("LANTAI 1", "LOKET 01, 02, 03"), ["LANTAI 1", "LOKET 01, 02, 03"], 576),
        (58, ("LANTAI 1", "LOKET 19"), ["LANTAI 1", "LOKET 19"], 360),
    ):
        found = rows(BarLine(parts), paper_mm=paper_mm)
        assert [row.text.strip() for row in found] == texts
        for row in found:
            (run,) = row.words
            assert run.style.invert
            assert run.style.height == 3
            assert dots - 36 <= run.dots <= dots
            before = len(run.text) - len(run.text.lstrip())
            assert before == len(run.text) - len(run.text.rstrip()), "not centred"
            assert before >= 1, "no margin"


@pytest.mark.parametrize(("parts", "width"), [(("LOKET 1",), 3), (("LANTAI 1", "LOKET 19"), 2)])
def test_a_place_is_as_wide_as_the_bar_allows(parts: tuple[str, ...], width: int) -> None:
    (row,) = rows(BarLine(parts))
    assert {run.style.width for run in row.words if run.text.strip()} == {width}


def test_a_place_that_is_too_long_for_a_bar_is_wrapped() -> None:
    found = rows(BarLine(("TUNGGU PANGGILAN PETUGAS DI RUANG TUNGGU",)), paper_mm=58)
    assert " ".join(row.text.strip() for row in found) == "TUNGGU PANGGILAN PETUGAS DI RUANG TUNGGU"
    assert all(row.words[0].style.invert for row in found)


@pytest.mark.parametrize("paper_mm", [58, 80])
def test_a_bar_has_a_blank_on_each_side_of_any_place(paper_mm: int) -> None:
    for length in range(1, 60):
        for parts in (("L" * length,), ("LANTAI 1", "LOKET " + "01, " * (length // 4) + "99")):
            for row in rows(BarLine(parts), paper_mm=paper_mm):
                (run,) = row.words
                assert run.style.invert
                assert run.text.startswith(" "), parts
                assert run.text.endswith(" "), parts


def test_a_code_and_the_words_beside_it_are_centred_on_each_other() -> None:
    higher = set()
    for module, count in product((3, 4, 5, 6), range(1, 8)):
        code, text = QrLine("https://antrean.example.go.id", module), TextLine("Ikuti", height=2)
        line = SideBySide(code, (text,) * count, (code, text))
        (piece,) = print_bytes(encode(Slip("", (line,)), 80, "CP858", page_mode=True), 80)
        for page in (element for element in piece.elements if isinstance(element, Page)):
            (symbol,) = [p for p in page.placed if isinstance(p.element, QrSymbol)]
            words = [p for p in page.placed if isinstance(p.element, TextRow)]
            top, bottom = words[0].top, words[-1].top + words[-1].element.height
            middle = symbol.top + symbol.element.height / 2
            assert middle == pytest.approx((top + bottom) / 2, abs=2), (module, count)
            higher.add(bottom - top > symbol.element.height)
    assert higher == {True, False}, "both are centred on the higher one"


def test_text_much_higher_than_its_code_is_printed_below_it() -> None:
    code, text = QrLine("https://antrean.example.go.id"), TextLine("Ikuti antrean")
    for count, beside in ((5, True), (9, False)):
        line = SideBySide(code, (text,) * count, (code, text))
        data = encode(Slip("", (line,)), 80, "CP858", page_mode=True)
        assert ("FF" in [c.name for c in commands(data)]) is beside


def test_words_beside_data_too_long_for_a_code_are_printed_in_page_mode_as_well() -> None:
    code, text = QrLine("x" * 1000), TextLine("Ikuti antrean")
    line = SideBySide(code, (text,), (code, text))
    (piece,) = print_bytes(encode(Slip("", (line,)), 80, "CP858", page_mode=True), 80)
    assert "".join(piece.lines) == "x" * 1000 + "Ikuti antrean"


def test_a_badge_as_long_as_the_paper_is_wide_is_one_row() -> None:
    words = "PRIORITAS LANSIA " + "A" * 29
    (row,) = rows(BadgeLine(words))
    assert row.text == f" {words} "


def test_no_page_mode_command_is_sent_without_page_mode() -> None:
    code, text = QrLine("https://antrean.example.go.id"), TextLine("Ikuti antrean")
    line = SideBySide(code, (text,), (code, text))
    sent = {c.name for c in commands(encode(Slip("", (line,)), 80, "CP858"))}
    assert sent.isdisjoint({"ESC L", "ESC W", "ESC $", "GS $", "GS P", "GS b", "FF"})


@pytest.mark.parametrize(
    ("setting", "level", "used"),
    [
        *[("auto", level, level is Level.PROCESS_ID) for level in Level],
        *[("always", level, True) for level in Level],
        *[("never", level, False) for level in Level],
    ],
)
def test_page_mode_is_used_by_setting_or_at_level_a(setting: str, level: Level, used: bool) -> None:
    assert has_page_mode(setting, level) is used


@pytest.mark.parametrize("page_mode", [True, False])
def test_what_is_switched_on_is_switched_off_at_once(page_mode: bool) -> None:
    """An underline or an inversion that stays on would run through the rest of the slip, and
    through the next one."""
    lines = (
        NumberLine("DK-027"),
        BarLine(("LANTAI 1",)),
        RuleLine(),
        TextLine("Berlaku hari ini", bold=True),
        BarLine(("LANTAI 1", "LOKET 19")),
        RuleLine(),
    )
    job = encode(Slip("DK-027", lines), 80, "CP858", page_mode=page_mode)
    for on, off in ((b"\x1b-\x02", b"\x1b-\x00"), (b"\x1dB\x01", b"\x1dB\x00")):
        assert job.count(on) == 2
        starts = [i for i in range(len(job)) if job.startswith(on, i)]
        for start in starts:
            end = job.find(off, start)
            assert 0 < end - start < 120, (on, start, end)


@pytest.mark.parametrize(("letters", "double"), [(1, True), (22, True), (23, False), (46, False)])
def test_a_badge_is_as_wide_as_its_text_allows(letters: int, double: bool) -> None:
    """Of 48 columns 24 in double width, two of them for the space on each side."""
    lines = (BadgeLine("A" * letters), NumberLine("DK-027"))
    job = encode(Slip("DK-027", lines), 80, "CP858")
    assert b"A" * letters in job
    # ESC !: bold 08, double height 10, double width 20.
    assert (b"\x1b!\x38" in job, b"\x1b!\x18" in job) == (double, not double)
