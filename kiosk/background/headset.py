"""Notice that a headset is plugged in or pulled out, so that speech begins and ends by itself.

ALSA has a control for each socket that knows whether a plug is in it ("Headphone Jack"). It is read
twice a second from the sound card's control device, for which the group ``audio`` is enough: the
switch under ``/dev/input`` would need the right to read every key. Reading opens no sound device.

A socket is not believed at once: a loose contact flaps, and a machine may have a loudspeaker in it
for ever. ``JackWatch`` reports a change that has lasted, and none of a socket that changes all the
time.
"""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from kiosk.background.periodic_thread import PeriodicThread

JACKS = (
    "Headphone Jack",
    "Front Headphone Jack",
    "Headset Jack",
    "Headphones Jack",
    "Headphone Front Jack",
)
"""Names of the controls: those of HD Audio codecs (sound/hda in Linux), and of boards."""

LOOK_EVERY_S = 0.5
STOP_S = 0.2

LASTED_LOOKS = 2
"""A change counts when this many looks in a row have seen it."""

MOST_CHANGES = 6
FLAPPING_S = 60.0
"""A socket with more changes within this time is loose: nothing is reported until it has been at
rest for as long."""

log = logging.getLogger(__name__)


class _ElementId(ctypes.Structure):
    """struct snd_ctl_elem_id (sound/asound.h)."""

    _fields_ = (
        ("numid", ctypes.c_uint),
        ("iface", ctypes.c_int),
        ("device", ctypes.c_uint),
        ("subdevice", ctypes.c_uint),
        ("name", ctypes.c_char * 44),
        ("index", ctypes.c_uint),
    )


class _Value(ctypes.Union):
    """The values of a control; the first is that of a switch."""

    _fields_ = (("switch", ctypes.c_long * 128), ("wide", ctypes.c_longlong * 64))


class _ElementValue(ctypes.Structure):
    """struct snd_ctl_elem_value."""

    _fields_ = (
        ("id", _ElementId),
        ("indirect", ctypes.c_uint),
        ("value", _Value),
        ("reserved", ctypes.c_ubyte * 128),
    )


_READ_WRITE = 3
ELEM_READ = _READ_WRITE << 30 | ctypes.sizeof(_ElementValue) << 16 | ord("U") << 8 | 0x12
"""SNDRV_CTL_IOCTL_ELEM_READ: _IOWR('U', 0x12, struct snd_ctl_elem_value)."""


def read_jack(device: Path, name: str) -> bool | None:
    """Whether a plug is in the socket ``name`` of the sound card with the control ``device``; None
    where there is no such socket, no such card, or no right to read it. Raises nothing."""
    wanted = _ElementValue(id=_ElementId(name=name.encode("ascii")))  # iface 0: CARD
    try:
        file = os.open(device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.ioctl(file, ELEM_READ, wanted)
    except OSError:
        return None
    finally:
        os.close(file)
    return bool(wanted.value.switch[0])


def read_jacks(
    folder: Path = Path("/dev/snd"), read: Callable[[Path, str], bool | None] = read_jack
) -> bool | None:
    """Whether a plug is in any socket for a headset; None where no socket can be read."""
    try:
        devices = sorted(folder.glob("controlC*"))
    except OSError:
        return None
    found = [read(device, name) for device in devices for name in JACKS]
    known = [plugged for plugged in found if plugged is not None]
    return any(known) if known else None


class JackWatch:
    """What to make of a socket that is looked at again and again."""

    def __init__(self) -> None:
        self._known: bool | None = None
        self._begun = False
        self._seen: bool | None = None
        self._looks = 0
        self._changes: deque[float] = deque(maxlen=MOST_CHANGES)
        self._loose = False
        self._in = False
        """What was reported last."""

    def look(self, plugged: bool | None, now_s: float) -> bool | None:
        """True where a headset was put in, False where it was pulled out, None otherwise.

        ``plugged``: what the socket says now; None where it cannot be read, as after a sound card
        was pulled out. What is in the socket at the first look was not put in by a visitor.
        """
        if not self._begun:
            self._begun, self._known = True, plugged
            self._seen, self._looks = plugged, LASTED_LOOKS
            return None
        if plugged != self._seen:
            self._seen, self._looks = plugged, 0
            self._changes.append(now_s)
        self._looks += 1
        if self._is_loose(now_s) or self._looks < LASTED_LOOKS:
            return None
        before, self._known = self._known, plugged
        # A card that was missing and came with the plug in it was not seen empty.
        put_in = bool(plugged) and before is False
        pulled_out = not plugged and self._in
        if put_in == pulled_out:
            return None
        self._in = put_in
        return put_in

    def _is_loose(self, now_s: float) -> bool:
        rests = not self._changes or now_s - self._changes[-1] >= FLAPPING_S
        full = len(self._changes) == MOST_CHANGES
        flaps = full and now_s - self._changes[0] < FLAPPING_S
        if flaps and not self._loose:
            log.warning("the headset's socket has a loose contact: not watched until it rests")
        if flaps or (self._loose and not rests):
            self._loose = True
        elif self._loose:
            self._loose, self._known = False, self._seen
            self._changes.clear()
        return self._loose


class HeadsetWatch:
    """Calls ``changed`` on a thread: True when a headset was put in, False when it was pulled out.

    ``read`` returns what the sockets say.
    """

    def __init__(
        self,
        changed: Callable[[bool], None],
        read: Callable[[], bool | None] = read_jacks,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._changed = changed
        self._read = read
        self._now = now
        self._watch = JackWatch()
        self.available = False
        """Whether there is a socket that can be read."""
        self._thread = PeriodicThread("headset", self.look, LOOK_EVERY_S)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._thread.stop(STOP_S)

    def look(self) -> None:
        """Look once."""
        plugged = self._read()
        self.available = plugged is not None
        change = self._watch.look(plugged, self._now())
        if change is not None:
            self._changed(change)
