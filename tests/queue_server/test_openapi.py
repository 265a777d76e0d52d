"""The OpenAPI document is the one checked in, and the server keeps to it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import schemathesis
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from queue_server import web
from queue_server.schema import metadata
from queue_server.web import app, openapi
from tests.queue_server.servers import ROOT, ServerProcess, serving, transaction

FILE = Path(web.__file__).parents[1] / "openapi.json"
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def test_the_document_is_the_one_checked_in() -> None:
    made = openapi.document(app.bare_app())

    assert json.loads(FILE.read_text()) == made, "run: python -m queue_server openapi"


def test_the_command_writes_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "queue_server", "openapi"], capture_output=True, text=True, cwd=ROOT
    )

    assert done.stdout == FILE.read_text()


def test_no_5xx_and_no_answer_outside_the_schema(server: ServerProcess) -> None:
    schema = schemathesis.openapi.from_dict(json.loads(FILE.read_text()))
    tokens = {
        "kiosk": server.kiosk().token,
        "staff": server.staff().token,
    }

    operations: list[Any] = [cast("Any", found).ok() for found in schema.get_all_operations()]
    assert len(operations) >= 14
    for operation in operations:
        if operation.path.endswith("/events"):
            continue  # a stream without end; test_processes listens to it

        @given(case=operation.as_strategy(), kind=st.sampled_from(["kiosk", "staff"]))
        @settings(
            max_examples=12,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def check(case: schemathesis.Case[Any], kind: str) -> None:
            headers = {"Authorization": f"Bearer {tokens[kind]}"}
            case.call_and_validate(base_url=server.url, headers=headers, checks=list(CHECKS))

        check()


def test_the_migrations_make_the_tables(database: str) -> None:
    with serving(database), transaction(database) as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
