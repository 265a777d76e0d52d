"""The catalogue: watched, checked, the last good one kept, the newest edit for every process."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from queue_server.errors import CatalogueError
from queue_server.menu_file import MenuFile
from queue_server.served_menu import read_menu
from tests.queue_server.postgres import Postgres
from tests.queue_server.servers import (
    MENU,
    OPENING,
    ROOT,
    KioskClient,
    ServerProcess,
    command,
    get,
    serving,
    until,
)

TEXT = MENU.read_text()
A_DAY = timedelta(days=1)


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


def test_a_valid_edit_goes_live_and_an_invalid_one_changes_nothing(tmp_path: Path) -> None:
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
        until(lambda: "the file is missing" in server.logged(), "the lack is said")
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
            same = KioskClient(second.url, kiosk.token, kiosk.journal)
            until(lambda: same.sync(seq=1)["catalogue"] == etag(edited), "it reached the other")
        with serving(database, two, now=None) as second:
            same = KioskClient(second.url, kiosk.token, kiosk.journal)
            assert same.sync(seq=1)["catalogue"] == etag(edited)
            assert kiosk.sync()["catalogue"] == etag(edited)


def test_a_menu_of_tomorrow_goes_live_at_midnight_and_waits_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "agencies.yaml"
    replace(file, TEXT.encode())
    database = str(tmp_path / "q.sqlite3")
    coming = changed("version: 1\n", f"version: 1\nvalid_from: {OPENING.date() + A_DAY}\n")
    evening = OPENING.replace(hour=23, minute=0)
    with serving(database, file, now=evening) as server:
        kiosk = server.kiosk("k")
        replace(file, coming)
        until(lambda: state_of(server)["file"] == "coming", "the file waits for its date")
        said = state_of(server)["message"]["en"]
        assert said.startswith(f"The menu file counts from {OPENING.date() + A_DAY} on")
        assert gauge(server, "queue_catalogue_good") == 1
    with serving(database, file, now=evening) as server:
        until(lambda: state_of(server)["file"] == "coming", "it waits over a restart")
        kiosk = KioskClient(server.url, kiosk.token, kiosk.journal)
        assert kiosk.sync(seq=1)["catalogue"] == etag(TEXT.encode())
    with serving(database, file, now=evening.replace(minute=59, second=57)) as server:
        kiosk = KioskClient(server.url, kiosk.token, kiosk.journal)
        until(lambda: kiosk.sync(seq=1)["catalogue"] == etag(coming), "its date has come")


def state_of(server: ServerProcess) -> dict[str, Any]:
    """What the list of kiosks says of the catalogue."""
    found: dict[str, Any] = server.staff().ask("GET", "/kiosks").json()["catalogue"]
    return found


def gauge(server: ServerProcess, name: str) -> float:
    """A figure of /metrics."""
    text = get(f"{server.url}/metrics").text
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(name)))


def test_an_invalid_edit_is_reported_in_log_metrics_and_list_of_kiosks(tmp_path: Path) -> None:
    file = tmp_path / "agencies.yaml"
    replace(file, TEXT.encode())
    database = str(tmp_path / "q.sqlite3")
    with serving(database, file) as server:
        assert state_of(server)["file"] == "live"
        assert gauge(server, "queue_catalogue_good") == 1
        replace(file, changed("quota: 3", "qouta: 3"))
        until(lambda: state_of(server)["file"] == "bad", "the edit is refused")
    with serving(database, file) as server:
        until(lambda: state_of(server)["file"] == "bad", "it is refused after a restart, too")
        said = state_of(server)

        assert said["etag"] == etag(TEXT.encode()).strip('"')
        assert said["problems"] == [
            f"{file}:20:77: instansi 'disdukcapil' > layanan 'kartu-keluarga': "
            "'qouta' tidak dikenal; maksud Anda 'quota'?"
        ]
        assert "did you mean 'quota'?" in said["message"]["en"]
        assert gauge(server, "queue_catalogue_good") == 0
        assert "did you mean 'quota'?" in server.logged()
        assert server.kiosk("k").sync()["catalogue"] == etag(TEXT.encode())


def test_a_save_in_two_steps_never_shows_its_first_half(tmp_path: Path) -> None:
    file = tmp_path / "agencies.yaml"
    shipped = (ROOT / "config" / "agencies.yaml").read_bytes()
    # Without the needs: they name services of the second half, which is another error.
    body = re.sub(rb"\n  needs:\n(    - .*\n)+", b"\n", shipped)
    replace(file, body)
    half = body[: body.index(b"\n  - code: ", len(body) // 3)] + b"\n"
    assert 10 < len(read_menu(half).services) < 50
    with serving(str(tmp_path / "q.sqlite3"), file) as server:
        kiosk = server.kiosk("k")
        seen = []

        def step() -> str:
            answer = kiosk.sync()
            seen.append(len(answer["services"]))
            return str(answer["catalogue"])

        edited = body + b"# checked\n"
        for _ in range(3):
            file.write_bytes(half)
            time.sleep(1)
            step()
        file.write_bytes(edited)
        until(lambda: step() == etag(edited), "the whole file is live")
        assert set(seen) == {80}


def test_a_file_that_lost_a_third_of_its_services_waits_for_staff(tmp_path: Path) -> None:
    file, database = tmp_path / "agencies.yaml", str(tmp_path / "q.sqlite3")
    replace(file, TEXT.encode())
    small = TEXT[: TEXT.index("  - code: pajak")].encode()
    with serving(database, file) as server:
        kiosk = server.kiosk("k")
        replace(file, small)
        until(lambda: state_of(server)["file"] == "waiting", "it waits")
        said = state_of(server)

        assert (said["missing"], said["services"]) == (2, 4)
        assert "2 dari 4 layanan" in said["message"]["id"]
        assert "pbb, sore" in said["message"]["id"]
        assert "queue-server check --confirm" in said["message"]["en"]
        assert gauge(server, "queue_catalogue_services_missing") == 2
        assert gauge(server, "queue_catalogue_good") == 0
        assert "catalogue waits for confirmation" in server.logged()
        assert kiosk.sync()["catalogue"] == etag(TEXT.encode())

        check = ["check", "--catalogue", str(file), "--lang", "en"]
        asked = command(*check, database=database)
        assert (asked.returncode, "2 of 4 services" in asked.stderr) == (1, True)
        assert kiosk.sync()["catalogue"] == etag(TEXT.encode()), "a check confirms nothing"
        assert command(*check, "--confirm", database=database).returncode == 0
        until(lambda: kiosk.sync()["catalogue"] == etag(small), "it is live once confirmed")
        assert state_of(server)["file"] == "live"
        assert gauge(server, "queue_catalogue_services_missing") == 0


def test_a_database_belongs_to_one_site_until_a_rename_is_confirmed(tmp_path: Path) -> None:
    file, other, database = tmp_path / "a.yaml", tmp_path / "b.yaml", str(tmp_path / "q.sqlite3")
    replace(file, TEXT.encode())
    renamed = changed("Mal Pelayanan Publik", "MPP Kota Lain")
    strange = re.sub(r"code: (?=[a-z])", "code: x-", renamed.decode())
    replace(other, strange.encode())
    with serving(database, file) as server:
        kiosk = server.kiosk("k")
        second = command("serve", "--catalogue", other, "--port", "0", database=database)
        assert (second.returncode, second.stdout) == (1, "")
        said = second.stderr.splitlines()[-1]
        assert 'belongs to "Mal Pelayanan Publik", the menu file is of "MPP Kota Lain"' in said

        replace(file, renamed)
        until(lambda: state_of(server)["file"] == "other_site", "the edit is held back")
        assert gauge(server, "queue_catalogue_good") == 0
        assert kiosk.sync()["catalogue"] == etag(TEXT.encode())
        check = ("check", "--catalogue", file)
        assert command(*check, database=database).returncode == 1
        assert command(*check, "--rename-site", database=database).returncode == 0
        until(lambda: kiosk.sync()["catalogue"] == etag(renamed), "the new name is live")


def test_a_corrected_name_does_not_prevent_a_start(tmp_path: Path) -> None:
    file, database = tmp_path / "a.yaml", str(tmp_path / "q.sqlite3")
    replace(file, TEXT.encode())
    with serving(database, file):
        pass
    replace(file, changed("Mal Pelayanan Publik", "Mal Pelayanan Publik Kota"))
    with serving(database, file) as server:
        until(lambda: state_of(server)["file"] == "other_site", "the edit is held back")
        assert server.kiosk("k").sync()["catalogue"] == etag(TEXT.encode())


def test_a_file_of_tomorrow_that_will_be_held_back_says_so_today(tmp_path: Path) -> None:
    file, database = tmp_path / "a.yaml", str(tmp_path / "q.sqlite3")
    replace(file, TEXT.encode())
    begins = f"{OPENING.date() + A_DAY}"
    dated = TEXT.replace("version: 1\n", f"version: 1\nvalid_from: {begins}\n")
    with serving(database, file) as server:
        replace(file, dated[: dated.index("  - code: pajak")].encode())
        until(lambda: state_of(server)["file"] == "waiting", "services are missing")
        said = state_of(server)
        assert (said["missing"], said["services"]) == (2, 4)
        for words in (begins, "will not go live", "queue-server check --confirm"):
            assert words in said["message"]["en"]
        check = ("check", "--catalogue", file, "--confirm")
        assert command(*check, database=database).returncode == 0
        until(lambda: state_of(server)["file"] == "coming", "it is confirmed")

        renamed = dated.replace("Mal Pelayanan Publik", "MPP Kota Lain")
        replace(file, renamed.encode())
        until(lambda: state_of(server)["file"] == "other_site", "it is of another site")
        assert "check --rename-site" in state_of(server)["message"]["id"]


def test_a_restore_does_not_wait_for_a_good_file(tmp_path: Path) -> None:
    file, database = tmp_path / "agencies.yaml", str(tmp_path / "q.sqlite3")
    replace(file, TEXT.encode())
    with serving(database, file) as server:
        server.kiosk("k").reserve()
    replace(file, changed("quota: 3", "qouta: 3"))
    done = command("restored", "--catalogue", file, "--now", OPENING.isoformat(), database=database)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_menu_accepted_by_an_earlier_version_does_not_prevent_the_start(tmp_path: Path) -> None:
    file, database = tmp_path / "agencies.yaml", str(tmp_path / "q.sqlite3")
    replace(file, TEXT.encode())
    with serving(database, file):
        pass
    bad = changed("quota: 3", "qouta: 3")
    replace(file, bad)
    with sqlite3.connect(database) as db:
        digest = hashlib.sha256(bad).hexdigest()
        db.execute("INSERT INTO catalogues VALUES (?, ?, ?)", (digest, bad, 2**52))
        db.execute("UPDATE facts SET value = ? WHERE name = 'catalogue'", (digest,))
    db.close()
    with serving(database, file) as server:
        assert server.kiosk("k").sync()["catalogue"] == etag(TEXT.encode())
        assert "the live catalogue is refused" in server.logged()


def test_a_file_counts_when_time_size_and_content_are_stable(tmp_path: Path) -> None:
    path = tmp_path / "agencies.yaml"
    path.write_text("one")
    os.utime(path, ns=(0, 0))
    file = MenuFile(path)
    settled = [file.look(now_s).settled for now_s in (0.0, 1.9, 2.0)]
    assert settled == [False, False, True]

    path.write_text("two")
    os.utime(path, ns=(0, 0))
    assert not file.look(3.0).settled, "other content of the same size and time"
    assert file.look(5.0).settled
    os.utime(path, ns=(0, 1))
    assert not file.look(6.0).settled, "the same content, written again"
    assert file.look(8.0).settled


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
        (changed("closures:", "open_on: soon\nclosures:"), "not a date"),
        (changed("floor: 1", "floor: 1\n    floor: 2"), "twice"),
        (b"x" * 10_000_001, "too large"),
    ],
)
def test_invalid_catalogues_are_refused(body: bytes, said: str) -> None:
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
