"""`kiosk enroll`, `issue` and `status` beside a real server, as staff type them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.site import PATIENCE_S, ROOT, Answer, SiteFolder, VirtualPrinterProgram, one_line
from tests.sync.real import QueueServer, running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[QueueServer]:
    with running(tmp_path / "server") as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, server: QueueServer) -> Iterator[SiteFolder]:
    """A kiosk whose menu and server are those of ``server``, with a printer."""
    site = SiteFolder(tmp_path)
    (site.config / "agencies.yaml").write_text(server.menu.read_text())
    printer = VirtualPrinterProgram(tmp_path / "slips")
    site.machine(printer.connection, server.link)
    yield site
    printer.close()


def enroll(site: SiteFolder, token: str) -> Answer:
    done = subprocess.run(
        site.argv("enroll", "--token", "--json"), cwd=ROOT, input=token + "\n",
        capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


def test_enroll_keeps_the_token_and_gets_a_letter(site: SiteFolder, server: QueueServer) -> None:
    token = server.command("add-kiosk", "lobi-1")
    answer = enroll(site, token)
    assert answer.code == 0, answer.err
    assert (answer.json["letter"], answer.json["in_touch"]) == ("A", True)
    kept = site.config / "token"
    assert kept.read_text().strip() == token
    assert kept.stat().st_mode & 0o777 == 0o600
    assert token not in answer.out + answer.err
    assert token not in "".join(p.read_text() for p in site.state.glob("*.log"))
    again = site.kiosk("enroll")
    assert again.out == f"enrolled with {server.url}, letter A\n"


def test_numbers_and_status_with_a_server(site: SiteFolder, server: QueueServer) -> None:
    assert enroll(site, server.command("add-kiosk", "lobi-1")).code == 0
    first = site.kiosk("issue", "ktp", "--json").json
    assert first["number"] == "DK-001"
    assert server.tickets[first["id"]].printed == "confirmed", "settled before the command ends"
    server.stop()
    second = site.kiosk("issue", "ktp", "--json").json
    assert second["number"] == "DK-A001"
    out = site.kiosk("status", "--json", "--stopped-is-well")
    assert out.code == 1
    assert out.json["state"] == "degraded"
    assert out.json["tickets"] | {"today": 0} == {"today": 0, "pending": 1, "parked": 0}
    assert out.json["server"]["in_touch"] is False
    assert "out of touch, letter A: " in site.kiosk("status").out
    server.start(datetime.now(UTC))
    well = site.kiosk("status", "--json", "--stopped-is-well").json
    assert well["server"] | {"epoch": ""} == {
        "url": server.url, "in_touch": True, "problem": "", "letter": "A", "epoch": "",
        "revoked": False, "kind": "mpp", "lacks": [], "remarks": [],
    }  # fmt: skip
    assert well["tickets"]["pending"] == 0
    assert {held.number for held in server.tickets.values()} == {"DK-001", "DK-A001"}


@pytest.mark.parametrize(
    ("token", "says"),
    [("wrong-token-0123456789", "tidak menerima"), ("short", "bukan token")],
)
def test_a_refused_token_is_reported(site: SiteFolder, token: str, says: str) -> None:
    answer = enroll(site, token)
    assert answer.code == 1
    assert says in one_line(answer.err)
    assert token not in answer.err


def test_without_a_letter_no_number_is_given(site: SiteFolder, server: QueueServer) -> None:
    server.stop()
    (site.config / "token").write_text("some-token-0123456789")
    answer = site.kiosk("issue", "ktp")
    assert answer.code == 1
    assert "letter" in one_line(answer.err)
    assert site.kiosk("status").code == 3


def test_enrolling_without_a_server_explains_the_setting(tmp_path: Path) -> None:
    site = SiteFolder(tmp_path)
    answer = site.kiosk("enroll")
    assert answer.code == 1
    assert "kiosk.yaml" in one_line(answer.err)
