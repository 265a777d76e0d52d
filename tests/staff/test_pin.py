"""The staff PIN: which PINs are refused, how it is kept, and how many can be tried."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from kiosk.errors import KioskError
from kiosk.staff.attempts import FREE_TRIES, WAITS_S, PinAttempts, forget
from kiosk.staff.pin import PIN_FILE, PinFile, weakness

DAY_S = 24 * 3600.0


@pytest.mark.parametrize(
    "pin",
    [
        *("0000", "1234", "4321", "1357", "7890", "0987", "1212", "123123", "1122", "2580"),
        *("1945", "2026", "999999", "147258", "170845", "8888888", "12345678"),
    ],
)
def test_a_pin_that_is_easy_to_guess_is_refused(tmp_path: Path, pin: str) -> None:
    with pytest.raises(KioskError) as caught:
        PinFile(tmp_path).keep(pin)
    assert "terlalu mudah" in caught.value.in_("id")
    assert not (tmp_path / PIN_FILE).exists()


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "１２３４", "12 34", "-123"])
def test_a_pin_is_four_to_eight_digits(pin: str) -> None:
    assert "4 sampai 8" in str(weakness(pin) and weakness(pin).in_("id"))  # type: ignore[union-attr]


@pytest.mark.parametrize("pin", ["2479", "83920", "508213", "74190265"])
def test_a_usual_pin_is_taken(pin: str) -> None:
    assert weakness(pin) is None


def test_most_pins_may_be_used() -> None:
    refused = [n for n in range(10_000) if weakness(f"{n:04}")]
    assert 300 < len(refused) < 1000


def test_only_the_hash_is_kept_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    pin = PinFile(tmp_path)
    assert not pin.is_set
    assert not pin.matches("508213")
    pin.keep("508213")
    path = tmp_path / PIN_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "508213" not in path.read_text(encoding="ascii")
    assert pin.is_set
    assert pin.matches("508213")
    assert not any(pin.matches(wrong) for wrong in ("508214", "", "50821", "5082130"))
    first = path.read_bytes()
    pin.keep("508213")
    assert path.read_bytes() != first, "another salt"


@pytest.mark.parametrize("body", ["", "{}", "[1]", '{"kdf": "none"}', "\x00", '{"kdf": "scrypt"}'])
def test_a_broken_file_lets_nobody_in(tmp_path: Path, body: str) -> None:
    (tmp_path / PIN_FILE).write_text(body, encoding="ascii")
    assert not PinFile(tmp_path).is_set
    assert not PinFile(tmp_path).matches("508213")


class Machine:
    """A machine whose app and whole system can be restarted; its wall clock plays no part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now_s, self.booted_s, self.boots = 1000.0, 0.0, 0
        self.restart()

    def restart(self) -> None:
        self.attempts = PinAttempts(
            self.folder, lambda: self.now_s - self.booted_s, lambda: f"boot-{self.boots}"
        )

    def reboot(self) -> None:
        self.boots += 1
        self.now_s += 20
        self.booted_s = self.now_s - 5
        self.restart()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_four_wrong_pins_are_free_and_then_each_wait_is_longer(machine: Machine) -> None:
    for _ in range(FREE_TRIES):
        assert machine.attempts.begin()
        assert machine.attempts.wait_s() == 0
    waits = []
    for _ in range(7):
        assert machine.attempts.begin()
        waits.append(machine.attempts.wait_s())
        assert not machine.attempts.begin()
        machine.now_s += waits[-1]
    assert waits == [60, 120, 300, 600, 1200, 1200, 1200]


def test_a_right_pin_begins_the_count_anew(machine: Machine) -> None:
    for _ in range(FREE_TRIES):
        machine.attempts.begin()
    machine.attempts.succeeded()
    for _ in range(FREE_TRIES):
        assert machine.attempts.begin()
    machine.restart()
    assert machine.attempts.begin()
    assert machine.attempts.wait_s() == 60


def test_a_wait_survives_a_restart_and_begins_anew_after_a_reboot(machine: Machine) -> None:
    for _ in range(FREE_TRIES + 1):
        machine.attempts.begin()
    machine.now_s += 25
    machine.restart()
    assert machine.attempts.wait_s() == 35
    machine.reboot()
    assert machine.attempts.wait_s() == 60
    machine.now_s += 50
    machine.restart()
    assert machine.attempts.wait_s() == 10, "a restart does not begin it anew once more"


@pytest.mark.parametrize("after", ["nothing", "restart", "reboot", "either"])
def test_a_day_of_brute_force_stays_under_100_tries(machine: Machine, after: str) -> None:
    begun_s, tries, turn = machine.now_s, 0, 0
    while machine.now_s - begun_s < DAY_S:
        turn += 1
        if machine.attempts.begin():
            tries += 1
        else:
            machine.now_s += 5
        if after == "restart" or (after == "either" and turn % 2):
            machine.restart()
        elif after != "nothing" and turn % 100 == 0:
            machine.reboot()
    assert FREE_TRIES < tries < 100


def test_a_disk_that_takes_no_tries_gives_no_free_ones(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, _body: bytes) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr("kiosk.staff.attempts.write_private", refuse)
    begun_s, tries = machine.now_s, 0
    while machine.now_s - begun_s < DAY_S:
        if machine.attempts.begin():
            tries += 1
        else:
            machine.now_s += 5
        if int(machine.now_s) % 4000 < 5:
            machine.restart()
    assert 0 < tries <= DAY_S / WAITS_S[-1]


def test_on_a_full_disk_a_right_pin_lets_staff_try_the_next_one_at_once(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, _body: bytes) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("kiosk.staff.attempts.write_private", refuse)
    machine.now_s += WAITS_S[-1]
    assert machine.attempts.begin()
    machine.attempts.succeeded()
    assert machine.attempts.wait_s() == 0
    assert machine.attempts.begin(), "the PIN that ends the app"
    assert machine.attempts.wait_s() == WAITS_S[-1], "until it is found right"
    machine.attempts.succeeded()
    assert machine.attempts.begin()
    assert not machine.attempts.begin(), "a wrong one costs the longest wait as before"


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"wrong": "x"}', '{"wrong": 2}'])
def test_a_broken_count_costs_the_longest_wait(machine: Machine, body: str) -> None:
    (machine.folder / "staff-attempts.json").write_text(body, encoding="ascii")
    machine.restart()
    assert machine.attempts.wait_s() == WAITS_S[-1]
    assert not machine.attempts.begin()


def test_a_new_pin_ends_the_wait_also_in_the_running_app(machine: Machine) -> None:
    for _ in range(FREE_TRIES + 3):
        machine.now_s += machine.attempts.wait_s()
        machine.attempts.begin()
    assert machine.attempts.wait_s()
    forget(machine.folder)
    assert machine.attempts.wait_s() == 0
    machine.restart()
    assert machine.attempts.wait_s() == 0
