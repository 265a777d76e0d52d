"""What the client makes of each answer: the right type, in time, and never the token in it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.ticket import TicketRequest
from kiosk.errors import (
    ServerBusy,
    ServerGarbled,
    ServerRefused,
    ServerUnreachable,
    SyncError,
    TokenDenied,
    TokenMissing,
    TokenRevoked,
)
from kiosk.sync import client as client_module
from kiosk.sync.client import QueueClient
from kiosk.sync.values import SyncRequest
from kiosk.sync.wire import CancellableCall, within
from tests.sync.scripted import Drip, Hold, Reply, ScriptedServer, http, problem, raw

TOKEN = "secret-token-0123456789"
ID = "01936b5e-0000-7000-8000-000000000001"
DEADLINE_S = 10.0
ANSWER = {
    "id": ID,
    "number": "DK-027",
    "business_date": "2026-11-24",
    "ahead": 3,
    "wait_minutes": [15, 20],
    "epoch": "e1",
}
SYNCED: dict[str, Any] = {
    "epoch": "e1",
    "server_time": "2026-11-24T09:00:00+08:00",
    "next_sync_s": 5,
    "results": [{"id": ID, "rev": 1, "status": "stored", "code": None}],
    "services": {"ktp": {"waiting": 2, "wait_minutes": None, "now_serving": "DK-020",
                         "open": True, "reason": None, "until": None, "quota_left": 7}},
    "letter": "B",
    "catalogue": '"c1"',
    "notice": None,
}  # fmt: skip
REQUEST = TicketRequest(ID, "5" * 32, "ktp", "id", datetime(2026, 11, 24, 1, tzinfo=UTC))
OUTGO = SyncRequest("j" * 32, 4, None, datetime(2026, 11, 24, 1, tzinfo=UTC), "", (), {})
HTML = b"<html><body>404 Not Found</body></html>"


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    return path


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer, token: Path) -> Iterator[QueueClient]:
    client = QueueClient(server.url, token, exchange_s=DEADLINE_S)
    yield client
    client.close()


def test_a_number_is_reserved_for_the_id(client: QueueClient, server: ScriptedServer) -> None:
    server.script = [http(ANSWER)]
    reserved = client.reserve(REQUEST, DEADLINE_S)
    assert (reserved.number, reserved.business_date) == ("DK-027", date(2026, 11, 24))
    assert (reserved.ahead, reserved.wait_minutes) == (3, (15, 20))
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("PUT", f"/api/v1/tickets/{ID}")
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.json == {
        "service": "ktp",
        "priority": None,
        "requested_at": "2026-11-24T01:00:00+00:00",
        "track": "5" * 32,
    }


def test_connections_are_kept(client: QueueClient, server: ScriptedServer) -> None:
    server.default = http(ANSWER)
    for _ in range(5):
        client.reserve(REQUEST, DEADLINE_S)
    assert server.connections == 1


def test_a_kept_connection_closed_by_the_server_is_replaced(
    client: QueueClient, server: ScriptedServer
) -> None:
    def hang_up(_: socket.socket, __: object) -> bool:
        return False

    server.script = [http(ANSWER), hang_up, http(ANSWER)]
    client.reserve(REQUEST, DEADLINE_S)
    assert client.reserve(REQUEST, DEADLINE_S).number == "DK-027"
    assert (len(server.asked), server.connections) == (3, 2)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (http(HTML, "405 Method Not Allowed", "text/html"), ServerGarbled),
        (http(HTML, "502 Bad Gateway", "text/html"), ServerBusy),
        (http(HTML, "200 OK", "text/html"), ServerGarbled),
        (http(ANSWER, "200 OK", "text/plain"), ServerGarbled),
        (http(b"{", "200 OK"), ServerGarbled),
        (http(b"[" * 100_000), ServerGarbled),
        (http(b"[1]"), ServerGarbled),
        (http(b"\xff\xfe"), ServerGarbled),
        (http(b"", "204 No Content"), ServerGarbled),
        (http(ANSWER, Content_Encoding="gzip"), ServerGarbled),
        (http(b"", "307 Temporary Redirect", Location="/elsewhere"), ServerGarbled),
        (http(b"", "500 Internal Server Error"), ServerBusy),
        (http(b"", "408 Request Timeout"), ServerBusy),
        (problem("400 Bad Request", "who_knows"), ServerGarbled),
        (http({"code": "who_knows"}, "409 Conflict"), ServerGarbled),
        (http({"code": "closed"}, "409 Conflict", "text/plain"), ServerGarbled),
        (http({"code": "closed"}, "422 Unprocessable Content"), ServerGarbled),
        (http({"code": "closed"}, "409 Conflict"), ServerRefused),
        (problem("409 Conflict", "closed"), ServerRefused),
        (problem("401 Unauthorized", "revoked"), TokenRevoked),
        (problem("403 Forbidden", "revoked"), TokenRevoked),
        (http({"code": "revoked"}, "401 Unauthorized"), TokenDenied),
        (problem("401 Unauthorized", "unauthorized"), TokenDenied),
        (http(HTML, "403 Forbidden", "text/html"), TokenDenied),
        (raw(b""), ServerUnreachable),
        (raw(b"HTTP/1.1 200"), ServerGarbled),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), ServerUnreachable),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
             b'Content-Length: 900\r\n\r\n{"id": "0'), ServerUnreachable),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
             b'{"id": "0'), ServerGarbled),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
             b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}"), ServerUnreachable),
    ],
)  # fmt: skip
def test_each_answer_has_its_type(
    client: QueueClient, server: ScriptedServer, reply: Reply, kind: type[SyncError]
) -> None:
    server.default = reply
    with pytest.raises(SyncError) as reserving:
        client.reserve(REQUEST, DEADLINE_S)
    with pytest.raises(SyncError) as syncing:
        client.sync(OUTGO)
    for caught in (reserving, syncing):
        assert type(caught.value) is kind
        assert TOKEN not in repr(caught.value) + str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "odd",
    [
        {"id": ID.replace("1", "2")},
        {"id": None},
        {"number": "DK027"},
        {"number": 27},
        {"number": "DK-27"},
        {"number": "dk-027"},
        {"number": "DK-0027"},
        {"number": "DK-000"},
        {"business_date": "24-11-2026"},
        {"business_date": "0001-01-01"},
        {"business_date": None},
    ],
)
def test_a_reservation_for_another_request_is_refused(
    client: QueueClient, server: ScriptedServer, odd: dict[str, Any]
) -> None:
    server.script = [http(ANSWER | odd)]
    with pytest.raises(ServerGarbled):
        client.reserve(REQUEST, DEADLINE_S)


@pytest.mark.parametrize(
    "odd", [{"ahead": -1, "wait_minutes": [20, 15]}, {"ahead": "3", "wait_minutes": 15}]
)
def test_invalid_figures_are_left_out(
    client: QueueClient, server: ScriptedServer, odd: dict[str, Any]
) -> None:
    server.script = [http(ANSWER | odd)]
    reserved = client.reserve(REQUEST, DEADLINE_S)
    assert (reserved.number, reserved.ahead, reserved.wait_minutes) == ("DK-027", None, None)


def test_a_redirect_gets_no_token(client: QueueClient, server: ScriptedServer, token: Path) -> None:
    with ScriptedServer(default=http(ANSWER)) as thief:
        server.script = [http(b"", "302 Found", Location=thief.url + "/api/v1/sync")]
        with pytest.raises(ServerGarbled):
            client.reserve(REQUEST, DEADLINE_S)
        assert thief.asked == []


def test_retry_after_is_in_seconds(client: QueueClient, server: ScriptedServer) -> None:
    server.script = [
        http(b"", "429 Too Many Requests", Retry_After="17"),
        http(b"", "503 Service Unavailable", Retry_After="Tue, 24 Nov 2026 09:00:00 GMT"),
    ]
    waits = []
    for _ in range(2):
        with pytest.raises(ServerBusy) as caught:
            client.sync(OUTGO)
        waits.append(caught.value.retry_after_s)
    assert waits == [17.0, None]


def test_a_refusal_has_its_reason(client: QueueClient, server: ScriptedServer) -> None:
    server.script = [problem("409 Conflict", "quota_full", "Kuota habis")]
    with pytest.raises(ServerRefused) as caught:
        client.reserve(REQUEST, DEADLINE_S)
    assert (caught.value.code, caught.value.detail, caught.value.status) == (
        "quota_full",
        "Kuota habis",
        409,
    )


# ── time ─────────────────────────────────────────────────────────────────────────────────


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "drip",
    [
        Drip(b"", b"", 0.05),
        Drip(b"HTTP/1.1 200 OK\r\n", b"X", 0.05),
        Drip(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n", 0.2),
        Drip(HEAD + b"\r\n", b" ", 0.05),
        Drip(HEAD + b"Content-Length: 1000\r\n\r\n", b" ", 0.05),
        Drip(HEAD + b"Connection: close\r\n\r\n", b" ", 0.05),
    ],
)
def test_one_deadline_covers_the_exchange_and_closes_the_connection(
    client: QueueClient, server: ScriptedServer, drip: Drip
) -> None:
    drip.data = drip.data or b"H"
    server.default = drip
    before = threading.active_count()
    with pytest.raises(ServerUnreachable, match=r"within 0\.3 s"):
        client.reserve(REQUEST, 0.3)
    assert drip.gone.wait(20), "the connection was left open"
    until(lambda: threading.active_count() <= before)


def test_both_timeouts_give_the_same_error() -> None:
    def job(_: CancellableCall) -> str:
        raise ServerUnreachable("the socket's own timeout")

    for _ in range(20):
        with pytest.raises(ServerUnreachable, match="within 0 s"):
            within(0.0, job)
    with pytest.raises(ServerUnreachable, match="own timeout"):
        within(60.0, job)


def test_an_endless_answer_is_cut_off(
    client: QueueClient, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MOST_ANSWER_BYTES", 100_000)
    drip = Drip(HEAD + b"\r\n", b" " * 10_000)
    server.default = drip
    with pytest.raises(ServerGarbled, match="longer than"):
        client.sync(OUTGO)
    assert drip.gone.wait(20)


def test_a_hanging_name_lookup_ends_at_the_deadline(
    client: QueueClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, release = threading.Event(), threading.Event()

    def resolve(*_: object, **__: object) -> Any:
        asked.set()
        release.wait(20)
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(ServerUnreachable, match="within"):
        client.reserve(REQUEST, 0.3)
    assert asked.is_set()
    release.set()


def test_a_late_answer_does_not_disturb_the_next_one(
    client: QueueClient, server: ScriptedServer
) -> None:
    late = Hold(http(ANSWER | {"number": "DK-001"}))
    server.script = [late, http(ANSWER)]
    with pytest.raises(ServerUnreachable):
        client.reserve(REQUEST, 0.2)
    late.release.set()
    assert client.reserve(REQUEST, DEADLINE_S).number == "DK-027"


def test_a_closed_port_is_reported_at_once(token: Path) -> None:
    with ScriptedServer() as gone:
        url = gone.url
    client = QueueClient(url, token)
    with pytest.raises(ServerUnreachable, match=r"reached: Connection refused$"):
        client.sync(OUTGO)


# ── the token ────────────────────────────────────────────────────────────────────────────


def test_a_new_token_is_used_at_once(
    client: QueueClient, server: ScriptedServer, token: Path
) -> None:
    server.default = http(ANSWER)
    client.reserve(REQUEST, DEADLINE_S)
    token.write_text("another-token-987654321")
    client.reserve(REQUEST, DEADLINE_S)
    assert server.asked[1].headers["authorization"] == "Bearer another-token-987654321"


@pytest.mark.parametrize("text", [b"", b"short", b"two words of it", b"caf\xc3\xa9-token-12345",
                                  b"evil\r\nHost: elsewhere", b"x" * 2000])  # fmt: skip
def test_a_token_with_invalid_characters_is_not_sent(
    client: QueueClient, server: ScriptedServer, token: Path, text: bytes
) -> None:
    token.write_bytes(text)
    with pytest.raises(TokenMissing) as caught:
        client.sync(OUTGO)
    assert server.asked == []
    assert not text or text.decode("latin-1") not in str(caught.value)


def test_a_missing_token_file_is_reported(client: QueueClient, token: Path) -> None:
    token.unlink()
    with pytest.raises(TokenMissing, match="No such file"):
        client.sync(OUTGO)


def test_proxy_settings_of_the_environment_are_ignored(
    server: ScriptedServer, token: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.default = http(ANSWER, Set_Cookie="a=b")
    client = QueueClient(server.url, token)
    client.reserve(REQUEST, DEADLINE_S)
    client.reserve(REQUEST, DEADLINE_S)
    assert [a.headers["authorization"] for a in server.asked] == [f"Bearer {TOKEN}"] * 2
    assert "cookie" not in server.asked[1].headers


# ── an exchange ──────────────────────────────────────────────────────────────────────────


def test_an_exchange_is_read(client: QueueClient, server: ScriptedServer) -> None:
    server.script = [http(SYNCED)]
    answer = client.sync(OUTGO)
    assert (answer.epoch, answer.letter, answer.catalogue) == ("e1", "B", '"c1"')
    assert (answer.results[0].id, answer.results[0].status) == (ID, "stored")
    assert answer.services["ktp"].quota_left == 7
    assert json.loads(server.asked[0].body)["journal"] == "j" * 32


@pytest.mark.parametrize(
    "odd",
    [
        {"epoch": None},
        {"epoch": ""},
        {"server_time": "2026-11-24T09:00:00"},
        {"server_time": "9999-11-24T09:00:00Z"},
        {"server_time": 5},
        {"results": None},
        {"results": [{"id": ID}]},
        {"results": [{"id": ID, "rev": True, "status": "stored"}]},
        {"results": [{"id": ID, "rev": 1, "status": "perhaps"}]},
        {"letter": "IO"},
        {"letter": "ABC"},
        {"letter": 5},
    ],
)
def test_an_exchange_with_an_invalid_required_field_is_refused(
    client: QueueClient, server: ScriptedServer, odd: dict[str, Any]
) -> None:
    server.script = [http(SYNCED | odd)]
    with pytest.raises(ServerGarbled):
        client.sync(OUTGO)


def test_an_answer_to_another_kiosk_is_not_used(
    client: QueueClient, server: ScriptedServer
) -> None:
    """A proxy that mixes up its connections would bring the letter of another kiosk."""
    server.script = [http(SYNCED | {"journal": "k" * 32})]
    with pytest.raises(ServerGarbled):
        client.sync(OUTGO)
    server.script = [http(SYNCED | {"journal": OUTGO.journal})]
    assert client.sync(OUTGO).letter == "B"


def test_an_invalid_optional_field_of_an_exchange_is_dropped(
    client: QueueClient, server: ScriptedServer
) -> None:
    odd = {
        "services": {"ktp": {"waiting": -4, "until": "never", "quota_left": 1e9}, "kk": 3},
        "next_sync_s": "soon",
        "notice": ["?"],
        "catalogue": None,
    }
    server.script = [http(SYNCED | odd)]
    answer = client.sync(OUTGO)
    assert list(answer.services) == ["ktp"]
    live = answer.services["ktp"]
    assert (live.waiting, live.until, live.quota_left) == (None, None, None)
    assert (answer.next_sync_s, answer.notice, answer.catalogue) == (None, "", "")


# ── the catalogue ────────────────────────────────────────────────────────────────────────


def test_an_unchanged_catalogue_is_not_fetched_again(
    client: QueueClient, server: ScriptedServer
) -> None:
    server.script = [
        http(b"version: 1\n", kind="application/yaml", ETag='"c1"'),
        http(b"", "304 Not Modified", ETag='"c1"'),
    ]
    menu = client.catalogue("")
    assert menu is not None
    assert (menu.etag, menu.body) == ('"c1"', b"version: 1\n")
    assert client.catalogue(menu.etag) is None
    assert server.asked[1].headers["if-none-match"] == '"c1"'


@pytest.mark.parametrize(
    "reply",
    [
        http(HTML, kind="text/html", ETag='"c1"'),
        http(b"version: 1\n", kind="application/yaml"),
        http(b"\x1f\x8b", kind="application/yaml", ETag='"c1"', Content_Encoding="gzip"),
        http(b"version: 1\n", kind="application/yaml", ETag='W/"c1"'),
        http(b"", "304 Not Modified"),
        http(HTML, "404 Not Found", "text/html"),
    ],
)
def test_a_response_that_is_no_catalogue_is_refused(
    client: QueueClient, server: ScriptedServer, reply: Reply
) -> None:
    server.script = [reply]
    with pytest.raises(ServerGarbled):
        client.catalogue("")


def until(condition: Any, patience_s: float = 20.0) -> None:
    """Wait for ``condition``."""
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
