"""``libexec/update`` on the machine of the queue server; its commands are replaced by recorders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.scripts import LIBEXEC, Script
from tests.deploy.site import INSTALL, NEW, OLD, RUNUSER, Site

QUEUE_SERVER = """#!/bin/sh
release=$(basename "$(readlink -f "$(dirname "$0")/../..")")
echo "$release $* password=$PGPASSWORD" >>"$CALLS"
case $1 in
backup) mkdir "$2" && touch "$2/queue-1.sqlite3" ;;
migrate) [ ! -e "$STATE_DIR/newer" ] || [ "$release" = 2.0 ] ;;
restore) rm "$STATE_DIR/newer" ;;
esac
"""
PYTHON = '#!/bin/sh\nfor url; do :; done\necho "ask $url" >>"$CALLS"\ngrep -q works "$0.mode"\n'
START = """
state="$MPP_ROOT/../unit"
case "$*" in
stop*) echo inactive >"$state" ;;
start*)
    cut="$MPP_ROOT/../power-cut"
    [ ! -e "$cut" ] || { rm "$cut"; kill -KILL $PPID; exit; }
    "$UPDATE" --settle server || echo "settle failed" >>"$CALLS"
    grep -q works "$MPP_ROOT/current/venv/bin/python.mode" && echo active >"$state" ||
        echo failed >"$state" ;;
show*) cat "$state" ;;
esac
"""


class Server:
    """A queue server's machine with release 1.0 in use."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.script = folder, Script(folder)
        self.opt, self.state, self.config = folder / "opt", folder / "state", folder / "config"
        for each in (self.opt / "releases", self.state, self.config):
            each.mkdir(parents=True)
        (self.opt / "role").write_text("server\n")
        (self.config / "server.env").write_text("# site\nQUEUE_PORT=8090\nPGPASSWORD='a$b c'\n")
        self.script.env |= {
            "MPP_ROOT": str(self.opt), "STATE_DIR": str(self.state), "CONFIG_DIR": str(self.config),
            "LOCK_FILE": str(folder / "lock"), "READY_S": "20", "UPDATE": str(LIBEXEC / "update"),
        }  # fmt: skip
        for name, body in (("systemctl", START), ("runuser", RUNUSER), ("id", "echo 0")):
            self.script.program(name, body)
        self.script.program("chown")
        self.program(self.opt / "releases" / OLD, "works")
        (self.opt / "current").symlink_to(f"releases/{OLD}")

    def program(self, folder: Path, mode: str) -> None:
        bin_ = folder / "venv/bin"
        bin_.mkdir(parents=True)
        for name, text in (("python", PYTHON), ("queue-server", QUEUE_SERVER)):
            (bin_ / name).write_text(text)
            (bin_ / name).chmod(0o755)
        (bin_ / "python.mode").write_text(mode)

    def release(self, mode: str) -> Path:
        folder = self.folder / "release"
        self.program(folder / "program", mode)
        (folder / "deploy").mkdir()
        (folder / "deploy/install").write_text(INSTALL)
        (folder / "setup.cfg").write_text(f"version = {NEW}\n")
        Site.listed(folder)
        return folder

    def update(self, *args: object) -> tuple[int, str]:
        done = self.script.run("update", *map(str, args))
        return done.returncode, done.stderr

    def commands(self) -> list[str]:
        """The calls of queue-server, without database and password."""
        calls = [c for c in self.script.called() if c[0].isdigit()]
        assert all(c.endswith("password=a$b c") for c in calls)
        return [" ".join(c.split(" --")[0].split()[:2]) for c in calls]

    def current(self) -> str:
        return (self.opt / "current").readlink().name


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ("", "http://127.0.0.1:8090/readyz"),
        ("--priority-ratio 3 --monitor-port 8091", "http://127.0.0.1:8091/readyz"),
        ("--monitor-port=8091 --monitor-host=10.0.0.5", "http://10.0.0.5:8091/readyz"),
    ],
)
def test_a_server_is_updated_after_a_backup(server: Server, options: str, url: str) -> None:
    with (server.config / "server.env").open("a") as file:
        file.write(f'QUEUE_OPTIONS="{options}"\n')
    code, said = server.update("--unsigned", server.release("works"))
    assert (code, server.current()) == (0, NEW), said
    calls = server.script.called()
    assert f"ask {url}" in calls
    assert not [c for c in calls if "mpp-kiosk" in c and c.startswith("systemctl")]
    order = [c.split(" --")[0].split(" password")[0] for c in calls if c[0].isdigit()]
    assert order == [f"{NEW} check", f"{OLD} backup {server.state}/before-{NEW}", f"{NEW} migrate"]
    assert not (server.opt / "pending").exists()


@pytest.mark.parametrize("migrated", [False, True])
def test_a_server_that_does_not_answer_goes_back(server: Server, migrated: bool) -> None:
    if migrated:
        (server.state / "newer").touch()
    code, said = server.update("--unsigned", server.release("silent"))
    assert (code, server.current()) == (1, OLD)
    assert f"{NEW} does not work; back to {OLD}" in said
    # Only a database that the former release refuses is replaced.
    restored = [f"{OLD} restore"] if migrated else []
    steps = [f"{NEW} check", f"{OLD} backup", f"{NEW} migrate", f"{OLD} migrate", *restored]
    assert server.commands() == steps
    assert (server.folder / "unit").read_text() == "active\n"


def test_going_back_never_replaces_the_database(server: Server) -> None:
    """Calls and pauses since the update would be lost: staff decide (docs/server.md)."""
    assert server.update("--unsigned", server.release("works"))[0] == 0
    (server.state / "newer").touch()
    server.commands()
    assert (server.update("--back")[0], server.current()) == (1, NEW)
    assert server.commands() == [
        f"{OLD} check", f"{NEW} backup", f"{OLD} migrate", f"{NEW} migrate",
    ]  # fmt: skip
    assert (server.folder / "unit").read_text() == "active\n"


def test_a_power_cut_is_settled_before_the_server_only(server: Server) -> None:
    (server.folder / "power-cut").touch()
    assert server.update("--unsigned", server.release("works"))[0] < 0
    assert server.update("--settle", "kiosk") == (0, "")
    assert server.current() == NEW
    assert server.update("--settle", "server")[0] == 0
    assert server.current() == OLD
    assert not (server.opt / "pending").exists()
