"""Docker for ``script/prove-compose``: the daemon, and stand-ins for the pinned images."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

PROOF = Path("/srv/proof")
SOURCE = PROOF / "source"
DEBIAN = "mpp-proof:debian13"
APT = "apt-get -qq update && apt-get -qqy install --no-install-recommends"
CLEAN = "rm -rf /var/lib/apt/lists/*"

PYTHON = f"""
RUN {APT} python3-venv && {CLEAN} && ln -s /usr/bin/python3 /usr/local/bin/python
CMD ["python"]
"""
POSTGRES = f"""
RUN groupadd -r postgres --gid=999 && useradd -r -g postgres --uid=999 \\
    --home-dir=/var/lib/postgresql --shell=/bin/bash postgres
RUN {APT} gosu postgresql-common && mkdir /docker-entrypoint-initdb.d \\
    && echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf \\
    && apt-get -qqy install --no-install-recommends postgresql-17 && {CLEAN}
RUN echo "listen_addresses = '*'" >>/usr/share/postgresql/17/postgresql.conf.sample \\
    && install -d -o postgres -g postgres -m 3777 /var/run/postgresql \\
    && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql/data
ENV PATH=$PATH:/usr/lib/postgresql/17/bin PGDATA=/var/lib/postgresql/data
COPY docker-entrypoint.sh docker-ensure-initdb.sh /usr/local/bin/
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
"""
NGINX = f"""
RUN useradd --system --no-create-home --shell /bin/false nginx && {APT} nginx curl && {CLEAN}
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
"""
STAND_INS = {"python": PYTHON, "postgres": POSTGRES, "nginx": NGINX}


def need(condition: object, text: str) -> None:
    """RuntimeError with ``text`` unless ``condition``."""
    if not condition:
        raise RuntimeError(text)


def until(condition: Callable[[], bool], within_s: float, what: str) -> float:
    """Wait for ``condition``; RuntimeError with ``what`` when it does not come. The seconds."""
    began = time.monotonic()
    while True:
        with contextlib.suppress(RuntimeError, KeyError, ValueError, OSError):
            if condition():
                return time.monotonic() - began
        need(time.monotonic() < began + within_s, f"after {within_s:.0f} s: {what}")
        time.sleep(0.2)


def out(*argv: str, cwd: Path = SOURCE, timeout_s: float = 1800) -> str:
    """What a program printed; RuntimeError when it failed."""
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=timeout_s)
    said = (done.stderr + done.stdout).strip()[-1500:]
    need(done.returncode == 0, f"{' '.join(argv)}: exit {done.returncode}: {said}")
    return done.stdout.strip()


class Daemon:
    """dockerd with the containerd that it starts."""

    def __init__(self) -> None:
        self._log = (PROOF / "dockerd.log").open("a")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for its answer."""
        words = ["dockerd", "--exec-opt", "native.cgroupdriver=cgroupfs", "--log-level", "warn"]
        self._process = subprocess.Popen(words, stdout=self._log, stderr=self._log)
        until(lambda: bool(out("docker", "info")), 120, "no answer of dockerd")

    def stop(self) -> None:
        """Stop it as the machine's shutdown does; its containers end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(120)

    def power_failure(self) -> None:
        """Kill it, containerd, and every process of every container."""
        ours = {os.getpid(), os.getppid(), 1}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) in ours:
                continue
            with contextlib.suppress(OSError):
                name = (folder / "comm").read_text().strip()
                if name != "slirp4netns" and (folder / "exe").exists():
                    os.kill(int(folder.name), signal.SIGKILL)
        if self._process is not None:
            self._process.wait(60)
        for file in ("/var/run/docker.pid", "/run/docker/containerd/containerd.pid"):
            Path(file).unlink(missing_ok=True)


def make_images(names: Iterable[str]) -> str:
    """Build stand-ins under these names, which deploy/ pins."""
    if not out("docker", "images", "--quiet", DEBIAN):
        out("docker", "import", str(PROOF / "debian13.tar"), DEBIAN)
    network = Path("/etc/network.environment").read_text().split()
    for name in names:
        folder = PROOF / "postgres"
        recipe = STAND_INS[name.partition(":")[0]]
        settings = "".join(f"ENV {line}\n" for line in network)
        (folder / "Dockerfile").write_text(f"FROM {DEBIAN}\n{settings}{recipe}")
        out("docker", "build", "--tag", name, str(folder))
    return ", ".join(names)


def forget_containers() -> None:
    """Remove the containers and volumes of this run, or of one that was interrupted."""
    for kind, *words in (("container", "--force", "--volumes"), ("volume", "--force")):
        all_too = ["--all"] if kind == "container" else []
        for name in out("docker", kind, "ls", "--quiet", *all_too).split():
            out("docker", kind, "rm", *words, name)


def pinned() -> list[str]:
    """The images that are not built from this repository."""
    text = (SOURCE / "deploy/compose.yaml").read_text()
    text += (SOURCE / "deploy/compose/Dockerfile").read_text()
    found = re.findall(r"^ *(?:image:|FROM) (\S+)", text, re.MULTILINE)
    return sorted({name for name in found if not name.startswith("mpp-queue-server:")})


def inspect(container: str) -> Any:
    """What the engine knows of a container."""
    return json.loads(out("docker", "inspect", container))[0]
