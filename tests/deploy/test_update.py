"""``libexec/update``: whatever happens, one release works and no number is lost or given twice."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.deploy.site import NEW, OLD, RUNUSER, Site
from tests.store.making import issue, opened

FIRST = ["DK-001", "DK-002", "DK-003"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_an_update_that_works(site: Site) -> None:
    (site.state / "before-0.9").mkdir()
    done = site.update("--unsigned", site.release("gives"))
    assert (done.returncode, done.stdout) == (0, f"now in use: {NEW} (before: {OLD})\n"), done
    assert (site.current(), site.noted()) == (NEW, {"previous": OLD})
    calls = site.script.called()
    assert [c for c in calls if c.startswith("install")] == [
        f"install --beside {NEW}",
        f"install --files {NEW}",
    ]
    assert "settle failed" not in calls
    # The copy of this update stays, that of an earlier one goes; nothing else is left behind.
    assert [p.name for p in site.state.glob("before-*")] == [f"before-{NEW}"]
    assert list(site.opt.glob(".update.*")) == []
    # Once more: only what an interruption after the switch has left out.
    again = site.update("--unsigned", site.folder / "release")
    assert (again.returncode, site.script.called()[-1]) == (0, f"install --files {NEW}")


@pytest.mark.parametrize(
    ("mode", "then"),
    [
        ("dies", "DK-004"),
        ("fails", "DK-004"),  # after the migration, without a number
        ("gives and fails", "DK-B001"),
    ],
)
def test_back_from_an_update_that_does_not_work(site: Site, mode: str, then: str) -> None:
    (site.opt / "previous").write_text("0.9\n")
    done = site.update("--unsigned", site.release(mode))
    assert done.returncode == 1
    assert f"{NEW} does not work; back to {OLD}" in done.stderr
    assert (site.current(), site.noted()) == (OLD, {"previous": "0.9"})
    assert (site.folder / "unit").read_text() == "active\n"
    given = ["DK-004", "DK-005"] if "gives" in mode else []
    assert site.numbers() == [*FIRST, *given]
    journal = opened(site.state)
    assert issue(journal, "next").number == then
    journal.close()
    assert site.unsent() == 4 + len(given)


def test_back_across_a_migration(site: Site) -> None:
    assert site.update("--unsigned", site.release("gives")).returncode == 0
    done = site.update("--back")
    assert done.returncode == 0, done.stderr
    assert (site.current(), site.noted()) == (OLD, {"previous": NEW})
    assert "a new letter" in done.stderr
    assert site.numbers() == [*FIRST, "DK-004", "DK-005"]
    journal = opened(site.state)
    assert issue(journal, "next").number == "DK-B001"
    journal.close()
    # And forward again.
    assert site.update("--back").returncode == 0
    assert site.current() == NEW


def test_back_is_refused_where_tickets_would_be_lost(site: Site) -> None:
    unknown = "ALTER TABLE ticket RENAME COLUMN track TO tracking"
    assert site.update("--unsigned", site.release("works", unknown)).returncode == 0
    done = site.update("--back")
    assert done.returncode == 1
    assert "it cannot read 3 tickets of the newer journal, 3 of them not sent" in done.stderr
    assert site.current() == NEW
    assert (site.folder / "unit").read_text() == "active\n"


@pytest.mark.parametrize("mode", ["works", "gives"])
def test_an_update_that_a_power_cut_ends_is_undone_before_the_next_start(
    site: Site, mode: str
) -> None:
    (site.folder / "power-cut").touch()
    done = site.update("--unsigned", site.release(mode))
    assert done.returncode < 0
    assert (site.current(), set(site.noted())) == (NEW, {"previous", "pending"})
    if mode == "gives":
        # The app had been started by then.
        program = site.opt / "current/venv/bin/python"
        words = [site.folder / "app.py", site.state, site.opt / "releases" / NEW]
        subprocess.run([program, "-I", *words], check=True, timeout=60)
    done = site.update("--settle", "kiosk")
    assert done.returncode == 0
    assert f"was interrupted: back to {OLD}" in done.stderr
    assert (site.current(), site.noted()) == (OLD, {})
    given = ["DK-004", "DK-005"] if mode == "gives" else []
    assert site.numbers() == [*FIRST, *given]
    journal = opened(site.state)
    assert issue(journal, "next").number == ("DK-B001" if given else "DK-004")
    journal.close()
    assert (site.update("--settle", "kiosk").stderr, site.current()) == ("", OLD)


def test_a_journal_that_cannot_be_kept_stops_the_update(site: Site) -> None:
    site.script.program("runuser", 'case "$*" in *" keep "*) exit 1 ;; esac\n' + RUNUSER)
    done = site.update("--unsigned", site.release("works"))
    assert done.returncode == 1
    assert "what it must keep could not be copied" in done.stderr
    assert (site.current(), site.noted()) == (OLD, {})
    assert (site.folder / "unit").read_text() == "active\n"


@pytest.mark.parametrize(
    ("trick", "why"),
    [
        ("link", "holds what is not a regular file: program/venv/bin/more"),
        ("pipe", "holds what is not a regular file: program/venv/bin/more"),
        ("name of the list", "holds files that are not in its list"),
        ("changed", "Files of the release differ from its list"),
        ("not signed", "The signature of the release is wrong"),
    ],
)
def test_only_what_is_signed_is_used(site: Site, trick: str, why: str) -> None:
    folder = site.release("works")
    (site.folder / "elsewhere").write_text("#!/bin/sh\n")
    key = site.folder / "key.pem"
    public, sums = site.config / "update.pub", folder / "SHA256SUMS"
    for words in (
        f"genpkey -algorithm ed25519 -out {key}",
        f"pkey -in {key} -pubout -out {public}",
        f"pkeyutl -sign -inkey {key} -rawin -in {sums} -out {sums}.sig",
    ):
        subprocess.run(["openssl", *words.split()], check=True, capture_output=True, timeout=60)
    if trick == "link":
        (folder / "program/venv/bin/more").symlink_to(site.folder / "elsewhere")
    elif trick == "pipe":
        os.mkfifo(folder / "program/venv/bin/more")
    elif trick == "name of the list":
        (folder / "program/SHA256SUMS.py").write_text("x\n")
    elif trick == "changed":
        (folder / "program/mode").write_text("gives")
    else:
        (folder / "program/mode").write_text("gives")
        site.listed(folder)
    done = site.update(folder)
    assert done.returncode == 1
    assert why in done.stderr
    assert [c for c in site.script.called() if c.startswith("install")] == []
    assert [p.name for p in (site.opt / "releases").iterdir()] == [OLD]
    assert list(site.opt.glob(".update.*")) == []
