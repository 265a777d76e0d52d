"""What happens to the printer from outside: a second host, a wiped memory, a loss of power."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from virtual_printer.agenda import Agenda
from virtual_printer.faults import Faults
from virtual_printer.intake import SECOND_HOST, Intake


class Events:
    """Carries out the events of ``faults``, with the machine's lock held.

    ``wipe`` clears the memory for pictures; ``power_off`` is given ``kept``, ``lost`` or None for
    what the character does to its buffer, ``power_on`` follows later.
    """

    def __init__(
        self,
        faults: Faults,
        intake: Intake,
        agenda: Agenda,
        wipe: Callable[[], None],
        power_off: Callable[[object], None],
        power_on: Callable[[], None],
    ) -> None:
        self._faults = faults
        self._intake = intake
        self._agenda = agenda
        self._wipe = wipe
        self._power_off = power_off
        self._power_on = power_on

    def carry_out(self) -> None:
        """Carry out each event that has begun."""
        while self._faults.due:
            name, options = self._faults.due.pop(0)
            if name == "wipe_memory":
                self._wipe()
            elif name == "second_host":
                lines = str(options["text"]).encode("ascii", "replace")
                self._intake.interpose(lines, after_received=bool(options["after_received"]))
                self._again_in(float(str(options["every_s"])), lines)
            elif name == "power_cycle":
                self._power_off(options["buffer"])
                self._agenda.add("power", float(str(options["seconds"])), self._power_on)

    def _again_in(self, seconds: float, lines: bytes) -> None:
        if seconds:
            self._agenda.add(SECOND_HOST, seconds, partial(self._again, lines, seconds))

    def _again(self, lines: bytes, every_s: float) -> None:
        """Print the lines of the second host once more, unless it was mended."""
        if self._faults.repeating:
            self._intake.interpose(lines, after_received=False)
            self._again_in(every_s, lines)
