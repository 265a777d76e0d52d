"""Reader for the blocks of ``ticket.yaml``: a block is a word, or a mapping with options."""

from __future__ import annotations

from typing import Any

from menu import schema
from menu.check import Checker
from menu.problems import Step, Way, excerpt
from menu.reading import MISSING, Read
from menu.rules import meant_key
from menu.scalars import is_null
from menu.source import Mapping, Node, Scalar, Sequence


class SlipChecker(Checker):
    """A Checker that also reads ``schema.Blocks``."""

    def read(self, kind: schema.Kind, node: Node, way: Way | None) -> Any:
        """The value of ``node`` as ``kind`` has it, or MISSING."""
        if isinstance(kind, schema.Blocks):
            return self._blocks(kind, node, way)
        return super().read(kind, node, way)

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
                guess = meant_key(name, options)
                self._report.error(
                    node.mark,
                    way,
                    "block.unknown",
                    guess,
                    key=excerpt(name),
                    known=", ".join(options),
                )
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
            guess = meant_key(key.value, options)
            self._report.error(
                key.mark,
                way,
                "block.unknown",
                guess,
                key=excerpt(key.value),
                known=", ".join(options),
            )
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
        """A block with its options under its name; a single option may be the value itself."""
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
