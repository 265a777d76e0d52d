"""The staff PIN: which PINs are too easy to guess, and the file with its hash.

A PIN has few digits, so its hash alone protects little: a copy of the file can be searched in
minutes. It is therefore readable by the kiosk's user only, and ``attempts`` limits the tries at the
screen.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from itertools import pairwise
from pathlib import Path

from kiosk.domain.staff import LEAST_DIGITS, MOST_DIGITS
from kiosk.durable import write_private
from kiosk.errors import KioskError
from kiosk.messages import Message, reason

PIN_FILE = "staff-pin.json"
"""In the state folder."""

_COST, _BLOCK, _LANES = 1 << 14, 8, 1
"""scrypt (RFC 7914): 16 MB and about 50 ms for one hash."""
_MOST_MEMORY = 64 * 1024 * 1024
_SALT_BYTES, _KEY_BYTES = 16, 32

COMMON = frozenset(
    {
        *("2580", "0852", "1379", "1397", "7913", "1470", "3690", "147258", "159753"),
        *("112233", "445566", "123321", "100200", "246810", "135790"),
        *("1708", "0817", "170845", "17081945"),
    }
)
"""Figures of the pad, and the day of independence: the first that a stranger tries."""


def weakness(pin: str) -> Message | None:
    """Why ``pin`` is refused; None for one that may be used."""
    if not (pin.isascii() and pin.isdigit() and LEAST_DIGITS <= len(pin) <= MOST_DIGITS):
        return Message.of("pin.digits", least=LEAST_DIGITS, most=MOST_DIGITS)
    return Message("pin.weak") if _easy(pin) else None


def _easy(pin: str) -> bool:
    digits = [int(digit) for digit in pin]
    steps = {(b - a) % 10 for a, b in pairwise(digits)}
    repeats = any(
        pin == (pin[:n] * len(pin))[: len(pin)] and len(pin) >= 2 * n for n in range(1, len(pin))
    )
    year = len(pin) == 4 and pin[:2] in ("19", "20")
    return len(steps) == 1 or len(set(pin)) < 3 or repeats or year or pin in COMMON


class PinFile:
    """The file with the hash of the PIN in the state folder ``state``."""

    def __init__(self, state: Path) -> None:
        self._path = state / PIN_FILE

    @property
    def is_set(self) -> bool:
        """Whether there is a PIN. A file that cannot be read counts as none: nobody gets in."""
        return self._read() is not None

    def keep(self, pin: str) -> None:
        """Replace the PIN. Raises KioskError for a weak PIN or a file that cannot be written."""
        weak = weakness(pin)
        if weak is not None:
            raise KioskError(weak.key, **dict(weak.fields))
        salt = secrets.token_bytes(_SALT_BYTES)
        made = {"kdf": "scrypt", "n": _COST, "r": _BLOCK, "p": _LANES, "salt": salt.hex()}
        made["key"] = _key(pin, salt, _COST, _BLOCK, _LANES).hex()
        try:
            write_private(self._path, json.dumps(made).encode("ascii"))
        except OSError as error:
            raise KioskError("pin.keep", path=self._path, why=reason(error)) from error

    def matches(self, pin: str) -> bool:
        """Whether ``pin`` is the PIN; takes about 50 ms. False without a PIN."""
        kept = self._read()
        if kept is None:
            return False
        salt, key, cost = kept
        return hmac.compare_digest(_key(pin, salt, *cost), key)

    def _read(self) -> tuple[bytes, bytes, tuple[int, int, int]] | None:
        try:
            made = json.loads(self._path.read_text(encoding="ascii"))
            if made["kdf"] != "scrypt":
                return None
            cost = (int(made["n"]), int(made["r"]), int(made["p"]))
            return bytes.fromhex(made["salt"]), bytes.fromhex(made["key"]), cost
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _key(pin: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(
        pin.encode("ascii", "replace"),
        salt=salt,
        n=cost,
        r=block,
        p=lanes,
        maxmem=_MOST_MEMORY,
        dklen=_KEY_BYTES,
    )
