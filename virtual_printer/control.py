"""The control port: requests as one JSON object a line over TCP, one line of answer each.

``{"do": "fault", "name": "paper_out", "at_mm": 30}``, ``{"do": "mend"}`` or ``{"do":
"mend", "name": "paper_out"}``, ``{"do": "state"}``, ``{"do": "slips", "from": 0}``,
``{"do": "level", "level": "B"}``, ``{"do": "wait", "slips": 3, "seconds": 5, "drawn":
true}``, ``{"do": "character", "name": "cashino"}``, ``{"do": "characters"}``, ``{"do": "set",
"chinese": true}``, ``{"do": "speed", "mm_s": 90}``, ``{"do": "take"}``, ``{"do": "text",
"slip": 0}``. The answer is ``{"ok": true, ...}`` or ``{"ok": false, "error": "..."}``.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable
from typing import Any

from virtual_printer.characters import CHARACTERS
from virtual_printer.device import REAL, VirtualPrinter
from virtual_printer.faults import LARGEST
from virtual_printer.text import as_text

MAX_LINE = 65536
MAX_WAIT_S = 60.0


class ControlPort:
    """Serves the control port of one printer, on ``port`` (0: any free one), to many clients."""

    def __init__(self, printer: VirtualPrinter, host: str = "127.0.0.1", port: int = 0) -> None:
        commands = ControlCommands(printer)

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
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class ControlCommands:
    """Executes the requests of the control port."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self._printer = printer
        self._known: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "fault": self._fault,
            "mend": self._mend,
            "state": lambda _: self._printer.state(),
            "slips": self._slips,
            "level": self._level,
            "wait": self._wait,
            "character": self._character,
            "characters": lambda _: _all_characters(),
            "set": self._set,
            "speed": self._speed,
            "take": self._take,
            "text": self._text,
        }

    def obey(self, line: bytes) -> dict[str, Any]:
        """The answer to one line of request; errors become an answer, none is raised."""
        try:
            request = _object(line)
            do = self._known.get(str(request.pop("do", "")))
            if do is None:
                raise ValueError(f"expected an object with do: {', '.join(self._known)}")
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
        start = int(_number(request, "from", 0))
        return {
            "slips": [slip.as_json() for slip in list(self._printer.slips) if slip.index >= start]
        }

    def _wait(self, request: dict[str, Any]) -> dict[str, Any]:
        seconds = min(MAX_WAIT_S, _number(request, "seconds", 5))
        count = int(_number(request, "slips", 1))
        slips = self._printer.wait_for_slips(count, seconds)
        if "fate" in request:
            self._printer.wait_for_fate(count - 1, str(request["fate"]), seconds)
        if request.get("drawn"):
            self._printer.wait_until_drawn(seconds)
        return {"slips": len(slips)}

    def _character(self, request: dict[str, Any]) -> dict[str, Any]:
        self._printer.become(str(request.get("name", "")))
        return {}

    def _set(self, request: dict[str, Any]) -> dict[str, Any]:
        self._printer.set(**request)
        return {"settings": self._printer.character.settings}

    def _speed(self, request: dict[str, Any]) -> dict[str, Any]:
        speed = request.get("mm_s")
        if speed is not None and speed != REAL and not _number(request, "mm_s", 0):
            raise ValueError("mm_s is a number of more than 0, real, or null for no delay")
        self._printer.speed_mm_s = speed
        return {"mm_s": self._printer.speed_mm_s}

    def _take(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"taken": self._printer.take()}

    def _text(self, request: dict[str, Any]) -> dict[str, Any]:
        index = int(_number(request, "slip", 0))
        for slip in list(self._printer.slips):
            if slip.index == index:
                return {"text": as_text(slip)}
        raise ValueError(f"slip {index} is not there")


def _all_characters() -> dict[str, Any]:
    """Each character with its sources and settings."""
    return {
        "characters": {
            name: {
                "about": character.about,
                "sources": list(character.sources),
                "settings": character.settings,
            }
            for name, character in CHARACTERS.items()
        }
    }


def _object(line: bytes) -> dict[str, Any]:
    """One request. Raises ValueError with a message for the person who typed it."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        request = None
    if isinstance(request, dict):
        return request
    raise ValueError('expected one JSON object a line, such as {"do": "state"}')


def _number(request: dict[str, Any], key: str, default: float) -> float:
    value = request.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LARGEST:
        raise ValueError(f"{key} is a number of 0 or more")
    return float(value)
