"""The language of commands: --lang, KIOSK_LANG, help and argparse's own words."""

from __future__ import annotations

import argparse

import pytest

from kiosk import cli
from menu.command_line import argparse_in, wanted_language

KNOWN = ("id", "en")


@pytest.mark.parametrize(
    ("args", "environment", "language"),
    [
        ([], {}, "id"),
        (["status"], {"KIOSK_LANG": "en"}, "en"),
        (["status", "--lang", "en"], {}, "en"),
        (["--lang=en", "status"], {}, "en"),
        (["status", "--lang", "id"], {"KIOSK_LANG": "en"}, "id"),
        (["status", "--lang", "xx"], {}, "id"),
        (["status", "--lang"], {}, "id"),
        (["status"], {"KIOSK_LANG": "xx"}, "id"),
    ],
)
def test_the_language_that_is_asked_for(
    args: list[str], environment: dict[str, str], language: str
) -> None:
    assert wanted_language(args, environment, KNOWN) == language


def _said(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    with pytest.raises(SystemExit):
        cli.main(list(args))
    out = capsys.readouterr()
    return out.out + out.err


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help_is_in_one_language(capsys: pytest.CaptureFixture[str], command: str) -> None:
    indonesian = _said(capsys, command, "--help")
    english = _said(capsys, command, "--help", "--lang", "en")
    assert indonesian.startswith("cara pakai: kiosk")
    assert english.startswith("usage: kiosk")
    assert "tampilkan bantuan ini" in indonesian
    assert "show this help message" in english
    assert indonesian.count("--lang ") == english.count("--lang ") == 2


@pytest.mark.parametrize(
    ("args", "indonesian", "english"),
    [
        (["issue"], "isian ini wajib ada: SERVICE", "are required: SERVICE"),
        (["issue", "a", "b"], "tidak dikenal: b", "unrecognized arguments: b"),
        (["demo", "--visits"], "--visits: perlu satu isian", "--visits: expected one argument"),
        (["demo", "--visits", "x"], "'x' salah", "invalid int value: 'x'"),
        (["tickets", "--limit", "0"], "'0' bukan bilangan", "'0' is no whole number"),
        (["run", "--size", "1x1"], "tiap sisi harus", "each side must be"),
        (["check", "--format", "xml"], "'xml' tidak ada; pilih", "invalid choice: 'xml'"),
    ],
)
def test_a_wrong_command_line_is_said_in_its_language(
    capsys: pytest.CaptureFixture[str], args: list[str], indonesian: str, english: str
) -> None:
    said = _said(capsys, *args)
    assert indonesian in said
    assert f"(lihat kiosk {args[0]} --help)" in said
    said = _said(capsys, "--lang", "en", *args)
    assert english in said
    assert f"(see kiosk {args[0]} --help)" in said


def test_argparse_has_its_own_words_again_afterwards() -> None:
    with argparse_in("id"):
        assert argparse.ArgumentParser().format_usage().startswith("cara pakai: ")
    assert argparse.ArgumentParser().format_usage().startswith("usage: ")


def test_a_text_of_argparse_without_a_translation_stays_english() -> None:
    with argparse_in("id"):
        assert argparse.__dict__["_"]("a text of a later Python") == "a text of a later Python"
