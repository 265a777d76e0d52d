"""Injects the fault of a case into the virtual printer and clears it at the case's moment."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from tests.printing.oracle.cases import AT_ONCE, LATE, REPORTED, SOON, Case
from virtual_printer import VirtualPrinter
from virtual_printer.faults import EVENTS, LINE, STATES

SOON_S = 0.05
"""Less than half of the interval between two status questions of the kiosk."""


class FaultInjector:
    """The fault is set, or will occur at its position, within the ``with`` block.

    ``begun_s``: the moment at which it occurred (monotonic), None before that. A fault of a case
    that is mended late is still set after the block.
    """

    def __init__(self, case: Case, device: VirtualPrinter) -> None:
        self.begun_s: float | None = None
        self._case, self._device = case, device
        self._changed = device.machine.changed
        self._finished = False
        self._received = 0
        # Only the virtual printer can clear a state before the kiosk asks again. This thread
        # clears the other faults.
        by_printer = case.mended == AT_ONCE and case.fault in ("paper_out", *STATES)
        self._how = {**dict(case.how), **({"mended": True} if by_printer else {})}
        self._mends = case.mended != LATE and not by_printer
        self._thread = threading.Thread(target=self._watch, name="fault injector", daemon=True)

    def __enter__(self) -> FaultInjector:
        self._received = self._device.machine.received
        self._device.machine.asked_while_faulty = False
        self._device.fault(self._case.fault, **self._how)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._finished = True
            self._changed.notify_all()
        self._thread.join()

    def _watch(self) -> None:
        machine, case = self._device.machine, self._case
        with self._changed:
            self._changed.wait_for(lambda: self._finished or self._has_begun())
            if self._has_begun():
                self.begun_s = time.monotonic()
            if case.mended == REPORTED:
                self._changed.wait_for(lambda: self._finished or machine.asked_while_faulty)
            elif case.mended == SOON:
                self._changed.wait_for(lambda: self._finished, SOON_S)
            if self._finished or not self._mends:
                return
        self._device.mend()

    def _has_begun(self) -> bool:
        name, faults = self._case.fault, self._device.machine.faults
        if name in LINE:
            return not faults.cut_off or self._device._trigger.reached(name)
        if name == "paper_out":
            return faults.paper_left_mm in (None, 0.0) and name not in faults.at_bytes
        if name in (*STATES, *EVENTS):
            return name not in faults.after_mm and name not in faults.at_bytes
        return name == "refuse" or self._device.machine.received > self._received
