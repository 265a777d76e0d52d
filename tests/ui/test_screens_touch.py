"""Touches on the real screens: which ones act, and which ones must not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from kivy.base import EventLoop, runTouchApp

from kiosk.demo.fingers import Fingers
from kiosk.domain.config import Settings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.events import (
    AgencyChosen,
    AnotherTapped,
    BackTapped,
    CancelTapped,
    ClosedAsked,
    ConfirmTapped,
    DetailsAsked,
    DetailsPrintTapped,
    DoneTapped,
    Event,
    HelpTapped,
    HomeTapped,
    LanguageChosen,
    ModeToggled,
    OfferTaken,
    PriorityChosen,
    RetryTapped,
    ServiceChosen,
    Touched,
    VoidConfirmed,
)
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import Live, ServiceLive
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.visit_screens import (
    Agencies,
    CancelAsked,
    Cancelled,
    Cancelling,
    Confirm,
    DetailsSlip,
    Help,
    Issuing,
    Offered,
    Problem,
    Screen,
    Services,
    Shown,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.errors import Refusal
from kiosk.screens.root_view import RootView
from kiosk.settings.loader import load_settings
from kiosk.ui.metrics import Metrics
from tests.ui import screen_measures as measures

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 9, 12, tzinfo=ZoneInfo("Asia/Makassar"))
REQUEST = TicketRequest("id-1", "0" * 32, "ktp-el", "id", NOW)
TICKET = Ticket("id-1", "0" * 32, "DK-027", NOW.date(), "ktp-el", "id", NOW)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ROOT / "assets")


class Bench:
    """A root view in the window with simulated fingers; ``emitted``: the events of the screens."""

    def __init__(self, settings: Settings, window: Any) -> None:
        self.settings = settings
        self.window = window
        self.emitted: list[Event] = []
        metrics = Metrics.of(settings.kiosk.screen, window.size)
        self.root_view = RootView(settings, metrics, self.emitted.append)
        self.fingers = Fingers(window)
        self.snapshot = KioskSnapshot(settings.catalogue, NOW, 100.0)

    def show(self, screen: Screen, **changes: Any) -> None:
        """Show a screen; ``changes`` replaces values of the visit."""
        visit = replace(Visit("id", screen, touched_s=99.0), **changes)
        self.root_view.show(visit, self.snapshot)
        self.frames()

    def frames(self, count: int = 3) -> None:
        """Run ``count`` frames."""
        for _ in range(count):
            EventLoop.idle()

    def find(self, event: Event) -> Any:
        """The touch target of ``event``."""
        found = [t for t in measures.targets(self.root_view) if t.event == event]
        assert found, f"no target for {event}"
        return found[0]

    def down(self, event: Event) -> Any:
        """Touch down on the target of ``event``."""
        touch = self.fingers.down(*self.find(event).center)
        self.frames(1)
        return touch

    def up(self, touch: Any, x: float, y: float) -> None:
        """Touch up at this point."""
        self.fingers.up(touch, x, y)
        self.frames(1)

    def tap(self, event: Event) -> None:
        """Touch down and up on the target of ``event``."""
        x, y = self.find(event).center
        self.up(self.down(event), x, y)


@pytest.fixture
def bench(settings: Settings, window: Any) -> Iterator[Bench]:
    made = Bench(settings, window)
    window.add_widget(made.root_view)
    runTouchApp(embedded=True)
    EventLoop.status = "started"
    made.fingers.attach()
    made.show(Agencies())
    yield made
    made.fingers.detach()
    window.remove_widget(made.root_view)


def test_a_tap_on_a_tile_chooses_its_agency(bench: Bench) -> None:
    bench.tap(AgencyChosen("disdukcapil"))
    bench.tap(AgencyChosen("taspen"))
    assert bench.emitted == [AgencyChosen("disdukcapil"), AgencyChosen("taspen")]


def test_a_target_shows_the_press_at_once_and_acts_on_touch_up(bench: Bench) -> None:
    tile = bench.find(AgencyChosen("disdukcapil"))
    touch = bench.down(AgencyChosen("disdukcapil"))
    assert tile.down
    assert bench.emitted == []
    bench.up(touch, *tile.center)
    assert not tile.down
    assert bench.emitted == [AgencyChosen("disdukcapil")]


def test_sliding_off_a_target_cancels_the_touch(bench: Bench) -> None:
    tile = bench.find(AgencyChosen("disdukcapil"))
    touch = bench.down(AgencyChosen("disdukcapil"))
    bench.fingers.move(touch, tile.center_x, tile.y - 60)
    bench.frames(1)
    assert not tile.down
    bench.up(touch, tile.center_x, tile.y - 60)
    assert bench.emitted == []


def test_a_touch_that_slides_onto_a_tile_does_not_choose_it(bench: Bench) -> None:
    other = bench.find(AgencyChosen("imigrasi"))
    touch = bench.down(AgencyChosen("disdukcapil"))
    bench.fingers.move(touch, *other.center)
    bench.frames(1)
    bench.up(touch, *other.center)
    assert bench.emitted == []


@pytest.mark.parametrize("event", [BackTapped(), HomeTapped(), HelpTapped()])
def test_a_touch_begun_on_one_screen_does_not_act_on_the_next(bench: Bench, event: Event) -> None:
    bench.show(Services("disdukcapil"))
    button = bench.find(event)
    touch = bench.down(event)
    bench.show(Problem(Refusal.GENERIC))
    bench.up(touch, *button.center)
    assert bench.emitted == []
    bench.tap(event)
    assert bench.emitted == [event]


def test_a_touch_is_void_if_its_tile_changes_to_another_agency(bench: Bench) -> None:
    tile = bench.find(AgencyChosen("bnn"))
    touch = bench.down(AgencyChosen("bnn"))
    tile.event = AgencyChosen("taspen")
    bench.up(touch, *tile.center)
    assert bench.emitted == []


def test_a_second_finger_on_the_same_tile_has_no_effect(bench: Bench) -> None:
    tile = bench.find(AgencyChosen("disdukcapil"))
    first = bench.down(AgencyChosen("disdukcapil"))
    second = bench.down(AgencyChosen("disdukcapil"))
    bench.up(second, *tile.center)
    assert bench.emitted == []
    bench.up(first, *tile.center)
    assert bench.emitted == [AgencyChosen("disdukcapil")]


def test_ten_touches_on_ten_tiles_choose_each_at_most_once(bench: Bench) -> None:
    tiles = [t for t in measures.targets(bench.root_view) if isinstance(t.event, AgencyChosen)][:10]
    touches = [(bench.fingers.down(*t.center), t) for t in tiles]
    bench.frames(1)
    for touch, tile in touches:
        bench.fingers.up(touch, *tile.center)
    bench.frames(2)
    assert len(bench.emitted) == len(set(bench.emitted)) <= 10


@pytest.mark.parametrize("button", ["right", "middle", "scrollup", "scrolldown"])
def test_other_mouse_buttons_and_the_wheel_have_no_effect(bench: Bench, button: str) -> None:
    tile = bench.find(AgencyChosen("disdukcapil"))
    touch: Any = bench.fingers.down(*tile.center)
    touch.button = button
    touch.profile = ("pos", "button")
    bench.frames(1)
    assert not tile.down
    bench.up(touch, *tile.center)
    assert bench.emitted == []


def test_a_touch_near_the_button_gives_neither_a_number_nor_the_details(bench: Bench) -> None:
    bench.show(Services("disdukcapil"))
    take = bench.find(ServiceChosen("ktp-el"))
    mm = take.look.metrics.px_per_mm
    for x, y in (
        (take.x - 1 * mm, take.center_y),
        (take.x - 2.5 * mm, take.center_y),
        (take.x - 4 * mm, take.center_y),
        (take.center_x, take.top + 1 * mm),
        (take.center_x, take.y - 1 * mm),
        (take.right + 1.5 * mm, take.center_y),
    ):
        touch = bench.fingers.down(x, y)
        bench.frames(1)
        bench.up(touch, x, y)
    assert bench.emitted == []


def test_a_press_on_a_closed_service_gives_no_number_if_it_opens_before_the_release(
    bench: Bench,
) -> None:
    night = replace(bench.snapshot, now=NOW.replace(hour=21))
    bench.root_view.show(Visit("id", Services("disdukcapil")), night)
    bench.frames()
    button = bench.find(ClosedAsked("ktp-el"))
    assert button.label == "Tutup"
    touch = bench.down(ClosedAsked("ktp-el"))
    bench.show(Services("disdukcapil"))
    bench.up(touch, *button.center)
    assert bench.emitted == []


def test_the_button_takes_a_number_and_the_row_shows_the_details(bench: Bench) -> None:
    bench.show(Services("disdukcapil"))
    bench.tap(DetailsAsked("ktp-el"))
    bench.tap(ServiceChosen("ktp-el"))
    bench.tap(PriorityChosen("elderly"))
    assert bench.emitted == [
        DetailsAsked("ktp-el"),
        ServiceChosen("ktp-el"),
        PriorityChosen("elderly"),
    ]


def test_the_details_offer_the_number_and_the_way_back(bench: Bench) -> None:
    bench.show(Services("disdukcapil", details="ktp-el"))
    bench.tap(ServiceChosen("ktp-el"))
    bench.tap(DetailsAsked(None))
    assert bench.emitted == [ServiceChosen("ktp-el"), DetailsAsked(None)]


def test_the_chosen_priority_has_a_mark_besides_its_colour(bench: Bench) -> None:
    bench.show(Services("disdukcapil"), priorities=("pregnant", "disability"))
    chips = {
        t.event.code: t
        for t in measures.targets(bench.root_view)
        if isinstance(t.event, PriorityChosen)
    }
    assert {code for code, chip in chips.items() if chip.chosen} == {"pregnant", "disability"}
    ticks = {code: chip.ids.mark.name for code, chip in chips.items()}
    assert ticks["pregnant"] != ticks["elderly"]


PRINTED = PrintResult(Outcome.PRINTED, Level.PROCESS_ID)
DETAILS = Services("disdukcapil", details="ktp-el")
CASES: list[tuple[Screen, list[Event]]] = [
    (Shown(TICKET, 99.0), [AnotherTapped(), CancelTapped(), DoneTapped()]),
    (CancelAsked(Shown(TICKET, 99.0)), [VoidConfirmed(), BackTapped(), HelpTapped()]),
    (Cancelled(TICKET, 99.0), [AnotherTapped(), DoneTapped(), HomeTapped(), BackTapped()]),
    (Shown(TICKET, 99.0, PRINTED), [AnotherTapped(), DoneTapped(), HomeTapped()]),
    (Offered(TICKET), [OfferTaken(), DoneTapped()]),
    (DETAILS, [DetailsPrintTapped("ktp-el"), ServiceChosen("ktp-el"), BackTapped()]),
    (DetailsSlip("job", 99.0, DETAILS, PRINTED), [BackTapped(), HomeTapped(), HelpTapped()]),
    (Problem(Refusal.SLOW, REQUEST), [RetryTapped(), HomeTapped(), BackTapped(), HelpTapped()]),
    (Problem(Refusal.FULL), [HomeTapped(), BackTapped()]),
    (Help(Agencies()), [BackTapped(), HomeTapped()]),
]


@pytest.mark.parametrize(("screen", "events"), CASES)
def test_each_screen_emits_the_events_of_its_buttons(
    bench: Bench, screen: Screen, events: list[Event]
) -> None:
    bench.show(screen)
    for event in events:
        bench.tap(event)
    assert bench.emitted == events


def test_only_language_and_modes_can_be_touched_while_a_number_is_given_back(bench: Bench) -> None:
    bench.show(Cancelling(Shown(TICKET, 99.0), 100.0))
    _only_language_and_modes(bench)


def test_only_language_and_modes_can_be_touched_while_details_are_printed(bench: Bench) -> None:
    bench.show(DetailsSlip("job", 99.0, DETAILS))
    _only_language_and_modes(bench)


def test_a_printer_that_cannot_print_is_named_in_place_of_the_button(bench: Bench) -> None:
    bench.snapshot = replace(bench.snapshot, printer=PrinterHealth(fault=Fault.PAPER_OUT))
    bench.show(DETAILS)
    assert not any(
        t.event == DetailsPrintTapped("ktp-el") for t in measures.targets(bench.root_view)
    )
    said = {t.text for t in measures.texts(bench.root_view)}
    assert "Tidak dapat dicetak: kertas habis" in said


def test_the_screens_of_a_void_name_the_number_and_say_what_to_do(bench: Bench) -> None:
    bench.show(CancelAsked(Shown(TICKET, 99.0)))
    texts_shown = [t.text for t in measures.texts(bench.root_view)]
    assert "Batalkan nomor DK-027?" in texts_shown
    bench.show(Cancelled(TICKET, 99.0))
    texts_shown = [t.text for t in measures.texts(bench.root_view)]
    assert "Nomor DK-027 dibatalkan" in texts_shown
    assert any(text.startswith("Buang tiketnya.") for text in texts_shown)
    bench.show(Shown(TICKET, 99.0, kept=True))
    assert any("belum dapat dibatalkan" in t.text for t in measures.texts(bench.root_view))


def test_only_language_and_modes_can_be_touched_while_a_number_is_made(bench: Bench) -> None:
    bench.show(Issuing(REQUEST, 100.0))
    _only_language_and_modes(bench)


def _only_language_and_modes(bench: Bench) -> None:
    live = [t.event for t in measures.targets(bench.root_view) if t.event is not None]
    assert LanguageChosen("en") in live
    assert all(isinstance(event, LanguageChosen | ModeToggled) for event in live)


def test_each_language_is_named_in_that_language(bench: Bench) -> None:
    assert bench.find(LanguageChosen("en")).label == "English"
    bench.show(Agencies(), language="en")
    assert bench.find(LanguageChosen("id")).label == "Bahasa Indonesia"


def test_the_idle_warning_takes_all_touches(bench: Bench) -> None:
    bench.show(Services("disdukcapil"))
    row = bench.find(ServiceChosen("ktp-el"))
    place = row.center
    bench.show(Services("disdukcapil"), warned_s=95.0)
    touch = bench.fingers.down(*place)
    bench.frames(1)
    bench.up(touch, *place)
    assert set(bench.emitted) == {Touched()}
    bench.emitted.clear()
    bench.tap(Touched())
    assert bench.emitted == [Touched()]


def test_the_countdown_has_words_and_a_bar_and_leaves_the_buttons_unchanged(bench: Bench) -> None:
    sure = PrintResult(Outcome.PRINTED, Level.PROCESS_ID)
    visit = Visit("id", Shown(TICKET, 95.0, sure), touched_s=95.0)
    texts_shown, parts = [], []
    for mono_s in (95.0, 96.0, 104.2):
        snapshot = replace(bench.snapshot, mono_s=mono_s)
        bench.root_view.show(visit, snapshot) if mono_s == 95.0 else bench.root_view.tick(
            visit, snapshot
        )
        view: Any = bench.root_view.view
        countdown = view.ids.countdown
        texts_shown.append(countdown.words)
        parts.append(countdown.part)
        assert bench.find(DoneTapped()).label == "Selesai"
    assert texts_shown == [f"Kembali ke awal dalam {n} detik" for n in (10, 9, 1)]
    assert parts == [1.0, 0.9, 0.1]


def test_help_over_a_number_shows_the_number(bench: Bench) -> None:
    number = Shown(TICKET, 99.0, PrintResult(Outcome.NOT_PRINTED, Level.STATUS))
    bench.show(number)
    bench.tap(HelpTapped())
    assert bench.emitted == [HelpTapped()]
    bench.show(Help(number))
    texts_shown = " ".join(t.text for t in measures.texts(bench.root_view))
    assert texts_shown.count("DK-027") == 2
    assert "Catat atau foto nomor Anda" in texts_shown
    assert "Tunggu di Lantai 1, Loket 19" in texts_shown
    assert all(t.event != HomeTapped() for t in measures.targets(bench.root_view))
    bench.tap(BackTapped())
    assert bench.emitted[1:] == [BackTapped()]


def _crowd(bench: Bench) -> None:
    states = {
        f.service.code: ServiceLive(34, (120, 150)) for f in bench.snapshot.catalogue.services()
    }
    bench.snapshot = replace(bench.snapshot, live=Live(states, in_touch=True, linked=True))


def test_the_confirmation_shows_the_choice_and_both_answers_act(bench: Bench) -> None:
    _crowd(bench)
    bench.show(Confirm("ktp-el", Services("disdukcapil")), priorities=("elderly",))
    texts_shown = [t.text for t in measures.texts(bench.root_view)]
    for words in (
        "Periksa pilihan Anda",
        "Layanan ini sedang ramai",
        "KTP elektronik",
        "Dinas Kependudukan dan Pencatatan Sipil",
        "34",
        "2–2,5 jam",
        "Lantai 1 · Loket 19",
        "Kelompok prioritas: Lansia (60 tahun ke atas) · Petugas dapat meminta konfirmasi",
    ):
        assert words in texts_shown, words
    bench.tap(ConfirmTapped())
    assert bench.find(ConfirmTapped()).label == "Ya, cetak tiket"
    bench.tap(BackTapped())
    assert bench.emitted == [ConfirmTapped(), BackTapped()]


def test_the_buttons_of_the_confirmation_do_not_move_when_the_counts_disappear(
    bench: Bench,
) -> None:
    _crowd(bench)
    asked = Confirm("ktp-el", Services("disdukcapil"))
    bench.show(asked)
    yes = bench.find(ConfirmTapped())
    touch, place = bench.down(ConfirmTapped()), (*yes.pos, *yes.size)
    bench.snapshot = replace(
        bench.snapshot, live=Live(linked=True), printer=PrinterHealth(fault=Fault.PAPER_OUT)
    )
    bench.show(asked)
    texts_shown = [t.text for t in measures.texts(bench.root_view)]
    assert "34" not in texts_shown
    assert "2–2,5 jam" not in texts_shown
    assert "Layanan ini sedang ramai" not in texts_shown
    assert "Lantai 1\nLoket 19" in texts_shown, "a line breaks between floor and counter only"
    assert yes.label == "Ya, ambil nomor", "without paper the number is shown on the screen only"
    assert (*yes.pos, *yes.size) == place
    bench.up(touch, *yes.center)
    assert bench.emitted == [ConfirmTapped()]


def test_a_touch_held_while_the_confirmation_appears_has_no_effect(bench: Bench) -> None:
    _crowd(bench)
    bench.show(Confirm("ktp-el", Services("disdukcapil")))
    x, y = bench.find(ConfirmTapped()).center
    bench.show(Services("disdukcapil"))
    touch = bench.fingers.down(x, y)
    bench.frames(1)
    bench.show(Confirm("ktp-el", Services("disdukcapil")))
    bench.up(touch, x, y)
    assert bench.emitted == []


def test_agencies_with_one_service_offer_the_priority_groups(
    bench: Bench, settings: Settings
) -> None:
    single = [a for a in settings.catalogue.agencies if len(a.services) == 1]
    assert len(single) == 4
    for agency in single:
        bench.show(Services(agency.code))
        bench.tap(PriorityChosen("elderly"))
        bench.tap(ServiceChosen(agency.services[0].code))
        assert bench.emitted == [
            PriorityChosen("elderly"),
            ServiceChosen(agency.services[0].code),
        ]
        bench.emitted.clear()


@pytest.mark.parametrize(
    ("trouble", "label"),
    [(t, "Pilih instansi lain") for t in (Refusal.QUOTA, Refusal.PAUSED)]
    + [(t, "Beranda") for t in (Refusal.PRINTER, Refusal.FULL, Refusal.NUMBERS)],
)
def test_another_agency_is_offered_only_if_it_may_give_a_number(
    bench: Bench, trouble: Refusal, label: str
) -> None:
    bench.show(Problem(trouble))
    labels = [t.label for t in measures.targets(bench.root_view) if t.event == HomeTapped()]
    assert set(labels) == {"Beranda", label}, "one in the bar and one on the screen"
    bench.tap(HomeTapped())
    assert bench.emitted == [HomeTapped()]


def test_an_unconfirmed_slip_asks_the_visitor_to_note_the_number(bench: Bench) -> None:
    for result in (
        PrintResult(Outcome.PRINTED, Level.BLIND),
        PrintResult(Outcome.UNCERTAIN, Level.STATUS),
        PrintResult(Outcome.NOT_PRINTED, Level.STATUS),
    ):
        bench.show(Shown(TICKET, 99.0, result))
        assert bench.find(DoneTapped()).label == "Sudah saya catat"


def test_screens_change_without_a_transition(bench: Bench) -> None:
    visit = Visit("id", Services("disdukcapil"))
    bench.root_view.show(visit, bench.snapshot)
    view = bench.root_view.view
    assert type(view).__name__ == "ServicesView"
    assert view in bench.root_view.children
    bench.root_view.show(replace(visit, screen=Agencies()), bench.snapshot)
    assert view not in bench.root_view.children


def test_new_counts_do_not_move_a_pressed_button(bench: Bench) -> None:
    bench.show(Services("disdukcapil"))
    services = bench.settings.catalogue.agency("disdukcapil").services  # type: ignore[union-attr]
    row = bench.find(ServiceChosen(services[0].code)).parent
    before = (tuple(row.pos), tuple(row.size), tuple(row.ids.take.pos))
    touch = bench.down(ServiceChosen(services[0].code))
    states = {s.code: ServiceLive(12, (40, 50), quota_left=7) for s in services}
    bench.snapshot = replace(bench.snapshot, live=Live(states, in_touch=True, linked=True))
    bench.show(Services("disdukcapil"))
    assert row.meta.startswith("12 menunggu · sekitar 40–50 menit · sisa kuota: 7")
    assert (tuple(row.pos), tuple(row.size), tuple(row.ids.take.pos)) == before
    bench.up(touch, *row.ids.take.center)
    assert bench.emitted == [ServiceChosen(services[0].code)]


def test_a_row_shortens_place_and_wait_to_its_size(bench: Bench) -> None:
    bench.show(Services("dpmptsp"))
    services = bench.settings.catalogue.agency("dpmptsp").services  # type: ignore[union-attr]
    service = next(s for s in services if not s.requirements)
    row = bench.find(ServiceChosen(service.code)).parent
    where = row.meta
    assert where.startswith("Lantai 1 · Loket ")
    states = {service.code: ServiceLive(9, (36, 50), quota_left=9)}
    bench.snapshot = replace(bench.snapshot, live=Live(states, in_touch=True, linked=True))
    bench.show(Services("dpmptsp"))
    assert row.meta == f"{where}\n9 menunggu · sekitar 35–50 menit · sisa kuota: 9"
    row.width *= 0.7
    bench.frames()
    assert row.meta == f"{where} · 9 menunggu\nsekitar 35–50 menit · sisa kuota: 9"
    row.height = row.look.mm(25)
    bench.frames()
    assert row.meta == "9 menunggu · 35–50 menit · sisa 9"


def test_a_tile_shows_how_many_wait_and_a_sign_that_the_server_is_offline(bench: Bench) -> None:
    bench.snapshot = replace(bench.snapshot, live=Live(linked=True))
    bench.show(Agencies())
    tile = bench.find(AgencyChosen("disdukcapil"))
    place, name = tuple(tile.pos), tuple(tile.ids.name.pos)
    agency = bench.settings.catalogue.agency("disdukcapil")
    states = {s.code: ServiceLive(2) for s in agency.services}  # type: ignore[union-attr]
    bench.snapshot = replace(bench.snapshot, live=Live(states, in_touch=True, linked=True))
    bench.show(Agencies())
    assert tile.waiting == f"{2 * len(states)} antre"
    assert (tuple(tile.pos), tuple(tile.ids.name.pos)) == (place, name)
    assert not bench.root_view.header.sign
    bench.snapshot = replace(bench.snapshot, live=Live(linked=True))
    bench.show(Agencies())
    assert tile.waiting == ""
    assert bench.root_view.header.sign


def test_unchanged_counts_are_not_drawn_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    states = {"ktp-el": ServiceLive(2)}
    bench.snapshot = replace(
        bench.snapshot, live=Live(dict(states), 1.0, in_touch=True, linked=True)
    )
    bench.show(Agencies())
    monkeypatch.setattr(bench.root_view.view, "fill", drawn.append)
    bench.snapshot = replace(
        bench.snapshot, live=Live(dict(states), 6.0, in_touch=True, linked=True)
    )
    bench.show(Agencies())
    assert drawn == []
