"""The virtual printer from outside: one JSON object a line over TCP, one line back.

``{"do": "fault", "name": "paper_out", "at_mm": 30}``, ``{"do": "mend"}`` or ``{"do":
"mend", "name": "paper_out"}``, ``{"do": "state"}``, ``{"do": "slips", "from": 0}``,
``{"do": "level", "level": "B"}``, ``{"do": "wait", "slips": 3, "seconds": 5, "drawn":
true}``. The answer is ``{"ok": true, ...}`` or ``{"ok": false, "error": "..."}``.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable
from typing import Any

from kiosk.printing.virtual.device import VirtualPrinter

MAX_LINE = 65536
MAX_WAIT_S = 60.0


class Control:
    """Serves the control port of one printer; any number of clients."""

    def __init__(self, printer: VirtualPrinter, host: str = "127.0.0.1", port: int = 0) -> None:
        commands = Commands(printer)

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while line := self.rfile.readline(MAX_LINE):
                    self.wfile.write(json.dumps(commands.obey(line)).encode() + b"\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server((host, port), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="virtual-control",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """End the port."""
        self._server.shutdown()
        self._server.server_close()


class Commands:
    """What the control port understands."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self._printer = printer
        self._known: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "fault": self._fault,
            "mend": self._mend,
            "state": lambda _: self._printer.state(),
            "slips": self._slips,
            "level": self._level,
            "wait": self._wait,
        }

    def obey(self, line: bytes) -> dict[str, Any]:
        """The answer to one line; never raises."""
        try:
            request = json.loads(line)
            if not isinstance(request, dict) or request.get("do") not in self._known:
                raise ValueError(f"expected an object with do: {', '.join(self._known)}")
            do = self._known[request.pop("do")]
            return {"ok": True, **do(request)}
        except (ValueError, TypeError, KeyError, TimeoutError) as error:
            return {"ok": False, "error": str(error)}

    def _fault(self, request: dict[str, Any]) -> dict[str, Any]:
        self._printer.fault(str(request.pop("name", "")), **request)
        return {}

    def _mend(self, request: dict[str, Any]) -> dict[str, Any]:
        self._printer.mend(str(request.get("name", "")))
        return {}

    def _level(self, request: dict[str, Any]) -> dict[str, Any]:
        level = request.get("level")
        if level not in ("A", "B", "C", "D"):
            raise ValueError("level: expected A, B, C or D")
        self._printer.level = level
        return {}

    def _slips(self, request: dict[str, Any]) -> dict[str, Any]:
        start = int(request.get("from", 0))
        return {
            "slips": [slip.as_json() for slip in list(self._printer.slips) if slip.index >= start]
        }

    def _wait(self, request: dict[str, Any]) -> dict[str, Any]:
        seconds = min(MAX_WAIT_S, float(request.get("seconds", 5)))
        slips = self._printer.wait_for_slips(int(request.get("slips", 1)), seconds)
        if request.get("drawn"):
            self._printer.wait_until_drawn(seconds)
        return {"slips": len(slips)}
