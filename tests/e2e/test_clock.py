"""A kiosk whose clock is wrong gives numbers, without a date, and says so to staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kiosk import RELEASED
from kiosk.bootstrap import build_kiosk
from kiosk.clock import SiteClock
from kiosk.commands.handlers import handlers
from kiosk.control import in_words
from kiosk.errors import KioskError
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from tests.e2e.site import ROOT, SiteFolder, VirtualPrinterProgram, until


class WrongClock:
    """The system's clock, as the kiosk reads it; None: the real one."""

    def __init__(self) -> None:
        self.reads: datetime | None = None

    def __call__(self) -> datetime:
        return self.reads or datetime.now(UTC)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> WrongClock:
    clock = WrongClock()
    monkeypatch.setattr("kiosk.bootstrap.SiteClock", partial(SiteClock, system=clock))
    return clock


def opened(site: SiteFolder) -> Kiosk:
    return build_kiosk(load_settings(site.config, ASSETS, "en"), site.state)


def status(kiosk: Kiosk) -> dict[str, Any]:
    answer: dict[str, Any] = in_words(handlers(kiosk)["status"]({}), "en")
    return answer


@pytest.fixture
def texts(site: SiteFolder, tmp_path: Path) -> Iterator[Path]:
    """The folder of a virtual printer that also writes the text of each slip."""
    made = VirtualPrinterProgram(tmp_path / "slips", "--format", "png,text")
    site.machine(made.connection)
    yield tmp_path / "slips"
    made.close()


@pytest.mark.parametrize("year", [1970, 2000, 2107])
def test_a_wrong_clock_gives_undated_numbers_and_is_degraded(
    site: SiteFolder, system: WrongClock, texts: Path, year: int
) -> None:
    with opened(site) as kiosk:
        first = kiosk.issue_now(kiosk.new_request("ktp-el")).ticket
    system.reads = datetime(year, 1, 1, 12, tzinfo=UTC)
    with opened(site) as kiosk:
        second = kiosk.issue_now(kiosk.new_request("ktp-el")).ticket
        said = status(kiosk)
    assert (first.number, second.number) == ("DK-001", "DK-002")
    assert second.business_date == first.business_date
    assert said["state"] == "degraded"
    assert said["clock"]["believed"] is False
    assert any("clock of this machine is wrong" in notice for notice in said["notices"])
    until(lambda: len(list(texts.glob("*.txt"))) == 2, "two slips")
    dated, undated = (path.read_text(encoding="utf-8") for path in sorted(texts.glob("*.txt")))
    assert str(first.issued_at.year) in dated
    assert not re.search(rf"{first.issued_at.year}|{year}|WITA", undated), undated


def test_a_first_start_with_a_wrong_clock_gives_numbers(
    site: SiteFolder, system: WrongClock
) -> None:
    system.reads = datetime(1970, 1, 1, tzinfo=UTC)
    menu = site.config / "agencies.yaml"
    # The hours of the shipped menu: open on weekdays only.
    menu.write_text((ROOT / "config" / "agencies.yaml").read_text(encoding="utf-8"))
    with opened(site) as kiosk:
        ticket = kiosk.issue_now(kiosk.new_request("ktp-el")).ticket
    assert ticket.number == "DK-001"
    assert ticket.business_date.isoformat() >= RELEASED


def test_staff_say_that_a_clock_set_right_by_hand_is_right(
    site: SiteFolder,
    printer: VirtualPrinterProgram,
    system: WrongClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kiosk.clock.kernel_clock_synchronised", lambda: False)
    right = datetime.now(UTC)
    system.reads = right + timedelta(days=400)
    with opened(site) as kiosk:
        given = [kiosk.issue_now(kiosk.new_request("ktp-el")).ticket]
    system.reads = right
    with opened(site) as kiosk:
        assert any("kiosk clock --confirm" in notice for notice in status(kiosk)["notices"])
        assert handlers(kiosk)["clock"]({})["believed"] is False
        assert handlers(kiosk)["clock"]({"confirm": True})["believed"] is True
        given.append(kiosk.issue_now(kiosk.new_request("ktp-el")).ticket)
        assert status(kiosk)["notices"] == []
    system.reads = datetime(1970, 1, 1, tzinfo=UTC)
    with opened(site) as kiosk, pytest.raises(KioskError):
        handlers(kiosk)["clock"]({"confirm": True})
    assert [ticket.number for ticket in given] == ["DK-001", "DK-002"]
    assert given[1].issued_at == right.astimezone(given[1].issued_at.tzinfo)
    shown = site.kiosk("clock", "--confirm", "--json")
    assert (shown.code, shown.json["believed"]) == (0, True)


def test_a_clock_that_was_not_confirmed_for_a_day_is_degraded(
    site: SiteFolder, printer: VirtualPrinterProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.clock.kernel_clock_synchronised", lambda: False)
    with opened(site) as kiosk:
        kiosk.probe_now()
        fresh = status(kiosk)
        assert (fresh["state"], fresh["clock"]["confirmed"]) == ("well", False)
    now = datetime.now(UTC).timestamp() - 25 * 3600
    record = {"confirmed_at": datetime.fromtimestamp(now, UTC).isoformat(), "first_at": None}
    Path(site.state / "clock.json").write_text(
        str(record).replace("'", '"').replace("None", "null")
    )
    with opened(site) as kiosk:
        kiosk.probe_now()
        assert status(kiosk)["state"] == "degraded"
    shown = site.kiosk("status", "--stopped-is-well")
    assert (shown.code, "not synchronised for 1 day" in shown.out) == (1, True)
