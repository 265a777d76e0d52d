"""The headset's socket: what counts as put in; a card that is missing, refused or loose."""

from __future__ import annotations

import ctypes
import errno
import os
import random
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kiosk.background import headset as module
from kiosk.background.headset import (
    ELEM_READ,
    FLAPPING_S,
    LOOK_EVERY_S,
    MOST_CHANGES,
    HeadsetWatch,
    JackWatch,
    read_jack,
    read_jacks,
)

WAIT_S = 20.0


class Looks:
    """A socket that is looked at twice a second."""

    def __init__(self) -> None:
        self.watch = JackWatch()
        self.now_s = 100.0

    def see(self, *states: bool | None) -> list[bool]:
        """The changes that were reported."""
        found = []
        for state in states:
            self.now_s += LOOK_EVERY_S
            change = self.watch.look(state, self.now_s)
            if change is not None:
                found.append(change)
        return found


def test_a_headset_that_is_put_in_and_pulled_out_is_reported_once_each() -> None:
    looks = Looks()
    assert looks.see(False, False) == []
    assert looks.see(*[True] * 10) == [True]
    assert looks.see(*[False] * 10) == [False]


@pytest.mark.parametrize("first", [True, None])
def test_what_was_there_before_the_start_was_put_in_by_nobody(first: bool | None) -> None:
    looks = Looks()
    assert looks.see(first, first, True, True, True) == []


def test_a_short_contact_is_no_headset() -> None:
    looks = Looks()
    assert looks.see(False, True, False, False, True, False, False) == []


def test_a_loose_contact_is_not_believed_until_it_rests() -> None:
    looks = Looks()
    looks.see(False)
    reported = [change for _ in range(200) for change in looks.see(True, True, False, False)]
    assert len(reported) <= MOST_CHANGES
    assert looks.see(*[True] * 20) == [], "not yet at rest"
    looks.see(*[True] * int(FLAPPING_S / LOOK_EVERY_S))
    assert looks.see(*[False] * 3) == [False], "believed again"
    assert looks.see(*[True] * 3) == [True]


def test_a_sound_card_that_goes_takes_the_headset_with_it() -> None:
    looks = Looks()
    assert looks.see(False, True, True, None, None) == [True, False]
    assert looks.see(True, True, True) == [], "no socket was seen empty"


def test_any_history_reports_in_turn_and_never_more_than_what_was_seen() -> None:
    rng = random.Random(7)
    for _ in range(300):
        looks = Looks()
        states = [rng.choice([True, False, None]) for _ in range(80)]
        reported = looks.see(*(state for state in states for _ in range(rng.randint(1, 4))))
        assert all(a != b for a, b in pairwise(reported))


# ── reading ──────────────────────────────────────────────────────────────────────────────


def test_the_request_is_the_one_of_the_kernel() -> None:
    """sound/asound.h on machines with 64 bit: struct snd_ctl_elem_value has 1,224 bytes."""
    if ctypes.sizeof(ctypes.c_long) == 8:
        assert ELEM_READ == 0xC4C85512


def test_the_switch_of_the_named_socket_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "controlC0"
    device.touch()
    asked: list[bytes] = []

    def ioctl(file: int, request: int, value: Any) -> int:
        assert os.fstat(file).st_ino == device.stat().st_ino
        assert request == ELEM_READ
        asked.append(value.id.name)
        if value.id.name != b"Front Headphone Jack":
            raise OSError(errno.ENOENT, "no such control")
        value.value.switch[0] = 1
        return 0

    monkeypatch.setattr("fcntl.ioctl", ioctl)
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    assert read_jacks(tmp_path) is True
    assert set(asked) == {name.encode() for name in module.JACKS}
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_without_a_sound_card_nothing_is_known(tmp_path: Path) -> None:
    assert read_jacks(tmp_path) is None
    assert read_jacks(tmp_path / "missing") is None
    assert read_jack(tmp_path / "controlC0", "Headphone Jack") is None


def test_a_file_that_is_no_sound_card_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "controlC0").write_bytes(b"\x01" * 4096)
    os.mkfifo(tmp_path / "controlC1")
    (tmp_path / "controlC2").mkdir()
    assert read_jacks(tmp_path) is None


def test_a_refused_sound_card_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "controlC0").touch()

    def refused(*_: object) -> int:
        raise PermissionError(errno.EACCES, "refused")

    monkeypatch.setattr("os.open", refused)
    assert read_jacks(tmp_path) is None


def test_the_thread_reports_and_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.001)
    states: Iterator[bool | Exception] = iter([False, RuntimeError("a driver"), True, True])
    heard, came = [], threading.Event()

    def read() -> bool:
        state = next(states, True)
        if isinstance(state, Exception):
            raise state
        return state

    def changed(plugged: bool) -> None:
        heard.append(plugged)
        came.set()

    watch = HeadsetWatch(changed, read)
    watch.start()
    try:
        assert came.wait(WAIT_S)
    finally:
        watch.stop()
    assert heard == [True]
    assert watch.available


def test_a_machine_without_a_socket_has_none() -> None:
    watch = HeadsetWatch(lambda _: None, lambda: None)
    watch.look()
    assert not watch.available
