"""The details of a service, printed by real touches on a real kiosk while its site is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kivy.base import EventLoop

from kiosk.app.kiosk_app import make_root_view
from kiosk.bootstrap import Options, build_kiosk
from kiosk.domain.delivery import Proof
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    BrowseAsked,
    DetailsAsked,
    DetailsPrintTapped,
    ServiceChosen,
)
from kiosk.domain.visit_screens import (
    DetailsSlip,
    Services,
)
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from tests.e2e.site import ALWAYS, SiteFolder
from tests.ui import screen_measures as measures
from tests.ui.app_under_test import AppUnderTest
from tests.ui.test_app_twice import twice


@pytest.fixture
def closed(
    tmp_path: Path, context: Callable[..., AppUnderTest], window: Any
) -> Iterator[tuple[Kiosk, AppUnderTest]]:
    """A site that is closed on every day."""
    folder = SiteFolder(tmp_path)
    menu = folder.config / "agencies.yaml"
    text = menu.read_text(encoding="utf-8").replace(ALWAYS, "hours: {mon-sun: closed}\n")
    menu.write_text(text, encoding="utf-8")
    with build_kiosk(load_settings(folder.config, ASSETS), folder.state, Options()) as kiosk:
        kiosk.start()
        yield kiosk, context(kiosk, make_root_view)
    EventLoop.quit = False


def test_a_closed_site_prints_what_to_bring_once_and_no_number(
    closed: tuple[Kiosk, AppUnderTest],
) -> None:
    kiosk, app = closed
    for event in (BrowseAsked(), AgencyChosen("disdukcapil"), DetailsAsked("ktp-el")):
        app.tap(event)
    details = app.visit.screen
    assert isinstance(details, Services)
    assert app.robot.find(ServiceChosen("ktp-el")) is None
    app.clock.advance(2)
    twice(app, app.middle(DetailsPrintTapped("ktp-el")), 0.7)
    app.until(lambda: getattr(app.visit.screen, "result", None) is not None, "the slip")
    screen = app.visit.screen
    assert isinstance(screen, DetailsSlip)
    assert screen.result is not None
    assert screen.result.proof is Proof.CONFIRMED
    app.frames(2)
    said = " ".join(t.text for t in measures.texts(app.root_view))
    assert "Persyaratan sudah dicetak" in said
    assert "bukan nomor antrean" in said
    assert kiosk.tickets(None, 10) == ()
    slips = kiosk.state / "slips"
    app.until(lambda: bool([*slips.glob("*.png")]), "the picture of the slip")
    assert len([*slips.glob("*.png")]) == 1
    app.tap(BackTapped())
    assert app.visit.screen == details
    app.frames(2)
    assert app.robot.find(DetailsPrintTapped("ktp-el")) is None, "one slip for a service and visit"
    assert "Sudah dicetak" in [t.text for t in measures.texts(app.root_view)]
