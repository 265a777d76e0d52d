"""Which readings of the system's clock the kiosk believes, and what it uses in place of others."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.background.clock_manager import RECORD_NAME, WRITE_EVERY_S, ClockManager
from kiosk.clock import SiteClock
from kiosk.domain.health import ClockHealth
from kiosk.store.journal import Journal
from tests.store.making import WITA, at, crash, opened, request

RELEASED = date(2026, 11, 1)
OPENING = datetime(2026, 11, 2, 9, tzinfo=WITA)
NEWEST = at(hour=13)
DAY_S, HOUR_S = 24 * 3600.0, 3600.0


class Machine:
    """A system clock that can be set, and one since boot that cannot."""

    def __init__(self, reads: datetime, newest: datetime | None = None) -> None:
        self.reads, self.boot_s, self.newest = reads, 100.0, newest
        self.start()

    def start(self) -> None:
        """Make the clock of a new process."""
        self.clock = SiteClock(
            "Asia/Makassar",
            released=RELEASED,
            newest=lambda: self.newest,
            first_opening=lambda: OPENING,
            system=lambda: self.reads,
            since_boot=lambda: self.boot_s,
        )

    def passes(self, seconds: float) -> None:
        self.reads += timedelta(seconds=seconds)
        self.boot_s += seconds


@pytest.fixture(autouse=True)
def kernel(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the kernel says that its clock is synchronised: the last item."""
    says = [False]
    monkeypatch.setattr("kiosk.clock.kernel_clock_synchronised", lambda: says[-1])
    return says


WRONG = [
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2000, 1, 1, 8, tzinfo=WITA),
    datetime(2026, 10, 31, 22, tzinfo=WITA),
    datetime(2042, 1, 1, tzinfo=WITA),
    datetime(2107, 12, 31, 12, tzinfo=WITA),
]


@pytest.mark.parametrize("reads", WRONG, ids=str)
@pytest.mark.parametrize("synchronised", [False, True])
def test_a_clock_that_cannot_be_right_is_not_believed(
    kernel: list[bool], reads: datetime, synchronised: bool
) -> None:
    kernel.append(synchronised)
    machine = Machine(reads)
    assert (machine.clock.believed(), machine.clock.confirmed()) == (False, False)
    assert machine.clock() == OPENING
    machine.newest = NEWEST
    assert machine.clock() == NEWEST
    machine.passes(HOUR_S)
    assert machine.clock() == NEWEST, "closing time would come under a clock that is wrong"


def test_a_clock_behind_the_newest_number_is_not_believed() -> None:
    machine = Machine(NEWEST - timedelta(hours=2), newest=NEWEST)
    assert not machine.clock.believed()
    assert machine.clock() == NEWEST
    machine.passes(3 * HOUR_S)
    assert machine.clock.believed()
    assert machine.clock() == NEWEST + timedelta(hours=1)


def test_a_held_time_goes_on_in_a_new_process() -> None:
    """The next day comes, although the machine's clock is still behind the newest number."""
    machine = Machine(NEWEST - timedelta(days=10), newest=NEWEST)
    assert machine.clock() == NEWEST
    machine.passes(17 * HOUR_S)
    assert machine.clock() == NEWEST + timedelta(hours=17)
    assert not machine.clock.believed()


def test_a_time_read_before_the_journal_was_open_does_not_freeze_the_clock() -> None:
    machine = Machine(NEWEST - timedelta(days=10))
    assert machine.clock() == NEWEST - timedelta(days=10)
    machine.newest = NEWEST
    assert machine.clock() == NEWEST
    machine.passes(HOUR_S)
    assert machine.clock() == NEWEST + timedelta(hours=1)


def test_a_clock_that_is_behind_by_hours_catches_up() -> None:
    machine = Machine(NEWEST - timedelta(hours=20), newest=NEWEST)
    for _ in range(19):
        assert machine.clock() == NEWEST
        machine.passes(HOUR_S)
    machine.passes(2 * HOUR_S)
    assert (machine.clock.believed(), machine.clock()) == (True, NEWEST + timedelta(hours=1))


def test_a_synchronised_clock_is_never_held(kernel: list[bool]) -> None:
    kernel.append(True)
    machine = Machine(NEWEST - timedelta(minutes=10), newest=NEWEST)
    assert machine.clock() == NEWEST - timedelta(minutes=10)


def test_the_system_s_time_for_those_who_say_that_it_is_right() -> None:
    machine = Machine(at(hour=8), newest=NEWEST)
    assert machine.clock.system_time() == at(hour=8)
    assert machine.clock.system_time() != machine.clock()
    machine.reads = WRONG[0]
    assert machine.clock.system_time() is None
    machine.clock.learn(at(hour=9))
    assert machine.clock.system_time() == at(hour=9)


def test_a_clock_set_right_by_hand_is_believed_once_staff_say_so(tmp_path: Path) -> None:
    journal, wrong = opened(tmp_path), at(hour=9) + timedelta(days=1)
    assert _number(journal, "a", at(hour=8)) == "DK-001"
    assert _number(journal, "b", wrong) == "DK-002"
    right = at(hour=10)
    machine = Machine(right, newest=journal.newest_time)
    assert not machine.clock.believed()
    journal.confirm_time(right)
    machine.newest = journal.newest_time
    assert (machine.clock.believed(), machine.clock()) == (True, right)
    assert journal.newest_time == at(hour=8)
    assert _number(journal, "c", right) == "DK-003"
    assert journal.notices == ()
    assert _number(journal, "d", wrong + timedelta(hours=1)) == "DK-004"
    journal.close()
    again = opened(tmp_path)
    again.confirm_time(right)
    again.close()
    again = opened(tmp_path)
    assert again.newest_time == right


def test_hours_ahead_on_the_same_day_are_forgotten_too(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert _number(journal, "a", at(hour=15)) == "DK-001"
    journal.confirm_time(at(hour=10))
    assert journal.newest_time is None
    journal.close()
    journal = opened(tmp_path)
    assert journal.newest_time is None
    assert _number(journal, "b", at(hour=10)) == "DK-002"
    assert journal.newest_time == at(hour=10)
    assert _number(journal, "c", at(hour=16)) == "DK-003"


def _number(journal: Journal, ticket_id: str, now: datetime) -> str:
    given = journal.issue(
        request(ticket_id), prefix="DK", letter="", business_date=now.date(), now=now,
        date_confirmed=False,
    )  # fmt: skip
    return given.number


def test_a_clock_that_lost_some_minutes_in_a_restart_holds_the_newest_number() -> None:
    machine = Machine(NEWEST - timedelta(minutes=10), newest=NEWEST)
    assert machine.clock.believed()
    assert machine.clock() == NEWEST
    machine.passes(15 * 60)
    assert machine.clock() == NEWEST + timedelta(minutes=5)


def test_a_synchronised_clock_corrects_numbers_from_the_future(kernel: list[bool]) -> None:
    kernel.append(True)
    machine = Machine(at(hour=9), newest=at(hour=9) + timedelta(days=400))
    assert (machine.clock.believed(), machine.clock.confirmed()) == (True, True)
    assert machine.clock() == at(hour=9)


def test_numbers_under_an_impossible_clock_hold_nothing() -> None:
    """Version 0.2 gave numbers in 2107."""
    machine = Machine(at(hour=9), newest=datetime(2107, 1, 1, tzinfo=WITA))
    assert machine.clock.believed()
    assert machine.clock() == at(hour=9)


def test_a_clock_that_jumps_while_the_app_runs_goes_on_from_the_last_reading() -> None:
    machine = Machine(NEWEST, newest=NEWEST)
    assert machine.clock() == NEWEST
    machine.boot_s += 60
    machine.reads = WRONG[0]
    assert machine.clock() == NEWEST + timedelta(seconds=60)
    assert not machine.clock.believed()
    machine.boot_s += 60
    machine.reads = NEWEST + timedelta(seconds=120)
    assert machine.clock.believed()


def test_the_server_s_time_is_believed_before_every_other() -> None:
    machine = Machine(WRONG[0], newest=NEWEST)
    machine.clock.learn(NEWEST - timedelta(hours=5))
    assert (machine.clock.believed(), machine.clock.confirmed()) == (True, True)
    assert machine.clock() == NEWEST - timedelta(hours=5)


@pytest.mark.parametrize("reads", WRONG, ids=str)
def test_a_server_s_clock_that_cannot_be_right_is_not_believed(
    reads: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine(NEWEST)
    machine.clock.learn(reads)
    assert machine.clock() == NEWEST
    assert not machine.clock.confirmed()
    assert "server's clock cannot be right" in caplog.text


# ── how long it has gone without confirmation ────────────────────────────────────────────


def manager(machine: Machine, folder: Path) -> ClockManager:
    machine.start()
    return ClockManager(folder, machine.clock, lambda: machine.boot_s)


def test_the_age_of_the_last_confirmation_is_known_over_restarts(
    tmp_path: Path, kernel: list[bool]
) -> None:
    kernel.append(True)
    machine = Machine(NEWEST)
    clock = manager(machine, tmp_path)
    clock.look()
    assert clock.health() == ClockHealth(confirmed=True, believed=True, unconfirmed_s=0.0)
    kernel.append(False)
    machine.passes(2 * HOUR_S)
    assert clock.health() == ClockHealth(False, True, 2 * HOUR_S)
    machine.passes(23 * HOUR_S)
    machine.boot_s = 5.0
    clock = manager(machine, tmp_path)
    found = clock.health()
    assert (found.unconfirmed_s, found.well, found.dated) == (25 * HOUR_S, False, True)
    machine.passes(6 * DAY_S)
    assert not clock.health().dated
    kernel.append(True)
    assert clock.health().well


def test_a_clock_that_never_was_confirmed_ages_from_the_first_start(tmp_path: Path) -> None:
    machine = Machine(NEWEST)
    for hours, well, dated in ((0, True, True), (23, True, True), (2, False, True)):
        machine.passes(hours * HOUR_S)
        clock = manager(machine, tmp_path)
        clock.look()
        assert (clock.health().well, clock.health().dated) == (well, dated)
    machine.passes(7 * DAY_S)
    assert not manager(machine, tmp_path).health().dated


def test_an_unbelievable_clock_is_degraded_and_undated_at_once(tmp_path: Path) -> None:
    machine = Machine(WRONG[0])
    clock = manager(machine, tmp_path)
    clock.look()
    assert (clock.health().well, clock.health().dated) == (False, False)
    machine.reads = NEWEST
    clock = manager(machine, tmp_path)
    clock.look()
    found = clock.health()
    assert (found.well, found.dated) == (True, True), "set by hand: it begins to age now"


def test_the_record_is_written_seldom_and_a_broken_one_counts_as_none(
    tmp_path: Path, kernel: list[bool]
) -> None:
    kernel.append(True)
    machine = Machine(NEWEST)
    record = tmp_path / RECORD_NAME
    clock = manager(machine, tmp_path)
    clock.look()
    first = record.read_text()
    machine.passes(WRITE_EVERY_S - 1)
    clock.look()
    assert record.read_text() == first
    machine.passes(1)
    clock.look()
    assert record.read_text() != first
    kernel.append(False)
    for broken in ("", "[]", "{}", '{"confirmed_at": "yesterday"}', '{"confirmed_at": 5}'):
        record.write_text(broken)
        assert manager(machine, tmp_path).health().unconfirmed_s == 0


# ── numbers ──────────────────────────────────────────────────────────────────────────────


def test_the_journal_knows_the_time_of_its_newest_number(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert journal.newest_time is None
    for n, now in enumerate((at(hour=9), at(hour=11), at(hour=10))):
        journal.issue(
            request(str(n)), prefix="DK", letter="", business_date=now.date(), now=now,
            date_confirmed=False,
        )  # fmt: skip
    assert journal.newest_time == at(hour=11)
    crash(journal)
    assert opened(tmp_path).newest_time == at(hour=11)


def test_a_date_that_the_server_corrected_is_no_floor(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    future = at() + timedelta(days=400)
    for n, now in enumerate((at(), future)):
        journal.issue(
            request(str(n)), prefix="DK", letter="", business_date=now.date(), now=now,
            date_confirmed=False,
        )  # fmt: skip
    journal.correct_date(at().date())
    assert journal.newest_time == at()
    journal.close()
    assert opened(tmp_path).newest_time == at()


READINGS = st.one_of(
    st.sampled_from(WRONG),
    st.integers(-50, 50).map(lambda hours: at(hour=12) + timedelta(hours=hours)),
)


@given(
    steps=st.lists(
        st.tuples(
            READINGS, st.sampled_from(["run", "stop", "crash"]), st.booleans(), st.booleans()
        ),
        max_size=12,
    )
)
def test_no_clock_makes_a_double_number_or_none_at_all(
    steps: list[tuple[datetime, str, bool, bool]],
) -> None:
    """Any readings, restarts and confirmations: every visitor gets a number, none twice a day."""
    with tempfile.TemporaryDirectory() as name:
        folder, given_numbers = Path(name), set()
        journal, machine = opened(folder), Machine(at(hour=9))
        for n, (reads, how, confirmed, said) in enumerate(steps):
            if how != "run":
                journal.close() if how == "stop" else crash(journal)
                journal = opened(folder)
                machine.start()
            machine.reads, machine.newest = reads, journal.newest_time
            right = machine.clock.system_time()
            if said and right is not None:
                journal.confirm_time(right)
                machine.newest = journal.newest_time
                assert machine.clock() == right
            now = machine.clock()
            ticket = journal.issue(
                request(str(n)), prefix="DK", letter="", business_date=now.date(), now=now,
                date_confirmed=confirmed and machine.clock.believed(),
            )  # fmt: skip
            assert 2026 <= ticket.business_date.year <= 2027
            key = (ticket.business_date, ticket.number)
            assert key not in given_numbers
            given_numbers.add(key)
        journal.close()
