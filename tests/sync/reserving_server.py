"""A queue server on loopback whose answers can be replaced one by one."""

from __future__ import annotations

import socket
from typing import Any

from tests.sync.linked_kiosk import synced
from tests.sync.scripted import Asked, Reply, ScriptedServer, http


class ReservingServer:
    """A correct server on loopback; ``puts`` and ``syncs`` replace its next answers."""

    def __init__(self) -> None:
        self.server = ScriptedServer(default=self._answer)
        self.puts: list[Reply] = []
        self.syncs: list[Reply] = []
        self.more: dict[str, Any] = {}
        self.last = 26
        self.rows: dict[str, dict[str, Any]] = {}

    def _answer(self, connection: socket.socket, asked: Asked) -> bool:
        script = self.puts if asked.method == "PUT" else self.syncs
        reply = script.pop(0) if script else self._well(asked)
        return reply(connection, asked)

    def _well(self, asked: Asked) -> Reply:
        if asked.method == "PUT":
            return http(self.reserved(asked.path.rpartition("/")[2]))
        said = asked.json
        self.rows |= {row["id"]: row for row in said["tickets"]}
        return http(synced(said, **self.more))

    def reserved(self, ticket_id: str, **more: Any) -> dict[str, Any]:
        self.last += 1
        return {
            "id": ticket_id,
            "number": f"DK-{self.last:03d}",
            "business_date": "2026-11-24",
            "ahead": 4,
            "wait_minutes": [15, 20],
            "epoch": "e1",
        } | more

    @property
    def asked_for_numbers(self) -> int:
        return len(self.server.of("PUT"))
