"""``kiosk check-server`` against ``queue_server/``: every case passes, no valid ticket is left."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kiosk import cli
from kiosk.conformance import play as playing
from kiosk.conformance.case import Need
from kiosk.conformance.play import CASES, MOST_SILENT
from kiosk.conformance.probe import Probe
from queue_server.journals import MAX_NEW_A_DAY
from queue_server.schema import tickets
from tests.contract import protocol_page as page
from tests.queue_server.servers import ROOT, KioskClient, ServerProcess, transaction
from tests.settings.folder import KIOSK, TICKET
from tests.sync.scripted import ScriptedServer, http

TOKEN = "a-token-of-the-check-0123456789"


class Terminal(io.StringIO):
    """A standard input that is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN)
    return path


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs ``kiosk check-server`` in this process."""

    def run(*args: object) -> Said:
        code = cli.main(["check-server", *map(str, args)])
        out = capsys.readouterr()
        return Said(code, out.out, out.err)

    return run


def ends(said: Said) -> dict[str, tuple[str, str]]:
    return {case["name"]: (case["result"], case["text"]) for case in said.json["cases"]}


def test_there_are_cases_enough_and_each_rule_is_on_the_page() -> None:
    needs = [case.need for case in CASES]
    assert len(CASES) >= 40
    assert needs.count(Need.MANDATORY) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
    rules = {row["NAME"].strip("`¹") for row in page.rules()}
    assert {case.rule for case in CASES if case.rule} <= rules


def test_our_server_passes_every_case_and_keeps_no_valid_ticket(
    queue_server: ServerProcess, tmp_path: Path, check: Any
) -> None:
    for name in ("check", "other", "revoked"):
        (tmp_path / name).write_text(queue_server.token("kiosk", name))
    revoke = ["revoke", "--database", queue_server.database, "revoked"]
    subprocess.run([sys.executable, "-m", "queue_server", *revoke], cwd=ROOT, check=True)

    said = check(
        *(queue_server.url, "--yes", "--json", "--token-file", tmp_path / "check"),
        *("--other-token-file", tmp_path / "other", "--revoked-token-file", tmp_path / "revoked"),
    )

    assert {n: e for n, e in ends(said).items() if e != ("passed", "")} == {}
    assert len(ends(said)) == len(CASES)
    assert (said.code, said.json["state"], said.json["counts"]["passed"]) == (0, "good", len(CASES))
    with transaction(queue_server.database) as connection:
        found = connection.execute(select(tickets.c.rev, tickets.c.state)).all()
    assert len(found) == said.json["tickets"] > 40
    assert {(row.rev > 0, row.state) for row in found} == {(True, "void")}


def test_the_report_says_in_words_what_was_played(
    queue_server: ServerProcess, tmp_path: Path, check: Any
) -> None:
    """The settings' token is used, as by ``kiosk enroll``; a shut service is wanted."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "agencies.yaml").write_bytes((ROOT / "config" / "agencies.yaml").read_bytes())
    (config / "ticket.yaml").write_text(TICKET)
    link = f"server: {{url: '{queue_server.url}', token_file: token}}\n"
    (config / "kiosk.yaml").write_text(KIOSK + link)
    (config / "token").write_text(queue_server.token("kiosk", "words"))

    said = check(queue_server.url, "--yes", "--config", config, "--service", "sore")

    assert said.code == 1
    lines = said.out.splitlines()
    assert "  wajib           Jurnal baru mendapat huruf" in lines
    assert "! wajib bila ada  Nomor dipesankan untuk id tiket" in lines
    assert any("periksa pada jam buka" in line and "409 closed" in line for line in lines)
    assert "- wajib bila ada  Token yang dicabut dijawab revoked" in lines
    assert lines[-1] == "Kiosk dapat disambungkan; lihat baris bertanda !."


def test_a_server_that_gives_no_letter_now_is_no_good_report(
    queue_server: ServerProcess, token_file: Path, check: Any
) -> None:
    token_file.write_text(queue_server.token("kiosk", "often"))
    for _ in range(MAX_NEW_A_DAY):
        KioskClient(queue_server.url, token_file.read_text()).sync()

    said = check(queue_server.url, "--yes", "--json", "--token-file", token_file)

    assert (said.code, said.json["state"]) == (1, "warning")
    end, text = ends(said)["letter_given"]
    assert end == "not_run"
    assert "too_many_journals" in text
    assert ends(said)["row_stored"][0] == "not_run"
    assert ends(said)["reserved"] == ends(said)["given_back"] == ("passed", "")


@pytest.mark.parametrize(
    ("stdin", "why"),
    [
        (io.StringIO("ya\n"), "tanpa --yes pemeriksaan tidak dimulai"),
        (Terminal("\n"), "tidak ada yang dikirim"),
        (Terminal("tidak\n"), "tidak ada yang dikirim"),
    ],
)
def test_nothing_is_sent_without_consent(
    monkeypatch: pytest.MonkeyPatch, check: Any, token_file: Path, stdin: io.StringIO, why: str
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    with ScriptedServer() as server:
        said = check(server.url, "--token-file", token_file)
        assert server.connections == 0
    assert said.code == 1
    assert "dikembalikan (void)" in said.err
    assert "2 huruf terpakai. " in said.err
    assert why in said.err
    assert said.out == ""


def test_it_begins_after_consent(
    monkeypatch: pytest.MonkeyPatch, check: Any, token_file: Path
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("ya\n"))
    with ScriptedServer(default=http(b"<html>", "403 Forbidden", "text/html")) as server:
        said = check(server.url, "--token-file", token_file)
        asked = [(one.method, one.path) for one in server.asked]
    assert asked == [("GET", "/api/v1/catalogue"), ("POST", "/api/v1/sync")]
    assert said.code == 1
    assert "tidak menerima token" in said.err


def test_no_server_is_one_line(check: Any, token_file: Path) -> None:
    with ScriptedServer() as server:
        url = server.url
    said = check(url, "--yes", "--token-file", token_file, "--lang", "en")
    assert (said.code, said.out) == (1, "")
    assert said.err == "kiosk: the queue server cannot be reached: Connection refused\n"


def test_something_else_than_a_queue_server_differs_in_every_mandatory_case(
    check: Any, token_file: Path
) -> None:
    page_of_a_proxy = http(b"<html>Welcome</html>", "200 OK", "text/html")
    with ScriptedServer(default=page_of_a_proxy) as server:
        said = check(server.url, "--yes", "--json", "--token-file", token_file, "--lang", "en")
    assert said.code == 3
    assert said.json["state"] == "bad"
    end, text = ends(said)["first_exchange"]
    assert (end, text) == ("differs", "the content type is text/html, not application/json")
    passed = [c["name"] for c in said.json["cases"] if c["result"] == "passed"]
    assert passed == ["given_back"]


def test_a_server_that_falls_silent_is_not_waited_for_in_each_case(
    check: Any, token_file: Path
) -> None:
    with ScriptedServer(http(b"", "404 Not Found", "text/html")) as server:
        said = check(server.url, "--yes", "--json", "--token-file", token_file, "--lang", "en")
        connections = server.connections
    texts = [text for _, text in ends(said).values()]
    assert said.code == 3
    assert texts.count("the server no longer answers") == len(CASES) - MOST_SILENT - 1
    assert connections < 10


def test_tickets_are_given_back_when_the_check_is_interrupted(
    queue_server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    at = next(n for n, case in enumerate(CASES) if case.name == "void_stored")
    stop = replace(CASES[at], play=interrupted)
    monkeypatch.setattr(playing, "CASES", (*CASES[:at], stop))
    queue_server.empty()
    probe = Probe(queue_server.url, queue_server.token("kiosk", "interrupted"))
    with pytest.raises(KeyboardInterrupt):
        playing.play(probe)
    probe.close()
    with transaction(queue_server.database) as connection:
        states = connection.execute(select(tickets.c.state)).scalars().all()
    assert len(states) > 15
    assert set(states) == {"void"}


@pytest.mark.parametrize("url", ["antrean", "ftp://a", "http://a/api", "http://u:p@a", "http://"])
def test_an_address_with_a_path_is_refused(capsys: pytest.CaptureFixture[str], url: str) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["check-server", url])
    assert end.value.code == 2
    assert "bukan alamat server" in capsys.readouterr().err
