"""Whether the queue server is reachable: one flag that all threads of the kiosk share."""

from __future__ import annotations

import threading


class Connectivity:
    """Online or offline; offline at the start.

    Any thread that gets no answer marks it offline, so that only the first visitor waits for the
    deadline. Only the sync loop marks it online. Usage of the sync loop::

        token = connectivity.begin_exchange()
        ...                                     # the exchange with the server
        connectivity.mark_online(token)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._online = False
        self._failures = 0

    @property
    def online(self) -> bool:
        """Whether numbers are asked of the server."""
        return self._online

    def begin_exchange(self) -> int:
        """A token for ``mark_online``, to be taken before the exchange starts."""
        with self._lock:
            return self._failures

    def mark_online(self, token: int) -> bool:
        """The exchange that began with ``token`` succeeded. The result is the new ``online``.

        Ignored when another thread called ``mark_offline`` since then: that is newer information.
        """
        with self._lock:
            if token == self._failures:
                self._online = True
            return self._online

    def mark_offline(self) -> None:
        """A request failed or timed out: number from the kiosk's own series until an exchange
        succeeds."""
        with self._lock:
            self._online = False
            self._failures += 1
