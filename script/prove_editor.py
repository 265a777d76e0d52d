"""Opens settings files in yaml-language-server and compares its diagnostics with what is expected.

Called by ``script/prove-editor`` with the path of the server. Prints a line for each file; exit 1
where a good file has a diagnostic, or a broken one has none on the line of its mistake.

The files are copied beside the schemas and named as at a site, so that the server finds its schema
by their first line. The protocol is JSON-RPC over the server's standard input and output (Language
Server Protocol 3.17, "Base Protocol").
"""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "config"
ANSWER_S = 30.0
QUIET_S = 0.7
"""The server may publish diagnostics of a file twice: before and after it has read the schema."""


@dataclass(frozen=True)
class Broken:
    """``old`` replaced once by ``new`` in ``file``; the mistake is on the line of ``new``.

    ``later``: how many lines below it the server may report it, where its parser stops.
    """

    name: str
    file: str
    old: str
    new: str
    later: int = 0


BROKEN = (
    Broken("unknown key", "agencies.yaml", "    prefix: DK", "    prefiks: DK"),
    Broken("number for a text", "agencies.yaml", "prefix: DK", "prefix: 12"),
    Broken("text for a number", "agencies.yaml", "_before: 30", "_before: lama"),
    Broken("a list for a map", "agencies.yaml", "{country: ID, joint_leave: closed}", "[ID]"),
    Broken("no date", "agencies.yaml", "version: 1", "version: 1\nvalid_from: 10-11-2026"),
    Broken("a tab", "agencies.yaml", "    prefix: DK", "\tprefix: DK"),
    Broken(
        "an unclosed bracket", "agencies.yaml", "languages: [id, en]", "languages: [id, en", later=2
    ),
    Broken("a key twice", "kiosk.yaml", "version: 1", "version: 1\nversion: 1"),
    Broken("another version", "kiosk.yaml", "version: 1", "version: 2"),
    Broken("one of a list", "kiosk.yaml", "on_fault: screen", "on_fault: layar"),
    Broken("out of range", "kiosk.yaml", "idle_s: 45", "idle_s: 1"),
    Broken("unknown part", "kiosk.yaml", "timeouts:", "timeout:"),
    Broken("unknown block", "ticket.yaml", "- where ", "- dimana "),
    Broken("option out of range", "ticket.yaml", "- number: {height: 6}", "- number: {height: 60}"),
    Broken("option of another block", "ticket.yaml", "- where ", "- where: {height: 8} "),
)


class LanguageServer:
    """The server as a child process."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(
            [program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self._ids = iter(range(1, 1_000_000))
        threading.Thread(target=self._read, daemon=True).start()
        capabilities = {"workspace": {"configuration": True}}
        self._request(
            "initialize", {"processId": None, "rootUri": None, "capabilities": capabilities}
        )
        self._notify("initialized", {})

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def diagnostics(self, file: Path) -> list[tuple[int, str]]:
        """Line (from 1) and message of each diagnostic of a file."""
        document = {"uri": file.as_uri(), "languageId": "yaml", "version": 1}
        self._notify(
            "textDocument/didOpen",
            {"textDocument": {**document, "text": file.read_text(encoding="utf-8")}},
        )
        found: list[dict[str, Any]] | None = None
        while True:
            try:
                message = self._next(ANSWER_S if found is None else QUIET_S)
            except queue.Empty:
                break
            if message.get("method") != "textDocument/publishDiagnostics":
                continue
            if message["params"]["uri"] == document["uri"]:
                found = message["params"]["diagnostics"]
        if found is None:
            raise SystemExit(f"{file.name}: no answer within {ANSWER_S:.0f} s")
        self._notify("textDocument/didClose", {"textDocument": {"uri": document["uri"]}})
        return [(one["range"]["start"]["line"] + 1, one["message"]) for one in found]

    def _next(self, timeout_s: float) -> dict[str, Any]:
        """The next message; a question of the server's is answered first. Raises queue.Empty."""
        message = self._messages.get(timeout=timeout_s)
        if "method" in message and "id" in message:
            # No network: the schema is found by the first line of each file.
            settings = {"validate": True, "schemaStore": {"enable": False}}
            asked = message.get("params", {}).get("items", [])
            answer = [settings if one.get("section") == "yaml" else None for one in asked]
            self._send({"id": message["id"], "result": answer or None})
        return message

    def _request(self, method: str, params: dict[str, Any]) -> None:
        number = next(self._ids)
        self._send({"id": number, "method": method, "params": params})
        while "method" in (message := self._next(ANSWER_S)) or message.get("id") != number:
            pass

    def _notify(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        to_server = self._pipe(self._process.stdin)
        to_server.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        to_server.flush()

    def _read(self) -> None:
        from_server = self._pipe(self._process.stdout)
        while True:
            length = 0
            while (line := from_server.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return
            self._messages.put(json.loads(from_server.read(length)))

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise SystemExit("the server has no standard input or output")
        return pipe


def good_files(folder: Path) -> Iterator[Path]:
    """The shipped settings and those of the examples, copied with their schemas."""
    shutil.copytree(CONFIG / "schema", folder / "config" / "schema")
    for source in (
        CONFIG,
        *sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir()),
    ):
        target = folder / source.relative_to(ROOT)
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(source.glob("*.yaml")):
            yield Path(shutil.copy(file, target))


def broken_file(folder: Path, case: Broken) -> tuple[Path, int]:
    """A file with one mistake in the new ``folder``, and the line of it.

    Each case has its own: on closing a file the server publishes once more for its name.
    """
    text = (CONFIG / case.file).read_text(encoding="utf-8")
    if case.old not in text:
        raise SystemExit(f"{case.file} no longer holds {case.old!r}: mend BROKEN")
    begin = text.index(case.old)
    line = text[:begin].count("\n") + case.new.count("\n") + 1
    shutil.copytree(CONFIG / "schema", folder / "schema")
    path = folder / case.file
    path.write_text(text.replace(case.old, case.new, 1), encoding="utf-8")
    return path, line


def main(program: str) -> int:
    failed = 0
    server = LanguageServer(program)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for file in good_files(folder):
                found = server.diagnostics(file)
                failed += bool(found)
                print(f"{'BAD ' if found else 'good'}  {file.relative_to(folder)}: {len(found)}")
                for line, message in found[:3]:
                    print(f"        {line}: {message}")
            for number, case in enumerate(BROKEN):
                path, line = broken_file(folder / str(number), case)
                found = server.diagnostics(path)
                here = [message for at, message in found if line <= at <= line + case.later]
                failed += not here
                shown = here or [f"{at}: {message}" for at, message in found[:2]] or ["nothing"]
                print(f"{'found' if here else 'MISSED'}  {case.name}, line {line}: {shown[0]}")
    finally:
        server.close()
    print(f"{failed} not as expected" if failed else "all as expected")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
