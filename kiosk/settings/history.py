"""The settings that were in use, kept in the state folder.

A kiosk must start after a power cut although a settings file has errors, because no officer may be
there to mend it. Each set of files that was put in use is kept here. While those in the settings
folder have errors, the newest set that can be read is used.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kiosk.domain.config import Settings
from kiosk.durable import sync_folder, write_durably
from kiosk.settings.assets import ASSETS
from kiosk.settings.languages import FOLDER as LOCALE
from kiosk.settings.languages import WORDS, word_files
from kiosk.settings.loader import FILES, check_settings, load_settings
from kiosk.settings.locale import available_languages
from menu.agencies import AGENCIES_FILE
from menu.problems import Report
from menu.text_file import read_bytes

FOLDER = "settings"
MOST = 30
"""How many sets are kept, the newest; and how many that ``put_back`` has replaced."""

_NAME = re.compile(r"(\d{6})-(\d{8}T\d{6}Z)")
_TIME = "%Y%m%dT%H%M%SZ"
_CONFIRMED = "confirmed"
_DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The bytes of the settings files at one moment, by name: all three, and the words of the
    site's own languages (``locale/jv/words.yaml``).

    ``unread``: the names of word files that are there and cannot be read. They are an error only
    where ``site.languages`` names their language.
    """

    bodies: Mapping[str, bytes]
    unread: frozenset[str] = frozenset()

    @staticmethod
    def take(folder: Path) -> Snapshot | None:
        """The files in ``folder``; None where one of the three cannot be read."""
        bodies = {name: read_bytes(folder / name, Report(name, "id")) for name in FILES}
        there = {name: body for name, body in bodies.items() if body is not None}
        if len(there) < len(FILES):
            return None
        words = {name: read_bytes(folder / name, Report(name, "id")) for name in word_files(folder)}
        read = {name: body for name, body in words.items() if body is not None}
        return Snapshot(there | read, frozenset(words.keys() - read.keys()))

    @property
    def digest(self) -> str:
        """SHA-256 of the agencies file, in hex."""
        return hashlib.sha256(self.bodies[AGENCIES_FILE]).hexdigest()

    def with_menu_of(self, other: Snapshot) -> Snapshot:
        """These files with the agencies file of ``other``."""
        bodies = {**self.bodies, AGENCIES_FILE: other.bodies[AGENCIES_FILE]}
        return replace(self, bodies=bodies)

    @contextlib.contextmanager
    def on_disk(self, taken_in: Path) -> Iterator[Path]:
        """A folder that holds these files until the end of the block. Raises OSError.

        One that could not be read is a link to the file in ``taken_in``, so that the check finds
        why.
        """
        with tempfile.TemporaryDirectory(prefix="mpp-kiosk-") as name:
            for file in (*self.bodies, *self.unread):
                path = Path(name) / file
                path.parent.mkdir(parents=True, exist_ok=True)
                if file in self.bodies:
                    path.write_bytes(self.bodies[file])
                else:
                    path.symlink_to((taken_in / file).absolute())
            yield Path(name)


@dataclass(frozen=True, slots=True)
class Kept:
    """A set of files that was in use. ``number`` counts up; ``since``: when it was put in use."""

    folder: Path
    number: int
    since: datetime


class SettingsHistory:
    """The sets in ``state``, which its owner alone may change."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def kept(self) -> tuple[Kept, ...]:
        """All sets, oldest first; none where the folder cannot be read."""
        found = []
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                match = _NAME.fullmatch(path.name)
                if match is not None:
                    since = datetime.strptime(match[2], _TIME).replace(tzinfo=UTC)
                    found.append(Kept(path, int(match[1]), since))
        return tuple(sorted(found, key=lambda kept: kept.number))

    def newest(self) -> Kept | None:
        """The set that was last put in use."""
        return next(reversed(self.kept()), None)

    def keep(self, snapshot: Snapshot, now: datetime) -> None:
        """Keep files that are put in use at ``now`` (aware), unless they are the newest already.

        The set appears whole or not at all, also after a power cut. Raises OSError.
        """
        sets = self.kept()
        last = Snapshot.take(sets[-1].folder) if sets else None
        if last is not None and last.bodies == snapshot.bodies:
            return
        draft = self._folder / _DRAFT
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        for name, body in snapshot.bodies.items():
            (draft / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(draft / name, body)
        for folder in {draft / above for name in snapshot.bodies for above in Path(name).parents}:
            sync_folder(folder)
        number = sets[-1].number + 1 if sets else 1
        draft.rename(self._folder / f"{number:06d}-{now.astimezone(UTC).strftime(_TIME)}")
        sync_folder(self._folder)
        for old in sets[: max(0, len(sets) + 1 - MOST)]:
            shutil.rmtree(old.folder, ignore_errors=True)

    def put_back(self, kept: Kept, config_dir: Path, now: datetime) -> Path:
        """Put the files of ``kept`` into ``config_dir``; the folder with those that were there.

        ``now`` (aware) names that folder. Each file that differs is replaced as a whole and keeps
        its owner and mode; where the kiosk may write the file but not the folder, it is written in
        place. A power cut in between leaves a broken file: the next start then uses the newest set.
        Nothing is written where one of them may not be. Words that the set lacks are moved to that
        folder where they would count all the same, in a language of the program; those of another
        language stay, unused. The menu counts as confirmed. Raises OSError.
        """
        prefix = f"replaced-{now.astimezone(UTC).strftime(_TIME)}-"
        saved = Path(tempfile.mkdtemp(prefix=prefix, dir=self._folder))
        config_dir.mkdir(parents=True, exist_ok=True)
        names = (*FILES, *word_files(kept.folder))
        for name in names:
            _check_writable(config_dir / name, (kept.folder / name).read_bytes())
        for name in names:
            target = config_dir / name
            for folder in (saved / name, target):
                folder.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                shutil.copy2(target, saved / name)
            _replace(target, (kept.folder / name).read_bytes())
        self._put_aside(kept, config_dir, saved)
        put_back = Snapshot.take(kept.folder)
        if put_back is not None:
            self.confirm(put_back)
        replaced = sorted(self._folder.glob("replaced-*"))
        for old in replaced[: max(0, len(replaced) - MOST)]:
            shutil.rmtree(old, ignore_errors=True)
        return saved

    def _put_aside(self, kept: Kept, config_dir: Path, saved: Path) -> None:
        """Move the words of the program's own languages that ``kept`` lacks to ``saved``."""
        shipped = {f"{LOCALE}/{code}/{WORDS}" for code in available_languages(ASSETS)}
        for name in shipped & (set(word_files(config_dir)) - set(word_files(kept.folder))):
            (saved / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(config_dir / name, saved / name)
            sync_folder((config_dir / name).parent)

    def confirm(self, snapshot: Snapshot) -> None:
        """Accept an agencies file that lacks many services of the one in use. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._folder / _CONFIRMED).write_text(snapshot.digest, encoding="ascii")

    def confirmed(self, snapshot: Snapshot) -> bool:
        """Whether ``confirm`` was called for this agencies file."""
        with contextlib.suppress(OSError, ValueError):
            return (self._folder / _CONFIRMED).read_text(encoding="ascii") == snapshot.digest
        return False


def _differs(target: Path, body: bytes) -> bool:
    try:
        return target.read_bytes() != body
    except OSError:
        return True


def _check_writable(target: Path, body: bytes) -> None:
    """Raise PermissionError where ``target`` must be written and cannot be."""
    if not _differs(target, body) or os.access(target, os.W_OK):
        return
    folder = next(above for above in target.parents if above.exists())
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))


def _replace(target: Path, body: bytes) -> None:
    """Write ``body`` to ``target``, durably, unless it is there already. Raises OSError."""
    if not _differs(target, body):
        return
    draft = target.with_name(f".{target.name}.new")
    if not os.access(target.parent, os.W_OK):
        with target.open("r+b") as file:
            file.write(body)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        return
    write_durably(draft, body)
    with contextlib.suppress(FileNotFoundError, PermissionError):
        before = target.stat()
        draft.chmod(before.st_mode)
        os.chown(draft, before.st_uid, before.st_gid)
    draft.replace(target)
    sync_folder(target.parent)


def load_kept(kept: Kept, config_dir: Path, lang: str) -> Settings:
    """The settings of a set; token, logo, certificates and fonts are those of ``config_dir``, and a
    language whose font is gone is not offered.

    Raises SettingsError where this version of the program no longer reads them.
    """
    return load_settings(config_dir, ASSETS, lang, files=kept.folder, lenient=True)


def load_snapshot(snapshot: Snapshot, config_dir: Path, lang: str) -> Settings:
    """The settings of ``snapshot``, which was taken in ``config_dir``.

    Raises SettingsError, its problems named as of ``config_dir``; OSError.
    """
    with snapshot.on_disk(config_dir) as files:
        return load_settings(config_dir, ASSETS, lang, files=files)


def problems_in(config_dir: Path, lang: str) -> tuple[str, ...]:
    """The errors of the files in ``config_dir``, each one line of ``lang``."""
    return tuple(str(problem) for problem in check_settings(config_dir, ASSETS, lang).errors)
