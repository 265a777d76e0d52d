"""The call for staff where journal or server fail: it is sent if it can be, else not promised."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.background.staff_calls import SENDING_S
from kiosk.domain.staff_call import CallState
from kiosk.errors import JournalError
from tests.sync.linked_kiosk import LinkedKiosk, synced
from tests.sync.scripted import Asked, ScriptedServer, http


class CallServer:
    """A server that takes calls for staff. ``told``: its answers get these members."""

    def __init__(self, server: ScriptedServer) -> None:
        self.requests: list[dict[str, Any]] = []
        self.told: dict[str, Any] = {}
        server.default = self._reply

    def _reply(self, connection: Any, asked: Asked) -> bool:
        if asked.method == "GET":
            return http(b"", "404 Not Found", "text/html")(connection, asked)
        self.requests.append(asked.json)
        call = asked.json["health"].get("staff_call")
        taken = {"id": call["id"], "answered": False} if call else None
        answer = synced(asked.json, staff_call=taken) | self.told
        return http(answer)(connection, asked)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def calls(server: ScriptedServer) -> CallServer:
    return CallServer(server)


@pytest.fixture
def kiosk(tmp_path: Path, server: ScriptedServer, calls: CallServer) -> Iterator[LinkedKiosk]:
    kiosk = LinkedKiosk(tmp_path / "lobi-1", server.url)
    yield kiosk
    kiosk.close()


def broken(*_: object, **__: object) -> Any:
    raise JournalError("journal.closed")


@pytest.mark.parametrize(
    ("part", "method"), [("outbox", "unsent"), ("outbox", "learn"), ("server_quotas", "store")]
)
def test_a_call_arrives_while_the_journal_fails(
    kiosk: LinkedKiosk, calls: CallServer, monkeypatch: pytest.MonkeyPatch, part: str, method: str
) -> None:
    assert kiosk.meet()
    first = calls.requests[-1]
    monkeypatch.setattr(getattr(kiosk.journal, part), method, broken)
    kiosk.link.call_staff()

    assert not kiosk.meet()

    sent = calls.requests[-1]
    assert sent["health"]["staff_call"]["id"]
    assert (sent["journal"], sent["seq"], sent["tickets"]) == (first["journal"], first["seq"], [])
    assert kiosk.link.staff_call.state is CallState.CALLED


def test_a_call_that_the_server_does_not_take_is_no_fault_of_the_network(
    kiosk: LinkedKiosk, calls: CallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kiosk.meet()
    calls.told = {"staff_call": None}
    monkeypatch.setattr(kiosk.journal.outbox, "unsent", broken)
    kiosk.link.call_staff()
    kiosk.meet()
    assert kiosk.link.staff_call.state is CallState.SENDING
    later_s = time.monotonic() + SENDING_S
    monkeypatch.setattr(kiosk.link._calls, "_mono", lambda: later_s)
    assert kiosk.link.staff_call.state is CallState.DELAYED


def test_a_journal_that_never_worked_offers_no_call(
    kiosk: LinkedKiosk, calls: CallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broke:
        broke.setattr(kiosk.journal.outbox, "unsent", broken)
        kiosk.meet()
        assert kiosk.link.staff_call.state is CallState.OFF
    assert calls.requests == []
    assert kiosk.meet()
    assert kiosk.link.staff_call.state is CallState.READY


def test_without_an_open_journal_no_call_is_offered(kiosk: LinkedKiosk) -> None:
    journal, kiosk.journal = kiosk.journal, None  # type: ignore[assignment]
    assert kiosk.link.staff_call.state is CallState.OFF
    kiosk.journal = journal


def test_a_journal_conflict_neither_hides_nor_ends_a_call(
    kiosk: LinkedKiosk, calls: CallServer
) -> None:
    assert kiosk.meet()
    kiosk.link.call_staff()
    kiosk.meet()
    assert kiosk.link.staff_call.state is CallState.CALLED
    notice = {"code": "journal_conflict", "message": {"id": "Lama.", "en": "Old."}}
    calls.told = {"notice": notice, "staff_call": None}
    for _ in range(2):
        kiosk.meet()
        assert kiosk.link.staff_call.state is CallState.CALLED, "the server has it"


def test_a_server_that_passes_no_calls_on_is_known_before_the_journal_fails(
    kiosk: LinkedKiosk, monkeypatch: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    def old(connection: Any, asked: Asked) -> bool:
        return http(synced(asked.json))(connection, asked)

    server.default = old
    monkeypatch.setattr(kiosk.journal.outbox, "learn", broken)
    kiosk.meet()
    assert kiosk.link.staff_call.state is CallState.OFF
