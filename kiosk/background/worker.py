"""One thread that owns one blocking resource: the printer, or the journal's disk.

Callers submit callables and get futures, so no other thread blocks on the device. A job whose
caller has given up is never run: no slip may be printed for a visitor who has left.
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
    """A call that must begin before ``until_s`` (the worker's clock) and end within ``allowed_s``
    seconds, with the future for its result."""

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
    """Cancel ``future`` and wake up its waiters: this job will not run."""
    future.cancel()
    future.set_running_or_notify_cancel()


class Worker:
    """A named daemon thread with a bounded queue. Exceptions of a job do not end it.

    At most ``limit`` jobs wait in the queue; ``clock`` returns monotonic seconds.
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
        """Whether the running job has exceeded its deadline."""
        return self.overdue_s > 0

    @property
    def overdue_s(self) -> float:
        """Seconds by which the running job has exceeded its deadline; 0 when it has not."""
        with self._changed:
            job = self._running
            if job is None:
                return 0.0
            return max(0.0, self._clock() - self._began_s - job.allowed_s)

    def submit(self, job: Callable[[], T], deadline_s: float) -> Future[T]:
        """Queue ``job``: it must begin within ``deadline_s`` and then end within ``deadline_s``.

        The future is cancelled, and the job never runs, when the worker is wedged or stopped, when
        the queue is full, or when the deadline passes before the job begins. Cancelling the
        future of a job that has not begun removes the job from the queue.
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
        """Accept no more jobs, cancel the queued ones, and let the running one finish.

        Returns whether the thread ended within ``timeout_s`` seconds; a wedged thread is a daemon
        and ends with the process.
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
            # Release the result now, not when the next job comes.
            del job

    def _next(self) -> _Job[object] | None:
        """Wait for the next job and mark it as running; None when stopped."""
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._waiting or self._stopped)
            self._running = self._waiting.popleft() if self._waiting else None
            self._began_s = self._clock()
            return self._running
