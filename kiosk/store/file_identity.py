"""Facts that a copy of a file does not keep: its birth time, its inode, the machine's id."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import secrets
import struct
from pathlib import Path

from kiosk.store.faults import translated

_AT_FDCWD = -100
_STATX_BTIME = 0x800
_BTIME_AT = 80
"""Offset of ``stx_btime`` in ``struct statx`` (statx(2))."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def born_s(path: Path) -> float | None:
    """The birth time of the file at ``path``, Unix seconds; None on a filesystem without it.

    No tool can set it: a file restored from a backup was born when it was restored.
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
    """The id of this boot. Inode numbers are compared within one boot only."""
    with contextlib.suppress(OSError):
        return _BOOT_ID.read_text(encoding="ascii").strip()
    return ""


SYSTEM_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
FALLBACK_NAME = "machine-id"


def machine_id(folder: Path, system_files: tuple[Path, ...] = SYSTEM_FILES) -> str:
    """32 hex digits that tell this machine from others.

    Derived from the system's machine id, which must not be shown to others as it is
    (machine-id(5)). A system without one gets a random id, stored in ``folder``.
    Raises JournalError when that cannot be written.
    """
    for path in system_files:
        found = _read(path)
        if found:
            return _derived(found)
    own = folder / FALLBACK_NAME
    with translated(own):
        folder.mkdir(parents=True, exist_ok=True)
        found = _read(own)
        if not found:
            found = secrets.token_hex(16)
            draft = own.with_name(own.name + ".new")
            draft.write_text(found + "\n", encoding="ascii")
            draft.replace(own)
    return _derived(found)


def _read(path: Path) -> str:
    """The id in ``path``; empty when there is none ("uninitialized" while an image first boots)."""
    try:
        text = path.read_text(encoding="ascii").strip().lower()
    except (OSError, UnicodeDecodeError):
        return ""
    return text if len(text) == 32 and set(text) <= set("0123456789abcdef") else ""


def _derived(machine: str) -> str:
    return hashlib.sha256(b"mpp-kiosk journal " + machine.encode()).hexdigest()[:32]
