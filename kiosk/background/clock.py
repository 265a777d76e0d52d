"""Whether the system's clock is kept right by somebody."""

from __future__ import annotations

import ctypes
import sys

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


class _Timex(ctypes.Structure):
    """The head of ``struct timex`` (adjtimex(2)), and more room than the rest of it takes."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def kernel_clock_synchronised() -> bool:
    """Whether the Linux kernel says that a time source keeps its clock (adjtimex(2)).

    NTP and PTP daemons clear the mark "unsynchronised"; the kernel sets it again when they have
    been silent for some hours. False where nobody can say.
    """
    if not sys.platform.startswith("linux"):
        return False
    timex = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return False
    return state not in (-1, _TIME_ERROR) and not timex.status & _STA_UNSYNC
