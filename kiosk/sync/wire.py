"""HTTP connections with one wall-clock deadline over a whole exchange.

A socket timeout bounds each read, not their sum: a server that sends one byte a second never hits
it. Therefore each exchange runs on its own thread, the caller waits until the deadline, and the
socket is then shut down from outside, which ends the blocked read.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Generic, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from kiosk.errors import ServerUnreachable

POOL = 8
T = TypeVar("T")
_under_way = threading.local()


class CancellableCall:
    """An exchange that another thread can cancel. ``reused``: it uses a kept-alive connection."""

    def __init__(self) -> None:
        self.reused = False
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._cut = False

    def watch(self, handle: socket.socket) -> None:
        """The exchange uses the socket ``handle``; the call owns and closes it."""
        with self._lock:
            old, self._handle = self._handle, handle
            if self._cut:
                _shut(handle)
        if old is not None:
            old.close()

    def cut(self) -> None:
        """Cancel the exchange, now or as soon as it has a connection. From any thread."""
        with self._lock:
            self._cut = True
            if self._handle is not None:
                _shut(self._handle)

    def end(self) -> None:
        """Release the connection, which is kept alive for the next exchange."""
        with self._lock:
            handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


class _Cuttable:
    """Mixin for urllib3's connections: gives the current call a duplicate of the socket (dup(2)).

    A duplicate is needed because TLS takes over the original, and http.client closes its own before
    the body of a last response is read.
    """

    _raw: socket.socket | None = None
    _call: CancellableCall | None = None

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._raw = made.dup()
        self._watched(reused=False)
        return made

    def putrequest(self, *args: Any, **more: Any) -> Any:
        self._watched(reused=True)
        return super().putrequest(*args, **more)  # type: ignore[misc]

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        raw, self._raw, self._call = self._raw, None, None
        if raw is not None:
            raw.close()

    def _watched(self, *, reused: bool) -> None:
        """Hand the socket to the current call, once for each call."""
        call: CancellableCall | None = getattr(_under_way, "call", None)
        if call is not None and self._raw is not None and call is not self._call:
            self._call = call
            call.reused = reused
            call.watch(self._raw.dup())


class _Connection(_Cuttable, HTTPConnection):
    pass


class _TlsConnection(_Cuttable, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class CuttableAdapter(HTTPAdapter):
    """The adapter of a session whose exchanges run under ``within``. It never retries."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=POOL, max_retries=0)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """As in requests, with connection pools whose sockets can be shut down."""
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def new_session() -> requests.Session:
    """A session that ignores its environment: no proxy, no netrc, no cookies."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(_NoCookies())
    for scheme in ("http://", "https://"):
        session.mount(scheme, CuttableAdapter())
    return session


class _NoCookies(DefaultCookiePolicy):
    def set_ok(self, *_: Any) -> bool:
        return False


class _Run(Generic[T]):
    """One function on its own thread."""

    def __init__(self, job: Callable[[CancellableCall], T]) -> None:
        self.call = CancellableCall()
        self._job = job
        self._done = threading.Event()
        self._result: T
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="exchange", daemon=True)

    def within(self, deadline_s: float) -> T:
        until_s = time.monotonic() + deadline_s
        self._thread.start()
        came = self._done.wait(deadline_s)
        # The socket timeout may be reported first: it is the same deadline.
        late = isinstance(self._error, ServerUnreachable) and time.monotonic() >= until_s
        if late or not came:
            self.call.cut()
            raise ServerUnreachable("server.late", seconds=f"{deadline_s:g}")
        if self._error is not None:
            raise self._error
        return self._result

    def _work(self) -> None:
        _under_way.call = self.call
        try:
            self._result = self._job(self.call)
        except BaseException as error:  # noqa: BLE001  raised again by the waiting thread
            self._error = error
        finally:
            self.call.end()
            self._done.set()


def within(deadline_s: float, job: Callable[[CancellableCall], T]) -> T:
    """Run ``job`` and return its result within ``deadline_s`` seconds of wall-clock time.

    The deadline covers everything: name resolution, connecting, sending, reading. At the deadline
    the connection is shut down, a later result is dropped and ServerUnreachable is raised.
    Exceptions of ``job`` are raised here.
    """
    return _Run(job).within(deadline_s)
