"""Scale all times by one factor: the kiosk's limits and the printers' delays shrink together, so
that many cases run in a minute while every timing rule of the kiosk stays in force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from kiosk.printing import direct, job_result, profile, session, slip_time, status_protocol

SPEED_UP = 4.0
SPEED_MM_S = 1600.0
"""Paper speed of the virtual printers; unscaled 400 mm/s."""

DEADLINE_S, CONNECT_S = 2.0, 0.5

SCALED: tuple[tuple[ModuleType, str, float], ...] = (
    (slip_time, "FASTEST_MM_S", SPEED_UP),
    (slip_time, "SLOWEST_MM_S", SPEED_UP),
    (slip_time, "AFTER_S", 1 / SPEED_UP),
    (status_protocol, "ANSWER_S", 1 / SPEED_UP),
    (job_result, "ASK_AGAIN_S", 1 / SPEED_UP),
    (profile, "SLOW_S", 1 / SPEED_UP),
    (direct, "FRESH_S", 1 / SPEED_UP),
    (session, "UNKNOWN_JOB_S", 1 / SPEED_UP),
    (session, "SILENT_IN_ORDER_S", 1 / SPEED_UP),
    (session, "SLOWEST_ANSWER_S", 1 / SPEED_UP),
    (session, "BLIND_AGAIN_S", 1 / SPEED_UP),
    # Two minutes at the factor of the others would be longer than a case lasts.
    (session, "RELEARN_S", 1 / 40),
)
SETTINGS: dict[str, dict[str, object]] = {
    "slow": {"answer_s": 0.8 / SPEED_UP},
    "one-socket": {"lockout_s": 1.0 / SPEED_UP},
}
"""Character to its scaled delays."""


@contextmanager
def scaled_time() -> Iterator[None]:
    """Scale the kiosk's time constants within the block."""
    before = [(module, name, getattr(module, name)) for module, name, _ in SCALED]
    for module, name, factor in SCALED:
        setattr(module, name, getattr(module, name) * factor)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
