"""The states of the staff screen and its PIN pad, for the preview and the layout tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from kiosk.domain.config import Settings
from kiosk.domain.delivery import Fault, Level
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import Live
from kiosk.domain.modes import VOLUMES
from kiosk.domain.staff import (
    NO_USB,
    ClosedDay,
    Pause,
    PauseReason,
    RecentSlip,
    StaffAction,
    StaffFacts,
    StaffPage,
    StaffResult,
    StaffTask,
    UsbFacts,
)
from kiosk.domain.staff_call import CallState, StaffCall
from kiosk.domain.visit_screens import (
    Agencies,
    Staff,
    StaffPin,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.messages import Message
from kiosk.preview.cast import MONO_S, PreviewState
from menu.catalogue import Found
from menu.local_text import LocalText

HOLIDAYS = (
    (0, 12, 24, "Cuti bersama Natal", "Christmas joint leave", False),
    (0, 12, 25, "Hari Natal", "Christmas Day", False),
    (1, 1, 1, "Tahun Baru Masehi", "New Year's Day", False),
    (1, 1, 5, "Isra Mikraj Nabi Muhammad", "Ascension of the Prophet", True),
    (1, 1, 22, "Cuti bersama Imlek", "Chinese New Year joint leave", False),
)
"""Years ahead, month, day, reason, and whether the date is an estimate."""

PROBLEM = LocalText.of(
    id="config/agencies.yaml:41:9: instansi 'disdukcapil' > layanan 'ktp-el' > hours: "
    "'mon-fry' bukan hari; maksud Anda 'mon-fri'?",
    en="config/agencies.yaml:41:9: agency 'disdukcapil' > service 'ktp-el' > hours: "
    "'mon-fry' is no day; did you mean 'mon-fri'?",
)


def is_staff(visit: Visit) -> bool:
    """Whether the staff screen or its pad is shown."""
    return isinstance(visit.screen, Staff | StaffPin)


def staff_states(
    settings: Settings, snapshot: KioskSnapshot, visit: Visit
) -> Iterator[PreviewState]:
    """Each look of the pad and of each page, with an easy day and with everything wrong."""
    found = list(settings.catalogue.services())
    calm = _calm(snapshot, found)
    good = replace(
        snapshot,
        staff=calm,
        live=Live({}, MONO_S, in_touch=True, linked=True),
        printer=PrinterHealth(level=Level.PROCESS_ID, at=snapshot.now),
    )
    bad = replace(
        snapshot,
        staff=_worst(calm, snapshot, found),
        live=Live(linked=True),
        printer=PrinterHealth(level=Level.STATUS, fault=Fault.PAPER_OUT, at=snapshot.now),
    )
    yield from _pads(good, visit)
    yield from _pages(good, bad, visit, found)


def _calm(snapshot: KioskSnapshot, found: list[Found]) -> StaffFacts:
    now = snapshot.now
    days = tuple(
        ClosedDay(date(now.year + later, month, day), LocalText.of(id=id_, en=en), estimated=guess)
        for later, month, day, id_, en, guess in HOLIDAYS
    )
    slips = tuple(
        RecentSlip(f"id-{i}", f"DK-{31 - i:03}", f.service.code, now - timedelta(minutes=2 * i))
        for i, f in enumerate(found[:12])
    )
    return StaffFacts(
        pin_set=True,
        menu_since=now.replace(hour=8, minute=2),
        closed_days=days,
        slips=slips,
        free_mb=12_000,
    )


def _worst(calm: StaffFacts, snapshot: KioskSnapshot, found: list[Found]) -> StaffFacts:
    now = snapshot.now
    pauses = tuple(
        Pause(f.service.code, PauseReason.SYSTEM, now, now + timedelta(minutes=30))
        for f in found[:4]
    )
    return replace(
        calm,
        machine_closed=True,
        pauses=pauses,
        unsent=14,
        parked=2,
        menu_notice=Message.of("sentence", text=PROBLEM),
        menu_errors=3,
        clock_sure=False,
        free_mb=60,
    )


def _pads(good: KioskSnapshot, visit: Visit) -> Iterator[PreviewState]:
    pad = StaffPin(Agencies())

    def state(name: str, screen: StaffPin, **facts: object) -> PreviewState:
        staff = replace(good.staff, **facts)  # type: ignore[arg-type]
        return PreviewState(
            f"staff-pin{name}", replace(visit, screen=screen), replace(good, staff=staff)
        )

    yield state("", pad)
    yield state("-typed", replace(pad, typed="508213"))
    yield state("-longest", replace(pad, typed="50821346", checking=True))
    yield state("-wrong", replace(pad, wrong=True))
    yield state("-wait", pad, wait_s=17 * 60)
    yield state("-wait-short", pad, wait_s=41)
    yield state("-none", pad, pin_set=False)
    yield state("-quit", StaffPin(Staff(), quits=True))


def _pages(
    good: KioskSnapshot, bad: KioskSnapshot, visit: Visit, found: list[Found]
) -> Iterator[PreviewState]:
    def state(name: str, screen: Staff, snapshot: KioskSnapshot) -> PreviewState:
        return PreviewState(f"staff-{name}", replace(visit, screen=screen), snapshot)

    test = StaffTask(StaffAction.TEST)
    yield state("menu", Staff(), good)
    yield state("menu-troubles", Staff(), bad)
    yield state("menu-printing", Staff(doing=test), good)
    yield state("menu-printed", Staff(result=StaffResult(test, done=True)), good)
    fault = Message.of(
        "staff.fault", fault=Message("fault.paper_out"), action=Message("action.paper_out")
    )
    failed = StaffResult(test, done=False, detail=fault)
    yield state("menu-failed", Staff(result=failed), bad)
    lacks = Message.of("staff.waiting", n=31, of=80, codes="ktp-el, kk, akta-lahir, pindah, …")
    waits = replace(bad.staff, menu_waits=True, menu_notice=lacks)
    alone = replace(good, staff=waits, live=Live(), printer=PrinterHealth())
    yield state("menu-waits", Staff(), alone)
    coming = replace(good.staff, menu_begins=good.now.date() + timedelta(days=6))
    yield state("menu-coming", Staff(), replace(good, staff=coming))
    low = PrinterHealth(level=Level.PROCESS_ID, near_end=True, slips_left=41, at=good.now)
    yield state("menu-low-paper", Staff(), replace(good, printer=low))
    called = StaffCall(CallState.CALLED, "call", good.now - timedelta(minutes=3))
    yield state("menu-called", Staff(), replace(good, call=called))
    held = PrinterHealth(level=Level.BLIND, held=True, at=good.now)
    yield state("menu-held", Staff(), replace(good, printer=held))
    yield state("paper", Staff(StaffPage.PAPER), bad)
    yield state("paper-tested", Staff(StaffPage.PAPER, result=failed), bad)
    yield state("slips", Staff(StaffPage.SLIPS), good)
    none = replace(good, staff=replace(good.staff, slips=()))
    yield state("slips-none", Staff(StaffPage.SLIPS), none)
    yield state("pause", Staff(StaffPage.PAUSE), good)
    yield state("pause-page-2", Staff(StaffPage.PAUSE, list_page=1), good)
    yield from _usb(good, visit)
    yield state("volume", Staff(StaffPage.VOLUME), good)
    loudest = replace(good, staff=replace(good.staff, volume=VOLUMES - 1))
    yield state("volume-loudest", Staff(StaffPage.VOLUME), loudest)
    yield state("end", Staff(StaffPage.END), good)
    menu = good.catalogue
    most = max(menu.agencies, key=lambda a: len(a.services))
    yield state("pause-services", Staff(StaffPage.PAUSE, agency=most.code), bad)
    wordy = max(found, key=lambda f: max(map(len, f.service.name.by_language.values()), default=0))
    at_wordy = Staff(StaffPage.PAUSE, agency=wordy.agency.code)
    yield state("pause-services-long", at_wordy, good)
    chosen = replace(at_wordy, service=wordy.service.code)
    yield state("pause-service", chosen, good)
    first = found[0]
    paused = Staff(StaffPage.PAUSE, agency=first.agency.code, service=first.service.code)
    yield state("pause-service-paused", paused, bad)


def _usb(good: KioskSnapshot, visit: Visit) -> Iterator[PreviewState]:
    """A USB stick: none, with errors, with changes, and after its files were put in use."""
    page = Staff(StaffPage.USB)

    def state(name: str, screen: Staff, usb: UsbFacts) -> PreviewState:
        snapshot = replace(good, staff=replace(good.staff, usb=usb))
        return PreviewState(f"staff-usb{name}", replace(visit, screen=screen), snapshot)

    read = StaffTask(StaffAction.USB_READ)
    none = StaffResult(read, done=False, detail=Message("usb.none"))
    yield state("-none", replace(page, result=none), NO_USB)
    errors = UsbFacts("1", ("agencies.yaml",), errors=3, problems=(PROBLEM,) * 3)
    yield state("-errors", page, errors)
    changes = tuple(
        LocalText.of(
            id=f"Disdukcapil, layanan {n}: jam Jumat 08.15-11.00, dulu 08.15-10.00",
            en=f"Population Office, service {n}: hours on Friday 08.15-11.00, was 08.15-10.00",
        )
        for n in range(1, 21)
    )
    changed = UsbFacts(
        "2",
        ("agencies.yaml", "ticket.yaml"),
        warnings=1,
        problems=(PROBLEM,),
        changes=changes,
        changed=31,
        lost=31,
        services=80,
        machine="lobi-2",
        usable=True,
    )
    yield state("-changes", page, changed)
    yield state("-changes-last", replace(page, list_page=99), changed)
    yield state(
        "-one", page, UsbFacts("3", ("agencies.yaml",), changes=changes[:1], changed=1, usable=True)
    )
    accept = StaffTask(StaffAction.USB_ACCEPT, "2")
    yield state("-going", replace(page, doing=accept), changed)
    done = StaffResult(accept, done=True, detail=Message("settings.restart"))
    yield state("-done", replace(page, result=done), NO_USB)
