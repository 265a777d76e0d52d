"""Every command of the README and of ``docs/`` is understood, and those that end by themselves work
as they are written there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import virtual_printer.__main__
from kiosk import cli as kiosk_cli
from queue_server import cli as server_cli
from tests import forks

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "virtual_printer/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
PROGRAMS = ("kiosk", "queue-server", "virtual-printer")
FENCE = re.compile(r"^ *```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(rf"`((?:sudo )?(?:{'|'.join(PROGRAMS)})(?: [^`]+)?)`")
LINE = re.compile(rf"^ *(?:\$ )?((?:sudo )?(?:{'|'.join(PROGRAMS)}) .+)$", re.MULTILINE)

VALUES = {
    "DIR": "folder",
    "FOLDER": "folder",
    "FILE": "file",
    "NAME": "name",
    "CODE": "jv",
    "N": "1",
    "M": "2",
    "D": "2026-11-28",
    "DATE": "2026-11-28",
    "NUMBER": "1",
    "SERVICE": "ktp-el",
    "WORDS": "paspor",
    "URL": "http://127.0.0.1:9",
    "--timeout": "--timeout=3",
    "…": "value",
}
"""What stands for a value in the pages, and a value."""

KIOSK = "version: 1\nid: lobi-1\nprinter: {connection: virtual}\n"
MODULES = {"kiosk": "kiosk", "queue-server": "queue_server", "virtual-printer": "virtual_printer"}

ENDLESS = ("run", "demo", "set-pin", "enroll", "preview", "evidence", "new")
"""Commands that go on until they are ended, ask questions, or draw all screens: here only their
words are checked."""


def written() -> Iterator[str]:
    """The commands of all pages."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for block in FENCE.findall(text):
            yield from LINE.findall(block)
        yield from INLINE.findall(FENCE.sub("", text).replace("\n", " "))


def words_of(command: str) -> list[str]:
    """The words of a command, without remarks, redirection and the brackets of a synopsis."""
    command = re.split(r"  +#| [|<>] |; ", command)[0].removeprefix("sudo ")
    plain = re.sub(r"[\[\]]", " ", command.replace(" …]", "]"))
    return [VALUES.get(word, word) for word in shlex.split(plain)]


COMMANDS = sorted({tuple(words) for words in map(words_of, written()) if len(words) > 1})


LEFT_OUT = re.compile("are required|expected one argument|give the words")
"""A sentence that names a command may leave out its arguments."""


def parser_of(program: str, command: str) -> ArgumentParser:
    if program == "kiosk":
        return kiosk_cli._parser(command, "en")
    if program == "queue-server":
        return server_cli._parser("en")
    return virtual_printer.__main__._arguments()


def test_the_pages_name_every_command() -> None:
    names = {words[1] for words in COMMANDS if words[0] == "kiosk"}
    assert set(kiosk_cli.COMMANDS) <= names
    assert len(COMMANDS) > 70


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_of_the_pages_is_understood(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    unknown: list[str] = []
    code: object = 0
    try:
        _, unknown = parser_of(words[0], words[1]).parse_known_args(words[1:])
    except SystemExit as end:
        code = end.code
    assert not unknown
    assert code == 0 or LEFT_OUT.search(capsys.readouterr().err)


# ── those that end by themselves ─────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the shipped ``config/``, a kiosk's state with two numbers, and a home."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "config", folder / "config")
    shutil.copytree(ROOT / "config", folder / "folder")
    (folder / "config" / "kiosk.yaml").write_text(KIOSK, "utf-8")
    return folder


started: set[str] = set()
"""The commands that a new Python has run: of each, the first one here."""


def run(site: Path, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"HOME": str(site), "PYTHONPATH": str(ROOT), "KIOSK_LANG": "en"}
    environment |= {"XDG_STATE_HOME": str(site / "state"), "COLUMNS": "80"}
    argv = [sys.executable, "-m", MODULES[words[0]], *words[1:]]
    if words[1] in started:
        return forks.run(argv, cwd=site, env=environment, typed="paspor\n", text=True)
    started.add(words[1])
    return subprocess.run(
        argv,
        cwd=site,
        env=environment,
        input="paspor\n",
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "words", [w for w in COMMANDS if w[0] == "kiosk" and w[1] not in ENDLESS], ids=" ".join
)
def test_a_command_of_the_pages_works(site: Path, words: tuple[str, ...]) -> None:
    done = run(site, words)
    assert done.returncode in (0, 1, 3) or LEFT_OUT.search(done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr
    assert done.stdout or done.stderr or "github" in words, "only the form for GitHub may be empty"
