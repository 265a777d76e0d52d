"""When and as what a file came to be: what no copy of it can carry along."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from pathlib import Path

_AT_FDCWD = -100
_STATX_BTIME = 0x800
_BTIME_AT = 80
"""Offset of ``stx_btime`` in ``struct statx`` (statx(2))."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def born_s(path: Path) -> float | None:
    """When the file at ``path`` was made, seconds since the epoch; None where nobody can say.

    No tool sets it: a file put back from a backup was born when it was put back.
    """
    buffer = ctypes.create_string_buffer(256)
    try:
        statx = ctypes.CDLL(None, use_errno=True).statx
    except (OSError, AttributeError):
        return None
    if statx(_AT_FDCWD, os.fsencode(path), 0, _STATX_BTIME, buffer) != 0:
        return None
    if not struct.unpack_from("I", buffer, 0)[0] & _STATX_BTIME:
        return None
    seconds, nanoseconds = struct.unpack_from("qI", buffer, _BTIME_AT)
    return float(seconds) + float(nanoseconds) / 1e9


def boot_id() -> str:
    """This start of the machine: within it a file's inode number stays what it is."""
    with contextlib.suppress(OSError):
        return _BOOT_ID.read_text(encoding="ascii").strip()
    return ""
