"""Bad input: every field of every message; a clear answer, nothing lost, never a 5xx."""

from __future__ import annotations

import gzip
import json
import socket
from typing import Any

import pytest

from tests.queue_server.servers import (
    DAY,
    OPENING,
    Kiosk,
    Server,
    Staff,
    new_id,
    row,
    statuses,
)

TIME = OPENING.isoformat()
HUGE = "x" * 5000
ODD: list[Any] = [
    *[None, True, 0, -1, 1.5, 2**64, 10**400, "", " ", HUGE, "\x00", "\ud800", "☃", [], {}, [[]]],
    *["<script>", "'; DROP TABLE tickets; --", "../../etc/passwd", {"a": {"b": []}}],
]
TIMES: list[Any] = [
    *["2026-11-24", "2026-11-24T09:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"],
    *["1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "now", "1790000000"],
    *["2026-11-24T09:00:00+99:99", "2026-W48-2T09:00:00Z", "2026-11-24T25:00:00Z"],
]
MISSING = object()
SOME_ID = "0192f3c0-8d2e-7c4b-9a51-3f6e2d7b8c90"


def without(body: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    """A body with one field changed or left out."""
    changed = dict(body)
    if value is MISSING:
        del changed[field]
    else:
        changed[field] = value
    return changed


def check_refused(response: Any, what: object, codes: tuple[str, ...] = ("invalid",)) -> None:
    """A problem document of the 4xx kind."""
    assert 400 <= response.status_code < 500, (what, response.text)
    assert response.headers["Content-Type"] == "application/problem+json", what
    assert response.json()["code"] in codes, (what, response.text)


def raw(client: Kiosk | Staff, method: str, path: str, body: Any) -> Any:
    """A request whose JSON may hold lone surrogates and huge figures."""
    text = json.dumps(body).encode()
    return client.ask(method, path, data=text, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("field", ["service", "priority", "requested_at", "track"])
def test_every_field_of_a_reservation(pg_server: Server, field: str) -> None:
    kiosk = pg_server.kiosk()
    good = {"service": "ktp-el", "priority": None, "requested_at": TIME, "track": "0" * 32}
    values: list[Any] = [*ODD, *(TIMES if field == "requested_at" else []), MISSING]
    if field == "priority":
        values = [v for v in values if v is not None and v is not MISSING]

    for value in values:
        response = raw(kiosk, "PUT", f"/tickets/{new_id()}", without(good, field, value))
        check_refused(response, value)

    assert kiosk.reserve()["number"] == "DK-001", "none of them took a number"


@pytest.mark.parametrize(
    "ticket", ["1", "x" * 36, SOME_ID.upper(), SOME_ID[:-1], "..%2f..%2fetc", "%00", "{id}"]
)
def test_ids_that_are_none(pg_server: Server, ticket: str) -> None:
    check_refused(pg_server.kiosk().put(ticket), ticket, ("invalid", "no_such_page"))


@pytest.mark.parametrize("field", ["journal", "seq", "follows", "sent_at", "tickets", "catalogue"])
def test_every_field_of_an_exchange(pg_server: Server, field: str) -> None:
    kiosk = pg_server.kiosk()
    good = {"journal": "journal-1", "seq": 1, "sent_at": TIME, "tickets": [], "catalogue": ""}
    values: list[Any] = [*ODD, *(TIMES if field == "sent_at" else []), MISSING]
    by_field: dict[str, list[Any]] = {
        "seq": [0],
        "follows": [None, MISSING],
        "tickets": [[], [[]]],
        "catalogue": [
            "",
            " ",
            "☃",
            "<script>",
            "\x00",
            MISSING,
            *[v for v in ODD if v in ODD[16:19]],
        ],
    }
    fine = by_field.get(field, [])

    for value in [v for v in values if not any(v is f or v == f for f in fine)]:
        check_refused(raw(kiosk, "POST", "/sync", without(good, field, value)), value)
    assert kiosk.sync()["notice"] is None


ROW_FIELDS = [
    *["id", "rev", "state", "printed", "number", "business_date", "service", "priority"],
    *["issued_at", "track", "journal"],
]


@pytest.mark.parametrize("field", ROW_FIELDS)
def test_every_field_of_a_row_stands_alone(pg_server: Server, field: str) -> None:
    kiosk = pg_server.kiosk()
    letter = kiosk.sync()["letter"]
    values: list[Any] = [*ODD, *(TIMES if field == "issued_at" else []), MISSING]
    if field in ("priority", "journal"):
        values = [v for v in values if v is not None and v is not MISSING]
    if field == "business_date":
        values += ["2026-02-30", "20261124", "1999-12-31", "2200-01-01", "2026-11-24T00:00:00Z"]
    if field == "number":
        values += ["DK-1", f"DK-{letter}000", "dk-a001", f"DK-{letter}12345", "ABCD-001"]
    good = row(f"DK-{letter}001", journal=kiosk.journal)
    rows = [without(good, field, value) for value in values]

    kiosk.seq += 1
    body = {"journal": kiosk.journal, "seq": kiosk.seq, "sent_at": TIME}
    response = raw(kiosk, "POST", "/sync", body | {"tickets": [*rows, good]})

    assert response.status_code == 200, response.text
    results = statuses(response.json())
    assert results == ["refused invalid"] * len(rows) + ["stored"]


@pytest.mark.parametrize("path", ["call", "finish"])
def test_every_field_of_a_counters_action(pg_server: Server, path: str) -> None:
    staff = pg_server.staff()
    good = {"request_id": "request-1", "ticket": new_id()}
    optional = ["ticket", "number", "services"] if path == "call" else []

    for field in [*good, *optional]:
        for value in [*ODD, MISSING]:
            if field in optional and (value is None or value is MISSING):
                continue
            response = raw(
                staff,
                "POST",
                f"/counters/19/{path}",
                without({"number": None, "services": None, **good}, field, value),
            )
            check_refused(response, (field, value))


@pytest.mark.parametrize("counter", ["x" * 21, "%2e%2e", "a%00b", "%3Cb%3E", "%20"])
def test_counters_that_are_none(pg_server: Server, counter: str) -> None:
    check_refused(pg_server.staff().act(counter, "call"), counter, ("invalid", "no_such_page"))


@pytest.mark.parametrize("value", [v for v in [*ODD, *TIMES] if v is not None])
def test_until_of_a_pause(pg_server: Server, value: Any) -> None:
    check_refused(raw(pg_server.staff(), "POST", "/services/pbb/pause", {"until": value}), value)


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", "application/json", "invalid"),
        (b"{", "application/json", "not_json"),
        (b"\xff\xfe", "application/json", "not_json"),
        (b"null", "application/json", "invalid"),
        (b"[]", "application/json", "invalid"),
        (b"NaN", "application/json", "invalid"),
        (b'"text"', "application/json", "invalid"),
        (b"[" * 100_000, "application/json", "not_json"),
        (b"a=b", "application/x-www-form-urlencoded", "not_json"),
        (b"{}", "text/plain", "not_json"),
    ],
)
@pytest.mark.parametrize("path", ["/sync", f"/tickets/{SOME_ID}"])
def test_what_is_not_json(pg_server: Server, body: bytes, kind: str, code: str, path: str) -> None:
    method = "POST" if path == "/sync" else "PUT"
    response = pg_server.kiosk().ask(method, path, data=body, headers={"Content-Type": kind})

    check_refused(response, body[:20], (code, "not_json"))


def test_ten_thousand_rows_and_a_body_too_large(pg_server: Server) -> None:
    kiosk = pg_server.kiosk()

    check_refused(kiosk.post(*[row("DK-A001")] * 10_000), "rows", ("too_large",))
    check_refused(kiosk.post(*[1] * 10_000), "small rows", ("too_many_rows",))

    def endless() -> Any:
        for _ in range(2000):
            yield b" " * 1024

    streamed = kiosk.ask(
        "POST", "/sync", data=endless(), headers={"Content-Type": "application/json"}
    )
    check_refused(streamed, "a body without a length", ("too_large",))
    assert kiosk.sync()["notice"] is None


def test_compressed_bodies_are_not_opened(pg_server: Server) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    check_refused(
        pg_server.kiosk().ask("POST", "/sync", data=bomb, headers=headers),
        "bomb",
        ("encoded_body",),
    )


@pytest.mark.parametrize(
    "request_",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Length: 5\r\n\r\n",
    ],
)
def test_what_is_not_http(pg_server: Server, request_: bytes) -> None:
    with socket.create_connection(("127.0.0.1", pg_server.port), 10) as connection:
        connection.sendall(request_)
        answer = connection.recv(4096)

    assert answer.split(b" ")[1:2] in ([b"400"], [b"404"], [b"414"], [b"431"]), answer[:100]
    assert pg_server.kiosk().sync()["notice"] is None


def test_unknown_pages_and_methods(pg_server: Server) -> None:
    kiosk = pg_server.kiosk()

    check_refused(kiosk.ask("GET", "/nothing"), "page", ("no_such_page",))
    check_refused(kiosk.ask("DELETE", "/sync"), "method", ("method_not_allowed",))


def test_a_name_that_is_not_known_is_passed_over(pg_server: Server) -> None:
    kiosk = pg_server.kiosk()

    assert kiosk.reserve(newer="field")["number"] == "DK-001"
    answer = kiosk.sync(row("DK-404", newer="field"), newer="field")
    assert statuses(answer) == ["refused not_reserved"]
    assert DAY in json.dumps(kiosk.reserve())
