"""What one line of YAML looks like, as far as the line alone shows it.

Used where the file cannot be parsed (``menu.recovery``). A line in the middle of a quoted text of
several lines is read as any other: there are few of them, and a repair that they suggest is tried
before it is believed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

KEY = r"[A-Za-z][\w.-]*"
"""A key without quotes, for a regular expression."""

_STRUCTURE = re.compile(rf" *(?:- |-$|(?:- +)*(?:{KEY}|\"[^\"]*\"|'[^']*') *:(?: |$))")


def structural(line: str) -> bool:
    """Whether ``line`` begins with a dash or with a key and its colon."""
    return _STRUCTURE.match(line) is not None


def goes_on(line: str) -> bool:
    """Whether the value of a key on ``line`` is on the lines below it, or ends there."""
    opened = scan(line)
    return opened.quote >= 0 or bool(opened.brackets) or has_part(line)


def has_part(line: str) -> bool:
    """Whether the value of a key on ``line`` is the indented lines below it."""
    return re.search(r":( [|>]\S*)?$", line[: scan(line).end].rstrip()) is not None


def empty(line: str) -> bool:
    """Whether ``line`` has no more than a comment."""
    bare = line.lstrip()
    return not bare or bare.startswith("#")


def indent_of(line: str) -> int:
    """The number of blanks at the start of ``line``."""
    return len(line) - len(line.lstrip(" "))


def inner_of(line: str) -> int:
    """Where the key of ``line`` begins, behind its dashes."""
    indent = indent_of(line)
    return len(line) - len(line[indent:].lstrip("- "))


class OpenParts(NamedTuple):
    """What a line opens and does not close, as indices into it."""

    quote: int
    """Where a quote begins that the line does not end; -1 for none."""
    brackets: list[int]
    """Where the brackets begin that the line does not close."""
    end: int
    """Where the comment, or the blanks at the end, begin."""


def scan(line: str, depth: int = 0) -> OpenParts:
    """What is open at the end of ``line``, within ``depth`` brackets at its start."""
    brackets: list[int] = []
    at, start = 0, True
    while at < len(line):
        char = line[at]
        if char in "\"'" and start:
            close = _closing(line, at)
            if close < 0:
                return OpenParts(at, brackets, len(line.rstrip()))
            at = close
            start = False
        elif char == "#" and (at == 0 or line[at - 1] in " \t"):
            return OpenParts(-1, brackets, len(line[:at].rstrip()))
        elif char in "[{" and (start or brackets or depth):
            brackets.append(at)
            start = True
        elif char in "]}" and (brackets or depth):
            if brackets:
                brackets.pop()
            start = False
        elif char in ",:-" and (char == "," or line[at + 1 : at + 2] in ("", " ")):
            start = char != "," or bool(brackets or depth)
        elif char not in " \t":
            start = False
        at += 1
    return OpenParts(-1, brackets, len(line.rstrip()))


def _closing(line: str, at: int) -> int:
    """Where the quote that begins at ``at`` ends; -1 where it does not."""
    quote, at = line[at], at + 1
    while at < len(line):
        if line[at] == "\\" and quote == '"':
            at += 1
        elif line[at] == quote:
            if quote == "'" and line[at + 1 : at + 2] == "'":
                at += 1
            else:
                return at
        at += 1
    return -1
