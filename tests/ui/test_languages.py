"""Screens in languages that a site adds: the key of three and more languages, and their letters."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.app.kiosk_app import make_root_view
from kiosk.domain.config import Settings
from kiosk.domain.events import (
    AgencyChosen,
    Event,
    LanguageChosen,
    LanguagesAsked,
    ServiceChosen,
)
from kiosk.domain.modes import NO_MODES, Mode, Modes
from kiosk.domain.visit_screens import (
    Agencies,
    Services,
    Shown,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.domain.words import Words
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio, settle
from kiosk.settings.loader import load_settings
from kiosk.ui.lettering import font_of, readable
from kiosk.widgets.line_breaks import pieces
from kiosk.widgets.text_fit import Box, fit, use_fonts
from tests.samples import is_share
from tests.ui import screen_measures as measures
from tests.ui.app_under_test import AppUnderTest
from tests.ui.kiosk_ports import FakeKioskPort
from tests.ui.plain_root_view import PlainRootView

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "languages"
ALL: Modes = frozenset({Mode.LARGE, Mode.CONTRAST, Mode.SPEECH})
WAY = (
    "agencies-open",
    "services-live",
    "confirm",
    "number-ahead-follow",
    "find-typed",
    "help",
    "attract-queue",
    "attract-closed",
)
"""Screens on the way to a number."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The shipped settings with Javanese and Chinese, as a site adds them."""
    folder = tmp_path_factory.mktemp("site") / "config"
    shutil.copytree(ROOT / "config", folder)
    shutil.copytree(SAMPLES, folder / "locale")
    menu = folder / "agencies.yaml"
    text = menu.read_text("utf-8").replace("languages: [id, en]", "languages: [id, en, jv, zh]")
    menu.write_text(text, "utf-8")
    yield load_settings(folder, ROOT / "assets")
    use_fonts(())


@pytest.fixture(scope="module", params=list(SIZES))
def studio(request: pytest.FixtureRequest, settings: Settings, window: Any) -> Studio:
    return Studio(settings, SIZES[request.param])


def offered(settings: Settings, *codes: str) -> Settings:
    site = replace(settings.catalogue.site, languages=codes)
    return replace(settings, catalogue=replace(settings.catalogue, site=site))


def show(root_view: Any, settings: Settings, language: str, name: str) -> None:
    """Draw the preview state of this name."""
    state = next(s for s in states(settings, language) if s.name == name)
    root_view.show(state.visit, state.snapshot)
    settle()


def home(studio: Studio, settings: Settings, visit: Visit) -> list[Event]:
    """The events of the keys in the bar, from left to right."""
    state = next(s for s in states(settings, visit.language) if s.name == "agencies-open")
    studio.root_view.show(replace(visit, screen=state.visit.screen), state.snapshot)
    settle()
    keys = sorted(studio.root_view.bar.children, key=lambda key: key.x)
    return [key.event for key in keys if key.event is not None]


@pytest.mark.parametrize("modes", [NO_MODES, ALL], ids=["plain", "modes"])
@pytest.mark.parametrize("codes", [("id", "en", "zh"), ("id", "en", "jv", "zh")], ids=len)
def test_each_language_is_reached_by_its_own_name(
    studio: Studio, settings: Settings, codes: tuple[str, ...], modes: Modes
) -> None:
    site = offered(settings, *codes)
    for code in codes[1:]:
        home(studio, site, Visit(code, modes=modes))
        _measure(studio)
    visit = Visit("id", modes=modes)
    events = home(studio, site, visit)
    bar = studio.root_view.bar
    if LanguagesAsked(open=True) in events:
        names = ["English …", "English · 中文"] if len(codes) == 3 else ["English …"]
        assert bar.choose.label in names
        place = (*bar.choose.pos, *bar.choose.size)
        _measure(studio)
        events = home(studio, site, replace(visit, languages_open=True))
        assert LanguagesAsked(open=False) in events
        assert (*bar.chosen.pos, *bar.chosen.size) == place
    for code in codes[1:]:
        assert LanguageChosen(code) in events
    assert LanguageChosen("id") not in events
    assert [key.label for key in bar.languages if key.event == LanguageChosen("zh")] == ["中文"]
    _measure(studio)


def _measure(studio: Studio) -> None:
    root_view = studio.root_view
    assert not measures.too_small(root_view, 20)
    assert not measures.too_near(root_view)
    assert not measures.overflowing(root_view)
    for key in root_view.bar.children:
        assert measures.cap_mm(key.ids.label) >= 4.75, key.label


@pytest.mark.parametrize("modes", [NO_MODES, frozenset({Mode.LARGE})], ids=["plain", "large"])
@pytest.mark.parametrize("language", ["jv", "zh"])
def test_texts_fit_in_a_language_of_the_site(
    studio: Studio, settings: Settings, language: str, modes: Modes
) -> None:
    """Each screen in each language and mode, both ways up at one of the two diagonals."""
    wrong = []
    place = int(studio.root_view.look.metrics.diagonal_inch > 20)
    for state in states(settings, language, modes):
        if state.name not in WAY or not is_share(f"{language} {modes} {state.name}", place, 2):
            continue
        studio.root_view.show(state.visit, state.snapshot)
        settle()
        root_view = studio.root_view
        found = [*measures.overflowing(root_view), *measures.colliding(root_view)]
        wrong += [f"{state.name}: {what}" for what in found]
        for text in measures.texts(root_view):
            assert "?" not in "".join(text.fitted.lines) or "?" in text.text or "？" in text.text
    assert not wrong, "\n".join(wrong)


def test_the_attract_screen_invites_once_in_each_language(
    studio: Studio, settings: Settings
) -> None:
    show(studio.root_view, settings, "id", "attract")
    view = studio.root_view.view
    assert view is not None
    others = view.ids.others.text.split("\n")
    assert others == [
        settings.words.say(code, "attract.touch") for code in settings.catalogue.site.languages[1:]
    ]
    texts = dict(settings.words.by_language)
    texts["jv"] = {**texts["jv"], "attract.touch": settings.words.say("id", "attract.touch")}
    lacking = replace(settings, words=Words.of(texts))
    studio.root_view.new_settings(lacking)
    show(studio.root_view, settings, "id", "attract")
    assert len(view.ids.others.text.split("\n")) == 2
    studio.root_view.new_settings(settings)


def test_chinese_letters_are_drawn_with_the_site_s_font_and_numbers_with_the_kiosk_s(
    studio: Studio, settings: Settings
) -> None:
    show(studio.root_view, settings, "zh", "number-follow")
    fonts = {text.text: text.fitted.font for text in measures.texts(studio.root_view)}
    assert fonts["您的排队号码"].endswith(":0")
    assert fonts["DK-027"] == "black"
    use_fonts(())
    assert readable("您的号码 1") == "? 1"
    assert font_of("您的号码", "bold") == "bold"
    use_fonts(settings.fonts)
    assert readable("您的号码 1") == "您的号码 1"
    mixed = fit("Demèk\n您的号码", "regular", Box(900, 400, 40, 40, 2))
    assert mixed.lines == ("Demek", "您的号码"), "the sample font lacks è: no empty box"
    assert font_of("您的号码", "bold") == "bold:0"


def test_a_font_that_was_deleted_takes_no_screen_down(
    settings: Settings, window: Any, tmp_path: Path
) -> None:
    font = tmp_path / "font.ttf"
    shutil.copy(SAMPLES / "zh" / "font.ttf", font)
    files = tuple(replace(one, regular=str(font), bold=str(font)) for one in settings.fonts)
    studio = Studio(replace(settings, fonts=files), SIZES["landscape-15"])
    font.unlink()
    home(studio, settings, Visit("zh"))
    use_fonts(())
    use_fonts(files)
    home(studio, settings, Visit("zh"))
    assert studio.root_view.header.title


def test_a_font_that_cannot_be_opened_is_left_out_and_named_to_staff(
    context: Callable[..., AppUnderTest], settings: Settings, tmp_path: Path
) -> None:
    font = tmp_path / "font.otf"
    whole = (SAMPLES / "zh" / "font.ttf").read_bytes()
    # Every table is there and has its length, but the outlines are of another kind.
    font.write_bytes(b"OTTO" + whole[4:].replace(b"glyf", b"CFF ", 1))
    files = tuple(replace(one, regular=str(font), bold=str(font)) for one in settings.fonts)
    port = FakeKioskPort(settings.catalogue)
    port.settings = replace(settings, fonts=files)
    app = context(port, make_root_view)
    app.tap(LanguagesAsked(open=True))
    app.tap(LanguageChosen("zh"))
    assert app.visit.language == "zh"
    assert app.app._monitor.fonts_left_out == (str(font),)


class NeedsNoFonts(PlainRootView):
    """Cannot draw with fonts of the site once ``broken``."""

    broken = False

    def show(self, visit: Visit, snapshot: KioskSnapshot, *_: object, **__: object) -> None:
        if self.broken and self.settings.fonts:
            raise ValueError("a font broke")
        super().show(visit, snapshot)


def test_screens_that_no_font_draws_go_on_without_the_site_s_fonts(
    context: Callable[..., AppUnderTest], settings: Settings
) -> None:
    port = FakeKioskPort(settings.catalogue)
    port.settings = settings
    app = context(port, lambda site, _window, emit: NeedsNoFonts(site, emit))
    app.tap(LanguageChosen("zh"))
    app.root_view.broken = True
    app.tap(AgencyChosen("disdukcapil"))
    assert (app.visit.screen, app.visit.language) == (Agencies(), "id")
    assert app.app._monitor.fonts_left_out == tuple(one.regular for one in settings.fonts)
    app.tap(AgencyChosen("disdukcapil"))
    assert isinstance(app.visit.screen, Services)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("请取走您的号票，谢谢。", ["请", "取", "走", "您", "的", "号", "票，", "谢", "谢。"]),
        ("「号票」请 A4 取", ["「号", "票」", "请", " A4", " 取"]),
        ("Loket 22号窗口", ["Loket", " 22号", "窗", "口"]),
        ("Ambil nomor", ["Ambil", " nomor"]),
    ],
)
def test_a_line_breaks_between_ideographs_but_not_before_a_mark(
    text: str, whole: list[str]
) -> None:
    assert ["".join(piece) for piece in pieces(text)] == [f" {whole[0]}", *whole[1:]]


def test_a_chinese_sentence_is_wrapped_without_loss(settings: Settings, window: Any) -> None:
    use_fonts(settings.fonts)
    text = "没有找到。请换一个词、选择机构，或到咨询台询问。"
    fitted = fit(text, "regular", Box(300, 400, 40, 40, 5))
    assert len(fitted.lines) > 2
    assert "".join(fitted.lines) == text
    assert fitted.width <= 300
    assert not any(line[0] in "，。、" for line in fitted.lines)


# ── in the application, with real touches ────────────────────────────────────────────────


@pytest.fixture
def app(context: Callable[..., AppUnderTest], settings: Settings) -> AppUnderTest:
    port = FakeKioskPort(settings.catalogue)
    port.settings = settings
    return context(port, make_root_view)


def test_a_number_is_taken_in_chinese(app: AppUnderTest) -> None:
    app.tap(LanguagesAsked(open=True))
    app.tap(LanguageChosen("zh"))
    assert app.visit.language == "zh"
    assert not app.visit.languages_open
    assert app.root_view.header.title == "请选择机构"
    app.tap(AgencyChosen("disdukcapil"))
    app.tap(ServiceChosen("ktp-el"))
    app.on(Shown)
    (request,) = app.kiosk_port.requests
    assert request.language == "zh"


@pytest.mark.parametrize("after_s", [0.55, 0.65, 0.8])
@pytest.mark.parametrize("first", [LanguagesAsked(open=True), LanguageChosen("id")])
def test_a_double_touch_on_a_key_of_the_languages_keeps_the_screen(
    app: AppUnderTest, first: Event, after_s: float
) -> None:
    app.tap(LanguagesAsked(open=True))
    app.tap(LanguageChosen("zh"))
    app.tap(AgencyChosen("disdukcapil"))
    if isinstance(first, LanguageChosen):
        app.tap(LanguagesAsked(open=True))
    screen, where = app.visit.screen, app.middle(first)
    app.clock.freeze()
    before = (app.visit.language, app.visit.languages_open)
    app.tap(first)
    seen = (app.visit.language, app.visit.languages_open)
    assert seen != before
    app.clock.advance(after_s)
    touch = app.fingers.down(*where)
    app.frames(1)
    app.fingers.up(touch, *where)
    app.frames(2)
    assert (app.visit.screen, app.visit.language, app.visit.languages_open) == (screen, *seen)


def test_a_language_and_its_font_are_taken_up_while_the_kiosk_runs(
    context: Callable[..., AppUnderTest], settings: Settings
) -> None:
    use_fonts(())
    plain = load_settings(ROOT / "config", ROOT / "assets")
    port = FakeKioskPort(plain.catalogue)
    port.settings = plain
    app = context(port, make_root_view)
    app.root_view.new_settings(settings)
    show(app.root_view, settings, "zh", "agencies-open")
    title = next(t for t in measures.texts(app.root_view) if t.text == "请选择机构")
    assert title.fitted.font.endswith(":0")
    assert title.fitted.lines == ("请选择机构",)
