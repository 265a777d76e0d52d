"""File modes of the state folder: only the kiosk's own user may read journal, log and slips."""

from __future__ import annotations

import logging
import os
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

log = logging.getLogger(__name__)


def keep_private(folder: Path) -> None:
    """Create files with UMASK from now on, and take the rights of group and others off ``folder``
    and off what earlier versions left in it.

    A failure is logged: a kiosk whose files have the wrong mode still gives numbers. The folder
    stays as it is where it belongs to another user or has the sticky bit (/tmp).
    """
    os.umask(UMASK)
    try:
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
