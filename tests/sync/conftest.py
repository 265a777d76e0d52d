"""A PostgreSQL for the run, as the server's own tests have it."""

from tests.queue_server.conftest import postgres

__all__ = ["postgres"]
