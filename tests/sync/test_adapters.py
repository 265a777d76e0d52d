"""Every kind of queue server: its adapter, its column of docs/adapters.md, and what staff read."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.background.queue_manager import QueueManager
from kiosk.bootstrap import Options, build_kiosk
from kiosk.clock import SiteClock
from kiosk.commands.handlers import handlers
from kiosk.commands.status import _lines
from kiosk.domain.config import SERVER_KINDS, ServerSettings, coordinates, server_id
from kiosk.errors import NotReserving, SyncError
from kiosk.messages import speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.sync.port import Promise, QueueServer
from tests.desk.rig import MENU, settings
from tests.e2e.site import SiteFolder
from tests.store.making import at
from tests.sync.test_client import REQUEST
from tests.sync.test_fqm import asking

ROOT = Path(__file__).resolve().parents[2]
CLOSED = "http://127.0.0.1:9"
each_kind = pytest.mark.parametrize("kind", SERVER_KINDS)


def link(folder: Path, kind: str) -> QueueManager:
    """The link of a kiosk to a server of that kind that nothing serves."""
    (folder / "token").write_text("secret-token-0123456789")
    base = settings(catalogue=MENU)
    machine = replace(base.kiosk, server=ServerSettings(CLOSED + "/", "token", kind=kind))
    return QueueManager(
        replace(base, kiosk=machine, config_dir=str(folder)),
        folder,
        SiteClock("Asia/Makassar", at()),
        journal=lambda: None,
        health=dict,
        load=lambda _: base,
        apply=lambda _: None,
    )


def columns() -> dict[str, dict[str, str]]:
    """The table of promises: kind -> key -> what the page says."""
    page = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
    part = page.partition("## Promises by server")[2].partition("\n## ")[0]
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in part.splitlines() if "|" in line]
    kinds = [cell.strip("`") for cell in rows[0][2:]]
    return {
        kind: {row[1].strip("`"): row[2 + n] for row in rows[2:]} for n, kind in enumerate(kinds)
    }


@each_kind
def test_the_page_says_what_each_server_lacks(tmp_path: Path, kind: str) -> None:
    said, server = columns()[kind], link(tmp_path, kind)
    assert list(said) == [promise.value for promise in Promise]
    lacks = {promise.value for promise in server.lacks}
    assert lacks == {key for key, text in said.items() if text.startswith("no")}
    assert all(text.startswith(("yes", "no")) for text in said.values())
    assert (Promise.LETTERS in server.lacks) is not coordinates(server.url)
    server.close()


@each_kind
def test_without_an_answer_each_adapter_raises_an_error_of_the_port(
    tmp_path: Path, kind: str
) -> None:
    manager = link(tmp_path, kind)
    server: QueueServer = manager._client
    with pytest.raises(SyncError):
        server.sync(asking())
    with pytest.raises(SyncError) as caught:
        server.reserve(REQUEST, 5.0)
    assert isinstance(caught.value, NotReserving) is (Promise.NUMBERS in server.lacks)
    assert (manager.address, manager.kind) == (CLOSED, kind)
    manager.close()


def test_another_kind_or_address_is_another_server() -> None:
    assert server_id("mpp", "http://a/") == "http://a", "as journals of earlier versions have it"
    assert server_id("fqm", "https://a") == "fqm+https://a"
    assert server_id("fqm", "") == server_id("mpp", "") == ""
    assert [coordinates(one) for one in ("http://a", "https://a", "fqm+http://a", "")] == [
        *(True, True, False, False)
    ]


def test_no_number_counts_as_offline_beside_a_server_that_gives_none(tmp_path: Path) -> None:
    """In the monthly report: every number has the kiosk's letter there."""
    site = SiteFolder(tmp_path)
    (site.config / "token").write_text("secret-token-0123456789")
    link = f"server: {{url: '{CLOSED}', kind: fqm, token_file: token}}\nletter: B\n"
    site.machine("connection: virtual", link)
    with build_kiosk(
        load_settings(site.config, ASSETS), site.state, Options(printer=False)
    ) as kiosk:
        request = kiosk.new_request("ktp-el")
        ticket = kiosk.ready_journal().issue(
            request,
            prefix="DK",
            letter="B",
            business_date=kiosk.now().date(),
            now=kiosk.now(),
            date_confirmed=True,
            server=f"fqm+{CLOSED}",
            own_letter=True,
        )
        assert ticket.number == "DK-B001"
        asked = {"dates": [ticket.business_date.isoformat()]}
        (day,) = handlers(kiosk)["report"](asked)["days"]
        assert day["services"] == {"ktp-el": [1, 0, 0, 0, 0]}


@pytest.mark.parametrize(
    ("lang", "limits", "letter"),
    [
        ("en", "this server does not: give the numbers, give letters,", "without a letter"),
        ("id", "server ini tidak: memberi nomor, memberi huruf,", "tanpa huruf"),
    ],
)
def test_the_status_says_what_the_server_does_not_do(
    tmp_path: Path, lang: str, limits: str, letter: str
) -> None:
    site = SiteFolder(tmp_path)
    (site.config / "token").write_text("secret-token-0123456789")
    site.machine(
        "connection: virtual", f"server: {{url: '{CLOSED}', kind: fqm, token_file: token}}\n"
    )
    read = load_settings(site.config, ASSETS)
    with build_kiosk(read, site.state, Options(printer=False)) as kiosk:
        said = handlers(kiosk)["status"]({})
        server = said["server"]
        assert (server["url"], server["kind"]) == (CLOSED, "fqm")
        assert server["lacks"] == [promise.value for promise in Promise]
        agencies = len(read.catalogue.agencies)
        assert bool(server["remarks"]) is (agencies > 26)
        server["remarks"] = [one.in_(lang) for one in server["remarks"]]
        said["notices"] = []
        text = _lines(said, speaker(lang))
    assert limits in text
    assert letter in text
    server_of_before = {k: v for k, v in server.items() if k not in ("kind", "lacks", "remarks")}
    older = _lines(said | {"server": server_of_before}, speaker(lang))
    assert limits not in older, "the last status of an earlier version"
