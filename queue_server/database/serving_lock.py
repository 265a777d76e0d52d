"""The lock that tells a restore that a server uses an SQLite database.

An advisory ``flock`` on a file beside the database: shared by servers, exclusive for a restore.
The kernel releases it with the process, also after kill -9. It is not on the database file itself:
closing a second descriptor of that file would drop SQLite's own locks in the same process.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from queue_server.errors import Unavailable, Unusable

SUFFIX = "-serving"


class ServingLock:
    """The lock of one database file. The lock file stays on the disk: it is empty."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = Path(os.path.realpath(database) + SUFFIX)
        self._descriptor: int | None = None

    def share(self) -> None:
        """For a server. Raises Unavailable while a restore holds the lock."""
        if not self._take(fcntl.LOCK_SH):
            raise Unavailable("database.restoring", path=self._database)

    def hold_alone(self) -> None:
        """For a restore. Raises Unusable while a server holds the lock."""
        if not self._take(fcntl.LOCK_EX):
            raise Unusable("database.serving")

    def release(self) -> None:
        """Release it; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, kind: int) -> bool:
        try:
            if self._descriptor is None:
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags, 0o600)
                give_to_owner(self._path, self._database)
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise Unavailable(
                "database.failed", path=self._path, why=error.strerror or error
            ) from error
        return True


def give_to_owner(made: Path, database: Path) -> None:
    """Let the server's user own a file that root made beside its database.

    Without this a command run as root leaves a file that the server cannot open.
    """
    if os.geteuid() != 0:
        return
    like = database if database.exists() else database.parent
    owner = like.stat()
    os.chown(made, owner.st_uid, owner.st_gid)
