"""A stop that is asked for is never lost, and never kills a command in the middle of its work."""

from __future__ import annotations

import logging
import os
import signal
from pathlib import Path

import pytest

from kiosk.commands.shared import ask_or_do
from kiosk.signals import STOPPING, StopSignals


@pytest.mark.parametrize("number", STOPPING, ids=lambda n: n.name)
def test_a_command_ends_its_work_before_it_stops(tmp_path: Path, number: signal.Signals) -> None:
    """In a process of its own: without the guard the signal ends it."""
    child = os.fork()
    if child == 0:  # pragma: no cover - the child
        code = 1
        try:
            # What pytest and the shell have installed is not what a command starts with.
            signal.signal(number, signal.SIG_DFL)

            def slip() -> str:
                os.kill(os.getpid(), number)
                return "printed"

            code = 0 if ask_or_do(tmp_path, "reprint", {}, "en", slip) == "printed" else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class Interrupted(logging.Handler):
    """A log whose buffer a signal has interrupted in the middle of a write."""

    def emit(self, record: logging.LogRecord) -> None:
        raise RuntimeError(f"reentrant call in {record.name}")


def test_a_log_that_cannot_be_written_loses_no_stop() -> None:
    log, stops = logging.getLogger("kiosk.signals"), list[str]()
    handler, level = Interrupted(), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        with StopSignals() as signals:
            signals.listen(lambda: stops.append("stop"))
            os.kill(os.getpid(), signal.SIGTERM)
            assert signals.asked
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
    assert stops == ["stop"]
