"""``docs/protocol.md`` describes what is on the wire: its tables and examples against both ends.

The bounds of requests are compared with the server's OpenAPI document, those of answers with what
the kiosk's reader takes. ``test_protocol_examples`` has the examples.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import queue_server as server_package
from kiosk.background.queue_manager import EXPLAINED
from kiosk.domain.ticket import TicketRequest
from kiosk.errors import (
    NotReserving,
    ServerBusy,
    ServerGarbled,
    ServerRefused,
    SyncError,
    TokenDenied,
    TokenRevoked,
)
from kiosk.sync import client, http_link, values
from menu import numbers
from queue_server import exchange, messages
from queue_server.web import middleware
from tests.contract import protocol_page as page
from tests.queue_server.invalid_messages import SCHEMAS
from tests.sync.scripted import ScriptedServer, http

FIELDS = page.field_tables()
GRAMMAR = page.GRAMMAR
CODES = {row["code"].strip("`"): row for row in page.table_after("A 4xx is a *refusal*")}
REQUESTS = ("Reservation", "Exchange", "Row", "ReportedCall")
ANSWERS = (
    *("Reserved", "Exchanged", "Result", "ServiceState", "Notice", "CallAnswer"),
    "ProblemDocument",
)
READ = tuple(name for name in ANSWERS if name not in ("Notice", "ProblemDocument"))
EXAMPLES = page.examples()
TICKET = "019aa5c0-5f00-7a31-9c55-7d1e0c2b4f10"
SERVER_SOURCES = tuple(Path(server_package.__file__).parent.rglob("*.py"))


# ── the grammar ──────────────────────────────────────────────────────────────────────────


def test_the_patterns_are_those_of_the_code() -> None:
    assert page.pattern("letter") == numbers.LETTER.pattern
    groups = re.sub(r"\(([^()]*)\)", r"\1", page.pattern("number"))
    assert groups == re.sub(r"\(([^()]*)\)", r"\1", numbers._NUMBER.pattern)
    assert page.pattern("ETag") == client._ETAG.pattern
    assert page.pattern("token") == http_link.TOKEN.pattern
    assert f"1 to {numbers.LAST_NUMBER}: three digits" in page.TEXT
    one = len(numbers.LETTERS)
    assert f"There are {one + one * one} letters: {one} of one character" in page.TEXT


@pytest.mark.parametrize("name", GRAMMAR)
def test_an_example_of_the_grammar_has_its_pattern_and_length(name: str) -> None:
    row = GRAMMAR[name]
    example = page.quoted(row["example"])[0]
    low, _, high = row["characters"].partition(" to ")
    assert int(low) <= len(example) <= int(high or low)
    if name not in ("time", "date"):
        assert re.fullmatch(page.pattern(name), example)


def test_one_number_has_one_spelling() -> None:
    assert str(numbers.Number.parse("PJ-AB1204")) == "PJ-AB1204"
    for wrong in ("DK-0027", "DK-27", "DK-I001", "DK-000", "DK-ABC001", "ABCD-001", "dk-001"):
        with pytest.raises(ValueError, match="not a queue number"):
            numbers.Number.parse(wrong)


@pytest.mark.parametrize(("year", "good"), [(2019, False), (2020, True), (2199, True)])
def test_the_kiosk_reads_times_and_dates_of_these_years(year: int, good: bool) -> None:
    assert (values.read_until(f"{year}-11-24T09:00:00+08:00") is not None) is good
    said = reserved() | {"business_date": f"{year}-11-24"}
    if good:
        assert values.read_reservation(said, TICKET).business_date.year == year
    else:
        with pytest.raises(ServerGarbled):
            values.read_reservation(said, TICKET)


def test_the_limits_of_http_are_those_of_the_code() -> None:
    text = " ".join(page.TEXT.split())
    assert f"at most {http_link.MOST_ANSWER_BYTES:,} bytes" in text
    assert f"the catalogue at most {client.MOST_MENU_BYTES:,}" in text
    assert f"at most {http_link.PIECE:,} bytes" in text
    assert middleware.MAX_BYTES == 1024 * 1024
    assert f"the catalogue within {http_link.EXCHANGE_S:g} s" in text


# ── the fields ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [*REQUESTS, *ANSWERS])
def test_a_table_has_the_fields_of_the_document(name: str) -> None:
    assert set(FIELDS[name]) == set(SCHEMAS[name]["properties"])


def of_requests() -> list[tuple[str, str]]:
    return [(name, field) for name in REQUESTS for field in FIELDS[name]]


@pytest.mark.parametrize(("name", "field"), of_requests())
def test_a_field_of_a_request_is_as_the_server_takes_it(name: str, field: str) -> None:
    row, schema = FIELDS[name][field], SCHEMAS[name]["properties"][field]
    options = schema.get("anyOf", [schema])
    one = options[0]
    assert (row["required"] == "yes") is (field in SCHEMAS[name]["required"])
    kind, _, null = row["type"].partition(" or ")
    assert (null == "null") is ({"type": "null"} in options)
    if kind in ("time", "date"):
        assert one["format"] == {"time": "date-time"}.get(kind, kind)
        if kind == "time":
            assert GRAMMAR[kind]["characters"] == f"{one['minLength']} to {one['maxLength']}"
    elif kind in GRAMMAR:
        assert one["pattern"] == f"^{page.pattern(kind)}$"
        if "maxLength" in one:
            assert GRAMMAR[kind]["characters"] == f"{one['minLength']} to {one['maxLength']}"
    elif kind == "integer":
        assert row["bounds"] == f"{one['minimum']} to {one['maximum']}"
    elif "enum" in one:
        assert page.quoted(row["bounds"]) == one["enum"]
    elif one.get("type") == "boolean":
        assert kind == "true, false"
    elif field == "tickets":
        assert row["bounds"] == f"at most {messages.MAX_ROWS} rows"
    elif field == "health":
        assert row["bounds"] == f"at most {exchange.MAX_HEALTH_BYTES} bytes"
    else:
        assert row["bounds"] == f"at most {one['maxLength']} characters"


def reserved() -> dict[str, Any]:
    return dict(example("PUT", 200))


def exchanged() -> dict[str, Any]:
    """An answer of the page with a row, a service and a call in it."""
    all_answers = [said.body for asked, said in EXAMPLES if asked.path.endswith("/sync")]
    whole = {k: v for one in all_answers if "epoch" in one for k, v in one.items() if v}
    assert {"results", "services", "staff_call"} <= whole.keys()
    return whole


def example(method: str, status: int) -> Any:
    return next(s.body for a, s in EXAMPLES if (a.method, s.status) == (method, status))


def parts() -> dict[str, tuple[dict[str, Any], Callable[[Any], Any]]]:
    """A good value of each part of an answer, and what the kiosk reads of it."""
    answer = exchanged()
    result = {"id": TICKET, "rev": 1, "status": "refused", "code": "invalid"}
    service = dict(answer["services"]["sore"], now_serving="DK-001", quota_left=1, given_day=1)
    service["given_hour"] = 1
    return {
        "Reserved": (reserved(), lambda said: values.read_reservation(said, TICKET)),
        "Exchanged": (answer, lambda said: values.read_answer(said, answer["journal"])),
        "Result": (result, lambda s: values.read_answer(answer | {"results": [s]}).results[0]),
        "ServiceState": (
            service,
            lambda said: values.read_answer(answer | {"services": {"x": said}}).services["x"],
        ),
        "CallAnswer": (
            answer["staff_call"],
            lambda said: values.read_answer(answer | {"staff_call": said}).staff_call,
        ),
    }


PARTS = parts()


def of_answers() -> list[tuple[str, str]]:
    return [(name, field) for name in READ for field in FIELDS[name]]


@pytest.mark.parametrize(("name", "field"), of_answers())
def test_a_field_of_an_answer_is_as_the_kiosk_reads_it(name: str, field: str) -> None:
    row, (good, read) = FIELDS[name][field], PARTS[name]
    as_read = read(good)
    missing = {key: value for key, value in good.items() if key != field}
    if row["required"] == "yes" and (name, field) not in (
        ("Exchanged", "letter"),  # a missing one is read as null
        ("CallAnswer", "id"),
    ):
        with pytest.raises(ServerGarbled):
            read(missing)
    else:
        read(missing)
    for wrong in malformed(row):
        if row["if malformed"] == "answer unused":
            with pytest.raises(ServerGarbled):
                read(good | {field: wrong})
        elif row["if malformed"] == "not read":
            assert read(good | {field: wrong}) == as_read
        else:
            assert row["if malformed"] == "left out"
            assert_left_out(name, field, read(good | {field: wrong}), as_read)


def assert_left_out(name: str, field: str, found: Any, good: Any) -> None:
    """``found`` is as ``good``, without a value for ``field``."""
    if name == "CallAnswer":
        assert found is None or (field == "answered" and not found.answered)
        return
    if (name, field) == ("ServiceState", "open"):
        assert found.open is True
        return
    assert not getattr(found, field)
    kept = [one for one in FIELDS[name] if one != field and hasattr(good, one)]
    assert [getattr(found, one) for one in kept] == [getattr(good, one) for one in kept]


WRONG: dict[str, tuple[Any, ...]] = {
    "two integers": ([1], [1, 2, 3], [2, 1], ["1", "2"], [-1, 1], [0, 1_000_001], 5),
    "integer": ("1", True, 1.5, []),
    "decimal": ("5", True, 0, -1, 1_000_001),
    "true": ("no", 0, None, []),
    "letter": (1, "x", "I", "ABC"),
    "time": (1, "x", [], {}),
    "date": (1, "x", [], {}),
    "number": (1, "x", [], {}),
    "text": ([], {}, True),
    "`Notice`": (1,),  # a text alone is taken as the code
    "`CallAnswer`": ("x", 1),
    "object:": ("x", 1),
    "list": ("x", 1),
}
"""By type: values of other types, and without the bounds of that field."""


def malformed(row: page.Row) -> Iterator[Any]:
    """Values that the row's type and bounds do not allow."""
    if row["bounds"] == "the id of the request":
        yield from (TICKET.replace("0", "1"), TICKET.upper(), "", None, 1)
        return
    if row["bounds"] == "that of the request":
        yield from ("0" * 32, "", 1)
        return
    kind = row["type"].partition(" or ")[0]
    yield from WRONG[kind if kind in WRONG else kind.partition(" ")[0]]
    low, _, high = row["bounds"].partition(" to ")
    if kind == "integer" and high:
        yield from (int(low) - 1, int(high) + 1)
    if kind == "text" and row["if malformed"] == "answer unused":
        yield "x" * 201


def test_the_kiosk_reads_figures_at_their_bounds() -> None:
    good, read = PARTS["ServiceState"]
    for field, row in FIELDS["ServiceState"].items():
        low, _, high = row["bounds"].partition(" to ")
        if row["type"].startswith("integer"):
            for edge in (int(low), int(high)):
                assert getattr(read(good | {field: edge}), field) == edge
    answer, read = PARTS["Exchanged"]
    assert read(answer | {"next_sync_s": 1_000_000}).next_sync_s == 1_000_000
    assert read(answer | {"epoch": "e" * 200}).epoch == "e" * 200
    assert read(answer | {"epoch": 7}).epoch == "7"
    assert len(read(answer | {"catalogue": "c" * 300}).catalogue) == 200
    assert read(answer | {"letter": None}).letter == read(answer | {"letter": ""}).letter == ""


def test_the_texts_of_a_choice_are_those_of_the_document() -> None:
    for name, field in (("Result", "status"), ("ServiceState", "reason"), ("Notice", "code")):
        schema = SCHEMAS[name]["properties"][field]
        one = schema.get("anyOf", [schema])[0]
        assert sorted(page.quoted(FIELDS[name][field]["bounds"])) == sorted(one["enum"])


# ── codes and statuses ───────────────────────────────────────────────────────────────────


def codes_of_the_server() -> dict[str, set[int]]:
    """The codes that the server's source names, with their statuses; rows have the status 0."""
    found: dict[str, set[int]] = defaultdict(set)
    for path in SERVER_SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", "")
            said = [a.value if isinstance(a, ast.Constant) else None for a in node.args[:2]]
            if name == "RequestProblem" and isinstance(said[1], str):
                found[said[1]].add(int(str(said[0])))
            elif name in ("refusal", "_Refused") and isinstance(said[0], str):
                found[said[0]].add(409 if name == "refusal" else 0)
    return found


def test_the_known_codes_are_those_of_the_kiosk_with_the_statuses_of_the_server() -> None:
    assert set(CODES) == client.CODES
    raised = codes_of_the_server()
    assert {"closed", "not_found", "too_large", "letter_not_held"} <= raised.keys()
    of_staff = {("unknown_service", 404)}  # of a counter's route
    for code, row in CODES.items():
        statuses = {int(status) for status in row["status"].split(", ")}
        found = {s for s in raised.get(code, ()) if s and (code, s) not in of_staff}
        assert not found or found == statuses, code


READ_AS: dict[str, type[SyncError] | None] = {
    "an answer": None,
    "a refusal": ServerRefused,
    "revoked": TokenRevoked,
    "denied: an alert for staff": TokenDenied,
    "busy: again later": ServerBusy,
    "nothing is reserved here": NotReserving,
    "not a queue server": ServerGarbled,
}
REQUESTED = {"": (True, False), "a reservation": (True,), "an exchange": (False,)}
KNOWN = {"revoked": "revoked", "a known one": "invalid", "an unknown one": "teapot"}


def responses() -> Iterator[tuple[str, str, dict[str, Any], tuple[bool, ...], str]]:
    """Status, content type and body of each response of the table; whether it is the response to a
    reservation; and what a kiosk reads it as."""
    for row in page.table_after("What a kiosk makes of a response"):
        statuses, _, to = row["status"].partition(" to ")
        kinds = page.quoted(row["content type"]) or [
            http_link.PROBLEM,
            http_link.JSON,
            "text/html",
            "",
        ]
        codes = [c for c in ("none", *KNOWN) if c in row["code"].replace("`", "")]
        for status in statuses.split(", "):
            for kind in kinds:
                for code in codes or ["none", "an unknown one"]:
                    said = {} if code == "none" else {"code": KNOWN[code]}
                    yield status, kind, said, REQUESTED[to], row["read as"]


def test_the_kiosk_reads_responses_as_the_table_says(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token-of-a-kiosk")
    request = TicketRequest(TICKET, "0" * 32, "ktp-el", "id", datetime.now(UTC))
    sync = values.SyncRequest("j" * 8, 1, None, datetime.now(UTC), "", (), {})
    played = set()
    with ScriptedServer() as server:
        kiosk = client.QueueClient(server.url, tmp_path / "token")
        asks = {True: lambda: kiosk.reserve(request, 30), False: lambda: kiosk.sync(sync)}
        for status, kind, said, to, read_as in responses():
            for reserving in to:
                good = reserved() if reserving else page.smallest_answer()
                server.default = http(
                    good if READ_AS[read_as] is None else said, f"{status} X", kind
                )
                where = (status, kind, said, reserving)
                error = error_of(asks[reserving])
                assert error is READ_AS[read_as], where
                played.add(read_as)
        kiosk.close()
    assert played == set(READ_AS)


def error_of(ask: Callable[[], object]) -> type[BaseException] | None:
    try:
        ask()
    except SyncError as error:
        return type(error)
    return None


def test_every_code_of_a_row_is_on_the_page() -> None:
    named = set(page.quoted(page.PROSE))
    of_rows = {code for code, statuses in codes_of_the_server().items() if 0 in statuses}
    assert len(of_rows) >= 5
    assert of_rows | set(EXPLAINED) | {"number_taken"} <= named
