"""Answers with one thing wrong in each: the kiosk takes what is right in them, or nothing.

Every field of every answer of the contract, made from the server's OpenAPI document
(``tests.queue_server.invalid_messages``); real sockets, real client, real sync loop, real journal.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.staff_call import CallState
from kiosk.errors import IssueRefused, Refusal, ServerGarbled
from kiosk.store.outbox import Backlog, Terms
from tests.queue_server.invalid_messages import invalid_variants
from tests.sync.linked_kiosk import LinkedKiosk, moment, synced
from tests.sync.scripted import Asked, ScriptedServer, http

SERVICE = {
    "waiting": 3,
    "wait_minutes": [15, 20],
    "now_serving": "DK-021",
    "open": True,
    "reason": "paused",
    "until": moment(),
    "quota_left": 7,
    "given_day": 31,
    "given_hour": 4,
}
NOTICE = {"code": "bad_health", "message": {"id": "Rusak.", "en": "Bad."}}
CALL = {"id": "call-0001", "answered": True}
TAKEN = (CallState.CALLED, CallState.ANSWERED)
PROBLEM = "application/problem+json"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def kiosk(tmp_path: Path, server: ScriptedServer) -> Iterator[LinkedKiosk]:
    """In touch, with the letter B and the epoch e1."""
    server.default = answering()
    kiosk = LinkedKiosk(tmp_path / "lobi-1", server.url)
    assert kiosk.meet()
    logging.disable(logging.ERROR)  # each wrong answer has its line
    yield kiosk
    logging.disable(logging.NOTSET)
    kiosk.close()


def answering(said: dict[str, Any] | None = None) -> Any:
    """A server that says ``said`` to each exchange, else stores all rows; it has no menu."""

    def reply(connection: socket.socket, asked: Asked) -> bool:
        if asked.method == "GET":
            return http(b"", "404 Not Found", "text/html")(connection, asked)
        return http(synced(asked.json) if said is None else said)(connection, asked)

    return reply


def test_every_field_of_an_exchange(kiosk: LinkedKiosk, server: ScriptedServer) -> None:
    ticket = kiosk.journal.keep(
        kiosk.wish(), "DK-001", business_date=kiosk.now.date(), now=kiosk.clock()
    )
    row = {"id": ticket.id, "rev": 1, "status": "stored", "code": None}
    more = {"services": {"ktp": SERVICE}, "notice": NOTICE, "catalogue": '"c1"', "letter": "B"}
    more["staff_call"] = CALL
    kiosk.link.call_staff()
    good = synced(None, journal=kiosk.journal.id, results=[row], **more)
    fields = set()

    for field, value, answer in invalid_variants("Exchanged", good):
        fields.add(field)
        if not kiosk.backlog.pending:
            kiosk.journal.outbox.learn(
                kiosk.journal.id, server.url, epoch="again", letter="", today=kiosk.now.date()
            )
        assert kiosk.backlog == Backlog(1, 0)
        server.default = answering(answer)
        met = kiosk.meet()

        told = (field, value)
        if field in ("epoch", "server_time", "results"):
            assert met is False or field == "epoch", told
        if field.startswith("results"):
            assert kiosk.backlog == Backlog(1, 0) or field == "results.0.code", told
        else:
            assert kiosk.backlog.pending == (0 if met else 1), told
        assert kiosk.link.terms().letter == "B", told
        assert kiosk.journal.id == kiosk.journal.outbox.unsent(1, kiosk.now).journal, told
        assert abs((kiosk.clock() - kiosk.now).total_seconds()) < 60, told
        assert kiosk.link.staff_call.state not in TAKEN, told
        for live in kiosk.link.live.services.values():
            assert live.waiting is None or live.waiting >= 0, told

    of_call = {"staff_call.id", "staff_call.answered"}
    assert {"services.ktp.quota_left", "results.0.rev", "notice.code", *of_call} < fields
    server.default = answering()
    while kiosk.backlog != Backlog():
        assert kiosk.meet()
    assert kiosk.link.terms() == Terms("B", "e1")


def test_every_field_of_a_reservation(kiosk: LinkedKiosk, server: ScriptedServer) -> None:
    wish = kiosk.wish()
    good = {
        "id": wish.id,
        "number": "DK-027",
        "business_date": kiosk.now.date().isoformat(),
        "ahead": 3,
        "wait_minutes": [15, 20],
        "epoch": "e1",
    }

    for field, value, answer in invalid_variants("Reserved", good):
        server.default = http(answer)
        if field in ("id", "number", "business_date"):
            with pytest.raises(ServerGarbled):
                kiosk.link._client.reserve(wish, 30)
            continue
        got = kiosk.link._client.reserve(wish, 30)
        assert (got.number, got.business_date) == ("DK-027", kiosk.now.date()), (field, value)
        assert field == "epoch" or None in (got.ahead, got.wait_minutes), (field, value)


def test_every_field_of_a_refusal(kiosk: LinkedKiosk, server: ScriptedServer) -> None:
    """Only a code of the contract refuses a visitor; else the own series is used."""
    good = {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "closed",
        "detail": "Shut.",
        "message": {"id": "Tutup.", "en": "Shut."},
        "until": moment(),
        "errors": None,
    }
    for field, value, answer in invalid_variants("ProblemDocument", good):
        server.default = http(answer, "409 Conflict", PROBLEM)
        kiosk.link._connectivity.mark_online(kiosk.link._connectivity.begin_exchange())
        if field == "code":
            assert kiosk.link.reserve(kiosk.wish()) is None, value
            continue
        with pytest.raises(IssueRefused) as caught:
            kiosk.link.reserve(kiosk.wish())
        assert caught.value.reason is Refusal.CLOSED, (field, value)
        assert len(str(caught.value)) <= 300, (field, value)
        assert "\n" not in str(caught.value), (field, value)
