"""Fixture: virtual printers that are closed after the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.virtual_printer.client import MakeVirtual
from virtual_printer import VirtualPrinter


@pytest.fixture
def virtual() -> Iterator[MakeVirtual]:
    """Factory of virtual printers that are closed after the test."""
    with ExitStack() as stack:

        def make(**how: object) -> VirtualPrinter:
            return stack.enter_context(VirtualPrinter(**how))  # type: ignore[arg-type]

        yield make
