"""``kiosk preview`` draws all states, and no picture is empty."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import Image

from kiosk.cli import main
from kiosk.domain.visit_screens import (
    Closed,
    Screen,
)
from kiosk.errors import KioskError, Refusal
from kiosk.preview import studio
from kiosk.preview.index import write_index
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, render
from kiosk.settings.history import SettingsHistory, Snapshot
from kiosk.settings.loader import load_settings
from menu.schedule import Why

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[2]


def test_every_state_has_a_picture(
    tmp_path: Path, window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At half the resolution: without a graphics card the time goes into pixels."""
    monkeypatch.setitem(SIZES, "landscape-15", (640, 400, 15.6))
    settings = load_settings(ROOT / "config", ROOT / "assets")
    drawn = render(settings, tmp_path, ["landscape-15"], ["id"], modes=["normal"])
    names = {path.stem for path in drawn}
    assert {f"closed-{w.value}" for w in Why if w is not Why.OPEN} <= names
    assert {f"problem-{t.value}" for t in Refusal} <= names
    assert {"agencies-open", "services-long", "details", "issuing", "offered", "help"} <= names
    assert {
        f"number-{p}" for p in ("printing", "confirmed", "sent", "uncertain", "screen")
    } <= names
    assert len(drawn) == len(list(states(settings, "id"))) + 1
    for path in drawn:
        with Image.open(path) as picture:
            assert picture.getcolors(maxcolors=50) is None, f"{path.name}: 50 colours or fewer"
            if not path.stem.endswith("sheet"):
                assert picture.size == (640, 400)
                assert path.parent == tmp_path / "landscape-15" / "id"


def test_a_single_screen_can_be_drawn(tmp_path: Path, window: Any) -> None:
    settings = load_settings(ROOT / "config", ROOT / "assets")
    drawn = render(settings, tmp_path, ["landscape-15"], ["id"], only="help*")
    folders = {path.parent.name for path in drawn if not path.stem.endswith("sheet")}
    assert folders == {"id", "id-contrast", "id-large", "id-speech"}, (
        "with the shipped height low reach moves nothing"
    )
    assert {path.stem for path in drawn} == {
        *(
            f"help{what}"
            for what in (
                *("", "-no-call", "-complaint"),
                *("-number-printing", "-number-printed", "-number-screen"),
            )
        ),
        "id-sheet",
        "id-contrast-sheet",
        "id-large-sheet",
        "id-speech-sheet",
    }
    with pytest.raises(KioskError, match="no screen is called halp; there are: agencies-"):
        render(settings, tmp_path, only="halp")


def test_every_kind_of_screen_has_a_state() -> None:
    """The layout tests measure the states, so that a screen without one is measured by none."""
    settings = load_settings(ROOT / "config", ROOT / "assets")
    drawn = {type(state.visit.screen) for state in states(settings, "id")}
    assert drawn == set(get_args(Screen))


def test_closed_states_agree_with_the_schedule() -> None:
    """Each closed state has the reason and the opening that its menu gives at its time."""
    settings = load_settings(ROOT / "config", ROOT / "assets")
    met = set()
    for state in states(settings, "id"):
        screen, snapshot = state.visit.screen, state.snapshot
        if not isinstance(screen, Closed) or state.name == "closed-paused-until":
            continue
        agency = snapshot.catalogue.agency(screen.agency)
        assert agency is not None
        assert screen.opening == snapshot.opening(agency), state.name
        assert not screen.opening.open, state.name
        met.add(screen.opening.why)
    assert met == set(Why) - {Why.OPEN}


def test_the_holiday_that_closes_an_agency_is_on_its_date() -> None:
    settings = load_settings(ROOT / "config", ROOT / "assets")
    menu = settings.catalogue
    assert menu.closures
    for closures in (menu.closures, ()):
        shown = replace(settings, catalogue=replace(menu, closures=closures))
        state = next(s for s in states(shown, "en") if s.name == "closed-holiday")
        today = state.snapshot.now.date()
        screen = state.visit.screen
        assert isinstance(screen, Closed)
        reason = screen.opening.reason
        assert reason is not None
        named = {(closure.date, closure.reason) for closure in closures}
        if not closures:
            assert reason.in_("en") == "Christmas Day"
            named = {(date(today.year, 12, 25), reason)}
        assert (today, reason) in named


def test_the_page_shows_each_picture_once_without_script_or_network(tmp_path: Path) -> None:
    words = load_settings(ROOT / "config", ROOT / "assets").words
    names = ("portrait-21/id/help.png", "landscape-15/en-large/site-closed.png", "slips/80mm.png")
    files = [tmp_path / name for name in (*names, "portrait-21/id-sheet.png")]
    page = write_index(tmp_path, files, "id", words).read_text("utf-8")
    for name in names:
        assert page.count(f'<img src="{name}"') == 1
    assert "sheet" not in page
    assert '<html lang="id">' in page
    for text in ("Bantuan", "Seluruh MPP tutup", "Tiket", "21.5″ tegak, 1080 x 1920", "English"):
        assert text in page, text
    assert not re.search(r"https?:|<script|@import|url\(|Yang berubah", page)
    sizes = re.findall(r'id="size-([\w-]+)"( checked)?', page)
    assert sizes == [("portrait-21", " checked"), ("landscape-15", "")]
    assert "body:has(#mode-large:checked) .mode:not(.mode-large) { display: none }" in page
    english = write_index(tmp_path, files, "en", words, []).read_text("utf-8")
    assert "No picture differs from the settings in use" in english


def test_what_differs_from_the_settings_in_use_comes_first(
    tmp_path: Path, window: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(studio, "SIZES", {"landscape-15": SIZES["landscape-15"]})
    shutil.copytree(ROOT / "config", tmp_path / "config")
    out, menu = tmp_path / "out", tmp_path / "config" / "agencies.yaml"
    where = ["--config", str(tmp_path / "config"), "--state", str(tmp_path), "--out", str(out)]
    command = ["preview", *where, "--changed", "--only", "services-o*", "--mode", "normal"]
    assert main(command) == 1
    assert "belum menyimpan pengaturan" in capsys.readouterr().err
    taken = Snapshot.take(tmp_path / "config")
    assert taken is not None
    SettingsHistory(tmp_path).keep(taken, datetime(2026, 11, 27, tzinfo=UTC))
    assert main(command) == 0
    assert "Tidak ada gambar yang berbeda" in capsys.readouterr().out
    menu.write_text(menu.read_text("utf-8").replace("UKL-UPL dan SPPL", "UKL-UPL"), "utf-8")
    assert main(command) == 0
    assert "1 gambar berbeda" in capsys.readouterr().out, "the English name is another one"
    page = (out / "index.html").read_text("utf-8")
    pair = page.index('src="before/landscape-15/id/services-one.png"')
    assert pair < page.index('src="landscape-15/id/services-one.png"')
    assert page.index('<section id="changed">') < pair < page.index('<section id="services">')
    assert not list(out.glob("before/**/*out-of-touch*")), "what is the same has no second picture"
