"""The ways to a printer, as ``connection`` of ``kiosk.yaml`` writes them.

============================================  ==================================================
``virtual``                                   a printer made of software, started by the app
``network:HOST`` or ``network:HOST:PORT``     raw bytes over TCP; 9100 where no port is given
``device:/dev/usb/lp0``                       a device file of the kernel
``usb:04b8:0e15`` or ``usb:04b8:0e15:SERIAL``  USB without the kernel's driver (numbers: lsusb)
``serial:/dev/ttyUSB0:19200``                 a serial line; ``:rtscts`` or ``:xonxoff`` may follow
``cups:NAME``                                 a raw queue of CUPS
``file:PATH``                                 a file that takes the bytes
============================================  ==================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass

RAW_PORT = 9100
"""Where network printers take raw bytes."""

BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
"""The speeds that receipt printers can be set to, in bits a second."""

_USB = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})(?::(\S{1,126}))?", re.IGNORECASE)
# By-path names hold colons: what follows the last ones is the speed.
_SERIAL = re.compile(r"(.+?):([0-9]{1,7})(?::(rtscts|xonxoff))?")
# What CUPS allows in a name, and no dash at its head: a command would take it for an option.
_QUEUE = re.compile(r"[^\s/#?'\"\\-][^\s/#?'\"\\]{0,126}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|[0-9A-Fa-f:.%a-z]{2,60}")


@dataclass(frozen=True, slots=True)
class Virtual:
    """A virtual printer that the app starts."""


@dataclass(frozen=True, slots=True)
class Network:
    """Raw bytes over TCP."""

    host: str
    port: int = RAW_PORT


@dataclass(frozen=True, slots=True)
class Device:
    """A device file that takes bytes and may answer."""

    path: str


@dataclass(frozen=True, slots=True)
class Serial:
    """A serial line: ``baud`` bits a second; ``flow`` is ``rtscts``, ``xonxoff`` or empty."""

    path: str
    baud: int
    flow: str = ""


@dataclass(frozen=True, slots=True)
class Usb:
    """A USB device by its numbers; ``serial`` distinguishes two of the same kind."""

    vendor: int
    product: int
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """A raw queue of CUPS."""

    name: str


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A file that each slip's bytes are appended to."""

    path: str


Connection = Virtual | Network | Device | Serial | Usb | Queue | PlainFile

KINDS = ("virtual", "network", "device", "usb", "serial", "cups", "file")


class BadConnection(ValueError):
    """A text that names no connection.

    ``part`` is what is wrong with it: ``kind``, ``host``, ``port``, ``path``, ``usb``,
    ``serial``, ``baud``, ``queue`` or ``file``.
    """

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def read_connection(text: str) -> Connection:
    """The connection that ``text`` names. Raises BadConnection for one that cannot be."""
    if text == "virtual":
        return Virtual()
    kind, colon, rest = text.partition(":")
    if not colon or kind not in KINDS or kind == "virtual":
        raise BadConnection("kind")
    match kind:
        case "network":
            return _network(rest)
        case "usb":
            return _usb(rest)
        case "serial":
            return _serial(rest)
        case "cups":
            if not _QUEUE.fullmatch(rest):
                raise BadConnection("queue")
            return Queue(rest)
        case "device":
            return Device(_filled(rest, "path"))
        case _:
            return PlainFile(_filled(rest, "file"))


def _filled(rest: str, part: str) -> str:
    if not rest.strip() or "\0" in rest:
        raise BadConnection(part)
    return rest


def _is_address(host: str) -> bool:
    """False for figures and dots that are no IPv4 address, such as 192.168.1.999; a host name has
    a letter in its last part (RFC 1123, 2.1)."""
    if not re.fullmatch(r"[0-9.]+", host):
        return True
    parts = host.split(".")
    return len(parts) == 4 and all(part.isdecimal() and int(part) < 256 for part in parts)


def _network(rest: str) -> Network:
    """``host``, ``host:port``, ``[ipv6]:port`` or a bare IPv6 address."""
    host, port = rest, ""
    if rest.startswith("["):
        host, end, port = rest[1:].partition("]")
        if not end or (port and not port.startswith(":")):
            raise BadConnection("host")
        port = port[1:] if port else str(RAW_PORT)
    elif rest.count(":") == 1:
        host, _, port = rest.partition(":")
    else:
        port = str(RAW_PORT)
    if not _HOST.fullmatch(host) or not _is_address(host):
        raise BadConnection("host")
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise BadConnection("port")
    return Network(host, int(port))


def _usb(rest: str) -> Usb:
    found = _USB.fullmatch(rest)
    if found is None:
        raise BadConnection("usb")
    return Usb(int(found[1], 16), int(found[2], 16), found[3] or "")


def _serial(rest: str) -> Serial:
    found = _SERIAL.fullmatch(_filled(rest, "serial"))
    if found is None:
        raise BadConnection("serial")
    if int(found[2]) not in BAUDS:
        raise BadConnection("baud")
    return Serial(found[1], int(found[2]), found[3] or "")
