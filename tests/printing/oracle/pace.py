"""Time that runs four times as fast: the kiosk's limits and the printers' delays shrink together,
so that many cases fit into a minute and none of the kiosk's rules about time is switched off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from kiosk.printing import direct, job_result, profile, session, slip_length, status_protocol

FASTER = 4.0
SPEED_MM_S = 1600.0
"""Of the virtual printers' paper: 400 mm/s."""

DEADLINE_S, CONNECT_S = 2.0, 0.5

SCALED: tuple[tuple[ModuleType, str, float], ...] = (
    (slip_length, "FASTEST_MM_S", FASTER),
    (slip_length, "SLOWEST_MM_S", FASTER),
    (slip_length, "AFTER_S", 1 / FASTER),
    (status_protocol, "ANSWER_S", 1 / FASTER),
    (job_result, "ASK_AGAIN_S", 1 / FASTER),
    (profile, "SLOW_S", 1 / FASTER),
    (direct, "FRESH_S", 1 / FASTER),
    (session, "UNKNOWN_JOB_S", 1 / FASTER),
    (session, "SILENT_IN_ORDER_S", 1 / FASTER),
    (session, "SLOWEST_ANSWER_S", 1 / FASTER),
    (session, "BLIND_AGAIN_S", 1 / FASTER),
    # A visitor of a case never waits for two minutes.
    (session, "RELEARN_S", 1 / 40),
)
SETTINGS: dict[str, dict[str, object]] = {
    "slow": {"answer_s": 0.8 / FASTER},
    "one-socket": {"lockout_s": 1.0 / FASTER},
}
"""Character -> its delays at this pace."""


@contextmanager
def faster() -> Iterator[None]:
    """Scale the kiosk's constants within the block."""
    before = [(module, name, getattr(module, name)) for module, name, _ in SCALED]
    for module, name, factor in SCALED:
        setattr(module, name, getattr(module, name) * factor)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
