"""CSV for a spreadsheet: separators, encoding, and cells that must stay text."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.tables import as_text, spreadsheet_csv


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+62 542", "-3", "@sum", "\t=1", "MEI-027", "des-003", "3-4", "1e5", "08.15",
     "1/2", "123456789012345"],
)  # fmt: skip
def test_what_a_spreadsheet_would_change_is_marked_as_text(text: str) -> None:
    assert as_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["DK-027", "PT-A001", "ktp-el", "Lansia (60+)", "", "19", "a=b"])
def test_other_texts_are_left(text: str) -> None:
    assert as_text(text) == text


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_a_file_reads_back_as_it_was_written(rows: list[list[str]]) -> None:
    body = spreadsheet_csv(["a", "b"], [[as_text(cell) for cell in row] for row in rows])
    assert body.startswith(b"\xef\xbb\xbfa;b\r\n")
    read = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert read[1:] == [[as_text(cell) for cell in row] for row in rows]
    assert not any(cell[:1] in set("=+-@") - {""} for row in read for cell in row if cell)
