"""Keep Python's garbage collector from stopping the screen.

A full collection looks at every object: settings, words and screens are about 400,000, which takes
0.2 s and more, in the middle of a visit. Objects that were exempted (``gc.freeze``) are not looked
at, so that a later full collection takes milliseconds.
"""

from __future__ import annotations

import gc
import logging
import time

log = logging.getLogger(__name__)


def settle() -> None:
    """Free all garbage, and exempt every object that is left from collections until the next call.

    Call it while nobody uses the kiosk: it takes as long as a full collection. What becomes garbage
    in the meantime and refers to itself, as the screens of replaced settings do, is freed by the
    next call.
    """
    begun_s = time.perf_counter()
    gc.unfreeze()
    freed = gc.collect()
    gc.freeze()
    took_ms = (time.perf_counter() - begun_s) * 1000
    log.debug("%d objects collected in %.0f ms, %d kept", freed, took_ms, gc.get_freeze_count())
