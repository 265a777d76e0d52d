"""A virtual receipt printer: ESC/POS over TCP, slips as pictures, faults on demand.

Stands alone: ``python -m kiosk.printing.virtual --help``. In tests::

    with VirtualPrinter(level="A") as printer:
        ...  # speak to printer.connection
        printer.fault("paper_out", at_mm=30)
        printer.wait_for_slips(1)
"""

from kiosk.printing.virtual.device import VirtualPrinter
from kiosk.printing.virtual.process import VirtualPrinterProcess
from kiosk.printing.virtual.sheet import SlipRecord

__all__ = ["SlipRecord", "VirtualPrinter", "VirtualPrinterProcess"]
