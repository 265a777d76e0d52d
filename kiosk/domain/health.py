"""How the parts of a kiosk are: values for the screen, for staff and for the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.delivery import Fault, Level
from kiosk.messages import Text


@dataclass(frozen=True, slots=True)
class PrinterHealth:
    """The printer's last known state.

    ``fault`` is None when a slip may be sent. ``at`` is when it was asked (aware), None before
    the first answer. ``held`` says that an uncertain slip bars the printer;
    ``cleared`` is the number of the last hold that ended with the printer's own word that it
    threw away what it had (``PrintResult.hold``). ``slips_left`` is an estimate, once the paper
    is near its end and it is known since when.
    """

    level: Level = Level.BLIND
    fault: Fault | None = None
    near_end: bool = False
    at: datetime | None = None
    detail: Text = ""
    held: bool = False
    cleared: int = 0
    slips_left: int | None = None

    @property
    def well(self) -> bool:
        """Whether a slip may be sent now."""
        return self.fault is None and not self.held


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a printer turned out to be able to do; None: not asked, or it does not say.

    ``status`` DLE EOT, ``process_id`` level A's echo, ``clear`` emptying its buffer on demand,
    ``watch`` telling changes of its own accord, ``memory`` room for pictures, ``cutter`` a
    cutter; ``maker`` and ``model`` in its own words.
    """

    status: bool | None = None
    process_id: bool | None = None
    clear: bool | None = None
    watch: bool | None = None
    memory: bool | None = None
    cutter: bool | None = None
    maker: str = ""
    model: str = ""


def never() -> bool:
    """Default of ``Printer.probe(wanted)``: no slip is waiting for the printer."""
    return False
