"""JSON Schemas (draft 2020-12) of the settings files, for editors that complete and check YAML.

They are made from the one description of the files (``menu.schema``). An editor sees less than
``kiosk check``: codes used twice, dates that do not exist, agencies that are not listed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from menu import schema
from menu.messages import TEXTS
from menu.numbers import LETTER, PREFIX
from menu.rules import CODE

DRAFT = "https://json-schema.org/draft/2020-12/schema"
ABOUT = "about:"
"""Before the Indonesian description of a field: the key of its translations in ``menu/locale``."""

_PATTERNS = {"code": CODE.pattern, "letter": LETTER.pattern, "prefix": PREFIX.pattern}
"""The rules that are one pattern; ``kiosk check`` knows the others."""
_LANGUAGE = "^[a-z]{2,3}$"
_DAY = r"^\d{4}-\d{1,2}-\d{1,2}$"
_QUOTED = r"^\d+(\.\d+)?$"
"""A number in quotes, which the reader accepts."""
_CLOCK = r"^\s*\d{1,4}([.:]\d{1,2})?\s*$"
"""A time as a key; without quotes YAML 1.1 reads ``10:00`` as 600 and ``12.00`` as 12.0."""
_SIZE = r"^\d+x\d+$"

Json = dict[str, Any]


def json_schema(table: schema.Table, title: str) -> Json:
    """The schema of a file that ``table`` describes, as JSON values."""
    return {"$schema": DRAFT, "title": title, **_table(table)}


def descriptions(about: str) -> str:
    """A field's description in every language, Bahasa Indonesia first."""
    key = ABOUT + about
    others = [TEXTS.say(language, key) for language in TEXTS.languages if language != "id"]
    return "\n\n".join([about, *(text for text in others if text != key)])


def _table(kind: schema.Table) -> Json:
    properties = {}
    for field in kind.fields:
        value = _kind(field.kind)
        if not field.required:
            value = _any(value, {"type": "null"})
        properties[field.name] = {"description": descriptions(field.about), **value}
    made: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    if kind.required:
        made["required"] = list(kind.required)
    return made


def _any(*kinds: Json) -> Json:
    return {"anyOf": list(kinds)}


def _text(limit: int) -> Json:
    return {"type": "string", "minLength": 1, "maxLength": limit}


def _by_language(value: Json) -> Json:
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": _LANGUAGE},
        "additionalProperties": value,
    }


def _plain_text(kind: schema.PlainText) -> Json:
    pattern = _PATTERNS.get(kind.rule)
    return _text(kind.limit) | ({"pattern": f"^(?:{pattern})$"} if pattern else {})


def _local(kind: schema.Local) -> Json:
    return _any(_text(kind.limit), _by_language(_text(kind.limit)))


def _locals(kind: schema.Locals) -> Json:
    items = {"type": "array", "maxItems": kind.most}
    one = _local(schema.Local(kind.limit))
    return _any(items | {"items": one}, _by_language(items | {"items": _text(kind.limit)}))


def _label(kind: schema.Label) -> Json:
    return _any(_text(kind.limit), {"type": "integer", "minimum": 0})


def _whole(kind: schema.Whole) -> Json:
    if kind.only:
        return {"enum": list(kind.only)}
    number = {"type": "integer", "minimum": kind.low, "maximum": kind.high}
    return _any(number, {"type": "string", "pattern": _QUOTED})


def _real(kind: schema.Real) -> Json:
    number = {"type": "number", "minimum": kind.low, "maximum": kind.high}
    return _any(number, {"type": "string", "pattern": _QUOTED})


def _hours(_: schema.Hours) -> Json:
    one = _text(schema.NAME)
    day = _any(one, {"type": "array", "items": one}, {"type": "null"})
    return {"type": "object", "additionalProperties": day}


def _quota(kind: schema.Quota) -> Json:
    number = _whole(kind.number)
    before: Json = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": _CLOCK},
        "additionalProperties": number,
    }
    parts = {"day": number, "hour": number, "before": before}
    weekday = {"type": "object", "additionalProperties": False, "properties": parts}
    whole_week = {
        "type": "object",
        "minProperties": 1,
        "properties": parts,
        "additionalProperties": _any(number, weekday),
    }
    return _any(number, whole_week)


def _size(kind: schema.Size) -> Json:
    side = {"type": "integer", "minimum": kind.low, "maximum": kind.high}
    pair = {"type": "array", "items": side, "minItems": 2, "maxItems": 2}
    return _any(pair, {"type": "string", "pattern": _SIZE})


def _many(kind: schema.Many) -> Json:
    item = _kind(kind.item)
    items = {"type": "array", "items": item, "maxItems": kind.most}
    return _any(item, items) if kind.single else items


def _blocks(kind: schema.Blocks) -> Json:
    main = dict(kind.main)
    names = [name for name, _ in kind.options if name not in main]
    objects = []
    for name, options in kind.options:
        if name in main:
            made = _table(options)
            made["properties"] = {name: _kind(main[name]), **made["properties"]}
            objects.append(made | {"required": [name]})
        else:
            objects.append(_block(name, options))
    return {"type": "array", "maxItems": kind.most, "items": _any({"enum": names}, *objects)}


def _block(name: str, options: schema.Table) -> Json:
    """A block whose options are under its name; a single option may be the value itself."""
    values = [{"type": "null"}]
    if options.fields:
        values.append(_table(options))
    if len(options.fields) == 1:
        values.append(_kind(options.fields[0].kind))
    value = _any(*values)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: value},
        "required": [name],
    }


_MAKERS: dict[type, Callable[[Any], Json]] = {
    schema.PlainText: _plain_text,
    schema.Local: _local,
    schema.Locals: _locals,
    schema.Label: _label,
    schema.Whole: _whole,
    schema.Real: _real,
    schema.Flag: lambda _: {"type": "boolean"},
    schema.Choice: lambda kind: {"enum": list(kind.words)},
    schema.Day: lambda _: {"type": "string", "pattern": _DAY},
    schema.Hours: _hours,
    schema.Quota: _quota,
    schema.Size: _size,
    schema.WordOverrides: lambda _: {
        "type": "object",
        "additionalProperties": _local(schema.Local()),
    },
    schema.Many: _many,
    schema.Table: _table,
    schema.Blocks: _blocks,
}


def _kind(kind: schema.Kind) -> Json:
    return _MAKERS[type(kind)](kind)
