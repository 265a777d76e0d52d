"""The virtual printer's web page and pictures, and faults that begin in mid slip."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.virtual_printer.client import CLEAR, MakeVirtual, PrinterClient, full, job
from virtual_printer import VirtualPrinter
from virtual_printer.faults import STATES
from virtual_printer.page import SlipPage

Answer = tuple[int, bytes]
MARKUP = '<script>alert(1)</script>"><img src=x>'


@pytest.fixture
def shown(virtual: MakeVirtual, tmp_path: Path) -> Iterator[tuple[VirtualPrinter, SlipPage]]:
    """A printer with its web page and one slip, whose text looks like markup."""
    device = virtual(out_dir=tmp_path)
    page = SlipPage(device)
    with PrinterClient(device) as client:
        client.socket.sendall(job(MARKUP))
        device.wait_for_slips(1)
    device.wait_until_drawn()
    yield device, page
    page.close()


def ask(page: SlipPage, method: str, path: str, body: str = "", host: str = "") -> Answer:
    """Send one HTTP request; return status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=10)
    headers = {"Host": host or f"127.0.0.1:{page.port}"}
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    result = answer.status, answer.read()
    connection.close()
    return result


def token(page: SlipPage) -> str:
    """The token in the page's form."""
    found = re.search(rb'name="token" value="(\w+)"', ask(page, "GET", "/")[1])
    assert found is not None
    return found[1].decode()


def test_the_page_shows_slips_with_escaped_text(
    shown: tuple[VirtualPrinter, SlipPage],
) -> None:
    _, page = shown
    status, body = ask(page, "GET", "/")
    assert status == 200
    assert b'<img src="/slip-1.png"' in body
    assert b"<script" not in body
    assert b"&lt;script&gt;" in body
    status, picture = ask(page, "GET", "/slip-1.png")
    assert (status, picture[:4]) == (200, b"\x89PNG")


@pytest.mark.parametrize(
    "path", ["/slip-2.png", "/../../etc/passwd", "/slip-%D9%A3.png", "/slip-.png"]
)
def test_other_paths_are_not_found(shown: tuple[VirtualPrinter, SlipPage], path: str) -> None:
    assert ask(shown[1], "GET", path)[0] == 404


def test_faults_are_set_only_with_the_form_s_token_and_host(
    shown: tuple[VirtualPrinter, SlipPage],
) -> None:
    device, page = shown
    good = token(page)
    for body, host in (
        ("name=cover_open", ""),
        (f"token={'0' * 32}&name=cover_open", ""),
        (f"token={good}&name=cover_open", f"evil.example:{page.port}"),
        (f"token={good}&name=at_byte", ""),
        (f"token={good}&name={'x' * 2000}", ""),
        (f"token={good}", ""),
        (f"token={good}&act=close", ""),
        (f"token={good}&set=chinese", ""),
        (f"token={good}&set=chinese=yes", ""),
        (f"token={good}&character=canon", ""),
    ):
        assert ask(page, "POST", "/", body, host)[0] in (400, 403)
    assert ask(page, "GET", "/", host="evil.example:80")[0] == 403
    assert not device.machine.faults.cover_open
    for wanted in (True, False):
        assert ask(page, "POST", "/", f"token={good}&name=cover_open")[0] == 303
        assert device.machine.faults.cover_open is wanted


def test_the_buttons_take_slips_and_change_the_printer(virtual: MakeVirtual) -> None:
    device = virtual(character="cashino")
    page = SlipPage(device)
    try:
        good = token(page)
        with PrinterClient(device) as client:
            client.send(job("one"))
            device.wait_for_slips(1)
        assert b"Slip 1 is in mouth" in ask(page, "GET", "/")[1]
        for body in ("act=take", "set=answer_s=0.5", "name=near_end", "act=mend"):
            assert ask(page, "POST", "/", f"token={good}&{body}")[0] == 303
        assert device.slips[0].fate == "taken"
        assert device.character.answer_s == 0.5
        assert device.state()["faults"] == {}
        for body in ("character=star", "act=second_host", "act=wipe_memory", "act=power_cycle"):
            assert ask(page, "POST", "/", f"token={good}&{body}")[0] == 303
        assert device.character.name == "star"
        assert not device.machine.powered
        assert b"ESC SYN 0 recovers" in ask(page, "GET", "/settings")[1]
    finally:
        page.close()


def test_each_slip_is_served_as_text_and_json(shown: tuple[VirtualPrinter, SlipPage]) -> None:
    device, page = shown
    status, text = ask(page, "GET", "/slip-1.txt")
    assert status == 200
    assert MARKUP in text.decode()
    (slip,) = json.loads(ask(page, "GET", "/slips.json")[1])["slips"]
    assert slip == json.loads(ask(page, "GET", "/slip-1.json")[1]) == device.slips[0].as_json()
    for path in ("/slip-2.txt", "/slip-0.json", "/slip-1.html"):
        assert ask(page, "GET", path)[0] == 404


def test_only_old_pictures_are_deleted(virtual: MakeVirtual, tmp_path: Path) -> None:
    for name in ("slip-0900.png", "holiday.png", "slip-x.png"):
        (tmp_path / name).write_bytes(b"old")
    device = virtual(out_dir=tmp_path, keep_pictures=2)
    with PrinterClient(device) as client:
        for _ in range(3):
            client.socket.sendall(full())
        device.wait_for_slips(3)
    device.wait_until_drawn()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "holiday.png", "slip-0002.png", "slip-0003.png", "slip-x.png",
    ]  # fmt: skip
    assert [piece.as_json()["picture"] is None for piece in device.slips] == [True, False, False]


@pytest.mark.parametrize("name", [n for n in STATES if n not in ("near_end", "mute", "cutter_jam")])
def test_a_state_begins_at_its_millimetre_and_the_job_resumes_when_it_is_cleared(
    virtual: MakeVirtual, name: str
) -> None:
    device = virtual()
    device.fault(name, at_mm=20)
    with PrinterClient(device) as client:
        client.socket.sendall(full())
        with device.machine.changed:
            began = lambda: getattr(device.machine.faults, name)  # noqa: E731
            assert device.machine.changed.wait_for(began, 5)
        assert device.machine.used_mm <= 20
        assert device.slips == []
        device.mend(name)
        (piece,) = device.wait_for_slips(1)
    # An open cover may have moved the paper, so the slip does not count as complete.
    assert piece.complete is (name != "cover_open")


@pytest.mark.parametrize("name", STATES)
def test_a_state_begins_at_its_byte_of_the_job(virtual: MakeVirtual, name: str) -> None:
    device = virtual()
    device.fault(name, at_byte=10)
    changed, machine = device.machine.changed, device.machine
    with PrinterClient(device) as client:
        client.socket.sendall(b"\x1b@" + b"x" * 7)
        with changed:
            assert changed.wait_for(lambda: machine.received == 9, 5)
            assert not getattr(machine.faults, name)
        client.socket.sendall(b"y" * 30)
        with changed:
            assert changed.wait_for(lambda: getattr(machine.faults, name), 5)
    device.mend(name)
    assert device.state()["faults"] == {}


@pytest.mark.parametrize(("level", "cleared"), [("A", True), ("B", True), ("C", False)])
def test_the_clear_command_works_only_at_levels_that_know_it(
    virtual: MakeVirtual, level: str, cleared: bool
) -> None:
    device = virtual(level=level)
    device.fault("cover_open")
    with PrinterClient(device) as client:
        client.socket.sendall(full())
        client.socket.sendall(CLEAR)
        # The answer to a later question shows that all before it has been received.
        wanted = b"\x37\x25\x00\x1a" if cleared else b"\x1a"
        assert client.ask(b"\x10\x04\x01", len(wanted)) == wanted
    device.mend()
    if not cleared:
        device.wait_for_slips(1)
    device.wait_until_idle()
    assert len(device.slips) == (not cleared)
