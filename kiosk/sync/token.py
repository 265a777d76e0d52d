"""The file with the kiosk's token, readable by this user only."""

from __future__ import annotations

from pathlib import Path

from kiosk.durable import write_private
from kiosk.errors import KioskError
from kiosk.messages import reason


def keep_token(path: Path, token: str) -> None:
    """Write ``token`` to ``path``, as ``write_private`` does.

    Raises KioskError when the file cannot be written.
    """
    try:
        write_private(path, f"{token}\n".encode("ascii"))
    except OSError as error:
        raise KioskError("token.keep", path=path, why=reason(error)) from error
