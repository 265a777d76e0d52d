"""Guess which slip of the keyboard broke a line of YAML, and how the line was meant.

A parser names the place where it could not go on. The mistake is often on an earlier line: a quote
that is not closed ends at the next quote of the file, a key without a colon is noticed on the line
below. Each function here proposes a repair of one line; ``menu.recovery`` keeps the one with which
the parser goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from menu.lines import KEY, empty, goes_on, indent_of, inner_of, scan, structural

ODD_SPACE = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""Characters that look like a space and are none in YAML (Unicode Zs), for a regular expression."""

_NO_FIELDS: Mapping[str, object] = MappingProxyType({})
_HEAD = re.compile(rf"( *)((?:- +)*)({KEY})?")
_COMMENT = re.compile(r"(?:^|\s+)#.*")
_CURLY_OPEN = re.compile(r"(?:(?<=[:\-,] )|(?<=[\[{])|^)[“”„‟«‘’]")
_CURLY_CLOSE = re.compile(r"[“”‟»‘’](?= *(?:[,\]}:]|$))")
_SINGLE = "‘’"


class Repair(NamedTuple):
    """``line`` (an index) is taken as ``text``. The mistake is at ``at`` (index, column from 1),
    described by the message ``key`` with ``fields``. ``rank``: how unlikely it is, 0 for a sign
    that is never right. ``lossy``: what the line said is left out."""

    rank: int
    line: int
    text: str
    at: tuple[int, int]
    key: str
    fields: Mapping[str, object] = _NO_FIELDS
    lossy: bool = False


Lines = Sequence[str]


def near(lines: Lines, i: int) -> Iterator[Repair]:
    """The repairs of line ``i`` of which the line itself gives no sign: its indent, its end."""
    line = lines[i]
    if empty(line):
        return
    yield from _no_colon(line, i, sure=False)
    yield from _quoted(line, i)
    yield from _no_dash(lines, i)
    yield from _indents(lines, i)
    column = indent_of(line) + 1
    yield Repair(12, i, "", (i, column), "syntax.line", lossy=True)


def signs(lines: Lines, i: int) -> Iterator[Repair]:
    """The repairs of line ``i`` that something in the line itself suggests."""
    line = lines[i]
    if empty(line):
        return
    yield from _tabs(lines, i)
    yield from _spaces(line, i)
    yield from _curly(line, i)
    yield from _colons(line, i)
    yield from _open_quote(line, i)
    yield from _bracket(lines, i)
    yield from _escapes(line, i)
    yield from _no_colon(line, i, sure=True)
    if re.fullmatch(rf" *{KEY}", line[: scan(line).end]) and _deeper(lines, i):
        yield from (
            repair._replace(rank=1, key="syntax.no_colon")
            for repair in _no_colon(line, i, sure=False)
        )
    if i and structural(line) and line[0] not in " -":
        yield from (repair._replace(rank=3) for repair in _indents(lines, i))
    if _first_of_items(lines, i) or _between_items(lines, i):
        yield from (repair._replace(rank=3) for repair in _no_dash(lines, i))
    bullet = re.match(r"( *)([–—−•·*‐]) *(?=\S)", line)
    if bullet:
        fixed = f"{bullet[1]}- {line[bullet.end() :]}"
        fields = {"char": bullet[2]}
        yield Repair(0, i, fixed, (i, bullet.start(2) + 1), "syntax.bullet", fields)
    match = re.match(r"( *)-(?=[^\s-])", line)
    if match:
        yield Repair(1, i, f"{match[0]} {line[match.end() :]}", (i, match.end()), "syntax.no_blank")
    comma = re.search(rf"(?<=[^\s,{{\[]) +(?={KEY}: )", line)
    if comma and "{" in line[: comma.start()]:
        fixed = f"{line[: comma.start()]}, {line[comma.end() :]}"
        yield Repair(1, i, fixed, (i, comma.start() + 1), "syntax.comma")
    after = re.match(r"""(.*?[:\-,\[{] ?)("[^"]*"|'[^']*')( *[^\s,\]}:#][^,\]}]*)(.*)""", line)
    if after:
        at = (i, after.end(2) + 1)
        yield Repair(1, i, after[1] + after[2] + after[4], at, "syntax.after_quote")


def _tabs(lines: Lines, i: int) -> Iterator[Repair]:
    line = lines[i]
    at = (i, line.find("\t") + 1)
    if not at[1]:
        return
    bare = line.lstrip(" \t")
    if "\t" in line[: len(line) - len(bare)]:
        for indent in _indents_around(lines, i):
            yield Repair(0, i, " " * indent + bare.replace("\t", " "), at, "syntax.tab")
    yield Repair(0, i, line.replace("\t", "  "), at, "syntax.tab")


def _spaces(line: str, i: int) -> Iterator[Repair]:
    odd = re.search(f"[{ODD_SPACE}]", line)
    if odd:
        fixed = re.sub(f"[{ODD_SPACE}]", " ", line)
        fields = {"code": f"U+{ord(odd[0]):04X}"}
        yield Repair(0, i, fixed, (i, odd.start() + 1), "syntax.space", fields)


def _curly(line: str, i: int) -> Iterator[Repair]:
    first = _CURLY_OPEN.search(line) or _CURLY_CLOSE.search(line.split(" #")[0])
    if not first:
        return

    def straight(match: re.Match[str]) -> str:
        return "'" if match[0] in _SINGLE else '"'

    code = _COMMENT.split(line)[0]
    fixed = _CURLY_CLOSE.sub(straight, _CURLY_OPEN.sub(straight, code)) + line[len(code) :]
    at, fields = (i, first.start() + 1), {"char": first[0]}
    yield Repair(0, i, fixed, at, "syntax.curly", fields)
    for quote in "\"'":
        if quote in line:
            text = re.sub("[“”„‟«»‘’]", quote, line)
            yield Repair(0, i, text, at, "syntax.curly", fields)


def _colons(line: str, i: int) -> Iterator[Repair]:
    """A colon of another script, "=" for a colon, and a colon without a blank behind it."""
    wide = re.search(rf"((?:^ *(?:- +)*|[{{,] *){KEY}) *([：꞉∶]) *", line)
    if wide:
        fixed = f"{line[: wide.end(1)]}: {line[wide.end() :]}"
        fields: dict[str, object] = {"char": wide[2]}
        yield Repair(0, i, fixed, (i, wide.start(2) + 1), "syntax.wide_colon", fields)
    for pattern, key in ((r" *=(?!=) *", "syntax.equals"), (r" *;(?: +|$)", "syntax.equals")):
        sign = re.search(rf"(?:^ *(?:- +)*|[{{,] *)({KEY})({pattern})", line)
        if sign:
            char = sign[2].strip()
            fixed = f"{line[: sign.start(2)]}: {line[sign.end() :]}"
            at = (i, line.index(char, sign.start(2)) + 1)
            yield Repair(1, i, fixed, at, key, {"char": char, "key": sign[1]})
    tight = re.search(rf"(?:^ *(?:- +)*|[{{,] *){KEY}:(?=[^\s:/])", line)
    if tight:
        fixed = f"{line[: tight.end()]} {line[tight.end() :]}"
        yield Repair(1, i, fixed, (i, tight.end()), "syntax.no_blank")


def _open_quote(line: str, i: int) -> Iterator[Repair]:
    found = scan(line)
    if found.quote < 0:
        return
    quote = line[found.quote]
    at = (i, found.quote + 1)
    rest = line[found.quote + 1 :]
    code = _COMMENT.split(rest)[0].rstrip()
    for tail in (re.search(r"[\]}]*,?$", code), re.search(r", .*$", code), None):
        end = len(code) if tail is None else tail.start()
        fixed = line[: found.quote + 1] + rest[:end].rstrip() + quote + rest[end:]
        yield Repair(0, i, fixed, at, "syntax.quote")
    yield Repair(1, i, line[: found.quote] + rest, at, "syntax.quote")


def _bracket(lines: Lines, i: int) -> Iterator[Repair]:
    """A bracket of line ``i`` is still open where the next key or dash begins a line."""
    opened = scan(lines[i])
    if not opened.brackets or opened.quote >= 0:
        return
    open_chars = [lines[i][at] for at in opened.brackets]
    column, last = opened.brackets[-1] + 1, i
    seen = opened
    for j in range(i + 1, min(len(lines), i + 200)):
        if structural(lines[j]):
            break
        if empty(lines[j]):
            continue
        seen = scan(lines[j], len(open_chars))
        code = lines[j][: seen.end]
        closed = len(re.findall(r"[\]}]", code)) - len(re.findall(r"[\[{]", code))
        if closed > 0:
            open_chars = open_chars[: max(0, len(open_chars) - closed)]
        if not open_chars:
            return
        last = j
    ends = "".join("]" if char == "[" else "}" for char in reversed(open_chars))
    end = seen.end
    line = lines[last]
    bare = line[:end].rstrip(",") if line[:end].endswith(",") else line[:end]
    fields = {"line": i, "column": column}
    where = (i, column)
    yield Repair(1, last, bare + ends + line[end:], where, "syntax.bracket", fields)
    match = re.search(rf"(?<=[^,{{\[ ]),? (?={KEY}: )", line[:end])
    if last == i and match and len(open_chars) > 1:
        inner = line[: match.start()] + ends[0] + line[match.start() : end] + ends[1:] + line[end:]
        yield Repair(1, i, inner, where, "syntax.bracket", fields)


def _escapes(line: str, i: int) -> Iterator[Repair]:
    at = line.find("\\")
    if at >= 0 and '"' in line:
        yield Repair(1, i, line.replace("\\", "/"), (i, at + 1), "syntax.escape")


def _no_colon(line: str, i: int, *, sure: bool) -> Iterator[Repair]:
    """A key without its colon: ``sure`` where a list, a mapping or a quoted text follows it."""
    head = _HEAD.match(line)
    if head is None or head[3] is None or line[head.end() : head.end() + 1] == ":":
        return
    rest = line[head.end() :]
    if rest.strip() and not rest.startswith(" "):
        return
    code = _COMMENT.split(rest)[0].strip()
    at = (i, head.start(3) + 1)
    if sure != code.startswith(("[", "{", '"', "'")) or re.match(r"[^\s:\[{]*:(?: |$)", code):
        return
    fixed = f"{head[0]}:{' ' if code else ''}{code}"
    rank = 1 if sure else 6 if head[2] and not code else 2
    yield Repair(rank, i, fixed, at, "syntax.no_colon" if sure else "syntax.word")


def _quoted(line: str, i: int) -> Iterator[Repair]:
    """A text that holds a colon, or begins with a character that YAML reserves."""
    match = re.match(rf"( *(?:- +)*(?:{KEY}: +)?)([^\s\"'\[{{#].*)", line)
    if match is None:
        return
    text = _COMMENT.split(match[2])[0]
    reserved = re.match(r"[@`%&*!|>,?\]}-]", text)
    if reserved or re.search(r":(?: |$)", text):
        fixed = f"{match[1]}'{text.replace(chr(39), chr(39) * 2)}'"
        at = (i, match.start(2) + 1 + (0 if reserved else text.index(":")))
        yield Repair(3, i, fixed, at, "syntax.start" if reserved else "syntax.colon")
    flow = re.search(r"(?<=: )([@`%&*!|>][^,}\]]*)", line)
    if flow:
        fixed = f"{line[: flow.start()]}'{flow[0]}'{line[flow.end() :]}"
        yield Repair(2, i, fixed, (i, flow.start() + 1), "syntax.start")


def _no_dash(lines: Lines, i: int) -> Iterator[Repair]:
    line = lines[i]
    if line.lstrip(" ").startswith("-"):
        return
    indent = indent_of(line)
    dashes = {indent_of(other) for other in lines if other.lstrip(" ").startswith("- ")}
    at = (i, indent + 1)
    for dash in sorted(dashes, key=lambda dash: abs(dash - indent)):
        if dash in (indent, indent - 2):
            key = "syntax.no_dash" if structural(line) else "syntax.no_item"
            yield Repair(4, i, f"{' ' * dash}- {line.lstrip(' ')}", at, key)


def _between_items(lines: Lines, i: int) -> bool:
    """Whether line ``i`` is a list or a mapping in brackets where the line above is an item."""
    above = next((other for other in reversed(lines[:i]) if not empty(other)), "")
    bare = above.lstrip(" ")
    return lines[i].lstrip(" ").startswith(("[", "{")) and bare.startswith(("- [", "- {"))


def _deeper(lines: Lines, i: int) -> bool:
    """Whether lines with keys or dashes below line ``i`` are indented more."""
    below = next((line for line in lines[i + 1 :] if not empty(line)), "")
    return structural(below) and indent_of(below) > indent_of(lines[i])


def _first_of_items(lines: Lines, i: int) -> bool:
    """Whether line ``i`` is the first of a list and has no dash, while later items have one."""
    line, indent = lines[i], indent_of(lines[i])
    if not structural(line) or line.lstrip(" ").startswith("-"):
        return False
    above = next((other for other in reversed(lines[:i]) if structural(other)), "")
    if not goes_on(above) or not inner_of(above) <= indent:
        return False
    dash = " " * (indent - 2) + "- "
    return any(other.startswith(dash) for other in lines[i + 1 :])


def _indents(lines: Lines, i: int) -> Iterator[Repair]:
    """Another indent, above all for a line whose indent no other has."""
    line = lines[i]
    indent, bare = indent_of(line), line.lstrip(" ")
    shared = sum(
        indent in (indent_of(other), inner_of(other)) for other in lines if structural(other)
    )
    above = next((other for other in reversed(lines[:i]) if structural(other)), "")
    below = next((other for other in lines[i + 1 :] if structural(other)), "")
    for other in _indents_around(lines, i):
        if other != indent:
            odd = 2 * (other % 2 > indent % 2) + (not _fits(line, other, above, below))
            rank = 5 + (abs(other - indent) > 1) + odd + (shared > structural(line))
            yield Repair(rank, i, " " * other + bare, (i, indent + 1), "syntax.indent")


def _indents_around(lines: Lines, i: int) -> list[int]:
    """The indents that line ``i`` may be meant to have, the likeliest first: those of the lines
    with keys around it, those in its entry, and one step more than the line above."""
    found = {0}
    for line in lines:
        if structural(line):
            found |= {indent_of(line), inner_of(line)}
    above = next((line for line in reversed(lines[:i]) if structural(line)), "")
    below = next((line for line in lines[i + 1 :] if structural(line)), "")
    found.add(indent_of(above) + 2)
    own = indent_of(lines[i])
    beside = (inner_of(above), indent_of(below))

    def unlikely(indent: int) -> tuple[bool, int, bool, int]:
        fits = _fits(lines[i], indent, above, below)
        return (not fits, indent % 2, indent not in beside, abs(indent - own))

    return sorted(sorted(found), key=unlikely)


def _fits(line: str, indent: int, above: str, below: str) -> bool:
    """Whether ``line`` with this indent can be between these two lines."""
    item = below.lstrip(" ").startswith("- ")
    if goes_on(line):
        if indent_of(below) < indent + (not item):
            return False
    elif below and indent_of(below) > indent + 2 * line.lstrip(" ").startswith("- "):
        return False
    if goes_on(above):
        return indent > indent_of(above)
    return indent <= inner_of(above)
