"""Prepared statements: SQL compiled once for each database and run on the driver directly.

Every reservation and every settled row runs these. SQLAlchemy Core still builds them, so each
statement is written once for both databases; running the compiled text skips the work that Core
repeats on every execution.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.exc import DBAPIError

_DIALECTS: dict[str, Dialect] = {
    "sqlite": SQLiteDialect(paramstyle="named"),
    "postgresql": PGDialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
}


class Prepared:
    """One statement, or one for each database where their SQL differs.

    Parameters go to the driver unconverted: str, int, bool and None only. ``columns``: the columns
    that an INSERT sets.
    """

    def __init__(
        self,
        statement: Executable,
        on_postgresql: Executable | None = None,
        columns: Sequence[str] | None = None,
    ) -> None:
        other = statement if on_postgresql is None else on_postgresql
        self._statements: dict[str, Executable] = {"sqlite": statement, "postgresql": other}
        self._columns = columns
        self._row_type: Any = None
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    def compiled(self, connection: Connection) -> tuple[str, dict[str, Any]]:
        """SQL text for the connection's database, and its constant parameters. Cached."""
        name = connection.dialect.name
        if name not in self._compiled:
            statement: Any = self._statements[name]
            compiled = statement.compile(dialect=_DIALECTS[name], column_keys=self._columns)
            constant = {key: value for key, value in compiled.params.items() if value is not None}
            self._compiled[name] = str(compiled), constant
        return self._compiled[name]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first row as a named tuple; None without a row."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Every row as a named tuple."""
        text, constant = self.compiled(connection)
        cursor = execute(connection, text, {**constant, **values})
        rows = cursor.fetchall()
        if self._row_type is None:
            names = [column[0] for column in cursor.description]
            self._row_type = namedtuple("Found", names)  # type: ignore[misc]
        return [self._row_type._make(row) for row in rows]

    def count(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """The number of rows changed.

        Taken from the driver: SQLAlchemy reports -1 for every INSERT, including one that ON
        CONFLICT DO NOTHING skipped.
        """
        text, constant = self.compiled(connection)
        return int(execute(connection, text, {**constant, **values}).rowcount)


def execute(connection: Connection, text: str, values: Mapping[str, Any] | None = None) -> Any:
    """Execute SQL text on the driver's connection and return the driver's cursor.

    Driver errors are wrapped in SQLAlchemy's DBAPIError, as for every other statement.
    """
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(text, values or {})
    except connection.dialect.loaded_dbapi.Error as error:
        lost = connection.dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(
            text, None, error, base, connection_invalidated=lost, dialect=connection.dialect
        ) from error


@contextmanager
def transaction(connection: Connection, begin: str = "BEGIN") -> Iterator[None]:
    """One transaction on PostgreSQL; no operation on SQLite.

    An exception skips the COMMIT; the connection pool rolls back when the connection is returned.
    SQLite units already run inside the writer's transaction.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    execute(connection, begin)
    yield
    execute(connection, "COMMIT")
