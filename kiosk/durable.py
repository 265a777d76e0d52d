"""Files that are whole after a power cut: written with fsync, replaced by rename.

A rename is on the disk only after an fsync of its folder; without it the folder may hold the old
name, or no name, after the power returns.
"""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(path: Path, body: bytes) -> None:
    """Write ``body`` to ``path``; it is on the disk when this returns. Raises OSError.

    The entry in the folder is not: see ``sync_folder``.
    """
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def write_private(path: Path, body: bytes) -> None:
    """Replace ``path`` atomically (draft, fsync, rename, fsync of the folder), mode 0600.

    Root gives the file to the owner of the folder: the kiosk, which runs as another user, must be
    able to read it. Raises OSError.
    """
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        if os.geteuid() == 0:
            folder = path.parent.stat()
            os.fchown(file.fileno(), folder.st_uid, folder.st_gid)
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Write the names in ``folder`` to the disk (fsync of a directory). Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
