"""What a session concludes from answers that are late or do not come."""

from __future__ import annotations

import time
from contextlib import closing

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Level
from kiosk.printing.network import NetworkTransport
from kiosk.printing.profile import ProfileFile
from kiosk.printing.session import PrinterSession
from tests.printing.conftest import MakeVirtual
from virtual_printer import VirtualPrinter


def session_with(device: VirtualPrinter) -> PrinterSession:
    """A session that knows nothing of ``device``."""
    settings = PrinterSettings(connection=device.connection)
    transport = NetworkTransport(device.host, device.port)
    return PrinterSession(settings, transport, suspect=False, profiles=ProfileFile(None))


def test_a_search_that_runs_out_of_time_does_not_find_level_c(virtual: MakeVirtual) -> None:
    device = virtual(level="B")
    device.fault("delay", seconds=0.05)
    session = session_with(device)
    with closing(session.transport):
        # Enough for five answers of 0.05 s, but not for the echo that never comes.
        session.query(Deadline.after(0.4), thorough=True)
        assert session.profile.level is None
        session.query(Deadline.after(5.0), thorough=True)
        assert session.profile.level is Level.QUEUED_STATUS


def test_a_late_full_status_is_no_answer_to_the_next_question(virtual: MakeVirtual) -> None:
    device = virtual(character="reliance")
    session = session_with(device)
    with closing(session.transport):
        session.connect(Deadline.after(1.0))
        device.fault("delay", seconds=0.3)
        assert session.protocol.full_status(Deadline.after(0.1)) is None
        time.sleep(0.5)
        device.fault("mute")
        assert session.protocol.full_status(Deadline.after(0.2)) is None
