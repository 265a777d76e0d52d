"""What a session concludes from answers that are late or do not come."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import closing

import pytest
import serial

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Level
from kiosk.errors import PrinterGarbled, PrinterUnreachable
from kiosk.printing.mouth import FullStatusAnswers
from kiosk.printing.network import NetworkTransport
from kiosk.printing.profile import ProfileFile
from kiosk.printing.serial_line import SerialTransport
from kiosk.printing.session import PrinterSession
from kiosk.printing.status_protocol import StatusProtocol
from kiosk.printing.transport import end_terminal
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


class AnsweringPrinter:
    """Answers ``DLE EOT n`` with the byte ``bits[n]``, on one connection."""

    def __init__(self, bits: dict[int, int]) -> None:
        self._bits = bits
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait for the end of the connection."""
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        with client:
            while question := client.recv(3):
                client.sendall(bytes((self._bits[question[2]],)))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_bit_7_is_that_of_the_mouth_in_the_first_answer_only(n: int) -> None:
    for garbled in (False, True):
        bits = {1: 0x96, 2: 0x12, 3: 0x12, 4: 0x12}
        if garbled:
            bits[n] |= 0x80
        with closing(AnsweringPrinter(bits)) as device:
            transport = NetworkTransport(device.host, device.port)
            with closing(transport):
                transport.open(Deadline.after(1.0))
                protocol = StatusProtocol(transport)
                if not garbled:
                    assert protocol.status(Deadline.after(1.0)).fault is None
                    assert (protocol.in_mouth, protocol.stale) == (True, False)
                    continue
                with pytest.raises(PrinterGarbled):
                    protocol.status(Deadline.after(1.0))
                assert protocol.stale, "later answers cannot be told apart: connect anew"


def test_three_lost_answers_say_that_full_status_is_unknown() -> None:
    answers = FullStatusAnswers()
    for n in range(1, 5):
        answers = answers.after(answered=False)
        assert answers.unknown is (n >= 3)
    answers = answers.after(answered=True)
    for _ in range(5):
        assert not answers.unknown
        answers = answers.after(answered=False)


@pytest.mark.parametrize(("bits", "cutter"), [(0x00, False), (0x01, False), (0x02, True)])
def test_the_cutter_is_one_bit_of_the_printer_s_type(bits: int, cutter: bool) -> None:
    with closing(AnsweringPrinter({2: bits})) as device:
        transport = NetworkTransport(device.host, device.port)
        with closing(transport):
            transport.open(Deadline.after(1.0))
            assert StatusProtocol(transport).has_cutter(Deadline.after(1.0)) is cutter


def test_an_answer_after_a_hold_keeps_level_a(virtual: MakeVirtual) -> None:
    session = session_with(virtual(level="A"))
    with closing(session.transport):
        session.query(Deadline.after(5.0), thorough=True)
        assert session.profile.level is Level.PROCESS_ID
        session.abort(100, 0.1)
        while not session.hold.may_print:
            session.query(Deadline.after(5.0), thorough=True)
        assert session.profile.level is Level.PROCESS_ID


@pytest.mark.parametrize(("discard", "looks"), [(True, 1), (False, 4)])
def test_unsent_bytes_of_a_serial_line_are_waited_for_unless_discarded(
    monkeypatch: pytest.MonkeyPatch, discard: bool, looks: int
) -> None:
    unsent = [30, 20, 10, 0]
    seen: list[int] = []

    def count(_descriptor: int) -> int:
        seen.append(unsent[len(seen)])
        return seen[-1]

    monkeypatch.setattr("kiosk.printing.transport._unsent", count)
    monkeypatch.setattr("termios.tcflush", lambda _descriptor, _queue: None)
    end_terminal(0, discard=discard)
    assert len(seen) <= looks
    assert discard or seen == unsent


def test_a_serial_error_without_a_number_is_unreachable() -> None:
    transport = SerialTransport("/dev/ttyUSB9", 19200)
    for error in (serial.SerialException("device disconnected"), OSError(5, "x"), ValueError("y")):
        assert isinstance(transport.gone(error), PrinterUnreachable)


@pytest.mark.parametrize(("letter", "reports"), [("A", True), ("D", False)])
def test_a_connection_is_stale_after_a_question_without_an_answer(
    virtual: MakeVirtual, letter: str, reports: bool
) -> None:
    session = session_with(virtual(level=letter))
    with closing(session.transport):
        session.connect(Deadline.after(1.0))
        assert session.protocol.reports_changes(Deadline.after(1.0)) is reports
        assert session.protocol.stale is not reports


def test_a_closed_serial_line_can_be_opened_by_another_program() -> None:
    master, slave = os.openpty()
    for _ in range(2):
        line = SerialTransport(os.ttyname(slave), 9600)
        line.open(Deadline.after(1.0))
        line.close()
    for descriptor in (slave, master):
        os.close(descriptor)
