"""Messages to the service manager (systemd) by its notification protocol, sd_notify(3).

The protocol is one datagram of ``KEY=value`` lines on the Unix socket that NOTIFY_SOCKET names. A
name that begins with ``@`` is in the abstract namespace (unix(7)). WATCHDOG_USEC and WATCHDOG_PID
are not read: under cage the process that systemd watches is cage's, while this one draws.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import MutableMapping

VARIABLE = "NOTIFY_SOCKET"
READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"

log = logging.getLogger(__name__)


class ServiceNotifier:
    """Sends messages to ``address``; does nothing where it is empty. Usable from several threads.

    A message that cannot be sent at once is dropped: the service manager must never slow the
    screen down.
    """

    def __init__(self, address: str = "") -> None:
        self._given = address
        name = "\0" + address[1:] if address.startswith("@") else address
        self._address = name if name.startswith(("\0", "/")) else ""
        self._failed = False

    @classmethod
    def from_environment(cls, environment: MutableMapping[str, str]) -> ServiceNotifier:
        """The notifier of NOTIFY_SOCKET, which is removed: child processes must not report."""
        return cls(environment.pop(VARIABLE, ""))

    def hand_over(self, environment: MutableMapping[str, str]) -> None:
        """Put NOTIFY_SOCKET back, for a process that takes the place of this one (execve(2))."""
        if self._given:
            environment[VARIABLE] = self._given

    @property
    def present(self) -> bool:
        """Whether there is a service manager."""
        return bool(self._address)

    def ready(self) -> None:
        """The service has started."""
        self._send(READY)

    def alive(self) -> None:
        """Keep the watchdog from ending the service."""
        self._send(ALIVE)

    def stopping(self) -> None:
        """The service has begun to stop."""
        self._send(STOPPING)

    def _send(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as peer:
                peer.setblocking(False)
                peer.sendto(text.encode(), self._address)
        except OSError as error:
            # Logged once: the watchdog is fed every second.
            log.log(
                logging.DEBUG if self._failed else logging.WARNING,
                "the service manager was not told %s: %s", text, error.strerror,
            )  # fmt: skip
            self._failed = True
