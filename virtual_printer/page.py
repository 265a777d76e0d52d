"""A web page that shows the slips, newest first, with a button for each fault.

Served by ``http.server`` on loopback only. Text of slips is escaped; pictures are addressed by
number, never by path. A form needs the random token of this run and a Host header of this
machine, against cross-site requests and DNS rebinding.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from virtual_printer.device import VirtualPrinter
from virtual_printer.faults import STATES
from virtual_printer.sheet import SlipRecord

SHOWN = 24
"""Slips on the page."""

MAX_FORM = 1024
REFRESH_S = 2
HOSTS = ("127.0.0.1", "localhost", "[::1]")
BUTTONS = ("paper_out", *STATES)
POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'self'"

STYLE = """\
body{font:16px/1.4 system-ui,sans-serif;margin:1.5rem;background:#e9edf3;color:#000818}
button{font:inherit;padding:.4rem .8rem;margin:.15rem}
.on{background:#b3261e;color:#fff}
.slips{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start;margin-top:1rem}
figure{margin:0;width:320px}
img{width:100%;filter:drop-shadow(0 2px 4px #0004)}
figcaption{font-size:14px}
"""


class SlipPage:
    """Serves the page of one printer at ``url``, on ``port`` of 127.0.0.1 (0: any free port).

    Raises OSError when the port is not available.
    """

    def __init__(self, printer: VirtualPrinter, port: int = 0) -> None:
        token = secrets.token_hex(16)

        class Handler(_PageHandler):
            pass

        Handler.printer, Handler.token = printer, token
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="virtual-page",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _PageHandler(BaseHTTPRequestHandler):
    printer: VirtualPrinter
    token: str
    timeout = 10

    def do_GET(self) -> None:
        """The page, or the picture of one slip."""
        path = urlsplit(self.path).path
        if not self._is_local():
            self._say(403, "text/plain", b"only from this machine\n")
        elif path == "/":
            self._say(200, "text/html; charset=utf-8", self._page().encode())
        else:
            picture = self._picture(path)
            self._say(*((200, "image/png", picture) if picture else (404, "text/plain", b"")))

    def do_POST(self) -> None:
        """A button: set or mend a fault."""
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isascii() and length.isdecimal() else MAX_FORM + 1
        if size > MAX_FORM or not self._is_local():
            self._say(403, "text/plain", b"")
            return
        form = parse_qs(self.rfile.read(size).decode("utf-8", "replace"))
        token, name = (form.get(key, [""])[0] for key in ("token", "name"))
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            self._say(403, "text/plain", b"")
        elif name != "" and name not in BUTTONS:
            self._say(400, "text/plain", b"")
        else:
            if name and not self._is_on(name):
                self.printer.fault(name)
            else:
                self.printer.mend(name)
            self._say(303, "text/plain", b"", Location="/")

    def _is_local(self) -> bool:
        """Whether the Host header names this machine (protection against DNS rebinding)."""
        return self.headers.get("Host", "").rpartition(":")[0] in HOSTS

    def _is_on(self, name: str) -> bool:
        faults = self.printer.machine.faults
        return faults.paper_left_mm == 0 if name == "paper_out" else bool(getattr(faults, name))

    def _picture(self, path: str) -> bytes | None:
        number = path.removeprefix("/slip-").removesuffix(".png")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            return None
        for slip in list(self.printer.slips):
            if slip.index + 1 == int(number) and slip.picture is not None and slip.has_picture:
                try:
                    return slip.picture.read_bytes()
                except OSError:
                    return None
        return None

    def _page(self) -> str:
        newest = list(self.printer.slips)[: -SHOWN - 1 : -1]
        buttons = "".join(self._button(name) for name in BUTTONS)
        slips = "".join(_figure(slip) for slip in newest) or "<p>No slip yet.</p>"
        used = self.printer.machine.used_mm / 1000
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            f'<meta http-equiv="refresh" content="{REFRESH_S}"><title>Virtual printer</title>'
            f"<style>{STYLE}</style><h1>Virtual printer</h1>"
            f"<p>Port {self.printer.port}, level {self.printer.level}, "
            f"{self.printer.machine.pieces} slips, {used:.2f} m of paper used.</p>"
            f'<form method="post"><input type="hidden" name="token" value="{self.token}">'
            f'{buttons}<button name="name" value="">mend all</button></form>'
            f'<div class="slips">{slips}</div></html>'
        )

    def _button(self, name: str) -> str:
        on = ' class="on"' if self._is_on(name) else ""
        return f'<button name="name" value="{name}"{on}>{name.replace("_", " ")}</button>'

    def _say(self, code: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base has it
        """Do not log requests."""


def _figure(slip: SlipRecord) -> str:
    """One slip: its picture where it is drawn, with its text as the alternative text."""
    words = escape(" · ".join(slip.lines), quote=True)
    why = "" if slip.complete else f" ({escape(slip.why or 'not complete')})"
    caption = f"<figcaption>Slip {slip.index + 1}{why}</figcaption>"
    if slip.has_picture:
        return f'<figure><img src="/slip-{slip.index + 1}.png" alt="{words}">{caption}</figure>'
    return f"<figure><p>{words}</p>{caption}</figure>"
