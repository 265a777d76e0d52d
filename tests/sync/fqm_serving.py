"""FQM itself, served on loopback for ``tests/sync/test_fqm.py``; run by FQM's own Python.

Usage: ``python fqm_serving.py CHECKOUT DATABASE TASK...``, with FQM's packages installed. Prints
the port and the token of its interface, then serves until its standard input is closed.
"""

from __future__ import annotations

import os
import sys
import threading
from importlib import import_module
from typing import Any


def main(checkout: str, database: str, *tasks: str) -> None:
    """Make a database with one office and these tasks, in which tickets are registered."""
    os.chdir(checkout)
    sys.path.insert(0, checkout)
    os.environ["DATABASE_URI"] = f"sqlite:///{database}?check_same_thread=False"
    tables: Any = import_module("app.database")
    db: Any = import_module("app.middleware").db
    app: Any = import_module("app.main").create_app()
    with app.app_context():
        db.create_all()
        import_module("app.utils").create_default_records()
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
        made = token.token
    server: Any = import_module("gevent.pywsgi").WSGIServer(("127.0.0.1", 0), app, log=None)
    server.start()
    sys.stdout.write(f"{server.server_port} {made}\n")
    sys.stdout.flush()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server.serve_forever()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
