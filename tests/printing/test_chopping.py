"""A whole protocol with a printer ends the same, whatever the pieces in which bytes come."""

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
from kiosk.printing.encoder import no_pictures
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


BY_THEN = {
    level: sorted(n for n in STATES if level != "C" or "at_mm" not in STATES[n]) for level in "ABCD"
}
"""What each level is sure to tell: C is asked at once, before the 20 mm have run, or after."""


class Chopped(NetworkTransport):
    """Hands over and takes at most so many bytes at a time as ``pieces`` say, in turn."""

    def __init__(self, host: str, port: int, pieces: Iterable[int]) -> None:
        super().__init__(host, port)
        self._pieces = cycle(pieces)
        self._come = b""

    def open(self, deadline: Deadline) -> None:
        """See Transport."""
        if not self.is_open:
            self._come = b""
        super().open(deadline)

    def write_all(self, data: bytes, deadline: Deadline) -> None:
        """See Transport."""
        while data:
            size = next(self._pieces)
            super().write_all(data[:size], deadline)
            data = data[size:]

    def read_some(self, deadline: Deadline) -> bytes:
        """See Transport."""
        self._come = self._come or super().read_some(deadline)
        size = next(self._pieces)
        data, self._come = self._come[:size], self._come[size:]
        return data


@dataclass(frozen=True)
class Seen:
    """What the kiosk made of it, the words for the log aside."""

    before: PrinterHealth
    first: PrintResult
    after: PrinterHealth | None = None
    second: PrintResult | None = None


@cache
def seen(level: str, state: str, pieces: tuple[int, ...] | None) -> Seen:
    """Two slips with a fault at the first, mended before the second."""
    with VirtualPrinter(level=level) as device:
        way = Chopped(device.host, device.port, pieces) if pieces else None
        transport = way or NetworkTransport(device.host, device.port)
        # No mouth: a question that stays unanswered costs all of the patience.
        config = PrinterSettings(
            connection="", level=level, deadline_s=5.0, connect_s=5.0, mouth="none"
        )
        port = DirectPrinter(config, transport, no_pictures, lambda: NOW)
        try:
            before = port.probe()
            if state:
                device.fault(state, **STATES[state])
            first = port.print(slip("DK-001"))
            if level == "C" and first.outcome is Outcome.UNCERTAIN:
                # It does not say that its buffer is clear, and that takes its time.
                return Seen(before, first)
            device.mend()
            device.wait_until_idle()
            after = port.probe()
            return Seen(before, first, after, port.print(slip("DK-002")))
        finally:
            port.close()


@contextmanager
def patience() -> Iterator[None]:
    """What is answered at all is answered in time, however busy this machine is."""
    before, status_protocol.ANSWER_S = status_protocol.ANSWER_S, 4.0
    try:
        yield
    finally:
        status_protocol.ANSWER_S = before


@pytest.mark.parametrize("level", list("ABCD"))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), pieces=st.lists(st.integers(1, 9), min_size=1))
def test_the_pieces_in_which_bytes_come_change_nothing(
    level: str, data: st.DataObject, pieces: list[int]
) -> None:
    state = data.draw(st.sampled_from(BY_THEN[level]))
    with patience():
        assert seen(level, state, tuple(pieces)) == seen(level, state, None)
