"""The demo, as a newcomer starts it: real touches off screen, pictures, a table, a journal."""

from __future__ import annotations

import re
import socket
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.site import SiteFolder, one_line, until


def demo(site: SiteFolder, out: Path, *more: str) -> tuple[str, str, int]:
    """``kiosk demo --offscreen`` with the repository's own menu."""
    answer = site.kiosk("demo", "--offscreen", "--out", str(out), *more)
    return answer.out, answer.err, answer.code


def listening(site: SiteFolder) -> bool:
    """Whether anything answers where the demo's queue server was."""
    port = int((site.state / "server" / "port").read_text())
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def blank(picture: Path) -> bool:
    """Whether a picture shows one colour only."""
    with Image.open(picture) as image:
        return image.convert("RGB").getcolors(maxcolors=1) is not None


def test_three_visits_at_any_hour(site: SiteFolder, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    said, err, code = demo(site, out)
    assert (code, err) == (0, "")
    row = r"^([A-Z]{1,3}-A?\d{3})  +(server|kiosk, server cut off)  .* confirmed$"
    visits = re.findall(row, said, flags=re.MULTILINE)
    numbers = [number for number, _ in visits]
    assert len(set(numbers)) == 3, said
    assert [by for _, by in visits] == ["server", "kiosk, server cut off", "server"]
    assert [n.split("-")[1] for n in numbers] == ["001", "A001", "001"], "the line with its letter"
    for number in numbers:
        assert re.search(rf"^{number} .* confirmed +{number} .* confirmed$", said, re.MULTILINE)
    assert "equal: the server holds each of the 3 numbers" in said
    token = site.state / "server" / "token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert not listening(site), "the server has ended with the demo"
    journal = site.tickets()
    assert [t["number"] for t in journal] == numbers
    assert {t["printed"] for t in journal} == {"confirmed"}
    assert {t["language"] for t in journal} == {"id", "en"}
    slips = sorted((out / "slips").glob("*.png"))
    assert len(slips) == 3
    screens = sorted((out / "screens").glob("*.png"))
    assert len(screens) >= 8
    assert not [p.name for p in (*slips, *screens) if blank(p)]


def test_a_second_run_continues_the_series_and_a_third_reports_a_difference(
    site: SiteFolder, tmp_path: Path
) -> None:
    demo(site, tmp_path / "one", "--visits", "1", "--no-pictures")
    said, _, code = demo(site, tmp_path / "two", "--visits", "1", "--no-pictures")
    assert code == 0
    assert "each of the 2 numbers" in said
    assert [t["number"] for t in site.tickets()] == ["DK-001", "DK-002"]
    # A difference between journal and server is reported.
    with closing(sqlite3.connect(site.state / "server" / "queue.sqlite3")) as db:
        db.execute("UPDATE tickets SET value = 7 WHERE value = 1")
        db.commit()
    said, err, code = demo(site, tmp_path / "three", "--visits", "1", "--no-pictures")
    assert (code, err) == (1, "")
    assert re.search(r"^DK-001 .* DK-007 ", said, re.MULTILINE), said
    assert "NOT EQUAL: 1 of 3 numbers" in said


@pytest.mark.parametrize("when", ["2026-12-25T09:00", "2026-11-28T03:00"])
def test_a_closed_day_is_reported(site: SiteFolder, tmp_path: Path, when: str) -> None:
    menu = site.config / "agencies.yaml"
    text = menu.read_text(encoding="utf-8").replace("mon-sun", "mon-thu")
    menu.write_text(text, encoding="utf-8")
    said, err, code = demo(site, tmp_path, "--now", when)
    assert (code, said) == (1, "")
    assert "no agency of this menu gives numbers" in one_line(err)


def test_a_demo_that_is_killed_leaves_no_server(site: SiteFolder, tmp_path: Path) -> None:
    more = ["--offscreen", "--visits", "500", "--no-pictures", "--out", str(tmp_path / "out")]
    process = site.start("demo", *more)
    try:
        until((site.state / "server" / "port").exists, "the demo's port")
        until(lambda: listening(site), "the demo's server")
    finally:
        process.kill()
        process.communicate()
    until(lambda: not listening(site), "the server's end")


def test_a_state_folder_belongs_to_one_demo(site: SiteFolder, tmp_path: Path) -> None:
    site.state.mkdir()
    (site.state / "demo-of").write_text("/somewhere/else")
    _, err, code = demo(site, tmp_path)
    assert code == 2
    assert "give another --state" in one_line(err)


def test_an_empty_menu_is_reported(site: SiteFolder, tmp_path: Path) -> None:
    text = "version: 1\nsite: {name: MPP, timezone: Asia/Makassar}\nagencies: []\n"
    (site.config / "agencies.yaml").write_text(text, encoding="utf-8")
    _, err, code = demo(site, tmp_path)
    assert code == 1
    assert "gives numbers" in one_line(err)


def test_a_demo_at_a_small_landscape_screen(site: SiteFolder, tmp_path: Path) -> None:
    machine = "screen: {diagonal_inch: 15.6}\n"
    site.machine("connection: virtual", machine)
    said, err, code = demo(site, tmp_path, "--size", "1280x800", "--visits", "4")
    assert (code, err) == (0, ""), said
    assert len(site.tickets()) == 4
