"""The command ``virtual-printer``, also ``python -m virtual_printer``."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from virtual_printer.album import FORMATS, KEPT
from virtual_printer.character import SETTINGS, read_settings
from virtual_printer.characters import CHARACTERS
from virtual_printer.control import ControlPort
from virtual_printer.device import REAL, VirtualPrinter
from virtual_printer.page import SlipPage
from virtual_printer.paper import PRINT_DOTS

EPILOG = """\
At start it prints one line of JSON with its ports. It ends on SIGTERM or Ctrl+C.
To print a first slip, from another terminal:
  printf '\\033@DK-027\\n\\035VB\\0' | nc -N 127.0.0.1 9100

The control port takes one JSON object a line and answers each with one:
  {"do": "fault", "name": "paper_out", "at_mm": 30}    the roll ends after 30 mm
  {"do": "fault", "name": "cover_open"}                also: near_end, cutter_jam, error,
                                                       overheated, offline, mute, refuse
  {"do": "fault", "name": "error", "at_byte": 100}     any of these: at a byte of the next
  {"do": "fault", "name": "error", "at_mm": 30}        job, or after 30 mm of paper
  {"do": "fault", "name": "cover_open", "at_mm": 30, "mended": true}    these and paper_out:
                                                       mended as soon as it has begun
  {"do": "fault", "name": "garbage", "kind": "random"} also: endless, wrong_id, split
  {"do": "fault", "name": "delay", "seconds": 0.5}     answers are sent late
  {"do": "fault", "name": "stall", "at_byte": 100}     also: close, reset, swallow
  {"do": "fault", "name": "power_cycle", "at_byte": 100, "seconds": 1, "buffer": "kept"}
  {"do": "fault", "name": "second_host", "at_mm": 30, "text": "BON 12"}
  {"do": "fault", "name": "wipe_memory"}               also: mark_missing, mouth_jam
  {"do": "mend"}                                       mends all faults; one, with "name"
  {"do": "state"}   {"do": "slips", "from": 0}   {"do": "level", "level": "B"}
  {"do": "wait", "slips": 3, "seconds": 5, "drawn": true}   with "fate": "taken"
  {"do": "character", "name": "cashino"}   {"do": "characters"}
  {"do": "set", "chinese": true, "hand_s": 2}   {"do": "take"}   {"do": "text", "slip": 0}
  {"do": "speed", "mm_s": 90}                          or "real", or null for no delay

Settings of --set and "set" (README.md): """


def _arguments() -> argparse.ArgumentParser:
    kinds = "\n".join(f"  {name:<17} {kind.about}" for name, kind in CHARACTERS.items())
    parser = argparse.ArgumentParser(
        prog="virtual-printer",
        description="A virtual receipt printer: ESC/POS over TCP, slips as PNG.",
        epilog=f"{EPILOG}{', '.join(SETTINGS)}.\n\nCharacters:\n{kinds}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=9100, help="0: any free port (%(default)s)")
    parser.add_argument(
        "--control-port", type=int, default=0, help="0: any free port (%(default)s)"
    )
    parser.add_argument("--out", type=Path, help="folder for slip-0001.png and so on")
    parser.add_argument(
        "--format",
        default="png",
        metavar="NAMES",
        help="files of a slip: png, text, json, with commas (%(default)s)",
    )
    parser.add_argument(
        "--keep",
        type=int,
        default=KEPT,
        metavar="N",
        help="keep the newest N pictures (%(default)s)",
    )
    parser.add_argument(
        "--page-port",
        type=int,
        metavar="PORT",
        help="serve a page with the slips on 127.0.0.1; 0: any",
    )
    parser.add_argument(
        "--paper-mm",
        "--paper",
        type=int,
        choices=tuple(PRINT_DOTS),
        default=80,
        help="paper width (80)",
    )
    parser.add_argument(
        "--character",
        choices=tuple(CHARACTERS),
        default="epson",
        metavar="NAME",
        help="what kind of printer it is (%(default)s)",
    )
    parser.add_argument(
        "--level",
        choices=("A", "B", "C", "D"),
        help="which questions it answers (default: that of the character, A for epson)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change one setting of the character; may be repeated",
    )
    parser.add_argument(
        "--speed",
        type=_speed,
        metavar="MM_S",
        help="mm of paper a second, or 'real' for that of the character (default: unlimited)",
    )
    parser.add_argument(
        "--fifo", type=Path, metavar="PATH", help="also print what is written to a FIFO made here"
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="also end when standard input ends"
    )
    return parser


def _speed(text: str) -> float | str:
    return text if text == REAL else float(text)


def main(arguments: list[str] | None = None) -> int:
    """Run until a signal. Returns 0, or 1 with one line on stderr when it could not start."""
    parser = _arguments()
    asked = parser.parse_args(arguments)
    formats = tuple(asked.format.split(","))
    if asked.keep < 1:
        parser.error("--keep: 1 or more")
    if asked.speed != REAL and asked.speed is not None and asked.speed <= 0:
        parser.error("--speed: more than 0")
    if not set(formats) <= set(FORMATS):
        parser.error(f"--format: {', '.join(FORMATS)}")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        printer = VirtualPrinter(
            host=asked.host,
            port=asked.port,
            paper_mm=asked.paper_mm,
            character=asked.character,
            level=asked.level,
            settings=read_settings(asked.set),
            speed_mm_s=asked.speed,
            out_dir=asked.out,
            formats=formats,
            keep_pictures=asked.keep,
            fifo=asked.fifo,
        )
        control = ControlPort(printer, asked.host, asked.control_port)
        page = None if asked.page_port is None else SlipPage(printer, asked.page_port)
    except ValueError as error:
        parser.error(str(error))
    except (OSError, OverflowError) as error:
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
