"""``queue-server prune``: what goes, what stays, a wrong clock, kiosks that reserve meanwhile."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, func, insert, select, update

from queue_server import cli
from queue_server import prune as prune_module
from queue_server.clock import to_us
from queue_server.prune import ANY_PRIORITY, LEAST_DAYS, NEWEST_DATES
from queue_server.schema import daily_totals, letters, number_series, principals, requests, tickets
from tests.queue_server.servers import (
    DAY,
    MENU,
    OPENING,
    ServerProcess,
    row,
    serving,
    transaction,
    until,
)
from tests.queue_server.test_report import report


def prune(server: ServerProcess, days_later: int, keep: str = "400d", *more: str) -> int:
    """Prune as on a later day; the exit code."""
    now = (OPENING + timedelta(days=days_later)).isoformat()
    options = ["--database", server.database, "--keep", keep, "--now", now, *more]
    return cli.main(["--lang", "en", "prune", *options])


def work_until(server: ServerProcess, days_later: int) -> None:
    """One ticket on each of the last ``NEWEST_DATES`` dates up to a later day."""
    fixed = {"prefix": "DK", "letter": "A", "value": 1, "service": "ktp-el", "rev": 1}
    fixed |= {"state": "issued", "status": "waiting"}
    with transaction(server.database) as connection:
        for back in range(NEWEST_DATES):
            moment = OPENING + timedelta(days=days_later - back)
            day = {"id": f"later-{back}", "business_date": moment.date().isoformat()}
            connection.execute(insert(tickets).values(**fixed, **day, order_us=to_us(moment)))


def count(server: ServerProcess, table: Table) -> int:
    """Rows of a table; of tickets and series only those of ``DAY`` and before."""
    found = select(func.count()).select_from(table)
    if "business_date" in table.c:
        found = found.where(table.c.business_date <= DAY)
    with transaction(server.database) as connection:
        return connection.execute(found).scalar() or 0


def test_personal_parts_go_first_and_tickets_become_totals(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    kiosk.settled(priority="elderly")
    kiosk.settled()
    staff.call("19")
    before = report(server)["total"]

    assert prune(server, 3) == 0
    assert (count(server, requests), count(server, tickets)) == (0, 2)
    with transaction(server.database) as connection:
        assert None not in connection.execute(select(tickets.c.track)).scalars().all()

    work_until(server, LEAST_DAYS + 1)
    assert prune(server, LEAST_DAYS + 1) == 0
    with transaction(server.database) as connection:
        old = select(tickets.c.track, tickets.c.priority).where(tickets.c.business_date == DAY)
        found = connection.execute(old).all()
    assert sorted(map(tuple, found), key=str) == [(None, ANY_PRIORITY), (None, None)]
    assert report(server)["total"] == before, "last month's report is the same"
    assert report(server)["days_only"] == 0

    assert prune(server, LEAST_DAYS + 1, f"{LEAST_DAYS}d") == 0
    assert (count(server, tickets), count(server, number_series)) == (0, 0)
    assert count(server, letters) == 1, "a letter is never given again"
    after = report(server)["total"]
    assert report(server)["days_only"] == 2
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    for key in ("total", "days", "priority", "offline", "void"):
        assert after[key] == before[key]


def test_the_database_that_a_restore_replaced_goes_after_31_days(
    server_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It holds tracking tokens, which prune cannot make anonymous there."""
    with serving(str(server_file)) as server:
        server.kiosk().settled()
    database = ["--database", str(server_file)]
    assert cli.main(["backup", str(tmp_path / "backups"), *database]) == 0
    (backup,) = (tmp_path / "backups").iterdir()
    at = ["--now", OPENING.isoformat(), "--catalogue", str(MENU)]
    assert cli.main(["restore", str(backup), *database, *at]) == 0
    (replaced,) = tmp_path.glob("queue.sqlite3.before-restore-*")
    Path(f"{replaced}-wal").touch()
    (tmp_path / "queue.sqlite3.before-restore-by-hand").touch()
    stamp = datetime.strptime(replaced.name.rpartition("-")[2], "%Y%m%dT%H%M%S.%f%z")

    for days, left in ((30, True), (32, False)):
        now = (stamp + timedelta(days)).isoformat()
        run = ["--lang", "en", "prune", *database, "--clock-is-right", "--now", now]
        assert cli.main(run) == 0
        assert replaced.exists() is left

    assert "1 databases that a restore replaced" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.glob("*.before-restore*")) == [
        "queue.sqlite3.before-restore-by-hand"
    ]


def test_a_row_that_comes_after_its_date_was_pruned_is_added(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    kiosk.settled()
    work_until(server, 500)
    assert prune(server, 500) == 0
    kiosk.settled()

    assert prune(server, 500) == 0

    with transaction(server.database) as connection:
        found = connection.execute(select(daily_totals)).all()
    assert [tuple(row) for row in found] == [(DAY, "ktp-el", 2, 0, 0, 0)]


def test_a_ticket_that_is_given_back_while_it_is_pruned_counts_as_void(
    server: ServerProcess,
) -> None:
    server.kiosk().settled()
    work_until(server, 500)
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(prune(server, 500)))

    with transaction(server.database) as connection:
        of_day = update(tickets).where(tickets.c.business_date == DAY)
        connection.execute(of_day.values(state="void"))
        thread.start()
        thread.join(1.0)
        assert thread.is_alive(), "it waits for the row"
    thread.join(60)

    assert codes == [0]
    with transaction(server.database) as connection:
        found = connection.execute(select(daily_totals)).all()
    assert [tuple(row) for row in found] == [(DAY, "ktp-el", 0, 0, 0, 1)]


@pytest.mark.parametrize(
    ("days_later", "said"),
    [(26428, "26428 days after the newest ticket (2026-11-24)"), (-2, "2 days before the newest")],
)
def test_a_wrong_clock_deletes_nothing(
    server: ServerProcess, days_later: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kiosk = server.kiosk()
    given = [kiosk.settled()["number"] for _ in range(2)]
    # A kiosk whose clock is far ahead: its row must not make the server's clock look right.
    letter = kiosk.sync()["letter"]
    kiosk.sync(row(f"DK-{letter}001", business_date="2099-01-01"))

    assert prune(server, days_later) == 1

    printed = capsys.readouterr().err
    assert said in printed
    assert len(printed.splitlines()) == 1
    assert count(server, tickets) == 2
    assert kiosk.reserve()["number"] not in given

    # Even a confirmed clock deletes no series of the newest dates in the data.
    assert prune(server, days_later, "62d", "--clock-is-right") == 0
    assert count(server, tickets) == 3
    assert kiosk.reserve()["number"] == "DK-004"


def test_kiosks_reserve_while_it_prunes(server: ServerProcess) -> None:
    """Old tickets on many dates; no reservation fails, no number is given twice."""
    kiosk = server.kiosk()
    for _ in range(20):
        kiosk.settled()
    with transaction(server.database) as connection:
        for n, (ticket,) in enumerate(connection.execute(select(tickets.c.id)).all()):
            day = (date.fromisoformat(DAY) - timedelta(days=500 + n)).isoformat()
            old = {"business_date": day, "queue_date": None}
            connection.execute(update(tickets).where(tickets.c.id == ticket).values(old))
    work_until(server, 0)
    given: list[str] = []
    done = threading.Event()

    def reserve() -> None:
        while not done.is_set():
            given.append(kiosk.reserve()["number"])

    visitors = threading.Thread(target=reserve)
    visitors.start()
    until(lambda: given, "a kiosk reserves")
    code = prune(server, 0)
    done.set()
    visitors.join(30)

    assert code == 0
    assert len(set(given)) == len(given) > 0
    assert count(server, tickets) == len(given) + NEWEST_DATES


@pytest.mark.parametrize("keep", ["0", "61d", "many", "-400d"])
def test_too_short_a_time_is_refused(keep: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--lang", "en", "prune", f"--keep={keep}"])
    assert caught.value.code == 2
    assert "a number of days from 62 is needed, such as 400d" in capsys.readouterr().err


def test_many_counter_actions_go_in_slices(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reservation waits for one slice at most."""
    server.staff(name="siti")
    monkeypatch.setattr("queue_server.prune.SLICE", 3)
    deleted: list[int] = []
    old_actions = prune_module._old_actions

    def noted(connection: Connection, now_us: int) -> int:
        deleted.append(old_actions(connection, now_us))
        return deleted[-1]

    monkeypatch.setattr("queue_server.prune._old_actions", noted)
    with transaction(server.database) as connection:
        staff = connection.execute(select(principals.c.id)).scalar()
        old = {"staff": staff, "action": "{}", "answer": "{}", "at_us": to_us(OPENING)}
        connection.execute(insert(requests), [old | {"id": f"r{n}"} for n in range(7)])
    assert prune(server, 3) == 0
    assert (deleted, count(server, requests)) == ([3, 3, 1, 0], 0)
