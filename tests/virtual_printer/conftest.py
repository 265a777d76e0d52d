"""The fixtures of the printing tests: virtual printers that end with the test."""

from tests.printing.conftest import printer, virtual

__all__ = ["printer", "virtual"]
