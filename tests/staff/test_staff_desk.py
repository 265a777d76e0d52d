"""What staff see of a machine whose parts fail."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kiosk.background import staff_desk
from kiosk.bootstrap import Options, build_kiosk
from kiosk.domain.staff import CheckPin, PinChecked
from kiosk.domain.ticket import Ticket
from kiosk.errors import JournalReadOnly, Refusal
from kiosk.messages import in_language
from kiosk.runtime import Kiosk
from kiosk.staff.attempts import FREE_TRIES
from kiosk.staff.pin import PinFile
from tests.desk.rig import settings

PATIENCE_S = 20.0


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    PinFile(tmp_path).keep("508213")
    monkeypatch.setattr(staff_desk, "LOOK_EVERY_S", 0.0)
    with build_kiosk(settings(), tmp_path, Options(printer=False)) as kiosk:
        yield kiosk


def until(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never held"
        time.sleep(0.01)


def test_a_part_that_fails_freezes_neither_wait_nor_closed_machine(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> tuple[str, ...]:
        raise RuntimeError("a defect")

    until(lambda: kiosk.staff.facts().version != "")
    monkeypatch.setattr(kiosk, "notices", fail)
    answers: list[object] = []
    with caplog.at_level(logging.ERROR, staff_desk.__name__):
        for n in range(FREE_TRIES + 1):
            kiosk.staff.check_pin(CheckPin("471147", str(n)), answers.append)
        until(lambda: len(answers) == FREE_TRIES + 1)
        assert PinChecked(False, "0") in answers
        until(lambda: kiosk.staff.facts().wait_s > 0)
        kiosk._parts.stops.close_machine()
        until(lambda: kiosk.staff.facts().machine_closed)
    (notice,) = kiosk.staff.facts().notices
    assert "tak terduga" in in_language(notice, "id")
    assert len([r for r in caplog.records if r.exc_info]) == 1, "logged once, not at each look"
    monkeypatch.undo()
    until(lambda: notice not in kiosk.staff.facts().notices)


def test_a_right_pin_opens_also_while_a_part_fails(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> tuple[str, ...]:
        raise RuntimeError("a defect")

    monkeypatch.setattr(kiosk, "notices", fail)
    answers: list[object] = []
    kiosk.staff.check_pin(CheckPin("508213", "a"), answers.append)
    until(lambda: bool(answers))
    assert answers == [PinChecked(True, "a")]


def test_a_closed_journal_is_copied_rarely(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[None] = []

    def tickets(_day: date | None, _limit: int) -> tuple[Ticket, ...]:
        reads.append(None)
        raise JournalReadOnly("disk.read_only")

    looks: list[None] = []

    def looked() -> tuple[str, ...]:
        looks.append(None)
        return ()

    monkeypatch.setattr(kiosk, "tickets", tickets)
    monkeypatch.setattr(kiosk, "trouble", lambda: Refusal.READ_ONLY)
    monkeypatch.setattr(kiosk, "notices", looked)
    until(lambda: kiosk.staff.facts() is not None and len(looks) >= 4)
    assert len(reads) == 1
    monkeypatch.setattr(staff_desk, "COPY_EVERY_S", 0.0)
    until(lambda: kiosk.staff.facts() is not None and len(reads) >= 2)
