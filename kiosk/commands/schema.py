"""``kiosk schema``: write the JSON Schemas by which editors complete and check the YAML files.

Exit 0, 1 where the folder cannot be written.
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path

from kiosk.commands.shared import folder_name
from kiosk.errors import KioskError
from kiosk.messages import Say, reason, speaker
from kiosk.settings.schema import KIOSK, TICKET
from menu.json_schema import json_schema
from menu.schema import AGENCIES, Table

SCHEMAS: dict[str, Table] = {"agencies": AGENCIES, "kiosk": KIOSK, "ticket": TICKET}
DEFAULT_FOLDER = Path("config/schema")


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk schema``."""
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=partial(folder_name, say),
        default=DEFAULT_FOLDER,
        help=say("help.schema_out", folder=DEFAULT_FOLDER),
    )


def run(args: argparse.Namespace) -> int:
    """Write the files; the result is the exit code."""
    say = speaker(args.lang)
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        for name, table in SCHEMAS.items():
            path = args.out / f"{name}.schema.json"
            path.write_text(text(name, table), encoding="utf-8")
            print(path)
    except OSError as error:
        raise KioskError("folder.use", folder=args.out, why=reason(error)) from error
    print(say("schema.done"))
    return 0


def text(name: str, table: Table) -> str:
    """The file of one schema."""
    made = json_schema(table, f"{name}.yaml")
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"
