"""The public page of a number."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.queue_server.servers import OPENING, ServerProcess, get, row, serving, until


def page(server: ServerProcess, track: str) -> tuple[int, str]:
    """Status and text of a page."""
    response = get(f"{server.url}/t/{track}")
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response.headers["X-Robots-Tag"]
    return response.status_code, response.text


def test_a_number_from_waiting_to_done(pg_server: ServerProcess) -> None:
    kiosk, staff = pg_server.kiosk(), pg_server.staff()
    ahead, mine = kiosk.settled("pbb"), kiosk.settled("pbb")

    status, waiting = page(pg_server, mine["track"])
    assert status == 200
    for text in ("PJ-002", "Orang di depan Anda", "People ahead of you", "<dd>1</dd>", "30"):
        assert text in waiting
    assert "PBB &amp; BPHTB" in waiting, "texts of the menu are escaped"

    staff.call("30", ticket=mine["id"])
    assert "dipanggil" in page(pg_server, mine["track"])[1]
    assert "PJ-002" in page(pg_server, ahead["track"])[1], "now serving"
    staff.finish("30", mine["id"])
    assert "Terima kasih" in page(pg_server, mine["track"])[1]
    kiosk.sync(ahead | {"rev": 2, "state": "void"})
    assert "tidak berlaku" in page(pg_server, ahead["track"])[1]


def test_the_tracking_page_reveals_no_ids_kiosks_or_tokens(pg_server: ServerProcess) -> None:
    kiosk = pg_server.kiosk("lobby-kiosk")
    mine = kiosk.settled()

    text = page(pg_server, mine["track"])[1]

    for secret in (mine["id"], kiosk.token, kiosk.journal, "lobby-kiosk", mine["track"]):
        assert secret not in text


@pytest.mark.parametrize("track", ["5e" * 16, "x", "%00", "%3Cscript%3E", "DK-001"])
def test_an_unknown_track(pg_server: ServerProcess, track: str) -> None:
    pg_server.kiosk().settled()

    status, text = page(pg_server, track)

    assert status == 404
    assert "DK-001" not in text
    assert "script" not in text


def test_a_track_that_another_ticket_has_does_not_take_over_its_page(server: ServerProcess) -> None:
    kiosk, other = server.kiosk(), server.kiosk()
    letter, others = kiosk.sync()["letter"], other.sync()["letter"]
    reserved = kiosk.settled()
    offline = row(f"DK-{letter}001")
    kiosk.sync(offline)

    for n, mine in enumerate((reserved, offline), 1):
        early = (OPENING - timedelta(minutes=30)).isoformat()
        other.sync(row(f"DK-{others}00{n}", track=mine["track"], issued_at=early))
        other.reserve(track=mine["track"])
        kiosk.sync(mine | {"rev": 2, "printed": "sent"})
        assert mine["number"] in page(server, mine["track"])[1]


def test_pages_of_one_number_are_limited(server_file: Path) -> None:
    """A phone that hammers its page; the others, and kiosks, go on."""
    with serving(str(server_file)) as server:
        kiosk = server.kiosk()
        mine, other = kiosk.settled(), kiosk.settled()

        def limited() -> str | None:
            status, text = page(server, mine["track"])
            return text if status == 429 else None

        assert page(server, mine["track"])[0] == 200
        text = until(limited, "the page is limited")
        assert 'http-equiv="refresh"' in text, "it loads again by itself"
        assert "Terlalu banyak permintaan" in text
        assert page(server, other["track"])[0] == 200
