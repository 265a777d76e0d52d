"""``kiosk evidence --pekppp``: one PDF from this machine's own settings."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pypdfium2

from kiosk.commands.evidence import SLIP, SUBJECTS, WITH_SERVER, WITHOUT_SERVER
from kiosk.domain.modes import Mode
from kiosk.messages import TEXTS
from kiosk.preview.states import states
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from tests.e2e.site import ROOT, SiteFolder, one_line


def test_one_pdf_names_what_the_settings_leave_empty(site: SiteFolder, tmp_path: Path) -> None:
    out = tmp_path / "made" / "bukti.pdf"
    answer = site.stateless("evidence", "--pekppp", "--out", str(out), "--lang", "id")
    assert (answer.code, answer.out.splitlines()[0]) == (0, str(out)), answer.err
    with closing(pypdfium2.PdfDocument(out)) as pdf:
        said = []
        for page in pdf:
            with closing(page.get_textpage()) as text:
                said.append(text.get_text_range())
    text = " ".join(" ".join(said).split())
    for part in (
        "(indikator 1, 3)",
        "(indikator 31)",
        "Waktu pelayanan (indikator ____: isi nomornya)",
        "Kelompok rentan (indikator ____: isi nomornya)",
        "Tiket",
        "mesin lobi-1",
        "Antrean prioritas",
    ):
        assert part in text
    assert "Belum ada alamat survei" in text
    assert "Belum ada gambar" in text
    assert "Petugas dipanggil" not in text, "without a queue server the machine calls nobody"


def test_every_picture_is_a_state_of_the_preview() -> None:
    """A state that was renamed would be left out without a word."""
    settings = load_settings(ROOT / "config", ASSETS)
    known = {state.name for state in states(settings, "id")}
    for subject in SUBJECTS:
        for name, mode in subject.pictures:
            assert name == SLIP or name in known, name
            assert not mode or mode in {one.value for one in Mode}, mode
            for language in ("id", "en"):
                assert f"evidence.picture.{mode or name}" in TEXTS.by_language[language]
    named = {name for subject in SUBJECTS for name, _ in subject.pictures}
    assert {*WITH_SERVER, *WITHOUT_SERVER} <= named


def test_errors_are_one_line(site: SiteFolder, tmp_path: Path) -> None:
    assert "--pekppp" in one_line(site.stateless("evidence").err)
    missing = site.stateless("evidence", str(tmp_path / "none"), "--pekppp")
    assert (missing.code, "no such folder" in one_line(missing.err)) == (1, True)
