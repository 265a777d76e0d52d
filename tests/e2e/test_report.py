"""``kiosk report``: the same numbers as ``kiosk tickets``, alone and from the running app."""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import re
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk.background.settings_folder import open_settings
from kiosk.bootstrap import Options, build_kiosk
from kiosk.commands import tickets
from kiosk.commands.handlers import serving
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.settings.menu_record import MenuRecord
from kiosk.store.database import connect
from kiosk.store.journal import JOURNAL_NAME
from kiosk.store.rows import store_pruned
from tests.e2e.site import ROOT, SiteFolder, one_line
from tests.reports.months import balikpapan, journal_of_month

NOVEMBER = date(2026, 11, 1)


@pytest.mark.parametrize("running", [False, True], ids=["alone", "app runs"])
def test_the_report_counts_what_the_journal_shows(
    site: SiteFolder, tmp_path: Path, running: bool
) -> None:
    """With the app, 4,000 tickets are more than the 1 MiB that a request may have."""
    journal_of_month(site.state, balikpapan(), NOVEMBER, 4000)
    if running:
        settings = load_settings(site.config, ASSETS)
        with (
            build_kiosk(settings, site.state, Options(printer=False)) as kiosk,
            serving(kiosk),
        ):
            kiosk.ready_journal()
            _compare(site, tmp_path)
    else:
        _compare(site, tmp_path)


def _compare(site: SiteFolder, out: Path) -> None:
    shown = site.kiosk("tickets", "--json", "--limit", "1000000")
    assert shown.code == 0, shown.err
    valid = [t for t in shown.json if t["state"] == "issued"]
    assert len(shown.json) == 4000 > len(valid)
    answer = site.kiosk("report", "--month", "2026-11", "--json", "--out", str(out / "made"))
    assert answer.code == 0, answer.err
    said = answer.json
    services = {s["code"]: s for agency in said["agencies"] for s in agency["services"]}
    cells = Counter((t["service"], int(t["business_date"][8:])) for t in valid)
    assert {
        (code, day): n
        for code, service in services.items()
        for day, n in enumerate(service["days"], 1)
        if n
    } == cells
    assert said["total"]["total"] == len(valid)
    assert said["total"]["void"] == 4000 - len(valid)
    assert said["total"]["priority"] == sum(t["priority"] is not None for t in valid)
    hours = Counter(int(t["issued_at"][11:13]) for t in valid)
    assert [sum(day[h] for day in said["hours"]) for h in range(24)] == [
        hours[h] for h in range(24)
    ]
    assert said["kiosk"] == "lobi-1"
    names = ["laporan-antrean-2026-11.xlsx", "laporan-antrean-2026-11.pdf"]
    assert [Path(path).name for path in said["files"]] == names
    assert sorted(path.name for path in (out / "made").iterdir()) == sorted(names)


def test_the_files_and_their_words(site: SiteFolder, tmp_path: Path) -> None:
    journal_of_month(site.state, balikpapan(), NOVEMBER, 3)
    answer = site.kiosk("report", "--month", "2026-11", "--out", str(tmp_path), "--lang", "id")
    assert answer.code == 0, answer.err
    xlsx, pdf = (tmp_path / f"laporan-antrean-2026-11.{end}" for end in ("xlsx", "pdf"))
    assert answer.out.splitlines()[:2] == [str(xlsx), str(pdf)]
    assert answer.out.splitlines()[2].startswith("November 2026: ")
    assert (xlsx.read_bytes()[:2], pdf.read_bytes()[:5]) == (b"PK", b"%PDF-")
    only = site.kiosk("report", "--month", "2026-12", "--out", str(tmp_path), "--format", "pdf")
    assert only.out.splitlines()[-1] == "December 2026: 0 numbers"
    assert not (tmp_path / "laporan-antrean-2026-12.xlsx").exists()


def test_a_service_that_was_removed_since_keeps_its_name_and_its_row(site: SiteFolder) -> None:
    """The app has run with the menu of November; then a service was removed."""
    journal_of_month(site.state, balikpapan(), NOVEMBER, 400)
    opened = open_settings(site.config, site.state, "id")
    with build_kiosk(opened.settings, site.state, Options(printer=False, opened=opened)):
        (made,) = (site.state / "settings" / "menus").iterdir()
    made.rename(made.with_name("2026-11-03.yaml"))
    before = site.kiosk("report", "--month", "2026-11", "--json").json["agencies"]
    menu = site.config / "agencies.yaml"
    text = menu.read_text("utf-8")
    counted = [s for agency in before for s in agency["services"] if s["total"]]
    removed = next(s for s in counted if len(re.findall(rf"\b{s['code']}\b", text)) == 1)
    menu.write_text(re.sub(rf"\b{removed['code']}\b", "lain", text), "utf-8")
    assert site.kiosk("report", "--month", "2026-11", "--json").json["agencies"] == before
    MenuRecord(site.state).note(load_settings(site.config, ASSETS), date(2026, 12, 1))
    assert site.kiosk("report", "--month", "2026-11", "--json").json["agencies"] == before
    december = site.kiosk("report", "--month", "2026-12", "--json").json["agencies"]
    assert removed["code"] not in [s["code"] for a in december for s in a["services"]]


def test_a_report_of_days_that_were_deleted_says_so(site: SiteFolder, tmp_path: Path) -> None:
    journal_of_month(site.state, balikpapan(), NOVEMBER, 3)
    pruned(site.state, date(2026, 11, 10))
    answer = site.kiosk("report", "--month", "2026-11", "--json")
    assert (answer.code, answer.json["incomplete_before"]) == (3, "2026-11-10")
    assert "before 10 November 2026" in one_line(answer.err)
    later = site.kiosk("report", "--month", "2026-12", "--json")
    assert (later.code, later.json["incomplete_before"], later.err) == (0, None, "")


def pruned(state: Path, before: date) -> None:
    """Let the journal in ``state`` have deleted its tickets from earlier days."""
    with closing(connect(state / JOURNAL_NAME)) as db:
        store_pruned(db, before.isoformat())


def test_the_tickets_for_excel(site: SiteFolder) -> None:
    """Codes become names; the CSV for programs keeps its form."""
    held = journal_of_month(site.state, balikpapan(), NOVEMBER, 40)
    plain = site.kiosk("tickets", "--format", "csv").out.splitlines()
    assert plain[0] == "number,business_date,issued_at,service,priority,state,printed,rev,id"
    argv = site.argv("tickets", "--format", "excel", "--lang", "id")
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, timeout=60)
    assert done.stdout[:3] == b"\xef\xbb\xbf", done.stderr
    text = done.stdout.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    assert list(rows[0])[:5] == ["Nomor", "Tanggal", "Jam", "Instansi", "Layanan"]
    for row, ticket, line in zip(rows, held, plain[1:], strict=True):
        found = balikpapan().service(ticket.service)
        assert found is not None
        assert (row["Nomor"], row["Tanggal"]) == (line.split(",")[0], ticket.day.isoformat())
        assert row["Instansi"] == found.agency.short.in_("id")
        assert row["Layanan"] == found.service.name.in_("id")
        assert row["Keadaan"] == ("batal" if ticket.void else "berlaku")
        assert bool(row["Prioritas"]) is ticket.priority


def test_the_tickets_for_excel_have_the_names_of_their_days(site: SiteFolder) -> None:
    held = journal_of_month(site.state, balikpapan(), NOVEMBER, 900)
    menu = site.config / "agencies.yaml"
    text = menu.read_text("utf-8")
    record = MenuRecord(site.state)
    record.note(load_settings(site.config, ASSETS), date(2026, 11, 1))
    renamed = re.sub(r"\bktp-el\b", "ktp-baru", text)
    renamed = renamed.replace("name: {id: Kartu Keluarga,", "name: {id: KK daerah,")
    assert "name: {id: KK daerah," in renamed
    renamed = renamed.replace("Lansia (60 tahun ke atas)", "Sesepuh")
    menu.write_text(renamed, "utf-8")
    record.note(load_settings(site.config, ASSETS), date(2026, 11, 16))

    def rows() -> list[dict[str, str]]:
        said = site.kiosk("tickets", "--format", "excel", "--lang", "id").out.lstrip("\ufeff")
        return list(csv.DictReader(io.StringIO(said, newline=""), delimiter=";"))

    first = rows()
    for row, ticket in zip(first, held, strict=True):
        found = balikpapan().service(ticket.service)
        assert found is not None
        early = ticket.day < date(2026, 11, 16)
        name = found.service.name.in_("id")
        later = "KK daerah" if name == "Kartu Keluarga" else name
        assert row["Layanan"] == (name if early else later)
        assert row["Instansi"] == found.agency.short.in_("id")
        if ticket.priority:
            assert ("Lansia" in row["Prioritas"]) is early
            assert ("Sesepuh" in row["Prioritas"]) is not early
    names = {row["Layanan"] for row in first}
    assert {"KTP elektronik", "Kartu Keluarga", "KK daerah"} <= names
    settings = load_settings(site.config, ASSETS)
    menu.write_text("version: [\n", "utf-8")
    kiosk = build_kiosk(settings, site.state, Options(printer=False))
    with kiosk, serving(kiosk):
        assert rows() == first, "the kept menus do for a folder with errors"


@pytest.mark.parametrize("running", [False, True], ids=["alone", "app runs"])
def test_no_ticket_is_left_out_without_a_word(site: SiteFolder, running: bool) -> None:
    journal_of_month(site.state, balikpapan(), NOVEMBER, 2100)
    with contextlib.ExitStack() as app:
        if running:
            settings = load_settings(site.config, ASSETS)
            kiosk = app.enter_context(build_kiosk(settings, site.state, Options(printer=False)))
            app.enter_context(serving(kiosk))
            kiosk.ready_journal()
        whole = site.kiosk("tickets", "--format", "excel")
        lines = whole.out.splitlines()[1:]
        assert (len(lines), whole.err) == (2100, "")
        assert len({line.split(";")[1] + line.split(";")[0] for line in lines}) == 2100
        shown = site.kiosk("tickets", "--json")
        assert len(shown.json) == 1000
        assert "1100 older numbers are not shown" in one_line(shown.err)
        assert site.kiosk("tickets", "--json", "--limit", "7").err == ""


def test_numbers_given_while_the_pages_are_read_repeat_none_and_end_the_list(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given, asked = [f"{n:04d}" for n in range(3000)], []

    def answer(_state: object, _command: str, wish: dict[str, Any], *_: object) -> dict[str, Any]:
        asked.append(wish["skip"])
        assert len(asked) < 5, "the list never ends"
        end = len(given) - wish["skip"]
        page = [{"id": one} for one in given[max(0, end - wish["limit"]) : max(0, end)]]
        total = len(given)
        given.append(f"{total:04d}")
        return {"tickets": page, "total": total, "complete_from": None}

    monkeypatch.setattr(tickets, "ask_or_do", answer)
    args = argparse.Namespace(date=None, state=tmp_path, config=tmp_path, lang="en")
    found, total, _ = tickets._found(args, tickets.MOST)
    assert ([one["id"] for one in found], total) == ([f"{n:04d}" for n in range(3000)], 3000)
    del given[3000:], asked[:]
    found, total, _ = tickets._found(args, 2500)
    assert ([one["id"] for one in found], total) == ([f"{n:04d}" for n in range(500, 3000)], 3000)
    del given[:], asked[:]
    assert tickets._found(args, tickets.MOST)[0] == []


def test_all_tickets_of_a_date_with_all_their_marks(site: SiteFolder) -> None:
    journal_of_month(site.state, balikpapan(), NOVEMBER, 21_500)
    with closing(connect(site.state / JOURNAL_NAME)) as db:
        db.execute(
            "INSERT INTO also_priority SELECT id, 'disability' FROM ticket"
            " WHERE business_date = '2026-11-03' AND priority = 'elderly'"
        )
    found = site.kiosk("tickets", "--date", "2026-11-03", "--json").json
    assert len(found) > 1000
    marked = [t for t in found if t["priority"]]
    assert marked
    assert all(t["priorities"] == ["elderly", "disability"] for t in marked)
    text = site.kiosk("tickets", "--date", "2026-11-03", "--format", "excel").out
    assert text.count("Senior (60 and over), Person with a disability") == len(marked)
    plain = site.kiosk("tickets", "--date", "2026-11-03", "--format", "csv").out
    assert plain.count(",elderly disability,") == len(marked)


def test_a_date_whose_tickets_were_deleted_says_so(site: SiteFolder) -> None:
    journal_of_month(site.state, balikpapan(), NOVEMBER, 30)
    pruned(site.state, date(2026, 11, 10))
    for day, code in (("2026-11-09", 3), ("2026-11-10", 0)):
        answer = site.kiosk("tickets", "--date", day)
        assert answer.code == code
        assert ("incomplete" in answer.err) is bool(code)


def test_what_cannot_be_done_is_one_line(site: SiteFolder, tmp_path: Path) -> None:
    wrong = site.kiosk("report", "--month", "november")
    assert (wrong.code, "'november' is no month" in one_line(wrong.err)) == (2, True)
    missing = site.kiosk("report")
    assert (missing.code, "no state folder" in one_line(missing.err)) == (1, True)
    journal_of_month(site.state, balikpapan(), NOVEMBER, 1)
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        answer = site.kiosk("report", "--month", "2026-11", "--out", str(out))
        assert answer.code == 1
        assert str(out) in one_line(answer.err)


def test_the_app_never_loads_what_only_reports_need() -> None:
    """openpyxl and reportlab take longer to import than the kiosk takes to start."""
    code = (
        "import sys, kiosk.app, kiosk.commands.run, kiosk.commands.handlers, kiosk.commands.report,"
        " kiosk.commands.status, queue_server.cli, queue_server.commands\n"
        "print([name for name in ('openpyxl', 'reportlab') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "[]\n", done.stderr
