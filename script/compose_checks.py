"""The checks of ``script/prove-compose``: the steps of docs/server.md, and what may go wrong."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from compose_engine import (
    PROOF,
    SOURCE,
    Daemon,
    forget_containers,
    inspect,
    make_images,
    need,
    out,
    pinned,
    until,
)

HOST = "antrean.example.go.id"
SITE = PROOF / "site"
BACKUPS = Path("/var/backups/mpp-queue")
SERVICES = ("database", "server", "proxy", "evening")
SERVICE, COUNTER = "ktp-el", "19"
ZONE = timezone(timedelta(hours=8))
BACK_LIMIT_S = 90.0


class GivenTwiceError(Exception):
    """Two tickets have one number."""


class Site:
    """What an administrator has: the folder ``deploy`` of a release, a token; the numbers given."""

    def __init__(self) -> None:
        self.deploy = SOURCE / "deploy"
        self.token = ""
        self.given: dict[str, str] = {}
        self.tracks: list[tuple[str, str]] = []
        self.tls = ssl.create_default_context()

    def compose(self, *words: str) -> str:
        return out("docker", "compose", *words, cwd=self.deploy)

    def steps(self, text: str) -> str:
        """Type the lines of a block of docs/server.md; what the last one printed."""
        done = subprocess.run(
            ["/bin/bash", "-euc", text], cwd=self.deploy.parent, capture_output=True, text=True,
            timeout=1800, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        need(done.returncode == 0, f"exit {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        """One request through the proxy, its certificate checked; status and answer."""
        with self.connection() as client:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            headers |= {"Content-Type": "application/json"} if body is not None else {}
            client.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = client.getresponse()
            text = response.read().decode()
            self.headers = response.headers
        if response.headers.get_content_type() == "application/json":
            return response.status, json.loads(text)
        return response.status, text

    def connection(self) -> Connection:
        return Connection(self.tls)

    def reserve(self, ticket: str = "") -> str:
        """A number for a ticket. Raises GivenTwiceError when another ticket has it."""
        ticket, track = ticket or new_id(), secrets.token_hex(16)
        body = {"service": SERVICE, "priority": None, "track": track}
        body |= {"requested_at": datetime.now(ZONE).isoformat()}
        status, answer = self.ask("PUT", f"/api/v1/tickets/{ticket}", body, self.token)
        need(status == 200, f"{status}: {answer}")
        number = str(answer["number"])
        holder = self.given.setdefault(number, ticket)
        if holder != ticket:
            raise GivenTwiceError(number)
        self.tracks.append((number, track))
        return number

    def healthy(self) -> bool:
        found = {}
        for line in self.compose("ps", "--format", "json").splitlines():
            told = json.loads(line)
            found[told["Service"]] = told["Health"]
        return found == dict.fromkeys(SERVICES, "healthy")

    def container(self, service: str) -> Any:
        return inspect(self.compose("ps", "--all", "--quiet", service))

    def works(self) -> str:
        """Wait until all containers are healthy and a number is given; how long that took."""
        first = until(lambda: bool(self.reserve()), BACK_LIMIT_S, "no number over https")
        rest = until(self.healthy, BACK_LIMIT_S, f"not all healthy: {self.compose('ps')}")
        return f"a number after {first:.0f} s, all healthy after {first + rest:.0f} s"


class Connection(http.client.HTTPSConnection):
    """To the published port of this machine, by the name of the site."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(HOST, 443, context=tls, timeout=30)
        self._tls = tls

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", 443), timeout=30)
        self.sock = self._tls.wrap_socket(plain, server_hostname=HOST)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def new_id() -> str:
    """A UUIDv7."""
    digits = f"{time.time_ns() // 1_000_000:012x}7{secrets.token_hex(2)[1:]}8{secrets.token_hex(8)}"
    digits = digits[:32]
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


def blocks() -> list[str]:
    """The blocks of commands in docs/server.md, "With Docker Compose"."""
    page = (SOURCE / "docs/server.md").read_text(encoding="utf-8")
    part = page.split("### With Docker Compose\n", 1)[1].split("\n## ", 1)[0]
    found = re.findall(r"(?:^    .*\n)+", part, re.MULTILINE)
    return [textwrap.dedent(block).replace("…/", f"{SITE}/") for block in found]


def prepare() -> str:
    """A site's own certification authority, its certificate, and a menu that is open now."""
    SITE.mkdir()
    text = (SOURCE / "config/agencies.yaml").read_text(encoding="utf-8")
    hours = 'hours: {mon-sun: "00:00-23:59"}\n'
    text = re.sub(r"^hours:\n(?:  .*\n)+", hours, text, count=1, flags=re.MULTILINE)
    text = re.sub(r"stop_minutes_before: \d+", "stop_minutes_before: 0", text)
    (SITE / "agencies.yaml").write_text(text, encoding="utf-8")
    new = "openssl req -newkey rsa:2048 -nodes -days 30 -batch"
    out("bash", "-euc", f"""
        {new} -x509 -subj '/CN=CA of the site' -addext keyUsage=critical,keyCertSign,cRLSign \\
            -keyout ca.key -out ca.pem
        {new} -x509 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST} \\
            -addext basicConstraints=CA:FALSE -CA ca.pem -CAkey ca.key \\
            -keyout key.pem -out certificate.pem
        chmod 0400 key.pem""", cwd=SITE)  # fmt: skip
    return HOST


def set_up(site: Site) -> str:
    for old in (BACKUPS, Path("/etc/mpp-queue")):
        out("rm", "-rf", str(old))
    began = time.monotonic()
    site.token = site.steps(blocks()[0]).split()[-1]
    site.tls = ssl.create_default_context(cafile=str(SITE / "ca.pem"))
    need(site.healthy(), site.compose("ps"))
    return f"{time.monotonic() - began:.0f} s with the image's build, all healthy"


def numbers(site: Site) -> str:
    ticket = new_id()
    first = site.reserve(ticket)
    need(site.reserve(ticket) == first, "a repeat got another number")
    second = site.reserve()
    status, _ = site.ask("PUT", f"/api/v1/tickets/{new_id()}", {}, "wrong")
    need(status == 401, f"wrong token: {status}")
    return f"{first}, {second}, over https with the site's certificate"


def phones(site: Site) -> str:
    number, track = site.tracks[-1]
    status, page = site.ask("GET", f"/t/{track}")
    need(status == 200 and number in page, f"{status}: {page[:300]}")
    need("max-age" in site.headers["Strict-Transport-Security"], "no HSTS")
    for path in ("/metrics", "/readyz", "/"):
        need(site.ask("GET", path)[0] == 404, f"{path} is published")
    need(site.ask("GET", "/healthz")[0] == 200, "/healthz")
    log = site.compose("logs", "proxy")
    need(track not in log and " GET 200 " in log, "the log of the proxy")
    return f"page of {number}; /metrics and /readyz are not published"


def counters(site: Site) -> str:
    """A call, which an open stream of events shows at once."""
    run = ("run", "--rm", "server")
    staff = site.compose(*run, "add-staff", "loket-19", "--counter", COUNTER).split()[-1]
    board = site.compose(*run, "add-board", "layar-1").split()[-1]
    with site.connection() as client:
        client.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {board}"})
        stream = client.getresponse()
        need(stream.status == 200, f"events: {stream.status}")
        status, called = site.ask(
            "POST", f"/api/v1/counters/{COUNTER}/call", {"request_id": secrets.token_hex(8)}, staff
        )
        need(status == 200 and called["ticket"], f"{status}: {called}")
        number, began = called["ticket"]["number"], time.monotonic()
        while number not in stream.readline().decode():
            need(time.monotonic() < began + 30, "the stream does not show the call")
    return f"{number} called, on the stream after {time.monotonic() - began:.1f} s"


def private(site: Site) -> str:
    password = (site.deploy / "secrets/database_password").read_text().strip()
    for service in SERVICES:
        told = site.container(service)
        need(password not in json.dumps(told), f"docker inspect {service} shows the password")
        need(told["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"], service)
    commands = "".join(
        (folder / "cmdline").read_text()
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit()
    )
    need(password not in commands, "a command line shows the password")
    server = site.container("server")
    need(server["HostConfig"]["ReadonlyRootfs"], "the server's files can be written")
    state = Path(f"/proc/{server['State']['Pid']}/status").read_text()
    need(re.search(r"^Uid:\t10001\t", state, re.MULTILINE), "the server's user")
    need(re.search(r"^CapBnd:\t0+$", state, re.MULTILINE), "the server's capabilities")
    for service in ("database", "server", "evening"):
        routes = Path(f"/proc/{site.container(service)['State']['Pid']}/net/route").read_text()
        need("\t00000000\t" not in routes.split("\n", 1)[0] and not default_route(routes), service)
    return "no password seen; database, server and evening have no way out"


def default_route(table: str) -> bool:
    return any(line.split()[1] == "00000000" for line in table.splitlines()[1:])


def restart(site: Site) -> str:
    site.compose("restart")
    return site.works()


def main_process(told: Any) -> int:
    """The program of a container: the child of its init, where it has one."""
    pid = int(told["State"]["Pid"])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if told["HostConfig"].get("Init") else pid


def killed(site: Site, service: str) -> str:
    """Kill the program of a container while four kiosks ask for numbers."""
    ended = threading.Event()
    faults: list[str] = []
    served = [0]

    def visitors() -> None:
        while not ended.is_set():
            ticket = new_id()
            for _ in range(400):  # a kiosk repeats a request with the same id
                try:
                    site.reserve(ticket)
                    served[0] += 1
                    break
                except GivenTwiceError as error:
                    faults.append(str(error))
                except (RuntimeError, OSError, http.client.HTTPException):
                    pass
                time.sleep(0.2)

    crowd = [threading.Thread(target=visitors, daemon=True) for _ in range(4)]
    for visitor in crowd:
        visitor.start()
    try:
        time.sleep(2)
        before = site.container(service)
        os.kill(main_process(before), signal.SIGKILL)
        until(
            lambda: site.container(service)["RestartCount"] > before["RestartCount"],
            BACK_LIMIT_S,
            "not restarted",
        )
        said = site.works()
        time.sleep(2)
    finally:
        ended.set()
        for visitor in crowd:
            visitor.join(120)
    need(not faults, f"given twice: {', '.join(faults)}")
    return f"{said}; {served[0]} numbers meanwhile, none twice"


def machine_restarts(site: Site, daemon: Daemon) -> str:
    daemon.stop()
    daemon.start()
    return site.works()


def power_failure(site: Site, daemon: Daemon) -> str:
    daemon.power_failure()
    daemon.start()
    return site.works()


def evening(site: Site) -> str:
    """The loop of the evening's container, with an evening that comes in some seconds."""
    soon = (datetime.now(ZONE) + timedelta(seconds=30)).strftime("%H:%M:%S")
    name = site.compose("run", "--detach", "--env", f"EVENING={soon}", "evening", "evening")
    name = name.splitlines()[-1]
    until(lambda: bool(list(BACKUPS.glob("queue-*.dump"))), 120, "no backup")
    until(lambda: site.ask("GET", "/healthz")[0] == 200, 30, "the server does not answer")
    time.sleep(5)  # for the prune
    said = out("docker", "logs", name)
    out("docker", "rm", "--force", name)
    need("no backup" not in said and "not pruned" not in said, said)
    (saved,) = BACKUPS.glob("queue-*.dump")
    stat = saved.stat()
    need((stat.st_uid, stat.st_mode & 0o777) == (10001, 0o600), f"{stat.st_uid} {stat.st_mode:o}")
    return saved.name


def restore(site: Site) -> str:
    """The newest backup, in the release of ``site.deploy``."""
    saved = max(BACKUPS.glob("queue-*.dump"))
    lost = [site.reserve() for _ in range(3)]
    site.steps("cd deploy\n" + blocks()[1].replace("queue-….dump", saved.name))
    site.works()
    after = site.reserve()
    return f"{lost[-1]} was given after the backup, {after} after the restore"


def upgrade(site: Site) -> str:
    """The new release beside the old one."""
    new = PROOF / "new"
    saved = set(BACKUPS.glob("queue-*.dump"))
    out(
        "bash",
        "-euc",
        f"mkdir {new}; tar -C {SOURCE} --exclude ./deploy/secrets -c . | tar -C {new} -x",
    )
    file = new / "deploy/compose.yaml"
    file.write_text(re.sub(r"(mpp-queue-server:)\S+", r"\g<1>99.0.0", file.read_text()))
    site.deploy = new / "deploy"
    site.steps("cd deploy\n" + blocks()[2].replace("/srv/old", str(SOURCE)))
    image = site.container("server")["Config"]["Image"]
    need(image == "mpp-queue-server:99.0.0", image)
    need(not mounts_elsewhere(site), f"used: {mounts_elsewhere(site)}")
    need(len(set(BACKUPS.glob("queue-*.dump")) - saved) == 1, "no backup of the upgrade")
    return f"{image}, {site.works()}"


def mounts_elsewhere(site: Site) -> list[str]:
    """Files of another release's folder that containers use: gone when that is deleted."""
    found = []
    for service in SERVICES:
        sources = [mount["Source"] for mount in site.container(service)["Mounts"]]
        found += [s for s in sources if "/deploy/" in s and not s.startswith(f"{site.deploy}/")]
    return found


def go_back(site: Site) -> str:
    site.deploy = SOURCE / "deploy"
    said = restore(site)
    image = site.container("server")["Config"]["Image"]
    need(image != "mpp-queue-server:99.0.0", image)
    need(not mounts_elsewhere(site), f"used: {mounts_elsewhere(site)}")
    return f"{image}; {said}"


def down_and_up(site: Site) -> str:
    before = site.reserve()
    site.compose("down")
    need(not out("docker", "ps", "--quiet", "--all"), "containers are left")
    site.compose("up", "--detach", "--wait")
    return f"{before}, then {site.reserve()} with the same token"


def scenario(site: Site, daemon: Daemon) -> Iterator[tuple[str, Callable[[], str]]]:
    """The checks in their order."""
    yield "stand-ins for the images", lambda: make_images(pinned())
    yield "certificate and menu", prepare
    yield "set-up as in docs/server.md", lambda: set_up(site)
    yield "numbers", lambda: numbers(site)
    yield "a page for a phone", lambda: phones(site)
    yield "a call and the hall's screen", lambda: counters(site)
    yield "secrets and networks", lambda: private(site)
    yield "docker compose restart", lambda: restart(site)
    for service in ("server", "database", "proxy", "evening"):
        yield f"kill -9 of {service}", lambda service=service: killed(site, service)  # type: ignore[misc]
    yield "the machine restarts", lambda: machine_restarts(site, daemon)
    yield "power failure", lambda: power_failure(site, daemon)
    yield "the evening's backup", lambda: evening(site)
    yield "restore as in docs/server.md", lambda: restore(site)
    yield "upgrade as in docs/server.md", lambda: upgrade(site)
    yield "back to the old release", lambda: go_back(site)
    yield "docker compose down and up", lambda: down_and_up(site)


def main() -> int:
    daemon, site, failed = Daemon(), Site(), 0
    daemon.start()
    forget_containers()
    print(f"{out('docker', '--version')}, {out('docker', 'compose', 'version')}")
    try:
        for name, check in scenario(site, daemon):
            began = time.monotonic()
            try:
                word, said = "ok", check()
            except Exception as error:  # noqa: BLE001  # the checks after it run as well
                word, said = "FAILED", f"{type(error).__name__}: {error}"
                failed += 1
            print(f"{word:6} {name}: {said} ({time.monotonic() - began:.0f} s)", flush=True)
            if failed and not site.token:
                break
    finally:
        forget_containers()
        daemon.stop()
    print(f"{len(site.given)} numbers; {failed} checks failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
