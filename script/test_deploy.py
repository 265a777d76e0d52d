"""The checks of ``script/test-deploy``, on a machine that is already booted (or in a chroot).

Each check prints one line with its figure. Exit 1 when one failed.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from booted_machine import (
    CONFIG,
    KIOSK,
    PYTHON,
    SORRY,
    SOURCE,
    STATE,
    UNIT,
    Checks,
    Machine,
    always_open,
    need,
    number,
    until,
)
from server_checks import server_scenario
from update_checks import back, current, night, refused, updated, went_back

SORRY_S = 20

HEADLESS = f"""
# There is no display, no seat and no virtual terminal in a container.
[Service]
TTYPath=
StandardInput=null
Environment=WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman
Environment=SORRY_S={SORRY_S} LIBSEAT_BACKEND=noop KIOSK_LANG=en
"""

LOOPBACK = ("0100007F:", "00000000000000000000000001000000:")
"""Addresses of /proc/net/tcp that only this machine reaches: 127.0.0.1 and ::1."""

COLD_STARTS, COLD_LIMIT = 5, 2.0
FREEZE_LIMIT_S, KILL_LIMIT_S, INSTALL_LIMIT_S = 45.0, 10.0, 180.0


def installer(machine: Machine, *args: str) -> subprocess.CompletedProcess[str]:
    """Run deploy/install on the machine."""
    return machine.run(f"{SOURCE}/deploy/install", *args, timeout_s=900)


# ── the checks ───────────────────────────────────────────────────────────────────────────


def install(machine: Machine, *more: str) -> str:
    always_open(machine)
    began = time.monotonic()
    done = installer(machine, "--config", "/srv/config", "--wheelhouse", "/srv/wheels", *more)
    took_s = time.monotonic() - began
    need(done.returncode == 0, f"exit {done.returncode}: {done.stderr[-600:]}")
    need(took_s < INSTALL_LIMIT_S, f"took {took_s:.0f} s")
    return f"{took_s:.0f} s, limit {INSTALL_LIMIT_S:.0f} s"


def check_install(machine: Machine) -> str:
    done = installer(machine, "--check")
    bad = [line for line in done.stdout.splitlines() if not line.startswith("ok")]
    need(done.returncode == 0 and not bad, "; ".join(bad) or done.stderr[-300:])
    return f"{len(done.stdout.splitlines())} points are good"


def units(machine: Machine) -> str:
    names = (UNIT, SORRY, "mpp-kiosk-health.service", "queue-server.service")
    done = machine.run("systemd-analyze", "verify", *names)
    ours = [line for line in done.stderr.splitlines() if "mpp-" in line or "queue-" in line]
    need(not ours, "; ".join(ours))
    found = []
    for name in names:
        how = ("security", "--offline=true", "--no-pager", "--threshold=25", name)
        said = machine.run("systemd-analyze", *how)
        level = re.search(r"(\d+\.\d) .*\s*\Z", said.stdout)
        need(said.returncode == 0 and level, f"{name}: {said.stdout[-200:]}{said.stderr[-200:]}")
        found.append(f"{name} {level and level[1]}")
    return ", ".join(found)


def headless(machine: Machine) -> None:
    for unit in (UNIT, SORRY):
        folder = machine.root / "etc/systemd/system" / f"{unit}.d"
        folder.mkdir(exist_ok=True)
        (folder / "90-headless.conf").write_text(HEADLESS)
    machine.out("systemctl", "daemon-reload")


def first_start(machine: Machine) -> str:
    headless(machine)
    began = time.monotonic()
    # Returns at READY.
    machine.out("systemctl", "start", UNIT)
    ready_s = time.monotonic() - began
    machine.home()
    machine.out("systemctl", "start", "mpp-kiosk-health.timer", "mpp-kiosk-backup.timer")
    return f"READY after {ready_s:.1f} s"


def doctor(machine: Machine) -> str:
    # The printer is asked about once a second.
    until(lambda: machine.kiosk("status")["printer"]["at"] is not None, 20, "printer not asked")
    done = machine.run(KIOSK, "doctor")
    need(done.returncode == 0, f"exit {done.returncode}: {done.stdout[-900:]}{done.stderr[-300:]}")
    return done.stdout.splitlines()[-1]


def private(machine: Machine) -> str:
    found = machine.out("find", STATE, "-perm", "/077").splitlines()
    need(not found, f"open to others: {found}")
    user = machine.out("stat", "-c", "%U", f"{STATE}/journal.sqlite3")
    need(user == "kiosk", f"the journal belongs to {user}")
    limits = machine.out("cat", f"/proc/{machine.app()}/status")
    need("NoNewPrivs:\t1" in limits, "the app may gain privileges")
    need("CapEff:\t0000000000000000" in limits, "the app has capabilities")
    # The machine has a network of its own: every socket in the list is the kiosk's.
    tables = machine.out("cat", "/proc/net/tcp", "/proc/net/tcp6").splitlines()
    rows = [line.split() for line in tables if " 0A " in line]
    reached = [row[1] for row in rows if not row[1].startswith(LOOPBACK)]
    need(not reached, f"listens for others: {reached}")
    return "files of the state are private, no capability, no port for other machines"


def health(machine: Machine) -> str:
    machine.out("systemctl", "start", "mpp-kiosk-health.service")
    said = machine.out("journalctl", "-u", "mpp-kiosk-health", "-o", "cat", "--no-pager")
    lines = [line for line in said.splitlines() if line.startswith("exit=")]
    need(lines and lines[-1].startswith('exit=0 {"state": "well"'), said[-300:])
    return lines[-1][:40]


def queue_server(machine: Machine) -> str:
    """The server's unit with all of its restrictions."""
    machine.out(
        "install", "-m", "0640", "-g", "queue", "/srv/config/agencies.yaml", "/etc/mpp-queue"
    )
    machine.out("systemctl", "start", "queue-server")
    get = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/readyz').status)"
    try:
        until(lambda: machine.out(PYTHON, "-c", get) == "200", 30, "no answer")
        modes = machine.out("stat", "-c", "%U %a", "/var/lib/mpp-queue/queue.sqlite3")
        need(modes == "queue 600", modes)
    finally:
        machine.out("systemctl", "stop", "queue-server")
    result = machine.show("queue-server", "Result")
    need(result == "success", f"stopped with {result}")
    return "answers /readyz, its database is private, stops in order"


BARE = """set -e
mkdir -p /srv/bench /run/bench; cp -r /srv/source/benchmarks /srv/bench/; chown kiosk: /run/bench
set -a; [ ! -f /etc/mpp-kiosk/display.env ] || . /etc/mpp-kiosk/display.env
XDG_RUNTIME_DIR=/run/bench HOME=/run/bench PYTHONPATH=/srv/bench SDL_VIDEODRIVER=x11
WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman LIBSEAT_BACKEND=noop
exec runuser -u kiosk --preserve-environment -- cage -d -- \\
    /opt/mpp-kiosk/current/libexec/display "$1" /srv/bench/benchmarks/bare_window.py first
"""


def cold_start(machine: Machine) -> str:
    """Start of the service to READY, against a bare Kivy window under cage to its end, which is
    its first frame. In turn; the first pair fills the caches and does not count."""
    kiosk: list[float] = []
    bare: list[float] = []
    for _ in range(COLD_STARTS + 1):
        machine.out("systemctl", "stop", UNIT)
        began = time.monotonic()
        machine.out("sh", "-c", BARE, "-", PYTHON)
        bare.append(time.monotonic() - began)
        began = time.monotonic()
        machine.out("systemctl", "start", UNIT)
        kiosk.append(time.monotonic() - began)
        machine.home()
        machine.run("systemctl", "reset-failed", UNIT)
    ours, theirs = statistics.median(kiosk[1:]), statistics.median(bare[1:])
    text = f"{ours:.2f} s, bare window {theirs:.2f} s: {ours / theirs:.2f} times"
    need(ours <= COLD_LIMIT * theirs, text)
    return text


def six_restarts(machine: Machine) -> str:
    numbers = [machine.issue()]
    for _ in range(6):
        was = machine.app()
        machine.out("systemctl", "restart", UNIT)
        machine.home(was)
        numbers.append(machine.issue())
    values = [number(n) for n in numbers]
    first = values[0]
    need(values == list(range(first, first + 7)), f"not consecutive: {numbers}")
    return " ".join(numbers)


def frozen(machine: Machine) -> str:
    before = machine.issue()
    began = time.monotonic()
    was = machine.kill("STOP")
    said = machine.run(KIOSK, "status", "--timeout", "3")
    answered_s = time.monotonic() - began
    need(said.returncode == 3 and answered_s < 10, f"status: exit {said.returncode}")
    machine.home(was)
    took_s = time.monotonic() - began
    after = machine.issue()
    need(after > before, f"{before}, then {after}")
    need(took_s < FREEZE_LIMIT_S, f"home after {took_s:.1f} s")
    return f"home after {took_s:.1f} s, status in {answered_s:.1f} s; {before}, then {after}"


def killed(machine: Machine) -> str:
    before = machine.issue()
    took_s = machine.home(machine.kill("KILL"))
    after = machine.issue()
    need(after > before, f"{before}, then {after}")
    need(took_s < KILL_LIMIT_S, f"home after {took_s:.1f} s")
    return f"home after {took_s:.1f} s; {before}, then {after}"


def broken_settings(machine: Machine) -> str:
    menu = machine.root / CONFIG.lstrip("/") / "agencies.yaml"
    good = menu.read_bytes()
    was = machine.app()
    try:
        menu.write_bytes(good + b"\n  - [broken\n")
        machine.out("systemctl", "restart", UNIT)
        took_s = machine.home(was)
        number = machine.issue()
        status = machine.kiosk("status")
        need(status["state"] == "degraded" and status["notices"], "no notice")
    finally:
        menu.write_bytes(good)
    until(lambda: not machine.kiosk("status")["notices"], 30, "the notice stays")
    return f"home after {took_s:.1f} s, {number}, notice: {status['notices'][0][:60]}"


def ten_crashes(machine: Machine, pictures: Path | None) -> str:
    began = time.monotonic()
    crashes, killed = 0, ""
    end = began + 400
    while machine.show(SORRY, "ActiveState") != "active":
        need(time.monotonic() < end, f"no sorry picture after {crashes} crashes")
        pid = machine.show(UNIT, "MainPID")
        # Once each: on a busy machine a unit stays active for a while after the signal.
        if machine.show(UNIT, "ActiveState") == "active" and pid != killed:
            with contextlib.suppress(RuntimeError, ValueError):
                machine.kill("KILL")
                crashes, killed = crashes + 1, pid
        time.sleep(0.3)
    sorry_s = time.monotonic() - began
    if pictures is not None:
        with contextlib.suppress(RuntimeError):
            time.sleep(4)
            picture(machine, SORRY, pictures / "sorry.png")
    back_s = machine.home(within_s=SORRY_S + 60)
    need(9 <= crashes <= 11, f"{crashes} crashes")
    need(machine.show(SORRY, "ActiveState") != "active", "the picture stays")
    return (
        f"the picture after {crashes} crashes in {sorry_s:.0f} s, "
        f"home {back_s:.0f} s later, {machine.issue()}"
    )


def journal(machine: Machine) -> str:
    code = (
        "import sqlite3,sys; d=sqlite3.connect('file:'+sys.argv[1]+'?mode=ro',uri=True);"
        "print(d.execute('pragma integrity_check').fetchone()[0])"
    )
    said = machine.out(PYTHON, "-c", code, f"{STATE}/journal.sqlite3")
    need(said == "ok", said)
    rows = [t["number"] for t in machine.kiosk("tickets")]
    need(len(rows) == len(set(rows)), f"twice: {rows}")
    return f"intact, {len(rows)} numbers, none twice"


def backup(machine: Machine) -> str:
    machine.out("systemctl", "start", "mpp-kiosk-backup.service")
    found = machine.out("find", f"{STATE}/backup", "-name", "journal.sqlite3")
    need(len(found.splitlines()) == 1, found)
    return found


def uninstall(machine: Machine) -> str:
    done = installer(machine, "--uninstall")
    need(done.returncode == 0, done.stderr[-300:])
    kept = machine.out("ls", STATE).split()
    need("journal.sqlite3" in kept, "the journal is gone")
    left = machine.run("systemctl", "cat", UNIT)
    need(left.returncode != 0, "the unit is still there")
    return "the journal and the settings are still there"


def picture(machine: Machine, unit: str, to: Path) -> None:
    """Save a picture of the display of the compositor of ``unit``."""
    folder = f"/run/{unit.removesuffix('.service')}"
    machine.out(
        "sh", "-c",
        f"cd {folder} && XDG_RUNTIME_DIR={folder} WAYLAND_DISPLAY=$(ls -d wayland-? | head -n 1) "
        "runuser -u kiosk --preserve-environment -- grim - >/srv/picture.png",
    )  # fmt: skip
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes((machine.root / "srv/picture.png").read_bytes())


def shown(machine: Machine, pictures: Path) -> str:
    picture(machine, UNIT, pictures / "wide.png")
    (machine.root / CONFIG.lstrip("/") / "display.env").write_text("OUTPUT_MODE=1080x1920\n")
    was = machine.app()
    machine.out("systemctl", "restart", UNIT)
    machine.home(was)
    time.sleep(2)
    picture(machine, UNIT, pictures / "upright.png")
    return f"in {pictures}"


def scenario(machine: Machine, pictures: Path | None) -> Iterator[tuple[str, Callable[[], str]]]:
    """The checks on a booted machine, in their order."""
    yield "install on the blank machine", lambda: install(machine, "--no-start")
    yield "deploy/install --check", lambda: check_install(machine)
    yield "units", lambda: units(machine)
    yield "first start", lambda: first_start(machine)
    yield "kiosk doctor", lambda: doctor(machine)
    yield "rights", lambda: private(machine)
    yield "health", lambda: health(machine)
    yield "queue server", lambda: queue_server(machine)
    # cage of Debian 12 has no output management, and draws nothing that grim could read.
    if pictures is not None and 'VERSION_ID="12"' not in machine.out("cat", "/etc/os-release"):
        yield "pictures", lambda: shown(machine, pictures)
    yield "start to READY", lambda: cold_start(machine)
    yield "six orderly restarts", lambda: six_restarts(machine)
    yield "frozen (SIGSTOP)", lambda: frozen(machine)
    yield "killed (SIGKILL)", lambda: killed(machine)
    yield "broken YAML at the start", lambda: broken_settings(machine)
    yield "ten crashes", lambda: ten_crashes(machine, pictures)
    yield "backup", lambda: backup(machine)
    version = current(machine)
    yield "update", lambda: updated(machine)
    yield "updates that are refused", lambda: refused(machine)
    yield "update to an app that does not start", lambda: went_back(machine)
    yield "back to the former release", lambda: back(machine, version)
    yield "night", lambda: night(machine)
    yield "journal", lambda: journal(machine)
    yield "deploy/install a second time", lambda: install(machine)
    yield "deploy/install --uninstall", lambda: uninstall(machine)


def in_chroot(machine: Machine) -> Iterator[tuple[str, Callable[[], str]]]:
    """What can be tried without a running systemd."""
    yield "install", lambda: install(machine, "--no-start")
    yield "units", lambda: units(machine)
    yield "kiosk check", lambda: machine.out(KIOSK, "check", CONFIG).splitlines()[0]


def main() -> int:
    """Run the checks; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--leader", type=int)
    parser.add_argument("--chroot", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--server", action="store_true")
    parser.add_argument("--only", type=lambda text: text.split(","), default=["*"])
    args = parser.parse_args()
    machine = Machine(args.chroot or args.root, args.leader)
    if args.chroot:
        wanted = in_chroot(machine)
    elif args.server:
        wanted = server_scenario(machine)
    else:
        wanted = scenario(machine, args.pictures)
    checks = Checks(machine)
    needed = True
    for name, check in wanted:
        if not any(fnmatch.fnmatch(name, pattern) for pattern in args.only):
            continue
        good = checks(name, check)
        needed = needed and (good or name not in ("install on the blank machine", "first start"))
        if not needed:
            break
    print(f"{checks.passed} passed, {checks.failed} failed", flush=True)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
