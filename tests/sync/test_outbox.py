"""The outbox of a real journal: what is sent, what is cleared, and which server counts when."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from kiosk.domain.delivery import Proof
from kiosk.domain.ticket import Ticket
from kiosk.errors import JournalError, LetterMissing, NumberTaken
from kiosk.store.journal import Journal
from kiosk.store.opening import CONFLICT
from kiosk.store.outbox import Backlog, Terms
from tests.store.making import (
    FILE,
    TUESDAY,
    WEDNESDAY,
    WITNESS,
    at,
    crash,
    opened,
    request,
    set_aside,
)

URL, OTHER = "https://one.example", "https://two.example"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = opened(tmp_path)
    learn(journal)
    yield journal
    journal.close()


def learn(journal: Journal, epoch: str = "e1", letter: str = "B", url: str = URL) -> bool:
    return journal.outbox.learn(journal.id, url, epoch=epoch, letter=letter, today=TUESDAY)


def own(journal: Journal, ticket_id: str, day: date = TUESDAY, url: str = URL) -> Ticket:
    return journal.issue(
        request(ticket_id), prefix="DK", letter="", business_date=day, now=at(day),
        date_confirmed=True, server=url,
    )  # fmt: skip


def given(journal: Journal, ticket_id: str, number: str, day: date = TUESDAY) -> Ticket:
    return journal.keep(request(ticket_id), number, business_date=day, now=at(day))


def sent(journal: Journal, limit: int = 500) -> list[tuple[str, int]]:
    batch = journal.outbox.unsent(limit, at())
    return [(row.ticket.id, row.ticket.rev) for row in batch.rows]


# ── rows ─────────────────────────────────────────────────────────────────────────────────


def test_rows_are_sent_oldest_first_at_their_present_revision(journal: Journal) -> None:
    own(journal, "a")
    given(journal, "b", "DK-001")
    own(journal, "c")
    journal.record("a", Proof.CONFIRMED)
    assert sent(journal) == [("a", 2), ("b", 1), ("c", 1)]
    assert sent(journal, 2) == [("a", 2), ("b", 1)]
    batch = journal.outbox.unsent(1, at())
    assert (batch.journal, batch.seq) == (journal.id, 4)


def test_a_batch_says_where_the_next_one_begins(journal: Journal) -> None:
    for ticket_id, number in (("a", "DK-001"), ("b", "DK-002"), ("c", "DK-003")):
        given(journal, ticket_id, number)
    first = journal.outbox.unsent(2, at())
    rest = journal.outbox.unsent(9, at(), after=first.last)
    assert [row.ticket.id for row in first.rows] == ["a", "b"]
    assert [row.ticket.id for row in rest.rows] == ["c"]
    assert journal.outbox.unsent(9, at(), after=rest.last).last == rest.last


def test_an_acknowledgement_clears_only_the_revision_it_names(journal: Journal) -> None:
    own(journal, "a")
    journal.record("a", Proof.SENT)
    journal.outbox.acknowledge([("a", 1), ("stranger", 1)])
    assert sent(journal) == [("a", 2)]
    journal.outbox.acknowledge([("a", 2)])
    assert sent(journal) == []
    journal.void("a")
    assert sent(journal) == [("a", 3)]


def test_a_refused_row_waits_for_tomorrow_the_next_start_or_its_next_revision(
    journal: Journal,
) -> None:
    for name in "abc":
        own(journal, name)
        journal.outbox.park(name, 1, "letter_not_held", at())
    assert sent(journal) == []
    assert journal.outbox.backlog() == Backlog(0, 3)
    assert journal.outbox.parked()[0] == ("DK-B001", "letter_not_held")
    journal.void("c")
    assert sent(journal) == [("c", 2)]
    tomorrow = journal.outbox.unsent(9, at() + timedelta(days=1)).rows
    assert [row.ticket.id for row in tomorrow] == ["a", "b", "c"]
    journal.outbox.retry_parked()
    assert len(sent(journal)) == 3
    journal.outbox.acknowledge([("a", 1)])
    assert journal.outbox.backlog() == Backlog(1, 1)


def test_a_row_parked_by_a_clock_that_was_a_year_ahead_is_tried_again(journal: Journal) -> None:
    own(journal, "a")
    journal.outbox.park("a", 1, "invalid", at() + timedelta(days=365))
    assert sent(journal) == [("a", 1)]


def test_a_new_epoch_sends_thirty_days_again(journal: Journal) -> None:
    days = {"old": 31, "month": 30, "today": 0}
    for name, age in days.items():
        own(journal, name, TUESDAY - timedelta(days=age))
        journal.outbox.acknowledge([(name, 1)])
    assert sent(journal) == []
    assert not learn(journal, "e1")
    assert sent(journal) == []
    assert learn(journal, "e2", letter="C")
    assert sent(journal) == [("month", 1), ("today", 1)]
    assert journal.outbox.terms(URL) == Terms("B", "e2"), "a journal keeps its letter"


def marked(journal: Journal, ticket_id: str, day: date) -> None:
    """An acknowledged ticket with two priority marks whose slip was not taken."""
    wish = replace(request(ticket_id), priority="elderly", also=("disability",))
    journal.issue(
        wish,
        prefix="DK",
        letter="",
        business_date=day,
        now=at(day),
        date_confirmed=True,
        server=URL,
    )
    journal.note_not_taken(ticket_id, at(day))
    journal.outbox.acknowledge([(ticket_id, 1)])


def test_acknowledged_rows_stay_for_the_report_of_last_month(journal: Journal) -> None:
    for name, age in {"acked": 63, "unsent": 63, "month": 62, "young": 30}.items():
        own(journal, name, TUESDAY - timedelta(days=age))
    journal.outbox.acknowledge([("acked", 1), ("month", 1), ("young", 1)])
    assert journal.complete_from() is None
    assert journal.outbox.prune(TUESDAY) == 1
    assert [t.id for t in journal.tickets()] == ["unsent", "month", "young"]
    assert journal.complete_from() == TUESDAY - timedelta(days=62)
    journal.outbox.prune(TUESDAY - timedelta(days=9))
    assert journal.complete_from() == TUESDAY - timedelta(days=62)


def test_nothing_is_incomplete_where_nothing_was_deleted(journal: Journal) -> None:
    own(journal, "a")
    assert journal.outbox.prune(TUESDAY) == 0
    assert journal.complete_from() is None


def test_the_priority_groups_of_a_ticket_are_deleted_after_thirty_days(journal: Journal) -> None:
    for name, age in {"old": 31, "young": 30}.items():
        marked(journal, name, TUESDAY - timedelta(days=age))
    journal.outbox.prune(TUESDAY)
    old, young = journal.tickets()
    assert (old.priority, old.track, young.priority) == ("-", "", "elderly")
    assert journal.priorities(old) == ("-",)
    assert journal.priorities(young) == ("elderly", "disability")
    assert journal.hour_counts(old.business_date)[0].priority == 1, "the report still counts it"
    assert sent(journal) == []
    assert learn(journal, "e2")
    assert sent(journal) == [("young", 1)], "what is anonymous is not sent again"
    with pytest.raises(JournalError):
        journal.void("old")


def test_a_deleted_ticket_leaves_no_row_behind(journal: Journal, tmp_path: Path) -> None:
    marked(journal, "old", TUESDAY - timedelta(days=63))
    marked(journal, "young", TUESDAY)
    assert journal.outbox.prune(TUESDAY) == 1
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        for table in ("also_priority", "not_taken"):
            rows = db.execute(f"SELECT ticket FROM {table}").fetchall()
            assert rows == [("young",)], table


@pytest.mark.parametrize("at_start", [False, True], ids=["in use", "at the start"])
def test_a_journal_in_quarantine_keeps_all_priority_marks(
    journal: Journal, tmp_path: Path, at_start: bool
) -> None:
    marked(journal, "old", TUESDAY - timedelta(days=63))
    marked(journal, "a", TUESDAY)
    journal.outbox.prune(TUESDAY)
    if at_start:
        journal.close()
        (tmp_path / WITNESS).unlink()
        again = opened(tmp_path)
    else:
        journal.replace(at(), journal.id, CONFLICT)
        again = journal
    (ticket,) = again.tickets()
    assert again.priorities(ticket) == ("elderly", "disability")
    assert again.not_taken() == {"a"}
    assert again.complete_from() == TUESDAY - timedelta(days=62)
    again.close()


def test_a_journal_of_an_earlier_version_knows_that_it_was_pruned(
    journal: Journal, tmp_path: Path
) -> None:
    for name, age in {"old": 40, "young": 20}.items():
        own(journal, name, TUESDAY - timedelta(days=age))
        journal.outbox.acknowledge([(name, 1)])
    journal.close()
    with closing(sqlite3.connect(tmp_path / FILE)) as db, db:
        db.executescript("DROP TABLE pruned; DELETE FROM ticket WHERE id = 'old'")
        db.execute("ALTER TABLE quota DROP COLUMN counted_hour")
        db.execute("ALTER TABLE follows DROP COLUMN ended")
        db.execute("ALTER TABLE server DROP COLUMN since")
        db.execute("PRAGMA user_version = 8")
    again = opened(tmp_path)
    assert again.complete_from() == TUESDAY - timedelta(days=20)
    again.close()


# ── letters ──────────────────────────────────────────────────────────────────────────────


def test_no_own_number_before_there_is_a_letter(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    with pytest.raises(LetterMissing):
        own(journal, "a")
    assert journal.tickets() == ()
    learn(journal, letter="")
    with pytest.raises(LetterMissing):
        own(journal, "a")
    learn(journal)
    assert own(journal, "a").number == "DK-B001"
    journal.close()


def test_a_letter_that_another_journal_had_dates_no_earlier_number(tmp_path: Path) -> None:
    """The clock is behind: the journal before may have given that number on that date."""
    journal = opened(tmp_path)
    journal.outbox.learn(journal.id, URL, epoch="e1", letter="B", today=WEDNESDAY, since=WEDNESDAY)
    behind = own(journal, "a", TUESDAY)
    assert (behind.number, behind.business_date) == ("DK-B001", WEDNESDAY)
    assert journal.tickets(TUESDAY) == ()
    learn(journal, "e2", letter="C")
    journal.outbox.revoke(URL)
    journal.close()
    again = opened(tmp_path)
    assert again.outbox.terms(URL) == Terms("B", "e2", revoked=True, since=WEDNESDAY)
    assert own(again, "a", TUESDAY) == behind, "a repeat"
    assert own(again, "b", TUESDAY).business_date == WEDNESDAY
    assert own(again, "c", WEDNESDAY).number == "DK-B003"
    later = own(again, "d", WEDNESDAY + timedelta(days=1))
    assert later.business_date == WEDNESDAY + timedelta(days=1)
    again.close()


def test_a_letter_that_no_journal_had_dates_numbers_by_the_clock(journal: Journal) -> None:
    assert journal.outbox.terms(URL).since is None
    assert own(journal, "a", date(2026, 1, 5)).business_date == date(2026, 1, 5)


def test_a_letter_belongs_to_one_server_and_one_journal(journal: Journal) -> None:
    with pytest.raises(LetterMissing):
        own(journal, "a", url=OTHER)
    asked = journal.id
    own(journal, "a")
    journal.replace(at(), asked, CONFLICT)
    assert not journal.outbox.learn(asked, URL, epoch="e1", letter="B", today=TUESDAY)
    with pytest.raises(LetterMissing):
        own(journal, "b")
    learn(journal, letter="C")
    assert own(journal, "b").number == "DK-C001"
    assert "had heard more" in str(journal.notices[0])


def test_salvaged_rows_are_sent_with_their_journal_s_id(journal: Journal, tmp_path: Path) -> None:
    first = journal.id
    own(journal, "a")
    own(journal, "b")
    journal.outbox.acknowledge([("b", 1)])
    journal.replace(at(), first, CONFLICT)
    rows = journal.outbox.unsent(9, at()).rows
    assert [(row.ticket.number, row.origin) for row in rows] == [("DK-B001", first)]
    assert journal.id != first
    assert len(set_aside(tmp_path)) == 1


def test_a_restored_old_copy_gets_a_new_letter(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    learn(journal)
    own(journal, "a")
    journal.close()
    shutil.copy(tmp_path / FILE, tmp_path / "copy")
    journal = opened(tmp_path)
    own(journal, "b")
    crash(journal)
    for tail in ("-wal", "-shm"):
        (tmp_path / (FILE + tail)).unlink(missing_ok=True)
    (tmp_path / "copy").rename(tmp_path / FILE)
    journal = opened(tmp_path)
    with pytest.raises(LetterMissing):
        own(journal, "c")
    assert [t.id for t in journal.tickets()] == ["a"]
    journal.close()


def test_a_reserved_number_is_kept_once(journal: Journal) -> None:
    first = given(journal, "a", "DK-027")
    assert given(journal, "a", "DK-028") == first
    with pytest.raises(NumberTaken):
        given(journal, "b", "DK-027")
    assert given(journal, "b", "DK-027", WEDNESDAY).business_date == WEDNESDAY


def test_a_revocation_is_kept_over_a_restart(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    learn(journal)
    journal.outbox.revoke(URL)
    journal.close()
    journal = opened(tmp_path)
    assert journal.outbox.terms(URL) == Terms("B", "e1", revoked=True)
    learn(journal)
    assert not journal.outbox.terms(URL).revoked
    journal.close()


# ── enrolling and leaving ────────────────────────────────────────────────────────────────


def alone(journal: Journal, ticket_id: str, day: date = TUESDAY) -> None:
    journal.issue(
        request(ticket_id), prefix="DK", letter="", business_date=day, now=at(day),
        date_confirmed=True,
    )  # fmt: skip


def test_a_new_journal_is_enrolled_at_once(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert journal.outbox.in_force("", TUESDAY) == ""
    assert journal.outbox.in_force(URL, TUESDAY) == URL
    journal.close()


def test_enrolling_counts_from_the_next_business_date(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    alone(journal, "a")
    assert journal.outbox.in_force(URL, TUESDAY) == ""
    assert journal.outbox.in_force(URL, WEDNESDAY) == URL
    assert journal.outbox.in_force(URL, TUESDAY) == ""
    assert sent(journal) == [], "what was given alone is not the server's"
    assert journal.outbox.backlog() == Backlog()
    journal.close()


def test_leaving_by_a_clock_a_year_ahead_is_corrected_by_the_server(journal: Journal) -> None:
    next_year = TUESDAY + timedelta(days=365)
    assert journal.outbox.in_force(URL, next_year) == URL
    assert journal.outbox.in_force(URL, TUESDAY) == URL, "no day is alone any more"
    assert journal.outbox.in_force(OTHER, next_year) == URL
    journal.correct_date(TUESDAY)
    assert journal.outbox.in_force(OTHER, TUESDAY) == URL
    assert journal.outbox.in_force(OTHER, WEDNESDAY) == OTHER


def test_leaving_counts_from_the_next_business_date(journal: Journal) -> None:
    assert journal.outbox.in_force(URL, TUESDAY) == URL
    own(journal, "a")
    assert journal.outbox.in_force("", TUESDAY) == URL
    assert own(journal, "b").number == "DK-B002"
    assert journal.outbox.in_force("", WEDNESDAY) == ""
    assert journal.outbox.in_force(URL, TUESDAY) == URL, "back before it took effect"
    assert journal.outbox.in_force(URL, WEDNESDAY) == URL


def test_another_server_counts_from_the_next_business_date(journal: Journal) -> None:
    journal.outbox.in_force(URL, TUESDAY)
    given(journal, "a", "DK-001")
    assert journal.outbox.in_force(OTHER, TUESDAY) == URL
    assert journal.outbox.in_force(OTHER, WEDNESDAY) == OTHER


def test_a_date_a_year_ahead_is_corrected_by_the_server(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    next_year = TUESDAY + timedelta(days=365)
    alone(journal, "a", next_year)
    assert journal.outbox.in_force(URL, TUESDAY) == ""
    journal.correct_date(TUESDAY)
    assert journal.outbox.in_force(URL, WEDNESDAY) == URL
    alone(journal, "b")
    assert not journal.clock_went_back
    alone(journal, "c", WEDNESDAY)
    numbers = [(t.number, t.business_date) for t in journal.tickets()]
    assert numbers[1:] == [("DK-002", TUESDAY), ("DK-001", WEDNESDAY)]
    journal.close()
