"""Owner and modes of the state folder: only the kiosk's user may read journal, log and slips."""

from __future__ import annotations

import logging
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

UMASK = 0o077
"""New files get mode 0600, new folders 0700."""

OURS = (
    *("journal*", "kiosk.*", "*.json*", "*.part", "printer-job", "machine-id", "demo-of"),
    *("catalogue", "settings", "slips", "server", "kivy"),
)
"""What the kiosk puts into its state folder. Other entries keep their modes: somebody may have
named a folder that holds more than the kiosk's files."""

USED = ("kiosk.lock", "kiosk.log*", "journal*")
"""Signs that a kiosk has run in a folder."""

log = logging.getLogger(__name__)


def become_owner(folder: Path) -> None:
    """Where root works in another user's ``folder``, go on as that user: uid, gid and groups.

    Call before anything in ``folder`` is written. Files of root would be closed to the kiosk: it
    could not continue its journal, or not even lock it. SQLite makes files also when it only
    reads. Does nothing for other users. Raises OSError where the process may not change its user.
    """
    if os.geteuid() != 0:
        return
    found = folder.stat()
    if found.st_uid == 0:
        return
    try:
        user = pwd.getpwuid(found.st_uid)
    except KeyError:  # a user of another system, or of a container
        gid, groups = found.st_gid, [found.st_gid]
    else:
        gid, groups = user.pw_gid, os.getgrouplist(user.pw_name, user.pw_gid)
        os.environ |= {"HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name}
    os.setgroups(groups)
    os.setgid(gid)
    os.setuid(found.st_uid)


def give_to_owner(path: Path, folder: Path) -> None:
    """Root gives ``path``, with all that is in it, to the owner of ``folder``. Raises OSError."""
    if os.geteuid() == 0:
        owner = folder.stat()
        for one in (path, *(path.rglob("*") if path.is_dir() else ())):
            os.chown(one, owner.st_uid, owner.st_gid, follow_symlinks=False)


def keep_private(folder: Path) -> None:
    """Create files with UMASK from now on, and take the rights of group and others off ``folder``
    and off what earlier versions left in it.

    A failure is logged: a kiosk whose files have the wrong mode still gives numbers. The folder
    stays as it is where it belongs to another user or has the sticky bit (/tmp). Nothing is changed
    where no kiosk has run (no lock, log or journal): somebody may have named a folder by mistake.
    """
    os.umask(UMASK)
    try:
        if not any(next(folder.glob(pattern), None) for pattern in USED):
            return
        found = folder.lstat()
        if found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
            _correct(folder)
        for path in _ours(folder):
            _correct(path)
    except OSError as error:
        log.warning("file modes in %s cannot be corrected: %s", folder, error.strerror)


def _ours(folder: Path) -> Iterator[Path]:
    for pattern in OURS:
        for path in folder.glob(pattern):
            yield path
            if path.is_dir() and not path.is_symlink():
                yield from path.rglob("*")


def _correct(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
        if mode & UMASK and (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            path.chmod(stat.S_IMODE(mode) & ~UMASK)
    except FileNotFoundError:
        return  # SQLite and the virtual printer remove files while the folder is read
    except PermissionError as error:
        log.warning("the mode of %s cannot be corrected: %s", path, error.strerror)
