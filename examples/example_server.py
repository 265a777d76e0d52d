"""A small queue server: the mandatory part of docs/protocol.md, and reservations.

    python examples/example_server.py tokens.json queue.sqlite3 8080

For developers of a server in any language. It keeps the rules of the page about numbers, rows and
journals; it has no counters, hours or quotas, and nothing for a restored backup. tokens.json has
the kiosks by token: {"a-secret-of-20-letters": "lobi-1"}. Standard library only.
"""

import json
import re
import sqlite3
import sys
import threading
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O
ALL_LETTERS = [*LETTERS, *(first + second for first in LETTERS for second in LETTERS)]
NUMBER = re.compile(r"[A-Z]{1,3}-([A-HJ-NP-Z]{0,2})(?!000)([0-9]{3}|[1-9][0-9]{3})")
PRINTED = ("confirmed", "sent", "uncertain", "screen", "no")
TABLES = """PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS series(day, prefix, last, PRIMARY KEY(day, prefix));
CREATE TABLE IF NOT EXISTS journals(id PRIMARY KEY, kiosk, seq, follows, letter UNIQUE);
CREATE TABLE IF NOT EXISTS tickets(
    id PRIMARY KEY, kiosk, service, number, day, rev, state, printed, conflict);
CREATE INDEX IF NOT EXISTS by_number ON tickets(day, number);"""


def now() -> datetime:
    """Local time at the site, with its offset."""
    return datetime.now().astimezone()


class Problem(Exception):
    """A request that is refused: status, code."""


class Queue:
    """All state. One lock and one transaction for each request; the answer follows the commit."""

    def __init__(self, database: str, prefixes: dict[str, str]) -> None:
        self.prefixes, self.lock = prefixes, threading.Lock()
        self.db = sqlite3.connect(database, check_same_thread=False)
        self.db.executescript(TABLES)

    def one(self, sql: str, *values: Any) -> Any:
        """The first row that a statement finds, or None."""
        return self.db.execute(sql, values).fetchone()

    def reserve(self, kiosk: str, ticket: str, body: dict[str, Any]) -> dict[str, Any]:
        """Bind a number to the id, or find the one that it holds now."""
        service = str(body.get("service"))
        with self.lock, self.db:
            held = self.one("SELECT kiosk, service, number, day FROM tickets WHERE id=?", ticket)
            if held is None:
                held = (kiosk, service, *self.next_number(service))
                insert = "INSERT INTO tickets VALUES(?, ?, ?, ?, ?, 0, 'issued', 'no', 0)"
                self.db.execute(insert, (ticket, *held))
        if held[0] != kiosk:
            raise Problem(404, "not_found")
        if held[1] != service:
            raise Problem(422, "service_changed")
        return {"id": ticket, "number": held[2], "business_date": held[3]}

    def next_number(self, service: str) -> tuple[str, str]:
        """The next number of the service's series, and its local date. Never given again."""
        if service not in self.prefixes:
            raise Problem(422, "unknown_service")
        day, prefix = now().date().isoformat(), self.prefixes[service]
        advance = "INSERT INTO series VALUES(?, ?, 1) ON CONFLICT DO UPDATE SET last=last+1"
        last = self.one(f"{advance} RETURNING last", day, prefix)[0]
        if last > 9999:
            raise Problem(503, "used_up")
        return f"{prefix}-{last:03d}", day

    def sync(self, kiosk: str, body: dict[str, Any]) -> dict[str, Any]:
        """One exchange: each row is settled independently of the others."""
        journal, seq, rows = body.get("journal"), body.get("seq"), body.get("tickets")
        if not isinstance(journal, str) or type(seq) is not int or not isinstance(rows, list):
            raise Problem(422, "invalid")
        with self.lock, self.db:
            letter, notice = self.meet(kiosk, journal, seq, body.get("follows"))
            results = [self.result(kiosk, journal, row) for row in rows]
        states = {code: {"open": True} for code in self.prefixes}
        answer = {"epoch": "1", "server_time": now().isoformat(), "next_sync_s": 5}
        return answer | {"results": results, "letter": letter, "notice": notice, "services": states}

    def meet(self, kiosk: str, journal: str, seq: int, follows: Any) -> tuple[str | None, str]:
        """The letter of the journal, which is new or known, and the code of a notice."""
        known = self.one("SELECT kiosk, seq, letter FROM journals WHERE id=?", journal)
        if known is None:
            used = self.one("SELECT count(*) FROM journals")[0]
            if used >= len(ALL_LETTERS):
                return None, "letters_used_up"
            known = (kiosk, seq, ALL_LETTERS[used])
            insert = "INSERT INTO journals VALUES(?, ?, ?, ?, ?)"
            self.db.execute(insert, (journal, kiosk, seq, follows, known[2]))
        if known[0] != kiosk:
            return None, "journal_conflict"
        if seq < known[1] or self.one("SELECT 1 FROM journals WHERE follows=?", journal):
            return known[2], "journal_conflict"
        self.db.execute("UPDATE journals SET seq=? WHERE id=?", (seq, journal))
        return known[2], ""

    def result(self, kiosk: str, journal: str, row: Any) -> dict[str, Any]:
        """The result of one row, with its id and rev."""
        if not is_row(row):
            return {"id": "", "rev": 0, "status": "refused", "code": "invalid"}
        status, code = self.settle(kiosk, row.get("journal") or journal, row)
        return {"id": row["id"], "rev": row["rev"], "status": status, "code": code}

    def settle(self, kiosk: str, journal: str, row: dict[str, Any]) -> tuple[str, str]:
        """Store the row. The first settlement decides which number the id has."""
        find = "SELECT kiosk, number, day, service, rev, conflict FROM tickets WHERE id=?"
        held = self.one(find, row["id"])
        number, day, service = wanted = row["number"], row["business_date"], row["service"]
        if held and held[0] != kiosk:
            return "refused", "not_found"
        if held and held[4]:
            if held[1:4] != wanted:
                return "refused", "service_changed" if held[1:3] == wanted[:2] else "number_changed"
            change = row["rev"], row["state"], row["printed"], row["id"], row["rev"]
            update = "UPDATE tickets SET rev=?, state=?, printed=? WHERE id=? AND rev<?"
            self.db.execute(update, change)
            return ("conflict", "number_taken") if held[5] else ("stored", "")
        letter = row["number"].partition("-")[2].rstrip("0123456789")
        holder = "SELECT 1 FROM journals WHERE id=? AND kiosk=? AND letter=?"
        if letter and not self.one(holder, journal, kiosk, letter):
            return "refused", "letter_not_held"
        if not letter and (held is None or held[1:3] != wanted[:2]):
            return "refused", "not_reserved"
        twice = "SELECT 1 FROM tickets WHERE day=? AND number=? AND id<>? AND rev>0"
        conflict = self.one(twice, day, number, row["id"]) is not None
        new = (row["id"], kiosk, service, number, day, row["rev"], row["state"], row["printed"])
        insert = "INSERT OR REPLACE INTO tickets VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self.db.execute(insert, (*new, conflict))
        return ("conflict", "number_taken") if conflict else ("stored", "")


def is_row(row: Any) -> bool:
    """Whether a row is complete and well-formed. Its service and its age do not matter."""
    try:
        times = date.fromisoformat(row["business_date"]), datetime.fromisoformat(row["issued_at"])
        known = row["state"] in ("issued", "void") and row["printed"] in PRINTED
        named = all(isinstance(row[name], str) for name in ("id", "service", "track"))
        good = named and known and times[1].tzinfo and type(row["rev"]) is int and row["rev"] > 0
        return bool(good and NUMBER.fullmatch(row["number"]))
    except (KeyError, TypeError, ValueError):
        return False


class Handler(BaseHTTPRequestHandler):
    """One connection. ``queue`` and ``tokens`` are set by ``server``."""

    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True
    queue: Queue
    tokens: dict[str, str]

    def answer(self) -> None:
        """Read a request and send its answer or a problem document."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, kind, said = 200, "json", self.route(body)
        except Problem as problem:
            status, kind = problem.args[0], "problem+json"
            said = {"status": status, "code": problem.args[1]}
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", f"application/{kind}")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = answer  # noqa: N815  # the names of http.server

    def route(self, data: bytes) -> dict[str, Any]:
        """The answer to a request. Raises Problem."""
        kiosk = self.tokens.get((self.headers.get("Authorization") or "").removeprefix("Bearer "))
        if kiosk is None:
            raise Problem(401, "unauthorized")
        try:
            body = dict(json.loads(data or b"{}"))
        except (TypeError, ValueError):
            raise Problem(400, "not_json") from None
        ticket = re.fullmatch(r"PUT /api/v1/tickets/([0-9a-f-]{36})", f"{self.command} {self.path}")
        if ticket:
            return self.queue.reserve(kiosk, ticket[1], body)
        if (self.command, self.path) == ("POST", "/api/v1/sync"):
            return self.queue.sync(kiosk, body)
        raise Problem(404, "no_such_page")

    def log_message(self, *_: Any) -> None:
        """Log nothing: paths hold ticket ids."""


def server(queue: Queue, tokens: dict[str, str], port: int) -> ThreadingHTTPServer:
    """A server on the loopback address; port 0 for a free one."""
    handler = type("BoundHandler", (Handler,), {"queue": queue, "tokens": tokens})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


if __name__ == "__main__":
    file, database, port = sys.argv[1:]
    queue = Queue(database, {"ktp-el": "DK", "kartu-keluarga": "DK", "pbb": "PJ"})
    running = server(queue, json.loads(Path(file).read_text()), int(port))
    print(f"http://127.0.0.1:{running.server_port}", flush=True)
    running.serve_forever()
