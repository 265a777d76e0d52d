"""``kiosk check-server``: whether a queue server does what docs/protocol.md says, case by case.

For developers and installers of a server. The command acts as a kiosk with new journals, and asks
first, because numbers are reserved, settled and given back. Exit 0 when every case that was played
passes, 1 with advice or where a case could not be played, 3 when the server differs where a kiosk
relies on it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kiosk.commands.findings import State
from kiosk.commands.shared import add_config, config_dir, folder_name
from kiosk.conformance.case import CaseEnd, CaseResult, Need
from kiosk.conformance.play import CASES, NEW_JOURNALS, Run, play
from kiosk.conformance.probe import Probe
from kiosk.conformance.session import ExtraTokens
from kiosk.errors import KioskError, ServerUnreachable, SyncError
from kiosk.messages import Say, in_language, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.sync.client import QueueClient
from kiosk.sync.http_link import read_token

EXIT_CODES = {State.GOOD: 0, State.WARNING: 1, State.BAD: 3}
YES = ("y", "yes", "ya")


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk check-server``."""
    file = partial(folder_name, say)
    parser.add_argument("url", metavar="URL", type=partial(_url, say), help=say("help.server_url"))
    parser.add_argument(
        "--token-file", metavar="FILE", type=file, help=say("help.check_token_file")
    )
    parser.add_argument("--ca-file", metavar="FILE", type=file, help=say("help.ca_file"))
    parser.add_argument(
        "--service",
        metavar="CODE",
        action="append",
        default=[],
        help=say("help.check_service"),
    )
    parser.add_argument(
        "--other-token-file", metavar="FILE", type=file, help=say("help.other_token_file")
    )
    parser.add_argument(
        "--revoked-token-file", metavar="FILE", type=file, help=say("help.revoked_token_file")
    )
    parser.add_argument("--yes", action="store_true", help=say("help.check_yes"))
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    add_config(parser, say)


def run(args: argparse.Namespace) -> int:
    """Play the cases and print the report; the result is the exit code."""
    say = speaker(args.lang)
    token_file, ca_file = _files(args)
    token = read_token(token_file)
    tokens = ExtraTokens(_token(args.other_token_file), _token(args.revoked_token_file))
    _confirm(args, say)
    _reach(args.url, token_file, ca_file)
    probe = Probe(args.url, token, ca_file)
    try:
        done = play(probe, args.service, tokens)
    finally:
        probe.close()
    state = verdict(done)
    if args.json:
        print(json.dumps(as_json(args.url, done, args.lang), ensure_ascii=False))
    else:
        for line in _lines(done, args.lang):
            print(line)
    return EXIT_CODES[state]


def verdict(done: Run) -> State:
    """BAD where the server differs in what a kiosk relies on, WARNING with advice."""
    if any(result.bad for result in done.results):
        return State.BAD
    return State.WARNING if any(result.warning for result in done.results) else State.GOOD


def as_json(url: str, done: Run, language: str) -> dict[str, Any]:
    """The report for programs; sentences in ``language``."""
    say = speaker(language)
    return {
        "url": url,
        "state": verdict(done).value,
        "service": done.service,
        "reserved": done.reserved,
        "tickets": done.tickets,
        "counts": {end.value: n for end, n in _counts(done).items()},
        "cases": [
            {
                "name": result.case.name,
                "need": result.case.need.value,
                "result": result.end.value,
                "title": say(f"check_server.case.{result.case.name}"),
                "text": in_language(result.text, language),
                "rule": result.case.rule,
            }
            for result in done.results
        ],
    }


def _counts(done: Run) -> dict[CaseEnd, int]:
    found = Counter(result.end for result in done.results)
    return {end: found[end] for end in CaseEnd}


def _lines(done: Run, language: str) -> Iterator[str]:
    say = speaker(language)
    width = max(len(say(f"check_server.need.{need.value}")) for need in Need)
    for result in done.results:
        need = say(f"check_server.need.{result.case.need.value}").ljust(width)
        title = say(f"check_server.case.{result.case.name}")
        yield f"{_mark(result)}{need}  {title}"
        if result.text:
            text = in_language(result.text, language)
            end = say(f"check_server.end.{result.end.value}", text=text)
            rule = f" ({result.case.rule})" if result.bad and result.case.rule else ""
            yield f"  {'':{width}}  → {end}{rule}"
    counts = {end.value: n for end, n in _counts(done).items()}
    yield say("check_server.counts", of=len(done.results), **counts)
    yield say("check_server.used", reserved=done.reserved, tickets=done.tickets)
    yield say(f"check_server.all.{verdict(done).value}")


def _mark(result: CaseResult) -> str:
    if result.bad:
        return "X "
    if result.warning:
        return "! "
    return "  " if result.end is CaseEnd.PASSED else "- "


def _url(say: Say, text: str) -> str:
    """An address without a path, as ``server.url`` in kiosk.yaml."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.path not in ("", "/") or parts.query or parts.username is not None:
        raise argparse.ArgumentTypeError(say("usage.server_url"))
    return text.rstrip("/")


def _files(args: argparse.Namespace) -> tuple[Path, Path | None]:
    """The token's file and the CA's: as given, else those of kiosk.yaml, as ``enroll`` uses."""
    if args.token_file is not None:
        return args.token_file, args.ca_file
    config = config_dir(args.config)
    server = load_settings(config, ASSETS, args.lang).kiosk.server
    if not server.token_file:
        raise KioskError("check_server.no_token_file")
    ca_file = config / server.ca_file if server.ca_file else None
    return config / server.token_file, args.ca_file or ca_file


def _token(file: Path | None) -> str:
    return "" if file is None else read_token(file)


def _confirm(args: argparse.Namespace, say: Say) -> None:
    """Say what the cases do on the server, and ask. Raises KioskError unless the answer is yes."""
    if args.yes:
        return
    text = say("check_server.warning", url=args.url, cases=len(CASES), letters=NEW_JOURNALS)
    print(text, file=sys.stderr)
    if not sys.stdin.isatty():
        raise KioskError("check_server.ask_yes")
    print(say("check_server.ask"), end=" ", file=sys.stderr, flush=True)
    if sys.stdin.readline(100).strip().lower() not in YES:
        raise KioskError("check_server.not_done")


def _reach(url: str, token_file: Path, ca_file: Path | None) -> None:
    """Raises ServerUnreachable, in the words of the kiosk, where no server answers at ``url``."""
    client = QueueClient(url, token_file, ca_file)
    try:
        client.catalogue("")
    except ServerUnreachable:
        raise
    except SyncError:
        pass  # the server answers; what, the cases say
    finally:
        client.close()
