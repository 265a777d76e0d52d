"""Messages of the contract with one defect each, generated from the OpenAPI document.

For every field at any depth: missing although required, of every other type, too long, too short,
too large, negative, unknown, in the far past or future, and texts known from injection attacks. A
field added to the document is covered without further work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import queue_server
from tests.queue_server.servers import OPENING

DOCUMENT: Any = json.loads(Path(queue_server.__file__).with_name("openapi.json").read_text())
SCHEMAS: Any = DOCUMENT["components"]["schemas"]

TIME = OPENING.isoformat()
SOME_ID = "0192f3c0-8d2e-7c4b-9a51-3f6e2d7b8c90"
GOOD: dict[str, dict[str, Any]] = {
    "Reservation": {
        "service": "ktp-el",
        "priority": "lansia",
        "requested_at": TIME,
        "track": "0" * 32,
    },
    "Exchange": {
        "journal": "journal-1",
        "seq": 1,
        "follows": None,
        "sent_at": TIME,
        "catalogue": '"3f9a"',
        "tickets": [],
    },
    "Call": {"request_id": "request-1", "number": "DK-001", "ticket": None, "services": ["pbb"]},
    "Action": {"request_id": "request-1", "ticket": SOME_ID},
    "Pause": {"until": TIME},
}
"""A valid message of each incoming kind."""

JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 2**63, 10**400, "", " ", "x" * 5000, "\x00", "\ud800", "☃", [], {}),
    *([[]], {"a": {"b": []}}, "<script>", "'; DROP TABLE tickets; --", "../../etc/passwd", "1"),
)
DAYS = ("2026-02-30", "20261124", "1999-12-31", "2200-01-01", "0001-01-01", "2026-11-24T00:00:00Z")
MOMENTS = (
    *("2026-11-24", "2026-11-24T09:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"),
    *("1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "now", "1790000000"),
    *("2026-11-24T09:00:00+99:99", "2026-W48-2T09:00:00Z", "2026-11-24T25:00:00Z"),
)
_MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}


def routes() -> list[tuple[str, str, str]]:
    """Method, path below ``/api/v1`` and kind of message of each route; "" for no message."""
    found = []
    for path, operations in DOCUMENT["paths"].items():
        for method, one in operations.items():
            content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
            kind = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            found.append((method.upper(), path.removeprefix("/api/v1"), kind))
    return found


def invalid_variants(name: str, good: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """All invalid variants of the valid message ``good`` of schema ``name``.

    Yields the path of the field (``services.ktp.waiting``), its invalid value (``...`` if it was
    removed), and the whole message.
    """
    assert _fits({"$ref": f"#/components/schemas/{name}"}, good), "the valid message is not valid"
    yield from _of_object(SCHEMAS[name], good, "")


def wrong(schema: Any, good: Any) -> list[Any]:
    """Values that do not match ``schema``, some derived from the valid value ``good``."""
    formed = {one.get("format") for one in _options(schema)}
    made: list[Any] = [*JUNK, *_near(good)]
    made += [DAYS, MOMENTS][formed == {"date-time"}] if formed & {"date", "date-time"} else ()
    for one in _options(schema):
        made += [one["minimum"] - 1] if "minimum" in one else []
        made += [one["maximum"] + 1] if "maximum" in one else []
    return [value for value in made if not _fits(schema, value)]


def _near(good: Any) -> list[Any]:
    """Values that differ slightly from ``good``."""
    if isinstance(good, str):
        texts = [good.swapcase(), f"{good}\n", f" {good}", good[:-1], f"{good}x", good * 300]
        return [*texts, [good], {good: good}]
    if isinstance(good, int) and not isinstance(good, bool):
        return [str(good), good + 0.5, -good - 1, [good]]
    return [[good, good, good]]


def _of_object(
    schema: Any, good: dict[str, Any], where: str
) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    fields = {**schema.get("properties", {})}
    if "additionalProperties" in schema and isinstance(schema["additionalProperties"], dict):
        fields |= dict.fromkeys(good, schema["additionalProperties"])
    for field, one in fields.items():
        place = f"{where}{field}"
        if field in schema.get("required", ()):
            yield place, ..., {key: value for key, value in good.items() if key != field}
        for value in wrong(one, good.get(field)):
            yield place, value, {**good, field: value}
        for deeper, value, whole in _deeper(one, good.get(field), place):
            yield deeper, value, {**good, field: whole}


def _deeper(schema: Any, good: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    """Invalid variants inside an object or a list."""
    for one in _options(schema):
        if isinstance(good, dict) and one.get("type") == "object":
            yield from _of_object(one, good, f"{where}.")
        if isinstance(good, list) and good and "items" in one:
            for value in wrong(one["items"], good[0]):
                yield f"{where}.0", value, [value, *good[1:]]
            for deeper, value, whole in _deeper(one["items"], good[0], f"{where}.0"):
                yield deeper, value, [whole, *good[1:]]


def _options(schema: Any) -> list[Any]:
    """The alternative schemas, with references resolved."""
    if "$ref" in schema:
        return _options(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    return [one for option in schema.get("anyOf", [schema]) for one in _followed(option)]


def _followed(schema: Any) -> list[Any]:
    return _options(schema) if "$ref" in schema else [schema]


def _fits(schema: Any, value: Any) -> bool:
    return any(_fits_one(one, value) for one in _options(schema))


def _fits_one(schema: Any, value: Any) -> bool:
    kind = schema.get("type")
    if kind is None:
        return True
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    if isinstance(value, str):
        return _fits_text(schema, value)
    if isinstance(value, list):
        most, least = schema.get("maxItems", len(value)), schema.get("minItems", 0)
        return least <= len(value) <= most and all(_fits(schema["items"], one) for one in value)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties", True)
        return all(name in value for name in schema.get("required", ())) and all(
            _fits(known.get(name, rest if isinstance(rest, dict) else {}), one)
            for name, one in value.items()
        )
    if isinstance(value, int | float):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def _fits_text(schema: Any, text: str) -> bool:
    if "\ud800" in text or text not in schema.get("enum", (text,)):
        return False
    if not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)):
        return False
    pattern = schema.get("pattern", "").removeprefix("^").removesuffix("$")
    if pattern and not re.fullmatch(pattern, text):
        return False
    if schema.get("format") == "date-time":
        return text not in MOMENTS and _MOMENT.fullmatch(text) is not None
    if schema.get("format") == "date":
        return text not in DAYS and _is_day(text)
    return True


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
