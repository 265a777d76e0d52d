"""Processes: several on one PostgreSQL, a database outage, graceful stop, limits."""

from __future__ import annotations

import json
import logging
import resource
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from queue_server.access import digest
from queue_server.database import open_url
from queue_server.logs import RepeatedWarning
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import (
    MENU,
    OPENING,
    ApiClient,
    KioskClient,
    ServerProcess,
    Staff,
    command,
    get,
    new_id,
    row,
    serving,
    statuses,
    transaction,
    until,
)


def at(server: ServerProcess, kiosk: KioskClient) -> KioskClient:
    """The same kiosk, talking to another server process."""
    return KioskClient(server.url, kiosk.token, kiosk.journal)


def test_two_processes_are_one_queue(postgres: Postgres) -> None:
    """Both clocks start now: those of two servers differ by minutes at most."""
    database = postgres.new_database()
    with serving(database) as one, serving(database) as two:
        kiosks = [one.kiosk() for _ in range(6)]
        staff = one.staff()
        everywhere = [at(server, kiosk) for kiosk in kiosks for server in (one, two)]
        with ThreadPoolExecutor(12) as pool:
            asked = [pool.submit(kiosk.reserve) for kiosk in everywhere for _ in range(10)]
            got = [(one.result()["number"], one.result()["id"]) for one in asked]
        assert sorted(n for n, _ in got) == [f"DK-{value:03d}" for value in range(1, 121)]

        for kiosk, (number, ticket) in zip(
            [k for k in everywhere for _ in range(10)], got, strict=True
        ):
            assert kiosk.put(ticket).json()["number"] == number
            break
        counters = [Staff(server.url, staff.token) for server in (one, two) * 10]
        with ThreadPoolExecutor(20) as pool:
            called = list(
                pool.map(
                    lambda item: item[1].call(f"c{item[0]}", services=["ktp-el"])["number"],
                    enumerate(counters),
                )
            )
        assert len(set(called)) == 20
        assert set(called) == {f"DK-{value:03d}" for value in range(1, 21)}

        letters = {at(server, kiosk).sync()["letter"] for server in (one, two) for kiosk in kiosks}
        assert len(letters) == 6
        counters[0].ask("POST", "/services/pbb/pause", {})
        assert at(two, kiosks[0]).put(service="pbb").json()["code"] == "paused"
        boards = [Staff(server.url, staff.token).board() for server in (one, two)]
        assert boards[0] == boards[1]


def test_a_process_that_is_killed_loses_nothing(pg_server: ServerProcess) -> None:
    killed = ServerProcess(pg_server.database).wait_ready()
    kiosk = killed.kiosk()
    letter = kiosk.sync()["letter"]
    reserved = kiosk.reserve()
    assert statuses(kiosk.sync(row(f"DK-{letter}001"))) == ["stored"]
    killed.kill()

    same = at(pg_server, kiosk)
    assert same.reserve(reserved["id"])["number"] == reserved["number"]
    assert f"DK-{letter}001" in pg_server.staff().waiting()


def test_every_commit_waits_for_the_disk(database: str) -> None:
    """Whatever the database's defaults: an answered commit survives a power cut."""
    on_postgresql = "://" in database
    if on_postgresql:
        with transaction(database) as connection:
            name = database.rpartition("/")[2]
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit TO off")
    opened = open_url(database)
    opened.open()
    asked = "SHOW synchronous_commit" if on_postgresql else "PRAGMA synchronous"

    with closing(opened):
        said = opened.write_now(lambda connection: connection.exec_driver_sql(asked).scalar())

    assert said == ("on" if on_postgresql else 2), "2 is FULL"


def test_a_database_outage_is_logged_and_retried() -> None:
    postgres = Postgres()
    secret = "hidden-away"
    try:
        server = ServerProcess(postgres.url("postgres").replace("queue@", f"queue:{secret}@"))
        try:
            down = get(f"{server.url}/readyz")
            asked = ApiClient(server.url, "x" * 43).ask("GET", "/board")
            assert get(f"{server.url}/healthz").status_code == 200
            assert (down.status_code, asked.status_code) == (503, 503)
            assert asked.json()["code"] == "unavailable"
            assert int(asked.headers["Retry-After"]) > 0
            assert log_messages(server) == ["waiting for the database", "listening"]

            postgres.start()
            server.wait_ready()
            kiosk = server.kiosk()
            reserved = kiosk.reserve()
            assert "database open" in log_messages(server)

            # A database that is starting up is another cause, and logged as well.
            waited = log_messages(server).count("waiting for the database")
            postgres.stop()
            gone = kiosk.put()
            assert (gone.status_code, gone.json()["code"]) == (503, "unavailable")
            assert get(f"{server.url}/readyz").status_code == 503
            assert get(f"{server.url}/healthz").status_code == 200
            until(
                lambda: log_messages(server).count("waiting for the database") > waited,
                "the outage is logged again",
            )
            assert gauge(server, "queue_database_open") == 0

            postgres.start()
            server.wait_ready()
            assert kiosk.reserve(reserved["id"])["number"] == reserved["number"]
            assert kiosk.reserve()["number"] != reserved["number"]
            until(
                lambda: "database reachable again" in log_messages(server), "the recovery is logged"
            )
            postgres.stop()
            assert secret not in server.logged()
            assert kiosk.token not in server.logged()
        finally:
            assert server.stop() == 0, "it stops while it waits, too"
    finally:
        postgres.remove()


def log_messages(server: ServerProcess) -> list[str]:
    """The messages in a server's log, without those of failed requests."""
    messages = [json.loads(line)["message"] for line in server.logged().splitlines()]
    return [one for one in messages if one != "the database failed"]


@pytest.mark.parametrize("arguments", [["revoke", "lobby"], ["add-kiosk", "lobby"]])
def test_a_command_without_its_database_fails_without_printing_the_password(
    arguments: list[str],
) -> None:
    done = command(*arguments, database="postgresql://queue:hidden-away@127.0.0.1:9/queue")

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "refused" in done.stderr
    assert "hidden-away" not in done.stderr


BREAK = {
    "sqlite": "CREATE TRIGGER broken BEFORE UPDATE ON tickets BEGIN SELECT RAISE(ABORT, 'no'); END",
    "postgresql": "ALTER TABLE tickets ADD CONSTRAINT broken CHECK (rev = 0)",
}
MEND = {
    "sqlite": "DROP TRIGGER broken",
    "postgresql": "ALTER TABLE tickets DROP CONSTRAINT broken",
}


def test_a_failure_is_logged_without_parameters(database: str) -> None:
    """An unexpected database error: the log has the traceback and no value."""
    kind = "postgresql" if "://" in database else "sqlite"
    with serving(database) as server:
        kiosk = server.kiosk()
        got = kiosk.reserve()
        settled = row(got["number"], id=got["id"])
        with transaction(database) as connection:
            connection.exec_driver_sql(BREAK[kind])

        failed = kiosk.post(settled)

        assert (failed.status_code, failed.json()["code"]) == (500, "broken")
        until(lambda: "settle.py" in server.logged(), "it is logged where it failed")
        log = server.logged()
        assert "IntegrityError" in log
        for secret in (kiosk.token, digest(kiosk.token), settled["track"]):
            assert secret not in log + failed.text
        with transaction(database) as connection:
            connection.exec_driver_sql(MEND[kind])
        assert statuses(kiosk.sync(settled)) == ["stored"], "nothing was lost by it"


def test_an_sqlite_file_that_is_replaced_is_not_written_into(tmp_path: Path) -> None:
    file = tmp_path / "queue.sqlite3"
    with serving(str(file)) as server:
        kiosk = server.kiosk()
        kiosk.reserve()
        file.rename(tmp_path / "away")

        assert kiosk.put().status_code == 503
        (tmp_path / "away").rename(file)
        assert kiosk.reserve()["number"] == "DK-002"


def listen(staff: Staff) -> tuple[requests.Response, Iterator[str]]:
    """An open event stream, and an iterator over its lines."""
    response = staff.ask("GET", "/events", stream=True)
    assert response.status_code == 200
    return response, response.iter_lines(chunk_size=1, decode_unicode=True)


def next_board(lines: Iterator[str]) -> Any:
    """The next board of a stream."""
    for line in lines:
        if line.startswith("data: {"):
            return json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


def test_events_include_changes_by_another_process_and_end_with_the_server(
    pg_server: ServerProcess,
) -> None:
    one = pg_server
    with serving(one.database) as two:
        staff, kiosk = one.staff(), one.kiosk()
        response, lines = listen(Staff(two.url, staff.token))
        with response:
            assert next(lines) == "retry: 3000"
            assert next_board(lines)["waiting"] == []
            number = kiosk.settled()["number"]
            told: list[Any] = []
            while not told or number not in [t["number"] for t in told[-1]["waiting"]]:
                told.append(next_board(lines))
            staff.call("19")
            while told[-1]["counters"][0]["ticket"] is None:
                told.append(next_board(lines))
            assert told[-1]["counters"][0]["ticket"]["number"] == number
            assert two.stop() == 0, "an open stream does not hold the stop up"
            assert not [line for line in lines if line.startswith("data: {")]


def test_requests_in_progress_finish_when_the_server_stops(server_file: Path) -> None:
    server = ServerProcess(str(server_file)).wait_ready()
    kiosks = [server.kiosk() for _ in range(4)]
    codes: list[int] = []
    begun = threading.Event()

    def ask(kiosk: KioskClient) -> None:
        while True:
            try:
                codes.append(kiosk.put().status_code)
            except requests.ConnectionError:
                return  # it no longer listens
            begun.set()

    threads = [threading.Thread(target=ask, args=[kiosk]) for kiosk in kiosks]
    for thread in threads:
        thread.start()
    begun.wait(10)
    server.process.terminate()
    assert server.process.wait(20) == 0
    server.stop()
    for thread in threads:
        thread.join(10)

    with serving(str(server_file)) as again:
        value = int(again.kiosk().reserve()["number"].removeprefix("DK-"))
    assert set(codes) == {200}
    assert value == len(codes) + 1, "every number that was made was answered"


def test_a_body_half_sent_when_the_server_stops_is_accepted(server_file: Path) -> None:
    server = ServerProcess(str(server_file)).wait_ready()
    kiosk = server.kiosk()
    body = json.dumps({"service": "ktp-el", "requested_at": OPENING.isoformat(), "track": "0" * 32})
    head = (
        f"PUT /api/v1/tickets/{new_id()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kiosk.token}"
        f"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )

    with socket.create_connection(("127.0.0.1", server.port), 20) as under_way:
        under_way.sendall(f"{head}{body[:20]}".encode())
        get(f"{server.url}/healthz")  # by now the half has arrived
        server.process.terminate()
        until(lambda: not listens(server.port), "it no longer listens")
        under_way.sendall(body[20:].encode())
        answer = b"".join(iter(lambda: under_way.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"number": "DK-001"' in answer
    assert server.process.wait(20) == 0
    server.stop()


def listens(port: int) -> bool:
    """Whether a server accepts connections on ``port``."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_full_disk_is_not_ready_until_a_write_succeeds(server_file: Path) -> None:
    """The limit of a file's size stands for the end of the disk."""
    with serving(str(server_file)) as server:
        kiosk = server.kiosk()
        kiosk.reserve()
        pid, limit = server.process.pid, resource.RLIMIT_FSIZE
        unlimited = resource.prlimit(pid, limit)
        full = Path(f"{server_file}-wal").stat().st_size

        resource.prlimit(pid, limit, (full, unlimited[1]))
        refused = [kiosk.put() for _ in range(5)]
        assert {r.status_code for r in refused} == {503}
        assert all(int(r.headers["Retry-After"]) > 0 for r in refused)
        assert get(f"{server.url}/readyz").status_code == 503
        assert gauge(server, "queue_database_writable") == 0
        assert gauge(server, "queue_database_open") == 1, "it can be read"
        assert log_messages(server).count("write transaction failed") == 1

        resource.prlimit(pid, limit, unlimited)
        server.wait_ready()
        assert kiosk.reserve()["number"] == "DK-002"
        assert gauge(server, "queue_database_writable") == 1


def test_a_repeated_cause_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    warn = RepeatedWarning(logging.getLogger("test"), "failed")
    for now_s in (0.0, 1.0, 59.0, 60.0, 61.0):
        warn("full", now_s)
    warn("locked", 2.0)

    logged = [(r.__dict__["cause"], r.__dict__.get("left_out")) for r in caplog.records]
    assert logged == [("full", None), ("full", 2), ("locked", None)]


def gauge(server: ServerProcess, name: str) -> float:
    """The value of a gauge."""
    lines = get(f"{server.url}/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def test_limits_are_per_token(tmp_path: Path) -> None:
    with serving(str(tmp_path / "q.sqlite3"), MENU, "--rate", "2") as server:
        kiosk, other = server.kiosk(), server.kiosk()
        responses = [kiosk.post() for _ in range(12)]
        limited = [r for r in responses if r.status_code == 429]
        assert limited
        assert limited[0].json()["code"] == "too_many_requests"
        assert int(limited[0].headers["Retry-After"]) >= 1
        assert other.post().status_code == 200
        assert until(lambda: kiosk.post().status_code == 200, "it is let in again")


def test_an_address_for_monitoring_shows_it_alone(server_file: Path) -> None:
    with serving(str(server_file), MENU, "--host", "0.0.0.0", "--monitor-port", "0") as server:

        def status(base: str, path: str) -> int:
            return get(f"{base}{path}").status_code

        public = {path: status(server.url, path) for path in ("/metrics", "/readyz", "/healthz")}
        private = {path: status(server.monitor_url, path) for path in public}
        api = [status(base, "/api/v1/board") for base in (server.url, server.monitor_url)]
        listening = Path(f"/proc/{server.process.pid}/net/tcp").read_text()

    assert public == {"/metrics": 404, "/readyz": 404, "/healthz": 200}
    assert private == {"/metrics": 200, "/readyz": 200, "/healthz": 200}
    assert api == [401, 404]
    port = int(server.monitor_url.rpartition(":")[2])
    assert f"0100007F:{port:04X} 00000000:0000 0A" in listening, "on the loopback interface only"


def test_metrics_for_prometheus(server_file: Path) -> None:
    with serving(str(server_file)) as server:
        kiosk = server.kiosk()
        kiosk.settled()
        kiosk.sync(row("DK-999"))
        get(f"{server.url}/t/{'0' * 32}")
        text = get(f"{server.url}/metrics").text

    assert 'queue_reservations_total{outcome="given"} 1' in text
    assert 'queue_rows_total{outcome="refused"} 1' in text
    assert 'queue_requests_total{route="/t/{track}",method="GET",status="404"} 1' in text
    assert 'queue_request_seconds_bucket{route="/api/v1/sync",le="+Inf"} 2' in text
    assert "queue_catalogue_good 1" in text
    assert "0000000000" not in text


def test_the_tickets_command_lists_a_date(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    kiosk.reserve()
    settled = kiosk.reserve()
    assert statuses(kiosk.sync(row(settled["number"], id=settled["id"]))) == ["stored"]
    listed = json.loads(command("tickets", "--json", database=server.database).stdout)
    assert [(t["number"], t["rev"]) for t in listed] == [("DK-001", 0), ("DK-002", 1)]
    assert command("tickets", "--date", "2026-11-23", database=server.database).stdout == ""
    letter = kiosk.sync()["letter"]
    far = kiosk.sync(row(f"DK-{letter}001", business_date="2199-01-01"))
    assert statuses(far) == ["stored"], "a number on paper is never refused"
    plain = command("tickets", database=server.database).stdout.splitlines()
    assert [line.split("\t")[0] for line in plain] == ["DK-001", "DK-002"]
