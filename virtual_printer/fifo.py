"""A FIFO beside the network port: a printer that is written to and never answers there."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Callable
from pathlib import Path

from virtual_printer.intake import CHUNK

POLL_MS = 200


class Fifo:
    """Makes a FIFO at ``path`` and passes what is written to it to ``receive``.

    Raises OSError when ``path`` exists already or cannot be made. The FIFO is deleted by ``close``.
    """

    def __init__(self, path: Path, receive: Callable[[bytes], None]) -> None:
        os.mkfifo(path)
        self._path = path
        self._receive = receive
        self._stopping = False
        # Open for writing too: without a writer of its own, poll would report the end for ever.
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_NONBLOCK), "r+b", buffering=0)
        self._thread = threading.Thread(target=self._run, name="virtual-fifo", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading and delete the FIFO."""
        self._stopping = True
        self._thread.join(5)
        self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        while not self._stopping:
            if poll.poll(POLL_MS):
                # None where another reader was faster.
                self._receive(self._file.read(CHUNK) or b"")
