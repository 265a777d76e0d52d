"""Split ESC/POS bytes into commands, one at a time, as a printer reads its receive buffer.

Command lengths: Epson ESC/POS command reference; ``GS e``, ``GS E0``, ``GS E7``, ``GS F6`` and
``GS F8``: Custom and Pyramid command references; ``ESC RS``, ``ESC SYN`` and ``ESC ACK``: Star Line
Mode command specifications (``characters`` has the pages). An unknown command is named ``?`` and
taken to be two bytes long.
"""

from __future__ import annotations

from dataclasses import dataclass

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name as the manual writes it and its parameters.

    A run of characters is a command named ``text`` whose ``args`` are those characters.
    """

    name: str
    args: bytes = b""


ONE_BYTE = {0x0A: "LF", 0x0D: "CR", 0x0C: "FF", 0x09: "HT", 0x18: "CAN"}

# Number of parameter bytes after the two bytes of the name.
ESC_LENGTHS = {
    **dict.fromkeys(b"@2<LSv", 0),
    **dict.fromkeys(b" !-3=AEGJKMQRTUVadert{", 1),
    **dict.fromkeys(b"$\\BCc", 2),
    **dict.fromkeys(b"p", 3),
    **dict.fromkeys(b"W", 8),
    **dict.fromkeys(b"im", 0),
}  # fmt: skip
GS_LENGTHS = {
    **dict.fromkeys(b":", 0),
    **dict.fromkeys(b"!/BHIabfhrw", 1),
    **dict.fromkeys(b"$LPW\\", 2),
    **dict.fromkeys(b"^", 3),
}  # fmt: skip
# Commands whose second byte is no letter, and those of kiosk printers.
NAMED = {
    b"\x1b\x06": ("ESC ACK", 1),
    b"\x1b\x16": ("ESC SYN", 2),
    b"\x1b\x1e": ("ESC RS", 2),
    b"\x1d\x0c": ("GS FF", 0),
    b"\x1d\xe0": ("GS E0", 1),
    b"\x1d\xe7": ("GS E7", 2),
    b"\x1d\xf6": ("GS F6", 0),
    b"\x1d\xf8": ("GS F8", 0),
}
EJECTOR_LENGTHS = {3: 2, 32: 3}
"""First parameter of ``GS e`` -> number of parameters; one for all others."""

CLEAR_BUFFER = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


def next_command(data: bytes | bytearray | memoryview) -> tuple[Command | None, int]:
    """The first command in ``data`` and its length in bytes; (None, 0) while it is incomplete."""
    if not data:
        return None, 0
    first = data[0]
    if first in ONE_BYTE:
        return Command(ONE_BYTE[first]), 1
    if first in (DLE, ESC, FS, GS):
        if len(data) < 2:
            return None, 0
        named = NAMED.get(bytes(data[:2]))
        if named is not None:
            return _take(bytes(data[:5]), named[0], 2, named[1])
        return {DLE: _dle, ESC: _esc, FS: _fs, GS: _gs}[first](bytes(data))
    if first < 0x20:
        return Command("ignored", bytes((first,))), 1
    end = 1
    while end < len(data) and data[end] >= 0x20:
        end += 1
    return Command("text", bytes(data[:end])), end


def _take(data: bytes, name: str, start: int, count: int) -> tuple[Command | None, int]:
    end = start + count
    if len(data) < end:
        return None, 0
    return Command(name, data[start:end]), end


def _dle(data: bytes) -> tuple[Command | None, int]:
    """A real-time command. It was executed on arrival, so the caller only skips it."""
    if data[1] == 0x14:
        if len(data) < 3:
            return None, 0
        return _take(data, "DLE DC4", 2, 8 if data[2] == 8 else 3)
    names = {0x04: "DLE EOT", 0x05: "DLE ENQ"}
    if data[1] in names:
        return _take(data, names[data[1]], 2, 1)
    return Command("ignored", data[:1]), 1


def _esc(data: bytes) -> tuple[Command | None, int]:
    name = f"ESC {chr(data[1])}"
    if data[1] == ord("*"):
        if len(data) < 5:
            return None, 0
        per_column = 3 if data[2] in (32, 33) else 1
        return _take(data, name, 2, 3 + per_column * (data[3] + 256 * data[4]))
    if data[1] == ord("D"):
        end = data.find(0, 2, 36)
        return (Command(name, data[2:end]), end + 1) if end >= 0 else (None, 0)
    if data[1] == ord("("):
        return _sized(data, name)
    if data[1] in ESC_LENGTHS:
        return _take(data, name, 2, ESC_LENGTHS[data[1]])
    return Command("?", data[:2]), 2


def _fs(data: bytes) -> tuple[Command | None, int]:
    name = f"FS {chr(data[1])}"
    if data[1] == ord("("):
        return _sized(data, name)
    lengths = {
        ord("."): 0,
        ord("&"): 0,
        ord("!"): 1,
        ord("C"): 1,
        ord("p"): 2,
        ord("S"): 2,
        ord("-"): 1,
        ord("W"): 1,
    }
    if data[1] in lengths:
        return _take(data, name, 2, lengths[data[1]])
    return Command("?", data[:2]), 2


def _gs(data: bytes) -> tuple[Command | None, int]:
    name = f"GS {chr(data[1])}"
    if data[1] == ord("("):
        return _sized(data, name)
    if data[1:3] == b"8L":
        # "GS ( L" with a length of four bytes, for pictures of 64 KB and more.
        length = int.from_bytes(data[3:7], "little")
        return _take(data, "GS ( L", 7, length) if len(data) >= 7 else (None, 0)
    if data[1] == ord("V"):
        if len(data) < 3:
            return None, 0
        return _take(data, name, 2, 1 if data[2] in (0, 1, 48, 49) else 2)
    if data[1] == ord("v"):
        if len(data) < 8:
            return None, 0
        size = (data[4] + 256 * data[5]) * (data[6] + 256 * data[7])
        return _take(data, "GS v 0", 3, 5 + size)
    if data[1] == ord("k"):
        return _barcode(data, name)
    if data[1] == ord("e"):
        if len(data) < 3:
            return None, 0
        return _take(data, name, 2, EJECTOR_LENGTHS.get(data[2], 1))
    if data[1] in GS_LENGTHS:
        return _take(data, name, 2, GS_LENGTHS[data[1]])
    return Command("?", data[:2]), 2


def _sized(data: bytes, name: str) -> tuple[Command | None, int]:
    """``GS ( x pL pH ...``: the letter is part of the name; pL and pH give the length."""
    if len(data) < 5:
        return None, 0
    return _take(data, f"{name} {chr(data[2])}", 5, data[3] + 256 * data[4])


def _barcode(data: bytes, name: str) -> tuple[Command | None, int]:
    if len(data) < 4:
        return None, 0
    if data[2] >= 65:
        return _take(data, name, 2, 2 + data[3])
    end = data.find(0, 3)
    return (Command(name, data[2:end]), end + 1) if end >= 0 else (None, 0)
