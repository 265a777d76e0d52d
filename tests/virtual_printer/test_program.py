"""The virtual printer as a program: control port, command line and exit."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.virtual_printer.client import URL, MakeVirtual, full
from virtual_printer import CHARACTERS, VirtualPrinterProcess
from virtual_printer.control import ControlCommands, ControlPort


def test_the_control_port_of_a_process_sets_faults_and_reports_slips(tmp_path: Path) -> None:
    with VirtualPrinterProcess(tmp_path, paper_mm=58, level="B") as device:
        state = device.ask("state")
        assert (state["level"], state["slips"], state["faults"]) == ("B", 0, {})
        device.ask("fault", name="paper_out", at_mm=12.5)
        assert device.ask("state")["faults"] == {"paper_left_mm": 12.5}
        device.ask("mend", name="paper_out")
        device.ask("level", level="A")
        with socket.create_connection((device.host, device.port)) as client:
            client.sendall(full("DK-001"))
            device.ask("wait", slips=1, seconds=10, drawn=True)
        (piece,) = device.ask("slips")["slips"]
        assert piece["complete"]
        assert "DK-001" in piece["lines"]
        assert piece["codes"] == [URL]
        assert Path(piece["picture"]).is_file()
        for wrong in (
            {"do": "fault", "name": "no such"},
            {"do": "fault", "name": "paper_out", "at_mm": "x"},
            {"do": "fault", "name": "cover_open", "at_mm": -3},
            {"do": "fault", "name": "refuse", "at_mm": 3},
            {"do": "mend", "name": "no such"},
            {"do": "level", "level": "E"},
            {"do": "no such"},
        ):
            with pytest.raises(ValueError, match=r"\w"):
                device.ask(**wrong)


def test_every_setting_can_be_changed_at_run_time() -> None:
    settings = {"hand_s": None, "knows": ["star", "esc_v"]}
    with VirtualPrinterProcess(character="cashino", settings=settings, level="C") as device:
        state = device.ask("state")
        assert (state["character"], state["level"], state["mouth"]) == ("cashino", "C", None)
        assert state["settings"]["knows"] == ["esc_v", "star"]
        with socket.create_connection((device.host, device.port)) as client:
            client.sendall(b"\x1b@\x1ba\x01one\n\x1dVB\x00")
            device.ask("wait", slips=1, fate="in_mouth", seconds=5)
        assert device.ask("state")["mouth"] == {"slip": 0, "fate": "in_mouth"}
        text = device.ask("text", slip=0)["text"].splitlines()
        assert text[0] == " " * 22 + "one"
        assert text[-1].startswith("--- cut, 16.8 mm, in_mouth ---")
        assert device.ask("take") == {"taken": True}
        assert device.ask("take") == {"taken": False}
        (slip,) = device.ask("slips")["slips"]
        assert slip["fate"] == "taken"
        assert slip["times"]["began"] <= slip["times"]["left"] <= slip["times"]["gone"]
        assert device.ask("set", chinese=True, lacks="")["settings"]["chinese"] is True
        assert device.ask("state")["settings"]["lacks"] == []
        assert device.ask("speed", mm_s="real") == {"mm_s": 90.0}
        assert device.ask("speed", mm_s=None) == {"mm_s": None}
        device.ask("character", name="star")
        assert device.ask("state")["settings"]["chinese"] is False
        known = device.ask("characters")["characters"]
        assert set(known) == set(CHARACTERS)
        assert known["custom"]["settings"]["held"] is True
        assert len(known["custom"]["sources"]) == 6
        for wrong in (
            {"do": "character", "name": "canon"},
            {"do": "set", "mouth": "nose"},
            {"do": "speed", "mm_s": 0},
            {"do": "text", "slip": 7},
            {"do": "wait", "slips": 1, "fate": "retracted", "seconds": 0},
            {"do": "fault", "name": "power_cycle", "buffer": "full"},
            {"do": "fault", "name": "second_host", "at_mm": 3, "at_byte": 4},
        ):
            with pytest.raises(ValueError, match=r"\w"):
                device.ask(**wrong)


def test_slips_are_saved_as_text_and_json(tmp_path: Path, virtual: MakeVirtual) -> None:
    device = virtual(character="cashino", out_dir=tmp_path, formats=("text", "json"))
    with socket.create_connection((device.host, device.port)) as client:
        client.sendall(b"\x1b@one\n\x1dVB\x00")
        device.wait_for_slips(1)
    device.wait_until_drawn()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["slip-0001.json", "slip-0001.txt"]
    device.take()
    device.close()
    assert json.loads((tmp_path / "slip-0001.json").read_text())["fate"] == "taken"
    assert (tmp_path / "slip-0001.txt").read_text().startswith("one\n")


def test_the_control_port_refuses_invalid_lines(virtual: MakeVirtual) -> None:
    control = ControlPort(virtual())
    try:
        with socket.create_connection(("127.0.0.1", control.port), timeout=5) as client:
            lines = client.makefile("rb")
            deep = b"[" * 60_000 + b"\n"
            for line in (b"\xff\xfe\n", b"[1]\n", b"{}\n", b'{"do": 3}\n', b'{"do": []}\n', deep):
                client.sendall(line)
                assert json.loads(lines.readline())["ok"] is False
    finally:
        control.close()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cover_open", 'expected one JSON object a line, such as {"do": "state"}'),
        ('{"do": "fault", "name": "cover"}', "fault 'cover' is not known: paper_out, near_end,"),
        ('{"do": "mend", "name": "at_bytes"}', "fault 'at_bytes' is not known: paper_out,"),
        ('{"do": "fault", "name": "delay"}', "delay takes seconds"),
        ('{"do": "fault", "name": "error", "mended": "yes"}', "mended is true or false"),
        ('{"do": "slips", "from": null}', "from is a number of 0 or more"),
        ('{"do": "wait", "slips": 2, "seconds": 0}', "0 of 2 slips came in time"),
    ],
)
def test_the_answer_to_an_invalid_request_names_the_error(
    virtual: MakeVirtual, line: str, words: str
) -> None:
    answer = ControlCommands(virtual()).obey(line.encode())
    assert answer["ok"] is False
    assert answer["error"].startswith(words)


def program(*arguments: str) -> subprocess.Popen[bytes]:
    """Start the virtual printer as a program."""
    return subprocess.Popen(
        [sys.executable, "-m", "virtual_printer", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("how", ["stdin", "sigterm"])
def test_the_program_ends_on_a_signal_or_at_the_end_of_standard_input(how: str) -> None:
    process = program("--port", "0", "--until-stdin-closes")
    assert process.stdout is not None
    assert set(json.loads(process.stdout.readline())) == {"host", "port", "control_port"}
    if how == "sigterm":
        process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == b""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--character", "canon"), b"invalid choice: 'canon'"),
        (("--set", "chinese"), b"expected NAME=VALUE"),
        (("--set", "mouth=nose"), b"mouth: expected none, tear or presenter"),
        (("--format", "png,gif"), b"--format: png, text, json"),
        (("--speed", "fast"), b"invalid"),
        (("--speed", "0"), b"--speed: more than 0"),
    ],
)
def test_an_invalid_command_line_is_a_usage_error(arguments: tuple[str, ...], words: bytes) -> None:
    process = program("--port", "0", *arguments)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert words in errors.splitlines()[-1]


def test_a_port_in_use_is_a_one_line_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = program("--port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.startswith(b"virtual printer: ")
    assert errors.count(b"\n") == 1
