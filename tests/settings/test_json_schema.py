"""The JSON Schemas for editors: true for good files, false for what an editor can see."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from kiosk.commands.schema import SCHEMAS, text
from kiosk.settings import schema as settings_schema
from menu import schema
from menu.json_schema import ABOUT, descriptions
from menu.messages import TEXTS
from tests.contract.corpus import corpus
from tests.contract.test_menus import EXPECTED

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
QUICK: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C, where PyYAML has it."""


def values(body: str | bytes) -> Any:
    """A YAML file as an editor's language server sees it: dates are texts."""
    return _plain(yaml.load(body, QUICK))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def validator(name: str) -> jsonschema_rs.Validator:
    made: jsonschema_rs.Validator = jsonschema_rs.validator_for(text(name, SCHEMAS[name]))
    return made


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_schema_is_what_the_command_writes(name: str) -> None:
    committed = (CONFIG / "schema" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == text(name, SCHEMAS[name]), "run: kiosk schema"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_file_names_its_schema_and_fits_it(name: str) -> None:
    body = (CONFIG / f"{name}.yaml").read_text(encoding="utf-8")
    assert body.startswith(f"# yaml-language-server: $schema=schema/{name}.schema.json\n")
    validator(name).validate(values(body))


@pytest.mark.usefixtures("unmeasured")
def test_every_good_menu_of_the_corpus_fits() -> None:
    """An editor must never mark what every kiosk accepts."""
    agencies, seen = validator("agencies"), 0
    for case in corpus():
        if EXPECTED[case.name]["summary"] is None:
            continue
        seen += 1
        try:
            agencies.validate(values(case.body))
        except jsonschema_rs.ValidationError as error:
            raise AssertionError(f"{case.name}: {error}") from error
    assert seen > 80


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("agencies", "qouta: 40"),
        ("agencies", "holidays: {country: XX}"),
        ("agencies", "closures: [{date: besok, reason: Rapat}]"),
        ("agencies", "hours: senin"),
        ("agencies", "agencies: [{code: a, prefix: abc, name: A}]"),
        ("agencies", "agencies: [{code: a, prefix: A, services: [{code: s}]}]"),
        ("kiosk", "printer: {paper_mm: 70}"),
        ("kiosk", "printer: {level: E}"),
        ("kiosk", "screen: {diagonal_inch: big}"),
        ("ticket", "blocks: [nomor]"),
        ("ticket", "blocks: [{number: {height: 20}}]"),
    ],
)
def test_a_mistake_that_an_editor_can_see_is_seen(name: str, line: str) -> None:
    heads: dict[str, dict[str, Any]] = {
        "agencies": {"version": 1, "site": {"name": "M", "timezone": "Asia/Makassar"}},
        "kiosk": {"version": 1, "id": "lobi-1"},
        "ticket": {"version": 1},
    }
    rests: dict[str, dict[str, Any]] = {
        "agencies": {"agencies": []},
        "kiosk": {},
        "ticket": {"blocks": ["number"]},
    }
    head, whole = heads[name], rests[name]
    assert validator(name).is_valid(head | whole)
    assert not validator(name).is_valid(head | whole | values(line))


def fields() -> list[schema.Field]:
    """Every field of the three files."""
    found: list[schema.Field] = []

    def walk(kind: Any) -> None:
        if isinstance(kind, schema.Many):
            walk(kind.item)
        elif isinstance(kind, schema.Table):
            for field in kind.fields:
                found.append(field)
                walk(field.kind)
        elif isinstance(kind, schema.Blocks):
            for _, options in kind.options:
                walk(options)

    for table in (schema.AGENCIES, settings_schema.KIOSK, settings_schema.TICKET):
        walk(table)
    return found


def test_every_field_is_described_in_both_languages() -> None:
    abouts = {field.about for field in fields()}
    texts = {language: TEXTS.by_language[language] for language in ("id", "en")}
    assert {a for a in abouts if ABOUT + a not in texts["en"]} == set()
    for language in texts:
        assert {k for k in texts[language] if k.startswith(ABOUT)} == {ABOUT + a for a in abouts}
    assert descriptions("Lantai.") == "Lantai.\n\nFloor."


def test_the_schema_is_valid_itself() -> None:
    for name, table in SCHEMAS.items():
        jsonschema_rs.meta.validate(json.loads(text(name, table)))
