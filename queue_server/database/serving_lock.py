"""The lock of an SQLite database against a restore, and who owns and may read its files.

An advisory ``flock`` on a file beside the database: shared by servers and by commands that write,
exclusive for a restore.
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
        """For a server or a command that writes. Raises Unavailable during a restore."""
        if not self._take(fcntl.LOCK_SH):
            raise Unavailable("database.restoring", path=self._database)

    def hold_alone(self) -> None:
        """For a restore. Raises Unusable while another process holds the lock."""
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


def create_private(database: Path) -> None:
    """Create an empty database file with mode 0600, unless there is one.

    SQLite would create it with the mode of the umask, and its ``-wal`` and ``-shm`` like it. Raises
    Unavailable.
    """
    path = Path(os.path.realpath(database))
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        give_to_owner(path, path)
    except FileExistsError:
        return
    except OSError as error:
        why = error.strerror or error
        raise Unavailable("database.failed", path=database, why=why) from error


def give_to_owner(made: Path, database: Path) -> None:
    """Let the server's user own a file that root made beside its database.

    Without this a command run as root leaves a file that the server cannot open.
    """
    if os.geteuid() != 0:
        return
    like = database if made != database and database.exists() else database.parent
    owner = like.stat()
    os.chown(made, owner.st_uid, owner.st_gid)
