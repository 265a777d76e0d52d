"""Every query of kiosks, counters, boards and phones reads tickets by an index.

The requests of a day run in this process on both databases; each statement that names the table is
then explained on a table that holds many more days than today.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from queue_server import access, prepared
from queue_server.catalogue import LiveCatalogue
from queue_server.clock import Clock
from queue_server.database import open_url
from queue_server.live import LiveStates
from queue_server.process import _refresh
from queue_server.web.app import make_app
from queue_server.web.context import ServerContext
from queue_server.web.middleware import RateLimiter
from tests.queue_server.servers import MENU, OPENING, new_id, row, transaction

DAYS, A_DAY = 200, 100
_FILL = text(
    "INSERT INTO tickets (id, business_date, prefix, letter, value, service, priority, track, rev,"
    " state, order_us, settled_us, queue_date, status, called_us, ended_us, counter, conflict,"
    " placeholder, calls) "
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count) "
    "SELECT 'old-' || i, 'd' || (1000 + i / :a_day), 'DK', '', i % :a_day + 1, 'ktp-el', NULL,"
    " 'track-' || i, 1, 'issued', i, i, 'd' || (1000 + i / :a_day), 'done', i, i + 1, '19', false,"
    " false, 1 FROM n"
)
Statements = dict[str, Any]
"""Each SQL text, with the parameters of its first use."""


@contextmanager
def noted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Statements]:
    """Note every statement that names the table, prepared ones too."""
    seen: Statements = {}
    real = prepared.execute

    def note(sql: str, values: Any) -> None:
        if "tickets" in sql:
            seen.setdefault(sql, values)

    def run(connection: Connection, sql: str, values: Any = None) -> Any:
        note(sql, values)
        return real(connection, sql, values)

    def on_engine(_: Any, __: Any, sql: str, values: Any, *___: Any) -> None:
        note(sql, values)

    monkeypatch.setattr(prepared, "execute", run)
    event.listen(Engine, "before_cursor_execute", on_engine)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", on_engine)


class Requests:
    """Requests to an application in this process."""

    def __init__(self, context: ServerContext) -> None:
        self._app = make_app(context)

        def add(connection: Connection) -> dict[str, str]:
            kinds = ("kiosk", "staff")
            return {kind: access.add(connection, kind, kind, None, 1)[0] for kind in kinds}

        self.tokens = context.database.write_now(add)

    async def ask(self, method: str, path: str, body: Any = None, by: str = "staff") -> Any:
        """One request, which must succeed; the answer."""
        sent = b"" if body is None else json.dumps(body).encode()
        head = {"authorization": f"Bearer {self.tokens[by]}", "content-length": str(len(sent))}
        head["content-type"] = "application/json"
        messages: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(k.encode(), v.encode()) for k, v in head.items()],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
        }
        await self._app(scope, receive, send)  # type: ignore[arg-type]
        answer = b"".join(m.get("body", b"") for m in messages)
        assert messages[0]["status"] == 200, (path, answer)
        return answer if path.startswith("/t/") else json.loads(answer)

    async def sync(self, seq: int, *rows: dict[str, Any]) -> Any:
        """One exchange of one journal."""
        body = {"journal": "journal-1", "seq": seq, "sent_at": OPENING.isoformat()}
        body |= {"catalogue": "", "tickets": list(rows), "health": {"printer": "ok"}}
        return await self.ask("POST", "/api/v1/sync", body, "kiosk")

    async def counter(self, action: str, **more: Any) -> Any:
        """One action at counter 19; the ticket."""
        body = {"request_id": secrets.token_hex(8)} | more
        return (await self.ask("POST", f"/api/v1/counters/19/{action}", body))["ticket"]


async def a_day(context: ServerContext) -> None:
    """Reservations, settlements, calls of every kind, boards and pages."""
    assert await _refresh(context, "") == ""
    requests = Requests(context)
    letter = (await requests.sync(1))["letter"]
    made = []
    for n in range(6):
        wish = {"service": "ktp-el", "priority": None, "requested_at": OPENING.isoformat()}
        wish |= {"priority": "lansia" if n == 4 else None, "track": secrets.token_hex(16)}
        ticket = new_id()
        for _ in range(2):  # a repeat is another path
            got = await requests.ask("PUT", f"/api/v1/tickets/{ticket}", wish, "kiosk")
        made.append(row(got["number"], id=ticket, track=wish["track"], priority=wish["priority"]))
    placeholder = await requests.counter("call", number=f"DK-{letter}002")
    await requests.counter("finish", ticket=placeholder["id"])
    rows = [*made, row(f"DK-{letter}001"), row(f"DK-{letter}002")]
    await requests.sync(2, *rows)
    await requests.sync(3, made[0] | {"rev": 2, "state": "void"})
    for n, action in enumerate(("finish", "no-show", "finish")):
        called = await requests.counter("call")
        await requests.counter("recall", ticket=called["id"])
        await requests.counter(action, ticket=called["id"])
        if n == 0:
            await requests.counter("undo", ticket=called["id"])
            await requests.counter("finish", ticket=called["id"])
    called = await requests.counter("call", ticket=made[5]["id"])
    await requests.ask("GET", "/api/v1/board")
    for path in ("kiosks", "conflicts"):
        await requests.ask("GET", f"/api/v1/{path}")
    await requests.ask("GET", f"/t/{made[3]['track']}")


def plan(connection: Connection, sql: str, values: Any) -> list[str]:
    """The steps of a statement's plan that read tickets."""
    postgresql = connection.dialect.name == "postgresql"
    explain = "EXPLAIN" if postgresql else "EXPLAIN QUERY PLAN"
    steps = connection.exec_driver_sql(f"{explain} {sql}", values or ()).all()
    return [str(step[0] if postgresql else step[3]) for step in steps if "tickets" in str(step)]


def scans(steps: list[str]) -> bool:
    """Whether a plan reads every ticket. The index of conflicts holds only those, and is short."""
    whole = [s for s in steps if "Seq Scan on tickets" in s or s.startswith("SCAN tickets")]
    return any("USING INDEX tickets_conflict" not in step for step in whole)


def test_no_hot_query_scans_the_table(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, clock = open_url(database), Clock(OPENING)
    catalogue = LiveCatalogue(MENU, opened, Clock(), clock)
    catalogue.read_file("en")
    live = LiveStates(opened, catalogue, clock, 2)
    context = ServerContext(opened, catalogue, clock, RateLimiter(0), 2, live)
    with closing(opened), noted(monkeypatch) as seen:
        asyncio.run(a_day(context))
    with transaction(database) as connection:
        connection.execute(_FILL, {"count": DAYS * A_DAY, "a_day": A_DAY})
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE tickets")
        plans = {
            sql: plan(connection, sql, values)
            for sql, values in seen.items()
            if sql.split()[0] in ("SELECT", "UPDATE", "WITH", "DELETE")
        }
        whole = plan(connection, "SELECT id FROM tickets WHERE printed = 'no'", None)

    assert len(plans) >= 20
    assert {sql: steps for sql, steps in plans.items() if scans(steps)} == {}
    assert scans(whole), "a query without an index is found"
