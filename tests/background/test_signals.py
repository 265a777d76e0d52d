"""A stop that is asked for is never lost, and never kills a command in the middle of its work."""

from __future__ import annotations

import logging
import os
import signal

from kiosk.signals import StopSignals


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
