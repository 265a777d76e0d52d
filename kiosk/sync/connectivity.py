"""The one "in touch" flag: whether a visitor's number is asked of the server."""

from __future__ import annotations

import threading


class Connectivity:
    """Down at the start. Anybody who meets silence lowers it; the sync loop alone raises it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._up = False
        self._lowered = 0

    def __bool__(self) -> bool:
        return self._up

    def begin(self) -> int:
        """To be called before an exchange: what ``lift`` must be told after it."""
        with self._lock:
            return self._lowered

    def lift(self, begun: int) -> bool:
        """An exchange went well that had ``begun`` so: raise the flag.

        Not when somebody lowered it meanwhile: that is newer word. Answers whether it is up.
        """
        with self._lock:
            if begun == self._lowered:
                self._up = True
            return self._up

    def lower(self) -> None:
        """The server did not answer as it should: the own line, until it does."""
        with self._lock:
            self._up = False
            self._lowered += 1
