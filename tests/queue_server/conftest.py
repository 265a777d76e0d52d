"""One server on each kind of database for the whole run; tests use names of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.queue_server.servers import Postgres, Server, serving


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that lives as long as the run."""
    made = Postgres()
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "queue.sqlite3")
    made: Postgres = request.getfixturevalue("postgres")
    return made.new_database()


@pytest.fixture(scope="session")
def _on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(str(tmp_path_factory.mktemp("server") / "queue.sqlite3")) as server:
        yield server


@pytest.fixture(scope="session")
def _on_postgresql(postgres: Postgres) -> Iterator[Server]:
    with serving(postgres.new_database()) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Server:
    """A server process with nothing in its database: all its state is there."""
    made: Server = request.getfixturevalue(f"_on_{request.param}")
    made.empty()
    return made


@pytest.fixture
def pg_server(_on_postgresql: Server) -> Server:
    """The same on PostgreSQL only: the stricter of the two, for what does not depend on it."""
    _on_postgresql.empty()
    return _on_postgresql


@pytest.fixture
def server_file(tmp_path: Path) -> Path:
    """Where an SQLite database may be made."""
    return tmp_path / "queue.sqlite3"
