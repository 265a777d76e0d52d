"""Parse a YAML file into a tree in which each value knows its line and column.

PyYAML supplies parser events only (from libyaml where it is installed, ten times as fast). The
tree is built here, so that size, depth, aliases, tags and repeated keys are checked while reading,
and no object is ever constructed from a tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from menu.problems import START, Mark, Report, Step, Way, excerpt
from menu.recovery import recover
from menu.text_file import read_text

MOST_NODES = 1_000_000
DEEPEST = 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STR_TAG = "tag:yaml.org,2002:str"
_NOUNS = {
    "agencies": "agency",
    "services": "service",
    "closures": "closure",
    "groups": "group",
    "hours_between": "season",
}
_NO_COLON = re.compile(r"([A-Za-z]\w*) *([:=：])\s*(\S.*)")
_CURLY = frozenset("“”„‟«‘’")
_QUOTES = '“”„‟«»‘’"'
_APOSTROPHES = frozenset("‘’")


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


def parse(text: str, report: Report) -> Node | None:
    """The tree of a YAML text; None where there is none, with the reason in ``report``.

    A text with mistakes of syntax is read on behind them where that is possible: the tree is then
    of a repaired text, good only for finding further mistakes. ``report`` has failed then.
    """
    first = Report(report.file, report.lang)
    try:
        root = _build(text, first)
    except yaml.YAMLError:
        return _parse_repaired(text, report)
    report.take(first)
    if root is None and not report.failed:
        report.error(START, None, "file.empty")
    return root


def _build(text: str, report: Report) -> Node | None:
    try:
        return _Builder(report, text).build(_LOADER(text).get_event)
    except _Stop:
        return None


def _parse_repaired(text: str, report: Report) -> Node | None:
    """Report the mistakes of syntax in ``text``, and build the tree of what can be read."""
    found = recover(text, _LOADER)
    for mark, key, fields in found.faults:
        report.error(mark, None, key, None, **fields)
    if not found.complete:
        report.more_may_follow()
    if found.text is None:
        return None
    report.mute(found.repaired, found.lost)
    try:
        return _build(found.text, report)
    except yaml.YAMLError:
        return None


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

    def __init__(self, report: Report, text: str) -> None:
        self._report = report
        self._text = text
        self._curly = any(char in text for char in _CURLY)
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
        value = event.value
        node = Scalar(value, start.line + 1, start.column + 1, plain)
        if plain and (value[-1:] == '"' or " - " in value or (self._curly and value[:1] in _CURLY)):
            self._check_plain(node, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._add(node, event)

    def _check_plain(self, node: Scalar, event: Any) -> None:
        """Report quotes that YAML does not take for quotes, and an item taken for a text."""
        value = node.value
        first, last = value[:1], value[-1:]
        # A quotation within a text, as in: “Siap” Melayani, is what it looks like.
        whole = first in _CURLY and _CURLY.isdisjoint(value[1:-1])
        if whole and (first not in _APOSTROPHES or last in _APOSTROPHES):
            self._report.error(node.mark, None, "syntax.curly", char=first)
            self._split(node)
            node.value, node.plain = value.strip(_QUOTES), False
        elif last == '"' and value.count('"') == 1:
            self._report.warn(node.mark, None, "text.quote", value=excerpt(value))
            self._split(node)
        elif event.end_mark.line > event.start_mark.line and " - " in value:
            self._check_folded(node, event)

    def _check_folded(self, node: Scalar, event: Any) -> None:
        """Report an item of a list that YAML takes for more of the text above it."""
        lines = self._text.split("\n")
        for line in range(node.line + 1, min(event.end_mark.line + 1, len(lines)) + 1):
            indent = len(lines[line - 1]) - len(lines[line - 1].lstrip(" "))
            if not lines[line - 1].startswith("- ", indent):
                continue
            bullet = re.match("[–—−•·]", node.value)
            begins = not lines[node.line - 1][: node.column - 1].strip()
            if bullet:
                self._report.error(node.mark, None, "syntax.bullet", char=bullet[0])
            elif re.match(r"-\w", node.value):
                self._report.error(node.mark, None, "syntax.no_blank")
            elif begins and indent < node.column - 1:
                self._report.error(node.mark, None, "syntax.no_item")
            else:
                self._report.error(Mark(line, indent + 1), None, "syntax.indent")
            self._report.mute((node.line, line), ())
            self._split(node)
            return

    def _split(self, node: Scalar) -> None:
        """A text of a list may be in several parts: its number says nothing."""
        if len(self._stack) > 1 and isinstance(self._stack[-1].node, Sequence):
            self._report.mute((), ((self._stack[-2].node.line, node.line + 3),))

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
                if type(node) is Scalar and not node.value and node.plain:
                    self._put(into, *self._pair(frame.key, node))
                else:
                    self._put(into, frame.key, node)

    def _key(self, node: Node) -> Scalar | None:
        if isinstance(node, Scalar):
            return node
        self._report.error(node.mark, None, "yaml.key")
        return None

    def _pair(self, key: Scalar, nothing: Scalar) -> tuple[Scalar, Scalar]:
        """A key without a value, or key and value where what is between them is no colon."""
        match = _NO_COLON.fullmatch(key.value) if key.plain else None
        if match is None:
            return key, nothing
        name, sign, text = match.groups()
        at = Mark(key.line, key.column + match.start(2))
        space = key.value[match.end(2) : match.start(3)].strip(" ")
        if sign == ":" and space:
            after, code = Mark(at.line, at.column + 1), f"U+{ord(space[0]):04X}"
            self._report.error(after, self._way(), "syntax.space", code=code)
        elif sign == ":":
            self._report.error(at, self._way(), "syntax.no_blank")
        elif sign == "=":
            self._report.error(at, self._way(), "syntax.equals", char=sign, key=name)
        else:
            self._report.error(at, self._way(), "syntax.wide_colon", char=sign)
        plain = text[:1] not in ("'", '"')
        value = Scalar(text.strip("'\""), key.line, key.column + match.start(3), plain)
        return Scalar(name, key.line, key.column, plain=True), value

    def _put(self, into: Mapping, key: Scalar, value: Node) -> None:
        first = into.items.get(key.value)
        if first is not None:
            at = first[0].mark
            if self._lacks_dash(into, key):
                self._report.error(key.mark, self._way(), "yaml.no_dash", key=excerpt(key.value))
                self._begin_item(key, value)
                return
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

    def _lacks_dash(self, into: Mapping, key: Scalar) -> bool:
        """Whether the item of a list that ``key`` begins was taken for more of the item before."""
        above = self._stack[-2].node if len(self._stack) > 1 else None
        return (
            isinstance(above, Sequence)
            and len(into.items) > 1
            and next(iter(into.items)) == key.value
            and key.line > max(pair[0].line for pair in into.items.values())
        )

    def _begin_item(self, key: Scalar, value: Node) -> None:
        """Close the item of a list that is being read, and begin another with ``key``."""
        frame, above = self._stack[-1], self._stack[-2].node
        if isinstance(above, Sequence):
            above.items.append(frame.node)
        frame.node = Mapping(key.line, key.column)
        frame.node.items[key.value] = (key, value)

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
