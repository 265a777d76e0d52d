"""The mouth of a printer: where a cut slip hangs until it is taken, retracted or pushed out.

Positions are those of Star's presenter (Star Line Mode command specifications, 5-12). Commands:
Custom and Pyramid ``GS e``, Star ``ESC SYN``; ``characters`` has the pages. What a printer does
beyond its commands: the settings ``mouth``, ``held``, ``next_slip``, ``mouth_s``, ``hand_s``.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from virtual_printer.agenda import Agenda
from virtual_printer.character import Character
from virtual_printer.commands import Command
from virtual_printer.sheet import SlipRecord

NONE, SUPPLIED, DISCHARGED, RECOVERED, PULLED_OUT = 0, 1, 3, 6, 7


class Mouth:
    """Holds at most one slip. All methods are called with the machine's lock held.

    ``character`` gives the present settings, ``jammed`` whether nothing can move in the mouth.
    ``changed`` is called after each change, ``moved``
    with a slip whose fate has changed.
    """

    def __init__(
        self,
        agenda: Agenda,
        character: Callable[[], Character],
        jammed: Callable[[], bool],
        changed: Callable[[], None],
        moved: Callable[[SlipRecord], None],
    ) -> None:
        self.slip: SlipRecord | None = None
        self.position = NONE
        self._agenda = agenda
        self._character = character
        self._jammed = jammed
        self._changed = changed
        self._moved = moved
        self._recover_s: float | None = None

    @property
    def occupied(self) -> bool:
        """Whether a slip hangs where a hand can reach it."""
        return self.slip is not None and self.slip.fate == "in_mouth"

    def obey(self, command: Command) -> None:
        """Carry out a command of a presenter: Custom's and Pyramid's ``GS e``, Star's ESC SYN."""
        character = self._character()
        if character.mouth != "presenter":
            return
        name, args = command.name, command.args
        if name == "GS e":
            if args[0] == 2:
                self.retract()
            elif args[0] == 3:
                self.present()
            elif args[0] == 5:
                self.eject()
            elif args[0] == 32:
                self.present(float(args[2]))
        elif name == "ESC SYN" and "star" in character.answers:
            if args[0] in (0, 48):
                self.retract()
            elif args[0] in (1, 49):
                # From the next slip on, after n x 0.5 s; 0: never.
                self._recover_s = args[1] * 0.5

    def make_way(self) -> None:
        """The next slip begins to print: remove what is still here, as ``next_slip`` says."""
        if self.slip is None:
            if self._character().mouth == "presenter":
                self.position = SUPPLIED
            return
        if self._character().next_slip == "retract" and self._character().retracts:
            self._gone("retracted", RECOVERED)
        else:
            self._gone("pushed_out", NONE)

    def arrive(self, slip: SlipRecord) -> None:
        """A slip has been cut, or removed with an old roll: decide where it is now."""
        character = self._character()
        slip.left = round(time.time(), 3)
        if character.mouth == "none":
            slip.fate = "out"
            slip.gone = slip.left
            return
        if self.slip is not None:
            self.make_way()
        self.slip = slip
        slip.fate, self.position = "inside", SUPPLIED
        if not (character.held and character.mouth == "presenter"):
            self.present()

    def present(self, after_s: float | None = None) -> None:
        """Push the slip out as far as a hand can reach it; ``after_s``: retract or eject then."""
        if self.slip is None or self._jammed():
            return
        self.slip.fate, self.position = "in_mouth", DISCHARGED
        self.rearm(after_s)
        self._moved(self.slip)
        self._changed()

    def rearm(self, after_s: float | None = None) -> None:
        """Start the times of the hand and of the printer, after presenting or new settings."""
        character = self._character()
        for key in ("hand", "mouth"):
            self._agenda.cancel(key)
        if character.mouth == "none":
            self.eject()
        if not self.occupied:
            return
        if character.hand_s is not None:
            self._agenda.add("hand", character.hand_s, self._take_by_agenda)
        if after_s is None:
            after_s = character.mouth_s if self._recover_s is None else self._recover_s
        if after_s:
            self._agenda.add("mouth", after_s, self._time_over)

    def take(self) -> bool:
        """A hand takes the slip. Returns False when there is none within reach."""
        if not self.occupied or self._jammed():
            return False
        self._gone("taken", PULLED_OUT)
        return True

    def retract(self) -> bool:
        """Draw the slip in. Returns False without a retractor or a slip, or where it is stuck."""
        if self.slip is None or self._jammed() or not self._character().retracts:
            return False
        self._gone("retracted", RECOVERED)
        return True

    def eject(self) -> bool:
        """Throw the slip out. Returns False when there is none, or it is stuck."""
        if self.slip is None or self._jammed():
            return False
        self._gone("ejected", NONE)
        return True

    def _take_by_agenda(self) -> None:
        self.take()

    def _time_over(self) -> None:
        if self._character().mouth_then == "eject" or not self.retract():
            self.eject()

    def _gone(self, fate: str, position: int) -> None:
        if self.slip is None:
            return
        self.slip.fate = fate
        self.slip.gone = round(time.time(), 3)
        self._moved(self.slip)
        self.slip, self.position = None, position
        for key in ("hand", "mouth"):
            self._agenda.cancel(key)
        self._changed()
