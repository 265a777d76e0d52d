"""The faults that a virtual printer can have; set and mended while it runs."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """What is wrong now. Lengths in mm, times in seconds; None or False: nothing is.

    ``paper_left_mm``: the roll ends after so many more millimetres. ``at_byte`` faults
    count the bytes of a job, from the ``ESC @`` that begins it; ``cut_off`` is one of
    ``stall`` (takes no more), ``close``, ``reset`` and ``swallow`` (takes and forgets).
    ``garbage`` is ``random``, ``endless``, ``wrong_id`` or ``split`` (each byte of an
    answer on its own).
    """

    paper_left_mm: float | None = None
    near_end: bool = False
    cover_open: bool = False
    cutter_jam: bool = False
    error: bool = False
    offline: bool = False
    mute: bool = False
    garbage: str = ""
    delay_s: float = 0.0
    refuse: bool = False
    cut_off: str = ""
    at_byte: int = 0

    def set(self, name: str, **how: object) -> None:
        """Bring about the fault ``name``; ValueError for one that does not exist.

        ``paper_out`` (``at_mm``, from now), ``near_end``, ``cover_open``, ``cutter_jam``,
        ``error``, ``offline``, ``mute``, ``garbage`` (``kind``), ``delay`` (``seconds``),
        ``refuse``, and ``stall``, ``close``, ``reset``, ``swallow`` (``at_byte``).
        """
        match name:
            case "paper_out":
                self.paper_left_mm = _number(how, "at_mm")
            case "near_end" | "cover_open" | "cutter_jam" | "error" | "offline":
                setattr(self, name, True)
            case "mute" | "refuse":
                setattr(self, name, True)
            case "garbage":
                kind = str(how.pop("kind", "random"))
                if kind not in ("random", "endless", "wrong_id", "split"):
                    raise ValueError(f"garbage of kind {kind!r} is not known")
                self.garbage = kind
            case "delay":
                self.delay_s = _number(how, "seconds")
            case "stall" | "close" | "reset" | "swallow":
                self.cut_off, self.at_byte = name, int(_number(how, "at_byte"))
            case _:
                raise ValueError(f"fault {name!r} is not known")
        if how:
            raise ValueError(f"fault {name!r} takes no {', '.join(how)}")

    def mend(self, name: str = "") -> None:
        """Mend the fault ``name``, or all of them; ValueError for one that does not exist."""
        fresh = Faults()
        fields = {
            "paper_out": ("paper_left_mm",),
            "delay": ("delay_s",),
            **dict.fromkeys(("stall", "close", "reset", "swallow"), ("cut_off", "at_byte")),
        }
        names = tuple(self.__slots__) if not name else fields.get(name, (name,))
        for field_name in names:
            if field_name not in self.__slots__:
                raise ValueError(f"fault {name!r} is not known")
            setattr(self, field_name, getattr(fresh, field_name))


def _number(how: dict[str, object], key: str) -> float:
    value = how.pop(key, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{key} is a number of 0 or more")
    return float(value)


@dataclass(slots=True)
class Gate:
    """Lets the bytes of a job through up to the ``at_byte`` of a ``cut_off`` fault."""

    faults: Faults
    passed: int = 0
    counting: bool = False
    _last: bytes = field(default=b"")

    def admit(self, data: bytes) -> tuple[bytes, str]:
        """What the printer takes of ``data``, and the cut-off that has been reached or ``""``."""
        kind = self.faults.cut_off
        if not kind:
            self.counting, self.passed = False, 0
            return data, ""
        start = 0
        if not self.counting:
            start = data.find(b"\x1b@")
            if start < 0:
                return data, ""
            self.counting = True
        room = max(0, self.faults.at_byte - self.passed)
        taken = data[: start + room]
        self.passed += len(taken) - start
        return (taken, kind) if self.passed >= self.faults.at_byte else (taken, "")


def rubbish(ident: str, answer: bytes, lock: threading.Lock, source: random.Random) -> bytes:
    """``answer`` as a printer with ``garbage`` of this kind gives it."""
    with lock:
        if ident == "wrong_id" and answer[:2] == b"\x37\x22":
            return b"\x37\x22" + bytes(33 + source.randrange(90) for _ in range(4)) + b"\x00"
        if ident in ("random", "endless"):
            return source.randbytes(source.randint(1, 8))
    return answer
