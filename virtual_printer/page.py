"""A web page that shows the slips, newest first, with buttons for faults, character and settings.

Served by ``http.server`` on loopback only, with each slip as PNG, text and JSON. Text of slips is
escaped; slips are addressed by number, never by path. A form needs the random token of this run
and a Host header of this machine, against cross-site requests and DNS rebinding.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import threading
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from virtual_printer.character import read_settings
from virtual_printer.characters import CHARACTERS
from virtual_printer.device import VirtualPrinter
from virtual_printer.faults import EVENTS, KIOSK_STATES, STATES
from virtual_printer.sheet import SlipRecord
from virtual_printer.text import as_text

SHOWN = 24
"""Slips on the page."""

MAX_FORM = 1024
REFRESH_S = 2
HOSTS = ("127.0.0.1", "localhost", "[::1]")
BUTTONS = ("paper_out", *STATES, *KIOSK_STATES)
SLIP = re.compile(r"/slip-([0-9]{1,9})\.(png|txt|json)")
KINDS = {
    "png": "image/png",
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
}
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
        """The page, the settings, or one slip."""
        path = urlsplit(self.path).path
        if not self._is_local():
            self._say(403, "text/plain", b"only from this machine\n")
        elif path == "/":
            self._say(200, "text/html; charset=utf-8", self._page().encode())
        elif path == "/settings":
            self._say(200, "text/html; charset=utf-8", self._settings().encode())
        elif path == "/slips.json":
            slips = [slip.as_json() for slip in list(self.printer.slips)]
            self._say(200, KINDS["json"], json.dumps({"slips": slips}).encode())
        else:
            self._say_slip(path)

    def do_POST(self) -> None:
        """A button, a character or a setting."""
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isascii() and length.isdecimal() else MAX_FORM + 1
        if size > MAX_FORM or not self._is_local():
            self._say(403, "text/plain", b"")
            return
        form = parse_qs(self.rfile.read(size).decode("utf-8", "replace"))
        token = form.get("token", [""])[0]
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            self._say(403, "text/plain", b"")
            return
        try:
            self._obey(form)
        except ValueError as error:
            self._say(400, "text/plain; charset=utf-8", f"{error}\n".encode())
        else:
            self._say(303, "text/plain", b"", Location="/")

    def _obey(self, form: dict[str, list[str]]) -> None:
        """Carry out one button. Raises ValueError for one that is not on the page."""
        name, act, character, setting = (
            form.get(key, [""])[0] for key in ("name", "act", "character", "set")
        )
        if act == "take":
            self.printer.take()
        elif act == "mend":
            self.printer.mend()
        elif act in EVENTS:
            self.printer.fault(act)
        elif character:
            self.printer.become(character)
        elif setting:
            self.printer.set(**read_settings([setting]))
        elif name not in BUTTONS:
            raise ValueError("this button is not known")
        elif self._is_on(name):
            self.printer.mend(name)
        else:
            self.printer.fault(name)

    def _is_local(self) -> bool:
        """Whether the Host header names this machine (protection against DNS rebinding)."""
        return self.headers.get("Host", "").rpartition(":")[0] in HOSTS

    def _is_on(self, name: str) -> bool:
        faults = self.printer.machine.faults
        return faults.paper_left_mm == 0 if name == "paper_out" else bool(getattr(faults, name))

    def _say_slip(self, path: str) -> None:
        """One slip as a picture, text or JSON; 404 where there is none."""
        asked = SLIP.fullmatch(path)
        index = int(asked[1]) - 1 if asked else -1
        for slip in list(self.printer.slips):
            if asked and slip.index == index and (body := _as_file(slip, asked[2])):
                self._say(200, KINDS[asked[2]], body)
                return
        self._say(404, "text/plain", b"")

    def _page(self) -> str:
        newest = list(self.printer.slips)[: -SHOWN - 1 : -1]
        buttons = "".join(self._button(name) for name in BUTTONS)
        slips = "".join(_figure(slip) for slip in newest) or "<p>No slip yet.</p>"
        used = self.printer.machine.used_mm / 1000
        slip = self.printer.machine.mouth.slip
        hangs = "" if slip is None else f" Slip {slip.index + 1} is {slip.fate.replace('_', ' ')}."
        acts = "".join(
            f'<button name="act" value="{act}">{act.replace("_", " ")}</button>'
            for act in ("take", *EVENTS)
        )
        form = f'<form method="post"><input type="hidden" name="token" value="{self.token}">'
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            f'<meta http-equiv="refresh" content="{REFRESH_S}"><title>Virtual printer</title>'
            f"<style>{STYLE}</style><h1>Virtual printer</h1>"
            f"<p>Port {self.printer.port}, {self.printer.character.name}, level "
            f"{self.printer.level}, {self.printer.machine.pieces} slips, {used:.2f} m of paper "
            f"used.{hangs}</p>"
            f'{form}{buttons}<button name="act" value="mend">mend all</button></form>'
            f'{form}{acts}</form><p><a href="/settings">Character and settings</a></p>'
            f'<div class="slips">{slips}</div></html>'
        )

    def _settings(self) -> str:
        """A page of its own: the other one is loaded again every REFRESH_S."""
        character = self.printer.character
        options = "".join(
            f"<option{' selected' if name == character.name else ''}>{name}</option>"
            for name in CHARACTERS
        )
        rows = "".join(
            f"<tr><td>{name}<td>{escape(json.dumps(value))}"
            for name, value in character.settings.items()
        )
        sources = "".join(f"<li>{escape(source)}" for source in character.sources)
        form = f'<form method="post"><input type="hidden" name="token" value="{self.token}">'
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Virtual printer</title>'
            f"<style>{STYLE}</style><h1>{character.name}</h1><p>{escape(character.about)}</p>"
            f'{form}<select name="character">{options}</select><button>become</button></form>'
            f'{form}<input name="set" placeholder="chinese=true"><button>set</button></form>'
            f"<table>{rows}</table><ul>{sources}</ul></html>"
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


def _as_file(slip: SlipRecord, ending: str) -> bytes:
    """``slip`` as the content of a file; empty where it has no picture."""
    if ending == "txt":
        return as_text(slip).encode()
    if ending == "json":
        return json.dumps(slip.as_json(), indent=1).encode()
    try:
        return slip.picture.read_bytes() if slip.has_picture and slip.picture else b""
    except OSError:
        return b""


def _figure(slip: SlipRecord) -> str:
    """One slip: its picture where it is drawn, with its text as the alternative text."""
    words = escape(" · ".join(slip.lines), quote=True)
    why = "" if slip.complete else f" ({escape(slip.why or 'not complete')})"
    number = slip.index + 1
    links = f'<a href="/slip-{number}.txt">text</a> <a href="/slip-{number}.json">JSON</a>'
    fate = slip.fate.replace("_", " ")
    caption = (
        f"<figcaption>Slip {number}{why}, {fate}, {slip.height_mm:.0f} mm {links}</figcaption>"
    )
    if slip.has_picture:
        return f'<figure><img src="/slip-{slip.index + 1}.png" alt="{words}">{caption}</figure>'
    return f"<figure><p>{words}</p>{caption}</figure>"
