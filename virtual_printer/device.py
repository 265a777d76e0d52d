"""The virtual printer: mechanism, network side and album put together."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from virtual_printer.album import FORMATS, KEPT, Album
from virtual_printer.character import Character
from virtual_printer.characters import character_named
from virtual_printer.faults import FaultTrigger, corrupted
from virtual_printer.fifo import Fifo
from virtual_printer.intake import CHUNK
from virtual_printer.line import Line
from virtual_printer.machine import Machine
from virtual_printer.paper import print_dots
from virtual_printer.sheet import SlipRecord

KEPT_SLIPS = 2500
"""Slips kept in memory; the oldest are dropped first."""

REAL = "real"
"""Value of ``speed_mm_s`` for the speed of the character."""


class VirtualPrinter:
    """A network printer that serves one client at a time and records what it printed.

    ``port`` 0 takes a free port; the attribute ``port`` then holds it. ``paper_mm`` is 80 or 58.
    ``character`` is the name of one of ``characters``; ``level`` A to D, ``tells_changes`` (whether
    it knows ``GS a``) and ``settings`` (``Character``) change it. ``speed_mm_s`` is the paper's
    speed in mm/s; None prints without delay, ``"real"`` at the character's speed. With ``out_dir``
    each piece of paper is written there in ``formats`` (``png``, ``text``, ``json``) as
    ``slip-0001.png`` and so on; the newest ``keep_pictures`` stay. With ``fifo`` it also prints
    what is written to the FIFO of this path, which it makes and deletes. ``seed`` makes the random
    bytes of the fault ``garbage`` repeatable. Raises OSError where port or FIFO is not available,
    ValueError for an unknown character, setting, level, format or paper width.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        paper_mm: int = 80,
        character: str = "epson",
        level: str | None = None,
        settings: Mapping[str, object] | None = None,
        speed_mm_s: float | str | None = None,
        out_dir: Path | None = None,
        formats: tuple[str, ...] = ("png",),
        keep_pictures: int = KEPT,
        fifo: Path | None = None,
        tells_changes: bool = True,
        seed: int = 0,
    ) -> None:
        made = character_named(character)
        if level is not None:
            made = made.with_settings({"level": level})
        if not tells_changes:
            made = made.with_settings({"lacks": made.lacks | {"gs_a"}})
        made = made.with_settings(settings or {})
        if unknown := set(formats) - set(FORMATS):
            raise ValueError(f"format {min(unknown)!r} is not known: {', '.join(FORMATS)}")
        dots = print_dots(paper_mm)
        self.host = host
        self.paper_mm = paper_mm
        self.slips: list[SlipRecord] = []
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._random_lock = threading.Lock()
        self._late: queue.SimpleQueue[tuple[float, bytes] | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._line: Line | None = None
        self._album: Album | None = None
        self.machine = Machine(
            dots,
            made,
            None,
            self._answer,
            self._ejected,
            self._moved,
            self._nudge,
        )
        self.speed_mm_s = speed_mm_s
        self._trigger = FaultTrigger(self.machine.faults)
        self._fifo: Fifo | None = None
        try:
            if fifo is not None:
                self._fifo = Fifo(fifo, self._written)
            self._line = Line(host, port, self.machine, self._trigger, self._flood)
        except OSError:
            if self._fifo is not None:
                self._fifo.close()
            self.machine.stop()
            raise
        self.port = self._line.port
        if out_dir is not None:
            self._album = Album(out_dir, formats, keep_pictures)
        self._sender = threading.Thread(target=self._send_late, name="virtual-late", daemon=True)
        self._sender.start()

    def __enter__(self) -> VirtualPrinter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the interface for tests and the control port -----------------------------------

    @property
    def connection(self) -> str:
        """``network:HOST:PORT``, for the settings of a program that prints."""
        return f"network:{self.host}:{self.port}"

    @property
    def connected(self) -> bool:
        """Whether a client is being served."""
        return self._line is not None and self._line.connected

    @property
    def level(self) -> str:
        """Which questions it answers, A to D."""
        return self.machine.level

    @level.setter
    def level(self, level: str) -> None:
        self.machine.level = level

    @property
    def character(self) -> Character:
        """What it is at the moment, settings included."""
        return self.machine.character

    def become(self, character: str) -> None:
        """Become the character of this name, without further settings; ValueError if unknown."""
        self.machine.configure(character_named(character))
        self._nudge()

    def set(self, **settings: object) -> None:
        """Change settings (``Character``). Raises ValueError for an unknown one or value."""
        self.machine.configure(self.character.with_settings(settings))
        self._nudge()

    @property
    def speed_mm_s(self) -> float | str | None:
        """Speed of the paper in mm/s, None without delay. ``"real"`` sets the character's."""
        return self.machine.speed_mm_s

    @speed_mm_s.setter
    def speed_mm_s(self, speed: float | str | None) -> None:
        self.machine.speed_mm_s = (
            self.character.speed_mm_s if speed == REAL else None if speed is None else float(speed)
        )

    def fault(self, name: str, **how: object) -> None:
        """Set a fault: see ``Faults.set``. Raises ValueError for an unknown one."""
        self.machine.change(lambda faults: faults.set(name, **how))
        self._settle()

    def mend(self, name: str = "") -> None:
        """Clear the fault ``name``, or all of them. A job that was stopped continues."""
        self.machine.change(lambda faults: faults.mend(name))
        self._settle()

    def take(self) -> bool:
        """A hand takes the slip from the mouth. Returns False when none hangs there."""
        return self.machine.take()

    def hang_up(self) -> None:
        """End the present connection, as printers do after an idle time."""
        if self._line is not None:
            self._line.hang_up()

    def wait_for_slips(self, count: int, timeout_s: float = 5.0) -> list[SlipRecord]:
        """Wait for ``count`` slips and return them. TimeoutError after ``timeout_s`` seconds."""
        with self.machine.changed:
            if not self.machine.changed.wait_for(lambda: self.machine.pieces >= count, timeout_s):
                raise TimeoutError(f"{self.machine.pieces} of {count} slips came in time")
            return list(self.slips)

    def wait_until_idle(self, timeout_s: float = 5.0) -> None:
        """Wait until everything received is printed or stopped by a fault, or TimeoutError."""
        changed = self.machine.changed
        with changed:
            if not changed.wait_for(self.machine.idle, timeout_s):
                raise TimeoutError("the virtual printer is still printing")

    def wait_for_fate(self, index: int, fate: str, timeout_s: float = 5.0) -> SlipRecord:
        """Wait until the slip ``index`` has this ``fate`` (``FATES``), or TimeoutError."""

        def found() -> SlipRecord | None:
            return next((s for s in self.slips if s.index == index and s.fate == fate), None)

        with self.machine.changed:
            slip = self.machine.changed.wait_for(found, timeout_s)
        if slip is None:
            raise TimeoutError(f"slip {index} was not {fate} in time")
        return slip

    def wait_until_drawn(self, timeout_s: float = 10.0) -> None:
        """Wait until each slip has its files, or TimeoutError."""
        deadline = time.monotonic() + timeout_s
        for slip in list(self.slips):
            left = deadline - time.monotonic()
            if self._album is not None and not slip.drawn.wait(max(0.0, left)):
                raise TimeoutError("slips are still being drawn")

    def state(self) -> dict[str, object]:
        """Faults, paper, mouth, settings and number of slips, for the control port."""
        machine = self.machine
        faults = machine.faults
        named = {name: getattr(faults, name) for name in faults.__slots__}
        slip = machine.mouth.slip
        return {
            "port": self.port,
            "level": self.level,
            "faults": {n: v for n, v in named.items() if v or (n == "paper_left_mm" and v == 0)},
            "used_mm": round(machine.used_mm, 1),
            "slips": machine.pieces,
            "character": self.character.name,
            "settings": self.character.settings,
            "paper_mm": self.paper_mm,
            "speed_mm_s": self.speed_mm_s,
            "powered": machine.powered,
            "mouth": None if slip is None else {"slip": slip.index, "fate": slip.fate},
        }

    def close(self) -> None:
        """Stop all threads; files in the queue are finished first."""
        if self._line is not None:
            self._line.close()
        if self._fifo is not None:
            self._fifo.close()
        self.machine.stop()
        self._ended.set()
        self._late.put(None)
        self._sender.join(5)
        if self._album is not None:
            self._album.close()

    # -- called by the machine --------------------------------------------------------------

    def _ejected(self, slip: SlipRecord) -> None:
        self.slips.append(slip)
        del self.slips[:-KEPT_SLIPS]
        if self._album is not None:
            self._album.add(slip)
        self.machine.changed.notify_all()

    def _moved(self, slip: SlipRecord) -> None:
        if self._album is not None:
            self._album.moved(slip)

    def _written(self, data: bytes) -> None:
        """Bytes from the FIFO. They are lost where the buffer is full or the power is off."""
        self.machine.receive(data[: self.machine.room()], heard=False)

    def _nudge(self) -> None:
        if self._line is not None:
            self._line.nudge()

    def _settle(self) -> None:
        if self._line is not None:
            self._line.settle()

    # -- answers ----------------------------------------------------------------------------

    def _answer(self, data: bytes) -> None:
        faults = self.machine.faults
        if faults.mute or self._trigger.reached("stall") or not self.machine.powered:
            return
        if faults.garbage:
            data = corrupted(faults.garbage, data, self._random_lock, self._random)
        late_s = faults.delay_s + self.character.answer_s
        if late_s:
            self._late.put((time.monotonic() + late_s, data))
        elif faults.garbage == "split":
            for i in range(len(data)):
                self._send(data[i : i + 1])
        else:
            self._send(data)

    def _send(self, data: bytes) -> None:
        if self._line is not None:
            self._line.send(data)

    def _send_late(self) -> None:
        """Send delayed answers in the order in which they were made."""
        while (late := self._late.get()) is not None:
            due, data = late
            if self._ended.wait(max(0.0, due - time.monotonic())):
                return
            self._send(data)

    def _flood(self) -> bytes:
        with self._random_lock:
            return self._random.randbytes(CHUNK)
