"""Import of python-escpos: lazily, and without its database of printers.

A plain import costs 0.2 to 0.3 s and 10 MB, mostly for a database of printers that is parsed from
YAML and cached as a pickle. The kiosk needs one profile and passes it in place of the database, so
nothing is unpickled. Only the core is imported, not the eight connectors (a folder named ``cups``
in the working directory breaks their import). The remaining 50 ms and 7 MB are spent in the
printer's thread, at the first ``load()``.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import shutil
import tempfile
from typing import Any, Protocol, cast

from kiosk.printing.text import CODE_PAGES

_FILE = "ESCPOS_CAPABILITIES_FILE"
_PICKLES = "ESCPOS_CAPABILITIES_PICKLE_DIR"


class Sheet(Protocol):
    """The methods of python-escpos that the encoder uses, for one slip."""

    output: bytes

    def charcode(self, code: str) -> None: ...
    def set(self, **style: object) -> None: ...
    def print_and_feed(self, n: int) -> None: ...
    def cut(self, *, feed: bool) -> None: ...
    def raw(self, data: bytes) -> None: ...


def new_sheet() -> Sheet:
    """An empty sheet. One per slip, because it remembers a code page that ``ESC @`` resets."""
    return cast("Sheet", load()())


@functools.cache
def load() -> type[Any]:
    """Import python-escpos and return the class of a sheet. About 50 ms the first time."""
    escpos = _import()

    class _Sheet(escpos):  # type: ignore[misc, valid-type]
        """Collects the bytes, as python-escpos' ``Dummy`` does."""

        def __init__(self) -> None:
            self._parts: list[bytes] = []
            super().__init__()

        def _raw(self, msg: bytes) -> None:
            self._parts.append(msg)

        raw = _raw

        @property
        def output(self) -> bytes:
            return b"".join(self._parts)

    return _Sheet


def _import() -> type[Any]:
    """The class ``Escpos``, imported with the kiosk's profile and without side effects."""
    before = {name: os.environ.pop(name, None) for name in (_FILE, _PICKLES)}
    root = logging.getLogger()
    handlers = list(root.handlers)
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as database:
            json.dump(_capabilities(), database)
            database.flush()
            os.environ[_FILE] = database.name
            from escpos import capabilities
            from escpos.escpos import Escpos

            # Each import creates a folder for the pickle and does not remove it.
            shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
            return cast("type[Any]", Escpos)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        # The import also adds handlers to the root logger; the application configures that.
        for handler in root.handlers[:]:
            if handler not in handlers:
                root.removeHandler(handler)


def _capabilities() -> dict[str, object]:
    """python-escpos' database with one profile: font A and the code pages of ``text``."""
    profile = {
        "name": "Receipt printer",
        "vendor": "",
        "notes": "",
        "codePages": {str(n): name for name, (n, _) in CODE_PAGES.items()},
        "colors": {"0": "black"},
        "features": {"qrCode": True, "paperPartCut": True},
        "fonts": {"0": {"name": "Font A", "columns": 48}},
        "media": {"dpi": 203, "width": {"mm": 80, "pixels": 576}},
    }
    return {
        "profiles": {"default": profile},
        "encodings": {
            name: {"name": name, "python_encode": codec} for name, (_, codec) in CODE_PAGES.items()
        },
    }
