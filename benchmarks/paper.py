"""A virtual printer with instant mechanics for the benchmarks, in another process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from virtual_printer.process import VirtualPrinterProcess


@contextlib.contextmanager
def virtual_printer() -> Iterator[VirtualPrinterProcess]:
    """Start a printer, and set the environment variable by which ``kiosk_window.py`` finds it."""
    with VirtualPrinterProcess() as printer:
        os.environ["KIOSK_BENCH_PRINTER"] = str(printer.port)
        try:
            yield printer
        finally:
            del os.environ["KIOSK_BENCH_PRINTER"]
