"""The settings on a USB stick, as the staff screen offers them: checked, compared, put in use.

``read`` takes the bytes; what is shown and what is accepted afterwards are those, whatever becomes
of the stick. Runs on the staff thread, and reads the stick on one of its own, because a stick that
fails can block a read for minutes.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kiosk.domain.config import Settings
from kiosk.domain.staff import NO_USB, UsbFacts
from kiosk.errors import KioskError, SettingsError
from kiosk.messages import TEXTS, reason
from kiosk.settings.assets import ASSETS
from kiosk.settings.changes import settings_changes
from kiosk.settings.history import Kept, SettingsHistory, Snapshot, load_kept
from kiosk.settings.loader import FILES, KIOSK_FILE, check_settings
from kiosk.settings.usb_stick import StickFiles, read_stick
from menu.catalogue import lost
from menu.local_text import LocalText
from menu.problems import FileProblem

READ_S = 15.0
"""After this long a stick counts as one that does not answer. A slow one reads 40 MB in 8 s."""

MOST_LINES = 60
"""Sentences that are kept for the screen; the rest is counted."""

log = logging.getLogger(__name__)


class UsbKiosk(Protocol):
    """What is used of the running kiosk."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""

    def now(self) -> datetime:
        """The time at the site, aware."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """``snapshot``: the files as they would be in the settings folder; ``facts``: about them."""

    snapshot: Snapshot
    facts: UsbFacts


class UsbOffer:
    """What staff were last shown of a stick. Calls come from one thread at a time."""

    def __init__(self, kiosk: UsbKiosk, state: Path) -> None:
        self._kiosk = kiosk
        self._history = SettingsHistory(state)
        self._offer: _Offer | None = None
        self._reading: threading.Thread | None = None

    @property
    def facts(self) -> UsbFacts:
        """What was read last; NO_USB for nothing. From any thread."""
        offer = self._offer
        return NO_USB if offer is None else offer.facts

    def read(self) -> None:
        """Read the stick and check its files. Raises KioskError; then nothing is offered."""
        self._offer = None
        mount = Path(self._kiosk.settings.kiosk.usb.folder)
        files = self._within(READ_S, lambda: read_stick(mount))
        try:
            self._offer = self._checked(files)
        except OSError as error:
            raise KioskError("usb.unreadable", why=reason(error)) from error

    def accept(self, id_: str) -> None:
        """Put the files of the offer ``id_`` into the settings folder; those that were there are
        kept beside the sets, as by ``kiosk rollback``. Raises KioskError."""
        offer, self._offer = self._offer, None
        if offer is None or offer.facts.id != id_ or not offer.facts.usable:
            raise KioskError("usb.gone")
        config, now = Path(self._kiosk.settings.config_dir), self._kiosk.now()
        try:
            with offer.snapshot.on_disk(config) as folder:
                self._history.put_back(Kept(folder, 0, now), config, now)
        except OSError as error:
            self._offer = offer
            raise KioskError("folder.use", folder=config, why=reason(error)) from error

    def _within(self, seconds: float, work: Callable[[], StickFiles]) -> StickFiles:
        """The result of ``work`` on a thread that ends with the process. Raises KioskError."""
        if self._reading is not None and self._reading.is_alive():
            raise KioskError("usb.silent")
        results: list[StickFiles | KioskError] = []

        def run() -> None:
            try:
                results.append(work())
            except KioskError as error:
                results.append(error)
            except Exception:
                log.exception("the USB stick could not be read")
                results.append(KioskError("staff.unexpected"))

        self._reading = threading.Thread(target=run, name="usb", daemon=True)
        self._reading.start()
        self._reading.join(seconds)
        result = results[0] if results else KioskError("usb.silent")
        if isinstance(result, KioskError):
            raise result
        return result

    def _checked(self, files: StickFiles) -> _Offer:
        """The offer of these files. Raises KioskError, OSError."""
        config = Path(self._kiosk.settings.config_dir)
        offer = self._judged(files.bodies, config)
        of_other = offer.facts.machine
        if not of_other:
            return offer
        # Two machines with one id would each take the other's numbers for theirs.
        left = {name: body for name, body in files.bodies.items() if name != KIOSK_FILE}
        if not left:
            raise KioskError("usb.other_machine", id=of_other)
        offer = self._judged(left, config)
        return replace(offer, facts=replace(offer.facts, machine=of_other))

    def _judged(self, bodies: Mapping[str, bytes], config: Path) -> _Offer:
        present = Snapshot.take(config) or self._last_kept()
        whole = {**(present.bodies if present is not None else {}), **bodies}
        if not whole.keys() >= set(FILES):
            raise KioskError("usb.incomplete", names=", ".join(set(FILES) - whole.keys()))
        snapshot = Snapshot(whole)
        with snapshot.on_disk(config) as folder:
            checked = {
                language: check_settings(config, ASSETS, language, files=folder)
                for language in TEXTS.languages
            }
        first = checked[TEXTS.languages[0]]
        same = present is not None and whole == present.bodies
        facts = UsbFacts(
            id=hashlib.sha256(b"".join(whole[name] for name in sorted(whole))).hexdigest(),
            files=tuple(sorted(bodies)),
            errors=len(first.errors),
            warnings=len(first.warnings),
            problems=_by_language(
                {
                    language: [_named(one, config) for one in (*found.errors, *found.warnings)]
                    for language, found in checked.items()
                }
            ),
        )
        if first.settings is None:
            return _Offer(snapshot, facts)
        return _Offer(snapshot, self._compared(replace(facts, usable=not same), first.settings))

    def _compared(self, facts: UsbFacts, read: Settings) -> UsbFacts:
        """``facts`` with what ``read`` changes against the settings in use."""
        in_use = self._in_use()
        changes = {
            language: [str(one) for one in settings_changes(in_use, read, language)]
            for language in TEXTS.languages
        }
        of_other = KIOSK_FILE in facts.files and read.kiosk.id != self._kiosk.settings.kiosk.id
        return replace(
            facts,
            changes=_by_language(changes),
            changed=max(map(len, changes.values())),
            lost=len(lost(in_use.catalogue, read.catalogue)),
            services=sum(1 for _ in in_use.catalogue.services()),
            machine=read.kiosk.id if of_other else "",
        )

    def _in_use(self) -> Settings:
        """As ``kiosk diff``: the files that were last put in use, not the server's menu."""
        kept, settings = self._history.newest(), self._kiosk.settings
        if kept is not None:
            with contextlib.suppress(SettingsError):
                return load_kept(kept, Path(settings.config_dir), TEXTS.languages[0])
        return settings

    def _last_kept(self) -> Snapshot | None:
        kept = self._history.newest()
        return None if kept is None else Snapshot.take(kept.folder)


def _by_language(lists: Mapping[str, Sequence[str]]) -> tuple[LocalText, ...]:
    """The first ``MOST_LINES`` sentences, each in all languages that have one in this place."""
    most = min(MOST_LINES, max(map(len, lists.values())))
    return tuple(
        LocalText.of(**{lang: found[n] for lang, found in lists.items() if n < len(found)})
        for n in range(most)
    )


def _named(problem: FileProblem, config: Path) -> str:
    """The problem with the name of its file as on the stick."""
    return str(replace(problem, file=problem.file.removeprefix(f"{config}/")))
