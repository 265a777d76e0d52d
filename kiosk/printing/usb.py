"""A printer on USB without the kernel's driver, through pyusb and libusb.

For printers that the kernel module ``usblp`` does not support, or whose device file disappears.
Sources: USB Device Class Definition for Printing Devices 1.1 (base class 7; "SOFT_RESET", 4.2.3).
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Iterator
from typing import Any

from kiosk.deadline import Deadline
from kiosk.errors import PrinterDeadline, PrinterError, PrinterUnreachable
from kiosk.messages import reason
from kiosk.printing.transport import CHUNK

PRINTER_CLASS = 7
SOFT_RESET = 2
CONTROL_MS = 500
"""Limit for one control transfer: reading the serial number, a reset."""

NO_PERMISSION = "printer.no_permission"


class UsbTransport:
    """See Transport. ``backend`` is pyusb's; None selects the system's libusb."""

    remembers = True

    def __init__(self, vendor: int, product: int, serial: str = "", backend: Any = None) -> None:
        self.name = f"USB {vendor:04x}:{product:04x}" + (f" {serial}" if serial else "")
        self.two_way = True
        self.sent = 0
        self._address = vendor, product, serial
        self._backend = backend
        self._device: Any = None
        self._interface = 0
        self._out: Any = None
        self._in: Any = None
        # When a read last found nothing.
        self._empty_s = time.monotonic()

    def open(self, deadline: Deadline) -> None:  # noqa: ARG002 - bounded by CONTROL_MS
        """See Transport."""
        if self._device is not None:
            return
        self.sent = 0
        with self._translated_errors():
            device = self._find()
            setting = self._printer_setting(device)
            self._device, self._interface = device, setting.bInterfaceNumber
            self._take_over(device, setting)
            self._out = _endpoint(setting, incoming=False)
            self._in = _endpoint(setting, incoming=True)
            self.two_way = self._in is not None

    def write_all(self, data: bytes, deadline: Deadline) -> None:
        """See Transport."""
        view = memoryview(data)
        with self._translated_errors():
            while view:
                try:
                    written = self._pipe(self._out).write(bytes(view[:CHUNK]), _left_ms(deadline))
                except self._timeout:
                    written = 0
                self.sent += written
                view = view[written:]
                if view and deadline.expired:
                    raise PrinterDeadline("printer.took", name=self.name, n=self.sent)

    def read_some(self, deadline: Deadline) -> bytes:
        """See Transport."""
        if not self.two_way:
            return b""
        with self._translated_errors():
            while True:
                asked_s = time.monotonic()
                try:
                    data = self._pipe(self._in).read(CHUNK, _left_ms(deadline)).tobytes()
                except self._timeout:
                    data = b""
                if not data:
                    self._empty_s = asked_s
                if data or deadline.expired:
                    return bytes(data)
                # Some printers send empty packets while they have no data: do not spin.
                time.sleep(0.005)

    def received_between(self, *, alone: bool) -> tuple[float, float]:  # noqa: ARG002
        """See Transport: after the last read that found nothing."""
        return self._empty_s, time.monotonic()

    def close(self, *, discard: bool = False) -> None:
        """See Transport. ``discard`` sends SOFT_RESET, which empties the printer's buffer."""
        device, self._device = self._device, None
        self._out = self._in = None
        if device is None:
            return
        import usb.core
        import usb.util

        with contextlib.suppress(usb.core.USBError):
            if discard:
                device.ctrl_transfer(0x21, SOFT_RESET, 0, self._interface, None, CONTROL_MS)
        with contextlib.suppress(usb.core.USBError):
            usb.util.dispose_resources(device)

    # -- internals ------------------------------------------------------------------------

    def _find(self) -> Any:
        import usb.core

        vendor, product, serial = self._address
        for device in usb.core.find(
            find_all=True, backend=self._backend, idVendor=vendor, idProduct=product
        ):
            device.default_timeout = CONTROL_MS
            if not serial or device.serial_number == serial:
                return device
        raise PrinterUnreachable("printer.unplugged", name=self.name)

    def _printer_setting(self, device: Any) -> Any:
        """The interface to print on: printer class first, then those with an IN endpoint."""
        import usb.core

        try:
            settings = list(device.get_active_configuration())
        except usb.core.USBError:
            device.set_configuration()
            settings = list(device.get_active_configuration())
        fit = [s for s in settings if _endpoint(s, incoming=False) is not None]
        if not fit:
            raise PrinterUnreachable("printer.no_input", name=self.name)
        return min(
            fit,
            key=lambda s: (s.bInterfaceClass != PRINTER_CLASS, _endpoint(s, incoming=True) is None),
        )

    def _take_over(self, device: Any, setting: Any) -> None:
        import usb.core
        import usb.util

        number = setting.bInterfaceNumber
        with contextlib.suppress(NotImplementedError, usb.core.USBError):
            if device.is_kernel_driver_active(number):
                device.detach_kernel_driver(number)
        usb.util.claim_interface(device, number)
        if setting.bAlternateSetting:
            device.set_interface_altsetting(number, setting.bAlternateSetting)

    def _pipe(self, endpoint: Any) -> Any:
        if endpoint is None:
            raise PrinterUnreachable("printer.not_connected", name=self.name)
        return endpoint

    @property
    def _timeout(self) -> type[Exception]:
        import usb.core

        return usb.core.USBTimeoutError  # type: ignore[no-any-return]

    @contextlib.contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Raise pyusb's errors as the kiosk's."""
        try:
            import usb.core
        except ImportError as error:
            raise PrinterUnreachable("printer.package", name=self.name, package="pyusb") from error
        try:
            yield
        except PrinterError:
            raise
        except usb.core.NoBackendError as error:
            raise PrinterUnreachable("printer.no_library", name=self.name) from error
        except usb.core.USBError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                raise PrinterUnreachable(NO_PERMISSION, name=self.name) from error
            raise PrinterUnreachable("printer.failed", name=self.name, why=reason(error)) from error
        except (ValueError, NotImplementedError) as error:
            # pyusb raises ValueError when the serial number may not be read (no permission).
            raise PrinterUnreachable(NO_PERMISSION, name=self.name) from error


def _endpoint(setting: Any, *, incoming: bool) -> Any:
    """The bulk endpoint of an interface in one direction, None where it has none."""
    import usb.util

    for endpoint in setting:
        bulk = usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
        inward = usb.util.endpoint_direction(endpoint.bEndpointAddress) == usb.util.ENDPOINT_IN
        if bulk and inward is incoming:
            return endpoint
    return None


def _left_ms(deadline: Deadline) -> int:
    """Milliseconds until ``deadline``, at least 1: libusb takes 0 for "no limit"."""
    return max(1, int(deadline.left() * 1000))
