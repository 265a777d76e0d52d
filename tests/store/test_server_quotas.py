"""The server's quotas in a real journal: what is left of them between two exchanges."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from kiosk.store.journal import Journal
from kiosk.store.server_quotas import GivenNumbers
from tests.store.making import TUESDAY, WEDNESDAY, at, opened, request

URL = "https://one.example"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = opened(tmp_path)
    journal.outbox.learn(journal.id, URL, epoch="e1", letter="B", today=TUESDAY)
    yield journal
    journal.close()


def own(journal: Journal, ticket_id: str, now: datetime | None = None) -> None:
    """Issue a number of the kiosk's own series, which the server does not know yet."""
    journal.issue(
        request(ticket_id), prefix="DK", letter="", business_date=TUESDAY, now=now or at(),
        date_confirmed=True, server=URL,
    )  # fmt: skip


def left(journal: Journal, service: str, day: date) -> int | None:
    """The numbers left by the server's last answer, less those issued since."""
    said = journal.server_quotas.latest(day).get(service)
    return None if said is None else said.left - said.since


def test_a_quota_of_which_nothing_is_used_is_whole(journal: Journal) -> None:
    journal.server_quotas.store(TUESDAY, {"ktp": 5})
    assert left(journal, "ktp", TUESDAY) == 5


def test_a_limit_that_the_server_no_longer_reports_is_forgotten(journal: Journal) -> None:
    journal.server_quotas.store(TUESDAY, {"ktp": 5})
    journal.server_quotas.store(TUESDAY, {"kk": 1})
    assert left(journal, "ktp", TUESDAY) is None
    assert left(journal, "kk", TUESDAY) == 1


def test_the_last_quota_is_counted_down(journal: Journal) -> None:
    journal.keep(request("a"), "DK-001", business_date=TUESDAY, now=at())
    assert left(journal, "ktp", TUESDAY) is None
    journal.server_quotas.store(TUESDAY, {"ktp": 2})
    assert left(journal, "ktp", TUESDAY) == 2
    own(journal, "b")
    own(journal, "c")
    own(journal, "d")
    assert left(journal, "ktp", TUESDAY) == -1
    journal.void("d")
    assert left(journal, "ktp", TUESDAY) == 0
    assert left(journal, "ktp", WEDNESDAY) is None


def test_only_numbers_of_the_hour_of_the_answer_count_towards_that_hour(journal: Journal) -> None:
    nine, ten = at(hour=9), at(hour=10)
    own(journal, "a", at(hour=8, minute=59))
    journal.server_quotas.store(TUESDAY, {"ktp": 3}, {"ktp": 10}, {"ktp": GivenNumbers(7, 2, nine)})
    own(journal, "b", at(hour=9, minute=59))
    own(journal, "c", ten)
    quota = journal.server_quotas.latest(TUESDAY)["ktp"]
    assert quota.taken(None, 3) == 7 + 3, "the server had not counted a number of this journal"
    assert quota.taken(nine, 1) == 2 + 1
    assert quota.taken(ten, 1) == 1, "of another hour than that of the answer"
