"""Measure the kiosk's overhead over the printer, the cost of a dead printer, and recovery times.

    python benchmarks/printer.py [SLIPS] [PART ...]

Without a window, from the request to the printed slip at the virtual printer: number, commit of the
journal, composition, bytes. PARTs are ``software``, ``mechanics``, ``slow``, ``dead`` and ``back``;
without one, all run, which takes about ten minutes. Baselines of the same run: the bytes of the
kiosk's last slip, sent to the same printer over a plain socket; the printer with immediate answers;
the time in which the printer prints its buffer after the fault was cleared.
"""

from __future__ import annotations

import contextlib
import math
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.common import ROOT, quantile, table, verdict
from kiosk.bootstrap import Options, build_kiosk
from kiosk.clock import demo_start
from kiosk.domain.delivery import Outcome
from kiosk.printing import slip_time
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from virtual_printer import VirtualPrinter
from virtual_printer.characters import CHARACTERS

SLIPS = 100
SPEED_MM_S = 250.0
P95_MS, SLOW_P95_MS, DETECTED_S, VISITOR_S, OVERHEAD_PERCENT, RECOVERY_S = (
    20.0,
    60.0,
    3.0,
    0.1,
    2.0,
    3.0,
)
SLOW_ANSWER_S, LONGEST_QUESTIONS_BYTES = 0.75, 100
WAIT_S, HOLD_S = 30.0, 4.0
CONCURRENT = 4
DEAD = ("unplugged", "mute", "black hole")
DEAD_CHARACTERS = ("epson", "clone", "cashino", "slow")
FAULTS: dict[str, dict[str, float]] = {
    "paper_out": {"at_mm": 40.0},
    "cover_open": {"at_mm": 40.0},
    "error": {"at_mm": 40.0},
    "cutter_jam": {},
}

Figures = tuple[list[list[str]], list[tuple[str, float, float]]]
"""Rows of a table, and limits as ``verdict`` takes them."""


class Cable:
    """A TCP relay to ``device`` that can become unplugged, or a black hole that answers nothing."""

    def __init__(self, device: VirtualPrinter) -> None:
        self._device = device
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.connection = f"network:127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: list[socket.socket] = []
        self._passing = True
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while self._passing:
                near, _ = self._listener.accept()
                far = socket.create_connection((self._device.host, self._device.port))
                self._connections += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(4096):
                if self._passing:
                    other.sendall(data)

    def unplug(self) -> None:
        """Close the connections and refuse new ones."""
        self._passing = False
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._connections:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """Become a black hole: drop all bytes, and fill the backlog so that no one can connect."""
        self._passing = False
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self._listener.getsockname())
            self._connections.append(filler)


def kiosk_on(device: VirtualPrinter | Cable) -> Kiosk:
    """A kiosk with ``device`` as its printer and a new journal."""
    settings = load_settings(ROOT / "config", ASSETS)
    printer = replace(settings.kiosk.printer, connection=device.connection)
    settings = replace(settings, kiosk=replace(settings.kiosk, printer=printer))
    state = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    return build_kiosk(settings, state, Options(demo=True, start=demo_start(settings)))


def issue_ms(kiosk: Kiosk) -> tuple[float, Outcome]:
    """Issue one number; return the milliseconds and the outcome of its slip."""
    request = kiosk.new_request("ktp-el")
    begun = time.perf_counter()
    done = kiosk.issue_now(request)
    return (time.perf_counter() - begun) * 1000, done.result.outcome


@contextmanager
def instant_mechanics(character: str) -> Iterator[None]:
    """Assume paper that moves without delay: watch no slip, and accept answers at any time, except
    from the character that answers too early."""
    names = ("FASTEST_MM_S", "SLOWEST_MM_S", "AFTER_S")
    before = [getattr(slip_time, name) for name in names]
    fastest_mm_s = before[0] if CHARACTERS[character].early else math.inf
    for name, value in zip(names, (fastest_mm_s, math.inf, 0.0), strict=True):
        setattr(slip_time, name, value)
    try:
        yield
    finally:
        for name, value in zip(names, before, strict=True):
            setattr(slip_time, name, value)


def ready(kiosk: Kiosk) -> None:
    """Wait until the kiosk has detected its printer, print a first slip, and start the kiosk."""
    end_s = time.monotonic() + WAIT_S
    while not kiosk.probe_now().well and time.monotonic() < end_s:
        time.sleep(0.1)
    issue_ms(kiosk)
    kiosk.start()


def out_ms(device: VirtualPrinter, send: Callable[[], object]) -> float:
    """Call ``send``; return the milliseconds until the next piece of paper is out, or infinity.

    ``send`` runs in a thread, because the kiosk watches a slip for some time after it is out.
    """
    before, begun = device.machine.pieces, time.perf_counter()
    sender = threading.Thread(target=send)
    sender.start()
    with device.machine.changed:
        came = device.machine.changed.wait_for(lambda: device.machine.pieces > before, 10)
    done = time.perf_counter()
    sender.join()
    return (done - begun) * 1000 if came else math.inf


@contextmanager
def recorded_bytes(device: VirtualPrinter) -> Iterator[bytearray]:
    """Record the bytes that the printer receives within the block."""
    record, receive = bytearray(), device.machine.receive

    def hear(data: bytes, *, heard: bool = True) -> None:
        record.extend(data)
        receive(data, heard=heard)

    device.machine.receive = hear  # type: ignore[method-assign]
    try:
        yield record
    finally:
        device.machine.receive = receive  # type: ignore[method-assign]


def slips_ms(character: str, count: int, speed_mm_s: float | None) -> tuple[list[float], ...]:
    """Milliseconds of ``count`` slips of the kiosk, and of the same bytes over a plain socket."""
    with VirtualPrinter(character=character, speed_mm_s=speed_mm_s) as device:
        with kiosk_on(device) as kiosk:
            ready(kiosk)
            times = []
            for _ in range(count):
                with recorded_bytes(device) as record:
                    times.append(out_ms(device, lambda: issue_ms(kiosk)))
            # Set this before the kiosk closes its connection: a board locks clients out after it.
            device.set(lockout_s=0)
        job = bytes(record[max(0, record.find(b"\x1b@")) :])
        with socket.create_connection((device.host, device.port), timeout=5) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            alone = [out_ms(device, lambda: line.sendall(job)) for _ in range(count)]
    return times, alone


def software(count: int) -> Figures:
    """Measure each character with instant mechanics."""
    rows: list[list[str]] = []
    limits = []
    for name in CHARACTERS:
        with instant_mechanics(name):
            times, alone = slips_ms(name, count, None)
        rows.append([f"{name}, bytes alone", *_figures(alone)])
        rows.append([f"{name}, kiosk", *_figures(times)])
        most = SLOW_P95_MS if name == "slow" else P95_MS
        limits.append((f"{name} p95, ms", quantile(times, 0.95), most))
    return rows, limits


def mechanics(count: int) -> Figures:
    """Measure a head of 250 mm/s: the kiosk from tap to cut, and its bytes alone."""
    times, alone = slips_ms("epson", count, SPEED_MM_S)
    more = (quantile(times, 0.5) / quantile(alone, 0.5) - 1) * 100
    rows = [["the kiosk's bytes alone", *_figures(alone)], ["kiosk, tap to cut", *_figures(times)]]
    return rows, [("over the bytes alone at 250 mm/s, percent", more, OVERHEAD_PERCENT)]


def first_byte_ms(device: VirtualPrinter, kiosk: Kiosk) -> float:
    """Milliseconds from the request to the first bytes of its slip at the printer."""
    machine = device.machine
    visit = threading.Thread(target=issue_ms, args=(kiosk,))
    before, begun = machine.received, time.perf_counter()
    visit.start()
    with machine.changed:
        # The questions of a probe have three bytes each.
        machine.changed.wait_for(lambda: machine.received - before > LONGEST_QUESTIONS_BYTES, 20)
    done = time.perf_counter()
    visit.join()
    return (done - begun) * 1000


def slow() -> Figures:
    """Measure how long a visitor waits for a running probe of a slow printer at level C."""
    rows, times = [], {}
    for answer_s in (0.0, SLOW_ANSWER_S):
        with VirtualPrinter(level="C") as device, kiosk_on(device) as kiosk:
            ready(kiosk)
            if answer_s:
                device.fault("delay", seconds=answer_s)
            taken = []
            for i in range(8):
                # Each time at another moment of the probe.
                time.sleep(2 * answer_s + 0.2 + 0.37 * i)
                taken.append(first_byte_ms(device, kiosk))
            times[answer_s] = taken
            rows.append([f"answers after {answer_s:g} s", *_figures(taken)])
    more_s = (max(times[SLOW_ANSWER_S]) - quantile(times[0.0], 0.5)) / 1000
    return rows, [("a visitor's wait for a slow printer's probe, s", more_s, VISITOR_S)]


def dead() -> Figures:
    """Measure when the death of an idle printer is detected, and its cost for a visitor after."""
    rows: list[list[str]] = []
    limits = []
    for character in DEAD_CHARACTERS:
        for way in DEAD:
            detected_s, cost_s = death(character, way)
            rows.append([f"{character}, {way}", f"{detected_s:.2f}", f"{cost_s * 1000:.0f}"])
            limits.append((f"{character}, {way}: detected, s", detected_s, DETECTED_S))
            limits.append((f"{character}, {way}: a visitor's time, s", cost_s, VISITOR_S))
    return rows, limits


def death(character: str, way: str) -> tuple[float, float]:
    """Seconds until the death of an idle printer is detected, and the longest visit after it."""
    with (
        VirtualPrinter(character=character, speed_mm_s=SPEED_MM_S) as device,
        kiosk_on(cable := Cable(device)) as kiosk,
    ):
        ready(kiosk)
        if way == "unplugged":
            cable.unplug()
        elif way == "mute":
            device.fault("mute")
        else:
            cable.swallow()
        begun = time.perf_counter()
        while kiosk.printer_health().well and time.perf_counter() < begun + 10:
            time.sleep(0.005)
        detected_s = time.perf_counter() - begun
        costs = []
        for _ in range(8):
            costs.append(issue_ms(kiosk)[0] / 1000)
            time.sleep(0.4)
    return detected_s, max(costs)


def recovery() -> Figures:
    """Measure the time from the cleared fault to the next slip, at each character's speed."""
    cases = [(name, fault) for name in CHARACTERS for fault in FAULTS]
    with ThreadPoolExecutor(CONCURRENT) as pool:
        found = list(pool.map(lambda case: recovery_s(*case), cases))
    rows = [
        [f"{name}, {fault}", f"{printer_s:.2f}", f"{kiosk_s:.2f}"]
        for (name, fault), (printer_s, kiosk_s) in zip(cases, found, strict=True)
    ]
    limits = [
        (f"{name}: printing again after a cleared fault, s", max(s for _, s in group), RECOVERY_S)
        for name in CHARACTERS
        if (group := [s for (who, _), s in zip(cases, found, strict=True) if who == name])
    ]
    return rows, limits


def recovery_s(character: str, fault: str) -> tuple[float, float]:
    """Seconds from the cleared fault until the printer has printed its buffer, and until the kiosk
    may print; infinity if the fault was not noticed or the next slip fails.

    No command is given: the kiosk's probes end the hold.
    """
    with (
        VirtualPrinter(character=character, speed_mm_s="real") as device,
        kiosk_on(device) as kiosk,
    ):
        ready(kiosk)
        device.fault(fault, **FAULTS[fault])
        issue_ms(kiosk)
        time.sleep(HOLD_S)
        if kiosk.printer_health().well:
            return math.inf, math.inf
        begun = time.perf_counter()
        device.mend()
        with contextlib.suppress(TimeoutError):
            device.wait_until_idle(WAIT_S)
        printer_s = time.perf_counter() - begun
        while not kiosk.printer_health().well and time.perf_counter() < begun + WAIT_S:
            time.sleep(0.01)
        kiosk_s = time.perf_counter() - begun
        _, outcome = issue_ms(kiosk)
    return printer_s, kiosk_s if outcome is Outcome.PRINTED else math.inf


def _figures(times: list[float]) -> list[str]:
    return [f"{quantile(times, 0.5):.1f}", f"{quantile(times, 0.95):.1f}", f"{max(times):.1f}"]


def main() -> int:
    """Run the parts named by the arguments; return 0 when every limit is kept."""
    asked = sys.argv[1:]
    count = int(asked.pop(0)) if asked and asked[0].isdecimal() else SLIPS
    ways = ("way", "p50", "p95", "max")
    parts: dict[str, tuple[str, tuple[str, ...], Callable[[], Figures]]] = {
        "software": (
            f"tap to slip, ms, instant mechanics, {count} slips",
            ways,
            lambda: software(count),
        ),
        "mechanics": ("tap to cut, ms, 250 mm/s, 20 slips", ways, lambda: mechanics(20)),
        "slow": ("tap to the slip's first byte, ms, level C, 8 slips", ways, slow),
        "dead": ("a dead printer", ("printer", "detected after s", "then at most ms"), dead),
        "back": (
            "recovery after a cleared fault",
            ("printer, fault", "its buffer s", "kiosk s"),
            recovery,
        ),
    }
    limits = []
    for name in asked or parts:
        title, heads, measure = parts[name]
        rows, more = measure()
        table(title, heads, rows)
        limits += more
    return verdict(limits)


if __name__ == "__main__":
    sys.exit(main())
