"""The slip on printers that differ from Epson's: all words, no Chinese, no command as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.domain.config import Settings
from kiosk.domain.slip import RuleLine, Slip, TextLine
from kiosk.preview.slips import sample_slips
from kiosk.printing import writer
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from tests.printing.conftest import MakePrinter, MakeVirtual
from virtual_printer import CHARACTERS

SETTINGS: Settings = load_settings(Path(__file__).parents[2] / "config", ASSETS)
LINE = Slip("DK-027", (TextLine("Bea masuk 50 % · ½ café"), RuleLine(), TextLine("Loket 19")))


@pytest.mark.parametrize("name", CHARACTERS)
def test_every_character_prints_every_word_and_no_command_as_text(
    virtual: MakeVirtual, printer: MakePrinter, name: str
) -> None:
    device = virtual(character=name, settings={"hand_s": 0.0})
    port = printer(device.connection, deadline_s=5.0)
    port.probe()
    made = dict(sample_slips(SETTINGS))["id-first"]
    port.print(made)
    (piece,) = device.wait_for_slips(1)
    begins, ends = "Mal Pelayanan Publik Kota Balikpapan", "Sepinggan Baru, Balikpapan Selatan"
    assert (piece.lines[0], piece.lines[-1]) == (begins, ends)
    for line in ("DK-027", "KTP elektronik", "LANTAI 1 · LOKET 19"):
        assert line in piece.lines
    assert "12 orang di depan · sekitar 40-50 menit" in piece.lines
    assert len(piece.codes) == 1
    assert not [line for line in piece.lines if any(ord(c) > 0xFF for c in line)]


def test_a_printer_in_chinese_mode_prints_latin_text_and_rules(
    virtual: MakeVirtual, printer: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = virtual(character="xprinter-chinese")
    port = printer(device.connection)
    port.print(LINE)
    monkeypatch.setattr(writer, "RESET", b"\x1b@")
    port.print(LINE)
    right, wrong = device.wait_for_slips(2)
    assert right.lines == ["Bea masuk 50 % · ½ café", "Loket 19"]
    assert wrong.lines[0] != right.lines[0], "without FS . the printer decodes Chinese text"
    assert wrong.lines[1:] == right.lines[1:], "a rule contains no byte that Chinese mode decodes"
    assert len(wrong.elements) == len(right.elements)


def test_a_printer_without_page_mode_prints_its_parameters_as_text(
    virtual: MakeVirtual, printer: MakePrinter
) -> None:
    """The reason for using page mode only where it is known to work."""
    device = virtual(character="clone")
    port = printer(device.connection, page_mode="always")
    port.print(dict(sample_slips(SETTINGS))["id-first"])
    (piece,) = device.wait_for_slips(1)
    assert piece.lines[0] != "Mal Pelayanan Publik Kota Balikpapan"
