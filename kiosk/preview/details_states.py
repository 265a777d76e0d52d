"""The details of a service and the slip that is printed of them, as states for the preview."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.details_slip import parts
from kiosk.domain.health import PrinterHealth
from kiosk.domain.visit_screens import (
    DetailsSlip,
    Screen,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.preview.cast import MONO_S, PreviewState
from menu.catalogue import Catalogue, Found, ServiceStandard
from menu.local_text import LocalText

LONG_STANDARD = ServiceStandard(
    procedure=tuple(
        LocalText.of(id=one, en=other)
        for one, other in (
            ("Ambil nomor, lalu tunggu panggilan", "Get a number, then wait to be called"),
            ("Serahkan berkas kepada petugas loket", "Hand your papers to the counter staff"),
            ("Petugas memeriksa berkas", "Staff check your papers"),
            ("Foto dan rekam sidik jari", "Photograph and fingerprints"),
            ("Terima tanda pengambilan", "Take the receipt"),
        )
    ),
    time=LocalText.of(id="3 hari kerja sejak berkas lengkap", en="3 working days"),
    cost=LocalText.of(id="Gratis", en="Free"),
    product=LocalText.of(id="Kartu yang sudah jadi", en="The finished card"),
    complaints=LocalText.of(
        id="Meja informasi, atau SP4N-LAPOR! di www.lapor.go.id",
        en="Information desk, or SP4N-LAPOR! at www.lapor.go.id",
    ),
)


def details_states(snapshot: KioskSnapshot, visit: Visit) -> Iterator[PreviewState]:
    """The details of the service that has most to say, with every part, and the slip of them."""
    services = snapshot.catalogue.services()
    found = max(services, key=lambda f: sum(len(part.texts) for part in parts(f.service)))
    details = Services(found.agency.code, details=found.service.code)
    slip = DetailsSlip("0" * 36, MONO_S, details)
    long = replace(snapshot, catalogue=_with_standard(snapshot.catalogue, found))
    out = replace(long, printer=PrinterHealth(fault=Fault.PAPER_OUT))
    low = replace(long, printer=PrinterHealth(near_end=True))
    no_paper = PrintResult(Outcome.NOT_PRINTED, Level.STATUS, Fault.PAPER_OUT)
    shown: dict[str, tuple[Screen, KioskSnapshot]] = {
        "": (details, snapshot),
        "-full": (details, long),
        "-full-end": (replace(details, details_page=99), out),
        "-near-end": (details, low),
        "-printing": (slip, snapshot),
        "-printed": (replace(slip, result=PrintResult.printed(Level.PROCESS_ID)), snapshot),
        "-sent": (replace(slip, result=PrintResult.printed(Level.BLIND)), snapshot),
        "-uncertain": (replace(slip, result=PrintResult.uncertain(Fault.PAPER_OUT)), snapshot),
        "-failed": (replace(slip, result=no_paper), snapshot),
    }
    for name, (screen, known) in shown.items():
        yield PreviewState(f"details{name}", replace(visit, screen=screen), known)


def _with_standard(menu: Catalogue, found: Found) -> Catalogue:
    """The menu, with LONG_STANDARD for a service."""
    agency, service = found
    full = replace(service, standard=LONG_STANDARD)
    services = tuple(full if s is service else s for s in agency.services)
    other = replace(agency, services=services)
    return replace(menu, agencies=tuple(other if a is agency else a for a in menu.agencies))
