"""``queue-server report``: all kiosks, waiting and service time, what is not settled yet."""

from __future__ import annotations

import json
from pathlib import Path

from tests.queue_server.servers import DAY, ServerProcess, command, new_id, row


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
