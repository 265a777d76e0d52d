"""One server on each kind of database for the whole session; emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import ServerProcess, serving


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the session."""
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
def _on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(str(tmp_path_factory.mktemp("server") / "queue.sqlite3")) as server:
        yield server


@pytest.fixture(scope="session")
def _on_postgresql(postgres: Postgres) -> Iterator[ServerProcess]:
    with serving(postgres.new_database()) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> ServerProcess:
    """A server process with an empty database (all its state is in the database)."""
    made: ServerProcess = request.getfixturevalue(f"_on_{request.param}")
    made.empty()
    return made


@pytest.fixture
def pg_server(_on_postgresql: ServerProcess) -> ServerProcess:
    """``server`` on PostgreSQL only: for tests that do not depend on the kind of database."""
    _on_postgresql.empty()
    return _on_postgresql


@pytest.fixture
def server_file(tmp_path: Path) -> Path:
    """A path for an SQLite database, not created."""
    return tmp_path / "queue.sqlite3"
