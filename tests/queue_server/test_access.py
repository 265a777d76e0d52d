"""Tokens: valid, revoked, replaced, malformed, of another kind; and the commands for them."""

from __future__ import annotations

import hmac
import os
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from queue_server import __version__, access, cli
from queue_server.database import open_url
from queue_server.errors import RequestProblem
from queue_server.schema import tokens as tokens_table
from tests.queue_server.invalid_messages import GOOD, SOME_ID, routes
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import (
    MENU,
    ApiClient,
    KioskClient,
    ServerProcess,
    Staff,
    command,
    serving,
    transaction,
)

MALFORMED = ["", " ", "x", "ä" * 40, "%00" * 20, "a" * 5000, "K7" * 21 + "A", "' OR 1=1 --"]


def outcome(client: ApiClient, method: str = "POST", path: str = "/sync") -> tuple[int, str]:
    """Status and code of an exchange."""
    body = {
        "journal": "journal-1",
        "seq": 1,
        "sent_at": "2026-11-24T09:00:00+08:00",
        "tickets": [],
    }
    response = client.ask(method, path, body if method == "POST" else None)
    return response.status_code, response.json().get("code")


@pytest.mark.parametrize("malformed", MALFORMED)
def test_a_malformed_token_is_unauthorized(pg_server: ServerProcess, malformed: str) -> None:
    client = ApiClient(pg_server.url, "")
    client.http.headers["Authorization"] = f"Bearer {malformed}".encode("latin-1")

    assert outcome(client) == (401, "unauthorized")
    assert client.ask("GET", "/board").headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer", "bearer  "])
def test_no_token_at_all(pg_server: ServerProcess, header: str | None) -> None:
    client = ApiClient(pg_server.url, "")
    client.http.headers["Authorization"] = header  # type: ignore[assignment]

    assert outcome(client) == (401, "unauthorized")


KIOSKS_OWN = ("/sync", "/catalogue", "/tickets/{id}")


@pytest.mark.parametrize(
    ("method", "path", "kind"), [one for one in routes() if not one[1].startswith("/t/")]
)
def test_no_route_without_the_right_token(
    pg_server: ServerProcess, method: str, path: str, kind: str
) -> None:
    """Kiosk and staff tokens do not replace each other; revoked, unknown, missing: no access."""
    tokens = {"kiosk": pg_server.kiosk().token, "staff": pg_server.staff().token}
    wrong = tokens["staff" if path in KIOSKS_OWN else "kiosk"]
    right = tokens["kiosk" if path in KIOSKS_OWN else "staff"]
    board = Staff(pg_server.url, tokens["staff"]).board()
    place = path.format(id=SOME_ID, counter="19", service="pbb")

    def asked(token: str | None) -> tuple[int, str]:
        client = ApiClient(pg_server.url, token or "")
        if token is None:
            del client.http.headers["Authorization"]
        response = client.ask(method, place, GOOD.get(kind))
        return response.status_code, response.json()["code"]

    assert asked(None) == (401, "unauthorized")
    assert asked("K7" * 21) == (401, "unauthorized")
    assert asked(f"{right[:-1]}{'A' if right[-1] != 'A' else 'B'}") == (401, "unauthorized")
    assert asked(wrong) == (403, "forbidden")
    assert Staff(pg_server.url, tokens["staff"]).board() == board
    with transaction(pg_server.database) as connection:
        connection.execute(update(tokens_table).values(ended="revoked"))
    assert asked(right) == (401, "revoked")


def test_a_new_token_keeps_the_identity_and_replaces_the_old_one_when_used(
    pg_server: ServerProcess,
) -> None:
    old = pg_server.kiosk("lobby")
    ticket = old.reserve()
    new = KioskClient(pg_server.url, pg_server.token("kiosk", "lobby"))

    assert old.reserve(ticket["id"])["number"] == "DK-001", "valid until the new one is used"
    assert new.reserve(ticket["id"])["number"] == "DK-001"
    assert outcome(old) == (401, "unauthorized"), "replaced, not revoked"


def test_only_the_hash_of_a_token_is_stored(pg_server: ServerProcess) -> None:
    kiosk = pg_server.kiosk()
    with transaction(pg_server.database) as connection:
        held = connection.execute(select(tokens_table.c.hash)).scalars().all()

    assert [len(one) for one in held] == [64]
    assert kiosk.token not in str(held)


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the lookup, a constant-time comparison decides."""
    compared: list[bool] = []
    real = hmac.compare_digest

    def seen(one: str, other: str) -> bool:
        compared.append(real(one, other))
        return compared[-1]

    monkeypatch.setattr(hmac, "compare_digest", seen)
    known = access.digest("a" * 43)
    held = {"hash": known, "ended": None, "used": True, "created_us": 0}
    row = SimpleNamespace(**held, kind="kiosk", principal_id=1, name="lobby", bound_to=None)
    no_connection: Any = None

    assert access.admit(no_connection, row, known, "kiosk").name == "lobby"
    with pytest.raises(RequestProblem, match="unauthorized"):
        access.admit(no_connection, row, access.digest("b" * 43), "kiosk")
    assert compared == [True, False]


def test_the_commands(tmp_path: Path) -> None:
    """Create, use, revoke, create again: the identity stays the same."""
    database = str(tmp_path / "queue.sqlite3")
    assert command("migrate", database=database).returncode == 0
    first = command("add-kiosk", "lobby", database=database)
    staff = command("add-staff", "ani", "--counter", "19", database=database)
    assert (first.returncode, staff.returncode) == (0, 0)
    assert first.stdout.strip() != staff.stdout.strip()

    unknown = command("revoke", "nobody", database=database)
    message = "queue-server: no kiosk, board or staff has the name 'nobody'\n"
    assert (unknown.returncode, unknown.stderr) == (2, message)
    with serving(database) as server:
        kiosk = KioskClient(server.url, first.stdout.strip())
        kept = kiosk.reserve()
        revoked = command("revoke", "lobby", database=database)
        assert (revoked.returncode, revoked.stdout) == (0, "lobby: 1 revoked\n")
        assert outcome(kiosk) == (401, "revoked")
        again = KioskClient(
            server.url, command("add-kiosk", "lobby", database=database).stdout.strip()
        )
        assert again.reserve(kept["id"])["number"] == kept["number"]
        assert outcome(kiosk) == (401, "revoked")
        log = server.logged()

    assert kiosk.token not in log
    assert again.token not in log


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add-kiosk", "bad/name"], 2, "a name is"),
        (["add-staff", "x", "--counter", "/"], 2, "a counter is"),
        (["check", "--catalogue", "/nowhere/agencies.yaml"], 1, "file is missing"),
        (["serve", "--catalogue", "/nowhere/agencies.yaml", "--port", "0"], 1, "file is missing"),
        (["serve", "--catalogue", str(MENU), "--host", "192.0.2.1"], 1, "cannot listen"),
        (["serve", "--catalogue", str(MENU), "--host", "no host"], 1, "cannot listen"),
        (["serve", "--catalogue", str(MENU), "--monitor-port", "8080"], 2, "another port than"),
    ],
)
def test_errors_are_one_line(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    database = str(tmp_path / "queue.sqlite3")
    if arguments[0].startswith("add"):
        assert command("migrate", database=database).returncode == 0
    done = command(*arguments, database=database)

    assert done.returncode == code
    (line,) = [one for one in done.stderr.splitlines() if not one.startswith("{")]
    assert line.startswith("queue-server: ")
    assert said in line


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "COMMAND"),
        ("nosuch", "invalid choice: 'nosuch' (choose from"),
        ("check nosuch", "unrecognized arguments: nosuch"),
        ("serve --port x", "--port: a port is 0 to 65535; see queue-server serve --help"),
        ("serve --rate nan", "--rate: a number from 0 is needed"),
        ("serve --rate -1", "--rate: a number from 0 is needed"),
        ("serve --priority-ratio half", "--priority-ratio: a whole number"),
        ("serve --now yesterday", "--now: a time with an offset: 2026-11-24T09:00:00+08:00"),
        ("add-kiosk", "required: NAME"),
        ("add-kiosk lobi 1", "unrecognized arguments: 1"),
        ("add-staff ani --counter", "--counter: expected one argument"),
        ("revoke", "required: NAME"),
        ("restored --by many", "--by: a whole number"),
        ("restored --by 0", "--by: a whole number from 1"),
        ("backup DIR --keep 0", "--keep: a whole number from 1"),
        ("tickets --date today", "--date: a date such as 2026-11-24"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--lang", "en", *line.split()])

    printed = capsys.readouterr()
    assert (caught.value.code, printed.out) == (2, "")
    assert len(printed.err.splitlines()) == 1
    assert printed.err.startswith("queue-server: ")
    assert said in printed.err


@pytest.mark.parametrize(
    "arguments",
    [
        *(["restored", "--catalogue", str(MENU)], ["revoke", "lobby"], ["tickets"], ["prune"]),
        *(["add-kiosk", "lobby"], ["add-staff", "ani"], ["backup", "backups"], ["report"]),
    ],
    ids=" ".join,
)
def test_a_mistyped_database_is_an_error_and_not_created(
    tmp_path: Path,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whether it is named by the environment variable or by nothing at all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUEUE_DATABASE", str(tmp_path / "mistyped.sqlite3"))
    for file in (str(tmp_path / "mistyped.sqlite3"), "queue.sqlite3"):
        assert cli.main(["--lang", "en", *arguments]) == 1

        said = f"queue-server: {file}: there is no such database; queue-server migrate creates one"
        assert capsys.readouterr() == ("", f"{said}\n")
        monkeypatch.delenv("QUEUE_DATABASE", raising=False)
    assert not list(tmp_path.iterdir())


def test_a_postgresql_database_without_tables_is_an_error(
    postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    database = postgres.new_database()
    add = ["--lang", "en", "add-kiosk", "lobby", "--database", database]
    assert cli.main(add) == 1
    assert "there is no such database" in capsys.readouterr().err

    assert cli.main(["migrate", "--database", database]) == 0
    assert cli.main(add) == 0


def test_the_files_of_a_database_are_private(
    server_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QUEUE_DATABASE", str(server_file))
    usual = os.umask(0o022)
    try:
        assert cli.main(["migrate"]) == 0
        assert cli.main(["add-kiosk", "lobi-1"]) == 0
        token = capsys.readouterr().out.split()[-1]
        with serving(str(server_file)) as server:
            KioskClient(server.url, token).reserve()
            modes = {f.name: f.stat().st_mode & 0o777 for f in server_file.parent.iterdir()}
    finally:
        os.umask(usual)

    assert modes == {f"queue.sqlite3{tail}": 0o600 for tail in ("", "-wal", "-shm", "-serving")}


@pytest.mark.parametrize(
    "arguments", [["add-kiosk", "lobi-1"], ["add-staff", "ani"], ["revoke", "lobi"], ["prune"]]
)
def test_nothing_is_written_into_a_database_that_a_restore_replaces(
    database: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["migrate", "--database", database]) == 0
    capsys.readouterr()
    restoring = open_url(database)
    restoring.hold_alone()

    with closing(restoring):
        assert cli.main(["--lang", "en", *arguments, "--database", database]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "a restore is under way" in printed.err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])

    assert (caught.value.code, capsys.readouterr().out) == (0, f"queue-server {__version__}\n")


@pytest.mark.parametrize("name", ["serve", "tickets", "migrate"])
@pytest.mark.parametrize("kind", ["fifo", "device", "folder"])
def test_a_database_that_is_no_regular_file_is_refused_in_words(
    tmp_path: Path, kind: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = {"device": Path("/dev/null"), "folder": tmp_path}.get(kind, tmp_path / "fifo")
    if kind == "fifo":
        os.mkfifo(path)
    serve = ["--catalogue", str(MENU), "--port", "0"] if name == "serve" else []

    assert cli.main(["--lang", "en", name, "--database", str(path), *serve]) == 1

    said = capsys.readouterr().err.splitlines()[-1]
    assert said == f"queue-server: {path} is a folder, FIFO or device; a database is a regular file"


@pytest.mark.parametrize("name", ["LOBI-1", "lobi 1", "Lobi1"])
def test_a_name_like_a_known_one_is_asked_about(
    server_file: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    add = ["--lang", "en", "add-kiosk", "--database", str(server_file)]
    assert cli.main(["migrate", "--database", str(server_file)]) == 0
    assert cli.main([*add, "lobi-1"]) == 0
    assert cli.main([*add, "lobi-1"]) == 0, "a new token for a known name"
    assert cli.main([*add, "lobi-11"]) == 0

    assert cli.main([*add, name]) == 2
    assert f"there is lobi-1 already: use that name for a new token, or add --new if {name}" in (
        capsys.readouterr().err
    )
    assert cli.main([*add, "--new", name]) == 0
    assert cli.main([*add, name]) == 0, "it is known now"


@pytest.mark.parametrize("absent", ["sqlalchemy", "uvicorn"])
def test_without_the_extra_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    stub = f"raise ModuleNotFoundError('no module', name={absent!r})\n"
    (tmp_path / f"{absent}.py").write_text(stub, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    done = command("serve", "--port", "0", database=str(tmp_path / "queue.sqlite3"))

    assert done.returncode == 1
    said = f"queue-server: {absent} is not installed: pip install '.[server]'"
    assert done.stderr.splitlines() == [said]


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "://"])
def test_a_database_url_of_another_kind_is_a_usage_error(url: str) -> None:
    done = command("add-kiosk", "x", database=url)

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
