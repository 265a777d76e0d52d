"""The checks of ``script/test-deploy`` of updates: signed releases made on the machine, and the way
back from each that does not work.
"""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

from booted_machine import SOURCE, Machine, need, number


def release(machine: Machine, version: str, more: str = "") -> str:
    """A signed release with another version number; ``more``: a line at the start of `kiosk run`.
    Its folder on the machine."""
    name = f"srv/release-{version}"
    folder = machine.root / name
    shutil.copytree(machine.root / SOURCE.lstrip("/"), folder)
    shutil.copytree(machine.root / "srv/wheels", folder / "wheels")
    replace(folder / "setup.cfg", r"^version = .*$", f"version = {version}")
    replace(folder / "kiosk/__init__.py", r"^__version__ = .*$", f'__version__ = "{version}"')
    if more:
        replace(folder / "kiosk/commands/run.py", r"^    state = state_dir.*$", f"    {more}")
    machine.out("sh", "-c", SIGN, "-", f"/{name}")
    return f"/{name}"


INCOMING = "opt/mpp-kiosk/incoming/9.2.0"
SIGN = """set -e
cd /srv; [ -f key.pem ] || openssl genpkey -algorithm ed25519 -out key.pem
openssl pkey -in key.pem -pubout -out /etc/mpp-kiosk/update.pub
cd "$1"; find . -type f ! -name 'SHA256SUMS*' -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS
openssl pkeyutl -sign -inkey /srv/key.pem -rawin -in SHA256SUMS -out SHA256SUMS.sig
"""


def replace(file: Path, pattern: str, by: str) -> None:
    """Replace the one line that matches."""
    text, n = re.subn(pattern, by, file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    need(n == 1, f"{file.name} has no line {pattern}")
    file.write_text(text, encoding="utf-8")


def update(machine: Machine, *args: str) -> tuple[int, str]:
    """Run the update script: its exit code and the last line it said."""
    done = machine.run("/opt/mpp-kiosk/current/libexec/update", *args, timeout_s=600)
    said = done.stdout if done.returncode == 0 else done.stderr
    return done.returncode, said.strip().splitlines()[-1]


def current(machine: Machine) -> str:
    """The version in use."""
    return machine.out("readlink", "/opt/mpp-kiosk/current").removeprefix("releases/")


def changed(machine: Machine, *args: str, code: int, to: str) -> str:
    """Run the update script between two visitors: it ends with ``code``, the release ``to`` is in
    use, the app is home again, and the second visitor gets the next number. The figures."""
    before, was = machine.issue(), machine.app()
    began = time.monotonic()
    ended, said = update(machine, *args)
    took_s = time.monotonic() - began
    need(ended == code and current(machine) == to, said)
    machine.home(was)
    after = machine.issue()
    need(number(after) == number(before) + 1, f"{before}, then {after}")
    return f"{said}, in {took_s:.0f} s; {before}, then {after}"


def updated(machine: Machine) -> str:
    return changed(machine, release(machine, "9.0.0"), code=0, to="9.0.0")


def refused(machine: Machine) -> str:
    """Before the switch: a wrong signature, a changed file, a program that fails its check."""
    was, found = machine.app(), []
    for version, spoil in (("9.0.1", "SHA256SUMS"), ("9.0.2", "kiosk/cli.py"), ("9.0.3", "")):
        folder = release(machine, version)
        broken = machine.root / folder.lstrip("/")
        if spoil:
            with (broken / spoil).open("a") as file:
                file.write("\n")
        else:
            replace(broken / "menu/agencies.py", r"^import .*$", "import no_such_module")
            machine.out("sh", "-c", SIGN, "-", folder)
        code, said = update(machine, folder)
        need(code == 1, f"{version}: exit {code}: {said}")
        found.append(said)
        shutil.rmtree(broken)
    need(machine.app() == was and current(machine) == "9.0.0", "the app was stopped")
    return "; ".join(text[:60] for text in found)


def went_back(machine: Machine) -> str:
    """A release that passes its check, and whose app ends at once."""
    broken = release(machine, "9.1.0", "raise SystemExit(3)")
    return changed(machine, broken, code=1, to="9.0.0")


def night(machine: Machine) -> str:
    """A release that waits for the night, under the restrictions of its unit; on the next night
    none waits, and the app is restarted."""
    shutil.move(machine.root / release(machine, "9.2.0").lstrip("/"), machine.root / INCOMING)
    first, was = machine.issue(), machine.app()
    began = time.monotonic()
    machine.out("systemctl", "start", "mpp-kiosk-night.service")
    took_s = time.monotonic() - began
    need(current(machine) == "9.2.0", f"{current(machine)} is in use")
    machine.home(was)
    second, was = machine.issue(), machine.app()
    machine.out("systemctl", "start", "mpp-kiosk-night.service")
    machine.home(was)
    third = machine.issue()
    values = [number(n) for n in (first, second, third)]
    need(values == list(range(values[0], values[0] + 3)), f"{first}, {second}, {third}")
    return f"9.2.0 in {took_s:.0f} s, then a restart; {first}, {second}, {third}"


def back(machine: Machine, version: str) -> str:
    return changed(machine, "--back", code=0, to=version)
