"""``queue-server prune``: what goes, what stays, and kiosks that reserve meanwhile."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import Table, func, select, update

from queue_server import cli
from queue_server.prune import ANY_PRIORITY, LEAST_DAYS
from queue_server.schema import daily_totals, letters, number_series, requests, tickets
from tests.queue_server.servers import DAY, OPENING, ServerProcess, transaction
from tests.queue_server.test_report import report


def prune(server: ServerProcess, days_later: int, keep: str = "400d") -> int:
    """Prune as on a later day; the exit code."""
    now = (OPENING + timedelta(days=days_later)).isoformat()
    return cli.main(["prune", "--database", server.database, "--keep", keep, "--now", now])


def count(server: ServerProcess, table: Table) -> int:
    with transaction(server.database) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar() or 0


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

    assert prune(server, 40) == 0
    with transaction(server.database) as connection:
        found = connection.execute(select(tickets.c.track, tickets.c.priority)).all()
    assert sorted(map(tuple, found), key=str) == [(None, ANY_PRIORITY), (None, None)]
    assert report(server)["total"] == before, "last month's report is the same"

    assert prune(server, LEAST_DAYS + 1, f"{LEAST_DAYS}d") == 0
    assert (count(server, tickets), count(server, number_series)) == (0, 0)
    assert count(server, letters) == 1, "a letter is never given again"
    after = report(server)["total"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    for key in ("total", "days", "priority", "offline", "void"):
        assert after[key] == before[key]


def test_a_row_that_comes_after_its_date_was_pruned_is_added(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    kiosk.settled()
    assert prune(server, 500) == 0
    kiosk.settled()

    assert prune(server, 500) == 0

    with transaction(server.database) as connection:
        found = connection.execute(select(daily_totals)).all()
    assert [tuple(row) for row in found] == [(DAY, "ktp-el", 2, 0, 0, 0)]


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
    given: list[str] = []
    done = threading.Event()

    def reserve() -> None:
        while not done.is_set():
            given.append(kiosk.reserve()["number"])

    visitors = threading.Thread(target=reserve)
    visitors.start()
    code = prune(server, 0)
    done.set()
    visitors.join(30)

    assert code == 0
    assert len(set(given)) == len(given) > 0
    assert count(server, tickets) == len(given)


@pytest.mark.parametrize("keep", ["0", "61d", "many", "-400d"])
def test_too_short_a_time_is_refused(keep: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--lang", "en", "prune", f"--keep={keep}"])
    assert caught.value.code == 2
    assert "a number of days from 62 is needed, such as 400d" in capsys.readouterr().err
