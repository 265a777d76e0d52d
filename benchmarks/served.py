"""A queue server for the benchmarks, as another process than the measured kiosk."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.common import ROOT
from benchmarks.relay import Relay
from kiosk.clock import demo_start
from kiosk.demo.embedded_server import EmbeddedServer
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from menu.agencies import AGENCIES_FILE


@contextlib.contextmanager
def queue_server(menu: Path = ROOT / "config" / AGENCIES_FILE) -> Iterator[EmbeddedServer]:
    """Start a server with the kiosk of ``config/`` enrolled, ``menu`` and the demo's clock."""
    settings = load_settings(ROOT / "config", ASSETS)
    with (
        tempfile.TemporaryDirectory(prefix="kiosk-bench-") as name,
        EmbeddedServer(Path(name) / "server", menu) as server,
    ):
        server.add_kiosk(settings.kiosk.id)
        server.start(demo_start(settings))
        server.wait()
        yield server


@contextlib.contextmanager
def server_environment(server: EmbeddedServer | None, relay: Relay | None = None) -> Iterator[None]:
    """Set the environment variables by which ``kiosk_window.py`` finds the server or the relay."""
    names = {}
    if server is not None:
        port = server.address.rpartition(":")[2] if relay is None else str(relay.port)
        names["KIOSK_BENCH_SERVER"] = f"http://127.0.0.1:{port}"
        names["KIOSK_BENCH_TOKEN"] = server.settings.token_file
    if relay is not None:
        names["KIOSK_BENCH_SWITCH"] = str(relay.switch)
    with variables(names):
        yield


@contextlib.contextmanager
def variables(names: Mapping[str, str]) -> Iterator[None]:
    """Set these environment variables for the block."""
    os.environ.update(names)
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]
