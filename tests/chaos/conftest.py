"""Each run has a database of its own, of both kinds."""

from tests.queue_server.conftest import database, postgres

__all__ = ["database", "postgres"]
