"""The catalogue: watched, checked, the last good one kept, the newest edit for every process."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from queue_server.errors import CatalogueError
from queue_server.served_menu import read_menu
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import MENU, ROOT, Kiosk, serving, until

TEXT = MENU.read_text()


def changed(old: str, new: str) -> bytes:
    """The menu with one thing changed."""
    assert old in TEXT
    return TEXT.replace(old, new).encode()


def replace(file: Path, body: bytes) -> None:
    """Writes a file as an editor does: aside, then in its place."""
    aside = file.with_suffix(".new")
    aside.write_bytes(body)
    aside.replace(file)


def etag(body: bytes) -> str:
    """The strong ETag of some bytes."""
    return f'"{hashlib.sha256(body).hexdigest()}"'


def test_bytes_etag_and_not_modified(tmp_path: Path) -> None:
    with serving(str(tmp_path / "q.sqlite3")) as server:
        kiosk = server.kiosk()
        full = kiosk.ask("GET", "/catalogue")
        same = kiosk.ask("GET", "/catalogue", headers={"If-None-Match": full.headers["ETag"]})
        other = kiosk.ask("GET", "/catalogue", headers={"If-None-Match": '"x"'})

        assert full.content == MENU.read_bytes()
        assert full.headers["ETag"] == etag(full.content) == kiosk.sync()["catalogue"]
        assert (same.status_code, same.content, other.status_code) == (304, b"", 200)


def test_an_edit_goes_live_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "agencies.yaml"
    replace(file, TEXT.encode())
    database = str(tmp_path / "q.sqlite3")
    with serving(database, file) as server:
        kiosk = server.kiosk("k")
        assert kiosk.put(service="baru").json()["code"] == "unknown_service"

        edited = changed("code: pbb,", "code: baru,")
        replace(file, edited)
        until(lambda: kiosk.sync()["catalogue"] == etag(edited), "the edit is live")
        assert kiosk.put(service="baru").status_code == 200

        replace(file, b"version: 1\nagencies: {")
        until(lambda: "catalogue not taken" in server.logged(), "the fault is said")
        assert kiosk.sync()["catalogue"] == etag(edited)
        file.unlink()
        until(lambda: "No such file" in server.logged(), "the lack is said")
        assert kiosk.put(service="baru").status_code == 200

    replace(file, b"broken: [")
    with serving(database, file) as server:
        kiosk = server.kiosk("k")
        assert kiosk.sync()["catalogue"] == etag(edited), "kept over a restart"
        assert kiosk.ask("GET", "/catalogue").content == edited


def test_one_edit_reaches_every_process_and_an_old_file_undoes_nothing(
    tmp_path: Path, postgres: Postgres
) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    replace(one, TEXT.encode())
    replace(two, TEXT.encode())
    os.utime(two, (1_700_000_000, 1_700_000_000))
    database = postgres.new_database()
    edited = changed("quota: 3", "quota: 4")
    with serving(database, one, now=None) as first:
        with serving(database, two, now=None) as second:
            kiosk = first.kiosk("k")
            replace(one, edited)
            same = Kiosk(second.url, kiosk.token, kiosk.journal)
            until(lambda: same.sync(seq=1)["catalogue"] == etag(edited), "it reached the other")
        with serving(database, two, now=None) as second:
            same = Kiosk(second.url, kiosk.token, kiosk.journal)
            assert same.sync(seq=1)["catalogue"] == etag(edited)
            assert kiosk.sync()["catalogue"] == etag(edited)


def test_the_menu_of_balikpapan_is_read() -> None:
    menu = read_menu((ROOT / "config" / "agencies.yaml").read_bytes())

    assert len(menu.services) == 80
    assert len(menu.catalogue.agencies) == 27
    assert "19" in menu.counters()


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 60)}]\n" for i in range(8)
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the file is empty"),
        (b"[]", "is needed, not a list"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"a: b: c", ":1:5:"),
        (b"!!python/object/apply:os.system ['true']", ":1:1:"),
        (BOMB.encode(), "too many values"),
        (b"[" * 5000, "nested too deeply"),
        (changed("version: 1", "version: 2"), "version"),
        (changed("Asia/Makassar", "Asia/Nowhere"), "timezone .* is not known"),
        (changed("Asia/Makassar", "../../etc/passwd"), "timezone .* is not known"),
        (changed("prefix: DK", "prefix: dk"), "capitals"),
        (changed("prefix: PJ", "prefix: DK"), "already used"),
        (changed("code: pbb", "code: ktp-el"), "already used"),
        (changed("code: pbb", "code: 'p b'"), "code"),
        (changed("code: pajak", "code: disdukcapil"), "already used"),
        (changed("quota: 3", "quota: many"), "whole number"),
        (changed("quota: 3", "quota: -3"), "out of range"),
        (changed("quota: 3", "quota: true"), "whole number"),
        (changed("mon-thu", "mon-fry"), "is not a day"),
        (changed('"08:15-14:00"', "08:15"), "is no service hours"),
        (changed('"08:15-14:00"', "10:15"), "without quotes"),
        (changed("2026-12-25", "soon"), "not a date"),
        (changed("floor: 1", "floor: 1\n    floor: 2"), "twice"),
        (b"x" * 10_000_001, "too large"),
    ],
)
def test_what_is_no_catalogue(body: bytes, said: str) -> None:
    with pytest.raises(CatalogueError, match=said) as caught:
        read_menu(body, lang="en")

    assert "\n" not in str(caught.value)


def test_hours_as_staff_write_them() -> None:
    def days(hours: str) -> Any:
        body = changed('{mon-thu: "08:15-14:00", fri: "08:15-11:00"}', hours)
        return read_menu(body).services["ktp-el"].hours

    plain = days('{mon-thu: "08:15-14:00", fri: "08:15-11:00"}')
    assert days('{senin-kamis: 08.15-14.00 WITA, jumat: "08:15 s.d. 11:00", sabtu: tutup}') == plain
    broken = days('{mon: ["08:15-12:00", "13:00-14:00"], break: closed}')
    assert (len(broken.days[0]), broken.break_closed) == (2, True)
