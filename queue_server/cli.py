"""The entry point: the command line, or one line that says what is not installed."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code. 1, and how to install it, without the extra ``[server]``."""
    try:
        from queue_server import commands

        return commands.main(arguments)
    except ModuleNotFoundError as error:
        print(
            f"queue-server: {error.name} is not installed: pip install '.[server]'", file=sys.stderr
        )
        return 1
