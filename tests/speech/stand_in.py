"""A stand-in for espeak-ng: notes its arguments and its text, answers with a sound of silence.

The length of the sound is SECONDS_A_WORD for each word. A text with the word "crash" ends it with
an error, one with "hang" keeps it from answering, one with "garbage" gets no sound for an answer,
and of one with "held" only the first FIRST_BYTES come before there is a file ``spoken.jsonl.goes``.
Its voices are ``id`` and ``ms``; it lists none while there is a file ``spoken.jsonl.hangs``.
"""

from __future__ import annotations

import os
import stat
import struct
import sys
from pathlib import Path

SECONDS_A_WORD = 0.05
RATE = 8000
FIRST_BYTES = 400

SCRIPT = """#!{python}
import json, os, sys, time
if "--voices" in sys.argv:
    if os.path.exists({log!r} + ".hangs"):
        time.sleep(60)
    print("Pty Language Age/Gender VoiceName\\n 5 id M Indonesian\\n 5 ms M Malay")
    sys.exit(0)
words = sys.stdin.buffer.read().decode().strip()
with open({log!r}, "a") as log:
    log.write(json.dumps({{"args": sys.argv[1:], "words": words}}) + "\\n")
if "crash" in words:
    sys.exit(3)
if "hang" in words:
    time.sleep(60)
if "garbage" in words:
    sys.stdout.write("no sound")
    sys.exit(0)
count = int({seconds} * {rate} * len(words.split())) * 2
sound = {head!r} + bytes(count)
if "held" in words:
    first = {first} + len({head!r})
    sys.stdout.buffer.write(sound[:first])
    sys.stdout.flush()
    while not os.path.exists({log!r} + ".goes"):
        time.sleep(0.01)
    sound = sound[first:]
sys.stdout.buffer.write(sound)
"""


def head(rate: int = RATE, channels: int = 1) -> bytes:
    """The head of a WAV file that is written to a pipe."""
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * 2, 2, 16)
    lengths = [struct.pack("<I", length) for length in (0x7FFFF024, 0x7FFFF000)]
    return b"RIFF" + lengths[0] + b"WAVEfmt " + form + b"data" + lengths[1]


def install(folder: Path) -> tuple[str, Path]:
    """Write the program into ``folder``; its path, and the file in which it notes its texts."""
    log, program = folder / "spoken.jsonl", folder / "espeak-ng"
    log.touch()
    program.write_text(
        SCRIPT.format(
            python=sys.executable,
            log=str(log),
            seconds=SECONDS_A_WORD,
            rate=RATE,
            head=head(),
            first=FIRST_BYTES,
        ),
        encoding="utf-8",
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert os.access(program, os.X_OK)
    return str(program), log
