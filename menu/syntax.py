"""Explain PyYAML's syntax errors to staff."""

from __future__ import annotations

import yaml

from menu.problems import START, Mark, excerpt

_MEANINGS = (
    # Part of the parser's words (libyaml's or PyYAML's own), the key of ours.
    ("mapping values are not allowed", "syntax.colon"),
    ("could not find expected ':'", "syntax.no_colon"),
    ("unexpected end of stream", "syntax.quote"),
    ("unexpected document separator", "syntax.quote"),
    ("did not find expected ',' or", "syntax.bracket"),
    ("expected ',' or", "syntax.bracket"),
    ("did not find expected node content", "syntax.bracket"),
    ("expected the node content", "syntax.bracket"),
    ("block sequence entries are not allowed", "syntax.dash"),
    ("sequence entries are not allowed", "syntax.dash"),
    ("did not find expected '-' indicator", "syntax.indent"),
    ("did not find expected key", "syntax.indent"),
    ("expected <block end>", "syntax.indent"),
    ("unknown escape character", "syntax.escape"),
    ("found unknown escape", "syntax.escape"),
    ("expected escape sequence", "syntax.escape"),
    ("did not find expected hexdecimal", "syntax.escape"),
    ("invalid unicode character escape", "syntax.escape"),
    ("alphabetic or numeric character", "syntax.start"),
    ("cannot start any token", "syntax.start"),
    ("undefined tag handle", "syntax.tag"),
    ("did not find expected whitespace", "syntax.start"),
)


def explain(error: yaml.YAMLError, text: str) -> tuple[Mark, str, dict[str, object]]:
    """The position of the syntax error in ``text``, and key and fields of the message for it."""
    problem = str(getattr(error, "problem", None) or error)
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    if mark is None:
        mark = context
    at = START if mark is None else Mark(mark.line + 1, mark.column + 1)
    if _tab(text, at):
        return _tab_place(text, at), "syntax.tab", {}
    key = next((key for words, key in _MEANINGS if words in problem.lower()), None)
    if key is None:
        return at, "syntax.other", {"reason": excerpt(problem)}
    if key == "syntax.no_colon" and context is not None:
        return Mark(context.line + 1, context.column + 1), key, {}
    if key in ("syntax.quote", "syntax.bracket") and context is not None:
        opened = Mark(context.line + 1, context.column + 1)
        if key == "syntax.quote":
            return opened, key, {}
        return at, key, {"line": opened.line, "column": opened.column}
    if key == "syntax.bracket":
        return at, "syntax.start", {}
    return at, key, {}


def _line(text: str, at: Mark) -> str:
    lines = text.split("\n")
    return lines[at.line - 1] if at.line <= len(lines) else ""


def _tab(text: str, at: Mark) -> bool:
    line = _line(text, at)
    indent = line[: len(line) - len(line.lstrip())]
    return "\t" in indent or line[at.column - 1 : at.column] == "\t"


def _tab_place(text: str, at: Mark) -> Mark:
    return Mark(at.line, _line(text, at).index("\t") + 1)
