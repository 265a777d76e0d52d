"""FQM's REST interface as a double: statuses, bodies and quirks recorded from a running FQM.

Recorded from the source of 2025-02-09 (commit 0614fb5 of mrf345/FQM), on SQLite. It is a double:
what it does not show was not recorded. ``script/prove-fqm`` runs the same tests against FQM itself.

Quirks that it has: the next number is the highest one plus 1 over all offices; an id is the highest
one plus 1, so that of a deleted last ticket is given again; pages of 30; a message in ``message``.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "0cef76b0e39447c3b78821a6ac255742"
PAGE = 30
NOT_FOUND = (
    "{what} not found. You have requested this URI [{path}] but did you mean"
    " /api/v1/tickets/<int:ticket_id> or /api/v1/tickets/pull or /api/v1/tasks/ ?"
)
NO_PRINTER = "USB device not found (Device not found or cable not plugged in.)"
STAMP = "2026-11-24T01:00:00.762676"


class FqmDouble:
    """An FQM on loopback with one office. ``registered``: its touch screen's setting.

    ``no_office``: names of tasks without an office."""

    def __init__(self, *tasks: str) -> None:
        self.token = TOKEN
        self.registered = True
        self.printer_fails = False
        self.no_office: set[str] = set()
        self.tickets: list[dict[str, Any]] = []
        self.tasks = [
            {"id": n, "name": name, "timestamp": STAMP, "hidden": False}
            for n, name in enumerate(tasks, 1)
        ]
        self._lock = threading.Lock()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, said = double._say(self.command, self.path, body, self.headers)
                data = b"" if said is None else json.dumps(said).encode() + b"\n"
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = _answer  # noqa: N815  names of http.server

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _say(self, method: str, target: str, body: bytes, headers: Any) -> tuple[int, Any]:
        with self._lock:
            if headers.get("Authorization", "").split(" ")[-1] != TOKEN:
                return 401, {"message": "Authentication is required"}
            url = urlsplit(target)
            chunk = int(parse_qs(url.query).get("chunk", ["1"])[0])
            path = url.path.removeprefix("/api/v1")
            if path == "/tasks/" and method == "GET":
                return 200, self.tasks[(chunk - 1) * PAGE : chunk * PAGE]
            if path == "/tickets/" and method == "GET":
                return 200, self.tickets[(chunk - 1) * PAGE : chunk * PAGE]
            if path == "/tickets/" and method == "POST":
                return self._post(json.loads(body))
            if path == "/tickets/pull" and method == "GET":
                return self._pull(int(parse_qs(url.query)["ticket_id"][0]))
            return self._one(method, path)

    def _post(self, asked: dict[str, Any]) -> tuple[int, Any]:
        task = next((one for one in self.tasks if one["id"] == asked.get("task_id")), None)
        if task is None:
            return 404, {"message": NOT_FOUND.format(what="Task", path="/api/v1/tickets/")}
        if task["name"] in self.no_office:
            return 500, {"message": "Internal Server Error"}
        if not self.registered and self.printer_fails:
            return 500, {"message": NO_PRINTER}
        made = {
            "id": max((one["id"] for one in self.tickets), default=1) + 1,
            "number": str(max((int(one["number"]) for one in self.tickets), default=100) + 1),
            "timestamp": STAMP,
            "date": "2026-11-24T00:00:00",
            "name": asked.get("name"),
            "n": self.registered,
            "p": False,
            "pdt": None,
            "pulledBy": 0,
            "on_hold": False,
            "status": "Waiting",
            "office_id": 1,
            "task_id": task["id"],
        }
        self.tickets.append(made)
        return 200, made

    def _pull(self, ticket_id: int) -> tuple[int, Any]:
        one = next(one for one in self.tickets if one["id"] == ticket_id)
        one |= {"p": True, "pdt": STAMP, "status": "Processed"}
        return 200, one

    def _one(self, method: str, path: str) -> tuple[int, Any]:
        ticket_id = path.removeprefix("/tickets/")
        one = next((one for one in self.tickets if str(one["id"]) == ticket_id), None)
        if one is None:
            return 404, {"message": NOT_FOUND.format(what="Ticket", path=f"/api/v1{path}")}
        if method == "DELETE":
            self.tickets.remove(one)
            return 204, None
        return 200, one
