"""Private files of the state folder: replaced as a whole, readable by the kiosk's user only."""

from __future__ import annotations

import os
from pathlib import Path


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
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
