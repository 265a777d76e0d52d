"""The examples of ``docs/protocol.md`` are what goes over the wire.

They are played, in their order, against a new server, and compared with what the kiosk sends.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from kiosk.domain.delivery import Proof
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.sync import values
from tests.contract import protocol_page as page
from tests.queue_server.invalid_messages import _fits
from tests.queue_server.servers import ApiClient, ServerProcess

EXAMPLES = page.examples()
TICKET = "019aa5c0-5f00-7a31-9c55-7d1e0c2b4f10"

VOLATILE = ("epoch", "server_time", "catalogue", "services", "title")
"""Fields whose values differ from server to server, or by the version of Python; of ``services``
the named ones are compared."""


def test_an_example_of_a_request_has_the_fields_that_the_kiosk_sends() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    request = TicketRequest(TICKET, "0" * 32, "ktp-el", "id", now)
    ticket = Ticket(
        id=TICKET, rev=1, number="DK-001", business_date=date(2026, 11, 24), service="ktp-el",
        priority=None, issued_at=now, track="0" * 32, state="issued", printed=Proof.CONFIRMED,
        language="id",
    )  # fmt: skip
    sync = values.SyncRequest("j" * 8, 1, None, now, "", (), {})
    bodies = [asked.body for asked, _ in EXAMPLES]
    puts = [body for body in bodies if body and "requested_at" in body]
    syncs = [body for body in bodies if body and "tickets" in body]
    rows = [row for body in syncs for row in body["tickets"]]
    assert len(puts) >= 3
    assert len(syncs) >= 6
    assert all(list(body) == list(values.reservation_body(request)) for body in puts)
    assert all(list(body) == list(values.sync_body(sync)) for body in syncs)
    own, of_earlier = list(values.ticket_row(ticket)), list(values.ticket_row(ticket, "j" * 8))
    assert all(list(row) in (own, of_earlier) for row in rows)
    assert any(list(row) == of_earlier for row in rows)


def test_an_example_of_each_message_is_on_the_page() -> None:
    wanted = [s.body for _, s in EXAMPLES if s.body]
    assert {code for body in wanted if (code := body.get("code"))} >= {"closed", "service_changed"}
    results = [row["status"] for body in wanted for row in body.get("results", ())]
    assert set(results) == {"stored", "conflict", "refused"}
    assert any(body.get("notice") for body in wanted)
    assert any(body.get("staff_call") for body in wanted)
    assert {status for _, s in EXAMPLES if (status := s.status)} >= {200, 304, 401, 409, 422}


def test_the_kiosk_takes_the_smallest_answer() -> None:
    smallest = page.smallest_answer()
    required = {
        f for f, row in page.field_tables()["Exchanged"].items() if row["required"] == "yes"
    }
    assert set(smallest) == required
    answer = values.read_answer(smallest)
    assert (answer.letter, answer.services, answer.calls, answer.notice) == ("A", {}, False, "")


def test_the_examples_are_what_a_new_server_answers(queue_server: ServerProcess) -> None:
    kiosk = queue_server.kiosk()
    etag = ""
    for asked, said in EXAMPLES:
        headers = dict(asked.headers)
        if "If-None-Match" in headers:
            headers["If-None-Match"] = etag
        token = headers.pop("Authorization", "").removeprefix("Bearer ")
        sender = ApiClient(queue_server.url, token) if token else kiosk
        path = asked.path.removeprefix("/api/v1")
        response = sender.ask(asked.method, path, asked.body, headers=headers)
        etag = response.headers.get("ETag", etag)

        where = f"{asked.method} {asked.path} {asked.body}"
        assert response.status_code == said.status, where
        for name, value in said.headers.items():
            if name != "ETag":
                assert response.headers[name].partition(";")[0] == value, where
        if "ETag" in said.headers:
            assert re.fullmatch(page.pattern("ETag"), etag)
        if said.body is not None:
            assert_same(response.json(), said.body, where)


def assert_same(found: dict[str, Any], wanted: dict[str, Any], where: str) -> None:
    """``found`` is what the page tells, but for the values that differ from server to server."""
    kind = (
        "ProblemDocument"
        if "code" in wanted
        else "Exchanged"
        if "results" in wanted
        else "Reserved"
    )
    assert _fits({"$ref": f"#/components/schemas/{kind}"}, found), where
    assert set(wanted) | {"services"} == set(found) | {"services"}, where
    fixed = {k: v for k, v in wanted.items() if k not in VOLATILE}
    assert {k: v for k, v in found.items() if k in fixed} == fixed, where
    for code, state in wanted.get("services", {}).items():
        assert found["services"][code] == state, where
