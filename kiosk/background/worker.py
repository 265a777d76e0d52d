"""One thread owns one thing that blocks: a printer, the journal's disk.

Jobs are callables and their results are futures, so that nobody else waits on the device. A job
that nobody waits for any more is never run: a slip must not come out for a visitor who has gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Job(Generic[T]):
    """A call to begin before ``until_s`` (of the worker's clock) and to be done within
    ``allowed_s`` seconds, and where its result goes."""

    call: Callable[[], T]
    until_s: float
    allowed_s: float
    future: Future[T]

    def run(self) -> None:
        try:
            result = self.call()
        except BaseException as error:
            log.exception("a job failed")
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


def _drop(future: Future[T]) -> None:
    """Say to all who wait that this job will not run."""
    future.cancel()
    future.set_running_or_notify_cancel()


class Worker:
    """A named daemon thread with a bounded queue. It outlives any exception of a job.

    ``limit`` jobs may wait; ``clock`` answers monotonic seconds.
    """

    def __init__(
        self, name: str, *, limit: int = 16, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: deque[_Job[object]] = deque()
        self._running: _Job[object] | None = None
        self._began_s = 0.0
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @property
    def wedged(self) -> bool:
        """Whether the running job has run longer than its deadline allows."""
        with self._changed:
            return self._overdue()

    def submit(self, job: Callable[[], T], deadline_s: float) -> Future[T]:
        """Have ``job`` begun, and then done, each within ``deadline_s`` seconds.

        The future is cancelled, and the job certainly never runs, when the worker is wedged,
        stopped or has too much waiting, or when the deadline passes before its turn. Cancelling
        a future whose job has not begun takes the job back.
        """
        future: Future[T] = Future()
        with self._changed:
            full = len(self._waiting) >= self._limit
            if self._stopped or full or self._overdue():
                _drop(future)
                return future
            until_s = self._clock() + deadline_s
            self._waiting.append(_Job(job, until_s, deadline_s, future))  # type: ignore[arg-type]
            self._changed.notify_all()
        return future

    def stop(self, timeout_s: float) -> bool:
        """Take no more jobs, cancel those that wait, and let the running one finish.

        Answers whether the thread has ended within ``timeout_s`` seconds; a wedged one is left
        behind and dies with the process.
        """
        with self._changed:
            self._stopped = True
            while self._waiting:
                _drop(self._waiting.popleft().future)
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _overdue(self) -> bool:
        job = self._running
        return job is not None and self._clock() > self._began_s + job.allowed_s

    def _work(self) -> None:
        while (job := self._next()) is not None:
            if self._clock() > job.until_s:
                _drop(job.future)
            elif job.future.set_running_or_notify_cancel():
                job.run()
            # A result may hold much: it is not kept until the next job comes.
            del job

    def _next(self) -> _Job[object] | None:
        """The next job, which then counts as running; None to end."""
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._waiting or self._stopped)
            self._running = self._waiting.popleft() if self._waiting else None
            self._began_s = self._clock()
            return self._running
