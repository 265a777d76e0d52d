"""The exception tree.

::

    ServerError
    ├── Unavailable     the database cannot be reached now: 503 with Retry-After, worth a retry
    ├── Unusable        the database must not be used as it is: newer than this program, in use,
    │                   half restored; a retry does not help, ``serve`` ends with exit code 1
    ├── RequestProblem  a request is answered with a problem document (RFC 9457)
    ├── CatalogueError  the agencies file cannot be read; ``str()`` says where and why
    └── UsageError      a wrong command line
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queue_server.texts import LOG_LANGUAGE, say


class ServerError(Exception):
    """Base of every error of this program.

    ``key`` and ``fields`` name a text of ``queue_server/locale``; a sentence in place of the key
    (a database's own) is shown as it is. ``exit_code``: of a command.
    """

    exit_code = 1

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(key)
        self._key, self._fields = key, fields

    def in_(self, language: str) -> str:
        """One line in ``language``."""
        return say(language, self._key, **self._fields)

    def __str__(self) -> str:
        return self.in_(LOG_LANGUAGE)


class UsageError(ServerError):
    """A wrong command line."""

    exit_code = 2


class Unavailable(ServerError):
    """The database cannot be reached now, or the server is overloaded. A retry may succeed."""


class Unusable(ServerError):
    """A database or a backup that must not be used as it is; staff must do something first."""


class CatalogueError(ServerError):
    """The agencies file cannot be read or has errors.

    ``problems``: all of them, one line each; ``str()`` is the first and the number of the others.
    """

    def __init__(self, *problems: str) -> None:
        more = f" (+{len(problems) - 1})" if len(problems) > 1 else ""
        super().__init__(problems[0] + more)
        self.problems = problems


class RequestProblem(ServerError):
    """A request that is answered with a problem document.

    ``status``: HTTP status. ``code``: stable, for programs. ``detail``: one English sentence.
    ``more``: further members of the document. ``headers``: further headers of the response.
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
