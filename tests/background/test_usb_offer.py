"""The files of a USB stick: checked, compared with those in use, accepted, and rolled back."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.background import usb_offer
from kiosk.background.usb_offer import UsbOffer
from kiosk.domain.config import Settings
from kiosk.domain.staff import NO_USB
from kiosk.errors import KioskError
from kiosk.settings.assets import ASSETS
from kiosk.settings.changes import settings_changes
from kiosk.settings.history import SettingsHistory, Snapshot
from kiosk.settings.loader import load_settings
from tests.settings.folder import AGENCIES, KIOSK, TICKET, Folder

NOON = datetime(2026, 11, 27, 12, tzinfo=ZoneInfo("Asia/Makassar"))
NEW = AGENCIES.replace("name: Pajak", "name: Pajak Daerah")
BROKEN = AGENCIES.replace("prefix: DJ", "prefiks: DJ")


@dataclass
class Machine:
    """A settings folder in use, a state folder, a stick, and what staff are offered."""

    files: Folder
    state: Path
    stick: Folder
    settings: Settings

    def now(self) -> datetime:
        return NOON

    @staticmethod
    def at(base: Path) -> Machine:
        for name in ("config", "state", "stick"):
            (base / name).mkdir()
        files, stick = Folder(base / "config"), Folder(base / "stick")
        kiosk = f"{KIOSK}usb: {{folder: {stick.path}}}\n"
        for name, text in (("agencies", AGENCIES), ("kiosk", kiosk), ("ticket", TICKET)):
            files.write(f"{name}.yaml", text)
        machine = Machine(files, base / "state", stick, load_settings(files.path, ASSETS))
        snapshot = Snapshot.take(files.path)
        assert snapshot is not None
        machine.history.keep(snapshot, NOON)
        return machine

    @property
    def history(self) -> SettingsHistory:
        return SettingsHistory(self.state)

    @property
    def menu(self) -> str:
        return (self.files.path / "agencies.yaml").read_text("utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine.at(tmp_path)


@pytest.fixture
def offer(machine: Machine) -> UsbOffer:
    return UsbOffer(machine, machine.state)


def test_a_good_file_says_what_it_would_change(machine: Machine, offer: UsbOffer) -> None:
    machine.stick.write("agencies.yaml", NEW)
    offer.read()
    facts = offer.facts
    assert (facts.files, facts.errors, facts.usable) == (("agencies.yaml",), 0, True)
    machine.files.write("agencies.yaml", NEW)
    after = load_settings(machine.files.path, ASSETS)
    for language in ("id", "en"):
        expected = [str(c) for c in settings_changes(machine.settings, after, language)]
        assert [change.in_(language) for change in facts.changes] == expected != []
        assert facts.changed == len(expected)


def test_a_file_with_errors_is_not_usable_and_names_its_line(
    machine: Machine, offer: UsbOffer
) -> None:
    machine.stick.write("agencies.yaml", BROKEN)
    offer.read()
    facts = offer.facts
    line = AGENCIES[: AGENCIES.index("prefix")].count("\n") + 1
    assert facts.errors
    assert not facts.usable
    for language in ("id", "en"):
        assert facts.problems[0].in_(language).startswith(f"agencies.yaml:{line}:")
    assert len({facts.problems[0].in_(language) for language in ("id", "en")}) == 2
    with pytest.raises(KioskError):
        offer.accept(facts.id)
    assert machine.menu == AGENCIES


def test_accepted_files_are_in_the_folder_and_can_be_rolled_back(
    machine: Machine, offer: UsbOffer
) -> None:
    machine.stick.write("agencies.yaml", NEW)
    offer.read()
    machine.stick.write("agencies.yaml", BROKEN)  # after it was read: of no consequence
    offer.accept(offer.facts.id)
    assert machine.menu == NEW
    assert offer.facts == NO_USB
    (replaced,) = (machine.state / "settings").glob("replaced-*")
    assert (replaced / "agencies.yaml").read_text("utf-8") == AGENCIES
    accepted = Snapshot.take(machine.files.path)
    assert accepted is not None
    assert machine.history.confirmed(accepted), "a shorter menu needs no second confirmation"
    machine.history.keep(accepted, NOON)
    machine.history.put_back(machine.history.kept()[0], machine.files.path, NOON)
    assert machine.menu == AGENCIES


def test_only_what_was_shown_is_accepted(machine: Machine, offer: UsbOffer) -> None:
    machine.stick.write("agencies.yaml", NEW)
    offer.read()
    for id_ in ("", "other"):
        with pytest.raises(KioskError) as error:
            offer.accept(id_)
        assert error.value.message.key == "usb.gone"
        offer.read()
    machine.stick.write("agencies.yaml", AGENCIES)
    offer.read()
    assert (offer.facts.usable, offer.facts.changed) == (False, 0)


def test_a_whole_folder_and_the_settings_of_another_machine(
    machine: Machine, offer: UsbOffer
) -> None:
    (machine.stick.path / "config").mkdir()
    whole = Folder(machine.stick.path / "config")
    whole.write("ticket.yaml", "version: 1\nblocks: [number, where, ahead]\n")
    own = (machine.files.path / "kiosk.yaml").read_text("utf-8")
    whole.write("kiosk.yaml", own + "timeouts: {idle_s: 60}\n")
    offer.read()
    assert (offer.facts.files, offer.facts.machine) == (("kiosk.yaml", "ticket.yaml"), "")
    assert offer.facts.changed == 2
    whole.write("kiosk.yaml", own.replace("lobi-1", "lobi-2"))
    offer.read()
    assert (offer.facts.files, offer.facts.machine) == (("ticket.yaml",), "lobi-2")
    offer.accept(offer.facts.id)
    assert (machine.files.path / "kiosk.yaml").read_text("utf-8") == own
    (whole.path / "ticket.yaml").unlink()
    with pytest.raises(KioskError, match="another machine"):
        offer.read()
    assert offer.facts == NO_USB


def test_a_stick_that_does_not_answer_is_given_up_and_not_read_twice(
    machine: Machine, offer: UsbOffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, entered = threading.Event(), []

    def stuck(mount: Path) -> object:
        entered.append(mount)
        gate.wait(30)
        raise KioskError("usb.none")

    monkeypatch.setattr(usb_offer, "READ_S", 0.05)
    monkeypatch.setattr(usb_offer, "read_stick", stuck)
    for _ in range(2):
        with pytest.raises(KioskError) as error:
            offer.read()
        assert error.value.message.key == "usb.silent"
    assert entered == [machine.stick.path]
    gate.set()


def test_files_that_may_be_written_in_a_folder_that_may_not(
    machine: Machine, offer: UsbOffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As installed: the folder is root's, the YAML files are the kiosk's to write."""
    closed = {machine.files.path}
    access = os.access
    monkeypatch.setattr(os, "access", lambda p, mode: Path(p) not in closed and access(p, mode))
    machine.stick.write("agencies.yaml", NEW)
    inode = (machine.files.path / "agencies.yaml").stat().st_ino
    offer.read()
    offer.accept(offer.facts.id)
    assert machine.menu == NEW
    assert (machine.files.path / "agencies.yaml").stat().st_ino == inode, "written in place"
    assert sorted(p.name for p in machine.files.path.iterdir()) == [
        *("agencies.yaml", "kiosk.yaml", "ticket.yaml"),
    ]

    closed.add(machine.files.path / "ticket.yaml")
    machine.stick.write("agencies.yaml", AGENCIES)
    machine.stick.write("ticket.yaml", "version: 1\nblocks: [number]\n")
    offer.read()
    id_ = offer.facts.id
    with pytest.raises(KioskError, match=str(machine.files.path)):
        offer.accept(id_)
    assert machine.menu == NEW, "none is written where one may not be"
    assert offer.facts.id == id_, "it can be tried again"
