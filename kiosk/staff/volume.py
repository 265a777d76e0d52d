"""The volume at which speech begins for each visitor, as staff have set it. Survives a restart."""

from __future__ import annotations

import json
from pathlib import Path

from kiosk.domain.modes import USUAL_VOLUME, VOLUMES
from kiosk.durable import write_private
from kiosk.errors import KioskError
from kiosk.messages import reason

VOLUME_FILE = "staff-volume.json"


class Volume:
    """The volume of the state folder ``state``; the usual one where the file cannot be read.

    Written by one thread; read by any.
    """

    def __init__(self, state: Path) -> None:
        self._path = state / VOLUME_FILE
        self._step = self._read()

    @property
    def step(self) -> int:
        """From 0, the softest, to ``VOLUMES`` - 1."""
        return self._step

    def change(self, by: int) -> None:
        """Go ``by`` steps up or down, at most to the last one. Raises KioskError where that cannot
        be written: it would be lost at the next start."""
        step = max(0, min(self._step + by, VOLUMES - 1))
        try:
            write_private(self._path, json.dumps({"step": step}).encode())
        except OSError as error:
            raise KioskError("folder.use", folder=self._path.parent, why=reason(error)) from error
        self._step = step

    def _read(self) -> int:
        try:
            step = json.loads(self._path.read_bytes())["step"]
        except (OSError, ValueError, KeyError, TypeError):
            return USUAL_VOLUME
        known = isinstance(step, int) and not isinstance(step, bool) and 0 <= step < VOLUMES
        return step if known else USUAL_VOLUME
