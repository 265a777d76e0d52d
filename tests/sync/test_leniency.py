"""Answers of servers that follow the contract less closely: what the kiosk accepts all the same.

Only where accepting is safe. What a visitor is told (number, date, refusal) is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.slip import TextLine
from kiosk.errors import (
    IssueRefused,
    NotReserving,
    Refusal,
    ServerBusy,
    ServerGarbled,
    ServerRefused,
    TokenDenied,
)
from kiosk.store.outbox import Backlog
from kiosk.sync.client import QueueClient
from tests.sync.linked_kiosk import LinkedKiosk, synced
from tests.sync.reserving_server import ReservingServer
from tests.sync.scripted import Reply, ScriptedServer, http, problem
from tests.sync.test_client import ANSWER, DEADLINE_S, OUTGO, REQUEST, SYNCED, TOKEN

HTML = b"<html><body>Not Found</body></html>"
CREATED = "201 Created"


@pytest.fixture
def queue() -> Iterator[ReservingServer]:
    queue = ReservingServer()
    yield queue
    queue.server.close()


@pytest.fixture
def kiosk(tmp_path: Path, queue: ReservingServer) -> Iterator[LinkedKiosk]:
    kiosk = LinkedKiosk(tmp_path / "kiosk", queue.server.url)
    assert kiosk.meet()
    yield kiosk
    kiosk.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer, tmp_path: Path) -> Iterator[QueueClient]:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    client = QueueClient(server.url, token, exchange_s=DEADLINE_S)
    yield client
    client.close()


# ── 201 ──────────────────────────────────────────────────────────────────────────────────


def test_created_is_like_ok(client: QueueClient, server: ScriptedServer) -> None:
    server.script = [http(ANSWER, CREATED), http(SYNCED, CREATED)]
    assert client.reserve(REQUEST, DEADLINE_S).number == "DK-027"
    assert client.sync(OUTGO).letter == "B"


@pytest.mark.parametrize("reply", [
    http(ANSWER | {"number": "27"}, CREATED),
    http(ANSWER | {"id": "another"}, CREATED),
    http(HTML, CREATED, "text/html"),
    http(b"", CREATED),
    http(ANSWER, "202 Accepted"),
    http(ANSWER, "203 Non-Authoritative Information"),
])  # fmt: skip
def test_created_needs_a_whole_answer(
    client: QueueClient, server: ScriptedServer, reply: Reply
) -> None:
    server.script = [reply]
    with pytest.raises(ServerGarbled):
        client.reserve(REQUEST, DEADLINE_S)


def test_a_created_menu_is_no_menu(client: QueueClient, server: ScriptedServer) -> None:
    server.script = [http(b"version: 1\n", CREATED, "application/yaml", ETag='"c1"')]
    with pytest.raises(ServerGarbled):
        client.catalogue("")


# ── a server that reserves nothing ───────────────────────────────────────────────────────

RESERVES_NOTHING = [
    http(HTML, "404 Not Found", "text/html"),
    http(b"", "404 Not Found", "text/plain"),
    http({"detail": "Not Found"}, "404 Not Found"),
    problem("404 Not Found", "no_such_route"),
    http(b"", "501 Not Implemented", "text/plain"),
    problem("501 Not Implemented", "not_implemented"),
]


@pytest.mark.parametrize("reply", RESERVES_NOTHING)
def test_a_server_that_reserves_nothing_is_in_touch_all_the_same(
    kiosk: LinkedKiosk, queue: ReservingServer, reply: Reply
) -> None:
    queue.puts = [reply, reply]
    assert [kiosk.number(), kiosk.number()] == ["DK-B001", "DK-B002"]
    assert kiosk.link.online
    assert not kiosk.link.refresh_status().barred
    assert kiosk.link.problem == ""
    assert kiosk.meet()
    assert {row["number"] for row in queue.rows.values()} == {"DK-B001", "DK-B002"}
    assert kiosk.backlog == Backlog()
    assert kiosk.number() == "DK-027", "once the server reserves numbers, they are used"


@pytest.mark.parametrize("reply", RESERVES_NOTHING)
def test_only_a_reservation_may_be_missing(
    kiosk: LinkedKiosk, queue: ReservingServer, reply: Reply
) -> None:
    """The same answer to an exchange: no rows were taken, so the kiosk is out of touch."""
    queue.puts = [reply]
    kiosk.number()
    queue.syncs = [reply]
    assert not kiosk.meet()
    assert kiosk.backlog == Backlog(1)
    assert kiosk.number() == "DK-B002"
    assert queue.asked_for_numbers == 1, "out of touch the server is not asked"


def test_other_answers_to_a_reservation_mean_what_they_did(
    client: QueueClient, server: ScriptedServer
) -> None:
    for reply, kind in (
        (RESERVES_NOTHING[0], NotReserving),
        (problem("404 Not Found", "not_found"), ServerRefused),
        (http({"code": "revoked"}, "401 Unauthorized"), TokenDenied),
        (http(HTML, "405 Method Not Allowed", "text/html"), ServerGarbled),
        (http(b"", "503 Service Unavailable"), ServerBusy),
    ):
        server.script = [reply]
        with pytest.raises(kind) as caught:
            client.reserve(REQUEST, DEADLINE_S)
        assert type(caught.value) is kind


# ── whole numbers with a decimal point ───────────────────────────────────────────────────


def test_a_whole_number_may_have_a_decimal_point(
    kiosk: LinkedKiosk, queue: ReservingServer
) -> None:
    """Encoders of languages without integers write 5 as 5.0."""
    wish = kiosk.wish()
    queue.puts = [http(queue.reserved(wish.id, ahead=4.0, wait_minutes=[15.0, 20.0]))]
    assert kiosk.desk.issue(wish).ticket.number == "DK-027"
    texts = [line.text for line in kiosk.tray.slips[0].lines if isinstance(line, TextLine)]
    assert any("4" in text for text in texts)
    assert not any(".0" in text for text in texts), texts

    def of_floats(connection: Any, asked: Any) -> bool:
        said = synced(asked.json, epoch=1.0, next_sync_s=5.0)
        said["results"] = [one | {"rev": float(one["rev"])} for one in said["results"]]
        live = {"waiting": 3.0, "wait_minutes": [15.0, 20], "quota_left": 7.0}
        return http(said | {"services": {"ktp": live}})(connection, asked)

    queue.syncs = [of_floats]
    assert kiosk.meet()
    assert kiosk.backlog == Backlog(), "the revision 1.0 acknowledges revision 1"
    assert kiosk.link.terms().epoch == "1"
    live = kiosk.link.live.services["ktp"]
    figures = (live.waiting, live.wait_minutes, live.quota_left)
    assert (figures, repr(figures)) == ((3, (15, 20), 7), "(3, (15, 20), 7)")


@pytest.mark.parametrize(
    "figure", ["5", "5.5", "true", '"5.0"', "NaN", "Infinity", "1e400", "-1.0", "1e7"]
)
def test_only_a_whole_number_is_a_figure(
    client: QueueClient, server: ScriptedServer, figure: str
) -> None:
    base = b'{"id": "%s", "number": "DK-027", "business_date": "2026-11-24", "ahead": %s}'
    server.script = [http(base % (REQUEST.id.encode(), figure.encode()))]
    assert client.reserve(REQUEST, DEADLINE_S).ahead == (5 if figure == "5" else None)


@pytest.mark.parametrize("rev", [1.5, float("nan"), float("inf"), True, "1.0"])
def test_a_revision_is_a_whole_number(
    client: QueueClient, server: ScriptedServer, rev: object
) -> None:
    row = {"id": REQUEST.id, "rev": rev, "status": "stored"}
    server.script = [http(SYNCED | {"results": [row]})]
    with pytest.raises(ServerGarbled):
        client.sync(OUTGO)


# ── a refusal without the type of a problem document ─────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("closed", Refusal.CLOSED),
        ("paused", Refusal.PAUSED),
        ("quota_full", Refusal.QUOTA),
    ],
)
def test_a_409_of_plain_json_with_a_known_code_is_a_refusal(
    kiosk: LinkedKiosk, queue: ReservingServer, code: str, trouble: Refusal
) -> None:
    said = {"code": code, "message": {"id": "Sudah penuh."}}
    queue.puts = [http(said, "409 Conflict", "application/json; charset=utf-8")]
    with pytest.raises(IssueRefused) as caught:
        kiosk.issue()
    assert caught.value.reason is trouble
    assert caught.value.words is not None
    assert caught.value.words.in_("id") == "Sudah penuh."
    assert kiosk.link.online
    assert kiosk.journal.tickets() == ()


@pytest.mark.parametrize("reply", [
    http({"code": "shut"}, "409 Conflict"),
    http({"code": ["closed"]}, "409 Conflict"),
    http({"error": {"code": "closed"}}, "409 Conflict"),
    http({"code": "closed"}, "409 Conflict", "text/plain"),
    http({"code": "closed"}, "409 Conflict", "text/html"),
    http(b'"closed"', "409 Conflict"),
    http({"code": "closed"}, "400 Bad Request"),
    http({"code": "closed"}, "422 Unprocessable Content"),
    http({"code": "closed"}),
])  # fmt: skip
def test_nothing_else_sends_a_visitor_away(
    kiosk: LinkedKiosk, queue: ReservingServer, reply: Reply
) -> None:
    queue.puts = [reply]
    assert kiosk.number() == "DK-B001"


def test_a_journal_conflict_may_be_plain_json(kiosk: LinkedKiosk, queue: ReservingServer) -> None:
    first = kiosk.journal.id
    queue.syncs = [http({"code": "journal_conflict"}, "409 Conflict")]
    kiosk.meet()
    assert kiosk.journal.id != first
