"""Files that cannot be read, or are not what they should be: each a message at its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from kiosk.errors import SettingsError
from kiosk.settings import check_settings, load_settings
from menu import source, text_file
from tests.settings.folder import AGENCIES, ASSETS, Folder

NAMES = ["agencies.yaml", "kiosk.yaml", "ticket.yaml"]


@pytest.fixture(params=["libyaml", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both parsers, for a machine whose PyYAML has no libyaml."""
    loader: Any = yaml.CSafeLoader if request.param == "libyaml" else yaml.SafeLoader
    monkeypatch.setattr(source, "_LOADER", loader)
    return str(request.param)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(folder: Folder, name: str) -> None:
    (folder.path / name).unlink()
    assert folder.problems() == [f"{name}:1:1: the file is missing"]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("nowhere", "there is no such folder; name the one that holds"),
        ("kiosk.yaml", "this is no folder; name the one that holds"),
        ("kiosk.yaml/deeper", "there is no such folder; name the one that holds"),
    ],
)
def test_a_folder_that_is_none_is_one_line(folder: Folder, where: str, said: str) -> None:
    path = folder.path / where
    with pytest.raises(SettingsError) as caught:
        load_settings(path, ASSETS, "en")
    assert caught.value.problems == (f"{path}:1:1: {said} agencies.yaml, kiosk.yaml, ticket.yaml",)


def test_a_folder_that_cannot_be_looked_at_says_why(folder: Folder) -> None:
    with pytest.raises(SettingsError, match="File name too long"):
        load_settings(folder.path / ("a" * 300), ASSETS, "en")


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_in_place_of_a_file(folder: Folder, name: str) -> None:
    (folder.path / name).unlink()
    (folder.path / name).mkdir()
    assert folder.problems() == [f"{name}:1:1: this is a folder, not a file"]


def test_a_pipe_in_place_of_a_file_does_not_hang(folder: Folder) -> None:
    (folder.path / "kiosk.yaml").unlink()
    os.mkfifo(folder.path / "kiosk.yaml")
    assert folder.problems() == ["kiosk.yaml:1:1: this is not a regular file"]


def test_a_link_that_leads_in_circles(folder: Folder) -> None:
    (folder.path / "kiosk.yaml").unlink()
    (folder.path / "kiosk.yaml").symlink_to(folder.path / "kiosk.yaml")
    (problem,) = folder.problems()
    assert problem.startswith("kiosk.yaml:1:1: the file cannot be read (")


def test_a_file_that_may_not_be_read(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given by the system's answer, not by the mode: root may read every file.
    usual: Any = Path.open

    def refuse(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.suffix == ".yaml":
            raise PermissionError(13, "Permission denied", str(path))
        return usual(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    assert folder.problems() == [
        f"{name}:1:1: the kiosk's user may not read this file; check its permissions"
        for name in NAMES
    ]


CONTENT: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "1:1: the file is empty"),
    "blank": (b"\n  \n", "1:1: the file is empty"),
    "comments only": (b"# nothing\n", "1:1: the file is empty"),
    "only dashes": (b"---\n", "1:1: the file is empty"),
    "binary": (b"\x7fELF\x02\x00\x00", "1:6: this is not a text file"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "3:1: this is not a text file"),
    "latin-1": (
        b"version: 1\nid: caf\xe9\n",
        "2:8: letters cannot be read; save the file as UTF-8",
    ),
    "utf-16": (
        "version: 1\n".encode("utf-16"),
        "1:1: letters cannot be read; save the file as UTF-8",
    ),
    "escape sequence": (
        b"version: 1\nid: \x1b[31m\n",
        "2:5: there is an invisible character (U+001B); delete it",
    ),
    "a list": (b"- 1\n", "1:1: here 'name: value' is needed, not a list"),
    "a text": (b"hello\n", "1:1: here 'name: value' is needed, not 'hello'"),
    "two documents": (
        b"version: 1\nid: a\n---\nid: b\n",
        "3:1: '---' begins a second document; delete it",
    ),
    "tab": (
        b"version: 1\nid: a\nscreen:\n\tdiagonal_inch: 20\n",
        "4:1: there is a tab; use spaces to indent",
    ),
    "python object": (
        b"version: 1\nid: !!python/object/apply:os.system [id]\n",
        "2:5: the tag '!!python/object/apply:os.system' is not used here; "
        "delete it, or put the text in quotes",
    ),
    "own tag": (
        b"version: 1\nid: !secret a\n",
        "2:5: the tag '!secret' is not used here; delete it, or put the text in quotes",
    ),
    "unknown alias": (
        b"version: 1\nid: *a\n",
        "2:5: '*a' points at nothing; put it in quotes if it is a text",
    ),
    "alias to itself": (
        b"version: 1\nid: &a [*a]\n",
        "2:9: '*a' points at itself",
    ),
    "colon in a text": (
        b"version: 1\nid: a: b\n",
        "2:6: a colon may not stand here; put a text that holds a colon in quotes, "
        "or check the indentation",
    ),
    "indentation": (
        b"version: 1\nid: a\nscreen:\n   lower_edge_mm: 1\n  diagonal_inch: 20\n",
        "4:4: the indentation differs from the other lines of this part",
    ),
    "at sign": (
        b"version: 1\nid: @a\n",
        "2:5: a text may not begin with this character; put it in quotes",
    ),
}


@pytest.mark.parametrize("case", CONTENT)
def test_content_that_is_no_settings_file(folder: Folder, case: str, parser: str) -> None:
    given, seen = CONTENT[case]
    folder.write("kiosk.yaml", given)
    assert folder.problems()[0] == f"kiosk.yaml:{seen}"


def test_an_open_quote_is_shown_where_it_opens(folder: Folder, parser: str) -> None:
    folder.write("kiosk.yaml", 'version: 1\nid: "lobi\nkiosks: 1\n')
    assert folder.problems() == ["kiosk.yaml:2:5: the quote opened here is never closed"]


def test_an_open_bracket_is_shown_with_where_it_opened(folder: Folder, parser: str) -> None:
    folder.write("kiosk.yaml", "version: 1\nscreen: {diagonal_inch: 20\nid: a\n")
    (problem,) = folder.problems()
    assert problem.endswith(
        "the bracket opened at line 2 column 9 is not closed, or a comma is missing"
    )


def test_a_byte_order_mark_and_windows_line_ends_are_fine(folder: Folder, parser: str) -> None:
    folder.write("agencies.yaml", b"\xef\xbb\xbf" + AGENCIES.replace("\n", "\r\n").encode())
    assert folder.problems() == []


def test_windows_line_ends_keep_lines_and_columns(folder: Folder, parser: str) -> None:
    folder.write("kiosk.yaml", b"version: 1\r\nid: a\r\nkiosk: 2\r\n")
    assert folder.problems() == ["kiosk.yaml:3:1: 'kiosk' is not known; did you mean 'kiosks'?"]


def test_a_huge_file_is_refused_before_it_is_parsed(folder: Folder) -> None:
    folder.write("agencies.yaml", b"#" * (text_file.MOST_BYTES + 1))
    assert folder.problems() == ["agencies.yaml:1:1: the file is too large; at most 10 MB"]


def test_deep_nesting_is_refused(folder: Folder, parser: str) -> None:
    folder.write("kiosk.yaml", "version: 1\nid: " + "[" * 100_000)
    assert folder.problems() == ["kiosk.yaml:2:24: values are nested too deeply; at most 20 levels"]


def test_aliases_that_multiply_are_refused(folder: Folder, parser: str) -> None:
    laughs = ["version: 1", "a: &a [x,x,x,x,x,x,x,x,x,x]"]
    for one, other in zip("abcdefgh", "bcdefghi", strict=True):
        laughs.append(f"{other}: &{other} [{','.join([f'*{one}'] * 10)}]")
    folder.write("kiosk.yaml", "\n".join(laughs))
    assert folder.problems() == ["kiosk.yaml:7:35: there are too many values; at most 1000000"]


def test_an_alias_stands_for_what_it_names(folder: Folder, parser: str) -> None:
    folder.write(
        "agencies.yaml",
        "version: 1\nsite: {name: &n MPP, timezone: Asia/Makassar, address: *n}\nagencies: []\n",
    )
    assert folder.load().catalogue.site.address.in_("id") == "MPP"


def test_the_files_of_one_folder_are_all_reported_at_once(folder: Folder) -> None:
    folder.write("agencies.yaml", "version: 1\nsite: {name: M}\nagencies: {}\nsiet: 1\n")
    folder.write("kiosk.yaml", "id: *x\n")
    folder.write("ticket.yaml", "version: 1\nblocks: no\n")
    assert folder.problems() == [
        "agencies.yaml:2:7: site: 'timezone' is missing",
        "agencies.yaml:3:11: agencies: here a list is needed, such as [a, b], not 'name: value'",
        "agencies.yaml:4:1: 'siet' is not known; did you mean 'site'?",
        "kiosk.yaml:1:5: '*x' points at nothing; put it in quotes if it is a text",
        "ticket.yaml:2:9: blocks: here a list is needed, such as [a, b], not 'no'",
    ]


def test_thousands_of_mistakes_end_in_a_count(folder: Folder) -> None:
    folder.menu("".join(f"\n  - {{code: a{i}, prefix: '', name: A}}" for i in range(900)))
    problems = folder.problems()
    assert len(problems) == 101
    assert problems[-1].endswith(": and 800 more errors in this file")


def test_the_error_carries_lines_and_the_same_as_values(folder: Folder) -> None:
    folder.write("kiosk.yaml", "version: 1\nid: a\nkiosk: 2\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(folder.path, ASSETS)
    (detail,) = check_settings(folder.path, ASSETS).errors
    assert caught.value.details == (detail,)
    assert caught.value.problems == (str(detail),)
    assert (detail.line, detail.column, detail.path) == (3, 1, "")
    assert detail.text == "'kiosk' tidak dikenal; maksud Anda 'kiosks'?"


def test_a_damaged_vocabulary_is_said(folder: Folder, tmp_path: Path) -> None:
    assets = tmp_path / "assets"
    (assets / "locale").mkdir(parents=True)
    (assets / "locale" / "id.json").write_text('{"a": \n oops}')
    problems = [str(p) for p in check_settings(folder.path, assets, "en").problems]
    assert (
        f"{assets}/locale/id.json:2:2: the language file is damaged (Expecting value)" in problems
    )


def test_no_vocabulary_at_all_is_said(folder: Folder, tmp_path: Path) -> None:
    checked = check_settings(folder.path, tmp_path, "en")
    assert checked.settings is None
    assert f"{tmp_path}/locale/id.json:1:1: the file is missing" in map(str, checked.problems)
