"""Objects of the kiosk are kept away from the garbage collector, and freed all the same."""

from __future__ import annotations

import gc
import weakref

from kiosk.ui import heap


class Cyclic:
    """Refers to itself: only a collection frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_lives_is_looked_at_by_no_later_collection() -> None:
    living = Cyclic()
    heap.settle()
    assert gc.get_freeze_count() > 1000
    assert not any(found is living for found in gc.get_objects())


def test_garbage_is_freed_first() -> None:
    garbage = weakref.ref(Cyclic())
    heap.settle()
    assert garbage() is None


def test_what_becomes_garbage_later_is_freed_by_the_next_call() -> None:
    screen = Cyclic()
    seen = weakref.ref(screen)
    heap.settle()
    del screen
    gc.collect()
    assert seen() is not None, "it is exempted"
    heap.settle()
    assert seen() is None
