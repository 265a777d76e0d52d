"""Brings the tables up to date: Alembic on an open connection, without an ini file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_FOLDER = Path(__file__).parent / "migrations"


def settings(connection: Connection) -> Config:
    """Alembic's settings for this connection; the caller begins and commits."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection) -> None:
    """Runs the migrations that this database has not seen, in the caller's transaction."""
    command.upgrade(settings(connection), "head")
