"""The ``kiosk`` command: one subcommand a module of ``kiosk.commands``.

Output and errors are in the language of ``--lang`` or ``KIOSK_LANG``, Bahasa Indonesia without
either. An error is one line on stderr; details go to the log in the state folder, or with
``KIOSK_LOG=INFO`` to stderr as well. Exit codes: 0 well, 1 failed or degraded, 2 a wrong command
line, 3 out of service or no display.
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
from kiosk.messages import LOG_LANGUAGE, TEXTS, Say, speaker
from menu.command_line import add_language, argparse_in, wanted_language

COMMANDS = (
    "run",
    "demo",
    "new",
    "check",
    "calendar",
    "history",
    "diff",
    "rollback",
    "schema",
    "language",
    "preview",
    "issue",
    "reprint",
    "tickets",
    "find",
    "words",
    "report",
    "evidence",
    "sheet",
    "status",
    "doctor",
    "clock",
    "enroll",
    "check-server",
    "set-pin",
    "print-test",
)

log = logging.getLogger("kiosk")


class _Parser(argparse.ArgumentParser):
    """An argument parser whose error is one line, in the language of ``say``."""

    say: Say = staticmethod(speaker(LOG_LANGUAGE))

    def error(self, message: str) -> NoReturn:
        said = self.say("cli.see_help", problem=message, program=self.prog)
        self.exit(2, f"{self.prog}: {said}\n")


def _parser(wanted: str | None, language: str) -> argparse.ArgumentParser:
    """The parser; only the module of the ``wanted`` command is imported in full."""
    say = speaker(language)
    parser = _Parser(prog="kiosk", description=say("cli.description"))
    parser.say = say
    add_language(parser, TEXTS.languages, language, say("help.language"))
    parser.add_argument("--version", action="version", version=f"kiosk {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    names = (wanted,) if wanted in COMMANDS else COMMANDS
    for name in names:
        module = importlib.import_module("kiosk.commands." + name.replace("-", "_"))
        summary = say(f"command.{name}")
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.say = say
        add_language(sub, TEXTS.languages, language, say("help.language"))
        module.add_arguments(sub, say)
        sub.set_defaults(run=module.run, parser=sub)
    return parser


def _parse(args: Sequence[str], language: str) -> argparse.Namespace:
    """The command line; the parser of the command reports the arguments that it does not know."""
    wanted = next((a for a in args if not a.startswith("-")), None)
    with argparse_in(language):
        parsed, unknown = _parser(wanted, language).parse_known_args(args)
        if unknown:
            said = speaker(language)("cli.unknown", arguments=" ".join(unknown))
            parsed.parser.error(said)
    return parsed


def _make_output_safe() -> None:
    """Replace a closed stream by /dev/null, and characters that a stream cannot encode by "?"."""
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
    logging.raiseExceptions = False  # no traceback on stderr when the log cannot be written
    logging.basicConfig(level=known, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    language = wanted_language(args, os.environ, TEXTS.languages)
    say = speaker(language)
    try:
        parsed = _parse(args, language)
        return int(parsed.run(parsed))
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return error.exit_code
    except KioskError as error:
        print(f"kiosk: {' '.join(error.in_(language).split())}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print(f"kiosk: {say('cli.stopped')}", file=sys.stderr)
        return 130
    except Exception as error:
        log.exception("unexpected")
        said = say("cli.unexpected", kind=type(error).__name__, problem=error)
        print(f"kiosk: {said}", file=sys.stderr)
        return 1
