"""The file with the kiosk's token, readable by this user only."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.messages import reason


def keep_token(path: Path, token: str) -> None:
    """Write ``token`` to ``path`` atomically (temporary file, fsync, rename), mode 0600.

    Raises KioskError when the file cannot be written.
    """
    draft = path.with_name(path.name + ".new")
    try:
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(token + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise KioskError("token.keep", path=path, why=reason(error)) from error
