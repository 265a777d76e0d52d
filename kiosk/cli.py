"""The ``kiosk`` command: one subcommand a module of ``kiosk.commands``.

Errors are one line on stderr; the rest goes to the log in the state folder, or with
``KIOSK_LOG=INFO`` to stderr as well. Exit codes: 0 well, 1 failed
or degraded, 2 a wrong command line, 3 out of service or no display.
"""

from __future__ import annotations

import argparse
import importlib
import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from kiosk import __version__
from kiosk.errors import KioskError, SettingsError

COMMANDS = (
    "run",
    "demo",
    "check",
    "preview",
    "issue",
    "reprint",
    "tickets",
    "status",
    "enroll",
    "print-test",
)

log = logging.getLogger("kiosk")


class _Parser(argparse.ArgumentParser):
    """An argument parser whose error is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser(wanted: str | None) -> argparse.ArgumentParser:
    """The parser; only the module of the ``wanted`` command is imported in full."""
    parser = _Parser(prog="kiosk", description="Queue numbers at the touch of a screen.")
    parser.add_argument("--version", action="version", version=f"kiosk {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    names = (wanted,) if wanted in COMMANDS else COMMANDS
    for name in names:
        module = importlib.import_module("kiosk.commands." + name.replace("-", "_"))
        summary = (module.__doc__ or "").strip().splitlines()[0]
        sub = commands.add_parser(name, help=summary, description=summary)
        module.add_arguments(sub)
        sub.set_defaults(run=module.run, parser=sub)
    return parser


def _parse(args: Sequence[str]) -> argparse.Namespace:
    """The command line; what a command does not know is said by that command's own parser."""
    wanted = next((a for a in args if not a.startswith("-")), None)
    parsed, unknown = _parser(wanted).parse_known_args(args)
    if unknown:
        parsed.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return parsed


def _make_output_safe() -> None:
    """A closed output takes everything, and no letter of a name is too much for it."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    _make_output_safe()
    level = os.environ.get("KIOSK_LOG", "CRITICAL").upper()
    known = logging.getLevelNamesMapping().get(level, logging.CRITICAL)
    logging.raiseExceptions = False  # a log that cannot be written is no reason to speak up
    logging.basicConfig(level=known, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        parsed = _parse(args)
        return int(parsed.run(parsed))
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return error.exit_code
    except KioskError as error:
        print(f"kiosk: {' '.join(str(error).split())}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("kiosk: stopped", file=sys.stderr)
        return 130
    except Exception as error:
        log.exception("unexpected")
        print(f"kiosk: unexpected error: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
