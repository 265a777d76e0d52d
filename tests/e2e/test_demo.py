"""The demo, as a newcomer starts it: real touches off screen, pictures, a table, a journal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.site import SiteFolder, one_line


def demo(site: SiteFolder, out: Path, *more: str) -> tuple[str, str, int]:
    """``kiosk demo --offscreen`` with the repository's own menu."""
    answer = site.kiosk("demo", "--offscreen", "--out", str(out), *more)
    return answer.out, answer.err, answer.code


def blank(picture: Path) -> bool:
    """Whether a picture shows one colour only."""
    with Image.open(picture) as image:
        return len(image.convert("RGB").getcolors(1 << 24) or []) < 2


def test_three_visits_at_any_hour(site: SiteFolder, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    said, err, code = demo(site, out)
    assert (code, err) == (0, "")
    numbers = re.findall(r"^([A-Z]{1,3}-\d{3}) .* confirmed$", said, flags=re.MULTILINE)
    assert len(set(numbers)) == 3, said
    journal = site.tickets()
    assert [t["number"] for t in journal] == numbers
    assert {t["printed"] for t in journal} == {"confirmed"}
    assert {t["language"] for t in journal} == {"id", "en"}
    slips = sorted((out / "slips").glob("*.png"))
    assert len(slips) == 3
    screens = sorted((out / "screens").glob("*.png"))
    assert len(screens) >= 8
    assert not [p.name for p in (*slips, *screens) if blank(p)]


def test_a_second_run_goes_on_counting(site: SiteFolder, tmp_path: Path) -> None:
    demo(site, tmp_path / "one", "--visits", "1", "--no-pictures")
    demo(site, tmp_path / "two", "--visits", "1", "--no-pictures")
    assert [t["number"] for t in site.tickets()] == ["DK-001", "DK-002"]


@pytest.mark.parametrize("when", ["2026-12-25T09:00", "2026-11-28T03:00"])
def test_a_closed_day_is_said(site: SiteFolder, tmp_path: Path, when: str) -> None:
    menu = site.config / "agencies.yaml"
    text = menu.read_text(encoding="utf-8").replace("mon-sun", "mon-thu")
    menu.write_text(text, encoding="utf-8")
    said, err, code = demo(site, tmp_path, "--now", when)
    assert (code, said.count("\n")) == (1, 1)
    assert "no agency of this menu gives numbers" in one_line(err)


def test_an_empty_menu_is_said(site: SiteFolder, tmp_path: Path) -> None:
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
