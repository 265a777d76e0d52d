"""Journals, letters, and a server put back from a backup."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from menu.numbers import Number
from queue_server.journals import DAY_US, LAST_LETTER, letter_at
from queue_server.schema import journals, letters
from tests.queue_server.servers import (
    MENU,
    OPENING,
    KioskClient,
    ServerProcess,
    command,
    get,
    new_id,
    row,
    serving,
    statuses,
    transaction,
)


def test_letters_are_a_to_z_without_i_and_o_then_pairs() -> None:
    order = [letter_at(n) for n in range(1, LAST_LETTER + 1)]

    assert "".join(order[:24]) == "ABCDEFGHJKLMNPQRSTUVWXYZ"
    assert order[24:27] == ["AA", "AB", "AC"]
    assert order[-1] == "ZZ"
    assert len(set(order)) == 600


@pytest.mark.parametrize("text", ["DK-000", "DK-27", "DK-0027", "dk-027", "DK-I001", "D1-001", ""])
def test_invalid_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="not a queue number"):
        Number.parse(text)


def test_a_letter_is_assigned_to_one_journal_only(server: ServerProcess) -> None:
    first, second = server.kiosk(), server.kiosk()

    assert first.sync()["letter"] == "A"
    assert second.sync()["letter"] == "B"
    assert first.sync()["letter"] == "A"
    assert KioskClient(server.url, first.token).sync()["letter"] == "C", (
        "a new journal, a new letter"
    )
    assert first.sync()["letter"] == "A"


def test_many_journals_at_once_get_a_letter_each(server: ServerProcess) -> None:
    kiosks = [server.kiosk() for _ in range(12)]

    with ThreadPoolExecutor(12) as pool:
        given = list(pool.map(lambda kiosk: kiosk.sync()["letter"], kiosks))

    assert sorted(given) == list("ABCDEFGHJKLM")


def test_a_step_back_is_a_journal_conflict_and_the_rows_are_settled(server: ServerProcess) -> None:
    kiosk, staff = server.kiosk(), server.staff()
    letter = kiosk.sync(seq=7)["letter"]

    same = kiosk.sync(seq=7)
    back = kiosk.sync(row(f"DK-{letter}001"), seq=6)

    assert same["notice"] is None, "a repeat is no step back"
    assert back["notice"]["code"] == "journal_conflict"
    assert statuses(back) == ["stored"]
    shown = staff.ask("GET", "/kiosks").json()["kiosks"][0]
    assert (shown["journal_conflicts"], shown["journals"][0]["seq"]) == (1, 7)
    assert len(shown["journals"][0]["id"]) == 12
    assert kiosk.journal not in str(shown), "staff see which journal it is, not its id"


def test_a_journal_of_another_kiosk_is_a_conflict_and_gets_no_letter(server: ServerProcess) -> None:
    kiosk, other = server.kiosk(), server.kiosk()
    letter = kiosk.sync()["letter"]
    clone = KioskClient(server.url, other.token, kiosk.journal)

    answer = clone.sync(row(f"DK-{letter}001"), seq=99)

    assert (answer["letter"], answer["notice"]["code"]) == (None, "journal_conflict")
    assert statuses(answer) == ["refused letter_not_held"]
    assert kiosk.sync(seq=2)["notice"] is None, "the owner of the journal continues"


def test_a_journal_that_another_one_follows_is_a_conflict(server: ServerProcess) -> None:
    old = server.kiosk()
    letter = old.sync()["letter"]
    new = KioskClient(server.url, old.token)

    answer = new.sync(row(f"DK-{letter}001", journal=old.journal), follows=old.journal)
    late = old.sync(row(f"DK-{letter}002"), seq=99)

    assert (answer["notice"], statuses(answer)) == (None, ["stored"])
    assert late["notice"]["code"] == "journal_conflict"
    assert statuses(late) == ["stored"], "the visitor has the number anyway"
    assert new.sync(follows=old.journal)["notice"] is None, "the successor continues"


def test_a_clone_names_the_journal_that_it_was_copied_from(server: ServerProcess) -> None:
    kiosk, other = server.kiosk(), server.kiosk()
    kiosk.sync()
    assert other.sync(follows=kiosk.journal)["notice"] is None
    assert kiosk.sync()["notice"]["code"] == "journal_conflict"
    assert other.sync(follows=other.journal)["notice"] is None, "a journal does not follow itself"


def test_a_journal_may_follow_an_unknown_one(server: ServerProcess) -> None:
    kiosk = server.kiosk()
    assert kiosk.sync(follows="unknown-1")["letter"] == "A"
    unknown = KioskClient(server.url, kiosk.token, "unknown-1")
    assert unknown.sync()["notice"]["code"] == "journal_conflict"


def test_used_up_letters_are_reported(server: ServerProcess) -> None:
    with transaction(server.database) as connection:
        last = {"ordinal": LAST_LETTER, "letter": letter_at(LAST_LETTER)}
        connection.execute(insert(letters).values(**last))

    answer = server.kiosk().sync()

    assert (answer["letter"], answer["notice"]["code"]) == (None, "letters_used_up")


def test_a_kiosk_gets_letters_for_five_new_journals_a_day(server: ServerProcess) -> None:
    """One token in a loop must not use up the letters; its visitors' numbers are stored anyway."""
    first, other = server.kiosk("lobi-9"), server.kiosk()
    letter = first.sync()["letter"]
    for _ in range(4):
        assert KioskClient(server.url, first.token).sync()["letter"]
    sixth = KioskClient(server.url, first.token)
    got = sixth.reserve()

    answer = sixth.sync(
        row(got["number"], id=got["id"]),
        row(f"DK-{letter}001", journal=first.journal),
        seq=7,
        follows=first.journal,
    )

    assert (answer["letter"], answer["notice"]["code"]) == (None, "too_many_journals")
    assert statuses(answer) == ["stored", "stored"]
    assert sixth.sync(seq=1)["notice"]["code"] == "too_many_journals", "it is not registered"
    assert first.sync()["letter"] == letter, "the older journals go on"
    assert other.sync()["letter"] is not None
    assert "queue_journals_refused_total 2" in get(f"{server.url}/metrics").text

    assert command("allow-journal", "lobi-9", database=server.database).returncode == 0
    assert sixth.sync()["letter"] is not None, "staff have allowed one"
    seventh = KioskClient(server.url, first.token)
    assert seventh.sync()["letter"] is None, "and no other"
    assert command("allow-journal", "desk", database=server.database).returncode == 2

    with transaction(server.database) as connection:
        connection.execute(update(journals).values(created_us=journals.c.created_us - DAY_US))
    assert seventh.sync()["letter"] is not None, "the next day"

    with transaction(server.database) as connection:
        ahead = {"created_us": journals.c.created_us + 300 * DAY_US}
        connection.execute(update(journals).values(**ahead))
    assert KioskClient(server.url, first.token).sync()["letter"], "the clock was 300 days ahead"


def test_a_server_restored_from_a_backup_gives_no_double_number(tmp_path: Path) -> None:
    """Numbers issued after the backup are stored when settled; none is issued twice."""
    file, backup = tmp_path / "queue.sqlite3", tmp_path / "backup.sqlite3"
    with serving(str(file)) as server:
        kiosk = server.kiosk("old")
        epoch = kiosk.sync()["epoch"]
        kept = kiosk.settled()
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(backup)) as copy:
            source.backup(copy)
        lost = kiosk.settled()
        newer = KioskClient(server.url, kiosk.token)
        letter = newer.sync()["letter"]
        offline = row(f"DK-{letter}001")
        assert statuses(newer.sync(offline)) == ["stored"]
        other_series = kiosk.settled("pbb")

    for left in tmp_path.glob("queue.sqlite3*"):
        left.unlink()
    shutil.copy(backup, file)
    done = command(
        "restored", "--catalogue", MENU, "--now", OPENING.isoformat(), database=str(file)
    )
    assert done.returncode == 0, done.stderr

    with serving(str(file)) as server:
        kiosk.api = newer.api = f"{server.url}/api/v1"
        fresh = kiosk.reserve()
        stranger = server.kiosk()
        assert fresh["epoch"] != epoch
        assert fresh["number"] == "DK-1002"
        assert kiosk.reserve(service="pbb")["number"] == "PJ-1001", (
            "a series that the backup does not have"
        )
        assert stranger.sync()["letter"] == letter_at(1 + 24 + 1)

        answer = newer.sync(
            *[row_ | {"journal": kiosk.journal} for row_ in (kept, lost, other_series)], offline
        )
        assert statuses(answer) == ["stored"] * 4
        assert statuses(stranger.sync(row(lost["number"]))) == ["refused not_reserved"]
        assert statuses(stranger.sync(row(f"DK-{letter}002"))) == ["refused letter_not_held"]
        waiting = server.staff().waiting()
        shown = [kept["number"], lost["number"], offline["number"], other_series["number"]]
        assert sorted(waiting) == sorted([*shown, "DK-1002", "PJ-1001"])
        assert kiosk.reserve(new_id())["number"] == "DK-1003"
