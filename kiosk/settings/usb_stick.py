"""Settings files on a USB stick that staff plug in: which are read, and how.

A stick comes from any computer. Only files with fixed names are read, as bytes, and only regular
ones of a limited size: nothing on it is executed, links are not followed, and a FIFO does not
block. Reading may block in the system on a stick that fails: call it on a thread that nothing
waits for.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.messages import reason
from kiosk.settings.languages import FOLDER as LOCALE
from kiosk.settings.languages import WORDS
from kiosk.settings.loader import FILES
from menu.agencies import AGENCIES_FILE
from menu.text_file import MOST_BYTES

PLACES = ("mpp-kiosk", "config", "")
"""Folders of a stick that are looked into; the first that holds one of the files counts. The last
one is the stick itself."""

OTHER_NAMES = ("agencies.yml", "agencies.yaml.txt", "agencies.txt")
"""Names that an editor or a system may have given to the agencies file."""

MOST_LANGUAGES = 20
MOST_ENTRIES = 500
"""Entries of the stick's ``locale`` folder that are looked at."""


_CODE = re.compile(r"[a-z]{2,3}")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class StickFiles:
    """The bytes of the settings files on a stick, by name, as ``Snapshot.bodies`` has them.

    At least one of the three settings files, and the word files beside it.
    """

    bodies: Mapping[str, bytes]


def read_stick(mount: Path) -> StickFiles:
    """The settings files on the stick that is mounted at ``mount``.

    Raises KioskError, in words for staff: no stick, no settings on it, or one that is not read.
    """
    try:
        root = os.open(mount, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise KioskError("usb.not_set_up", folder=mount) from error
    try:
        return _read(root)
    except OSError as error:
        raise KioskError("usb.unreadable", why=reason(error)) from error
    finally:
        os.close(root)


def _read(root: int) -> StickFiles:
    if not _names(root, 1):
        raise KioskError("usb.none")
    for place in PLACES:
        with _folder(place or ".", root) as folder:
            if folder is None:
                continue
            bodies = {name: _body(name, folder) for name in FILES}
            found = {name: body for name, body in bodies.items() if body is not None}
            if found:
                return StickFiles(found | _words(folder))
            for name in OTHER_NAMES:
                if _body(name, folder) is not None:
                    raise KioskError("usb.other_name", name=name, wanted=AGENCIES_FILE)
    raise KioskError("usb.nothing", names=", ".join(FILES))


@contextmanager
def _folder(name: str, parent: int) -> Iterator[int | None]:
    """A descriptor of the folder ``name``; None where there is none. A link is none."""
    try:
        found = os.open(name, _FOLDER, dir_fd=parent)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            raise
        yield None
        return
    try:
        yield found
    finally:
        os.close(found)


def _body(name: str, folder: int) -> bytes | None:
    """The bytes of a file; None where there is none. KioskError for a link, a special file and one
    of more than ``MOST_BYTES``."""
    try:
        handle = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link; a socket
            raise KioskError("usb.special", name=name) from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise KioskError("usb.special", name=name)
    with os.fdopen(handle, "rb") as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise KioskError("usb.large", name=name, mb=MOST_BYTES // 1_000_000)
    return body


def _names(folder: int, most: int) -> list[str]:
    """The names of the first ``most`` entries, sorted."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in islice(entries, most))


def _words(folder: int) -> dict[str, bytes]:
    """The word files of the site's own languages."""
    found: dict[str, bytes] = {}
    with _folder(LOCALE, folder) as locale:
        if locale is None:
            return found
        codes = [name for name in _names(locale, MOST_ENTRIES) if _CODE.fullmatch(name)]
        for code in codes[:MOST_LANGUAGES]:
            with _folder(code, locale) as language:
                body = None if language is None else _body(WORDS, language)
            if body is not None:
                found[f"{LOCALE}/{code}/{WORDS}"] = body
    return found
