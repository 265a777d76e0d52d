"""``kiosk doctor`` on a real kiosk: faults are named with what to do; nothing secret leaves."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kiosk.commands.doctor import TRIED
from kiosk.commands.findings import (
    State,
    of_programs,
    of_service,
    of_settings,
    of_status,
    of_update,
    of_year,
    worst,
)
from kiosk.domain.delivery import Fault
from kiosk.messages import TEXTS, speaker
from kiosk.staff.stops import Stops
from tests.e2e.site import ROOT, Answer, SiteFolder, VirtualPrinterProgram, until
from tests.e2e.test_service import start


def states(answer: Answer) -> dict[str, str]:
    """Each part's state."""
    return {finding["part"]: finding["state"] for finding in answer.json["findings"]}


def test_a_kiosk_that_runs_is_well_or_says_why(
    site: SiteFolder, printer: VirtualPrinterProgram
) -> None:
    site.machine(printer.connection)
    app = start(site)
    assert site.kiosk("issue", "ktp-el").code == 0
    answer = site.kiosk("doctor", "--json")
    found = states(answer)
    assert {found[part] for part in ("app", "printer", "server", "numbers", "disk")} == {"good"}
    assert answer.code == {"good": 0, "warning": 1}[answer.json["state"]]
    menu = site.config / "agencies.yaml"
    menu.write_text(menu.read_text().replace("floor: 1", "flor: 1", 1))
    answer = site.kiosk("doctor", "--json")
    assert (answer.code, states(answer)["settings"]) == (1, "warning"), "the app goes on without it"
    printer.close()
    until(lambda: states(site.kiosk("doctor", "--json"))["printer"] == "bad", "the lost printer")
    printed = site.kiosk("doctor", "--lang", "id")
    assert printed.code == 3
    assert "Periksa kabel, daya, dan alamat printer" in printed.out
    app.terminate()
    app.communicate(timeout=60)


def test_without_an_app_no_visitor_gets_a_number(site: SiteFolder) -> None:
    nothing = site.kiosk("doctor", "--json")
    assert (nothing.code, states(nothing)["app"]) == (3, "bad")
    assert not site.state.exists(), "a look changes nothing"
    site.state.mkdir()
    alone = site.kiosk("doctor", "--json")
    assert (alone.code, states(alone)["app"], states(alone)["numbers"]) == (3, "bad", "good")


def test_broken_settings_hide_no_other_part(site: SiteFolder) -> None:
    site.state.mkdir()
    (site.config / "agencies.yaml").write_text("version: 1\nsite: [\n")
    answer = site.kiosk("doctor", "--json")
    found = states(answer)
    assert (answer.code, found["settings"], found["app"]) == (3, "bad", "bad")
    assert "windows" in found
    (finding,) = [f for f in answer.json["findings"] if f["part"] == "settings"]
    assert "agencies.yaml:" in finding["text"]
    assert "kiosk check" in finding["action"]


def test_the_bundle_has_neither_secrets_nor_tickets(site: SiteFolder, tmp_path: Path) -> None:
    secret = "tok-Zx81-secret"
    (site.config / "token").write_text(secret)
    issued = site.kiosk("issue", "ktp-el", "--json")
    assert issued.code == 0, issued.err
    number = issued.json
    site.machine(
        "connection: virtual",
        'server: {url: "http://127.0.0.1:9", token_file: token}\n',
    )
    (site.state / "staff-pin").write_text(secret)
    file = tmp_path / "bundle.zip"
    assert "bundle.zip" in site.kiosk("doctor", "--bundle", str(file)).out
    with zipfile.ZipFile(file) as bundle:
        whole = b"\n".join(bundle.read(name) for name in bundle.namelist())
        names = set(bundle.namelist())
        said: dict[str, Any] = json.loads(bundle.read("doctor.json"))
    assert {"doctor.json", "status.json", "settings/agencies.yaml", "state/kiosk.log"} <= names
    assert not any("journal" in name or "pin" in name or "token" in name for name in names)
    assert secret.encode() not in whole
    assert number["id"].encode() not in whole
    assert said["versions"]["kiosk"]
    refused = site.kiosk("doctor", "--bundle", str(tmp_path / "no" / "such.zip"))
    assert (refused.code, "Traceback" in refused.err) == (1, False)


GOOD: dict[str, Any] = {
    "running": True,
    "printer": {
        "connection": "virtual",
        "level": "A",
        "fault": None,
        "near_end": False,
        "slips_left": None,
        "not_taken": None,
        "detail": "",
        "at": "2026-11-27T09:00",
    },
    "server": {"url": "http://s", "in_touch": True, "problem": "", "revoked": False},
    "staff_call": None,
    "tickets": {"today": 3, "pending": 0, "parked": 0},
    "clock": {"now": "2026-11-27T09:00", "confirmed": True, "believed": True, "unconfirmed_s": 0.0},
    "disk": {"free_mb": 50_000},
    "screen": {
        "last_frame_s": 2.0,
        "frames_failed": 0,
        "last_touch_s": None,
        "touches_dropped": 0,
        "touch_trouble": None,
    },
    "notices": [],
    "state": "well",
}
BROKEN: list[tuple[str, dict[str, Any], State]] = [
    ("app", {"running": False}, State.BAD),
    *(("printer", {"printer": {"fault": fault.value}}, State.BAD) for fault in Fault),
    ("printer", {"printer": {"at": None}}, State.WARNING),
    ("paper", {"printer": {"near_end": True}}, State.WARNING),
    ("paper", {"printer": {"near_end": True, "slips_left": 1}}, State.WARNING),
    ("mouth", {"printer": {"not_taken": 2}}, State.WARNING),
    ("server", {"server": {"in_touch": False, "problem": "refused"}}, State.WARNING),
    ("server", {"server": {"revoked": True}}, State.BAD),
    ("numbers", {"tickets": {"today": None}}, State.BAD),
    ("parked", {"tickets": {"parked": 2}}, State.WARNING),
    ("clock", {"clock": {"believed": False}}, State.BAD),
    ("clock", {"clock": {"confirmed": False, "unconfirmed_s": 90_000.0}}, State.WARNING),
    ("disk", {"disk": {"free_mb": 500}}, State.WARNING),
    ("disk", {"disk": {"free_mb": 50}}, State.BAD),
    ("screen", {"screen": {"last_frame_s": 31.0}}, State.BAD),
    ("screen", {"screen": {"last_frame_s": None}}, State.BAD),
    ("screen", {"screen": {"frames_failed": 1}}, State.WARNING),
    ("touch", {"screen": {"touch_trouble": "ghost", "touches_dropped": 900}}, State.WARNING),
    ("touch", {"screen": {"touch_trouble": "none_today"}}, State.WARNING),
    ("notice", {"notices": ["the journal is old"]}, State.WARNING),
    ("call", {"staff_call": {"since": "2026-11-27T09:00", "state": "called"}}, State.WARNING),
]


def changed(change: dict[str, Any]) -> dict[str, Any]:
    """``GOOD`` with parts of its parts changed."""
    return GOOD | {
        part: GOOD[part] | said if isinstance(said, dict) and GOOD[part] else said
        for part, said in change.items()
    }


@pytest.mark.parametrize("language", TEXTS.languages)
@pytest.mark.parametrize(("part", "change", "state"), BROKEN)
def test_each_fault_is_named_with_what_to_do(
    part: str, change: dict[str, Any], state: State, language: str
) -> None:
    say = speaker(language)
    found = {finding.part: finding for finding in of_status(changed(change), say)}
    assert found[part].state is state
    unknown = part == "printer" and state is State.WARNING
    assert found[part].action or unknown
    for finding in found.values():
        assert finding.state is State.GOOD or finding.part == part
        assert "doctor." not in finding.text + finding.action, "a text is missing"
        assert say(f"doctor.part.{finding.part}") != f"doctor.part.{finding.part}"


def test_a_kiosk_without_a_fault_is_good() -> None:
    say = speaker("en")
    assert worst(list(of_status(GOOD, say))) is State.GOOD
    assert worst(list(of_status(GOOD | {"server": None, "screen": None}, say))) is State.GOOD
    fresh = changed({"clock": {"confirmed": False, "unconfirmed_s": 60.0}})
    assert worst(list(of_status(fresh, say))) is State.GOOD
    assert worst([]) is State.GOOD


def test_a_machine_that_gives_no_numbers_is_never_good() -> None:
    say = speaker("en")
    barred = GOOD | {"state": "out_of_service"}
    findings = list(of_status(barred, say))
    assert worst(findings) is State.GOOD
    assert worst([*findings, *of_service(barred, findings, say)]) is State.BAD
    assert of_service(GOOD, findings, say) == []


def test_a_machine_that_staff_have_closed(site: SiteFolder) -> None:
    site.state.mkdir()
    Stops(site.state).close_machine()
    answer = site.kiosk("doctor", "--json")
    texts = [finding["text"] for finding in answer.json["findings"] if finding["state"] != "good"]
    assert answer.code == 3
    assert any("Staff have closed this machine" in text for text in texts), texts


def test_a_file_that_cannot_be_read_is_missing_from_the_bundle(
    site: SiteFolder, tmp_path: Path
) -> None:
    (site.state / "kiosk.log").mkdir(parents=True)
    file = tmp_path / "bundle.zip"
    site.kiosk("doctor", "--bundle", str(file))
    with zipfile.ZipFile(file) as bundle:
        said = json.loads(bundle.read("doctor.json"))
        assert "status.json" in bundle.namelist()
    assert "state/kiosk.log" in said["unread"]


def test_settings_calendar_and_programs() -> None:
    say = speaker("en")
    assert worst(list(of_settings([], [], "27 agencies", True, say))) is State.GOOD
    assert worst(list(of_settings([], ["w"], "27 agencies", True, say))) is State.WARNING
    assert worst(list(of_settings(["e"], [], "", True, say))) is State.WARNING
    assert worst(list(of_settings(["e"], [], "", False, say))) is State.BAD
    assert of_year([], 4, say).state is State.GOOD
    assert "25 December" in of_year(["25 December"], 4, say).text
    assert of_programs(["cage", "Xwayland", "python3"], say).state is State.GOOD
    windows = of_programs(["openbox", "gnome-shell"], say)
    assert (windows.state, "gnome-shell, openbox" in windows.text) == (State.WARNING, True)


def test_a_release_that_did_not_work_at_night_is_named() -> None:
    say = speaker("en")
    assert of_update("", say) == []
    (found,) = of_update("2.0 1f3a\n", say)
    assert (found.state, found.text.startswith("release 2.0 did")) == (State.WARNING, True)
    assert "journalctl -u mpp-kiosk-night" in found.action
    # What libexec/update writes, where the doctor looks.
    script = (ROOT / "deploy/libexec/update").read_text(encoding="utf-8")
    assert f"PREFIX=${{MPP_ROOT:-{TRIED.parent}}}" in script
    assert f'write_down {TRIED.name} "$(mark' in script
