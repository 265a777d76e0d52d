"""``docs/protocol.md`` as values: its field tables, its grammar, its example messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
TEXT = PAGE.read_text("utf-8")
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
"""The page without its examples and drawings."""
_START = re.compile(r"^(?:(PUT|POST|GET) (/\S+) HTTP/1\.1|HTTP/1\.1 (\d{3}) .+)$", re.MULTILINE)
_HEADER = re.compile(r"([A-Za-z-]+): (.+)")
_TABLE = re.compile(r"^\*\*`(\w+)`\*\*.*?\n\n(\|.*?)\n\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class ExampleMessage:
    """A request or a response of the page. ``status`` 0: a request."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: Any


Row = dict[str, str]


def table(text: str) -> list[Row]:
    """The rows of a Markdown table, by the names of its columns."""
    head, _, *rows = ([cell.strip() for cell in line.split("|")[1:-1]] for line in text.split("\n"))
    assert all(len(row) == len(head) for row in rows), text[:80]
    return [dict(zip(head, row, strict=True)) for row in rows]


def table_after(words: str) -> list[Row]:
    """The first table of the page after the text ``words``."""
    found = re.search(r"\n\n(\|.*?)\n\n", TEXT[TEXT.index(words) :], re.DOTALL)
    assert found, words
    return table(found[1])


def field_tables() -> dict[str, dict[str, Row]]:
    """The fields of each message: by the name of its schema, then by the name of the field."""
    return {
        name: {row["field"].strip("`"): row for row in table(rows)}
        for name, rows in _TABLE.findall(TEXT)
    }


def rules() -> list[Row]:
    """The rows of all tables of rules."""
    found = re.findall(r"\n\n(\| rule \| who \|.*?)\n\n", TEXT, re.DOTALL)
    return [row for rows in found for row in table(rows)]


def quoted(cell: str) -> list[str]:
    """The texts of a cell that are set as code."""
    return re.findall(r"`([^`]+)`", cell)


def examples() -> list[tuple[ExampleMessage, ExampleMessage]]:
    """Each request of the page with its response."""
    found = [m for block in re.findall(r"```http\n(.*?)```", TEXT, re.DOTALL) for m in _of(block)]
    assert [bool(message.status) for message in found] == [False, True] * (len(found) // 2)
    return list(zip(found[::2], found[1::2], strict=True))


def smallest_answer() -> Any:
    """The smallest answer to an exchange."""
    found = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return json.loads(found[1])


def _of(block: str) -> Iterator[ExampleMessage]:
    starts = list(_START.finditer(block))
    ends = [start.start() for start in starts[1:]] + [len(block)]
    for start, end in zip(starts, ends, strict=True):
        head, _, body = block[start.end() : end].strip("\n").partition("\n\n")
        if head.startswith("{"):
            head, body = "", head
        headers = dict(_HEADER.findall(head))
        said = json.loads(body) if body.strip() else None
        yield ExampleMessage(start[1] or "", start[2] or "", int(start[3] or 0), headers, said)


GRAMMAR = {row["name"]: row for row in table_after("### Grammar")}
"""The rows of the table of names and patterns."""


def pattern(name: str) -> str:
    """The pattern of a name of the grammar."""
    return quoted(GRAMMAR[name]["pattern"])[0]
