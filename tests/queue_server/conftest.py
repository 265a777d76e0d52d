"""One server on each kind of database for the whole run; tests use names of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def _shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    if request.param == "sqlite":
        url = str(tmp_path_factory.mktemp("server") / "queue.sqlite3")
    else:
        made: Postgres = request.getfixturevalue("postgres")
        url = made.new_database()
    with serving(url) as server:
        yield server


@pytest.fixture
def server(_shared: Server) -> Server:
    """A server process with nothing in its database: all its state is there."""
    _shared.empty()
    return _shared
