"""Shared by the benchmarks: the machine's description, tables, quantiles, measured processes."""

from __future__ import annotations

import contextlib
import gc
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SIZE = (1080, 1920)


def machine() -> str:
    """Describe this machine in one line."""
    from importlib.metadata import version

    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (
        f"{model}, {os.cpu_count()} processors, {pages / 2**30:.0f} GiB, "
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, "
        f"Kivy {version('Kivy')}, off-screen {SIZE[0]} x {SIZE[1]}, software GL"
    )


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with the machine's description below its title."""
    widths = [max(len(r[i]) for r in (heads, *rows)) for i in range(len(heads))]
    print(f"{title}\n{machine()}\n")
    for row in (heads, ["-" * w for w in widths], *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells).rstrip())
    print()


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which the share ``part`` of all values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * part // 1) - 1))]


def verdict(limits: Sequence[tuple[str, float, float]]) -> int:
    """Print whether each limit (name, measured, at most) was kept; return the exit code."""
    missed = 0
    for name, measured, most in limits:
        kept = measured <= most
        missed += not kept
        print(f"{'kept  ' if kept else 'MISSED'}  {name}: {measured:.2f}, at most {most:.2f}")
    return 1 if missed else 0


def environment() -> dict[str, str]:
    """The environment of a measured process: off-screen, with a silent sound device, and equal for
    kiosk and baseline.

    Bytecode is cached, as on an installed machine; without the cache only the kiosk would be
    compiled at each start, because Kivy was when it was installed.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KIVY_", "SDL_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    drivers = {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
    return {**kept, **drivers, "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def running(script: str, *args: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``script`` of this folder in a new process, with its output to read.

    It ends with the block, also where this process gets SIGTERM or SIGINT.
    """
    # The default action of SIGTERM ends this process without its ``finally`` clauses.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    process = subprocess.Popen(
        [sys.executable, str(HERE / script), *args],
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        signal.signal(signal.SIGTERM, before)


def measured(script: str, *args: str) -> dict[str, float]:
    """Run ``script`` of this folder in a new process; read its last line, ``name=value ...``."""
    with running(script, *args) as process:
        said, _ = process.communicate()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args)
    pairs = (pair.split("=") for pair in said.splitlines()[-1].split())
    return {name: float(value) for name, value in pairs}


def say(**figures: float) -> None:
    """Print the figures of a measured process for ``measured``."""
    print(" ".join(f"{name}={value:.4f}" for name, value in figures.items()), flush=True)


def process_age_ms() -> float:
    """Milliseconds since this process was started."""
    stat = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
    started = int(stat.rpartition(")")[2].split()[19])
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")) * 1000


def memory_kib() -> tuple[float, float]:
    """Memory of this process in KiB: proportional set size (PSS), and its private part (proc(5),
    smaps_rollup).

    The shared part of PSS changes when other processes that use the same libraries start or end.
    """
    gc.collect()
    found = {}
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, size = line.split()[:2]
        found[name] = float(size)
    return found["Pss:"], found["Pss_Anon:"]


def cpu_s() -> float:
    """Processor time used by this process, in seconds."""
    times = os.times()
    return times.user + times.system
