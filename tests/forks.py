"""Processes of our commands that begin with their modules imported.

A short command spends most of its time on imports, and the tests start more than a thousand. Here a
helper process has imported what the commands use; for each start it forks. What comes out is a
process of its own and a child of the test's process, with its own streams, folder, environment,
signals and exit code. Kivy is not imported: it reads the environment while it is.

A start that depends on how Python starts (variables such as ``PYTHONPATH`` or ``LANG``) is a new
Python, and so is one outside of a test: the scripts of ``benchmarks/`` measure what they start.
That each command starts in a new one, with nothing imported before, is tested in
``tests/e2e/test_docs_commands.py``, with the wheel, and where a command needs a terminal or Kivy.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import logging
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("kiosk", "queue_server", "virtual_printer")
IMPORTED = (
    "escpos.escpos",
    "kiosk.bootstrap",
    "queue_server.commands",
    "queue_server.process",
    "sqlalchemy.dialects.sqlite",
    "virtual_printer.album",
    "virtual_printer.control",
    "virtual_printer.device",
)
"""Beside the modules of ``kiosk.commands``."""

AT_START = ("PYTHON", "LC_", "LANG")
"""Variables that Python reads when it starts begin so."""

LONGEST = 1 << 20
PR_SET_CHILD_SUBREAPER = 36


def at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """What Python reads of an environment when it starts."""
    read = {k: v for k, v in environment.items() if k.startswith(AT_START)}
    return read | {"PYTHONPATH": read.get("PYTHONPATH") or str(ROOT)}


STARTED_WITH = at_start(os.environ)
"""Taken before a test changes it."""


# ── in the test's process ────────────────────────────────────────────────────────────────


class Helper:
    """The process that forks, started with the first command."""

    def __init__(self) -> None:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {k: v for k, v in os.environ.items() if not k.startswith(AT_START)}
        with its:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forks", str(its.fileno())],
                cwd=ROOT,
                env=environment | STARTED_WITH,
                stdin=subprocess.DEVNULL,
                pass_fds=(its.fileno(),),
            )
        self._socket = ours
        self._lock = threading.Lock()
        atexit.register(self._end)

    def _end(self) -> None:
        """It ends when the socket is closed; so it does where this process is killed."""
        self._socket.close()
        self._process.wait(10)

    def fork(self, request: dict[str, Any], streams: Sequence[int]) -> int:
        """The process id of a new child of this process."""
        with self._lock:
            adopt(wanted=True)
            try:
                socket.send_fds(self._socket, [json.dumps(request).encode()], streams)
                return int(self._socket.recv(LONGEST))
            finally:
                adopt(wanted=False)


def adopt(*, wanted: bool) -> None:
    """Whether this process becomes the parent of processes whose own parent ends."""
    failed = ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)
    assert not failed


_helper: Helper | None = None
_starting = threading.Lock()


def helper() -> Helper:
    """The one of this process."""
    global _helper
    with _starting:
        if _helper is None:
            _helper = Helper()
        return _helper


class ForkedProcess(subprocess.Popen[Any]):
    """As its base class, but forked by the helper."""

    def _execute_child(
        self,
        args: Sequence[str],
        executable: None,
        preexec_fn: None,
        close_fds: bool,
        pass_fds: Sequence[int],
        cwd: str | Path | None,
        env: Mapping[str, str] | None,
        startupinfo: None,
        creationflags: int,
        shell: bool,
        p2cread: int,
        p2cwrite: int,
        c2pread: int,
        c2pwrite: int,
        errread: int,
        errwrite: int,
        *more: object,
    ) -> None:
        """Where the base class calls fork and exec; the parameters are those of Python 3.11 on."""
        request = {
            "program": args[2],
            "arguments": args[3:],
            "folder": str(cwd or Path.cwd()),
            "environment": dict(os.environ if env is None else env),
        }
        streams = [p2cread, c2pwrite, errwrite]
        self.pid = helper().fork(request, [n if m == -1 else m for n, m in enumerate(streams)])
        self._child_created = True
        self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)  # type: ignore[attr-defined]


def start(argv: Sequence[str | Path], **more: Any) -> subprocess.Popen[Any]:
    """``subprocess.Popen`` of ``[sys.executable, "-m", PROGRAM, COMMAND, ...]``."""
    assert argv[0] == sys.executable
    assert argv[1] == "-m"
    plain = set(more) <= {"cwd", "env", "stdin", "stdout", "stderr", "text"}
    plain = plain and "PYTEST_CURRENT_TEST" in os.environ
    if not plain or at_start(more.get("env") or os.environ) != STARTED_WITH:
        return subprocess.Popen(argv, **more)
    return ForkedProcess([f"{word}" for word in argv], **more)


def run(
    argv: Sequence[str | Path], *, typed: str | None = None, timeout: float = 60.0, **more: Any
) -> subprocess.CompletedProcess[Any]:
    """``subprocess.run`` of the same, with its output; ``typed``: its input."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if typed is not None:
        pipes["stdin"] = subprocess.PIPE
    with start(argv, **pipes, **more) as process:
        try:
            out, err = process.communicate(typed, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(argv, process.returncode, out, err)


# ── in the helper ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Request:
    """What a child is to be."""

    program: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]


def import_all() -> None:
    """Import what the commands use."""
    commands = importlib.import_module("kiosk.commands")
    names = [f"kiosk.commands.{module.name}" for module in pkgutil.iter_modules(commands.__path__)]
    for name in (*names, *IMPORTED):
        importlib.import_module(name)
    assert "kivy" not in sys.modules
    # A library logs on import, which sets logging up; the commands import it after they did so.
    logging.basicConfig(force=True, handlers=[])
    gc.collect()
    gc.freeze()


def forked(line: socket.socket) -> Request | None:
    """Fork for each request; returns in the children, and None in the helper at its end."""
    while True:
        said, streams, _, _ = socket.recv_fds(line, LONGEST, 3)
        if not said:
            return None
        known, tell = os.pipe()
        begin, hold = os.pipe()
        between = os.fork()
        if between == 0:
            child = os.fork()
            if child == 0:
                os.close(hold)
                os.read(begin, 1)  # until the process between has ended
                for place, stream in enumerate(streams):
                    os.dup2(stream, place)
                line.close()
                for one in (*streams, known, tell, begin):
                    os.close(one)
                return Request(**json.loads(said))
            os.write(tell, f"{child}".encode())
            os._exit(0)
        os.waitpid(between, 0)
        line.send(os.read(known, 20))
        for one in (*streams, known, tell, begin, hold):
            os.close(one)


def become(request: Request) -> None:
    """Be as if Python had started for this command."""
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    tempfile.tempdir = None
    for name, place, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        old: TextIO = getattr(sys, name)
        new = open(  # noqa: SIM115  # a descriptor, for as long as the process lives
            place,
            mode,
            1 if name == "stderr" else -1,
            encoding=old.encoding,
            errors=old.errors,
            closefd=False,
        )
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    sys.argv[1:] = request.arguments


def main() -> None:
    """Serve on the socket whose descriptor is the argument."""
    import_all()
    request = None
    with suppress(KeyboardInterrupt):
        request = forked(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        become(request)
        runpy.run_module(request.program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
