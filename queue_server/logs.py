"""Logs: one JSON object a line on stderr, without tokens, tracks or addresses of visitors."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in record.__dict__.items() if k not in _PLAIN}
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = _trace(record.exc_info[1])
        return json.dumps(line, default=str)


def _trace(error: BaseException) -> str:
    """Where it failed, and the first line of each error: below it the database repeats, for each
    statement that it refused, what was to be written."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    said = str(error).partition("\n")[0]
    here = "".join(traceback.format_tb(error.__traceback__))
    return f"{_trace(cause) if cause else ''}{here}{type(error).__name__}: {said}\n"


def set_up() -> None:
    """Makes everything log so, from INFO on; libraries from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("queue_server").setLevel(logging.INFO)
