"""The results of two slips do not depend on how the transport splits the bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import cycle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Outcome, PrintResult
from kiosk.domain.health import PrinterHealth
from kiosk.printing import status_protocol
from kiosk.printing.direct import DirectPrinter
from kiosk.printing.encoder import SlipEncoder
from kiosk.printing.network import NetworkTransport
from tests.printing.conftest import NOW, slip
from virtual_printer import VirtualPrinter

STATES: dict[str, dict[str, object]] = {
    "": {},
    "near_end": {},
    "cover_open": {},
    "cutter_jam": {"at_mm": 20},
    "overheated": {"at_mm": 20, "mended": True},
    "paper_out": {"at_mm": 20},
    "error": {"at_mm": 20, "mended": True},
}


REPORTABLE_STATES = {
    level: sorted(n for n in STATES if level != "C" or "at_mm" not in STATES[n]) for level in "ABCD"
}
"""States that each level reports deterministically. Level C is asked at once: whether 20 mm are
printed by then depends on the machine."""


class SplittingTransport(NetworkTransport):
    """Reads and writes in pieces of at most ``pieces`` bytes, in turn, repeated."""

    def __init__(self, host: str, port: int, pieces: Iterable[int]) -> None:
        super().__init__(host, port)
        self._pieces = cycle(pieces)
        self._received = b""

    def open(self, deadline: Deadline) -> None:
        """See Transport."""
        if not self.is_open:
            self._received = b""
        super().open(deadline)

    def write_all(self, data: bytes, deadline: Deadline) -> None:
        """See Transport."""
        while data:
            size = next(self._pieces)
            super().write_all(data[:size], deadline)
            data = data[size:]

    def read_some(self, deadline: Deadline) -> bytes:
        """See Transport."""
        self._received = self._received or super().read_some(deadline)
        size = next(self._pieces)
        data, self._received = self._received[:size], self._received[size:]
        return data


@dataclass(frozen=True)
class RunResult:
    """The health and the result at each slip."""

    before: PrinterHealth
    first: PrintResult
    after: PrinterHealth | None = None
    second: PrintResult | None = None


@cache
def run(level: str, state: str, pieces: tuple[int, ...] | None) -> RunResult:
    """Print two slips, with a fault at the first that is cleared before the second."""
    with VirtualPrinter(level=level) as device:
        way = SplittingTransport(device.host, device.port, pieces) if pieces else None
        transport = way or NetworkTransport(device.host, device.port)
        # No mouth: an unanswered question about it would cost the whole answer time.
        config = PrinterSettings(
            connection="", level=level, deadline_s=5.0, connect_s=5.0, mouth="none"
        )
        port = DirectPrinter(config, transport, SlipEncoder(config), lambda: NOW)
        try:
            before = port.probe()
            if state:
                device.fault(state, **STATES[state])
            first = port.print(slip("DK-001"))
            if level == "C" and first.outcome is Outcome.UNCERTAIN:
                # Level C does not report a cleared buffer; the hold would take seconds to end.
                return RunResult(before, first)
            device.mend()
            device.wait_until_idle()
            after = port.probe()
            return RunResult(before, first, after, port.print(slip("DK-002")))
        finally:
            port.close()


@contextmanager
def long_answer_time() -> Iterator[None]:
    """Wait long enough for each answer on a busy machine."""
    before, status_protocol.ANSWER_S = status_protocol.ANSWER_S, 4.0
    try:
        yield
    finally:
        status_protocol.ANSWER_S = before


@pytest.mark.parametrize("level", list("ABCD"))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), pieces=st.lists(st.integers(1, 9), min_size=1))
def test_split_bytes_do_not_change_the_results(
    level: str, data: st.DataObject, pieces: list[int]
) -> None:
    state = data.draw(st.sampled_from(REPORTABLE_STATES[level]))
    with long_answer_time():
        assert run(level, state, tuple(pieces)) == run(level, state, None)
