"""Every run gets its own database, of each kind."""

from tests.queue_server.conftest import database, postgres

__all__ = ["database", "postgres"]
