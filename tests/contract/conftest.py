"""One queue server for the tests of this folder, whose clock starts when its service opens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.queue_server.servers import ServerProcess, serving


@pytest.fixture(scope="module")
def queue_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A new server for each file, with an SQLite database of its own."""
    with serving(str(tmp_path_factory.mktemp("server") / "queue.sqlite3")) as server:
        yield server
