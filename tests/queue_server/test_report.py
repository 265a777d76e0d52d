"""``queue-server report``: all kiosks, waiting and service time, what is not settled yet."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from pathlib import Path

import alembic.command
from sqlalchemy import insert, select, update

from queue_server.clock import to_us
from queue_server.migrations import alembic_config
from queue_server.schema import catalogues, live_menus
from tests.queue_server.servers import (
    DAY,
    KioskClient,
    ServerProcess,
    command,
    new_id,
    row,
    serving,
    transaction,
    until,
)
from tests.queue_server.test_catalogue import TEXT, changed, etag, replace


def report(server: ServerProcess, *more: str | Path) -> dict[str, object]:
    done = command("report", "--month", DAY[:7], "--json", *more, database=server.database)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_it_counts_what_the_server_lists(server: ServerProcess, tmp_path: Path) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    first, second = kiosk.settled(), kiosk.settled()
    kiosk.settled(priority="elderly")
    letter = kiosk.sync()["letter"]
    kiosk.sync(row(f"DK-{letter}001"), row(f"DK-{letter}002", state="void"))
    kiosk.reserve(new_id())
    staff.call("19", number=first["number"])
    server.let_pass(60)
    staff.finish("19", first["id"])
    staff.call("19", number=second["number"])
    staff.act("19", "no-show", ticket=second["id"])

    said = report(server, "--out", tmp_path)

    listed = command("tickets", "--date", DAY, "--json", database=server.database)
    settled = [t for t in json.loads(listed.stdout) if t["rev"]]
    valid = [t for t in settled if t["state"] == "issued"]
    total = said["total"]
    assert isinstance(total, dict)
    assert total["total"] == total["connected"] == len(valid) == 4
    assert total["days"][23] == 4
    assert (total["priority"], total["offline"], total["void"]) == (1, 1, 1)
    assert said["unsettled"] == 1
    assert total["waiting_s"]["n"] == 2
    assert total["service_s"]["n"] == 1
    assert 60 <= total["service_s"]["p50"] < 120
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".pdf", ".xlsx"]


def is_live(kiosk: KioskClient, body: bytes) -> bool:
    return bool(kiosk.sync()["catalogue"] == etag(body))


def test_a_month_has_the_menu_of_its_end_also_one_that_was_put_back(tmp_path: Path) -> None:
    """Live from 1 October: A; 10 November: B; 20 November: A again; 1 December: C without the
    service of A."""
    file, database = tmp_path / "agencies.yaml", str(tmp_path / "q.sqlite3")
    b, c = (
        changed("en: ID card", "en: Other card"),
        changed("code: ktp-el, name", "code: baru, name"),
    )
    replace(file, TEXT.encode())
    with serving(database, file) as server:
        kiosk = server.kiosk()
        kiosk.settled()
        for body in (b, TEXT.encode(), c):
            replace(file, body)
            until(partial(is_live, kiosk, body), "the menu is live")
        with transaction(database) as connection:
            days = ("2026-10-01", "2026-11-10", "2026-11-20", "2026-12-01")
            since = select(live_menus.c.since_us).order_by(live_menus.c.since_us)
            for day, was in zip(days, connection.execute(since).scalars().all(), strict=True):
                moment = to_us(datetime.fromisoformat(f"{day}T12:00:00+08:00"))
                row = live_menus.c.since_us == was
                connection.execute(update(live_menus).where(row).values(since_us=moment))
        first = report(server)["agencies"]
        assert isinstance(first, list)
        services = [s for agency in first for s in agency["services"]]
        assert [(s["name"], s["total"]) for s in services if s["code"] == "ktp-el"] == [
            ("ID card", 1)
        ]
        assert "baru" not in [s["code"] for s in services]


def test_an_older_database_has_the_menus_that_it_kept(tmp_path: Path) -> None:
    database = str(tmp_path / "q.sqlite3")
    assert command("migrate", database=database).returncode == 0
    with transaction(database) as connection:
        alembic.command.downgrade(alembic_config(connection), "0006")
        for key, since in (("a", 5), ("b", 9)):
            row = {"etag": key, "body": TEXT.encode(), "published_us": since}
            connection.execute(insert(catalogues).values(**row))
    assert command("migrate", database=database).returncode == 0
    with transaction(database) as connection:
        found = connection.execute(select(live_menus).order_by(live_menus.c.since_us)).all()
    assert [tuple(row) for row in found] == [(5, "a"), (9, "b")]


def test_errors_are_one_line(server: ServerProcess, tmp_path: Path) -> None:
    wrong = command("report", "--month", "2026-13", database=server.database)
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1)
    (tmp_path / "file").touch()
    out = command("report", "--out", tmp_path / "file", database=server.database)
    assert (out.returncode, len(out.stderr.splitlines())) == (1, 1)
    assert str(tmp_path / "file") in out.stderr


def test_without_a_menu_there_is_no_report(tmp_path: Path) -> None:
    database = str(tmp_path / "queue.sqlite3")
    assert command("migrate", database=database).returncode == 0
    answer = command("report", database=database)
    assert (answer.returncode, answer.stderr) == (1, "queue-server: there is no catalogue yet\n")
