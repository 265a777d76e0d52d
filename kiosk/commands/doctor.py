"""``kiosk doctor``: what is wrong with this kiosk and what to do about it, part by part.

Exit 0 when all is good, 1 with warnings, 3 when visitors get no number or no paper. ``--bundle
FILE`` also packs what somebody who helps from afar needs into a ZIP file: this answer, the status,
the settings, the log. Neither the journal nor what visitors searched is in it, nor any secret:
these are in files of their own, which it does not read.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import platform
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

from kiosk import __version__
from kiosk.commands.findings import (
    Finding,
    State,
    of_programs,
    of_service,
    of_settings,
    of_status,
    of_update,
    of_year,
)
from kiosk.commands.findings import worst as worst_of
from kiosk.commands.shared import (
    LOG_NAME,
    THREADS_NAME,
    add_config,
    add_state,
    config_dir,
    folder_name,
    state_dir,
)
from kiosk.commands.status import current_status
from kiosk.errors import KioskError
from kiosk.messages import Say, reason, speaker
from kiosk.settings import Checked, check_settings
from kiosk.settings.assets import ASSETS
from kiosk.settings.languages import word_files
from kiosk.settings.loader import KIOSK_FILE, TICKET_FILE
from menu.agencies import AGENCIES_FILE, describe
from menu.problems import lines
from menu.year import notices, site_today

EXIT_CODES = {State.GOOD: 0, State.WARNING: 1, State.BAD: 3}
MARKS = {State.GOOD: "  ", State.WARNING: "! ", State.BAD: "X "}
PROC = Path("/proc")
PACKAGES = ("Kivy", "python-escpos", "PyYAML", "requests", "holidays")
TRIED = Path("/opt/mpp-kiosk/tried")
"""Written by ``update --night`` (deploy/libexec/update)."""

BUNDLED_STATE = ("printers.json", THREADS_NAME, LOG_NAME, *(f"{LOG_NAME}.{n}" for n in (1, 2, 3)))
"""Files of the state folder that hold neither tickets nor secrets."""


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk doctor``."""
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    parser.add_argument(
        "--bundle", metavar="FILE", type=partial(folder_name, say), help=say("help.bundle")
    )
    add_config(parser, say)
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Print the findings; the result is the exit code."""
    say = speaker(args.lang)
    # Opened first: afterwards root may be the kiosk's user, who may not write there.
    bundle = None if args.bundle is None else _opened(args.bundle)
    status, findings = examine(args, say)
    worst = worst_of(findings)
    answer = {
        "state": worst.value,
        "findings": [asdict(f) | {"state": f.state.value} for f in findings],
        "versions": versions(),
    }
    if bundle is not None:
        _pack(bundle, args, answer, status)
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
        return EXIT_CODES[worst]
    for line in _lines(findings, say):
        print(line)
    if args.bundle is not None:
        print(say("doctor.bundle", file=args.bundle))
    return EXIT_CODES[worst]


def examine(args: argparse.Namespace, say: Say) -> tuple[dict[str, Any] | None, list[Finding]]:
    """The status (None where none can be had) and all findings. A broken part hides no other."""
    config = config_dir(args.config)
    checked = check_settings(config, ASSETS, args.lang)
    status: dict[str, Any] | None = None
    findings: list[Finding] = []
    try:
        state_dir(args.state, create=False)
    except KioskError as error:
        text = " ".join(error.in_(args.lang).split())
        findings.append(Finding("app", State.BAD, text, say("doctor.stopped_action")))
    else:
        try:
            status = current_status(args)
            findings += of_status(status, say)
            findings += of_service(status, findings, say)
        except KioskError as error:
            # Broken settings have a finding of their own.
            text = " ".join(error.in_(args.lang).split("\n")[0].split())
            action = say("doctor.frozen_action" if checked.settings else "doctor.settings_action")
            findings.append(Finding("app", State.BAD, text, action))
    running = status is not None and bool(status["running"])
    findings += _of_files(checked, running, args.lang, say)
    findings.append(of_programs(list(programs()), say))
    findings += of_update(_tried(), say)
    return status, findings


def _of_files(checked: Checked, running: bool, language: str, say: Say) -> Iterator[Finding]:
    errors = list(lines([p for p in checked.problems if not p.warning], language))
    warnings = list(lines([p for p in checked.problems if p.warning], language))
    menu = checked.settings.catalogue if checked.settings else None
    summary = describe(menu).in_(language) if menu else ""
    yield from of_settings(errors, warnings, summary, running, say)
    if menu is not None:
        coming = notices(menu, site_today(menu), language)
        said = [notice.text for notice in coming if notice.warning]
        yield of_year(said, len(coming) - len(said), say)


def _tried() -> str:
    """What is noted of a release that did not work at night; empty without a note."""
    try:
        return TRIED.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def programs() -> Iterator[str]:
    """The names of the programs that run (proc(5), ``comm``)."""
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                yield (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()


def versions() -> dict[str, str]:
    """Versions of the kiosk and of what it stands on, by name."""
    found = {
        "kiosk": __version__,
        "Python": platform.python_version(),
        "Linux": platform.release(),
    }
    with contextlib.suppress(OSError, AttributeError):
        found["system"] = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _lines(findings: list[Finding], say: Say) -> Iterator[str]:
    width = max(len(say(f"doctor.part.{f.part}")) for f in findings)
    for finding in findings:
        part = say(f"doctor.part.{finding.part}").ljust(width)
        yield f"{MARKS[finding.state]}{part}  {finding.text}"
        if finding.action and finding.state is not State.GOOD:
            yield f"  {'':{width}}  → {finding.action}"
    yield say(f"doctor.all.{worst_of(findings).value}")


def _opened(file: Path) -> BinaryIO:
    """The empty file of the bundle, mode 0600. Raises KioskError when it cannot be written."""
    try:
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    except OSError as error:
        raise KioskError("doctor.no_bundle", file=file, why=reason(error)) from error


def _pack(into: BinaryIO, args: argparse.Namespace, answer: dict[str, Any], status: object) -> None:
    """Write the bundle and close it. Raises KioskError when it cannot be written."""
    config = config_dir(args.config)
    names = (AGENCIES_FILE, KIOSK_FILE, TICKET_FILE, *word_files(config))
    files = [(config / name, f"settings/{name}") for name in names]
    with contextlib.suppress(KioskError):
        state = state_dir(args.state, create=False)
        files += [(state / name, f"state/{name}") for name in BUNDLED_STATE]
    unread: dict[str, str] = {}
    try:
        with into, zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as bundle:
            for path, name in files:
                try:
                    if not stat.S_ISREG(path.stat().st_mode):
                        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))  # a pipe would block
                    body = path.read_bytes()
                except OSError as error:
                    unread[name] = str(reason(error))
                    continue
                bundle.writestr(name, body)
            for name, said in (
                ("doctor.json", answer | {"unread": unread}),
                ("status.json", status),
            ):
                bundle.writestr(name, json.dumps(said, ensure_ascii=False, indent=1))
    except OSError as error:
        raise KioskError("doctor.no_bundle", file=args.bundle, why=reason(error)) from error
