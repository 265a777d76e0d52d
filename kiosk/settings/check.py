"""Holds a tree against the schema: every problem at once, and the values that are right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from kiosk.settings import schema
from kiosk.settings.numbers import NumberReader
from kiosk.settings.problems import Report, Step, Way, excerpt
from kiosk.settings.reading import MISSING, Read, Reader
from kiosk.settings.rules import World, closest
from kiosk.settings.scalars import is_null
from kiosk.settings.source import Mapping, Node, Scalar, Sequence, code_of
from kiosk.settings.texts import TextReader
from kiosk.settings.weekly import HoursReader

_SECRETS = re.compile(
    r"token|pin|pin[_-]?hash|password|passwd|sandi|kata[_-]?sandi|secret|rahasia|api[_-]?key",
    re.IGNORECASE,
)


class Checker(Reader):
    """Reads one file's tree; problems go to ``report``."""

    def __init__(self, report: Report, world: World) -> None:
        super().__init__(report)
        texts, numbers = TextReader(report, world), NumberReader(report)
        self._texts = texts
        self._kinds: dict[type, Callable[[Any, Node, Way | None], Any]] = {
            schema.Text: texts.text,
            schema.Local: texts.local,
            schema.Locals: texts.locals,
            schema.Label: texts.label,
            schema.Choice: texts.choice,
            schema.Words: texts.words,
            schema.Whole: numbers.whole,
            schema.Real: numbers.real,
            schema.Flag: numbers.flag,
            schema.Size: numbers.size,
            schema.Day: numbers.day,
            schema.Hours: HoursReader(report).read,
            schema.Many: self._many,
            schema.Table: self.table,
            schema.Blocks: self._blocks,
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
            if field is None:
                self._unknown(key, way, fields)
            else:
                self._field(field, value, read, way)
        for name in kind.required:
            if name not in node.items:
                self._report.error(node.mark, way, "key.missing", None, key=name)
        return read

    def _field(self, field: schema.Field, value: Node, read: Read, way: Way | None) -> None:
        here = Way(way, field.name)
        if is_null(value) and not isinstance(field.kind, schema.Many):
            if field.required:
                self._report.error(value.mark, here, "key.empty")
            return
        seen = self.read(field.kind, value, here)
        if seen is not MISSING:
            read.put(field.name, seen)

    def _unknown(self, key: Scalar, way: Way | None, known: Iterable[str]) -> None:
        shown = excerpt(key.value)
        if key.value == "<<" and key.plain:
            self._report.error(key.mark, way, "yaml.merge")
        elif _SECRETS.fullmatch(key.value):
            self._report.error(key.mark, way, "key.secret", key=shown)
        else:
            self._report.error(key.mark, way, "key.unknown", closest(key.value, known), key=shown)

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
        """Reads on for the problems alone: a list with a bad value is not used."""
        for node in nodes:
            self.read(kind.item, node, way)
        return MISSING

    # Texts

    # The slip

    def _blocks(self, kind: schema.Blocks, node: Node, way: Way | None) -> Any:
        if not isinstance(node, Sequence):
            return self._wrong("type.list", node, way)
        if len(node.items) > kind.most:
            self._report.error(node.mark, way, "list.many", n=len(node.items), most=kind.most)
            return MISSING
        blocks = []
        for i, item in enumerate(node.items):
            block = self._block(kind, item, Way(None, Step("block", "", i)))
            if block is not None:
                blocks.append(block)
        return blocks

    def _block(self, kind: schema.Blocks, node: Node, way: Way) -> tuple[str, Read] | None:
        options, main = dict(kind.options), dict(kind.main)
        if isinstance(node, Scalar):
            name = self._texts.string(node, way, 100)
            if name is MISSING:
                return None
            if name not in options:
                guess = closest(name, options)
                self._report.error(node.mark, way, "block.unknown", guess, key=excerpt(name))
                return None
            if name in main:
                self._report.error(node.mark, Way(way, name), "key.empty")
                return None
            return name, Read(node.mark, way)
        if not isinstance(node, Mapping):
            self._wrong("type.mapping", node, way)
            return None
        named = [key for key in node.items if key in options]
        if len(named) == 1:
            name = named[0]
            if name in main:
                return self._main_block(name, main[name], options[name], node, way)
            return self._plain_block(name, options[name], node, way)
        if named:
            at = node.items[named[1]][0].mark
            self._report.error(at, way, "block.two", key=named[0], other=named[1])
        elif node.items:
            key = next(iter(node.items.values()))[0]
            guess = closest(key.value, options)
            self._report.error(key.mark, way, "block.unknown", guess, key=excerpt(key.value))
        else:
            self._report.error(node.mark, way, "block.none", known=", ".join(options))
        return None

    def _main_block(
        self, name: str, main: schema.Kind, options: schema.Table, node: Mapping, way: Way
    ) -> tuple[str, Read] | None:
        """A block whose value is a text, its options beside it."""
        field = schema.Field(name, main, "", required=True)
        read = self.table(schema.Table((field, *options.fields)), node, way)
        return None if read is MISSING or read.get(name) is None else (name, read)

    def _plain_block(
        self, name: str, options: schema.Table, node: Mapping, way: Way
    ) -> tuple[str, Read] | None:
        """A block whose options stand under its name; the only one may stand alone."""
        key, value = node.items[name]
        for other, (other_key, _) in node.items.items():
            if other != name:
                self._unknown(other_key, way, options.by_name)
        here = Way(way, name)
        if is_null(value):
            return name, Read(key.mark, way)
        if not options.fields:
            self._report.error(value.mark, here, "block.plain", kind=name)
            return None
        if isinstance(value, Scalar) and len(options.fields) == 1:
            only = options.fields[0]
            read = Read(value.mark, here)
            seen = self.read(only.kind, value, here)
            if seen is MISSING:
                return None
            read.put(only.name, seen)
            return name, read
        table = self.table(options, value, here)
        return None if table is MISSING else (name, table)
