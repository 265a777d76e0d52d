"""Schema migrations: Alembic on an open connection, without an ini file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from queue_server.errors import Unusable

# Alembic reads this option through configparser, where % starts an interpolation.
_FOLDER = str(Path(__file__).parent).replace("%", "%%")


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for ``connection``. The caller begins and commits."""
    config = Config()
    config.set_main_option("script_location", _FOLDER)
    config.attributes["connection"] = connection
    return config


def revision_of(connection: Connection) -> str | None:
    """The revision of the schema; None for a database without tables."""
    return MigrationContext.configure(connection).get_current_revision()


def check_known(revision: str | None) -> None:
    """Raise Unusable for a revision that this program does not know: a newer one made it."""
    if revision is not None and revision not in _revisions():
        raise Unusable("database.newer", found=revision, known=head())


def head() -> str:
    """The newest revision of this program."""
    return max(_revisions())


def migrate(connection: Connection) -> None:
    """Run the migrations this database lacks, in the caller's transaction.

    Raises Unusable for the database of a newer program.
    """
    found = revision_of(connection)
    check_known(found)
    if found != head():
        command.upgrade(alembic_config(connection), "head")


@cache
def _revisions() -> frozenset[str]:
    config = Config()
    config.set_main_option("script_location", _FOLDER)
    script = ScriptDirectory.from_config(config)
    return frozenset(each.revision for each in script.walk_revisions())
