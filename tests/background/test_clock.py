"""Whether the system's clock is synchronised."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace

import pytest

from kiosk.clock import kernel_clock_synchronised


def test_the_real_kernel_answers() -> None:
    assert kernel_clock_synchronised() in (True, False)


@pytest.mark.parametrize(
    ("state", "status", "synchronised"),
    [
        (0, 0x0001, True),  # TIME_OK, STA_PLL
        (5, 0x0040, False),  # TIME_ERROR, STA_UNSYNC
        (0, 0x0040, False),
        (5, 0x0001, False),
        (-1, 0x0000, False),  # EPERM in a container that forbids the call
    ],
)
def test_the_clock_is_synchronised_if_the_kernel_reports_it(
    monkeypatch: pytest.MonkeyPatch, state: int, status: int, synchronised: bool
) -> None:
    def adjtimex(pointer: object) -> int:
        timex = pointer._obj  # type: ignore[attr-defined]
        assert timex.modes == 0, "it only asks"
        timex.status = status
        return state

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace(adjtimex=adjtimex))
    assert kernel_clock_synchronised() is synchronised


def test_a_system_without_adjtimex_confirms_no_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace())
    assert not kernel_clock_synchronised()
    monkeypatch.setattr("sys.platform", "darwin")
    assert not kernel_clock_synchronised()
