"""What an unlucky day brings: many at once, a stalled printer, a journal that was tampered with."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.bootstrap import build_kiosk
from kiosk.domain.events import Committed, Event
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from tests import forks
from tests.e2e.site import ENGLISH, ROOT, SiteFolder, VirtualPrinterProgram, until


def journal_of(site: SiteFolder) -> Path:
    return site.state / "journal.sqlite3"


def change(site: SiteFolder, sql: str) -> None:
    with closing(sqlite3.connect(journal_of(site))) as db, db:
        db.execute(sql)


def control(printer: VirtualPrinterProgram, **wish: Any) -> None:
    """Tell the virtual printer by its control port."""
    with socket.create_connection(("127.0.0.1", printer.ports["control_port"]), 5) as line:
        line.sendall(json.dumps(wish).encode() + b"\n")
        assert json.loads(line.makefile().readline())["ok"]


def test_many_commands_at_once_each_get_a_number(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    running = [
        forks.start(
            site.argv("issue", "ktp-el", "--json"),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | ENGLISH,
        )
        for _ in range(5)
    ]
    answers = [process.communicate(timeout=60) for process in running]
    for _, err in answers:
        # Said where the others take long; nothing else is.
        assert err.count(b"\n") <= 1, err
        assert not err or b"waiting for it to answer or end" in err
    numbers = sorted(json.loads(out)["number"] for out, _ in answers)
    assert numbers == [f"DK-{i:03d}" for i in range(1, 6)]


def test_a_stalled_printer_does_not_delay_numbers(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    """Ten visitors while the first slip hangs: all are committed before that slip's deadline."""
    control(printer, do="fault", name="stall", at_byte=100)
    settings = load_settings(site.config, ASSETS)
    committed: list[str] = []
    with build_kiosk(settings, site.state) as kiosk:
        kiosk.probe_now()

        def note(event: Event) -> None:
            if isinstance(event, Committed):
                committed.append(event.ticket.number)

        began = time.monotonic()
        for _ in range(10):
            kiosk.issue(kiosk.new_request("ktp-el"), note)
        until(lambda: len(committed) == 10, "ten numbers")
        assert time.monotonic() - began < settings.kiosk.printer.deadline_s
        control(printer, do="mend")
    assert len(set(committed)) == 10


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ticket SET issued_at = '2026-13-24T00'",
        "UPDATE journal SET newest_date = '2026-13-24'",
        "UPDATE line SET confirmed = 'x'",
        "UPDATE ticket SET printed = 'maybe'",
    ],
)
def test_an_invalid_value_in_the_journal_does_not_stop_the_numbers(
    site: SiteFolder, printer: VirtualPrinterProgram, sql: str
) -> None:
    first = site.kiosk("issue", "ktp-el", "--json").json["number"]
    try:
        change(site, sql)
    except sqlite3.IntegrityError:
        pytest.skip("the journal's own rules refuse this value")
    again = site.kiosk("issue", "ktp-el", "--json")
    assert again.code == 0, again.err
    assert again.json["number"] != first
    assert site.kiosk("issue", "ktp-el").code == 0


def test_the_app_starts_without_a_control_socket(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    (site.state / "control.sock" / "in the way").mkdir(parents=True)
    app = site.start("run", "--windowed", "--size", "540x960", SDL_VIDEODRIVER="offscreen")
    try:
        until(lambda: "first frame" in _log(site), "the first frame")
        assert app.poll() is None
    finally:
        app.send_signal(signal.SIGTERM)
        _, err = app.communicate(timeout=60)
    assert (app.returncode, err) == (0, b"")


def _log(site: SiteFolder) -> str:
    log = site.state / "kiosk.log"
    return log.read_text(encoding="utf-8") if log.exists() else ""


def test_a_journal_overwritten_under_the_running_kiosk_keeps_its_tickets(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    with build_kiosk(load_settings(site.config, ASSETS), site.state) as kiosk:
        before = kiosk.issue_now(kiosk.new_request("ktp-el")).ticket.number
        journal_of(site).write_bytes(b"")
        after = kiosk.issue_now(kiosk.new_request("ktp-el")).ticket.number
    assert [t["number"] for t in site.tickets()] == [before, after]
    assert before != after


def test_a_state_folder_put_back_from_a_copy_gives_no_number_twice(
    site: SiteFolder, printer: VirtualPrinterProgram, tmp_path: Path
) -> None:
    given = [site.kiosk("issue", "ktp-el", "--json").json["number"] for _ in range(2)]
    backup = tmp_path / "backup"
    subprocess.run(["cp", "-a", str(site.state), str(backup)], check=True)
    given.append(site.kiosk("issue", "ktp-el", "--json").json["number"])
    subprocess.run(f"cp -a {backup}/. {site.state}/", shell=True, check=True)
    given.append(site.kiosk("issue", "ktp-el", "--json").json["number"])
    assert len(set(given)) == 4, given


def test_a_second_kiosk_on_a_folder_that_was_removed_is_refused(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    with build_kiosk(load_settings(site.config, ASSETS), site.state) as kiosk:
        number = kiosk.issue_now(kiosk.new_request("ktp-el")).ticket.number
        subprocess.run(["rm", "-rf", str(site.state)], check=True)
        answer = site.kiosk("issue", "ktp-el", "--json")
        assert answer.code == 1
        waits, refusal = answer.err.splitlines()
        assert "waiting for it" in waits
        assert "already running" in refusal
        assert "does not answer" in refusal
    assert number == "DK-001"
