"""The printer memory: records survive a restart, and an invalid file counts as empty."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.domain.delivery import Level, Proof
from kiosk.printing.profile import MOST_RECORDS, PrinterProfile, ProfileFile
from kiosk.printing.status_protocol import StatusProtocol
from tests.printing.conftest import MakePrinter, MakeVirtual, short_slip

FOUND = PrinterProfile(Level.PROCESS_ID, True, None, early=True, clears=False, answer_s=0.8)


def test_a_record_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "printers.json"
    ProfileFile(path).put("192.0.2.10:9100", FOUND)
    assert ProfileFile(path).get("192.0.2.10:9100") == FOUND
    assert ProfileFile(path).get("192.0.2.11:9100") == PrinterProfile()


def test_only_the_newest_records_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "printers.json"
    kept = ProfileFile(path)
    for n in range(MOST_RECORDS + 3):
        kept.put(str(n), FOUND)
    assert list(json.loads(path.read_text())) == [str(n) for n in range(3, MOST_RECORDS + 3)]


def test_a_small_change_of_the_answer_time_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "printers.json"
    kept = ProfileFile(path)
    for answer_s, written_s in [
        (0.01, 0.01),
        (0.3, 0.01),
        (0.45, 0.45),
        (0.55, 0.45),
        (0.4, 0.45),
        (0.9, 0.45),
        (1.0, 1.0),
        (0.45, 0.45),
        (2.0, 2.0),
        (0.02, 0.02),
    ]:
        kept.put("p", replace(FOUND, answer_s=answer_s))
        assert kept.get("p").answer_s == answer_s
        assert ProfileFile(path).get("p").answer_s == written_s


ROW = {
    "level": "A",
    "status": True,
    "in_order": None,
    "early": False,
    "clears": None,
    "answer_s": 0.1,
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "null",
        '"x"',
        '{"p": 1}',
        "[" * 100_000,
        "\x00",
        *(
            json.dumps({"p": ROW | change})
            for change in (
                {"level": "Z"},
                {"level": 1},
                {"status": "yes"},
                {"answer_s": -0.1},
                {"answer_s": "x"},
                {"answer_s": 1e300},
                {"early": 7},
            )
        ),
        json.dumps({"p": {"level": "A"}}),
    ],
)
def test_an_invalid_file_counts_as_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "printers.json"
    path.write_text(text)
    kept = ProfileFile(path)
    assert kept.get("p") == PrinterProfile()
    kept.put("p", FOUND)
    assert ProfileFile(path).get("p") == FOUND


def test_a_folder_that_cannot_be_written_raises_no_error(tmp_path: Path) -> None:
    kept = ProfileFile(tmp_path / "missing" / "printers.json")
    kept.put("p", FOUND)
    assert kept.get("p") == FOUND


def test_the_first_slip_uses_the_recorded_level(
    virtual: MakeVirtual,
    printer: MakePrinter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = virtual(level="A")
    profiles = tmp_path / "printers.json"
    first = printer(device.connection, profiles=profiles)
    assert first.probe().level is Level.PROCESS_ID
    first.close()
    again = printer(device.connection, profiles=profiles)

    def detect(*_: object, **__: object) -> bool:
        raise AssertionError("the level was detected while a visitor waited")

    monkeypatch.setattr(StatusProtocol, "echoes_process_id", detect)
    assert again.print(short_slip()).proof is Proof.CONFIRMED


def test_a_replacement_with_a_lower_level_is_detected_before_the_next_slip(
    virtual: MakeVirtual, printer: MakePrinter, tmp_path: Path
) -> None:
    profiles = tmp_path / "printers.json"
    better = virtual(level="A")
    first = printer(better.connection, profiles=profiles)
    assert first.probe().level is Level.PROCESS_ID
    first.close()
    better.close()
    lesser = virtual(level="C", port=better.port)
    again = printer(lesser.connection, profiles=profiles)
    assert again.probe().level is Level.STATUS
    assert again.print(short_slip()).proof is Proof.SENT
