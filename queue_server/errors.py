"""What can go wrong, as types.

::

    ServerError
    ├── Unavailable     the database cannot be asked now: tried again, 503 with Retry-After
    ├── Problem         a request is answered with a problem document (RFC 9457)
    ├── CatalogueError  the agencies file cannot be read; ``str()`` says where and why
    └── UsageError      a wrong command line
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ServerError(Exception):
    """Any error of this program; ``str()`` is one line."""

    exit_code = 1


class UsageError(ServerError):
    """A wrong command line."""

    exit_code = 2


class Unavailable(ServerError):
    """The database cannot be asked now."""


class CatalogueError(ServerError):
    """The agencies file cannot be read, or is not one."""


class Problem(ServerError):
    """The answer to a request that cannot be carried out.

    ``status`` is the HTTP status, ``code`` stable, ``detail`` one English sentence. ``more`` are
    further members of the problem document, ``headers`` of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.more = dict(more or {})
        self.headers = dict(headers or {})
