"""The journal in ordinary use: numbers, repeats, outcomes, stops and days."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.delivery import Proof
from kiosk.errors import JournalError, SeriesExhausted, TicketMismatch
from kiosk.store.journal import Journal
from menu.numbers import LAST_NUMBER
from tests.store.making import TUESDAY, WEDNESDAY, at, crash, filled, issue, opened


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = opened(tmp_path)
    yield journal
    journal.close()


def test_numbers_count_up_by_prefix(journal: Journal) -> None:
    given = [issue(journal, f"t{i}", prefix=p).number for i, p in enumerate(["DK", "PT", "DK"])]
    assert given == ["DK-001", "PT-001", "DK-002"]


def test_a_ticket_is_stored_unchanged(journal: Journal) -> None:
    ticket = issue(journal, "t1", prefix="PT", letter="B")
    assert ticket.number == "PT-B001"
    assert (ticket.business_date, ticket.issued_at) == (TUESDAY, at())
    assert (ticket.state, ticket.printed, ticket.rev) == ("issued", None, 1)
    assert journal.get("t1") == ticket
    assert journal.get("t2") is None


def test_a_repeated_id_returns_the_same_ticket_at_any_time(journal: Journal) -> None:
    ticket = issue(journal, "t1")
    assert issue(journal, "t1", day=WEDNESDAY, prefix="PT") == ticket
    assert issue(journal, "t2").number == "DK-002"


def test_the_same_id_for_another_service_is_refused(journal: Journal) -> None:
    issue(journal, "t1")
    with pytest.raises(TicketMismatch, match="already number DK-001"):
        issue(journal, "t1", service="kk")


def test_an_outcome_is_a_new_revision_once(journal: Journal) -> None:
    issue(journal, "t1")
    sent = journal.record("t1", Proof.SENT)
    assert (sent.printed, sent.rev) == (Proof.SENT, 2)
    before = journal.seq
    assert journal.record("t1", Proof.SENT) == sent
    assert journal.seq == before
    assert journal.get("t1") == sent


@pytest.mark.parametrize(("clean", "skips"), [(True, 0), (False, 20)])
def test_seq_skips_after_an_unclean_stop(tmp_path: Path, clean: bool, skips: int) -> None:
    filled(tmp_path, 3, clean=clean)
    journal = opened(tmp_path)
    assert journal.seq == 3 + skips
    issue(journal, "t3")
    assert journal.seq == 4 + skips
    journal.close()


@pytest.mark.parametrize("weaker", [p for p in Proof if p is not Proof.CONFIRMED])
def test_a_confirmed_slip_stays_confirmed(journal: Journal, weaker: Proof) -> None:
    issue(journal, "t1")
    confirmed = journal.record("t1", Proof.CONFIRMED)
    assert journal.record("t1", weaker) == confirmed
    assert journal.get("t1") == confirmed


def test_a_void_ticket_frees_its_quota_but_not_its_number(journal: Journal) -> None:
    issue(journal, "t1")
    assert journal.counts(TUESDAY) == {"ktp": 1}
    taken_back = journal.void("t1")
    assert (taken_back.state, taken_back.rev) == ("void", 2)
    assert journal.void("t1") == taken_back
    assert journal.counts(TUESDAY) == {}
    assert issue(journal, "t2").number == "DK-002"


@pytest.mark.parametrize("use", ["record", "void"])
def test_an_unknown_id_is_an_error(journal: Journal, use: str) -> None:
    with pytest.raises(JournalError, match="holds no ticket"):
        journal.record("t9", Proof.SENT) if use == "record" else journal.void("t9")


def test_tickets_come_in_order_of_issue_by_day(journal: Journal) -> None:
    for i in range(3):
        issue(journal, f"t{i}")
    issue(journal, "w", day=WEDNESDAY, service="kk")
    assert [t.id for t in journal.tickets()] == ["t0", "t1", "t2", "w"]
    assert [t.id for t in journal.tickets(TUESDAY)] == ["t0", "t1", "t2"]
    assert [t.id for t in journal.tickets(limit=2)] == ["t2", "w"]
    assert journal.counts(TUESDAY) == {"ktp": 3}
    assert [t.id for t in journal.tickets(limit=1)] == ["w"]


def test_a_recent_unfinished_ticket_is_found_after_a_restart(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert journal.unfinished(at()) is None
    issue(journal, "old", now=at(hour=8))
    ticket = issue(journal, "t1")
    crash(journal)
    journal = opened(tmp_path)
    five = timedelta(minutes=5)
    assert journal.unfinished(at() + five - timedelta(seconds=1)) == ticket
    assert journal.unfinished(at() + five) is None
    assert journal.unfinished(at() - five) is None
    journal.record("t1", Proof.SCREEN)
    assert journal.unfinished(at()) is None
    journal.close()


def test_a_clean_stop_skips_nothing(tmp_path: Path) -> None:
    for i in range(3):
        journal = opened(tmp_path)
        assert not journal.unclean
        assert issue(journal, f"t{i}").number == f"DK-00{i + 1}"
        journal.close()
        journal.close()


def test_after_an_unclean_stop_each_series_skips_once(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    issue(journal, "a", prefix="DK")
    issue(journal, "b", prefix="PT")
    crash(journal)
    journal = opened(tmp_path)
    assert journal.unclean
    assert [issue(journal, f"c{i}").number for i in range(2)] == ["DK-022", "DK-023"]
    journal.close()
    journal = opened(tmp_path)
    assert not journal.unclean
    numbers = [issue(journal, f"d{i}", prefix="PT").number for i in range(2)]
    assert numbers == ["PT-022", "PT-023"], "PT was not used since the unclean stop"
    assert issue(journal, "e", prefix="ZZ").number == "ZZ-021"
    assert issue(journal, "f").number == "DK-024"
    journal.close()


def test_a_series_restarts_on_a_confirmed_day_and_continues_on_an_unconfirmed_one(
    journal: Journal,
) -> None:
    issue(journal, "a")
    assert issue(journal, "b", day=WEDNESDAY, confirmed=False).number == "DK-002"
    assert issue(journal, "c", day=WEDNESDAY, confirmed=True).number == "DK-003"
    thursday = WEDNESDAY + timedelta(days=1)
    assert issue(journal, "d", day=thursday).number == "DK-001"


def test_a_clock_set_back_is_reported_and_reopens_no_date(journal: Journal) -> None:
    issue(journal, "a")
    issue(journal, "b", day=WEDNESDAY)
    issue(journal, "c", day=WEDNESDAY)
    assert not journal.clock_went_back
    back = issue(journal, "d", day=TUESDAY)
    assert (back.number, back.business_date) == ("DK-003", TUESDAY)
    assert journal.clock_went_back
    assert any("clock went back" in str(n) and "2026-11-25" in str(n) for n in journal.notices)
    assert issue(journal, "e", day=WEDNESDAY).number == "DK-004"
    assert journal.notices == ()


def test_an_exhausted_series_raises_and_writes_nothing(journal: Journal) -> None:
    issue(journal, "a")
    journal._db.execute("UPDATE line SET last = ?", (LAST_NUMBER - 1,))
    assert issue(journal, "b").number == "DK-9999"
    before = journal.seq
    with pytest.raises(SeriesExhausted):
        issue(journal, "c")
    assert (journal.get("c"), journal.seq) == (None, before)


def test_the_file_itself_refuses_a_second_ticket_with_one_number(journal: Journal) -> None:
    issue(journal, "a")
    journal._db.execute("UPDATE ticket SET id = 'z'")
    journal._db.execute("CREATE TABLE copy AS SELECT * FROM ticket")
    with pytest.raises(JournalError, match="UNIQUE"), journal._writing() as db:
        db.execute(
            "INSERT INTO ticket (id, track, prefix, letter, value, business_date, service,"
            " language, issued_at, state, rev, seq, origin)"
            " SELECT 'other', track, prefix, letter, value, business_date, service,"
            " language, issued_at, state, rev, seq, origin FROM copy"
        )


def test_the_stored_number_has_the_text_of_the_screen(journal: Journal) -> None:
    tickets = [issue(journal, f"t{i}", prefix="A", letter="ZZ") for i in range(2)]
    journal._db.execute("UPDATE line SET last = 999")
    tickets.append(issue(journal, "t9", prefix="A", letter="ZZ"))
    stored = [row[0] for row in journal._db.execute("SELECT number FROM ticket ORDER BY n")]
    assert stored == [t.number for t in tickets] == ["A-ZZ001", "A-ZZ002", "A-ZZ1000"]


def test_concurrent_requests_get_one_number_each(journal: Journal) -> None:
    gate, given = threading.Barrier(8), []

    def visitor(who: int) -> None:
        gate.wait()
        for i in range(10):
            given.append(issue(journal, f"{who}-{i}").number)
            journal.record(f"{who}-{i}", Proof.SENT)

    threads = [threading.Thread(target=visitor, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [f"DK-{n:03d}" for n in range(1, 81)]
    assert journal.seq == 160


def test_the_commit_is_on_the_disk_when_it_returns(journal: Journal) -> None:
    pragmas = [journal._db.execute(f"PRAGMA {p}").fetchone()[0] for p in ("journal_mode",)]
    assert pragmas == ["wal"]
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
