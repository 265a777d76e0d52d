"""Logging: one JSON object per line on stderr.

Log records hold no access token, no tracking token and no address of a visitor.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import traceback
from datetime import UTC, datetime

_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {
    *("message", "asctime", "color_message"),
}
"""Fields of every log record; the rest were passed as ``extra`` and are written out."""


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        fields |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD_FIELDS}
        if record.exc_info and record.exc_info[1] is not None:
            fields["trace"] = _trace(record.exc_info[1])
        return json.dumps(fields, default=str)


def _trace(error: BaseException) -> str:
    """The traceback with only the first line of each message.

    SQLAlchemy appends statement and parameters on further lines; parameters hold tracking tokens.
    """
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    message = str(error).partition("\n")[0]
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{_trace(cause) if cause else ''}{frames}{type(error).__name__}: {message}\n"


class RepeatedWarning:
    """Logs a failure once a minute for each cause; the next line says how many were left out.

    A full disk fails thousands of requests a minute: their lines would fill the log, on that disk.
    """

    INTERVAL_S = 60.0
    MAX_CAUSES = 100

    def __init__(self, logger: logging.Logger, message: str) -> None:
        self._logger, self._message = logger, message
        self._lock = threading.Lock()
        self._causes: dict[str, tuple[float, int]] = {}
        """When each cause was logged, and how often it was left out since."""

    def __call__(self, cause: str, now_s: float | None = None) -> None:
        """Log ``cause``, or count it; ``now_s``: a monotonic clock."""
        now_s = time.monotonic() if now_s is None else now_s
        with self._lock:
            logged_s, left_out = self._causes.get(cause, (None, 0))
            if logged_s is not None and now_s - logged_s < self.INTERVAL_S:
                self._causes[cause] = logged_s, left_out + 1
                return
            if len(self._causes) >= self.MAX_CAUSES:
                self._causes.clear()
            self._causes[cause] = now_s, 0
        more = {"left_out": left_out} if left_out else {}
        self._logger.warning(self._message, extra={"cause": cause, **more})


def configure() -> None:
    """Send all log records to stderr: ours from INFO on, those of libraries from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("queue_server").setLevel(logging.INFO)
