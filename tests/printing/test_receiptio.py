"""receiptio, an independent ESC/POS client, reports the states of the virtual printer.

``script/test`` installs it into the folder named below, from the lock file.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from virtual_printer import VirtualPrinter

pytestmark = pytest.mark.usefixtures("unmeasured")

HERE = Path(__file__).parent / "receiptio"
MODULES = Path(sys.prefix) / "receiptio" / "node_modules"

# A fault with its options, and the client's results of an inquiry and of a job. It inquires with
# DLE EOT 2 alone, which does not report an offline printer. It learns of a fault during the slip
# from automatic status.
MID_SLIP = {"at_mm": 1}
CLIENT_RESULTS: list[tuple[str, dict[str, int], str | None, str]] = [
    ("", {}, "online", "success"),
    ("near_end", {}, "online", "success"),
    ("cover_open", {}, "coveropen", "coveropen"),
    ("paper_out", {}, "paperempty", "paperempty"),
    ("error", {}, "error", "error"),
    ("overheated", {}, "error", "error"),
    ("cutter_jam", {}, "error", "error"),
    ("offline", {}, None, "offline"),
    ("mute", {}, "offline", "offline"),
    ("refuse", {}, "disconnect", "disconnect"),
    ("cover_open", MID_SLIP, None, "coveropen"),
    ("paper_out", MID_SLIP, None, "paperempty"),
    ("error", MID_SLIP, None, "error"),
    ("cutter_jam", MID_SLIP, None, "error"),
]


@pytest.mark.skipif(
    not (shutil.which("node") and MODULES.is_dir()), reason="script/test installs receiptio"
)
def test_an_independent_client_reports_each_state() -> None:
    # The client always connects to port 9100, so each printer needs an address.
    net = f"127.{random.randint(1, 254)}.{os.getpid() % 254 + 1}"
    devices: dict[str, VirtualPrinter] = {}
    jobs, wanted = [], {}
    with ExitStack() as stack:
        for i, (fault, how, *results) in enumerate(CLIENT_RESULTS):
            for j, (way, answer) in enumerate(zip(("-q", "-p escpos -t 2"), results, strict=True)):
                if answer is None:
                    continue
                device = VirtualPrinter(host=f"{net}.{2 * i + j + 1}", port=9100)
                name = f"{fault or 'no fault'} {how or ''} {way}"
                devices[name] = stack.enter_context(device)
                if fault:
                    device.fault(fault, **how)
                jobs.append((name, f"-d {device.host} {way}"))
                wanted[name] = answer
        done = subprocess.run(
            ["node", str(HERE / "client.cjs"), json.dumps(jobs)],
            env={**os.environ, "NODE_PATH": str(MODULES)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == wanted
        for name, answer in wanted.items():
            lines = [piece.lines for piece in devices[name].slips]
            assert lines == ([["Loket 7"]] if answer == "success" else []), name
