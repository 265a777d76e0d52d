"""The type that YAML derives from a value without quotes, and the message that warns of it."""

from __future__ import annotations

import re
from typing import Any, cast

import yaml

from menu.messages import say
from menu.problems import excerpt
from menu.source import Mapping, Node, Scalar, Sequence

_RESOLVERS = cast(
    "dict[str, list[tuple[str, re.Pattern[str]]]]",
    yaml.SafeLoader.yaml_implicit_resolvers,
)
_TAG = "tag:yaml.org,2002:"


def type_of(scalar: Scalar) -> str:
    """``str``, ``int``, ``float``, ``bool``, ``null``, ``timestamp``, ``merge`` or ``value``."""
    if not scalar.plain:
        return "str"
    value = scalar.value
    for tag, pattern in _RESOLVERS.get(value[:1], ()):
        if pattern.match(value):
            return tag.removeprefix(_TAG)
    return "str"


def is_null(node: Node) -> bool:
    """Whether nothing was written."""
    return isinstance(node, Scalar) and node.plain and type_of(node) == "null"


def meaning(scalar: Scalar) -> Any:
    """The value that YAML reads; the text itself where it cannot be made."""
    tag = _TAG + type_of(scalar)
    node = yaml.ScalarNode(tag, scalar.value)
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except (ValueError, OverflowError, yaml.YAMLError):
        return scalar.value


def trap(scalar: Scalar, kind: str) -> tuple[str, dict[str, object]]:
    """The message, and its fields, for a text that YAML reads as something else."""
    raw = excerpt(scalar.value)
    if kind == "int" and ":" in scalar.value:
        return "trap.sexagesimal", {"raw": raw, "value": _short(meaning(scalar))}
    if kind in ("int", "float"):
        return "trap.number", {"raw": raw, "value": _short(meaning(scalar))}
    if kind == "bool":
        return "trap.bool", {"raw": raw, "value": str(meaning(scalar)).lower()}
    if kind == "timestamp":
        return "trap.date", {"raw": raw}
    return "trap.other", {"raw": raw}


def _short(value: object) -> str:
    """A number as a message shows it; a huge one is not written out."""
    if isinstance(value, int) and value.bit_length() > 200:
        return "…"
    return excerpt(str(value))


def found(node: Node, lang: str) -> str:
    """A description of an unexpected value, for a message."""
    if isinstance(node, Mapping):
        return say(lang, "found.mapping")
    if isinstance(node, Sequence):
        return say(lang, "found.list")
    if is_null(node):
        return say(lang, "found.nothing")
    return say(lang, "found.scalar", value=excerpt(node.value))
