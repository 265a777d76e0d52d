"""``deploy/compose.yaml``: what can be tried of it without Docker.

The commands of its containers run here, against a real PostgreSQL.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from queue_server import __version__
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import MENU, ROOT, until
from tests.queue_server.test_unix_socket import status

DEPLOY = ROOT / "deploy"
ENTRY = DEPLOY / "compose/server-entry"
PINNED = re.compile(r"[\w./-]+:\d+\.\d+(\.\d+)?(-[\w.-]+)?")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_images_are_pinned_and_services_are_watched(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"database", "server", "proxy", "evening"}
    for name, service in compose["services"].items():
        assert PINNED.fullmatch(service["image"]), name
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    dockerfile = (DEPLOY / "compose/Dockerfile").read_text()
    froms = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert froms
    assert all(PINNED.fullmatch(image) for image in froms)
    assert compose["services"]["server"]["image"] == f"mpp-queue-server:{__version__}"
    assert f"--tag mpp-queue-server:{__version__} ." in dockerfile


def test_pg_dump_is_that_of_the_database(compose: dict[str, Any]) -> None:
    major = re.match(r"postgres:(\d+)", compose["services"]["database"]["image"])
    assert major is not None
    assert f"postgresql-client-{major[1]} " in (DEPLOY / "compose/Dockerfile").read_text()


def test_secrets_are_files_that_git_ignores(compose: dict[str, Any]) -> None:
    named = {name: secret["file"] for name, secret in compose["secrets"].items()}
    used = {s for service in compose["services"].values() for s in service.get("secrets", ())}
    assert used == set(named)
    for file in named.values():
        path = os.path.normpath(DEPLOY / file)
        if shutil.which("git"):
            done = subprocess.run(["git", "-C", ROOT, "check-ignore", "--quiet", path], timeout=60)
            assert done.returncode == 0, file
    assert "deploy/secrets" in (DEPLOY / "compose/Dockerfile.dockerignore").read_text().split()
    for name, service in compose["services"].items():
        assert "PASSWORD" not in service.get("environment", {}), name
        assert not re.search(r"password=|:[^/@]*@", str(service)), name


def test_only_the_proxy_is_reached_from_outside(compose: dict[str, Any]) -> None:
    services = compose["services"]
    ports = {name: s["ports"] for name, s in services.items() if "ports" in s}
    assert ports == {"proxy": ["${HTTPS_PORT:-443}:443"]}
    networks = {name: service["networks"] for name, service in services.items()}
    assert networks.pop("proxy") == ["outside"]
    assert set(map(tuple, networks.values())) == {("inside",)}
    assert compose["networks"]["inside"] == {"internal": True}
    nginx = (DEPLOY / "compose/nginx.conf").read_text()
    assert re.findall(r"listen +(.*);", nginx) == ["443 ssl"]
    assert set(re.findall(r"^ +server (\S+);", nginx, re.MULTILINE)) == {"unix:/run/queue/socket"}
    assert "/run/secrets/certificate;" in nginx
    assert "/run/secrets/key;" in nginx


def test_a_restarted_server_stays_in_reach_of_the_proxy(compose: dict[str, Any]) -> None:
    """The network of a container ends with it, also for another that shares it."""
    for name, service in compose["services"].items():
        assert "network_mode" not in service, name
    shared = {
        name: [v for v in compose["services"][name]["volumes"] if v.startswith("socket:")]
        for name in ("server", "proxy")
    }
    assert shared == {"server": ["socket:/run/queue"], "proxy": ["socket:/run/queue:ro"]}
    assert "${LISTEN:-/run/queue/socket}" in ENTRY.read_text()
    owner = compose["volumes"]["socket"]["driver_opts"]["o"].split(",")[0]
    assert (
        f"useradd --system {owner.replace('=', ' ').replace('uid', '--uid')} "
        in (DEPLOY / "compose/Dockerfile").read_text()
    )


def environment(tmp_path: Path, **more: object) -> dict[str, str]:
    """What a container has: the password in a file, ``queue-server`` and ``python`` in the path."""
    (tmp_path / "password").write_text("of the site\n")
    (tmp_path / "bin").mkdir()
    for name, words in (("queue-server", "-m queue_server"), ("python", "")):
        file = tmp_path / "bin" / name
        file.write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        file.chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    given = {"PATH": path, "PASSWORD_FILE": tmp_path / "password", "BACKUP": tmp_path / "backup"}
    given |= {"KIOSK_LANG": "en", "PYTHONPATH": ROOT} | more
    return os.environ | {name: str(value) for name, value in given.items()}


def test_the_containers_commands_on_a_real_database(tmp_path: Path, postgres: Postgres) -> None:
    path, monitor = tmp_path / "socket", free_port()
    env = environment(
        tmp_path,
        QUEUE_DATABASE=postgres.new_database(),
        MENU=MENU,
        LISTEN=path,
        MONITOR_PORT=monitor,
        QUEUE_OPTIONS="--rate 40",
    )

    def entry(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([ENTRY, *words], env=env, capture_output=True, text=True, timeout=60)

    assert entry("ready").returncode == 1
    with subprocess.Popen(
        [ENTRY, "serve"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        try:
            until(lambda: entry("ready").returncode == 0, "the server is ready")
            assert status(path, "/healthz") == 200
            assert status(path, "/readyz") == 404
            added = entry("add-kiosk", "lobi-1")
            assert added.returncode == 0, added.stderr
        finally:
            server.terminate()
            assert server.wait(30) == 0
    assert entry("backed-up").returncode == 1
    saved = entry("backup", str(tmp_path / "backup"), "--keep", "14")
    assert saved.returncode == 0, saved.stderr
    assert entry("backed-up").returncode == 0
    (old,) = (tmp_path / "backup").iterdir()
    os.utime(old, (0, 0))
    assert entry("backed-up").returncode == 1


RECORDER = '#!/bin/sh\necho "$PGPASSWORD | $*" >>"$CALLS"\nexit 1\n'


def test_healthy_from_the_first_start_until_an_evening_without_a_backup(tmp_path: Path) -> None:
    """``up --wait`` must not wait for the first evening; later restarts change nothing."""
    folder = tmp_path / "backup"
    folder.mkdir()
    env = environment(tmp_path)

    def healthy() -> bool:
        return subprocess.run([ENTRY, "backed-up"], env=env, timeout=60).returncode == 0

    def started() -> None:
        with subprocess.Popen([ENTRY, "evening"], env=env) as loop:
            until(lambda: (folder / ".since").exists(), "the first start is noted")
            loop.terminate()
            loop.wait(30)

    assert not healthy()
    started()
    assert healthy()
    os.utime(folder / ".since", (0, 0))
    started()
    assert not healthy()


def test_a_backup_folder_that_cannot_be_written_ends_the_evening(tmp_path: Path) -> None:
    """The container is then restarted and never healthy: the first start shows it."""
    done = subprocess.run(
        [ENTRY, "evening"], env=environment(tmp_path), capture_output=True, timeout=60
    )
    assert done.returncode != 0


def test_each_evening_a_backup_and_a_prune(tmp_path: Path) -> None:
    """Also after a failure; it ends at once when the container is stopped."""
    now = time.localtime(time.time() + 8)
    calls = tmp_path / "calls"
    (tmp_path / "backup").mkdir()
    env = environment(tmp_path, EVENING=time.strftime("%H:%M:%S", now), CALLS=calls)
    (tmp_path / "bin/queue-server").write_text(RECORDER)
    with subprocess.Popen([ENTRY, "evening"], env=env, stderr=subprocess.PIPE, text=True) as loop:
        until(lambda: calls.exists() and len(calls.read_text().splitlines()) == 2, "both ran")
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(30) == 0
        assert loop.stderr is not None
        assert loop.stderr.read() == "no backup this evening\nnot pruned this evening\n"
    assert calls.read_text().splitlines() == [
        f"of the site | backup {tmp_path / 'backup'} --keep 14",
        "of the site | prune --keep 400d",
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
