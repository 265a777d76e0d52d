"""The thread that owns a blocking device."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from kiosk.background.worker import Worker

WAIT_S = 10.0


class Hands:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class BlockingJob:
    """A job that is under way until it is let go."""

    def __init__(self) -> None:
        self.busy, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.busy.set()
        assert self.let_go.wait(WAIT_S)
        return "done"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def worker(hands: Hands) -> Iterator[Worker]:
    worker = Worker("device", limit=2, clock=hands)
    yield worker
    assert worker.stop(WAIT_S)


def test_jobs_run_one_after_the_other_on_one_named_thread(worker: Worker) -> None:
    def where() -> tuple[str, bool]:
        thread = threading.current_thread()
        return thread.name, thread.daemon

    seen = [worker.submit(where, 1.0).result(WAIT_S) for _ in range(3)]
    assert seen == [("device", True)] * 3


def test_an_exception_of_a_job_reaches_its_caller_and_the_log_only(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(error: BaseException) -> None:
        raise error

    with caplog.at_level(logging.ERROR):
        for error in (ValueError("paper"), SystemExit(3)):
            with pytest.raises(type(error)):
                worker.submit(lambda e=error: breaks(e), 1.0).result(WAIT_S)  # type: ignore[misc]
    assert len([r for r in caplog.records if r.exc_info]) == 2
    assert worker.submit(lambda: "still here", 1.0).result(WAIT_S) == "still here"


def test_a_job_whose_deadline_passes_in_the_queue_is_never_run(
    worker: Worker, hands: Hands
) -> None:
    device, ran = BlockingJob(), []
    first = worker.submit(device, 60.0)
    assert device.busy.wait(WAIT_S)
    late = worker.submit(lambda: ran.append("late"), 5.0)
    timely = worker.submit(lambda: ran.append("timely"), 20.0)
    hands.now_s += 10.0
    device.let_go.set()
    timely.result(WAIT_S)
    assert (first.result(WAIT_S), ran) == ("done", ["timely"])
    assert late.cancelled()


def test_a_cancelled_queued_job_is_not_run(worker: Worker) -> None:
    device, ran = BlockingJob(), []
    worker.submit(device, 60.0)
    assert device.busy.wait(WAIT_S)
    taken_back = worker.submit(lambda: ran.append("no"), 60.0)
    assert taken_back.cancel()
    last = worker.submit(lambda: ran.append("yes"), 60.0)
    device.let_go.set()
    last.result(WAIT_S)
    assert ran == ["yes"]


def test_a_job_beyond_the_queue_s_limit_is_cancelled(worker: Worker) -> None:
    device = BlockingJob()
    worker.submit(device, 60.0)
    assert device.busy.wait(WAIT_S)
    waiting = [worker.submit(lambda: 1, 60.0) for _ in range(2)]
    with pytest.raises(CancelledError):
        worker.submit(lambda: 1, 60.0).result(WAIT_S)
    device.let_go.set()
    assert [f.result(WAIT_S) for f in waiting] == [1, 1]


def test_a_job_that_exceeds_its_deadline_wedges_the_worker_until_it_returns(
    worker: Worker, hands: Hands
) -> None:
    device = BlockingJob()
    slow = worker.submit(device, 5.0)
    assert device.busy.wait(WAIT_S)
    assert not worker.wedged
    hands.now_s += 5.1
    assert worker.wedged
    with pytest.raises(CancelledError):
        worker.submit(lambda: 1, 5.0).result(WAIT_S)
    ended = threading.Event()
    slow.add_done_callback(lambda _: ended.set())
    device.let_go.set()
    assert ended.wait(WAIT_S)
    idle = threading.Event()
    while not worker.submit(idle.set, 5.0).cancelled() and not idle.wait(0.01):
        pass
    assert slow.result() == "done"
    assert not worker.wedged


def test_the_wait_in_the_queue_does_not_count_against_the_running_job(
    worker: Worker, hands: Hands
) -> None:
    first, second = BlockingJob(), BlockingJob()
    worker.submit(first, 60.0)
    assert first.busy.wait(WAIT_S)
    worker.submit(second, 10.0)
    hands.now_s += 9.0
    first.let_go.set()
    assert second.busy.wait(WAIT_S)
    hands.now_s += 2.0
    assert not worker.wedged
    second.let_go.set()


def test_stopping_cancels_queued_jobs_and_lets_the_running_one_end(hands: Hands) -> None:
    worker, device = Worker("device", clock=hands), BlockingJob()
    running = worker.submit(device, 60.0)
    assert device.busy.wait(WAIT_S)
    waiting = worker.submit(lambda: 1, 60.0)
    assert not worker.stop(0.0), "still under way"
    with pytest.raises(CancelledError):
        waiting.result(WAIT_S)
    with pytest.raises(CancelledError):
        worker.submit(lambda: 1, 60.0).result(WAIT_S)
    device.let_go.set()
    assert worker.stop(WAIT_S)
    assert running.result(WAIT_S) == "done"


def test_a_finished_job_is_released(worker: Worker) -> None:
    class Big:
        def __call__(self) -> None:
            return None

    big = Big()
    gone = weakref.ref(big)
    worker.submit(big, 1.0).result(WAIT_S)
    del big
    worker.submit(lambda: None, 1.0).result(WAIT_S)
    worker.submit(lambda: None, 1.0).result(WAIT_S)
    assert gone() is None
