"""``kiosk sheet``: one A4 page in the words of this machine's screens."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pypdfium2
import pytest
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from kiosk.cli import main
from kiosk.commands.sheet import STAFF_SCREEN, content
from kiosk.domain.config import Settings
from kiosk.errors import DisplayError
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from menu.texts import read
from reports.sheet import page
from tests.e2e.site import ROOT, SiteFolder, one_line

A4 = (595, 842)
POINTS_PER_MM = 72 / 25.4
SERVER = 'server: {url: "https://antrean.example.go.id", token_file: token}\n'
HIGH = "screen: {resolution_px: [1920, 1080], lower_edge_mm: 1000}\n"
NARROW = "screen: {diagonal_inch: 15.6, resolution_px: [800, 1280]}\n"
KEYS = (
    *("mode.large", "mode.contrast", "mode.speech", "done.cancel", "cancel.yes"),
    *("done.noted", "staff.reprint", "staff.open", "staff.finish", "staff.title"),
    *("staff.pin.ok", "staff.test", "trouble.shut.title", "trouble.printer.title"),
    *("fault.paper_out.title", "staff.paper.1", "staff.paper.2_text", "staff.paper.3"),
)
"""Words of the screens that each sheet holds."""


def settings(site: SiteFolder, language: str) -> Settings:
    return load_settings(site.config, ASSETS, language)


def text_of(pdf: bytes | Path) -> str:
    """The text of the only page, with single spaces."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        assert len(document) == 1
        assert tuple(round(side) for side in document[0].get_size()) == A4
        with closing(document[0].get_textpage()) as text:
            return " ".join(text.get_text_range().split())


def letters(body: bytes) -> tuple[str, list[tuple[float, float, float, float]]]:
    """The text, and of each letter its left, lower, right and upper edge in points."""
    with (
        closing(pypdfium2.PdfDocument(body)) as pdf,
        closing(pdf[0].get_textpage()) as text,
    ):
        return text.get_text_range(), [text.get_charbox(n) for n in range(text.count_chars())]


def made(site: SiteFolder, language: str) -> bytes:
    return page(content(settings(site, language), language), language)


def replace(site: SiteFolder, old: str, new: str) -> None:
    menu = site.config / "agencies.yaml"
    text = menu.read_text("utf-8")
    assert old in text
    menu.write_text(text.replace(old, new, 1), "utf-8")


def test_the_command_writes_one_page_with_a_picture_of_the_screen(
    site: SiteFolder, tmp_path: Path
) -> None:
    out = tmp_path / "made" / "lembar.pdf"
    answer = site.stateless("sheet", str(out), "--lang", "id")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[0] == str(out)
    assert "Tanpa gambar" not in answer.out
    assert "Mal Pelayanan Publik Kota Balikpapan" in text_of(out)
    with closing(pypdfium2.PdfDocument(out)) as pdf:
        assert len(list(pdf[0].get_objects(filter=[FPDF_PAGEOBJ_IMAGE]))) == 1
    assert [path.name for path in out.parent.iterdir()] == [out.name]


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_names_keys_as_the_screen_does(site: SiteFolder, language: str) -> None:
    text = text_of(made(site, language))
    screen = read(ASSETS / "locale" / f"{language}.json")
    assert [key for key in KEYS if screen[key] not in text] == []
    assert "lobi-1" in text
    assert ("Teknisi Nama Telepon" if language == "id" else "Technician Name Phone") in text
    assert "DK-A001" in text
    assert not re.search(r"\b(sheet|staff|done|mode|trouble|fault)\.[a-z]", text), "a missing text"
    assert "{" not in text, "a field without a value"


def test_the_card_of_the_staff_screen_has_the_number_that_others_name(site: SiteFolder) -> None:
    cards = content(settings(site, "id"), "id").cards
    assert cards[STAFF_SCREEN - 1].title == "Membuka layar petugas"
    hold = re.search(
        r"^HOLD_S = (\d+)\.0$", (ROOT / "kiosk/widgets/hold.py").read_text(), re.MULTILINE
    )
    assert hold is not None
    assert f"tahan lambang kiri atas {hold[1]} detik" in cards[STAFF_SCREEN - 1].lines[0]


@pytest.mark.parametrize(("language", "word"), [("id", "Buka penutup"), ("en", "Open the cover")])
def test_capitals_are_at_least_3_mm_high(site: SiteFolder, language: str, word: str) -> None:
    said, boxes = letters(made(site, language))
    _, bottom, _, top = boxes[said.index(word)]
    assert (top - bottom) / POINTS_PER_MM >= 3.0


def test_the_page_says_only_what_this_machine_has(site: SiteFolder) -> None:
    alone = text_of(made(site, "id"))
    assert "Server antrean terputus" not in alone
    assert "Nomor berhuruf: DK-A001" in alone
    assert "Rendah" not in alone
    assert "mesin lain" not in alone
    assert "meja informasi: Lantai 1, dekat pintu masuk" in alone
    site.machine("connection: virtual, on_fault: stop", f"kiosks: 2\n{SERVER}{HIGH}")
    text = text_of(made(site, "id"))
    assert "Server antrean terputus" in text
    assert "DK-A001 dan DK-001 sama-sama sah dan dipanggil" in text
    assert "Besar, Kontras, Suara, Rendah" in text
    assert "mesin lain atau meja informasi" in text
    assert "Sampai itu tidak ada nomor" in text
    site.machine("connection: virtual", f"letter: B\n{NARROW}")
    narrow = text_of(made(site, "id"))
    assert "DK-B001 dan DK-001" in narrow
    assert "Sentuh “Tampilan” di tepi bawah layar, lalu: “Besar”" in narrow
    by_fqm = SERVER.replace("{", "{kind: fqm, ", 1)
    site.machine("connection: virtual", f"letter: B\n{by_fqm}")
    always = text_of(made(site, "id"))
    assert "DK-B001 dan DK-001" in always
    assert "Server antrean terputus" not in always, "numbers have a letter all the time"


def test_a_site_s_own_words_and_languages_are_used(site: SiteFolder) -> None:
    replace(site, "words:\n", 'words:\n  done.cancel: "Keliru & <ingin> kembali?"\n')
    assert "Sentuh “Keliru & <ingin> kembali?”, lalu" in text_of(made(site, "id"))
    replace(site, "languages: [id, en]", "languages: [id]")
    text = text_of(made(site, "en"))
    assert "touch “Sudah saya catat”" in text, "the screens of this site speak Indonesian only"
    assert "Technician" in text


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_longest_texts_stay_on_one_page_within_its_margins(
    site: SiteFolder, language: str
) -> None:
    long = "Kata yang panjang sekali " * 19
    changed = [*KEYS, "mode.low", "staff.server.off", "cancel.done_text", "staff.paper.1_text"]
    replace(site, "words:\n", "words:\n" + "".join(f'  {key}: "{long}"\n' for key in changed))
    replace(site, "{id: Mal Pelayanan Publik Kota Balikpapan,", f'{{id: "{"M" * 400}",')
    site.machine("connection: virtual", f"{SERVER}{HIGH}")
    body = made(site, language)
    assert ("Jangan hentikan mesin" if language == "id" else "Do not stop") in text_of(body)
    with closing(pypdfium2.PdfDocument(body)) as pdf:
        image = pdf[0].render(scale=1, grayscale=True).to_pil()
    box = image.point(lambda level: 255 if level < 250 else 0).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert min(left, top, A4[0] - right, A4[1] - bottom) >= 20, "a printer's margin"
    said, boxes = letters(body)
    words = {"id": ("Teknisi", "Tiket keluar"), "en": ("Technician", "The ticket comes")}
    blanks, sketch = (said.index(word) for word in words[language])
    assert blanks < sketch, "the cards come last"
    drawn = [one for one in boxes[sketch:] if one[3] > one[1]]
    assert len(drawn) > 1000
    assert min(low for _, low, _, _ in drawn) > boxes[blanks][3], "a card reaches the blanks"


def test_without_opengl_the_page_has_a_drawing(
    site: SiteFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(*_args: object, **_named: object) -> list[Path]:
        raise DisplayError("display.no_gl")

    monkeypatch.setattr("kiosk.preview.studio.render", refuse)
    out = tmp_path / "lembar.pdf"
    code = main(["sheet", "--lang", "id", "--config", str(site.config), str(out)])
    assert (code, "Tanpa gambar layar: " in capsys.readouterr().out) == (0, True)
    assert "Tiket keluar di sini" in text_of(out)


def test_a_menu_without_agencies_has_a_page_too(site: SiteFolder) -> None:
    menu = site.config / "agencies.yaml"
    menu.write_text(
        "version: 1\nsite: {name: MPP Baru, timezone: Asia/Jayapura}\nagencies: []\n", "utf-8"
    )
    text = text_of(made(site, "id"))
    assert "MPP Baru" in text
    assert "Antar pengunjung ke meja informasi." in text


def test_errors_leave_no_file(
    site: SiteFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "ada.pdf"
    folder.mkdir()
    where = ["--lang", "id", "--config", str(site.config)]
    before = sorted(tmp_path.iterdir())
    assert main(["sheet", *where, str(folder)]) == 1
    assert "tidak dapat menulis ke" in one_line(capsys.readouterr().err)
    assert sorted(tmp_path.iterdir()) == before
    replace(site, "version: 1", "versi: [")
    said = []
    for command in (["evidence", "--pekppp", "--out"], ["sheet"]):
        assert main([*command[:1], *where, *command[1:], str(tmp_path / "x.pdf")]) == 1
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert "agencies.yaml:" in said[1]
    assert sorted(tmp_path.iterdir()) == before
