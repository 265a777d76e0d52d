"""Which files of a USB stick are read: fixed names, regular files, a limited size, no links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.errors import KioskError
from kiosk.settings import usb_stick
from kiosk.settings.usb_stick import read_stick


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    mount = tmp_path / "stick"
    mount.mkdir()
    return mount


def put(stick: Path, name: str, text: str = "x") -> Path:
    path = stick / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def refused(stick: Path) -> str:
    """The key of the words for staff."""
    with pytest.raises(KioskError) as error:
        read_stick(stick)
    said = [error.value.in_(language) for language in ("id", "en")]
    assert len({*said, error.value.message.key}) == 3, "a text in each language"
    return error.value.message.key


def test_the_named_files_are_read_and_no_other(stick: Path) -> None:
    for name in ("agencies.yaml", "ticket.yaml", "autorun.inf", "token", "kiosk.sh", "logo.png"):
        put(stick, name, name)
    assert read_stick(stick).bodies == {
        "agencies.yaml": b"agencies.yaml",
        "ticket.yaml": b"ticket.yaml",
    }


@pytest.mark.parametrize("place", ["mpp-kiosk", "config"])
def test_a_whole_folder_wins_over_the_stick_itself(stick: Path, place: str) -> None:
    put(stick, "agencies.yaml", "above")
    put(stick, f"{place}/kiosk.yaml", "inside")
    put(stick, f"{place}/locale/jv/words.yaml", "jv")
    put(stick, f"{place}/locale/jv/font.ttf")
    put(stick, f"{place}/locale/..%2f/words.yaml")
    put(stick, "locale/su/words.yaml")
    expected = {"kiosk.yaml": b"inside", "locale/jv/words.yaml": b"jv"}
    assert read_stick(stick).bodies == expected


def test_links_are_not_followed(stick: Path, tmp_path: Path) -> None:
    secret = put(tmp_path, "outside/agencies.yaml", "secret")
    (stick / "config").symlink_to(secret.parent)
    assert refused(stick) == "usb.nothing"
    (stick / "locale").symlink_to(secret.parent)
    put(stick, "agencies.yaml", "own")
    assert read_stick(stick).bodies == {"agencies.yaml": b"own"}
    (stick / "ticket.yaml").symlink_to(secret)
    assert refused(stick) == "usb.special"


def test_what_is_no_file_does_not_block(stick: Path) -> None:
    os.mkfifo(stick / "agencies.yaml")
    assert refused(stick) == "usb.special"
    (stick / "agencies.yaml").unlink()
    (stick / "agencies.yaml").mkdir()
    assert refused(stick) == "usb.special"


def test_the_size_is_limited(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usb_stick, "MOST_BYTES", 100)
    put(stick, "agencies.yaml", "x" * 100)
    assert len(read_stick(stick).bodies["agencies.yaml"]) == 100
    put(stick, "agencies.yaml", "x" * 101)
    assert refused(stick) == "usb.large"


def test_how_many_languages_are_read_is_limited(stick: Path) -> None:
    put(stick, "agencies.yaml")
    for n in range(26 * 2):
        put(stick, f"locale/{'ab'[n // 26]}{chr(97 + n % 26)}/words.yaml")
    assert len(read_stick(stick).bodies) == 1 + usb_stick.MOST_LANGUAGES


@pytest.mark.parametrize("name", usb_stick.OTHER_NAMES)
def test_a_file_under_another_name_is_named(stick: Path, name: str) -> None:
    put(stick, name)
    with pytest.raises(KioskError, match=name):
        read_stick(stick)


def test_no_stick_and_an_empty_one(stick: Path, tmp_path: Path) -> None:
    assert refused(tmp_path / "absent") == "usb.not_set_up"
    assert refused(stick) == "usb.none"
    put(stick, "foto.jpg")
    assert refused(stick) == "usb.nothing"
