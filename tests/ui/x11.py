"""A virtual X server (Xvfb), and what a window manager may ask of a window."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import subprocess

from kiosk.ui.kivy_env import WINDOW_CLASS

WAIT_S = 30.0

CLIENT_MESSAGE = 33
LONG = 32


class ClientMessage(ctypes.Structure):
    """XClientMessageEvent (Xlib, section 10.13.2), padded to the size of an XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("padding", ctypes.c_long * 12),
    )


def ask_to_close(display: str, window: int) -> None:
    """Send WM_DELETE_WINDOW (ICCCM 4.2.8.1), as a window manager does for Alt+F4.

    Not every version of xdotool can.
    """
    xlib = ctypes.CDLL(ctypes.util.find_library("X11"))
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    xlib.XInternAtom.restype = ctypes.c_ulong
    xlib.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    xlib.XSendEvent.argtypes = [
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.c_int,
        ctypes.c_long,
        ctypes.POINTER(ClientMessage),
    ]
    xlib.XCloseDisplay.argtypes = [ctypes.c_void_p]
    connection = xlib.XOpenDisplay(display.encode())
    assert connection, display
    event = ClientMessage(type=CLIENT_MESSAGE, window=window, format=LONG)
    event.message_type = xlib.XInternAtom(connection, b"WM_PROTOCOLS", 0)
    event.data[0] = xlib.XInternAtom(connection, b"WM_DELETE_WINDOW", 0)
    assert xlib.XSendEvent(connection, window, 0, 0, ctypes.byref(event))
    xlib.XCloseDisplay(connection)


class Display:
    """A virtual X server, with its mouse and keyboard."""

    def __init__(self) -> None:
        read, write = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1080x1920x24", "-nolisten", "tcp"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as report:
            self.name = ":" + report.readline().strip()

    def do(self, *command: str) -> str:
        """Run xdotool on this display."""
        done = subprocess.run(
            ["xdotool", *command],
            env={**os.environ, "DISPLAY": self.name},
            check=True,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
        )
        return done.stdout

    def window(self) -> str:
        """Wait for the application's window; return its id."""
        found = self.do("search", "--sync", "--onlyvisible", "--class", WINDOW_CLASS)
        return found.split()[0]

    def click(self, place: list[int], button: str = "1") -> None:
        """Click at a point of the screen."""
        self.do("mousemove", str(place[0]), str(place[1]), "click", button)

    @property
    def pid(self) -> int:
        """The X server's process id."""
        return self._server.pid

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(WAIT_S)
