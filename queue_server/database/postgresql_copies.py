"""Backup and restore of a PostgreSQL database, with pg_dump, pg_restore and psql.

The database's password goes to the tools by the environment: a command line is visible to every
user of the machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from queue_server import meta
from queue_server.database.port import Database
from queue_server.database.postgresql import PostgresDatabase
from queue_server.errors import Unusable
from queue_server.migrations import check_known
from queue_server.schema import metadata

EXTENSION = ".dump"
_MAGIC = b"PGDMP"
_VERSION = re.compile(
    r"^COPY (?:\S+\.)?alembic_version \(version_num\) FROM stdin;\n(\S+)$", re.MULTILINE
)


def dump(database: PostgresDatabase, target: Path) -> None:
    """Write a consistent copy of the database into ``target``."""
    _run("pg_dump", "--format=custom", f"--file={target}", url=database.url)


def check(file: Path) -> None:
    """Read all of a backup. Raises Unusable for one that is damaged, or of a newer program."""
    with file.open("rb") as opened:
        if opened.read(len(_MAGIC)) != _MAGIC:
            raise Unusable("backup.other_kind", path=file, kind="pg_dump --format=custom")
    _run("pg_restore", "--file=/dev/null", str(file))
    _run("pg_restore", "--data-only", "--table=tickets", "--file=/dev/null", str(file))
    version = _run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file))
    found = _VERSION.search(version)
    if found is None:
        raise Unusable("backup.bad", path=file, why="alembic_version")
    check_known(found[1])


@contextmanager
def restoring(database: PostgresDatabase, file: Path) -> Iterator[Database]:
    """The database, open, with the content of ``file``. The caller holds the servers' lock.

    One transaction replaces the tables and records that the restore is not complete; that record
    keeps a server from serving if the rest fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "restore.sql")
        tables = ", ".join((*metadata.tables, "alembic_version"))
        loading = "--no-owner", "--no-privileges", f"--file={script}.body"
        _run("pg_restore", *loading, str(file))
        with script.open("wb") as joined:
            joined.write(f"DROP TABLE IF EXISTS {tables} CASCADE;\n".encode())
            with Path(f"{script}.body").open("rb") as body:
                shutil.copyfileobj(body, joined)
            joined.write(b"\nSET search_path TO DEFAULT;\n")
            joined.write(meta.MARK_RESTORING.encode())
        options = "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"
        _run("psql", *options, f"--file={script}", url=database.url)
    database.open()
    yield database


def _run(tool: str, *arguments: str, url: URL | None = None) -> str:
    """What a tool prints. Raises Unusable with its last line, or if it is not installed."""
    path = shutil.which(tool)
    if path is None:
        raise Unusable("backup.no_tool", tool=tool)
    environment = dict(os.environ)
    if url is not None:
        if url.password is not None:
            environment["PGPASSWORD"] = str(url.password)
        plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
        shown = plain.update_query_dict(dict(url.query)).render_as_string()
        arguments = (*arguments, f"--dbname={shown}")
    done = subprocess.run(  # the arguments are ours, no shell is used
        [path, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        why = done.stderr.strip().splitlines() or [str(done.returncode)]
        raise Unusable("backup.tool_failed", tool=tool, why=why[-1])
    return done.stdout
