"""A page for a phone waits for writes under way, and not for long."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from queue_server.catalogue import LiveCatalogue
from queue_server.clock import Clock
from queue_server.database import open_url, port
from queue_server.live import LiveStates
from queue_server.process import _refresh
from queue_server.web.context import ServerContext
from queue_server.web.middleware import RateLimiter
from tests.queue_server.servers import MENU, OPENING, new_id
from tests.queue_server.test_indexes import Requests

PATIENCE_S = 30.0


@pytest.fixture
def context(database: str) -> Iterator[ServerContext]:
    opened, clock = open_url(database), Clock(OPENING)
    catalogue = LiveCatalogue(MENU, opened, Clock(), clock)
    catalogue.read_file("en")
    live = LiveStates(opened, catalogue, clock, 2)
    with closing(opened):
        yield ServerContext(opened, catalogue, clock, RateLimiter(0), 2, live)


async def ends(context: ServerContext, gate: threading.Event, opens_after_s: float) -> list[str]:
    """What ended first: a write that waits for ``gate``, or a page asked for beside it."""
    assert await _refresh(context, "") == ""
    requests = Requests(context)
    wish = {"service": "ktp-el", "priority": None, "requested_at": OPENING.isoformat()}
    track = secrets.token_hex(16)
    await requests.ask("PUT", f"/api/v1/tickets/{new_id()}", wish | {"track": track}, "kiosk")
    order: list[str] = []
    begun = threading.Event()

    def hold(_: object) -> None:
        begun.set()
        assert gate.wait(PATIENCE_S)

    async def write() -> None:
        await context.database.write(hold)
        order.append("write")

    async def page() -> None:
        assert b"<title>DK-001</title>" in await requests.ask("GET", f"/t/{track}")
        order.append("page")
        gate.set()

    writing = asyncio.create_task(write())
    assert await asyncio.to_thread(begun.wait, PATIENCE_S)
    asyncio.get_running_loop().call_later(opens_after_s, gate.set)
    await asyncio.gather(writing, page())
    return order


def test_a_page_is_made_after_the_writes_under_way(
    context: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "YIELD_S", PATIENCE_S)

    assert asyncio.run(ends(context, threading.Event(), 0.2)) == ["write", "page"]


def test_a_write_that_hangs_stops_no_page(context: ServerContext) -> None:
    assert asyncio.run(ends(context, threading.Event(), PATIENCE_S / 2)) == ["page", "write"]
