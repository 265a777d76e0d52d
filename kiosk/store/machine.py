"""Which machine this is: a journal that wakes up on another one was copied."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from kiosk.store.faults import translated

SYSTEM_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
FALLBACK_NAME = "machine-id"


def machine_id(folder: Path, system_files: tuple[Path, ...] = SYSTEM_FILES) -> str:
    """32 hex digits that tell this machine from others.

    Derived from the system's machine id, which must not be shown to others as it is
    (machine-id(5)). A system without one gets an id of its own, kept in ``folder``.
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
