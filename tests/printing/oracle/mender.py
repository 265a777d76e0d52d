"""Brings about the fault of a case, and mends it when the case says so."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from tests.printing.oracle.cases import AT_ONCE, HEARD, LATE, SOON, Case
from virtual_printer import VirtualPrinter
from virtual_printer.faults import EVENTS, LINE, STATES

SOON_S = 0.05
"""Less than half of the time after which the kiosk asks again."""


class Mender:
    """The fault is there, or to come, within the block.

    ``begun_s`` says when it was first there (monotonic), None while it was not. One that is mended
    late is still there behind the block.
    """

    def __init__(self, case: Case, device: VirtualPrinter) -> None:
        self.begun_s: float | None = None
        self._case, self._device = case, device
        self._changed = device.machine.changed
        self._over = False
        self._received = 0
        # The printer mends its own states before the kiosk can ask; the rest is done from outside.
        own = case.mended == AT_ONCE and case.fault in ("paper_out", *STATES)
        self._how = {**dict(case.how), **({"mended": True} if own else {})}
        self._mends = case.mended != LATE and not own
        self._thread = threading.Thread(target=self._watch, name="mender", daemon=True)

    def __enter__(self) -> Mender:
        self._received = self._device.machine.received
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
            self._over = True
            self._changed.notify_all()
        self._thread.join()

    def _watch(self) -> None:
        machine, case = self._device.machine, self._case
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._has_begun())
            if self._has_begun():
                self.begun_s = time.monotonic()
            if case.mended == HEARD:
                # That the roll nears its end is named as well: not what is waited for.
                machine.asked_while_faulty = False
                self._changed.wait_for(lambda: self._over or machine.asked_while_faulty)
            elif case.mended == SOON:
                self._changed.wait_for(lambda: self._over, SOON_S)
            if self._over or not self._mends:
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
