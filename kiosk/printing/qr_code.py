"""QR codes drawn by the printer ("GS ( k"), and their size."""

from __future__ import annotations

from bisect import bisect_left

QR_MAX_BYTES = 400
"""Longer data makes a code that phones cannot read at this size; it is printed as text."""


def qr_commands(data: str, module: int) -> bytes:
    """A QR code drawn by the printer, ``module`` dots per module ("GS ( k").

    Fn 167 sets the size, 180 stores the data, 181 prints. Model 2 and error correction L are the
    defaults after ``ESC @``; python-escpos' ``qr`` would send 17 bytes to set them again.
    """
    store = data.encode("ascii")
    length = (len(store) + 3).to_bytes(2, "little")
    return b"".join(
        (
            b"\x1d(k\x03\x001C" + bytes((module,)),
            b"\x1d(k" + length + b"1P0" + store,
            b"\x1d(k\x03\x001Q0",
        )
    )


QR_CAPACITY = (17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425)
"""Bytes that versions 1 to 13 hold at level L (ISO/IEC 18004, table of data capacity)."""


def qr_modules(size: int) -> int:
    """Modules along one side of the QR code of ``size`` bytes at level L, without its margin.

    ``size`` is at most ``QR_MAX_BYTES``. Data of digits only may make a smaller code.
    """
    return 21 + 4 * bisect_left(QR_CAPACITY, size)
