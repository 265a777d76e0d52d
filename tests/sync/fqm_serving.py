"""FQM itself, served on loopback for tests and benchmarks; run by FQM's own Python.

Usage: ``python fqm_serving.py CHECKOUT DATABASE WORKERS TASK...``, with FQM's packages installed.
Prints the port and the token of its interface, then serves until its standard input is closed.

``WORKERS`` 0: one process, as FQM's own ``run.py --cli`` serves. Otherwise that many processes of
gunicorn with gevent; once each of them serves, ``ready`` is printed as many times. This file is
then also gunicorn's configuration (``post_worker_init``) and its application (``application``).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

ANSWERS = sys.stdout
"""Where the caller reads; what FQM prints goes to standard error."""


def main(checkout: str, database: str, workers: str, *tasks: str) -> None:
    """Make a database with one office and these tasks, in which tickets are registered."""
    os.environ["DATABASE_URI"] = f"sqlite:///{database}?check_same_thread=False"
    os.chdir(checkout)
    sys.path.insert(0, checkout)
    if workers == "0":
        app = application()
        server: Any = import_module("gevent.pywsgi").WSGIServer(("127.0.0.1", 0), app, log=None)
        server.start()
        _say(f"{server.server_port} {_filled(app, tasks)}")
        threading.Thread(target=_end_with_parent, daemon=True).start()
        server.serve_forever()
    elif workers == "fill":
        _say(_filled(application(), tasks))
    else:
        _run_gunicorn(checkout, database, workers, tasks)


def application() -> Any:
    """FQM's WSGI application, with its events and error handlers.

    Without its background tasks, as under its own gunicorn: they fetch speech from the network.
    """
    sys.stdout = sys.stderr
    bundle: Any = import_module("app.main")
    bundle.start_tasks = lambda _: None
    return bundle.bundle_app()


def post_worker_init(_: object) -> None:
    """Gunicorn's hook: a worker serves."""
    _say("ready")


def _filled(app: Any, tasks: tuple[str, ...]) -> str:
    """Fill the database; returns a token."""
    tables: Any = import_module("app.database")
    db: Any = import_module("app.middleware").db
    with app.app_context():
        tables.Touch_store.get().n = True
        office = tables.Office("1", "A")
        db.session.add(office)
        db.session.commit()
        for name in tasks:
            task = tables.Task(name)
            db.session.add(task)
            task.offices.append(office)
        db.session.commit()
        token = tables.AuthTokens("kiosk")
        db.session.add_all([tables.Serial(100, office.id, 1, p=True), token])
        db.session.commit()
        return str(token.token)


def _run_gunicorn(checkout: str, database: str, workers: str, tasks: tuple[str, ...]) -> None:
    # The database is filled in another process: gunicorn's must not load FQM before gevent.
    fill = [sys.executable, __file__, checkout, database, "fill", *tasks]
    token = subprocess.run(fill, stdout=subprocess.PIPE, check=True, text=True).stdout.split()[-1]
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.set_inheritable(True)
    bind, here = f"fd://{listener.fileno()}", str(Path(__file__).resolve().parent)
    argv = [sys.executable, "-m", "gunicorn", "-k", "gevent", "-w", workers, "-c", __file__]
    argv += ["-b", bind, "--log-level", "error", "--chdir", checkout, "--pythonpath", here]
    argv += ["fqm_serving:application()"]
    with subprocess.Popen(argv, pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL) as master:
        _say(f"{listener.getsockname()[1]} {token}")
        sys.stdin.read()
        master.terminate()


def _say(line: str) -> None:
    ANSWERS.write(line + "\n")
    ANSWERS.flush()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
