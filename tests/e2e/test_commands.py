"""The commands, as staff type them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.background.settings_folder import OnDisk, open_settings
from kiosk.settings.history import SettingsHistory, Snapshot
from kiosk.store.lock import OwnerLock
from tests.e2e.site import SiteFolder, VirtualPrinterProgram, one_line, until


def test_check_counts_the_menu_of_balikpapan(site: SiteFolder) -> None:
    answer = site.check()
    assert (answer.code, answer.out) == (0, "27 agencies, 80 services\n"), answer.err


def test_check_reports_every_error_with_its_position(site: SiteFolder) -> None:
    menu = site.config / "agencies.yaml"
    menu.write_text(menu.read_text().replace("floor: 1", "flor: 1", 2))
    answer = site.check("--lang", "en")
    assert answer.code == 1
    lines = [line for line in answer.err.splitlines() if "'flor'" in line]
    assert len(lines) == 2
    assert all(":" in line and "'floor'" in line for line in lines)


def test_a_number_without_the_screen(site: SiteFolder, printer: VirtualPrinterProgram) -> None:
    first = site.kiosk("issue", "ktp-el", "--json")
    assert first.code == 0, first.err
    assert first.json["number"] == "DK-001"
    assert first.json["printed"] == "confirmed"
    second = site.kiosk("issue", "ktp-el", "--language", "en", "--priority", "elderly")
    assert second.out.startswith("DK-002  ktp-el  paper: confirmed")
    assert [(t["number"], t["printed"]) for t in site.tickets()] == [
        ("DK-001", "confirmed"),
        ("DK-002", "confirmed"),
    ]


def test_staff_print_a_slip_again(site: SiteFolder, printer: VirtualPrinterProgram) -> None:
    nothing = site.kiosk("reprint")
    assert (nothing.code, "no slip to print again yet" in one_line(nothing.err)) == (1, True)
    assert site.kiosk("issue", "ktp-el").code == 0
    assert site.kiosk("reprint").out == "DK-001  copy: printed\n"
    answer = site.kiosk("reprint", "DK-009")
    assert (answer.code, "'DK-009'" in one_line(answer.err)) == (1, True)


def test_the_journal_as_table_and_csv(site: SiteFolder, printer: VirtualPrinterProgram) -> None:
    site.kiosk("issue", "ktp-el")
    shown = site.kiosk("tickets").out
    assert "DK-001" in shown
    rows = list(csv.DictReader(io.StringIO(site.kiosk("tickets", "--format", "csv").out)))
    assert [r["number"] for r in rows] == ["DK-001"]
    assert site.kiosk("tickets", "--date", "2020-01-01", "--json").json == []


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["issue", "ktp-elx"], 1, "did you mean 'ktp-el'"),
        (["issue", "ktp-el", "--language", "xx"], 2, "no language 'xx'"),
        (["issue", "ktp-el", "--priority", "vip"], 2, "no priority group 'vip'"),
        (["issue"], 2, "SERVICE"),
        (["tickets", "--bogus"], 2, "--bogus (see kiosk tickets --help)"),
        (["tickets", "--date", "gestern"], 2, "--date: 'gestern' is no date"),
        (["tickets", "--limit", "-5"], 2, "--limit: '-5' is no whole number"),
        (["tickets", "--state", ""], 2, "--state: the name of the folder is empty"),
        (["status", "--config", ""], 2, "--config: the name of the folder is empty"),
        (["run", "--size", "0x0"], 2, "--size: '0x0': each side must be from 200"),
        (["run", "--size", "wide"], 2, "--size: 'wide' is no size"),
        (["run", "--size", "800x600"], 2, "--windowed"),
    ],
)
def test_a_refused_request_is_a_one_line_error(
    site: SiteFolder, args: list[str], code: int, says: str
) -> None:
    answer = site.kiosk(*args)
    assert answer.code == code
    assert says in one_line(answer.err)


@pytest.mark.parametrize(("command", "code"), [("tickets", 1), ("status", 3)])
def test_a_missing_folder_is_an_error_and_not_created(
    site: SiteFolder, command: str, code: int
) -> None:
    answer = site.kiosk(command)
    assert answer.code == code
    assert f"no state folder {site.state}" in one_line(answer.err)
    assert not site.state.exists()


def test_a_command_names_the_process_that_it_waits_for(site: SiteFolder) -> None:
    with OwnerLock(site.state):
        waiting = site.start("tickets")
        assert waiting.stderr is not None
        said = waiting.stderr.readline().decode()
        assert f"process {os.getpid()}); waiting for it" in said
    _, rest = waiting.communicate(timeout=60)
    assert (waiting.returncode, rest) == (0, b"")


def test_a_second_demo_is_refused(site: SiteFolder, tmp_path: Path) -> None:
    with OwnerLock(site.state):
        answer = site.kiosk("demo", "--offscreen", "--out", str(tmp_path / "pictures"))
    assert answer.code == 1
    said = one_line(answer.err)
    assert f"already running here (process {os.getpid()}): give a second demo another" in said


def test_a_read_only_state_folder_can_be_read(site: SiteFolder, tmp_path: Path) -> None:
    site.state.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(site.state)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("this machine does not let tests mount a disk")
    try:
        assert site.kiosk("issue", "ktp-el").code == 0
        subprocess.run(["mount", "-o", "remount,ro", str(site.state)], check=True)
        assert [t["number"] for t in site.tickets()] == ["DK-001"]
        how = site.kiosk("status", "--json")
        assert (how.code, how.json["state"]) == (3, "out_of_service")
        assert how.json["tickets"] == {"today": 1, "pending": None, "parked": None}
        assert "refuses writing" in how.json["notices"][0]
        shown = site.kiosk("status").out
        assert "tickets   1 today\n" in shown
        assert "printer   not asked, virtual\n" in shown
        answer = site.kiosk("demo", "--offscreen", "--out", str(tmp_path / "pictures"))
        assert answer.code == 1
        assert one_line(answer.err).count(str(site.state)) == 1
    finally:
        subprocess.run(["umount", "-l", str(site.state)], check=True)


def test_outside_the_hours_there_is_no_number(site: SiteFolder) -> None:
    menu = site.config / "agencies.yaml"
    menu.write_text(menu.read_text().replace('mon-sun: "00:00-23:59"', 'mon-sun: "00:00-00:01"'))
    answer = site.kiosk("issue", "ktp-el")
    assert answer.code == 1
    assert "no numbers for ktp-el now" in one_line(answer.err)
    assert site.tickets() == []


def test_print_test_finds_the_level(site: SiteFolder, printer: VirtualPrinterProgram) -> None:
    found = site.kiosk("print-test", "--json")
    assert found.code == 0, found.err
    assert (found.json["outcome"], found.json["level"]) == ("printed", "A")
    able = ("status", "process_id", "clear", "watch")
    assert [found.json["can"][what] for what in able] == [True] * 4
    assert found.json["can"]["memory"] is None, "a key of 0.2"


def test_status_well_and_its_exit_codes(site: SiteFolder, printer: VirtualPrinterProgram) -> None:
    site.state.mkdir()
    stopped = site.kiosk("status", "--json")
    assert (stopped.code, stopped.json["state"]) == (3, "out_of_service"), stopped
    assert stopped.json["running"] is False
    answer = site.kiosk("status", "--json", "--stopped-is-well")
    # A clock that was not confirmed for a day is a fault: tests/e2e/test_clock.py.
    assert (answer.code, answer.json["state"]) == (0, "well"), answer
    assert answer.json["clock"]["believed"] is True
    assert answer.json["settings"]["summary"] == "27 agencies, 80 services"
    printer.close()
    broken = site.kiosk("status", "--json", "--stopped-is-well")
    assert (broken.code, broken.json["printer"]["fault"]) == (1, "unreachable")
    site.machine(printer.connection + ", on_fault: stop")
    assert site.kiosk("status").code == 3
    site.machine("connection: nowhere")
    unable = site.kiosk("status", "--json")
    assert (unable.code, unable.out) == (3, "")
    assert "connection" in one_line(unable.err)


@pytest.mark.parametrize("where", ["refused", "unresolved"])
def test_a_number_is_given_without_a_printer(site: SiteFolder, where: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    host = "127.0.0.1" if where == "refused" else "printer.invalid"
    site.machine(f'connection: "network:{host}:{port}"')
    answer = site.kiosk("issue", "ktp-el", "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["number"], answer.json["printed"]) == ("DK-001", "screen")
    assert answer.json["fault"] == "unreachable"


def test_commands_reach_the_running_app_and_a_second_app_is_refused(
    site: SiteFolder, printer: VirtualPrinterProgram, tmp_path: Path
) -> None:
    app = site.start("run", "--windowed", "--size", "540x960", SDL_VIDEODRIVER="offscreen")
    try:
        until(lambda: (site.state / "control.sock").exists(), "the control socket")
        number = site.kiosk("issue", "ktp-el", "--json")
        assert number.code == 0, number.err
        assert number.json["number"] == "DK-001"
        assert site.kiosk("status", "--json").json["running"] is True
        second = site.kiosk("run", "--windowed")
        assert second.code == 1
        assert "already running" in one_line(second.err)
        assert [t["number"] for t in site.tickets()] == ["DK-001"]
    finally:
        app.send_signal(signal.SIGTERM)
        _, err = app.communicate(timeout=60)
    assert (app.returncode, err) == (0, b"")
    assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-002"


def test_a_missing_display_is_a_one_line_error(site: SiteFolder) -> None:
    app = site.start("run", SDL_VIDEODRIVER="x11", DISPLAY=":999", WAYLAND_DISPLAY="")
    _, err = app.communicate(timeout=60)
    assert app.returncode == 3
    assert "display" in one_line(err.decode())


def test_staff_read_bahasa_indonesia(site: SiteFolder, printer: VirtualPrinterProgram) -> None:
    lang = ("--lang", "id")
    checked = site.check(*lang)
    assert (checked.code, checked.out) == (0, "27 instansi, 80 layanan\n"), checked.err
    assert site.kiosk("issue", "ktp-el", *lang).out == "DK-001  ktp-el  kertas: tercetak\n"
    well = site.kiosk("status", *lang)
    assert (well.code, well.err) == (3, "")
    assert "keadaan      tidak dapat memberi nomor (aplikasi tidak berjalan)\n" in well.out
    assert "nomor        1 hari ini, 0 belum terkirim" in well.out
    printer.close()
    broken = site.kiosk("status", *lang)
    assert "printer tidak tersambung" in broken.out
    assert "tindakan     Periksa kabel, daya, dan alamat printer.\n" in broken.out
    wrong = site.kiosk("issue", "ktp-elx", *lang)
    assert one_line(wrong.err) == (
        "kiosk: tidak ada layanan 'ktp-elx' di menu; maksud Anda 'ktp-el'?"
    )


def test_json_has_the_same_keys_and_codes_in_every_language(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    assert site.kiosk("issue", "ktp-el").code == 0
    printer.close()
    english, indonesian = (
        site.kiosk("status", "--json", "--stopped-is-well", "--lang", language).json
        for language in ("en", "id")
    )
    assert english.keys() == indonesian.keys()
    for said in (english, indonesian):
        assert (said["state"], said["printer"]["fault"]) == ("degraded", "unreachable")
    assert english["printer"]["detail"].endswith("Connection refused")
    assert indonesian["printer"]["detail"].endswith("sambungan ditolak")


def test_the_calendar_says_who_is_open_and_why_a_day_is_closed(site: SiteFolder) -> None:
    menu = site.config / "agencies.yaml"
    text = menu.read_text(encoding="utf-8")
    menu.write_text("holidays: {country: ID}\n" + text, encoding="utf-8")
    days = ("calendar", "--from", "2027-03-09", "--to", "2027-03-10")
    answer = site.stateless(*days)
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "2027-03-09  Tuesday  closed: Eid al-Fitr Joint Holiday (all agencies)",
        "2027-03-10  Wednesday  closed: Eid al-Fitr (estimated) (all agencies)",
    ]
    tuesday, _ = site.stateless(*days, "--json").json["days"]
    assert (tuesday["date"], tuesday["open"], len(tuesday["closed"])) == ("2027-03-09", [], 27)
    assert tuesday["closed"][0] == {"agency": "disdukcapil", "reason": "Eid al-Fitr Joint Holiday"}
    workday = site.stateless(
        "calendar", "--from", "2027-03-17", "--to", "2027-03-17", "--json"
    ).json
    assert [len(day["open"]) for day in workday["days"]] == [27]


@pytest.mark.parametrize(
    "dates",
    [("--from", "soon"), ("--from", "2027-02-30"), ("--from", "2027-03-02", "--to", "2027-03-01")],
)
def test_wrong_dates_are_a_wrong_command_line(site: SiteFolder, dates: tuple[str, ...]) -> None:
    answer = site.stateless("calendar", *dates)
    assert (answer.code, answer.out, len(answer.err.splitlines())) == (2, "", 1)


def test_check_names_each_problem_in_the_form_of_a_workflow(site: SiteFolder) -> None:
    site.config = folder = site.config.rename(site.config.with_name("100%, Balikpapan"))
    text = (folder / "agencies.yaml").read_text("utf-8") + '"99%": 1\n'
    (folder / "agencies.yaml").write_text(text, "utf-8")

    answer = site.check("--lang", "en", "--format", "github")

    assert answer.code == 1
    line = next(li for li in answer.out.splitlines() if li.startswith("::error "))
    command, _, message = line.removeprefix("::").partition("::")
    values = dict(part.split("=") for part in command.removeprefix("error ").split(","))
    assert set(values) == {"file", "line", "col"}
    assert values["file"].endswith("/100%25%2C Balikpapan/agencies.yaml")
    assert int(values["line"]) == len(text.splitlines())
    assert message == "'99%25' is not known"

    closures = "closures:\n  - {date: 2020-05-05, reason: Rapat kerja}\n"
    text = text.replace('"99%": 1\n', "")
    text = re.sub(r"^closures:\n(?:  .*\n)*", closures, text, flags=re.MULTILINE)
    (folder / "agencies.yaml").write_text(text, "utf-8")
    answer = site.check("--lang", "en", "--format", "github")
    said = [li for li in answer.out.splitlines() if "2020-05-05" in li]
    assert (answer.code, [li.startswith("::warning::") for li in said]) == (0, [True])


def test_check_names_the_closed_days_to_come(site: SiteFolder) -> None:
    """On stdout below the summary; a warning that staff should act on is on stderr."""
    menu = site.config / "agencies.yaml"
    text = menu.read_text(encoding="utf-8")
    day = datetime.now(ZoneInfo("Asia/Makassar")).date() + timedelta(days=3)
    closures = f"closures:\n  - {{date: {day}, reason: Rapat kerja}}\n"
    menu.write_text(
        re.sub(r"^closures:\n(?:  .*\n)*", closures, text, flags=re.MULTILINE), encoding="utf-8"
    )
    answer = site.check()
    assert (answer.code, answer.out.splitlines()[1:]) == (0, [f"{day} closed: Rapat kerja"])
    listed = site.check("--format", "json").json["coming"]
    assert {"text": f"{day} closed: Rapat kerja", "warning": False} in listed


def test_check_and_status_name_a_language_that_only_the_server_s_menu_offers(
    site: SiteFolder,
) -> None:
    """Its folder on this machine lacks words that can be used."""
    site.machine("connection: virtual", "server: {url: 'http://127.0.0.1:9'}\n")
    served = site.state / "catalogue"
    served.mkdir(parents=True)
    text = (site.config / "agencies.yaml").read_text(encoding="utf-8")
    offered = text.replace("languages: [id, en]", "languages: [id, en, jv]", 1)
    assert offered != text
    (served / "agencies.yaml").write_text(offered, encoding="utf-8")
    tag = {"url": "http://127.0.0.1:9", "etag": '"jv"'}
    (served / "etag.json").write_text(json.dumps(tag), encoding="utf-8")
    words = site.config / "locale" / "jv" / "words.yaml"
    words.parent.mkdir(parents=True)
    words.write_text('lang.name: "Jawa"\nnav.nowhere: "Bali"\n', encoding="utf-8")
    answer = site.kiosk("check")
    assert (answer.code, "The language jv of the menu is not offered" in answer.err) == (0, True)
    assert "locale/jv/words.yaml:2:1" in answer.err
    notices = site.kiosk("status", "--json").json["notices"]
    assert any("jv" in notice and "words.yaml:2:1" in notice for notice in notices)
    words.write_text('lang.name: "Jawa"\nnav.back: "Bali"\n', encoding="utf-8")
    assert "jv" not in site.kiosk("check").err


def test_a_kiosk_starts_with_a_broken_file_and_takes_up_the_mended_one(site: SiteFolder) -> None:
    """An officer's session: edit, break, power cut, start, mend; with the app that visitors see."""
    menu = site.config / "agencies.yaml"
    good = menu.read_text(encoding="utf-8")

    def settings() -> dict[str, str]:
        answer = site.kiosk("status", "--json")
        assert answer.code in {0, 1}, answer
        return dict(answer.json["settings"])

    def run() -> subprocess.Popen[bytes]:
        (site.state / "control.sock").unlink(missing_ok=True)
        started = site.start("run", "--windowed", "--size", "540x960", SDL_VIDEODRIVER="offscreen")
        until(lambda: (site.state / "control.sock").exists(), "the app")
        return started

    app = run()
    try:
        agency = "  - {code: baru, prefix: ZZ, short: Baru, services: [{code: zz, name: Baru}]}\n"
        menu.write_text(good + agency, encoding="utf-8")
        until(lambda: settings().get("summary") == "28 agencies, 81 services", "the edit")
        menu.write_text(good.replace("floor: 1", "flor: 1", 1), encoding="utf-8")
        until(lambda: settings().get("on_disk") == "broken", "the error")
        app.kill()
        app.communicate()
        app = run()
        assert settings()["on_disk"] == "broken"
        assert settings()["summary"] == "28 agencies, 81 services"
        assert site.kiosk("issue", "zz", "--json").json["number"].startswith("ZZ-")
        told = site.kiosk("status").out
        assert "agencies.yaml" in told
        assert "'flor'" in told
        menu.write_text(good, encoding="utf-8")
        until(lambda: settings().get("on_disk") == "in_use", "the mended file")
        assert settings()["summary"] == "27 agencies, 80 services"
    finally:
        app.kill()
        app.communicate()


def test_a_frozen_app_is_reported_and_gives_no_number_later(site: SiteFolder) -> None:
    """Stopped by SIGSTOP: its socket still accepts connections, in the kernel."""
    app = site.start("run", "--windowed", "--size", "540x960", SDL_VIDEODRIVER="offscreen")
    try:
        until(lambda: (site.state / "control.sock").exists(), "the control socket")
        assert site.kiosk("issue", "ktp-el", "--json").json["number"] == "DK-001"
        app.send_signal(signal.SIGSTOP)
        status = site.kiosk("status")
        assert (status.code, status.out) == (3, "")
        assert "does not answer" in one_line(status.err)
        issue = site.kiosk("issue", "ktp-el")
        assert (issue.code, issue.out) == (1, "")
        assert "was not carried out" in one_line(issue.err)
        app.send_signal(signal.SIGCONT)
        until(lambda: site.kiosk("status").code in {0, 1}, "the app to answer")
        assert [t["number"] for t in site.tickets()] == ["DK-001"]
    finally:
        app.kill()
        app.communicate()
    dead = site.kiosk("status", "--json")
    assert (dead.code, dead.json["running"]) == (3, False)


def test_settings_that_were_in_use_can_be_put_back(site: SiteFolder) -> None:
    menu = site.config / "agencies.yaml"
    good, broken = menu.read_text(encoding="utf-8"), "version: 1\nsite: [\n"
    history = SettingsHistory(site.state)
    for text in (good, good + "# kedua\n"):
        menu.write_text(text, encoding="utf-8")
        snapshot = Snapshot.take(site.config)
        assert snapshot is not None
        history.keep(snapshot, datetime(2026, 11, 27, 14, tzinfo=ZoneInfo("Asia/Makassar")))
    menu.write_text(broken, encoding="utf-8")
    listed = site.kiosk("history", "--json").json["settings"]
    assert [(s["number"], s["on_disk"]) for s in listed] == [(1, False), (2, False)]
    assert listed[0]["summary"] == "27 agencies, 80 services"
    assert site.kiosk("history").out.count("27 agencies, 80 services") == 2
    back = site.kiosk("rollback")
    assert (back.code, menu.read_text(encoding="utf-8")) == (0, good + "# kedua\n"), back.err
    assert [s["on_disk"] for s in site.kiosk("history", "--json").json["settings"]] == [False, True]
    assert site.kiosk("rollback", "1").code == 0
    assert menu.read_text(encoding="utf-8") == good
    saved = {p.read_text("utf-8") for p in site.state.glob("settings/replaced-*/agencies.yaml")}
    assert broken in saved
    unknown = site.kiosk("rollback", "9")
    assert (unknown.code, "no settings 9" in one_line(unknown.err)) == (1, True)
    assert not list(site.config.glob(".*"))


def test_a_menu_that_lost_services_is_accepted_for_a_kiosk_that_has_run(site: SiteFolder) -> None:
    menu = site.config / "agencies.yaml"
    good = menu.read_text(encoding="utf-8")
    where = ("--state", str(site.state))
    nowhere = site.check("--confirm", *where)
    assert (nowhere.code, "no state folder" in nowhere.err) == (1, True)
    site.state.mkdir()
    nobody = site.check("--confirm", *where)
    assert (nobody.code, "not accepted" in nobody.err) == (1, True)
    whole = Snapshot.take(site.config)
    assert whole is not None
    SettingsHistory(site.state).keep(whole, datetime.now(UTC))
    short = re.sub(r"^search:\n(?:  .*\n|\n)*", "", good, flags=re.MULTILINE)
    menu.write_text(short[: short.index("\n  - code: ", len(short) // 2)] + "\n", encoding="utf-8")
    assert open_settings(site.config, site.state, "en").status.state is OnDisk.WAITING
    accepted = site.check("--confirm", *where)
    assert (accepted.code, str(site.state) in accepted.out) == (0, True), accepted.err
    assert open_settings(site.config, site.state, "en").status.state is OnDisk.IN_USE
