"""The checks of ``script/test-deploy --server``: a blank machine becomes the queue server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from booted_machine import PYTHON, SOURCE, Machine, always_open, need, until

UNIT = "queue-server.service"
TIMERS = ("queue-server-backup.timer", "queue-server-prune.timer")
PROGRAM = "/opt/mpp-kiosk/current/venv/bin/queue-server"
DATABASE = "/var/lib/mpp-queue/queue.sqlite3"
MENU = "/etc/mpp-queue/agencies.yaml"
INSTALL_LIMIT_S, KILL_LIMIT_S = 180.0, 15.0

READY = (
    "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/readyz', timeout=3).status)"
)


def queue_server(machine: Machine, *words: str) -> str:
    """A command as docs/server.md gives it: as the server's user."""
    database = f"QUEUE_DATABASE={DATABASE}"
    return machine.out("runuser", "-u", "queue", "--", "env", database, PROGRAM, *words)


def wait_ready(machine: Machine) -> None:
    until(lambda: machine.out(PYTHON, "-c", READY) == "200", 60, "no answer to /readyz")


def install(machine: Machine, *words: str) -> str:
    began = time.monotonic()
    done = machine.run(f"{SOURCE}/deploy/install", *words, timeout_s=900)
    took_s = time.monotonic() - began
    need(done.returncode == 0, f"exit {done.returncode}: {done.stderr[-600:]}")
    need(took_s < INSTALL_LIMIT_S, f"took {took_s:.0f} s")
    return f"{took_s:.0f} s, limit {INSTALL_LIMIT_S:.0f} s: {done.stderr.splitlines()[-1]}"


def first_install(machine: Machine) -> str:
    always_open(machine)
    menu = "/srv/config/agencies.yaml"
    return install(machine, "--server", "--config", menu, "--wheelhouse", "/srv/wheels")


def check_install(machine: Machine) -> str:
    done = machine.run(f"{SOURCE}/deploy/install", "--check")
    bad = [line for line in done.stdout.splitlines() if not line.startswith("ok")]
    need(done.returncode == 0 and not bad, "; ".join(bad) or done.stderr[-300:])
    return f"{len(done.stdout.splitlines())} points are good"


def units(machine: Machine) -> str:
    names = [UNIT, *TIMERS]
    names += [name.replace(".timer", ".service") for name in TIMERS]
    done = machine.run("systemd-analyze", "verify", *names)
    ours = [line for line in done.stderr.splitlines() if "queue-" in line]
    need(not ours, "; ".join(ours))
    found = []
    for name in (n for n in names if n.endswith(".service")):
        how = ("security", "--offline=true", "--no-pager", "--threshold=25", name)
        said = machine.run("systemd-analyze", *how)
        level = re.search(r"(\d+\.\d) .*\s*\Z", said.stdout)
        need(said.returncode == 0 and level, f"{name}: {said.stdout[-200:]}{said.stderr[-200:]}")
        found.append(f"{name} {level and level[1]}")
    # Exit 1 where there is none.
    listed = machine.run("systemctl", "list-unit-files", "--no-legend", "mpp-kiosk*").stdout
    need(not listed, f"units of the kiosk are here: {listed}")
    return ", ".join(found)


def serves(machine: Machine) -> str:
    wait_ready(machine)
    modes = machine.out("stat", "-c", "%U %a", DATABASE)
    need(modes == "queue 600", modes)
    need(machine.show(UNIT, "NRestarts") == "0", "it was restarted")
    return "answers /readyz, its database is private"


def numbers(machine: Machine) -> str:
    """A kiosk that was added by the documented command plays the whole protocol."""
    for name in ("lobi-1", "lobi-2", "lobi-3"):
        token = queue_server(machine, "add-kiosk", name).split()[-1]
        (machine.root / f"srv/{name}").write_text(f"{token}\n")
    queue_server(machine, "revoke", "lobi-3")
    program = PROGRAM.replace("queue-server", "kiosk")
    options = ["--token-file", "/srv/lobi-1", "--other-token-file", "/srv/lobi-2"]
    options += ["--revoked-token-file", "/srv/lobi-3", "--yes"]
    url = "http://127.0.0.1:8080"
    done = machine.run(program, "check-server", *options, "--config", f"{SOURCE}/config", url)
    need(done.returncode == 0, f"exit {done.returncode}: {done.stdout[-900:]}{done.stderr[-300:]}")
    return "; ".join(done.stdout.splitlines()[-3:-1])


def evening(machine: Machine) -> str:
    """Backup and prune with all restrictions of their units."""
    for name in TIMERS:
        need(machine.show(name, "ActiveState") == "active", f"{name} does not wait")
        machine.out("systemctl", "start", name.replace(".timer", ".service"))
    saved = machine.out("ls", "/var/lib/mpp-queue/backup").split()
    need(len(saved) == 1, f"backups: {saved}")
    return saved[0]


def killed(machine: Machine) -> str:
    began = time.monotonic()
    was = machine.show(UNIT, "MainPID")
    machine.out("kill", "-KILL", was)
    until(lambda: machine.show(UNIT, "MainPID") not in ("0", was), 30, "not started again")
    wait_ready(machine)
    took_s = time.monotonic() - began
    need(took_s < KILL_LIMIT_S, f"ready after {took_s:.1f} s")
    return f"ready after {took_s:.1f} s"


def second_install(machine: Machine) -> str:
    """It stops and starts the server that serves, and keeps its database."""
    before = queue_server(machine, "tickets", "--json")
    said = install(machine, "--wheelhouse", "/srv/wheels")
    wait_ready(machine)
    need(queue_server(machine, "tickets", "--json") == before, "the tickets differ")
    return said


def uninstall(machine: Machine) -> str:
    done = machine.run(f"{SOURCE}/deploy/install", "--uninstall")
    need(done.returncode == 0, done.stderr[-300:])
    machine.out("test", "-s", DATABASE, "-a", "-s", MENU)
    need(machine.run("systemctl", "cat", UNIT).returncode != 0, "the unit is still there")
    return "database and menu are still there"


def server_scenario(machine: Machine) -> Iterator[tuple[str, Callable[[], str]]]:
    """The checks in their order."""
    yield "install on the blank machine", lambda: first_install(machine)
    yield "deploy/install --check", lambda: check_install(machine)
    yield "units", lambda: units(machine)
    yield "first start", lambda: serves(machine)
    yield "kiosk check-server", lambda: numbers(machine)
    yield "evening", lambda: evening(machine)
    yield "killed (SIGKILL)", lambda: killed(machine)
    yield "deploy/install a second time", lambda: second_install(machine)
    yield "deploy/install --uninstall", lambda: uninstall(machine)
