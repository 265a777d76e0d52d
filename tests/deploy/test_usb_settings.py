"""``deploy/install --usb-settings``: the installer in a folder that represents a machine, and the
mount script with the programs that it calls replaced by recorders. A real stick is on the hardware
checklist.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.deploy.machine import ROOT, Machine, needs_root
from tests.deploy.scripts import Script

WRITABLE = ("agencies.yaml", "kiosk.yaml", "ticket.yaml")
OWN = {
    "etc/tmpfiles.d/mpp-kiosk-usb.conf",
    "etc/udev/rules.d/59-mpp-kiosk-usb.rules",
    "etc/udev/rules.d/90-mpp-kiosk-usb.rules",
    "etc/systemd/system/mpp-kiosk-usb@.service",
    "etc/systemd/system/mpp-kiosk.service.d/20-usb-settings.conf",
}
OPTIONS = "ro,nosuid,nodev,noexec,uid=990,gid=991,fmask=0377,dmask=0277"
NEWER = re.compile("Unknown key '(RestartSteps|RestartMaxDelaySec|RestartMode)'|^$")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    blank = Machine(tmp_path / "machine", "257")
    tool = blank.folder / "usr/bin/systemd-tmpfiles"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    return blank.laid_out()


def modes(machine: Machine) -> set[tuple[str, str, str]]:
    """Owner, group and mode of the files that the kiosk may write with the option."""
    return {machine.owner_and_mode(f"etc/mpp-kiosk/{name}") for name in WRITABLE}


@needs_root
def test_the_option_is_off_kept_and_removed(machine: Machine) -> None:
    closed, opened = {("root", "kiosk", "0640")}, {("root", "kiosk", "0660")}
    assert machine.install().returncode == 0
    before = machine.files()
    assert (OWN & before, modes(machine)) == (set(), closed)

    assert machine.install("--usb-settings").returncode == 0
    assert machine.files() - before == OWN | {"opt/mpp-kiosk/usb-settings"}
    assert modes(machine) == opened
    assert machine.owner_and_mode("etc/mpp-kiosk") == ("root", "kiosk", "0750")
    assert machine.owner_and_mode("etc/mpp-kiosk/schema/kiosk.schema.json")[2] == "0644"
    assert machine.owner_and_mode("run/mpp-usb") == ("root", "kiosk", "0750")
    assert machine.check() == (0, [])

    # An update runs --files; a later installation names no option.
    for later in (["--files"], []):
        assert machine.install(*later).returncode == 0
        assert (machine.files() >= OWN, modes(machine)) == (True, opened)

    assert machine.install("--no-usb-settings").returncode == 0
    assert (machine.files(), modes(machine)) == (before, closed)
    assert machine.check() == (0, [])


@needs_root
def test_check_finds_a_file_that_the_kiosk_may_not_write(machine: Machine) -> None:
    assert machine.install("--usb-settings").returncode == 0
    (machine.folder / "etc/mpp-kiosk/kiosk.yaml").chmod(0o640)
    (machine.folder / "etc/udev/rules.d/59-mpp-kiosk-usb.rules").write_text("")
    assert machine.check() == (
        1,
        [
            "/etc/udev/rules.d/59-mpp-kiosk-usb.rules",
            "/etc/mpp-kiosk/kiosk.yaml: root:kiosk 0660",
        ],
    )


@needs_root
def test_uninstall_and_the_role_of_a_server_remove_it(machine: Machine) -> None:
    assert machine.install("--usb-settings").returncode == 0
    refused = machine.install("--server", "--usb-settings")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert machine.install("--server", "--files").returncode == 0
    assert (OWN & machine.files(), modes(machine)) == (set(), {("root", "kiosk", "0640")})

    assert machine.install("--kiosk", "--usb-settings").returncode == 0
    assert machine.files() >= OWN
    assert machine.install("--uninstall").returncode == 0
    assert (OWN & machine.files(), modes(machine)) == (set(), {("root", "kiosk", "0640")})


@needs_root
def test_the_units_are_right(machine: Machine) -> None:
    assert machine.install("--usb-settings").returncode == 0
    said = machine.analyze("verify", "mpp-kiosk.service", "mpp-kiosk-usb@sda1.service")
    assert [x for x in said.stderr.splitlines() if not NEWER.search(x)] == []
    limits = {"mpp-kiosk.service": 25, "mpp-kiosk-usb@.service": 40}
    # The second one has no mount namespace, because it mounts for the whole system.
    for name, limit in limits.items():
        how = ("security", "--offline=true", f"--threshold={limit}", name)
        found = machine.analyze(*how)
        assert found.returncode == 0, found.stdout[-300:]


def test_only_storage_is_added_to_the_classes() -> None:
    rules = ROOT / "deploy/usb-settings/udev/rules.d"
    (marks,) = re.findall(r"(?m)^[^#\n].*$", (rules / "59-mpp-kiosk-usb.rules").read_text())
    assert re.findall(r'(\w+(?:\{\w+\})?)==?"([^"]*)"', marks) == [
        ("ACTION", "add"),
        ("SUBSYSTEM", "usb"),
        ("ENV{DEVTYPE}", "usb_interface"),
        ("ATTR{bInterfaceClass}", "08"),
        ("ENV{MPP_KIOSK_STORAGE}", "1"),
    ]
    closing = (ROOT / "deploy/etc/udev/rules.d/60-mpp-kiosk.rules").read_text()
    leaves = closing.index('ENV{MPP_KIOSK_STORAGE}=="1", GOTO="mpp_kiosk_end"')
    assert leaves < closing.index('ATTR{authorized}="0"')
    starts = (rules / "90-mpp-kiosk-usb.rules").read_text()
    assert re.findall(r"[%$][\w{}]+", starts) == ["%k"], "the kernel's name of the device alone"


class Stick:
    """The script, with programs that note their calls. ``source``: what is mounted, if anything."""

    def __init__(self, folder: Path) -> None:
        self.script = Script(folder)
        self.folder = folder
        self.script.program("findmnt", 'cat "$SOURCE" 2>/dev/null')
        self.script.program("blkid", 'printf "%s\\n" "$TYPE"')
        self.script.program("mount")
        self.script.program("umount")
        self.script.program("id", '[ "$1" = -u ] && echo 990 || echo 991')

    def run(self, *args: str, kind: str = "vfat", source: str = "") -> tuple[int, list[str]]:
        """The exit code, and the calls that mount or unmount."""
        noted = self.folder / "source"
        noted.unlink(missing_ok=True)
        if source:
            noted.write_text(f"{source}\n")
        done = self.script.run(
            "usb-mount", *args,
            TYPE=kind, SOURCE=noted, USB_LOCK=self.folder / "lock", USB_FOLDER="/run/mpp-usb",
        )  # fmt: skip
        calls = self.script.called()
        return done.returncode, [c for c in calls if c.startswith(("mount", "umount"))]


@pytest.fixture
def stick(tmp_path: Path) -> Stick:
    return Stick(tmp_path)


@pytest.mark.parametrize("kind", ["vfat", "exfat"])
def test_a_stick_is_mounted_read_only_for_the_kiosk(stick: Stick, kind: str) -> None:
    fixed = f"mount --internal-only --types {kind} --options {OPTIONS}"
    assert stick.run("mount", "sda1", kind=kind) == (0, [f"{fixed} -- /dev/sda1 /run/mpp-usb"])


@pytest.mark.parametrize("kind", ["ext4", "ntfs", "iso9660", "", "vfat,suid", "vfat exfat"])
def test_another_file_system_is_not_mounted(stick: Stick, kind: str) -> None:
    assert stick.run("mount", "sda1", kind=kind) == (1, [])


def test_a_second_stick_is_left_alone(stick: Stick) -> None:
    assert stick.run("mount", "sdb1", source="/dev/sda1") == (0, [])
    assert stick.run("unmount", "sdb1", source="/dev/sda1") == (0, [])
    gone = ["umount --lazy -- /run/mpp-usb"]
    assert stick.run("unmount", "sda1", source="/dev/sda1") == (0, gone)
    assert stick.run("unmount", "sda1") == (0, [])


@pytest.mark.parametrize(
    "name", ["", "../mem", "sda1;reboot", "sda 1", "nvme0n1p1", "-o", "sda1\n"]
)
def test_only_the_name_of_a_disk_is_taken(stick: Stick, name: str) -> None:
    assert stick.run("mount", name) == (1, [])
    assert not (stick.folder / "lock").exists()


def test_a_wrong_call_does_nothing(stick: Stick) -> None:
    assert stick.run("mount") == (1, [])
    assert stick.run("remount", "sda1") == (1, [])
    assert os.access(ROOT / "deploy/libexec/usb-mount", os.X_OK)
