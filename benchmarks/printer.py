"""What the kiosk adds to a printer, and what a dead one costs.

    python benchmarks/printer.py [SLIPS]

Without a window, from the tap's request to the proof of the paper: number, journal on disk, slip,
printer, outcome written down. Baseline of the same run: the bytes of such a slip sent straight to
the same printer, until its echo.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.common import ROOT, quantile, table, verdict
from benchmarks.tap_to_slip import direct
from kiosk.bootstrap import Options, build_kiosk
from kiosk.clock import demo_start
from kiosk.domain.delivery import Outcome
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from virtual_printer import VirtualPrinter

SLIPS = 100
SPEED_MM_S = 250.0
P95_MS, KNOWN_S, VISITOR_S, PART = 60.0, 3.0, 0.1, 5.0
SLOW_ANSWER_S, MORE_THAN_A_LOOK = 0.75, 100
DEAD = ("unplugged", "mute", "black hole")


class Cable:
    """A line to ``device`` that can be turned into a black hole: no byte, no refusal, no answer."""

    def __init__(self, device: VirtualPrinter) -> None:
        self._device = device
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.connection = f"network:127.0.0.1:{self._listener.getsockname()[1]}"
        self._kept: list[socket.socket] = []
        self._whole = True
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while self._whole:
                near, _ = self._listener.accept()
                far = socket.create_connection((self._device.host, self._device.port))
                self._kept += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(4096):
                if self._whole:
                    other.sendall(data)

    def unplug(self) -> None:
        """The line ends, and new ones are refused."""
        self._whole = False
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._kept:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """From now on all is lost; the places for new connections are taken."""
        self._whole = False
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self._listener.getsockname())
            self._kept.append(filler)


def kiosk_on(device: VirtualPrinter | Cable) -> Kiosk:
    """The kiosk with ``device`` as its printer and a journal of its own."""
    settings = load_settings(ROOT / "config", ASSETS)
    printer = replace(settings.kiosk.printer, connection=device.connection)
    settings = replace(settings, kiosk=replace(settings.kiosk, printer=printer))
    state = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    return build_kiosk(settings, state, Options(demo=True, start=demo_start(settings)))


def issue_ms(kiosk: Kiosk) -> tuple[float, Outcome]:
    """Milliseconds of one number, and what became of its slip."""
    request = kiosk.new_request("ktp-el")
    begun = time.perf_counter()
    done = kiosk.issue_now(request)
    return (time.perf_counter() - begun) * 1000, done.result.outcome


def levels(count: int) -> tuple[list[list[str]], list[tuple[str, float, float]]]:
    """Each level on instant mechanics."""
    rows, limits = [], []
    with VirtualPrinter(level="A") as device:
        bare = direct(device, count)  # type: ignore[arg-type]
    rows.append(["bytes straight to the printer", *_figures(bare)])
    for letter in "ABCD":
        with VirtualPrinter(level=letter) as device, kiosk_on(device) as kiosk:
            kiosk.probe_now()
            kiosk.start()
            issue_ms(kiosk)
            done = [issue_ms(kiosk) for _ in range(count)]
            times = [ms for ms, outcome in done if outcome is Outcome.PRINTED]
            rows.append([f"kiosk, level {letter}", *_figures(times)])
            limits.append((f"level {letter} p95, ms", quantile(times, 0.95), P95_MS))
            limits.append((f"level {letter}, slips not printed", float(count - len(times)), 0.0))
    return rows, limits


def mechanics(count: int) -> tuple[list[list[str]], list[tuple[str, float, float]]]:
    """A head of 250 mm/s: the kiosk from tap to cut, and the mechanics alone for its slip."""
    with VirtualPrinter(level="A", speed_mm_s=SPEED_MM_S) as device, kiosk_on(device) as kiosk:
        kiosk.probe_now()
        kiosk.start()
        issue_ms(kiosk)
        used = device.machine.used_mm
        times = [issue_ms(kiosk)[0] for _ in range(count)]
        length_mm = (device.machine.used_mm - used) / count
    with VirtualPrinter(level="A", speed_mm_s=SPEED_MM_S) as device:
        straight = direct(device, count)  # type: ignore[arg-type]
        straight_mm = device.machine.used_mm / count
    # The two slips differ by a line or two.
    bare = [ms * length_mm / straight_mm for ms in straight]
    alone = quantile(bare, 0.5)
    more = (quantile(times, 0.5) / alone - 1) * 100
    rows = [
        [f"bytes straight to the printer, {length_mm:.0f} mm", *_figures(bare)],
        ["kiosk, tap to cut", *_figures(times)],
    ]
    return rows, [("over the mechanics at 250 mm/s, percent", more, PART)]


def first_byte_ms(device: VirtualPrinter, kiosk: Kiosk) -> float:
    """Milliseconds from the tap's request to the first bytes of its slip at the printer."""
    machine = device.machine
    visit = threading.Thread(target=issue_ms, args=(kiosk,))
    before, begun = machine.received, time.perf_counter()
    visit.start()
    with machine.changed:
        # The questions of an idle look are three bytes each.
        machine.changed.wait_for(lambda: machine.received - before > MORE_THAN_A_LOOK, 20)
    done = time.perf_counter()
    visit.join()
    return (done - begun) * 1000


def slow() -> tuple[list[list[str]], list[tuple[str, float, float]]]:
    """Level C with slow answers: what a visitor waits for the idle look that is under way."""
    rows, times = [], {}
    for answer_s in (0.0, SLOW_ANSWER_S):
        with VirtualPrinter(level="C") as device, kiosk_on(device) as kiosk:
            kiosk.probe_now()
            kiosk.start()
            issue_ms(kiosk)
            if answer_s:
                device.fault("delay", seconds=answer_s)
            taken = []
            for i in range(8):
                # At another moment of a look each time.
                time.sleep(2 * answer_s + 0.2 + 0.37 * i)
                taken.append(first_byte_ms(device, kiosk))
            times[answer_s] = taken
            rows.append([f"answers after {answer_s:g} s", *_figures(taken)])
    more_s = (max(times[SLOW_ANSWER_S]) - quantile(times[0.0], 0.5)) / 1000
    return rows, [("a visitor's wait for a slow printer's idle look, s", more_s, VISITOR_S)]


def dead() -> tuple[list[list[str]], list[tuple[str, float, float]]]:
    """Seconds until a printer that died while idle is known, and what it costs then."""
    rows, limits = [], []
    for name in DEAD:
        with VirtualPrinter(level="A") as device, kiosk_on(cable := Cable(device)) as kiosk:
            kiosk.probe_now()
            kiosk.start()
            issue_ms(kiosk)
            if name == "unplugged":
                cable.unplug()
            elif name == "mute":
                device.fault("mute")
            else:
                cable.swallow()
            begun = time.perf_counter()
            while kiosk.printer_health().well and time.perf_counter() < begun + 10:
                time.sleep(0.005)
            known_s = time.perf_counter() - begun
            costs = []
            for _ in range(8):
                costs.append(issue_ms(kiosk)[0] / 1000)
                time.sleep(0.4)
            rows.append([name, f"{known_s:.2f}", f"{max(costs) * 1000:.0f}"])
            limits.append((f"{name}: known, s", known_s, KNOWN_S))
            limits.append((f"{name}: a visitor's time, s", max(costs), VISITOR_S))
    return rows, limits


def _figures(times: list[float]) -> list[str]:
    return [f"{quantile(times, 0.5):.1f}", f"{quantile(times, 0.95):.1f}", f"{max(times):.1f}"]


def main() -> int:
    """All of it; 0 when every limit is kept."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SLIPS
    heads = ("way", "p50", "p95", "max")
    rows, limits = levels(count)
    table(f"tap to proof, ms, instant mechanics, {count} slips", heads, rows)
    rows, more = mechanics(10)
    table("tap to cut, ms, 250 mm/s, 10 slips", heads, rows)
    limits += more
    rows, more = slow()
    table("tap to the slip's first byte, ms, level C, 8 slips", heads, rows)
    limits += more
    rows, more = dead()
    table("a dead printer", ("printer", "known after s", "then at most ms"), rows)
    return verdict(limits + more)


if __name__ == "__main__":
    sys.exit(main())
