"""The lock that makes one process the owner of journal and printer."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import socket
from pathlib import Path

from kiosk.errors import AlreadyRunning
from kiosk.store.faults import translate

LOCK_NAME = "kiosk.lock"
_PID_BYTES = 16
_USED = b"a journal was created here\n"
"""Behind the process id in the lock file. Staff who delete ``journal.*`` leave the lock file, and
with it the only sign that numbers may have been given."""


class OwnerLock:
    """The lock on a state folder, held until ``release`` or until the process dies.

    The lock is the flock(2) on the file, not the file: that stays behind, with the mark of
    ``mark_used``. Raises AlreadyRunning when another process holds the lock, JournalError when the
    folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK_NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise translate(error, path) from error
        try:
            _take(self._handle, fcntl.LOCK_EX)
        except AlreadyRunning:
            os.close(self._handle)
            raise
        self._name = _bind_name(folder)
        if self._name is None:
            os.close(self._handle)
            raise AlreadyRunning("journal.running_removed")
        # A full disk does not break the lock; only the owner's process id is missing then.
        with contextlib.suppress(OSError):
            os.pwrite(self._handle, f"{os.getpid():<{_PID_BYTES - 1}}\n".encode(), 0)

    def release(self) -> None:
        """Release the lock. Idempotent."""
        if self._handle >= 0:
            if self._name is not None:
                self._name.close()
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> OwnerLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def refuse_if_owned(folder: Path) -> None:
    """Raise AlreadyRunning when a process holds the lock. For a folder that cannot be written."""
    try:
        handle = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        _take(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def mark_used(folder: Path) -> None:
    """Record durably that a journal was created in ``folder``. Idempotent. Raises OSError."""
    if was_used(folder):
        return
    handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(handle).st_size < _PID_BYTES:
            os.pwrite(handle, os.pread(handle, _PID_BYTES, 0).strip().ljust(_PID_BYTES - 1), 0)
            os.pwrite(handle, b"\n", _PID_BYTES - 1)
        os.pwrite(handle, _USED, _PID_BYTES)
        os.fsync(handle)
    finally:
        os.close(handle)


def was_used(folder: Path) -> bool:
    """Whether ``mark_used`` was called for ``folder``. Raises OSError."""
    try:
        return (folder / LOCK_NAME).read_bytes()[_PID_BYTES:].startswith(_USED)
    except FileNotFoundError:
        return False


def _take(handle: int, kind: int) -> None:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except OSError as error:
        pid = os.pread(handle, _PID_BYTES, 0).decode("ascii", "replace").strip()
        key = "journal.running_as" if pid.isdigit() else "journal.running"
        raise AlreadyRunning(key, pid=pid) from error


def _bind_name(folder: Path) -> socket.socket | None:
    """Bind a name derived from the folder's path; None when another process has bound it.

    This excludes a second process also after the folder was deleted and made again. An abstract
    socket (unix(7)) leaves nothing on the disk and ends with its process.
    """
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()
    name = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        name.bind(f"\0mpp-kiosk-{digest}")
    except OSError:
        name.close()
        return None
    return name
