"""A disk that answers late: the UI thread waits for nothing that waits for it.

A commit holds the journal's lock until the disk has answered, which takes seconds on a worn card.
"""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.bootstrap import Options, build_kiosk
from kiosk.clock import demo_start
from kiosk.domain.config import FQM, ServerSettings
from kiosk.domain.effects import PrintDetails
from kiosk.domain.events import Committed, Event
from kiosk.domain.staff import CheckPin, DoStaffTask, StaffAction, StaffTask
from kiosk.runtime import Kiosk
from kiosk.settings.loader import load_settings
from kiosk.store import journal
from kiosk.store.database import transaction

ROOT = Path(__file__).parents[2]
WAIT_S = 20.0


class SlowDisk:
    """While ``stalled``, each commit waits until ``answers`` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stalled = False
        self.waits, self.answers = threading.Event(), threading.Event()

        @contextlib.contextmanager
        def slow(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
            with transaction(db) as inner:
                yield inner
                if self.stalled:
                    self.waits.set()
                    assert self.answers.wait(WAIT_S * 2)

        monkeypatch.setattr(journal, "transaction", slow)


@pytest.fixture(params=["alone", "server"])
def kiosk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Kiosk]:
    settings = load_settings(ROOT / "config", ROOT / "assets")
    url = "http://127.0.0.1:9" if request.param == "server" else ""
    token = tmp_path / "token"
    token.write_text("x" * 43, encoding="utf-8")
    # FQM: a server that is away and has given no letter, and numbers all the same.
    server = ServerSettings(url=url, token_file=str(token), kind=FQM) if url else ServerSettings()
    settings = replace(settings, kiosk=replace(settings.kiosk, server=server))
    options = Options(demo=True, start=demo_start(settings))
    with build_kiosk(settings, tmp_path / "state", options) as built:
        built.start()
        yield built


def test_the_ui_thread_waits_for_no_commit(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk.probe_now()
    posted: queue.Queue[Event] = queue.Queue()
    kiosk.issue(kiosk.new_request("ktp-el"), posted.put)
    first = posted.get(timeout=WAIT_S)
    assert isinstance(first, Committed)
    disk = SlowDisk(monkeypatch)
    calls: list[tuple[str, Callable[[], object]]] = [
        ("settings", lambda: kiosk.settings),
        ("now", kiosk.now),
        ("printer_health", kiosk.printer_health),
        ("trouble", kiosk.trouble),
        ("live", kiosk.live),
        ("notices", kiosk.notices),
        ("staff_call", kiosk.staff_call),
        ("unfinished", kiosk.unfinished),
        ("facts", kiosk.staff.facts),
        ("search", lambda: kiosk.search("ktp", posted.put)),
        ("note_missed", lambda: kiosk.note_missed("ijazah")),
        ("call_staff", kiosk.call_staff),
        ("issue", lambda: kiosk.issue(kiosk.new_request("kia"), posted.put)),
        ("void", lambda: kiosk.void(first.ticket, posted.put)),
        ("print_copy", lambda: kiosk.print_copy(first.ticket, posted.put)),
        (
            "print_details",
            lambda: kiosk.print_details(PrintDetails("a", "ktp-el", "id"), posted.put),
        ),
        ("check_pin", lambda: kiosk.staff.check_pin(CheckPin("000000", "b"), posted.put)),
        (
            "do",
            lambda: kiosk.staff.do(DoStaffTask(StaffTask(StaffAction.CLOSE), "c"), posted.put),
        ),
    ]
    begun: list[str] = []

    def ui_thread() -> None:
        for _ in range(2):  # what a call has set going may hold a lock at the second
            for name, call in calls:
                begun.append(name)
                call()
        begun.append("done")

    disk.stalled = True
    kiosk.issue(kiosk.new_request("ktp-el"), posted.put)
    try:
        assert disk.waits.wait(WAIT_S), "no commit has begun"
        thread = threading.Thread(target=ui_thread, daemon=True)
        thread.start()
        thread.join(WAIT_S)
        assert begun[-1] == "done"
    finally:
        disk.stalled = False
        disk.answers.set()
