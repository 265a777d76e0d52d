"""A virtual receipt printer: ESC/POS over TCP, slips as pictures, faults on demand.

Imports nothing of the programs that print on it (README.md). As a program: ``virtual-printer
--help``. In tests::

    with VirtualPrinter(character="cashino") as printer:
        ...  # print on printer.host, printer.port
        printer.fault("paper_out", at_mm=30)
        printer.wait_for_slips(1)
"""

from virtual_printer.character import Character
from virtual_printer.characters import CHARACTERS
from virtual_printer.device import VirtualPrinter
from virtual_printer.process import VirtualPrinterError, VirtualPrinterProcess
from virtual_printer.sheet import SlipRecord

__all__ = [
    "CHARACTERS",
    "Character",
    "SlipRecord",
    "VirtualPrinter",
    "VirtualPrinterError",
    "VirtualPrinterProcess",
]
