"""Measure the time from a touch to the first sample of its sentence, in speech mode.

    python benchmarks/speech_start.py [TOUCHES]

The kiosk's app with speech on; each touch reaches another tile of the home screen, whose sentence
interrupts the one before. Measured from the finger on the glass to the moment at which the sound
plays. Baseline: espeak-ng started anew for each of these sentences, to its first byte of sound;
the kiosk starts it in advance. SDL's silent sound device plays.
"""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.common import ROOT, measured, quantile, table, verdict
from benchmarks.paper import virtual_printer
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.speech.synthesiser import RATE_WPM, find_program, voice_of

TOUCHES = 60
P95_MS = 50.0


def started_anew(program: str, count: int) -> list[float]:
    """Milliseconds from the start of a process to its first sound, for the names of agencies."""
    catalogue = load_settings(ROOT / "config", ASSETS).catalogue
    voice, times = voice_of("id"), []
    for number in range(count):
        agency = catalogue.agencies[number % len(catalogue.agencies)]
        began = time.perf_counter()
        with subprocess.Popen(
            [program, "-v", voice, "-s", str(RATE_WPM), "--stdin", "--stdout"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{agency.name.in_('id')}, buka.\n".encode())
            process.stdin.close()
            process.stdout.read(1)
            times.append((time.perf_counter() - began) * 1000)
            process.stdout.read()
    return times


def main() -> int:
    """Measure both."""
    touches = int(sys.argv[1]) if len(sys.argv) > 1 else TOUCHES
    program = find_program()
    if program is None:
        print("espeak-ng is not installed")
        return 1
    with virtual_printer():
        found = measured("kiosk_window.py", "speech", str(touches))
    anew = started_anew(program, touches)
    rows = [
        ["espeak-ng started anew", *(f"{quantile(anew, part):.1f}" for part in (0.5, 0.95))],
        ["kiosk, touch to sound", f"{found['p50']:.1f}", f"{found['p95']:.1f}"],
    ]
    table(f"start of speech, ms, {found['heard']:.0f} sentences", ("", "p50", "p95"), rows)
    return verdict(
        [
            ("touch to sound p95, ms", found["p95"], P95_MS),
            ("touches without a sound", touches - found["heard"], 0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
