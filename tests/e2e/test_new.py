"""``kiosk new``: another city's settings, from a pipe and from a terminal."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from datetime import time
from pathlib import Path

import pytest

from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from menu.schedule import Period
from tests import forks
from tests.e2e.site import ENGLISH, PATIENCE_S, ROOT, one_line

ANSWERS = """\
Mal Pelayanan Publik Kota Makassar
wita
Jl. Contoh 1
08.00-12.00, 13.00-15.00

08.00-10.00 WITA
Lantai 1, kanan pintu masuk
Disdukcapil
Dinas Kependudukan dan Pencatatan Sipil
DK
1
01, 02
KTP-el, Kartu Keluarga
PLN


2

Pasang baru; Bayar, cicil
Samsat
"""


def new(folder: Path, answers: str, *more: str) -> subprocess.CompletedProcess[str]:
    return forks.run(
        [sys.executable, "-m", "kiosk", "new", str(folder), *more],
        typed=answers,
        cwd=ROOT,
        env=os.environ | ENGLISH,
        text=True,
        timeout=PATIENCE_S,
    )


def test_three_agencies_from_a_pipe(tmp_path: Path) -> None:
    """The last agency's answers are missing: it gets the usual ones."""
    folder = tmp_path / "makassar"
    done = new(folder, ANSWERS)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == f"{folder}: 3 agencies, 5 services"
    assert len(list((folder / "preview").rglob("agencies-open.png"))) == 2
    menu = load_settings(folder, ASSETS).catalogue
    assert (menu.site.timezone, menu.site.zone) == ("Asia/Makassar", "WITA")
    first, second, third = menu.agencies
    assert (first.prefix, first.place.counters) == ("DK", ("01", "02"))
    assert first.hours.days[0] == (Period(time(8), time(12)), Period(time(13), time(15)))
    assert first.hours.days[5:] == ((Period(time(8), time(10)),), ())
    assert (second.place.floor, second.place.counters) == ("2", ())
    assert [s.name.in_("id") for s in second.services] == ["Pasang baru", "Bayar, cicil"]
    assert [s.code for s in third.services] == ["general-service"]
    check = [sys.executable, "-m", "kiosk", "check", str(folder)]
    assert subprocess.run(check, cwd=ROOT, capture_output=True, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("line", "answer", "says"),
    [
        (0, "", "Name of the MPP: an answer is needed"),
        (1, "Mars", "'Mars' is no time zone; write WIB, WITA or WIT"),
        (3, "8-15", "'8-15' are no hours"),
        (3, "13.00-15.00, 08.00-14.00", "are no hours"),
        (9, "1234", "'1234': write one to three letters"),
        (7, "", "Agency no. 1, short name (empty: that was all): an answer is needed"),
        (0, "MPP " * 200, "Name of the MPP: too long: 799 characters, at most 500"),
        (0, "\u4e2d\u6587", "Name of the MPP: this text has letters that no font can draw"),
        (
            2,
            "Jl. " * 600,
            "Address, printed on the slip (may be empty): the line has more than 2000",
        ),
        (10, "lantai dasar, dekat pintu masuk", "Disdukcapil: floor: too long: 31 characters"),
        (11, "01, " + "2" * 21, "counters, separated by commas (may be empty): too long: 21"),
        (12, ",", "Disdukcapil: services, separated by commas: an answer is needed"),
    ],
)
def test_an_answer_that_cannot_be_used_writes_nothing(
    tmp_path: Path, line: int, answer: str, says: str
) -> None:
    lines = ANSWERS.splitlines()
    lines[line] = answer
    done = new(tmp_path / "new", "\n".join(lines) + "\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert says in one_line(done.stderr)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    for folder, says in ((tmp_path, "is not empty"), (tmp_path / "kept", "kept")):
        done = new(folder, ANSWERS)
        assert (done.returncode, says in one_line(done.stderr)) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_person_is_asked_again(tmp_path: Path) -> None:
    master, slave = os.openpty()
    asked = ""
    with subprocess.Popen(
        [sys.executable, "-m", "kiosk", "new", str(tmp_path / "new"), "--no-preview"],
        cwd=ROOT, env=os.environ | ENGLISH, stdin=slave, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            os.write(master, b"MPP Ambon\nMars\nambon\n\n\n\n\n\nDisdukcapil\n\n\n\n\n\n\n")
            assert process.stderr is not None
            # To its end: a process that has ended may have left text in the pipe.
            while select.select([process.stderr], [], [], PATIENCE_S)[0]:
                piece = os.read(process.stderr.fileno(), 65536)
                if not piece:
                    break
                asked += piece.decode()
            assert process.wait(PATIENCE_S) == 0, asked
        finally:
            process.kill()
            os.close(master)
            os.close(slave)
    assert asked.count("Time zone (WIB, WITA, WIT) [WIB]: ") == 2
    assert "'Mars' is no time zone" in asked
    assert load_settings(tmp_path / "new", ASSETS).catalogue.site.zone == "WIT"
