"""Schema migrations: Alembic on an open connection, without an ini file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for ``connection``. The caller begins and commits."""
    config = Config()
    # Alembic reads this option through configparser, where % starts an interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection) -> None:
    """Run the migrations this database lacks, in the caller's transaction."""
    command.upgrade(alembic_config(connection), "head")
