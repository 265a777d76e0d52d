"""Discovery of printers from the kernel's file tree, and the report of ``print-test``."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from kiosk.commands.print_test import _report
from kiosk.domain.connection import read_connection
from kiosk.domain.health import Capabilities
from kiosk.messages import speaker
from kiosk.printing.finding import find_printers


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root folder with a USB printer, a mouse, and a serial adapter; no CUPS."""
    monkeypatch.setenv("PATH", "/nowhere")
    for interface, kind in (("1-2:1.0", "07"), ("1-3:1.0", "03")):
        folder = tmp_path / "sys/bus/usb/devices" / interface
        folder.mkdir(parents=True)
        (folder / "bInterfaceClass").write_text(f"{kind}\n")
        device = folder.parent / interface.partition(":")[0]
        device.mkdir()
        for name, text in {"idVendor": "04b8", "idProduct": "0e28", "product": "TM-T20III"}.items():
            (device / name).write_text(f"{text}\n")
    for path in ("dev/usb/lp0", "dev/serial/by-id/usb-FTDI_A1-if00-port0"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()
    return tmp_path


def test_each_connected_printer_is_found_with_its_connection_for_the_settings(
    machine: Path,
) -> None:
    found = find_printers(machine)
    assert [f.connection for f in found] == [
        "device:/dev/usb/lp0",
        "usb:04b8:0e28",
        "serial:/dev/serial/by-id/usb-FTDI_A1-if00-port0:19200",
    ]
    assert found[1].about == "TM-T20III"
    for one in found:
        read_connection(one.connection)


def test_a_machine_without_printers_gives_an_empty_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_printers(tmp_path) == []


def test_the_report_ends_with_the_printer_settings() -> None:
    can = asdict(Capabilities(status=True, early=False, answer_s=0.8, mouth="cashino"))
    can |= {"maker": "EPSON", "model": "TM-T20III"}
    found = {"connection": "usb:04b8:0e28", "paper_mm": 80, "level": "A", "can": can}
    said = _report(found | {"outcome": "printed", "fault": None, "detail": ""}, speaker("en"))
    assert re.search(r"^cutter +does not say$", said, re.MULTILINE)
    assert re.search(r"^mouth +cashino: reports the slip$", said, re.MULTILINE)
    assert re.search(r"^answers in +0.8 s$", said, re.MULTILINE)
    assert "answers before the slip" not in said
    assert said.endswith(
        'printer:   # EPSON TM-T20III\n  connection: "usb:04b8:0e28"\n  paper_mm: 80\n  level: auto'
    )
