"""The mechanism: receive buffer, print head, paper in millimetres, cutter, cover, mouth, power.

Real-time commands are executed on arrival. One thread executes everything else in order; it
stops at a fault of paper, cover, cutter or mechanics and continues when the fault is mended, as
printers do. ``answers`` says what is answered, ``mouth`` what becomes of a cut slip.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from virtual_printer.agenda import Agenda
from virtual_printer.answers import Answers
from virtual_printer.character import Character
from virtual_printer.commands import CLEAR_BUFFER, Command
from virtual_printer.events import Events
from virtual_printer.faults import Faults
from virtual_printer.head import Cut, PrintHead, Step, ToMark
from virtual_printer.intake import SECOND_HOST, Intake
from virtual_printer.mouth import Mouth
from virtual_printer.reports import State, status_byte
from virtual_printer.roll import DOTS_PER_MM, Roll
from virtual_printer.sheet import BlankPaper, Element, SlipRecord

UNSEEN = ("ignored", "DLE EOT", "DLE ENQ", "DLE DC4")
"""Commands that are not listed among those of a slip."""


class Machine:
    """``answer`` sends bytes to the connected client; ``ejected`` gets each piece of paper,
    ``moved`` one that was taken or retracted.

    ``dots`` is the width of the head, ``character`` what kind of printer it is (may be replaced
    while it runs: ``configure``), ``speed_mm_s`` None to print without delay. ``pieces``
    counts pieces of paper; ``asked_while_faulty`` says that an answer has been sent which shows a
    fault that stops the printer; ``powered`` is False while the power is off. ``changed`` is
    notified of each change. ``power_changed`` is called when the power goes or returns, with the
    lock held.
    """

    def __init__(
        self,
        dots: int,
        character: Character,
        speed_mm_s: float | None,
        answer: Callable[[bytes], None],
        ejected: Callable[[SlipRecord], None],
        moved: Callable[[SlipRecord], None] = lambda _: None,
        power_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.character = character
        self.speed_mm_s = speed_mm_s
        self.faults = Faults()
        self.changed = threading.Condition()
        self.asked_while_faulty = False
        self.pieces = 0
        self.powered = True
        self.head = PrintHead(dots, chinese=character.chinese, page_mode=character.page_mode)
        self.head.capacity = character.memory_bytes
        self._answer = answer
        self._ejected = ejected
        self._power_changed = power_changed
        self._roll = Roll(self.faults, lambda: self.character)
        self._agenda = Agenda(self.changed)
        self.mouth = Mouth(
            self._agenda,
            lambda: self.character,
            lambda: self.faults.mouth_jam,
            self._state_changed,
            moved,
        )
        self._answers = Answers(self.head, lambda: self.character, self.state, answer)
        self._intake = Intake()
        self._events = Events(
            self.faults,
            self._intake,
            self._agenda,
            self.head.memory.clear,
            self._power_off,
            self._power_on,
        )
        # One host at a time: a real-time command may begin in earlier data.
        self._receiving = threading.Lock()
        self._generation = 0
        self._moving = False
        self._stopping = False
        self._busy = False
        self._sheet = SlipRecord(0, dots)
        self._thread = threading.Thread(target=self._run, name="virtual-head", daemon=True)
        self._thread.start()

    # -- settings ---------------------------------------------------------------------------

    @property
    def level(self) -> str:
        """A to D, the character's level."""
        return self.character.level

    @level.setter
    def level(self, level: str) -> None:
        self.configure(replace(self.character, level=level))

    @property
    def tells_changes(self) -> bool:
        """Whether it knows automatic status (``GS a``)."""
        return "gs_a" in self.character.answers

    @tells_changes.setter
    def tells_changes(self, known: bool) -> None:
        lacks = self.character.lacks
        self.configure(
            replace(self.character, lacks=lacks - {"gs_a"} if known else lacks | {"gs_a"})
        )

    def configure(self, character: Character) -> None:
        """Become ``character``. What was printed and received stays."""
        with self.changed:
            was, self.character = self.character, character
            self.head.page_mode = character.page_mode
            if was.chinese != character.chinese:
                self.head.chinese = character.chinese
            if was.memory_bytes != character.memory_bytes:
                self.head.capacity = character.memory_bytes
            self.mouth.rearm()
            self._state_changed()

    # -- called from the connection's thread and from tests ---------------------------------

    def receive(self, data: bytes, *, heard: bool = True) -> None:
        """Take bytes of a host: execute real-time commands, put all into the buffer.

        ``heard``: whether this host can be answered.
        """
        with self._receiving:
            self._receive(data, heard)

    def _receive(self, data: bytes, heard: bool) -> None:
        kept = 0
        if heard:
            self._answers.star_at_once(data)
        for command, end in self._intake.real_time(data):
            if command[:2] == b"\x10\x04":
                if heard and self._answers.at_once(command):
                    self._note_asked()
            elif self._clears(command):
                self._clear(answer=heard and command == CLEAR_BUFFER)
                kept = end
        with self.changed:
            if not self.powered:
                return
            self._intake.put(data, kept)
            if self.character.early:
                for question in self._intake.arriving(data[kept:]):
                    self._answers.in_turn(question)
            self.changed.notify_all()

    def _clears(self, command: bytes) -> bool:
        """Whether ``command`` clears the buffer, DLE ENQ 2 only where an error has stopped it."""
        known = self.character.answers
        if command == CLEAR_BUFFER:
            return "clear" in known
        return command == b"\x10\x05\x02" and "enq" in known and self.state().stopped

    def _note_asked(self) -> None:
        with self.changed:
            self.asked_while_faulty = True
            self.changed.notify_all()

    def room(self) -> int:
        """Free bytes in the buffer."""
        with self.changed:
            return self._intake.room()

    @property
    def received(self) -> int:
        """Bytes received so far."""
        return self._intake.received

    def change(self, how: Callable[[Faults], None]) -> None:
        """Set or mend faults, send automatic status, continue a job that was stopped."""
        with self.changed:
            had_paper, was_stuck = self._roll.present, self.faults.mouth_jam
            how(self.faults)
            if was_stuck and not self.faults.mouth_jam:
                self.mouth.rearm()
            if self._roll.changed() and not had_paper:
                self._new_roll()
            self._state_changed()

    def take(self) -> bool:
        """A hand takes the slip from the mouth. Returns False when none hangs there."""
        with self.changed:
            return self.mouth.take()

    @property
    def used_mm(self) -> float:
        """Paper used so far, in mm."""
        return self._roll.used_mm

    @property
    def unfinished(self) -> SlipRecord:
        """The paper that has not been cut yet, with what is printed on it so far."""
        return self._sheet

    def idle(self) -> bool:
        """Whether nothing more will be printed before a change of faults or new bytes."""
        with self.changed:
            waiting = self._busy or self._intake.pending()
            return not waiting or not self._able() or self.faults.cutter_jam

    def stop(self) -> None:
        """Stop the threads."""
        with self.changed:
            self._stopping = True
            self._generation += 1
            self.changed.notify_all()
        self._thread.join(5)
        self._agenda.stop()

    def state(self) -> State:
        """What the sensors say now."""
        faults = self.faults
        return State(
            paper=self._roll.present,
            near_end=self._roll.near_end,
            cover_open=faults.cover_open,
            cutter_jam=faults.cutter_jam,
            error=faults.error,
            overheated=faults.overheated,
            offline=faults.offline,
            mark_lost=self._roll.mark_lost,
            mouth_jam=faults.mouth_jam,
            in_mouth=self.mouth.occupied,
            position=self.mouth.position,
            moving=self._moving,
        )

    def status(self, n: int) -> int | None:
        """The status byte for DLE EOT ``n``; None for an n that does not exist."""
        return status_byte(n, self.state(), self.character)

    # -- state ----------------------------------------------------------------------------

    def _able(self) -> bool:
        faults, roll = self.faults, self._roll
        barred = faults.cover_open or faults.error or faults.overheated or faults.offline
        barred = barred or faults.mouth_jam or roll.mark_lost
        return self.powered and not barred and roll.present

    def _state_changed(self) -> None:
        """After a fault began or ended: mark the slip, send status, mend passing faults."""
        if self.faults.cover_open and self._begun():
            self._sheet.why = self._sheet.why or "the cover was opened in mid slip"
        self._events.carry_out()
        self._answers.state_changed()
        self.changed.notify_all()
        for name in [name for name in self.faults.passing if self._is_there(name)]:
            self.change(partial(_mend, name))

    def _is_there(self, name: str) -> bool:
        """Whether the fault ``name`` has begun."""
        return not self._roll.present if name == "paper_out" else bool(getattr(self.faults, name))

    def _begun(self) -> bool:
        """Whether the paper that has not been cut yet bears any print."""
        return any(not isinstance(element, BlankPaper) for element in self._sheet.elements)

    def _new_roll(self) -> None:
        """The torn slip of the old roll is a piece of its own; the rest begins on the new roll."""
        if self._begun():
            self._eject(why="the paper ended in mid slip", removed=True)
            self._sheet.why = "begins in mid slip"

    def _clear(self, *, answer: bool) -> None:
        with self.changed:
            self._forget("the rest was thrown away")
            self.changed.notify_all()
        if answer:
            self._answer(b"\x37\x25\x00")

    def _forget(self, why: str) -> None:
        """Discard the buffer and what is being executed."""
        if self._sheet.elements:
            self._sheet.why = self._sheet.why or why
        self._intake.clear()
        self._generation += 1
        self._busy = self._moving = False
        self.head.reset()

    # -- power ----------------------------------------------------------------------------

    def _power_off(self, buffer: object) -> None:
        """Modes are lost; the buffer is ``kept``, ``lost`` or, for None, as the character says."""
        self.powered = False
        if self._sheet.elements:
            self._sheet.why = self._sheet.why or "the power went off in mid slip"
        if buffer == "kept" or (buffer is None and self.character.keeps_buffer):
            self.head.reset()
        else:
            self._forget("")
        self._answers.reset()
        self._roll.mark_lost = False
        self._power_changed()

    def _power_on(self) -> None:
        self.powered = True
        self._power_changed()

    # -- the thread -------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self.changed:
                self._busy = self._moving = False
                self.changed.notify_all()
                while not self._stopping and not (self._able() and self._intake.pending()):
                    self.changed.wait()
                command = None if self._stopping else self._intake.take()
                if command is None:
                    return
                self._busy = True
                generation = self._generation
                self.changed.notify_all()
            self._obey(command, generation)

    def _obey(self, command: Command, generation: int) -> None:
        with self.changed:
            if self._generation != generation:
                return
            if command.name not in UNSEEN:
                self._sheet.commands.append(command.name)
            if command.name == "ESC @":
                self._answers.reset()
            steps = self._steps(command)
        while self._step(steps, generation):
            pass
        with self.changed:
            self._answers.select(command)
            self.mouth.obey(command)
        if not self.character.early:
            self._answers.in_turn(command)

    def _steps(self, command: Command) -> Iterator[Step]:
        if command.name == SECOND_HOST:
            for line in command.args.split(b"\n"):
                yield from self.head.obey(Command("text", line))
                yield from self.head.obey(Command("LF"))
        elif command.name == "GS e" and command.args[0] in (2, 3, 5, 32):
            # Pyramid, paper_movement.rst: the printer cuts the ticket before it executes these.
            if self._begun() and self.character.mouth == "presenter":
                yield Cut()
        else:
            yield from self.head.obey(command)

    def _step(self, steps: Iterator[Step], generation: int) -> bool:
        """Print one element. Returns False when there is none, or the buffer was cleared."""
        with self.changed:
            if self._generation != generation:
                return False
            step = next(steps, None)
            if step is None:
                return False
            if isinstance(step, Cut):
                return self._cut(generation)
            lost = isinstance(step, ToMark) and self.faults.mark_missing
            if isinstance(step, ToMark):
                step = BlankPaper(self._roll.dots_to_mark())
            length = step.height / DOTS_PER_MM
            if self._roll.ends_within(length):
                self._state_changed()
            if self.faults.fed(length):
                self._state_changed()
            while not self._able():
                self._moving = False
                self.changed.wait()
                if self._generation != generation:
                    return False
            self._roll.mark_lost = self._roll.mark_lost or lost
            self._feed(step, length)
        if self.speed_mm_s:
            time.sleep(length / self.speed_mm_s)
        return True

    def _feed(self, element: Element, length: float) -> None:
        if self._sheet.began is None and length:
            self._sheet.began = round(time.time(), 3)
            self.mouth.make_way()
        start = sum(done.height for done in self._sheet.elements) / DOTS_PER_MM
        self._sheet.marks_mm += [start + mark for mark in self._roll.feed(length)]
        self._moving = self.speed_mm_s is not None
        self._sheet.elements.append(element)
        # The roll may now be at its end or near it.
        self._state_changed()

    def _cut(self, generation: int) -> bool:
        while self.faults.cutter_jam or not self._able():
            self.changed.wait()
            if self._generation != generation:
                return False
        self._moving = False
        if self._sheet.elements:
            self._eject(why=self._sheet.why)
        return True

    def _eject(self, *, why: str, removed: bool = False) -> None:
        """Separate the piece of paper from the roll; ``removed``: by a hand, with the old roll."""
        sheet, self.pieces = self._sheet, self.pieces + 1
        self._sheet = SlipRecord(self.pieces, sheet.paper_dots)
        sheet.complete, sheet.why = not why, why
        if removed:
            sheet.fate, sheet.left = "out", round(time.time(), 3)
            sheet.gone = sheet.left
        else:
            self.mouth.arrive(sheet)
        self._ejected(sheet)


def _mend(name: str, faults: Faults) -> None:
    faults.mend(name)
