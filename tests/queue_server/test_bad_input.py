"""Invalid input in every field of every message: a problem document, no effect, never a 5xx."""

from __future__ import annotations

import gzip
import json
import re
import socket
from typing import Any
from urllib.parse import quote

import pytest

from tests.queue_server.invalid_messages import (
    DOCUMENT,
    GOOD,
    JUNK,
    SCHEMAS,
    SOME_ID,
    TIME,
    invalid_variants,
    routes,
    wrong,
)
from tests.queue_server.servers import (
    DAY,
    KioskClient,
    ServerProcess,
    Staff,
    new_id,
    row,
    statuses,
)


def check_refused(response: Any, what: object, codes: tuple[str, ...] = ("invalid",)) -> None:
    """A problem document of the 4xx kind."""
    assert 400 <= response.status_code < 500, (what, response.text)
    assert response.headers["Content-Type"] == "application/problem+json", what
    assert response.json()["code"] in codes, (what, response.text)


def raw(client: KioskClient | Staff, method: str, path: str, body: Any) -> Any:
    """A request whose JSON may contain lone surrogates and huge numbers."""
    text = json.dumps(body).encode()
    return client.ask(method, path, data=text, headers={"Content-Type": "application/json"})


def validated_separately(field: str, value: Any) -> bool:
    """Whether a field is validated separately and never fails the whole exchange."""
    return field.startswith(("tickets.", "health")) or (
        field == "tickets" and isinstance(value, list)
    )


@pytest.mark.parametrize(("method", "path", "kind"), [one for one in routes() if one[2]])
def test_every_field_of_every_message(
    pg_server: ServerProcess, method: str, path: str, kind: str
) -> None:
    """Refused with the name of the invalid field, and without any effect."""
    kiosk, staff = pg_server.kiosk(), pg_server.staff()
    client = kiosk if kind in ("Reservation", "Exchange") else staff
    board, seen = staff.board(), set()

    for field, value, message in invalid_variants(kind, GOOD[kind]):
        if validated_separately(field, value):
            continue
        seen.add(field)
        place = path.format(id=new_id(), counter="19", service="pbb")
        response = raw(client, method, place, message)
        check_refused(response, (field, value))
        named = {one["field"] for one in response.json()["errors"]}
        assert all(one.startswith(field.split(".")[0]) for one in named), (field, value, named)

    assert {*seen, "health"} >= set(SCHEMAS[kind]["properties"])
    assert staff.board() == board
    assert kiosk.reserve()["number"] == "DK-001", "none of them took a number"


def test_rows_are_validated_separately(pg_server: ServerProcess) -> None:
    """Every invalid row is refused; the valid row after them is stored."""
    kiosk = pg_server.kiosk()
    letter = kiosk.sync()["letter"]
    good = row(f"DK-{letter}001", journal=kiosk.journal, priority="lansia")
    rows = [message for _, _, message in invalid_variants("Row", good)]
    rows += [good | {"number": odd} for odd in ("DK-000", "DK-1", f"DK-{letter}12345")]
    assert len(rows) > 200

    for some in [rows[at : at + 400] for at in range(0, len(rows), 400)]:
        kiosk.seq += 1
        body = {"journal": kiosk.journal, "seq": kiosk.seq, "sent_at": TIME}
        response = raw(kiosk, "POST", "/sync", body | {"tickets": [*some, good]})
        assert response.status_code == 200, response.text
        assert statuses(response.json()) == ["refused invalid"] * len(some) + ["stored"]


def test_bad_health_is_reported_and_fails_nothing(pg_server: ServerProcess) -> None:
    kiosk = pg_server.kiosk()
    letter = kiosk.sync()["letter"]

    for n, value in enumerate([v for v in JUNK if v is not None and not isinstance(v, dict)], 1):
        kiosk.seq += 1
        body = {"journal": kiosk.journal, "seq": kiosk.seq, "sent_at": TIME, "health": value}
        body["tickets"] = [row(f"DK-{letter}{n:03d}")]
        answer = raw(kiosk, "POST", "/sync", body).json()
        assert (statuses(answer), answer["notice"]["code"]) == (["stored"], "bad_health"), value


def places() -> list[tuple[str, str, Any]]:
    """Method, path and schema of each route with something named in its path."""
    return [
        (method.upper(), path, one["parameters"][0]["schema"])
        for path, operations in DOCUMENT["paths"].items()
        for method, one in operations.items()
        if one.get("parameters", [{}])[0].get("in") == "path"
    ]


@pytest.mark.parametrize(("method", "path", "schema"), places())
def test_what_a_path_names(pg_server: ServerProcess, method: str, path: str, schema: Any) -> None:
    kiosk, staff = pg_server.kiosk(), pg_server.staff()
    client = kiosk if path.startswith("/api/v1/tickets") else staff
    body = {"request_id": "request-1", "ticket": SOME_ID} | GOOD["Reservation"]
    # Dots alone and slashes are the path's own: another page, or none.
    texts = [t for t in wrong(schema, SOME_ID) if isinstance(t, str) and t and "\ud800" not in t]
    assert texts

    for text in [*texts, "..", "%2e%2e", "{id}", "a\x00b"]:
        url = pg_server.url + re.sub(r"\{.*\}", lambda _: quote(text, safe="%."), path)  # noqa: B023
        response = client.http.request(method, url, json=body, timeout=30)
        assert 400 <= response.status_code < 500, (text, response.text)
        if path.startswith("/api/"):
            check_refused(response, text, ("invalid", "no_such_page", "method_not_allowed"))

    assert kiosk.reserve()["number"] == "DK-001"


@pytest.mark.parametrize("header", ["If-None-Match", "Accept", "Cookie", "X-Forwarded-For", "Host"])
def test_invalid_headers(pg_server: ServerProcess, header: str) -> None:
    kiosk = pg_server.kiosk()

    for text in ["", "x" * 5000, "☃", '"', ",,,,", "W/", "*;q=x", "\x01", "<script>", "0"]:
        response = kiosk.ask("GET", "/catalogue", headers={header: text.encode()})
        assert response.status_code in (200, 400), (text, response.text)

    assert kiosk.ask("GET", "/catalogue").status_code == 200


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
def test_what_is_not_json(
    pg_server: ServerProcess, body: bytes, kind: str, code: str, path: str
) -> None:
    method = "POST" if path == "/sync" else "PUT"
    response = pg_server.kiosk().ask(method, path, data=body, headers={"Content-Type": kind})

    check_refused(response, body[:20], (code, "not_json"))


def test_ten_thousand_rows_and_a_body_too_large(pg_server: ServerProcess) -> None:
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


def test_compressed_bodies_are_not_opened(pg_server: ServerProcess) -> None:
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
def test_what_is_not_http(pg_server: ServerProcess, request_: bytes) -> None:
    with socket.create_connection(("127.0.0.1", pg_server.port), 10) as connection:
        connection.sendall(request_)
        answer = connection.recv(4096)

    assert answer.split(b" ")[1:2] in ([b"400"], [b"404"], [b"414"], [b"431"]), answer[:100]
    assert pg_server.kiosk().sync()["notice"] is None


def test_unknown_pages_and_methods(pg_server: ServerProcess) -> None:
    kiosk = pg_server.kiosk()

    for path in ("/nothing", "/sync/", f"/tickets/{new_id()}/", "/board/"):
        page = kiosk.ask("GET", path, allow_redirects=False)
        check_refused(page, path, ("no_such_page",))
    check_refused(kiosk.ask("DELETE", "/sync"), "method", ("method_not_allowed",))


def test_an_unknown_name_is_ignored(pg_server: ServerProcess) -> None:
    kiosk = pg_server.kiosk()

    assert kiosk.reserve(newer="field")["number"] == "DK-001"
    answer = kiosk.sync(row("DK-404", newer="field"), newer="field")
    assert statuses(answer) == ["refused not_reserved"]
    assert DAY in json.dumps(kiosk.reserve())
