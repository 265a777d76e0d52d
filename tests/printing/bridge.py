"""Other transports to a virtual printer: a pty or a fake USB bus in front of its TCP port."""

from __future__ import annotations

import array
import contextlib
import errno
import os
import select
import socket
import threading
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

from virtual_printer import VirtualPrinter


class PtyLine:
    """A serial line (pty) to a virtual printer; ``path`` is the kiosk's end."""

    def __init__(self, device: VirtualPrinter) -> None:
        self._master, self._slave = os.openpty()
        self.path = os.ttyname(self._slave)
        self._line = socket.create_connection((device.host, device.port))
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ready, _, _ = select.select([self._master, self._line.fileno()], [], [])
                if self._master in ready:
                    self._line.sendall(os.read(self._master, 4096))
                if self._line.fileno() in ready and not self._forward():
                    return

    def _forward(self) -> bool:
        data = self._line.recv(4096)
        if data:
            os.write(self._master, data)
        return bool(data)

    def pull(self) -> None:
        """Disconnect both ends, as an unplugged cable does."""
        self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        for descriptor in (self._slave, self._master):
            os.close(descriptor)
        self._line.close()


class UsbBus(usb.backend.IBackend):
    """A pyusb backend with one printer, whose interface 0 is vendor-specific and 1 prints.

    ``plugged``: the printer is on the bus. ``allowed``: the user may open it. ``held``: the kernel
    driver has claimed it. ``asked``: the control requests received. ``late``: stale bytes that the
    next read returns first.
    """

    def __init__(self, device: VirtualPrinter, serial: str = "X3AB") -> None:
        super().__init__()
        self._where = device.host, device.port
        self._serial = serial
        self._line: socket.socket | None = None
        self.plugged = self.allowed = self.held = True
        self.asked: list[int] = []
        self.late = b""

    def enumerate_devices(self) -> Any:
        return iter(["the printer"] if self.plugged else [])

    def get_device_descriptor(self, dev: Any) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=64, idVendor=0x04B8, idProduct=0x0E15,
            bcdDevice=0x100, iManufacturer=0, iProduct=0, iSerialNumber=3, bNumConfigurations=1,
            address=1, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: Any, config: int) -> Any:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=2,
            bConfigurationValue=1, iConfiguration=0, bmAttributes=0x80, bMaxPower=50,
            extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: Any, intf: int, alt: int, config: int) -> Any:
        if intf > 1 or alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=intf, bAlternateSetting=0,
            bNumEndpoints=2, bInterfaceClass=(255, 7)[intf], bInterfaceSubClass=1,
            bInterfaceProtocol=2, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: Any, ep: int, intf: int, alt: int, config: int) -> Any:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(2 * intf + 1) | (0x00, 0x80)[ep],
            bmAttributes=2, wMaxPacketSize=64, bInterval=0, bRefresh=0, bSynchAddress=0,
            extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: Any) -> Any:
        if not self.allowed:
            raise usb.core.USBError("Access denied", -3, errno.EACCES)
        self._line = socket.create_connection(self._where)
        return self._line

    def close_device(self, dev_handle: Any) -> None:
        dev_handle.close()
        self._line = None

    def get_configuration(self, dev_handle: Any) -> int:
        return 1

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        assert intf == 1
        if self.held:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        pass

    def is_kernel_driver_active(self, dev_handle: Any, intf: int) -> bool:
        return self.held

    def detach_kernel_driver(self, dev_handle: Any, intf: int) -> None:
        self.held = False

    def ctrl_transfer(
        self, dev_handle: Any, kind: int, request: int, value: int, index: int, data: Any, ms: int
    ) -> int:
        self.asked.append(request)
        if request != 6:
            return 0
        text = b"\x04\x03\x09\x04" if not value & 0xFF else self._string()
        data[: len(text)] = array.array("B", text)
        return len(text)

    def _string(self) -> bytes:
        text = self._serial.encode("utf-16-le")
        return bytes((len(text) + 2, 3)) + text

    def bulk_write(self, dev_handle: Any, ep: int, intf: int, data: Any, timeout: int) -> int:
        assert ep == 3
        self._ready(timeout, writing=True)
        return int(dev_handle.send(data.tobytes()[:64]))

    def bulk_read(self, dev_handle: Any, ep: int, intf: int, buff: Any, timeout: int) -> int:
        assert ep == 0x83
        data, self.late = self.late, b""
        if not data:
            self._ready(timeout, writing=False)
            data = dev_handle.recv(64)
        buff[: len(data)] = array.array("B", data)
        return len(data)

    def _ready(self, timeout: int, *, writing: bool) -> None:
        if not self.plugged or self._line is None:
            raise usb.core.USBError("No such device", -4, errno.ENODEV)
        lines = [self._line]
        ready = select.select([] if writing else lines, lines if writing else [], [], timeout / 1e3)
        if not any(ready):
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
