"""A virtual receipt printer: ESC/POS over TCP, slips as pictures, faults on demand.

Stands alone: ``python -m virtual_printer --help``. In tests::

    with VirtualPrinter(level="A") as printer:
        ...  # speak to printer.connection
        printer.fault("paper_out", at_mm=30)
        printer.wait_for_slips(1)
"""

from virtual_printer.device import VirtualPrinter
from virtual_printer.process import VirtualPrinterProcess
from virtual_printer.sheet import SlipRecord

__all__ = ["SlipRecord", "VirtualPrinter", "VirtualPrinterProcess"]
