"""Parse a YAML file into a tree in which each value knows its line and column.

PyYAML supplies parser events only (from libyaml where it is installed, ten times as fast). The
tree is built here, so that size, depth, aliases, tags and repeated keys are checked while reading,
and no object is ever constructed from a tag.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from menu.problems import START, Mark, Report, Step, Way, excerpt
from menu.syntax import explain

MOST_BYTES = 10_000_000
MOST_NODES = 1_000_000
DEEPEST = 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_YAML = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STR_TAG = "tag:yaml.org,2002:str"
_NOUNS = {
    "agencies": "agency",
    "services": "service",
    "closures": "closure",
    "groups": "group",
    "hours_between": "season",
}
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Scalar:
    """A single value as written. ``plain``: without quotes, so YAML derives a type from it."""

    __slots__ = ("column", "line", "plain", "value")
    weight = 1

    def __init__(self, value: str, line: int, column: int, plain: bool) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.plain = plain

    @property
    def mark(self) -> Mark:
        """Its place in the file."""
        return Mark(self.line, self.column)


class Sequence:
    """A list."""

    __slots__ = ("column", "items", "line", "weight")

    def __init__(self, line: int, column: int) -> None:
        self.items: list[Node] = []
        self.line = line
        self.column = column
        self.weight = 1

    @property
    def mark(self) -> Mark:
        """The place of its first character."""
        return Mark(self.line, self.column)


class Mapping:
    """Keys and values in the order of the file; no key twice."""

    __slots__ = ("column", "items", "line", "weight")

    def __init__(self, line: int, column: int) -> None:
        self.items: dict[str, tuple[Scalar, Node]] = {}
        self.line = line
        self.column = column
        self.weight = 1

    @property
    def mark(self) -> Mark:
        """The place of its first character."""
        return Mark(self.line, self.column)


Node = Scalar | Sequence | Mapping


class _Stop(Exception):
    """Parsing cannot continue; the problem is in the report."""


def read_tree(path: Path, report: Report) -> Node | None:
    """The tree of the YAML file at ``path``; None if there is none.

    ``report`` gets every error: an unreadable, huge, binary or badly encoded file, invalid YAML,
    repeated keys, tags, aliases that grow without bound.
    """
    text = read_text(path, report)
    return None if text is None else parse(text, report)


def read_text(path: Path, report: Report) -> str | None:
    """The file as text, without a byte order mark; None (and a problem) where that fails."""
    data = read_bytes(path, report)
    return None if data is None else decode(data, report)


def _other_name(path: Path) -> str | None:
    """A file beside ``path`` under a name that an editor or a system may have given it."""
    names = (path.with_suffix(".yml").name, path.name + ".txt", path.stem + ".txt")
    return next((name for name in names if path.with_name(name).is_file()), None)


def read_bytes(path: Path, report: Report) -> bytes | None:
    """The file's bytes, at most ``MOST_BYTES + 1``; None (and a problem) where that fails."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            report.error(START, None, "file.directory" if path.is_dir() else "file.special")
            return None
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        other = _other_name(path)
        if other is None:
            report.error(START, None, "file.missing")
        else:
            report.error(START, None, "file.other_name", None, name=path.name, other=other)
    except PermissionError:
        report.error(START, None, "file.forbidden")
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None) or str(e)
        report.error(START, None, "file.unreadable", reason=reason)
    return None


def decode(data: bytes, report: Report) -> str | None:
    """The text of a file's bytes, without a byte order mark; None (and a problem) for others."""
    if len(data) > MOST_BYTES:
        report.error(START, None, "file.huge", mb=MOST_BYTES // 1_000_000)
        return None
    if data.startswith(_OTHER_BOMS):
        report.error(START, None, "file.encoding")
        return None
    if b"\0" in data:
        report.error(_place(data[: data.index(b"\0")]), None, "file.binary")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        report.error(_place(data[: e.start]), None, "file.encoding")
        return None
    odd = _NOT_YAML.search(text)
    if odd is not None:
        before = text[: odd.start()].encode()
        report.error(_place(before), None, "file.control", code=f"U+{ord(odd[0]):04X}")
        return None
    return text


def _place(before: bytes) -> Mark:
    """The place that follows ``before``."""
    line = before.count(b"\n") + 1
    rest = before[before.rfind(b"\n") + 1 :]
    return Mark(line, len(rest.decode("utf-8-sig", "replace")) + 1)


def parse(text: str, report: Report) -> Node | None:
    """The tree of a YAML text; None where there is none, with the reason in ``report``."""
    try:
        root = _Builder(report).build(_LOADER(text).get_event)
    except _Stop:
        return None
    except yaml.YAMLError as e:
        mark, key, fields = explain(e, text)
        report.error(mark, None, key, None, **fields)
        return None
    if root is None and not report.failed:
        report.error(START, None, "file.empty")
    return root


class _Frame:
    """A list or mapping that is still open."""

    __slots__ = ("anchor", "key", "node", "waiting")

    def __init__(self, node: Sequence | Mapping, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.key: Scalar | None = None
        self.waiting = False
        """In a mapping: a key was read and its value was not."""


class _Builder:
    """Builds the tree from parser events."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stack: list[_Frame] = []
        self._anchors: dict[str, Node | None] = {}
        self._root: Node | None = None
        self._documents = 0
        self._nodes = 0

    def build(self, next_event: Callable[[], Any]) -> Node | None:
        handlers = {
            yaml.ScalarEvent: self._scalar,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceEndEvent: self._close,
            yaml.MappingEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        while type(event := next_event()) is not yaml.StreamEndEvent:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        root = self._root
        if isinstance(root, Scalar) and root.plain and root.value == "":
            return None
        return root

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop(event, "yaml.documents")

    def _scalar(self, event: Any) -> None:
        start = event.start_mark
        tag = event.tag
        if tag is not None and tag not in ("!", _STR_TAG):
            self._report.error(_mark(event), None, "yaml.tag", tag=_short(tag))
        plain = tag is None and event.implicit[0]
        node = Scalar(event.value, start.line + 1, start.column + 1, plain)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._add(node, event)

    def _open(self, event: Any) -> None:
        start = event.start_mark
        if len(self._stack) >= DEEPEST:
            self._stop(event, "yaml.deep", n=DEEPEST)
        if event.tag is not None:
            self._report.error(_mark(event), None, "yaml.tag", tag=_short(event.tag))
        kind = Mapping if type(event) is yaml.MappingStartEvent else Sequence
        node = kind(start.line + 1, start.column + 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame(node, event.anchor))

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        if frame.anchor is not None:
            self._anchors[frame.anchor] = frame.node
        self._add(frame.node, event)

    def _alias(self, event: Any) -> None:
        node = self._anchors.get(event.anchor)
        if node is None:
            key = "yaml.recursive" if event.anchor in self._anchors else "yaml.alias"
            self._stop(event, key, name=excerpt(event.anchor))
        else:
            self._add(node, event)

    def _add(self, node: Node, event: Any) -> None:
        """Add a complete node to its parent. An alias counts with the size of its target."""
        self._nodes += 1
        if not self._stack:
            self._root = node
            return
        frame = self._stack[-1]
        into = frame.node
        into.weight += node.weight
        if self._nodes > MOST_NODES or into.weight > MOST_NODES:
            self._stop(event, "yaml.many", n=MOST_NODES)
        if isinstance(into, Sequence):
            into.items.append(node)
        elif not frame.waiting:
            frame.key = self._key(node)
            frame.waiting = True
        else:
            frame.waiting = False
            if frame.key is not None:
                self._put(into, frame.key, node)

    def _key(self, node: Node) -> Scalar | None:
        if isinstance(node, Scalar):
            return node
        self._report.error(node.mark, None, "yaml.key")
        return None

    def _put(self, into: Mapping, key: Scalar, value: Node) -> None:
        first = into.items.get(key.value)
        if first is not None:
            at = first[0].mark
            self._report.error(
                key.mark,
                self._way(),
                "yaml.double",
                key=excerpt(key.value),
                line=at.line,
                column=at.column,
            )
        else:
            into.items[key.value] = (key, value)

    def _way(self) -> Way | None:
        """The path of the node that is being read, in the words of the schema."""
        way: Way | None = None
        for frame, inner in pairwise(self._stack):
            if isinstance(frame.node, Sequence):
                noun = _NOUNS.get(str(way.step)) if way is not None else None
                step = Step(noun or "item", code_of(inner.node), len(frame.node.items))
                way = Way(way.parent if way is not None and noun else way, step)
            elif frame.key is not None:
                way = Way(way, frame.key.value)
        return way

    def _stop(self, event: Any, key: str, /, **fields: object) -> None:
        self._report.error(_mark(event), None, key, None, **fields)
        raise _Stop


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _short(tag: str) -> str:
    """A tag as people write it: ``!!python/...``."""
    prefix = _STR_TAG.removesuffix("str")
    return excerpt("!!" + tag.removeprefix(prefix) if tag.startswith(prefix) else tag)


def code_of(node: Node) -> str:
    """The code that an item of a list gives itself, for the way to it; empty for none."""
    pair = node.items.get("code") if isinstance(node, Mapping) else None
    return pair[1].value if pair is not None and isinstance(pair[1], Scalar) else ""
