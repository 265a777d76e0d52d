"""What the kiosk adds to a printer, what a dead one costs, and how soon a mended one prints.

    python benchmarks/printer.py [SLIPS] [PART ...]

Without a window, from the tap's request until the slip is out at the virtual printer: number,
journal on disk, slip, bytes. PARTs are ``software``, ``mechanics``, ``slow``, ``dead`` and
``back``; without one, all of them, about ten minutes. Baselines of the same run: the kiosk's own
bytes of its last slip, sent straight to the same printer; the printer with quick answers; the time
until the mended printer itself has printed what it still held.
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
from kiosk.printing import slip_length
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from virtual_printer import VirtualPrinter
from virtual_printer.characters import CHARACTERS

SLIPS = 100
SPEED_MM_S = 250.0
P95_MS, SLOW_P95_MS, KNOWN_S, VISITOR_S, PART, BACK_S = 20.0, 60.0, 3.0, 0.1, 2.0, 3.0
SLOW_ANSWER_S, MORE_THAN_A_LOOK = 0.75, 100
WAIT_S, LOOKS_S = 30.0, 4.0
AT_ONCE = 4
DEAD = ("unplugged", "mute", "black hole")
DEAD_CHARACTERS = ("epson", "clone", "cashino", "slow")
MENDED: dict[str, dict[str, float]] = {
    "paper_out": {"at_mm": 40.0},
    "cover_open": {"at_mm": 40.0},
    "error": {"at_mm": 40.0},
    "cutter_jam": {},
}

Figures = tuple[list[list[str]], list[tuple[str, float, float]]]
"""Rows of a table, and limits as ``verdict`` takes them."""


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


@contextmanager
def instant_mechanics(character: str) -> Iterator[None]:
    """Paper that moves in no time: no slip is watched, and no answer is too early but that of the
    character that does answer too early."""
    names = ("FASTEST_MM_S", "SLOWEST_MM_S", "AFTER_S")
    before = [getattr(slip_length, name) for name in names]
    fastest_mm_s = before[0] if CHARACTERS[character].early else math.inf
    for name, value in zip(names, (fastest_mm_s, math.inf, 0.0), strict=True):
        setattr(slip_length, name, value)
    try:
        yield
    finally:
        for name, value in zip(names, before, strict=True):
            setattr(slip_length, name, value)


def ready(kiosk: Kiosk) -> None:
    """The kiosk knows its printer and has made its first slip."""
    end_s = time.monotonic() + WAIT_S
    while not kiosk.probe_now().well and time.monotonic() < end_s:
        time.sleep(0.1)
    issue_ms(kiosk)
    kiosk.start()


def out_ms(device: VirtualPrinter, send: Callable[[], object]) -> float:
    """Milliseconds from now until the next piece of paper is out; infinite when it does not come.

    ``send`` runs in a thread, because the kiosk watches a slip after it is out.
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
def overheard(device: VirtualPrinter) -> Iterator[bytearray]:
    """The bytes that the printer receives meanwhile."""
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
    """Milliseconds of ``count`` slips of the kiosk until each is out, and of its bytes alone."""
    with VirtualPrinter(character=character, speed_mm_s=speed_mm_s) as device:
        with kiosk_on(device) as kiosk:
            ready(kiosk)
            times = []
            for _ in range(count):
                with overheard(device) as record:
                    times.append(out_ms(device, lambda: issue_ms(kiosk)))
            # Before the kiosk's connection ends: that is when a board locks others out.
            device.set(lockout_s=0)
        job = bytes(record[max(0, record.find(b"\x1b@")) :])
        with socket.create_connection((device.host, device.port), timeout=5) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            alone = [out_ms(device, lambda: line.sendall(job)) for _ in range(count)]
    return times, alone


def software(count: int) -> Figures:
    """Each character on instant mechanics."""
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
    """A head of 250 mm/s: the kiosk from tap to cut, and its bytes alone."""
    times, alone = slips_ms("epson", count, SPEED_MM_S)
    more = (quantile(times, 0.5) / quantile(alone, 0.5) - 1) * 100
    rows = [["the kiosk's bytes alone", *_figures(alone)], ["kiosk, tap to cut", *_figures(times)]]
    return rows, [("over the bytes alone at 250 mm/s, percent", more, PART)]


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


def slow() -> Figures:
    """Level C with slow answers: what a visitor waits for the idle look that is under way."""
    rows, times = [], {}
    for answer_s in (0.0, SLOW_ANSWER_S):
        with VirtualPrinter(level="C") as device, kiosk_on(device) as kiosk:
            ready(kiosk)
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


def dead() -> Figures:
    """Seconds until a printer that died while idle is known, and what it costs then."""
    rows: list[list[str]] = []
    limits = []
    for character in DEAD_CHARACTERS:
        for way in DEAD:
            known_s, cost_s = death(character, way)
            rows.append([f"{character}, {way}", f"{known_s:.2f}", f"{cost_s * 1000:.0f}"])
            limits.append((f"{character}, {way}: known, s", known_s, KNOWN_S))
            limits.append((f"{character}, {way}: a visitor's time, s", cost_s, VISITOR_S))
    return rows, limits


def death(character: str, way: str) -> tuple[float, float]:
    """Seconds until the death of an idle printer is known, and of a visitor at most after that."""
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
        known_s = time.perf_counter() - begun
        costs = []
        for _ in range(8):
            costs.append(issue_ms(kiosk)[0] / 1000)
            time.sleep(0.4)
    return known_s, max(costs)


def back() -> Figures:
    """Seconds from the mended fault until the kiosk prints again, at each character's speed."""
    cases = [(name, fault) for name in CHARACTERS for fault in MENDED]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda case: mended_s(*case), cases))
    rows = [
        [f"{name}, {fault}", f"{printer_s:.2f}", f"{kiosk_s:.2f}"]
        for (name, fault), (printer_s, kiosk_s) in zip(cases, found, strict=True)
    ]
    limits = [
        (f"{name}: paper back after a mended fault, s", max(s for _, s in group), BACK_S)
        for name in CHARACTERS
        if (group := [s for (who, _), s in zip(cases, found, strict=True) if who == name])
    ]
    return rows, limits


def mended_s(character: str, fault: str) -> tuple[float, float]:
    """Seconds after a mended fault until the printer itself has printed what it still held, and
    until the kiosk may print; infinite when its next slip does not come.

    No command is given: the kiosk's own looks end the hold.
    """
    with (
        VirtualPrinter(character=character, speed_mm_s="real") as device,
        kiosk_on(device) as kiosk,
    ):
        ready(kiosk)
        device.fault(fault, **MENDED[fault])
        issue_ms(kiosk)
        time.sleep(LOOKS_S)
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
    """The parts that are asked for; 0 when every limit is kept."""
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
        "dead": ("a dead printer", ("printer", "known after s", "then at most ms"), dead),
        "back": ("a mended printer", ("printer, fault", "its own rest s", "kiosk s"), back),
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
