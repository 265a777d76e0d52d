"""The manual page names every key that the files may hold, and its examples are right."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from kiosk.domain.config import TEXT_FIELDS
from kiosk.settings.schema import KIOSK, TICKET
from menu import schema
from tests.settings.folder import ROOT, Folder

PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def _names(kind: object) -> Iterator[str]:
    if isinstance(kind, schema.Table):
        for field in kind.fields:
            yield field.name
            yield from _names(field.kind)
    elif isinstance(kind, schema.Many):
        yield from _names(kind.item)
    elif isinstance(kind, schema.Blocks):
        for name, options in kind.options:
            yield name
            yield from _names(options)


NAMES = sorted({n for t in (schema.AGENCIES, KIOSK, TICKET) for n in _names(t)})


@pytest.mark.parametrize("name", NAMES)
def test_the_page_explains_every_key(name: str) -> None:
    assert re.search(rf"`(?:[\w.\[\]]+\.)?{name}[`:.\[]", PAGE)


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_the_page_names_every_field_of_a_text(field: str) -> None:
    assert f"`{{{field}}}`" in PAGE


def test_the_examples_of_the_page_load(folder: Folder) -> None:
    examples = [e for e in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "version: 1" in e]
    assert len(examples) == 2
    folder.write("agencies.yaml", examples[0])
    folder.write("ticket.yaml", examples[1])
    assert folder.check().errors == ()
