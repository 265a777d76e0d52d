"""Connections that another thread can cut off: one wall-clock deadline over a whole exchange.

A socket's own timeout bounds each read, not their sum: a server that sends one byte a second
never runs into it. So each exchange runs on a thread of its own, whoever asked waits on a clock,
and when that runs out the connection is shut down under the thread's feet.
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
    """One exchange under way. ``reused``: its connection had served an earlier one."""

    def __init__(self) -> None:
        self.reused = False
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._cut = False

    def watch(self, handle: socket.socket) -> None:
        """The exchange goes over ``handle``, which the call owns from now on."""
        with self._lock:
            old, self._handle = self._handle, handle
            if self._cut:
                _shut(handle)
        if old is not None:
            old.close()

    def cut(self) -> None:
        """Break the exchange off, now or as soon as it has a connection. From any thread."""
        with self._lock:
            self._cut = True
            if self._handle is not None:
                _shut(self._handle)

    def end(self) -> None:
        """Forget the connection, which lives on for the next exchange."""
        with self._lock:
            handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


class _Cuttable:
    """Mixed into urllib3's connections: the call under way gets a second handle of the socket.

    A duplicate, because TLS takes the first one over, and http.client closes its own before the
    body of a last answer is read.
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
        """Hand the socket to the call under way, once for each call."""
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
    """The adapter of a session whose exchanges run under ``within``. It never tries again."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=POOL, max_retries=0)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """As requests does, with connections that can be cut."""
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def new_session() -> requests.Session:
    """A session that takes nothing from its surroundings: no proxy, no netrc, no cookies."""
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
    """One function on a thread of its own."""

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
        # The socket's own timeout may be told first: it is the same time that has run out.
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
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            self._error = error
        finally:
            self.call.end()
            self._done.set()


def within(deadline_s: float, job: Callable[[CancellableCall], T]) -> T:
    """What ``job`` answers, when it does so within ``deadline_s`` seconds of wall-clock time.

    The time counts for everything: resolving the name, connecting, sending, reading. A job that
    runs into it has its connection closed, and whatever it answers later is dropped.
    Raises ServerUnreachable then, and whatever ``job`` raises.
    """
    return _Run(job).within(deadline_s)
