"""The faults of a virtual printer, set and mended while it runs."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field

STATES = ("near_end", "cover_open", "cutter_jam", "error", "overheated", "offline", "mute")
"""Faults that are on or off; each may begin at once, at a byte of a job or after some paper."""

LINE = ("stall", "close", "reset", "swallow")
"""Faults of the connection; each begins at a byte of a job."""

EVENTS = ("second_host", "wipe_memory", "power_cycle")
"""What happens once instead of lasting; each may happen at once, at a byte or after some paper."""

GARBAGE = ("random", "endless", "wrong_id", "split")
KIOSK_STATES = ("mark_missing", "mouth_jam")
"""Faults of kiosk printers that are on or off."""

NAMES = ("paper_out", *STATES, *KIOSK_STATES, "garbage", "delay", "refuse", *LINE, *EVENTS)
"""All faults that ``Faults.set`` and ``Faults.mend`` know."""


@dataclass(slots=True)
class Faults:
    """The present faults. Lengths in mm, times in seconds; None, False or empty: no fault.

    ``paper_left_mm``: paper until the roll ends, None for an endless roll. ``after_mm`` and
    ``at_bytes`` hold faults that will begin later, by name. Bytes of a job are counted
    from the ``ESC @`` that begins it; ``cut_off`` is one of ``stall`` (reads no more),
    ``close``, ``reset`` and ``swallow`` (reads and drops), at ``at_byte``. ``garbage`` is
    ``random``, ``endless``, ``wrong_id`` or ``split`` (each byte of an answer sent separately).
    ``passing`` names the faults that are mended as soon as they have begun. ``mark_missing``: the
    paper has no black marks; ``mouth_jam``: the slip is stuck in the presenter. ``plans`` holds the
    options of events that will happen, ``due`` the events that have begun, until the machine
    carries them out; ``repeating`` that a second host prints again and again.
    """

    paper_left_mm: float | None = None
    near_end: bool = False
    cover_open: bool = False
    cutter_jam: bool = False
    error: bool = False
    overheated: bool = False
    offline: bool = False
    mute: bool = False
    garbage: str = ""
    delay_s: float = 0.0
    refuse: bool = False
    cut_off: str = ""
    at_byte: int = 0
    after_mm: dict[str, float] = field(default_factory=dict)
    at_bytes: dict[str, int] = field(default_factory=dict)
    passing: list[str] = field(default_factory=list)
    mark_missing: bool = False
    mouth_jam: bool = False
    plans: dict[str, dict[str, object]] = field(default_factory=dict)
    due: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    repeating: bool = False

    def set(self, name: str, **how: object) -> None:
        """Set the fault ``name``. Raises ValueError for an unknown fault or option.

        Options: ``paper_out`` and the ``STATES`` begin at once, after ``at_mm`` of paper or at
        ``at_byte`` of the next job, and with ``mended`` end as soon as they have begun;
        ``garbage`` takes ``kind``, ``delay`` takes ``seconds``, ``refuse`` takes nothing;
        ``stall``, ``close``, ``reset`` and ``swallow`` take ``at_byte``. Events take ``at_mm`` or
        ``at_byte``; ``second_host`` also ``text`` and ``every_s``, ``power_cycle`` also ``seconds``
        without power and ``buffer``, ``kept`` or ``lost``.
        """
        if name in STATES or name == "paper_out":
            self._begin(name, how)
        elif name in EVENTS:
            self._plan(name, how)
        elif name in KIOSK_STATES:
            setattr(self, name, True)
        elif name in LINE:
            self.cut_off, self.at_byte = name, int(_number(how, "at_byte"))
        elif name == "refuse":
            self.refuse = True
        elif name == "garbage":
            kind = str(how.pop("kind", "random"))
            if kind not in GARBAGE:
                raise ValueError(f"garbage of kind {kind!r} is not known: {', '.join(GARBAGE)}")
            self.garbage = kind
        elif name == "delay":
            if "seconds" not in how:
                raise ValueError("delay takes seconds")
            self.delay_s = _number(how, "seconds")
        else:
            raise _unknown(name)
        if how:
            raise ValueError(f"fault {name!r} takes no {', '.join(how)}")

    def _begin(self, name: str, how: dict[str, object]) -> None:
        if "at_mm" in how and "at_byte" in how:
            raise ValueError("at_mm or at_byte, not both")
        mended = how.pop("mended", False)
        if mended not in (True, False):
            raise ValueError("mended is true or false")
        if mended and name not in self.passing:
            self.passing.append(name)
        if "at_byte" in how:
            self.at_bytes[name] = int(_number(how, "at_byte"))
        elif name == "paper_out":
            self.paper_left_mm = _number(how, "at_mm")
        elif "at_mm" in how:
            self.after_mm[name] = _number(how, "at_mm")
        else:
            setattr(self, name, True)

    def _plan(self, name: str, how: dict[str, object]) -> None:
        options: dict[str, object] = {}
        if name == "second_host":
            options["text"] = str(how.pop("text", "SECOND HOST"))
            options["after_received"] = "at_byte" in how
            options["every_s"] = _number(how, "every_s")
            self.repeating = bool(options["every_s"])
        elif name == "power_cycle":
            options["seconds"] = _number(how, "seconds") if "seconds" in how else 1.0
            options["buffer"] = how.pop("buffer", None)
            if options["buffer"] not in (None, "kept", "lost"):
                raise ValueError("buffer is kept or lost")
        if "at_mm" in how and "at_byte" in how:
            raise ValueError("at_mm or at_byte, not both")
        if "at_byte" in how:
            self.plans[name], self.at_bytes[name] = options, int(_number(how, "at_byte"))
        elif "at_mm" in how:
            self.plans[name], self.after_mm[name] = options, _number(how, "at_mm")
        else:
            self.due.append((name, options))

    def begin(self, name: str) -> None:
        """Begin a fault or event that was set for later."""
        if name in EVENTS:
            self.due.append((name, self.plans.pop(name, {})))
        elif name == "paper_out":
            self.paper_left_mm = 0.0
        else:
            setattr(self, name, True)

    def mend(self, name: str = "") -> None:
        """Clear the fault ``name``, or all of them. Raises ValueError for an unknown one."""
        if name and name not in NAMES:
            raise _unknown(name)
        fresh = Faults()
        fields = {
            "paper_out": ("paper_left_mm",),
            "delay": ("delay_s",),
            **dict.fromkeys(LINE, ("cut_off", "at_byte")),
            **dict.fromkeys(EVENTS, ()),
            "second_host": ("repeating",),
        }
        names = tuple(self.__slots__) if not name else fields.get(name, (name,))
        for field_name in names:
            setattr(self, field_name, getattr(fresh, field_name))
        self.after_mm.pop(name, None)
        self.at_bytes.pop(name, None)
        self.plans.pop(name, None)
        self.passing = [other for other in self.passing if other != name]

    def fed(self, length_mm: float) -> list[str]:
        """Count ``length_mm`` of paper. Returns the faults that begin within it, now set."""
        begun = [name for name, left in self.after_mm.items() if left < length_mm]
        for name in begun:
            del self.after_mm[name]
            self.begin(name)
        self.after_mm = {name: left - length_mm for name, left in self.after_mm.items()}
        return begun


def _unknown(name: str) -> ValueError:
    return ValueError(f"fault {name!r} is not known: {', '.join(NAMES)}")


def _number(how: dict[str, object], key: str) -> float:
    value = how.pop(key, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LARGEST:
        raise ValueError(f"{key} is a number of 0 or more")
    return float(value)


LARGEST = 1e9


@dataclass(slots=True)
class FaultTrigger:
    """Counts the bytes of a job and finds the byte at which a fault begins."""

    faults: Faults
    passed: int = 0
    counting: bool = False

    def admit(self, data: bytes) -> tuple[bytes, str, bytes]:
        """Split ``data`` at the next fault: the bytes before it, its name, the bytes after it.

        The name is ``""`` where no fault begins. The caller passes the rest in again.
        """
        faults = self.faults
        kinds = [(at, name) for name, at in faults.at_bytes.items()]
        if faults.cut_off:
            kinds.append((faults.at_byte, faults.cut_off))
        if not kinds:
            self.counting, self.passed = False, 0
            return data, "", b""
        start = 0
        if not self.counting:
            start = data.find(b"\x1b@")
            if start < 0:
                return data, "", b""
            self.counting = True
        at_byte, kind = min(kinds)
        room = max(0, at_byte - self.passed)
        taken, left = data[: start + room], data[start + room :]
        self.passed += len(taken) - start
        return (taken, kind, left) if self.passed >= at_byte else (taken, "", left)

    def reached(self, kind: str) -> bool:
        """Whether the line fault ``kind`` has begun."""
        faults = self.faults
        return faults.cut_off == kind and self.counting and self.passed >= faults.at_byte


def corrupted(kind: str, answer: bytes, lock: threading.Lock, source: random.Random) -> bytes:
    """``answer`` as a printer with the fault ``garbage`` of this ``kind`` sends it."""
    with lock:
        if kind == "wrong_id" and answer[:2] == b"\x37\x22":
            return b"\x37\x22" + bytes(33 + source.randrange(90) for _ in range(4)) + b"\x00"
        if kind in ("random", "endless"):
            return source.randbytes(source.randint(1, 8))
    return answer
