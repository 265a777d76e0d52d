"""How the C library keeps memory: what a visit let go goes back to the system.

A screen's pictures come and go by the megabyte. By itself glibc soon keeps such buffers in its
heaps, one for each thread, and a kiosk that runs for months would hold the holes between them.
"""

from __future__ import annotations

import contextlib
import ctypes

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""mallopt(3), malloc.h of glibc."""

LARGE_BYTES = 64 * 1024


def give_back_large_buffers() -> None:
    """Buffers from 64 KiB on are mapped each by itself; all threads share one heap.

    Where the C library has no ``mallopt``, nothing is changed.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
