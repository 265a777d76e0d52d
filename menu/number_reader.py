"""Readers for numbers, booleans, the size of the screen, and dates."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

from menu import schema
from menu.problems import Way, excerpt
from menu.reading import MISSING, Reader
from menu.scalars import meaning, type_of
from menu.source import Node, Scalar, Sequence


class NumberReader(Reader):
    """Reads numbers and other values written with digits."""

    def whole(self, kind: schema.Whole, node: Node, way: Way | None) -> Any:
        """A whole number as int."""
        if not isinstance(node, Scalar):
            return self._wrong("type.whole", node, way)
        text = node.value
        if not re.fullmatch(r"[+-]?(0|[1-9][0-9]{0,15})", text):
            if type_of(node) in ("int", "bool"):
                value = meaning(node)
                if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**15:
                    return self._range(kind, excerpt(text), node, way)
            return self._scalar("type.whole", node, way)
        number = int(text)
        if kind.only:
            if number in kind.only:
                return number
            if kind.only == (1,):
                self._report.error(node.mark, way, "version", value=number)
            else:
                names = ", ".join(map(str, kind.only))
                self._report.error(node.mark, way, "number.only", value=number, known=names)
            return MISSING
        if kind.low <= number <= kind.high:
            return number
        return self._range(kind, number, node, way)

    def real(self, kind: schema.Real, node: Node, way: Way | None) -> Any:
        """A number as float."""
        if not isinstance(node, Scalar):
            return self._wrong("type.number", node, way)
        if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{0,15})?", node.value):
            return self._scalar("type.number", node, way)
        number = float(node.value)
        if math.isfinite(number) and kind.low <= number <= kind.high:
            return number
        return self._range(kind, node.value, node, way)

    def _range(
        self, kind: schema.Whole | schema.Real, value: object, node: Node, way: Way | None
    ) -> Any:
        low, high = f"{kind.low:g}", f"{kind.high:g}" if kind.high < 10**6 else str(kind.high)
        self._report.error(node.mark, way, "number.range", value=value, low=low, high=high)
        return MISSING

    def flag(self, _: schema.Flag, node: Node, way: Way | None) -> Any:
        """true or false as bool."""
        if not isinstance(node, Scalar):
            return self._wrong("type.flag", node, way)
        if type_of(node) == "bool":
            return bool(meaning(node))
        return self._scalar("type.flag", node, way)

    def size(self, kind: schema.Size, node: Node, way: Way | None) -> Any:
        """Width and height as (width, height)."""
        texts: list[str] = []
        if isinstance(node, Scalar):
            texts = re.split(r"\s*[x×X*]\s*", node.value.strip())
        elif isinstance(node, Sequence):
            texts = [n.value if isinstance(n, Scalar) else "" for n in node.items]
        if len(texts) != 2 or not all(re.fullmatch(r"[0-9]{1,6}", t) for t in texts):
            self._report.error(node.mark, way, "resolution")
            return MISSING
        pair = (int(texts[0]), int(texts[1]))
        for side in pair:
            if not kind.low <= side <= kind.high:
                return self._range(schema.Whole(kind.low, kind.high), side, node, way)
        return pair

    def day(self, _: schema.Day, node: Node, way: Way | None) -> Any:
        """A date, written as text or as a YAML date."""
        if not isinstance(node, Scalar):
            return self._wrong("type.text", node, way)
        text = node.value.strip()
        match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
        try:
            if match is not None:
                return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            match = None
        self._report.error(node.mark, way, "date", _guess_date(text), value=excerpt(text))
        return MISSING


def _guess_date(text: str) -> str | None:
    """A guess for a date written as day-month-year."""
    match = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])).isoformat() if match else None
    except ValueError:
        return None
