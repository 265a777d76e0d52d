"""Find the printers attached to this machine, as values for ``connection`` in ``kiosk.yaml``.

Reads ``/sys`` and ``/dev`` and lists the queues of CUPS; sends nothing to any printer. Printers on
the network are not searched for: their self-test page shows the address.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.messages import Message, Text

CUPS_S = 3.0
"""Limit for listing the queues of CUPS."""


@dataclass(frozen=True, slots=True)
class FoundPrinter:
    """``connection`` for ``kiosk.yaml``, and a description for staff."""

    connection: str
    about: Text


def find_printers(root: Path = Path("/")) -> list[FoundPrinter]:
    """Everything that could be a receipt printer; ``root`` is the folder of ``sys`` and ``dev``."""
    return [*_device_files(root), *_usb(root), *_serial(root), *_queues()]


def _device_files(root: Path) -> Iterator[FoundPrinter]:
    for path in sorted((root / "dev/usb").glob("lp*")):
        shown = Path("/dev/usb") / path.name
        allowed = os.access(path, os.R_OK | os.W_OK)
        about = Message("find.kernel" if allowed else "find.kernel_barred")
        yield FoundPrinter(f"device:{shown}", about)


def _usb(root: Path) -> Iterator[FoundPrinter]:
    """Devices with an interface of the printer class (07)."""
    devices = root / "sys/bus/usb/devices"
    for interface in sorted(devices.glob("*:*")):
        if _line(interface / "bInterfaceClass") != "07":
            continue
        device = devices / interface.name.partition(":")[0]
        numbers = f"{_line(device / 'idVendor')}:{_line(device / 'idProduct')}"
        names = [_line(device / name) for name in ("manufacturer", "product")]
        yield FoundPrinter(f"usb:{numbers}", " ".join(n for n in names if n) or Message("find.usb"))


def _serial(root: Path) -> Iterator[FoundPrinter]:
    for path in sorted((root / "dev/serial/by-id").glob("*")):
        connection = f"serial:/dev/serial/by-id/{path.name}:19200"
        yield FoundPrinter(connection, Message("find.serial"))


def _queues() -> Iterator[FoundPrinter]:
    program = shutil.which("lpstat")
    if program is None:
        return
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            [program, "-e"],
            capture_output=True,
            check=False,
            timeout=CUPS_S,
            env={**os.environ, "LC_ALL": "C"},
        )
        for name in done.stdout.decode("utf-8", "replace").split() if not done.returncode else ():
            yield FoundPrinter(f"cups:{name}", Message("find.queue"))


def _line(path: Path) -> str:
    try:
        return " ".join(path.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return ""
