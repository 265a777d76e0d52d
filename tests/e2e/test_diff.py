"""``kiosk diff`` and what ``kiosk history`` says of each set."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from kiosk.settings.history import SettingsHistory, Snapshot
from tests.e2e.site import SiteFolder, one_line


def keep(site: SiteFolder) -> None:
    """Put the files of the settings folder in use."""
    snapshot = Snapshot.take(site.config)
    assert snapshot is not None
    SettingsHistory(site.state).keep(snapshot, datetime.now(UTC))


def edit(folder: Path, old: str, new: str) -> None:
    menu = folder / "agencies.yaml"
    text = menu.read_text("utf-8")
    assert old in text
    menu.write_text(text.replace(old, new, 1), "utf-8")


def test_an_edit_in_words(site: SiteFolder, tmp_path: Path) -> None:
    site.state.mkdir()
    nothing = site.kiosk("diff")
    assert (nothing.code, "no settings are in use yet" in one_line(nothing.err)) == (1, True)
    keep(site)
    assert site.kiosk("diff").out == "nothing changes\n"

    edit(site.config, "KTP elektronik", "KTP digital")
    sentence = "Disdukcapil, KTP digital: nama 'KTP digital', dulu 'KTP elektronik'"
    assert site.kiosk("diff", "--lang", "id").out == f"{sentence}\n"
    (change,) = site.kiosk("diff", "--json").json["changes"]
    assert (change["agency"], change["service"], change["field"]) == (
        "disdukcapil", "ktp-el", "name",
    )  # fmt: skip
    keep(site)

    stick = tmp_path / "stick"
    shutil.copytree(site.config, stick)
    edit(stick, "KTP digital", "KTP lagi")
    assert "'KTP lagi' (id), was 'KTP digital' (id)" in site.kiosk("diff", str(stick)).out
    assert "'KTP digital' (id), was 'KTP elektronik' (id)" in site.kiosk("diff", "2").out
    assert "'KTP elektronik' (id), was 'KTP digital' (id)" in site.kiosk("diff", "2", "1").out

    first, second = site.kiosk("history", "--json", "--lang", "id").json["settings"]
    assert (first["changes"], second["changes"]) == ([], [sentence])
    assert f"      {sentence}\n" in site.kiosk("history", "--lang", "id").out


def test_the_check_names_agencies_that_a_cut_file_lacks(site: SiteFolder) -> None:
    site.state.mkdir()
    keep(site)
    assert "cut off" not in site.kiosk("check").err
    menu = site.config / "agencies.yaml"
    menu.write_text("\n  - code: ".join(menu.read_text("utf-8").split("\n  - code: ")[:-8]) + "\n")
    answer = site.kiosk("check")
    assert (answer.code, "has 8 agencies more" in answer.err) == (0, True), answer.err


def test_what_cannot_be_compared_is_one_line(site: SiteFolder) -> None:
    site.state.mkdir()
    keep(site)
    for args, code, says in (
        (["diff", "9"], 1, "no settings 9"),
        (["diff", "1"], 1, "before number 1"),
        (["diff", "config", "2"], 2, "name one folder"),
        (["diff", "1", "folder"], 2, "name one folder"),
        (["diff", "no-such-folder"], 1, "no-such-folder"),
    ):
        answer = site.kiosk(*args)
        assert (answer.code, says in one_line(answer.err)) == (code, True), answer.err
    edit(site.config, "version: 1", "version: [")
    broken = site.kiosk("diff")
    assert broken.code == 1
    assert "agencies.yaml:" in broken.err
    assert "Traceback" not in broken.err
