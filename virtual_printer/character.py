"""What a printer of one kind does: a value with a setting for each behaviour that differs.

``characters`` holds the known kinds as data. ``Character.with_settings`` changes single settings
of one, from the command line or the control port.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace

LARGEST_S = 3600.0
REAL_SPEED_MM_S = 150.0
"""Paper speed of a printer whose manual was not read for it: that of slow 80 mm printers."""

ANSWERS = {
    "dle_eot": "DLE EOT 1 to 4, at once",
    "gs_a": "automatic status (GS a); its form is the setting asb",
    "enq": "DLE ENQ 2: clears the buffer when an error has stopped the printer",
    "gs_r": "GS r 1, in turn",
    "gs_i": "GS I: type, maker, model",
    "pictures": "the list of stored pictures (GS ( L fn 64)",
    "clear": "DLE DC4 8: clears the buffer and answers 37 25 00",
    "process_id": "GS ( H fn 48, once everything before it is printed",
    "esc_v": "ESC v: paper sensor, in turn",
    "full_status": "DLE EOT 17 and DLE EOT 20 (six bytes), at once",
    "ejector": "GS e 6: state of the presenter, in turn",
    "auto_full_status": "GS E0 (1D E0 n): changes of the full status, unasked",
    "star": "Star's status: ESC ACK SOH at once, ESC RS a n for changes",
}
"""What a printer may know, by the name that the settings ``knows`` and ``lacks`` use."""

_C = frozenset({"dle_eot", "gs_a", "enq"})
_B = _C | {"gs_r", "gs_i", "pictures", "clear"}
LEVELS = {"A": _B | {"process_id"}, "B": _B, "C": _C, "D": frozenset[str]()}
"""Level -> what a printer of that level knows; ``knows`` adds to it, ``lacks`` takes from it."""

MOUTHS = ("none", "tear", "presenter")
LOCKOUTS = ("refuse", "ignore", "swallow")


@dataclass(frozen=True, slots=True)
class Character:
    """The behaviour of one kind of printer. Lengths in mm, times in seconds.

    ``sources`` name the manual or public issue of each behaviour.

    Answers: ``level`` with ``knows`` and ``lacks`` (``ANSWERS``); ``asb`` the form of ``GS a``;
    ``fixed_bits`` whether status bytes carry the fixed bits 12h; ``online_without_paper`` the end
    of the roll does not set the offline bit; ``quiet_while_feeding`` no status while paper moves;
    ``early`` questions in turn are answered on arrival instead of when their
    turn has come; ``answer_s`` each answer is sent this much late.

    Paper: ``chinese`` starts in Chinese mode after power-on and ``ESC @``; ``page_mode`` knows
    ``ESC L`` (without it, parameters of its commands print as letters); ``speed_mm_s`` the
    manual's speed; ``mark_mm`` distance of black marks, 0 for plain paper; ``memory_bytes`` for
    pictures; ``keeps_buffer`` the buffer survives a loss of power.

    Mouth: ``mouth`` is ``none`` (the slip drops), ``tear`` (it hangs until torn off) or
    ``presenter``; ``bit7`` reports it in DLE EOT 1; ``held`` a cut slip stays inside until
    ``GS e``; ``retracts`` the printer has a retractor; ``next_slip`` what the next slip does to one
    that still hangs: ``push`` it out or ``retract`` it; after ``mouth_s`` (0: never) the
    printer does ``mouth_then``; ``hand_s`` is when a hand takes the slip, None for never.

    Network: for ``lockout_s`` after a connection ends, a new one is refused, ignored (no reply to
    SYN) or swallowed (accepted, read, never printed or answered), as ``lockout`` says; ``second``
    says what a second client meets while one is connected: it ``waits`` or is ``refused``.
    """

    name: str
    about: str = ""
    sources: tuple[str, ...] = ()
    level: str = "A"
    knows: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    asb: str = "epson"
    fixed_bits: bool = True
    online_without_paper: bool = False
    quiet_while_feeding: bool = False
    early: bool = False
    answer_s: float = 0.0
    chinese: bool = False
    page_mode: bool = True
    speed_mm_s: float = REAL_SPEED_MM_S
    mark_mm: float = 0.0
    memory_bytes: int = 262_144
    keeps_buffer: bool = False
    mouth: str = "none"
    bit7: bool = False
    held: bool = False
    retracts: bool = False
    next_slip: str = "push"
    mouth_s: float = 0.0
    mouth_then: str = "retract"
    hand_s: float | None = None
    lockout_s: float = 0.0
    lockout: str = "refuse"
    second: str = "waits"

    @property
    def answers(self) -> frozenset[str]:
        """Everything that it knows (``ANSWERS``)."""
        return (LEVELS[self.level] | self.knows) - self.lacks

    @property
    def settings(self) -> dict[str, object]:
        """All settings as JSON values."""
        values = {name: getattr(self, name) for name in SETTINGS}
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in values.items()
        }

    def with_settings(self, changes: Mapping[str, object]) -> Character:
        """This character with ``changes``; ValueError for an unknown setting or value."""
        made = {}
        for name, value in changes.items():
            if name not in SETTINGS:
                raise ValueError(f"setting {name!r} is not known: {', '.join(SETTINGS)}")
            try:
                made[name] = SETTINGS[name](value)
            except (ValueError, TypeError) as error:
                raise ValueError(f"{name}: {error}") from None
        return replace(self, **made)  # type: ignore[arg-type]


def read_settings(pairs: Iterable[str]) -> dict[str, object]:
    """``NAME=VALUE`` with a JSON value, or else a text. Raises ValueError without a ``=``."""
    made: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"setting {pair!r}: expected NAME=VALUE")
        try:
            made[name] = json.loads(text)
        except ValueError:
            made[name] = text
    return made


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("expected true or false")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number of 0 to {LARGEST_S:g}")
    if not 0 <= value <= LARGEST_S:
        raise ValueError(f"expected a number of 0 to {LARGEST_S:g}")
    return float(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("expected a whole number of 0 or more")
    return value


def _maybe(value: object) -> float | None:
    return None if value is None else _number(value)


def _speed(value: object) -> float:
    speed = _number(value)
    if not speed:
        raise ValueError("expected more than 0")
    return speed


def _one_of(*choices: str) -> Callable[[object], object]:
    def read(value: object) -> object:
        if value not in choices:
            raise ValueError(f"expected {', '.join(choices[:-1])} or {choices[-1]}")
        return value

    return read


def _names(value: object) -> frozenset[str]:
    """A list of names, or one string with commas."""
    if isinstance(value, str):
        value = [part for part in value.split(",") if part]
    if not isinstance(value, Iterable):
        raise TypeError("expected a list of names")
    names = frozenset(str(name) for name in value)
    if unknown := sorted(names - set(ANSWERS)):
        raise ValueError(f"{unknown[0]!r} is not known: {', '.join(ANSWERS)}")
    return names


SETTINGS: dict[str, Callable[[object], object]] = {
    "level": _one_of("A", "B", "C", "D"),
    "knows": _names,
    "lacks": _names,
    "asb": _one_of("epson", "switch", "hwasung"),
    "fixed_bits": _flag,
    "online_without_paper": _flag,
    "quiet_while_feeding": _flag,
    "early": _flag,
    "answer_s": _number,
    "chinese": _flag,
    "page_mode": _flag,
    "speed_mm_s": _speed,
    "mark_mm": _number,
    "memory_bytes": _count,
    "keeps_buffer": _flag,
    "mouth": _one_of(*MOUTHS),
    "bit7": _flag,
    "held": _flag,
    "retracts": _flag,
    "next_slip": _one_of("push", "retract"),
    "mouth_s": _number,
    "mouth_then": _one_of("retract", "eject"),
    "hand_s": _maybe,
    "lockout_s": _number,
    "lockout": _one_of(*LOCKOUTS),
    "second": _one_of("waits", "refused"),
}
"""Setting -> function that checks a JSON value and gives that of the field of the same name."""

assert set(SETTINGS) == {field.name for field in fields(Character)} - {"name", "about", "sources"}  # noqa: S101
