"""When a letter is given to another journal, on both databases, at moments that the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from queue_server import access, letter_reuse
from queue_server.clock import to_us
from queue_server.database import open_url
from queue_server.exchange import exchange
from queue_server.journals import LAST_LETTER, letter_at
from queue_server.messages import Exchange
from queue_server.restore import restored
from queue_server.schema import letters
from queue_server.served_menu import read_menu
from tests.queue_server.servers import MENU, OPENING, row, statuses

DAYS = timedelta(days=1)
FIRST = letter_at(LAST_LETTER - 2)
"""The first letter that ``LetterSite`` gives; two more are left."""


class LetterSite:
    """A queue server's database with three letters left, and the time."""

    def __init__(self, url: str) -> None:
        self.database = open_url(url)
        self.database.open()
        self.menu = read_menu(MENU.read_bytes())
        self.now = OPENING
        self._seq = 0
        self._kiosks: dict[str, access.Principal] = {}
        self._add_letter(LAST_LETTER - 3)

    def _add_letter(self, ordinal: int) -> None:
        values = {"ordinal": ordinal, "letter": letter_at(ordinal)}
        self.database.write_now(lambda c: c.execute(insert(letters).values(**values)))

    def _kiosk(self, name: str) -> access.Principal:
        if name not in self._kiosks:
            now_us, kind = to_us(OPENING), "kiosk"
            token, _ = self.database.write_now(lambda c: access.add(c, kind, name, None, now_us))
            made = self.database.write_now(lambda c: access.authenticate(c, token, kind))
            self._kiosks[name] = made
        return self._kiosks[name]

    def sync(self, kiosk: str, journal: str, *rows: Any, **changed: Any) -> Any:
        """An exchange of a kiosk that says whether the journal before has ended (as do all now)."""
        self._seq += 1
        request = {
            "journal": f"journal-{journal}",
            "seq": self._seq,
            "sent_at": self.now.isoformat(),
            "tickets": list(rows),
            "follows_ended": False,
        }
        message, sender = Exchange.model_validate(request | changed), self._kiosk(kiosk)
        return self.database.write_now(
            lambda c: exchange(c, sender, message, self.menu, to_us(self.now))
        )

    def ends(self, kiosk: str, old: str, new: str, *rows: Any) -> Any:
        """An exchange of ``new``, which has replaced ``old`` where it was at home."""
        return self.sync(kiosk, new, *rows, follows=f"journal-{old}", follows_ended=True)

    def days_pass(self, days: int, kiosk: str, journal: str, old: str) -> None:
        """Days on each of which ``journal``, which has replaced ``old``, is heard."""
        for _ in range(days):
            self.now += DAYS
            self.ends(kiosk, old, journal)


@pytest.fixture
def site(database: str) -> Iterator[LetterSite]:
    made = LetterSite(database)
    with closing(made.database):
        yield made


def replaced(site: LetterSite, *rows: Any) -> None:
    """The first letter is that of a journal that was replaced today; no other letter is left."""
    assert site.sync("lobi-1", "a1").letter == (FIRST, None)
    assert site.ends("lobi-1", "a1", "a2", *rows).letter is not None
    assert site.sync("other", "other").letter is not None


def asked(site: LetterSite, **changed: Any) -> Any:
    """The letter that a new kiosk gets now."""
    answer = site.sync("new", "new", **changed)
    codes = answer.notice and answer.notice["code"]
    assert codes == (None if answer.letter else "letters_used_up")
    return answer.letter


def test_a_letter_is_given_again_31_days_after_the_end_of_its_journal(site: LetterSite) -> None:
    replaced(site)
    assert asked(site) is None

    site.days_pass(30, "lobi-1", "a2", "a1")
    assert asked(site) is None, "30 days"

    site.days_pass(1, "lobi-1", "a2", "a1")
    since = OPENING.date() + 2 * DAYS
    assert asked(site) == (FIRST, since.isoformat())
    assert asked(site) == (FIRST, since.isoformat()), "a repeat"
    assert site.sync("newer", "newer").letter is None, "to one journal only"


def test_the_journal_that_ended_first_gives_its_letter_first(site: LetterSite) -> None:
    replaced(site)
    later = site.sync("other", "other").letter
    site.days_pass(1, "lobi-1", "a2", "a1")
    site.ends("other", "other", "other-2")
    for _ in range(31):
        site.now += DAYS
        site.ends("other", "other", "other-2")
        site.ends("lobi-1", "a1", "a2")

    assert later is not None
    given = [site.sync(f"n{i}", f"n{i}").letter for i in range(2)]
    assert [one and one.letter for one in given] == [later.letter, None]


def test_a_silent_journal_keeps_its_letter(site: LetterSite) -> None:
    """Its kiosk may be out of touch and at work."""
    assert site.sync("lobi-1", "a1").letter == (FIRST, None)
    for name in ("b", "c"):
        assert site.sync(name, name).letter is not None
    for _ in range(60):
        site.now += DAYS
        site.sync("b", "b")

    assert asked(site) is None


@pytest.mark.parametrize("said", [False, None])
def test_a_copy_of_a_journal_is_no_end_of_it(site: LetterSite, said: bool | None) -> None:
    """A cloned disk names the journal that it was copied from, which is at work elsewhere."""
    assert site.sync("lobi-1", "a1").letter == (FIRST, None)
    assert site.sync("other", "other").letter is not None
    for _ in range(40):
        site.sync("lobi-1", "a2", follows="journal-a1", follows_ended=said)
        site.now += DAYS

    assert asked(site) is None


def test_another_kiosk_cannot_end_a_journal(site: LetterSite) -> None:
    assert site.sync("lobi-1", "a1").letter == (FIRST, None)
    assert site.sync("other", "other").letter is not None
    for _ in range(40):
        site.ends("lobi-2", "a1", "b1")
        site.now += DAYS

    assert asked(site) is None


def test_a_kiosk_that_does_not_know_the_rule_gets_no_letter_again(site: LetterSite) -> None:
    """An earlier kiosk would not keep to the first date of the letter."""
    replaced(site)
    site.days_pass(31, "lobi-1", "a2", "a1")

    assert asked(site, follows_ended=None) is None
    assert asked(site) is not None


def test_a_kiosk_that_was_not_heard_since_may_show_the_old_journal_again(site: LetterSite) -> None:
    """Its disk may have lost the write of the replacement."""
    replaced(site)
    for _ in range(40):
        site.now += DAYS
        site.sync("other", "other")
    assert asked(site) is None

    site.ends("lobi-1", "a1", "a2")
    assert asked(site) is not None


def test_a_journal_that_replaced_the_successor_vouches_too(site: LetterSite) -> None:
    """Else a kiosk that is often repaired would use up letters for good."""
    replaced(site)
    site.ends("lobi-1", "a2", "a3")
    site.days_pass(30, "lobi-1", "a3", "a2")
    assert asked(site) is None
    site.now += DAYS

    assert site.ends("lobi-1", "a2", "a3").letter.letter == FIRST, "the first that has ended"
    assert asked(site).letter == letter_at(LAST_LETTER - 1), "that of a2"


def test_a_journal_that_was_heard_after_its_end_keeps_its_letter(site: LetterSite) -> None:
    replaced(site)
    site.days_pass(2, "lobi-1", "a2", "a1")
    assert site.sync("lobi-1", "a1").notice["code"] == "journal_conflict"
    site.days_pass(40, "lobi-1", "a2", "a1")

    assert asked(site) is None

    site.ends("lobi-1", "a1", "a4")
    site.days_pass(30, "lobi-1", "a4", "a1")
    assert asked(site) is None
    site.now += DAYS
    assert site.ends("lobi-1", "a1", "a4").letter.letter == FIRST, "until it is replaced again"


def test_a_server_clock_that_jumps_ahead_gives_no_letter_again(site: LetterSite) -> None:
    replaced(site)
    site.now += 400 * DAYS
    site.ends("lobi-1", "a1", "a2")
    assert asked(site) is None

    site.now -= 400 * DAYS
    for _ in range(40):
        site.ends("lobi-1", "a1", "a2")
        site.now += 400 * DAYS
        assert asked(site) is None, "nor one that goes to and fro"
        site.now -= 400 * DAYS


def test_a_server_clock_that_was_behind_gives_no_letter_early(site: LetterSite) -> None:
    site.sync("lobi-1", "a1")
    site.now -= 60 * DAYS
    site.ends("lobi-1", "a1", "a2")
    site.sync("other", "other")
    site.now += 60 * DAYS
    site.days_pass(1, "lobi-1", "a2", "a1")

    assert asked(site) is None, "61 days by the clock, one for the server"


def test_a_letter_with_a_later_number_is_not_given_again(site: LetterSite) -> None:
    """The clock of its kiosk was ahead: the next holder would give that number again."""
    ahead = (OPENING.date() + 90 * DAYS).isoformat()
    assert site.sync("lobi-1", "a1").letter == (FIRST, None)
    site.ends(
        "lobi-1", "a1", "a2", row(f"DK-{FIRST}001", business_date=ahead, journal="journal-a1")
    )
    site.sync("other", "other")
    site.days_pass(40, "lobi-1", "a2", "a1")

    assert asked(site) is None


def test_late_rows_of_the_former_holder_are_stored_and_a_double_is_noticed(
    site: LetterSite,
) -> None:
    replaced(site)
    site.days_pass(31, "lobi-1", "a2", "a1")
    assert asked(site).letter == FIRST
    number, today = f"DK-{FIRST}001", site.now.date().isoformat()
    past = OPENING.date().isoformat()
    mine = site.sync("new", "new", row(number, business_date=today))

    late = site.sync(
        "lobi-1",
        "a2",
        row(number, business_date=past, journal="journal-a1"),
        row(number, business_date=today, journal="journal-a1"),
        row(f"DK-{FIRST}002", business_date=today),
        follows="journal-a1",
        follows_ended=True,
    )

    assert statuses({"results": mine.results}) == ["stored"]
    assert statuses({"results": late.results}) == [
        "stored",
        "conflict number_taken",
        "refused letter_not_held",
    ], "its own number, a double, and one with a letter that the sending journal never had"
    again = site.sync("lobi-1", "a1")
    assert (again.letter, again.notice["code"]) == (None, "journal_conflict")


def test_a_restored_server_gives_no_earlier_letter_again(site: LetterSite) -> None:
    """The backup does not know to whom the letter was given since: these rows are stored."""
    replaced(site)
    site.days_pass(31, "lobi-1", "a2", "a1")

    site.database.write_now(lambda c: restored(c, site.menu, 100, to_us(site.now)))

    assert asked(site) is None
    today = site.now.date().isoformat()
    holder = site.sync("newer", "newer", row(f"DK-{FIRST}001", business_date=today))
    stranger = site.sync("third", "third", row(f"DK-{FIRST}002", business_date=today))
    late = site.ends("lobi-1", "a1", "a2", row(f"DK-{FIRST}003", journal="journal-a1"))
    assert statuses({"results": holder.results}) == ["stored"]
    assert statuses({"results": stranger.results}) == ["refused letter_not_held"]
    assert statuses({"results": late.results}) == ["stored"]


def test_days_of_the_server_are_later_dates_only(site: LetterSite) -> None:
    def counted(day: datetime | date) -> int:
        return site.database.write_now(lambda c: letter_reuse.count_day(c, day))

    first = OPENING.date()
    moved = [0, 0, 1, 0, 400, 1, 400, 401]

    assert [counted(first + n * DAYS) for n in moved] == [1, 1, 2, 2, 3, 3, 3, 4]
