"""Statements of every reservation and every settled row, written out once for each database.

SQLAlchemy's Core builds them, so that they are said once for both; running the text skips what it
would do again and again for a statement that never changes.
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

    Values go to the driver as they are: texts, whole numbers, truths and None only. ``columns``:
    those that an INSERT sets.
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
        self._row: Any = None
        self._made: dict[str, tuple[str, dict[str, Any]]] = {}

    def written(self, connection: Connection) -> tuple[str, dict[str, Any]]:
        """The text for the database of a connection, and the values that are always the same."""
        name = connection.dialect.name
        if name not in self._made:
            statement: Any = self._statements[name]
            compiled = statement.compile(dialect=_DIALECTS[name], column_keys=self._columns)
            fixed = {key: value for key, value in compiled.params.items() if value is not None}
            self._made[name] = str(compiled), fixed
        return self._made[name]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first row that it finds, its columns as attributes; None without one."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Every row that it finds, as ``first``."""
        text, fixed = self.written(connection)
        cursor = execute(connection, text, {**fixed, **values})
        rows = cursor.fetchall()
        if self._row is None:
            names = [column[0] for column in cursor.description]
            self._row = namedtuple("Found", names)  # type: ignore[misc]
        return [self._row._make(row) for row in rows]

    def count(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows it changes.

        The driver's own count: SQLAlchemy says -1 of every INSERT, also of one that did nothing.
        """
        text, fixed = self.written(connection)
        return int(execute(connection, text, {**fixed, **values}).rowcount)


def execute(connection: Connection, text: str, values: Mapping[str, Any] | None = None) -> Any:
    """Carries out text on the driver's own connection; its cursor.

    What the driver raises becomes SQLAlchemy's DBAPIError, as for every other statement.
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
    """One transaction. What is raised within leaves it open: it ends with the connection's use.

    SQLite's work is in one anyhow: it has one writer.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    execute(connection, begin)
    yield
    execute(connection, "COMMIT")
