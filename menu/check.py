"""Check a tree against a schema: collect all problems, and the values that are valid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Lookup
from typing import Any

from menu import schema
from menu.hours_reader import HoursReader
from menu.known_names import KnownNames
from menu.number_reader import NumberReader
from menu.problems import Report, Step, Way, excerpt
from menu.quota_reader import QuotaReader
from menu.reading import MISSING, Read, Reader
from menu.rules import RULES, Rule, meant_key
from menu.scalars import is_null
from menu.source import Mapping, Node, Scalar, Sequence, code_of
from menu.text_reader import TextReader

_SECRETS = re.compile(
    r"token|pin|pin[_-]?hash|password|passwd|sandi|kata[_-]?sandi|secret|rahasia|api[_-]?key",
    re.IGNORECASE,
)


class Checker(Reader):
    """Reads the tree of one file; reports problems to ``report``.

    ``names``: what a file may refer to by name. ``rules``: checks of single texts, by the names
    that the schema uses for them.
    """

    def __init__(self, report: Report, names: KnownNames, rules: Lookup[str, Rule] = RULES) -> None:
        super().__init__(report)
        texts, numbers = TextReader(report, names, rules), NumberReader(report)
        self._texts = texts
        self._kinds: dict[type, Callable[[Any, Node, Way | None], Any]] = {
            schema.PlainText: texts.text,
            schema.Local: texts.local,
            schema.Locals: texts.locals,
            schema.Label: texts.label,
            schema.Choice: texts.choice,
            schema.WordOverrides: texts.words,
            schema.Whole: numbers.whole,
            schema.Real: numbers.real,
            schema.Flag: numbers.flag,
            schema.Size: numbers.size,
            schema.Day: numbers.day,
            schema.Hours: HoursReader(report).read,
            schema.Quota: QuotaReader(report).read,
            schema.Many: self._many,
            schema.Table: self.table,
        }

    def read(self, kind: schema.Kind, node: Node, way: Way | None) -> Any:
        """The value of ``node`` as ``kind`` has it, or MISSING."""
        return self._kinds[type(kind)](kind, node, way)

    def table(self, kind: schema.Table, node: Node, way: Way | None) -> Any:
        """The named values of a mapping as a Read, or MISSING."""
        if not isinstance(node, Mapping):
            return self._wrong("type.mapping", node, way)
        read = Read(node.mark, way, node)
        fields = kind.by_name
        for name, (key, value) in node.items.items():
            field = fields.get(name)
            if field is not None:
                self._field(field, value, read, way)
            elif (left := _left_empty(kind, node, name)) is not None:
                self._report.withdraw(left.mark)
                self._report.error(key.mark, way, "syntax.indent")
            else:
                meant = self._unknown(key, way, fields)
                read.mean(meant)
                if meant and meant not in node.items and not isinstance(value, Scalar):
                    self._field(fields[meant], value, read, way)
        for name in kind.required:
            if name not in node.items and not read.written(name):
                self._report.error(node.mark, way, "key.missing", None, key=name)
        return read

    def _field(self, field: schema.Field, value: Node, read: Read, way: Way | None) -> None:
        here = Way(way, field.name)
        if is_null(value) and not isinstance(field.kind, schema.Many):
            if field.required:
                self._report.error(value.mark, here, "key.empty")
            else:
                self._report.warn(value.mark, here, "key.nothing")
            return
        seen = self.read(field.kind, value, here)
        if seen is not MISSING:
            read.put(field.name, seen)

    def _unknown(self, key: Scalar, way: Way | None, known: Iterable[str]) -> str:
        """Report a key that the table has not. Returns the one that it probably means, or ""."""
        shown = excerpt(key.value)
        if key.value == "<<" and key.plain:
            self._report.error(key.mark, way, "yaml.merge")
        elif _SECRETS.fullmatch(key.value):
            self._report.error(key.mark, way, "key.secret", key=shown)
        else:
            guess = meant_key(key.value, known)
            self._report.error(key.mark, way, "key.unknown", guess, key=shown)
            return guess or ""
        return ""

    # Lists

    def _many(self, kind: schema.Many, node: Node, way: Way | None) -> Any:
        if is_null(node):
            return []
        if isinstance(node, Sequence):
            nodes = node.items
        elif kind.single and isinstance(node, Scalar):
            nodes = [node]
        else:
            return self._wrong("type.list", node, way)
        if len(nodes) > kind.most:
            self._report.error(node.mark, way, "list.many", n=len(nodes), most=kind.most)
            return MISSING
        tables = isinstance(kind.item, schema.Table)
        values = []
        for i, item in enumerate(nodes):
            step = Way(way and way.parent, Step(kind.noun, code_of(item), i)) if tables else way
            value = self.read(kind.item, item, step)
            if value is not MISSING:
                values.append(value)
            elif not tables:
                return self._rest(kind, nodes[i + 1 :], way)
        return values

    def _rest(self, kind: schema.Many, nodes: list[Node], way: Way | None) -> Any:
        """Read the rest of a list that has a bad value, only to report its problems too."""
        for node in nodes:
            self.read(kind.item, node, way)
        return MISSING


def _left_empty(kind: schema.Table, node: Mapping, name: str) -> Node | None:
    """The empty value above ``name`` that it belongs to: it has lost its indent. None for none."""
    names = list(node.items)
    above = names[: names.index(name)][-1:]
    while above:
        field = kind.by_name.get(above[0])
        if field is None or not isinstance(field.kind, schema.Table):
            return None
        kind, value = field.kind, node.items[above[0]][1]
        if not isinstance(value, Mapping):
            return value if is_null(value) and name in kind.by_name else None
        node, above = value, list(value.items)[-1:]
    return None
