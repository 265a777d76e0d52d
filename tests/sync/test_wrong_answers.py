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

from kiosk.errors import IssueRefused, Refusal, ServerGarbled
from kiosk.store.outbox import Backlog, Terms
from tests.queue_server.invalid_messages import invalid_variants
from tests.sync.scripted import Asked, ScriptedServer, http
from tests.sync.till import Till, moment, synced

SERVICE = {
    "waiting": 3,
    "wait_minutes": [15, 20],
    "now_serving": "DK-021",
    "open": True,
    "reason": "paused",
    "until": moment(),
    "quota_left": 7,
}
NOTICE = {"code": "bad_health", "message": {"id": "Rusak.", "en": "Bad."}}
PROBLEM = "application/problem+json"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def till(tmp_path: Path, server: ScriptedServer) -> Iterator[Till]:
    """In touch, with the letter B and the epoch e1."""
    server.default = answering()
    till = Till(tmp_path / "lobi-1", server.url)
    assert till.meet()
    logging.disable(logging.ERROR)  # each wrong answer has its line
    yield till
    logging.disable(logging.NOTSET)
    till.close()


def answering(said: dict[str, Any] | None = None) -> Any:
    """A server that says ``said`` to each exchange, else stores all rows; it has no menu."""

    def reply(connection: socket.socket, asked: Asked) -> bool:
        if asked.method == "GET":
            return http(b"", "404 Not Found", "text/html")(connection, asked)
        return http(synced(asked.json) if said is None else said)(connection, asked)

    return reply


def test_every_field_of_an_exchange(till: Till, server: ScriptedServer) -> None:
    ticket = till.journal.keep(
        till.wish(), "DK-001", business_date=till.now.date(), now=till.clock()
    )
    row = {"id": ticket.id, "rev": 1, "status": "stored", "code": None}
    more = {"services": {"ktp": SERVICE}, "notice": NOTICE, "catalogue": '"c1"', "letter": "B"}
    good = synced(None, results=[row], **more)
    fields = set()

    for field, value, answer in invalid_variants("Exchanged", good):
        fields.add(field)
        if not till.backlog.pending:
            till.journal.outbox.learn(
                till.journal.id, server.url, epoch="again", letter="", today=till.now.date()
            )
        assert till.backlog == Backlog(1, 0)
        server.default = answering(answer)
        met = till.meet()

        told = (field, value)
        if field in ("epoch", "server_time", "results"):
            assert met is False or field == "epoch", told
        if field.startswith("results"):
            assert till.backlog == Backlog(1, 0) or field == "results.0.code", told
        else:
            assert till.backlog.pending == (0 if met else 1), told
        assert till.link.terms().letter == "B", told
        assert till.journal.id == till.journal.outbox.unsent(1, till.now).journal, told
        assert abs((till.clock() - till.now).total_seconds()) < 60, told
        for live in till.link.live.services.values():
            assert live.waiting is None or live.waiting >= 0, told

    assert {"services.ktp.quota_left", "results.0.rev", "notice.code"} < fields
    server.default = answering()
    while till.backlog != Backlog():
        assert till.meet()
    assert till.link.terms() == Terms("B", "e1")


def test_every_field_of_a_reservation(till: Till, server: ScriptedServer) -> None:
    wish = till.wish()
    good = {
        "id": wish.id,
        "number": "DK-027",
        "business_date": till.now.date().isoformat(),
        "ahead": 3,
        "wait_minutes": [15, 20],
        "epoch": "e1",
    }

    for field, value, answer in invalid_variants("Reserved", good):
        server.default = http(answer)
        if field in ("id", "number", "business_date"):
            with pytest.raises(ServerGarbled):
                till.link._client.reserve(wish, 30)
            continue
        got = till.link._client.reserve(wish, 30)
        assert (got.number, got.business_date) == ("DK-027", till.now.date()), (field, value)
        assert field == "epoch" or None in (got.ahead, got.wait_minutes), (field, value)


def test_every_field_of_a_refusal(till: Till, server: ScriptedServer) -> None:
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
        till.link._connectivity.mark_online(till.link._connectivity.begin_exchange())
        if field == "code":
            assert till.link.reserve(till.wish()) is None, value
            continue
        with pytest.raises(IssueRefused) as caught:
            till.link.reserve(till.wish())
        assert caught.value.reason is Refusal.CLOSED, (field, value)
        assert len(str(caught.value)) <= 300, (field, value)
        assert "\n" not in str(caught.value), (field, value)
