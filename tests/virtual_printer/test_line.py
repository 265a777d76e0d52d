"""The network side: lock-out after a connection, a single socket, loss of power, a FIFO."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.virtual_printer.client import MakeVirtual, PrinterClient, job
from virtual_printer import VirtualPrinter

STATUS = b"\x10\x04\x01"


def connects(device: VirtualPrinter, within_s: float = 0.2) -> bool:
    """Whether a connection can be made within ``within_s``."""
    try:
        PrinterClient(device, within_s).socket.close()
    except OSError:
        return False
    return True


def end_of(client: PrinterClient, device: VirtualPrinter) -> float:
    """Close the connection, wait until the printer noticed; return the time of the close."""
    client.socket.close()
    closed = time.monotonic()
    wait_until(lambda: not device.connected)
    return closed


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for a condition, at most 10 s."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def door(device: VirtualPrinter) -> str:
    """How the printer treats a new connection now: ``refuse``, ``ignore``, ``swallow``, …"""
    assert device._line is not None
    return device._line._door


@pytest.mark.parametrize("lockout", ["refuse", "ignore"])
def test_a_one_socket_board_locks_clients_out_after_a_close(
    virtual: MakeVirtual, lockout: str
) -> None:
    device = virtual(character="one-socket", settings={"lockout_s": 1.5, "lockout": lockout})
    with PrinterClient(device) as client:
        assert client.ask(STATUS) == b"\x12"
        began = end_of(client, device)
    wait_until(lambda: door(device) == lockout)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((device.host, device.port))
    with pytest.raises(ConnectionRefusedError if lockout == "refuse" else TimeoutError):
        PrinterClient(device, 0.2)
    wait_until(lambda: connects(device))
    assert time.monotonic() - began >= 1.4


def test_a_swallowed_connection_prints_nothing_and_gets_no_answer(virtual: MakeVirtual) -> None:
    # mike42/escpos-php issue 273: no error, no paper, and the lock-out starts again.
    device = virtual(character="one-socket", settings={"lockout_s": 60, "lockout": "swallow"})
    line = device._line
    assert line is not None
    with PrinterClient(device) as client:
        client.send(job("DK-001"))
        device.wait_for_slips(1)
        end_of(client, device)
    wait_until(lambda: door(device) == "swallow")
    ended = line._ended_at
    with PrinterClient(device) as client:
        assert client.silent(job("DK-002") + STATUS)
    wait_until(lambda: line._ended_at > ended)
    device.set(lockout_s=0)
    with PrinterClient(device) as client:
        assert client.ask(STATUS) == b"\x12"
    assert [slip.lines for slip in device.slips] == [["DK-001"]]


def test_a_second_client_is_refused_while_one_is_connected(virtual: MakeVirtual) -> None:
    device = virtual(character="one-socket", settings={"lockout_s": 0})
    with PrinterClient(device) as client:
        assert client.ask(STATUS) == b"\x12"
        with pytest.raises(ConnectionRefusedError):
            PrinterClient(device)
        end_of(client, device)
    wait_until(lambda: connects(device))


def test_a_fault_is_set_without_delay_during_a_lockout(virtual: MakeVirtual) -> None:
    device = virtual(character="one-socket")
    with PrinterClient(device) as client:
        assert client.ask(STATUS) == b"\x12"
        wait_until(lambda: door(device) == "refuse")
        began = time.monotonic()
        device.fault("cover_open")
        assert client.ask(STATUS) == b"\x1a"
        device.mend()
        assert client.ask(STATUS) == b"\x12"
        assert time.monotonic() - began < 3


def test_a_changed_setting_ends_a_lockout(virtual: MakeVirtual) -> None:
    device = virtual(character="one-socket", settings={"lockout_s": 60})
    with PrinterClient(device) as client:
        client.ask(STATUS)
        end_of(client, device)
    wait_until(lambda: door(device) == "refuse")
    assert not connects(device)
    device.set(lockout_s=0)
    wait_until(lambda: connects(device))


def reconnected(device: VirtualPrinter) -> PrinterClient:
    """A client of a printer that was just switched on: its port may open a moment later."""
    until = time.monotonic() + 5
    while True:
        try:
            return PrinterClient(device)
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.01)


def test_during_a_power_cycle_no_connection_works_and_the_old_one_is_reset(
    virtual: MakeVirtual,
) -> None:
    device = virtual()
    with PrinterClient(device) as client:
        assert client.ask(STATUS) == b"\x12"
        device.fault("power_cycle", seconds=2)
        assert client.silent(STATUS)
        wait_until(lambda: door(device) == "ignore")
        with pytest.raises(TimeoutError):
            PrinterClient(device, 0.1)
        client.socket.settimeout(5)
        with pytest.raises(ConnectionResetError):
            client.socket.recv(1)
    # The client's kernel sends its SYN again after 1 s.
    with reconnected(device) as client:
        assert client.ask(STATUS) == b"\x12"


@pytest.mark.parametrize("kept", ["kept", "lost"])
def test_a_power_cycle_keeps_or_loses_the_buffer(virtual: MakeVirtual, kept: str) -> None:
    device = virtual()
    device.fault("cover_open")
    with PrinterClient(device) as client:
        client.send(job("DK-001"))
        with device.machine.changed:
            came = lambda: device.machine.received == len(job("DK-001"))  # noqa: E731
            assert device.machine.changed.wait_for(came, 5)
        device.fault("power_cycle", seconds=0.05, buffer=kept)
        device.mend("cover_open")
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: device.machine.powered, 5)
        device.wait_until_idle()
    assert [slip.lines for slip in device.slips] == ([["DK-001"]] if kept == "kept" else [])


@pytest.mark.parametrize("kept", [True, False])
def test_a_slip_interrupted_by_a_power_cycle_is_not_complete(
    virtual: MakeVirtual, kept: bool
) -> None:
    device = virtual(settings={"keeps_buffer": kept})
    device.fault("power_cycle", at_mm=6, seconds=0.05)
    with PrinterClient(device) as client:
        client.send(job("one", "two", "three"))
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: not device.machine.powered, 5)
            assert device.machine.changed.wait_for(lambda: device.machine.powered, 5)
    with reconnected(device) as client:
        client.send(job("next"))
        slips = device.wait_for_slips(2 if kept else 1)
    if kept:
        assert [slip.lines for slip in slips] == [["one", "two", "three"], ["next"]]
        assert [slip.complete for slip in slips] == [False, True]
    else:
        assert [slip.lines for slip in slips] == [["one", "next"]]
        assert not slips[0].complete
    assert slips[0].why == "the power went off in mid slip"


def test_a_power_cycle_can_begin_at_a_byte_of_the_job(virtual: MakeVirtual) -> None:
    device = virtual()
    device.fault("power_cycle", at_byte=6, seconds=0.05)
    with PrinterClient(device) as client:
        client.send(job("one", "two"))
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: not device.machine.powered, 5)
            assert device.machine.received == 6
            assert device.machine.changed.wait_for(lambda: device.machine.powered, 5)
        with pytest.raises(ConnectionResetError):
            client.ask(b"")


def test_a_power_cycle_restores_chinese_mode_and_keeps_the_picture_memory(
    virtual: MakeVirtual,
) -> None:
    device = virtual(character="xprinter-chinese")
    define = b"0C0ab\x01\x08\x00\x01\x001\xff"
    with PrinterClient(device) as client:
        client.send(b"\x1c.\x1d(L" + len(define).to_bytes(2, "little") + define)
        device.wait_until_idle()
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: b"ab" in device.machine.head.memory, 5)
        device.fault("power_cycle", seconds=0.3)
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: not device.machine.powered, 5)
            assert device.machine.changed.wait_for(lambda: device.machine.powered, 5)
    with reconnected(device) as client:
        client.send(b"\xc4\xc4\n\x1dVB\x00")
        (slip,) = device.wait_for_slips(1)
    assert slip.lines == ["哪"]
    assert b"ab" in device.machine.head.memory


def test_a_printer_can_be_closed_during_a_lockout_or_a_power_cycle() -> None:
    for settings in ({"lockout_s": 60}, {"lockout_s": 60, "lockout": "ignore"}):
        device = VirtualPrinter(settings=settings)
        with PrinterClient(device) as client:
            client.ask(STATUS)
            end_of(client, device)
        device.close()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((device.host, device.port), 0.2)
    device = VirtualPrinter()
    device.fault("power_cycle", seconds=600)
    device.close()


def test_jobs_through_a_fifo_are_printed_without_answers(
    virtual: MakeVirtual, tmp_path: Path
) -> None:
    path = tmp_path / "printer"
    device = virtual(fifo=path)
    with PrinterClient(device) as client:
        with path.open("wb") as fifo:
            fifo.write(job("DK-001") + STATUS)
        device.wait_for_slips(1)
        with path.open("wb") as fifo:
            fifo.write(job("DK-002"))
        slips = device.wait_for_slips(2)
        assert client.silent(b"")
        assert client.ask(STATUS) == b"\x12"
    assert [slip.lines for slip in slips] == [["DK-001"], ["DK-002"]]
    device.close()
    assert not path.exists()


def test_an_existing_file_is_not_replaced_by_a_fifo(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("kept")
    with pytest.raises(FileExistsError):
        VirtualPrinter(fifo=path)
    assert path.read_text() == "kept"
