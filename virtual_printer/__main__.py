"""``python -m virtual_printer``: the virtual printer as a program of its own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from kiosk.errors import PrinterError
from virtual_printer.control import Control
from virtual_printer.device import KEPT_PICTURES, VirtualPrinter
from virtual_printer.page import Page

EPILOG = """\
At start it prints one line of JSON with its ports, and ends on SIGTERM or Ctrl+C.
A first slip, from another terminal:
  printf '\\033@DK-027\\n\\035VB\\0' | nc -N 127.0.0.1 9100

The control port takes one JSON object a line and answers with one:
  {"do": "fault", "name": "paper_out", "at_mm": 30}    the roll ends in 30 mm
  {"do": "fault", "name": "cover_open"}                also: near_end, cutter_jam, error,
                                                       overheated, offline, mute, refuse
  {"do": "fault", "name": "error", "at_byte": 100}     those, mute too: from a byte of the
  {"do": "fault", "name": "error", "at_mm": 30}        next job on, or after 30 mm
  {"do": "fault", "name": "cover_open", "at_mm": 30, "mended": true}    these and paper_out:
                                                       over the moment it has begun
  {"do": "fault", "name": "garbage", "kind": "random"} also: endless, wrong_id, split
  {"do": "fault", "name": "delay", "seconds": 0.5}     answers come late
  {"do": "fault", "name": "stall", "at_byte": 100}     also: close, reset, swallow
  {"do": "mend"}                                       all faults, or one with "name"
  {"do": "state"}   {"do": "slips", "from": 0}   {"do": "level", "level": "B"}
  {"do": "wait", "slips": 3, "seconds": 5, "drawn": true}
"""


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m virtual_printer",
        description="A receipt printer made of software: ESC/POS over TCP, slips as PNG.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=9100, help="0 takes a free one (%(default)s)")
    parser.add_argument(
        "--control-port", type=int, default=0, help="0 takes a free one (%(default)s)"
    )
    parser.add_argument("--out", type=Path, help="folder for slip-0001.png and so on")
    parser.add_argument(
        "--keep",
        type=int,
        default=KEPT_PICTURES,
        metavar="N",
        help="newest N pictures (%(default)s)",
    )
    parser.add_argument(
        "--page-port", type=int, metavar="PORT", help="page with the slips on 127.0.0.1; 0: any"
    )
    parser.add_argument(
        "--paper-mm", type=int, choices=(80, 58), default=80, help="width of the paper"
    )
    parser.add_argument(
        "--level", choices=("A", "B", "C", "D"), default="A", help="what it can say (%(default)s)"
    )
    parser.add_argument(
        "--speed", type=float, metavar="MM_S", help="mm of paper a second; none: in no time"
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="also end when standard input ends"
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop. 0, or 1 with one line on stderr when it could not start."""
    asked = _arguments().parse_args(arguments)
    if asked.keep < 1:
        _arguments().error("--keep: 1 or more")
    if asked.speed is not None and asked.speed <= 0:
        _arguments().error("--speed: more than 0")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        printer = VirtualPrinter(
            host=asked.host,
            port=asked.port,
            paper_mm=asked.paper_mm,
            level=asked.level,
            speed_mm_s=asked.speed,
            out_dir=asked.out,
            keep_pictures=asked.keep,
        )
        control = Control(printer, asked.host, asked.control_port)
        page = None if asked.page_port is None else Page(printer, asked.page_port)
    except (OSError, OverflowError, PrinterError) as error:
        sys.stderr.write(f"virtual printer: {error}\n")
        return 1
    ports = {"host": asked.host, "port": printer.port, "control_port": control.port}
    if page is not None:
        ports["page"] = page.url
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    if asked.until_stdin_closes:
        watcher = threading.Thread(target=_watch_stdin, args=(stop,), daemon=True)
        watcher.start()
    stop.wait()
    if page is not None:
        page.close()
    control.close()
    printer.close()
    return 0


def _watch_stdin(stop: threading.Event) -> None:
    while sys.stdin.buffer.read(1024):
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
