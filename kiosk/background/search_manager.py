"""Find by need, off the UI thread: one thread owns the index of the menu in force.

The index is built at the first search and again after a change of the menu: a kiosk without
searches uses no memory for it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.background.worker import Worker
from kiosk.domain.events import SearchAnswered
from menu.catalogue import Catalogue

if TYPE_CHECKING:
    from kiosk.search.index import SearchIndex
    from kiosk.search.missed import MissedWords

DEADLINE_S = 30.0
QUEUED = 200
"""More than a visitor can type while the index of a very large menu is built."""

Post = Callable[[SearchAnswered], None]


class SearchManager:
    """``menu`` returns the menu in force, ``missed`` the counts of what was not found, ``now`` the
    time at the site."""

    def __init__(
        self,
        menu: Callable[[], Catalogue],
        missed: Callable[[], MissedWords],
        now: Callable[[], datetime],
    ) -> None:
        self._menu = menu
        self._missed = missed
        self._now = now
        self._worker: Worker | None = None
        self._latest: Future[None] | None = None
        self._indexed: Catalogue | None = None
        self._index: SearchIndex | None = None

    def search(self, text: str, post: Post) -> None:
        """Look for ``text`` and post the answer; returns at once. A search that has not begun when
        the next one comes is dropped. An empty text only builds the index."""
        if self._latest is not None:
            self._latest.cancel()
        self._latest = self._submit(lambda: self._answer(text, post))

    def note_missed(self, text: str) -> None:
        """Count a text that was not found; returns at once."""
        self._submit(lambda: self._missed().add(text, self._now().date()))

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop the thread; a text that was just counted is written before. Waits ``timeout_s``
        seconds at most."""
        if self._worker is not None:
            until_s = time.monotonic() + timeout_s
            with contextlib.suppress(CancelledError, TimeoutError):
                self._submit(lambda: None).result(timeout=timeout_s)
            self._worker.stop(max(0.0, until_s - time.monotonic()))

    def _submit(self, job: Callable[[], None]) -> Future[None]:
        if self._worker is None:
            self._worker = Worker("search", limit=QUEUED)
        return self._worker.submit(job, DEADLINE_S)

    def _answer(self, text: str, post: Post) -> None:
        index = self._current()
        if text:
            services = tuple(hit.service for hit in index.find(text))
            post(SearchAnswered(text, services))

    def _current(self) -> SearchIndex:
        """The index of the menu in force; on the search thread."""
        from kiosk.search.index import SearchIndex

        menu = self._menu()
        if self._index is None or menu is not self._indexed:
            self._index, self._indexed = SearchIndex(menu), menu
        return self._index
