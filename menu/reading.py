"""Base class and result type of the readers of single values."""

from __future__ import annotations

from typing import Any

from menu.problems import Mark, Report, Way, excerpt
from menu.rules import RuleViolation
from menu.scalars import found
from menu.source import Mapping, Node, Scalar, Sequence

MISSING: Any = object()
"""Returned in place of a value that cannot be used; the problem is in the report."""


_NONE: frozenset[str] = frozenset()


class Read:
    """The valid values of one Table, with their places in the file."""

    __slots__ = ("_meant", "_tree", "_values", "mark", "way")

    def __init__(self, mark: Mark, way: Way | None, tree: Mapping | None = None) -> None:
        self.mark = mark
        self.way = way
        self._tree = tree
        self._values: dict[str, Any] = {}
        self._meant: frozenset[str] = _NONE

    def mean(self, name: str) -> None:
        """Note that the file has this key, misspelt."""
        self._meant |= {name}

    def put(self, name: str, value: Any) -> None:
        """Store a value."""
        self._values[name] = value

    def get(self, name: str, default: Any = None) -> Any:
        """The value of this name; ``default`` where it is missing or wrong."""
        return self._values.get(name, default)

    def written(self, name: str) -> bool:
        """Whether the file contains this key, also misspelt or with a value that is not valid."""
        return (self._tree is not None and name in self._tree.items) or name in self._meant

    def place(self, name: str) -> Mark:
        """The place of this value; of the whole table if the value is missing."""
        node = self._node(name)
        return self.mark if node is None else node.mark

    def places(self, name: str) -> list[Mark]:
        """The place of each item of this list."""
        node = self._node(name)
        items = node.items if isinstance(node, Sequence) else [node] if node is not None else []
        return [item.mark for item in items]

    def to(self, name: str) -> Way:
        """The way to a value of this table."""
        return Way(self.way, name)

    def values(self) -> dict[str, Any]:
        """All values that were read, by name."""
        return dict(self._values)

    def _node(self, name: str) -> Node | None:
        pair = self._tree.items.get(name) if self._tree is not None else None
        return None if pair is None else pair[1]


class Reader:
    """Base of the readers. A reader returns a value, or MISSING after reporting the reason."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def _wrong(self, key: str, node: Node, way: Way | None) -> Any:
        """Report a value of the wrong kind."""
        shown = found(node, self._report.lang)
        self._report.error(node.mark, way, key, found=shown, value=shown)
        return MISSING

    def _scalar(self, key: str, node: Scalar, way: Way | None) -> Any:
        """A single value that does not fit."""
        self._report.error(node.mark, way, key, value=excerpt(node.value))
        return MISSING

    def _fault(self, fault: RuleViolation, at: Mark, way: Way | None, value: Any) -> Any:
        """Report a rule's violation. After a warning the value is still used."""
        if fault.warning:
            self._report.warn(at, way, fault.key, **fault.fields)
            return value
        self._report.error(at, way, fault.key, fault.guess, **fault.fields)
        return MISSING
