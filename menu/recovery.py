"""Read on behind a syntax mistake, so that one run names all mistakes of a file.

The file is cut into entries (a key at the left edge, or one item of its list), by the look of the
lines alone: an unclosed quote cannot reach beyond its entry. Each entry is parsed by itself. In one
that fails, repairs of single lines (``menu.suspects``) are tried until the parser goes on; the
repair that leads furthest tells which line is wrong, and how to read on. The repaired text is never
used as settings, only to look for further mistakes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from menu.lines import empty, has_part, indent_of, structural
from menu.problems import Mark
from menu.suspects import Repair, near, signs
from menu.syntax import explain

MOST_TRIALS = 3_000
"""Repairs that are tried for one file."""

MOST_TRIAL_CHARS = 16_000_000
"""Characters that are parsed for one file: about a second."""

MOST_REPAIRS = 30
"""Mistakes that are repaired in one entry."""

WIDEST = 4
"""Blanks by which a line is indented more than the key that it belongs to, at most."""

NEAR = 4
"""Lines with a key or a dash, from the place that the parser names upwards, on which a repair is
tried for which the line itself gives no reason."""
_MOVED = frozenset({"syntax.indent", "syntax.no_dash", "syntax.no_item"})
"""Repairs after which a line may be part of something else than its writer meant."""

_INSIDE = re.compile("quoted scalar|flow (?:sequence|mapping)|simple key")
"""The parser's words for a quote, a bracket or a key that it was in (libyaml's, PyYAML's)."""


class Fault(NamedTuple):
    """One mistake: its place, and key and fields of the message for it."""

    mark: Mark
    key: str
    fields: Mapping[str, object]


@dataclass(slots=True)
class Recovered:
    """``text`` can be parsed; None where no repair was found for all mistakes. ``repaired``: the
    lines that no longer say what the file says. ``lost``: ranges of lines, ends included, in which
    something was left out."""

    text: str | None
    faults: list[Fault] = field(default_factory=list)
    repaired: set[int] = field(default_factory=set)
    lost: list[tuple[int, int]] = field(default_factory=list)
    complete: bool = True
    """Whether all mistakes of syntax were found: False where an entry was left out as a whole."""


@dataclass(slots=True)
class _Entry:
    """Lines ``first`` (an index) and following, and what is put before and behind them to parse
    them alone."""

    first: int
    lines: list[str]
    head: str
    tail: str = ""

    def text(self, lines: list[str]) -> str:
        """A file of no more than ``lines``, in place of those of the entry."""
        return "\n".join([self.head, *lines, self.tail])


class _Outcome(NamedTuple):
    """How far a parser came: ``line`` (an index) of the error, or no error. ``start``: where the
    quote, the bracket or the key begins in which the error is, else as ``line``. ``doubled``: the
    number of repeated keys."""

    error: yaml.YAMLError | None
    start: int
    line: int
    doubled: int

    @property
    def reached(self) -> tuple[int, int]:
        """What to compare two outcomes by."""
        return self.start, self.line


class _Spent(Exception):
    """The limit of trials is reached."""


def recover(text: str, loader: Callable[[str], Any]) -> Recovered:
    """The mistakes of syntax in ``text``, which ``loader`` cannot parse, and a text without them.

    ``loader`` makes a PyYAML parser of a text. Line ends of ``text`` are not kept.
    """
    lines = re.split(r"\r\n|\r|\n", text)
    found = Recovered(None)
    work = _Recovery(loader, found)
    try:
        for entry in _entries(lines):
            work.mend(entry, lines)
        work.mend_joined(lines)
    except _Spent:
        found.complete = False
    if found.text is None:
        _explain(text, loader, found)
    found.faults.sort(key=lambda fault: fault.mark)
    return found


def _explain(text: str, loader: Callable[[str], Any], found: Recovered) -> None:
    """Add the parser's own words where the repairs did not lead to a text without mistakes."""
    found.complete = False
    if found.faults:
        return
    try:
        _run(loader(text))
    except yaml.YAMLError as e:
        found.faults.append(Fault(*explain(e, text)))


def _entries(lines: list[str]) -> Iterator[_Entry]:
    """The parts of a file, in its order; together they are all of its lines."""
    starts = [i for i in range(len(lines)) if _begins(lines, i)]
    starts = sorted({0, *starts})
    for first, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield from _items(lines[first:end], first)


def _begins(lines: list[str], i: int) -> bool:
    """Whether a key of the file's top begins on line ``i``.

    One that has its value on the same line, and indented lines below it, has lost its indent; also
    one whose lines below are indented by more than ``WIDEST``.
    """
    if not re.match(r"[A-Za-z\"'“]", lines[i]):
        return False
    below = next((line for line in lines[i + 1 :] if structural(line)), "")
    if not structural(lines[i]) or not below.startswith(" "):
        return True
    return has_part(lines[i]) and indent_of(below) <= WIDEST


def _items(lines: list[str], first: int) -> Iterator[_Entry]:
    """A key of the top as one entry, or its list as one entry for each item."""
    dashes = Counter(indent_of(line) for line in lines[1:] if line.lstrip(" ").startswith("- "))
    common = [indent for indent, n in dashes.items() if n > 1]
    indent = min(common) if common else -1
    keys = [indent_of(line) for line in lines[1:] if structural(line) and "- " not in line[:20]]
    if any(0 < key < indent for key in keys) or keys.count(indent) > 1:
        indent = -1
    starts = [
        i
        for i, line in enumerate(lines)
        if i and indent_of(line) == indent and line.lstrip(" ").startswith("- ")
    ]
    starts = [0, *starts[1:]]
    for begin, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        head = "_:" if begin else "_: 0"
        tail = f"{' ' * indent}- _: 0" if begin == 0 and end < len(lines) else ""
        yield _Entry(first + begin, lines[begin:end], head, tail)


class _Recovery:
    """Mends the entries of one file, within the limits."""

    def __init__(self, loader: Callable[[str], Any], found: Recovered) -> None:
        self._loader = loader
        self._found = found
        self._trials = 0
        self._chars = 0

    def mend(self, entry: _Entry, lines: list[str]) -> None:
        """Repair ``entry`` in place, and in ``lines``, or leave it out."""
        for _ in range(MOST_REPAIRS):
            outcome = self._try(entry, entry.lines)
            if outcome.error is None:
                return
            repair = self._best(entry, outcome)
            if repair is None:
                break
            self._apply(repair, entry, lines)
        self._leave_out(entry, self._try(entry, entry.lines), lines)

    def mend_joined(self, lines: list[str]) -> None:
        """Parse the joined entries, which one mistake between them can still break."""
        whole = _Entry(0, lines, "# -")
        for _ in range(MOST_REPAIRS):
            outcome = self._try(whole, lines)
            if outcome.error is None:
                self._found.text = "\n".join(lines)
                return
            repair = self._best(whole, outcome)
            if repair is None:
                break
            self._apply(repair, whole, lines)

    def _best(self, entry: _Entry, before: _Outcome) -> Repair | None:
        """The repair with which the parser comes furthest; of several, the most likely one."""
        best: Repair | None = None
        furthest = before.reached
        doubled = 0
        for repair in _candidates(entry.lines, before):
            changed = [*entry.lines]
            changed[repair.line] = repair.text
            outcome = self._try(entry, changed)
            reached = outcome.reached
            if reached > furthest or (reached == furthest and best and outcome.doubled < doubled):
                best, furthest, doubled = repair, reached, outcome.doubled
            if outcome.error is None and outcome.doubled <= before.doubled:
                return repair
        return best

    def _apply(self, repair: Repair, entry: _Entry, lines: list[str]) -> None:
        first = entry.first
        fields = dict(repair.fields)
        if repair.key == "syntax.bracket":
            fields["line"] = first + repair.at[0] + 1
        mark = Mark(first + repair.at[0] + 1, repair.at[1])
        self._found.faults.append(Fault(mark, repair.key, fields))
        self._found.repaired |= {first + repair.line + 1, mark.line}
        if repair.lossy:
            # A blank line in a text of several lines is a line break in it.
            self._found.repaired.add(first + repair.line)
        cut = all(map(empty, lines[max(mark.line, first + repair.line + 1) :]))
        if cut or (repair.lossy and lines[mark.line - 1][:1].strip()):
            root = next((i for i, line in enumerate(lines) if structural(line)), 0)
            self._found.lost.append((root + 1, root + 1))
        if repair.lossy or cut or repair.key in _MOVED:
            self._found.lost.append((first + 1, first + len(entry.lines)))
        entry.lines[repair.line] = repair.text
        lines[first + repair.line] = repair.text

    def _leave_out(self, entry: _Entry, outcome: _Outcome, lines: list[str]) -> None:
        """Keep only the key of ``entry``, if it has an error that no repair could mend."""
        if outcome.error is None:
            return
        mark, key, fields = explain(outcome.error, entry.text(entry.lines))
        down = entry.first - 1
        if "line" in fields:
            fields["line"] = int(str(fields["line"])) + down
        mark = Mark(min(max(1, mark.line + down), len(lines)), mark.column)
        self._found.faults.append(Fault(mark, key, fields))
        self._found.complete = False
        last = entry.first + len(entry.lines)
        self._found.lost.append((entry.first + 1, last))
        keep = 1 if lines[entry.first][:1].strip() and structural(lines[entry.first]) else 0
        for i in range(entry.first + keep, last):
            lines[i] = ""

    def _try(self, entry: _Entry, lines: list[str]) -> _Outcome:
        text = entry.text(lines)
        self._trials += 1
        self._chars += len(text)
        if self._trials > MOST_TRIALS or self._chars > MOST_TRIAL_CHARS:
            raise _Spent
        doubled: list[int] = []
        try:
            _run(self._loader(text), doubled)
        except yaml.YAMLError as e:
            context, problem = getattr(e, "context_mark", None), getattr(e, "problem_mark", None)
            line = max(0, problem.line - 1) if problem is not None else 0
            inside = _INSIDE.search(str(getattr(e, "context", "")))
            start = context.line - 1 if context is not None and inside else line
            return _Outcome(e, start, line, len(doubled))
        return _Outcome(None, len(lines) + 1, len(lines) + 1, len(doubled))


def _candidates(lines: list[str], outcome: _Outcome) -> Iterable[Repair]:
    """The repairs worth a trial: signs on all lines so far, others near the error."""
    last = min(outcome.line, len(lines) - 1)
    found = [repair for i in range(last + 1) for repair in signs(lines, i)]
    if outcome.line >= len(lines):
        second = (i for i in range(1, len(lines)) if structural(lines[i]))
        found += near(lines, next(second, 0))
    i, seen = last, 0
    while i >= 0 and seen <= NEAR:
        found += near(lines, i)
        seen += structural(lines[i])
        i -= 1
    return sorted(found, key=lambda repair: (repair.rank, last - repair.line))


def _run(parser: Any, doubled: list[int] | None = None) -> None:
    """Parse to the end; add the line of each repeated key to ``doubled``."""
    stack: list[list[Any]] = []
    while type(event := parser.get_event()) is not yaml.StreamEndEvent:
        kind = type(event)
        if kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            stack.pop()
            continue
        starts = kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent)
        if not starts and kind is not yaml.ScalarEvent and kind is not yaml.AliasEvent:
            continue
        if stack and stack[-1][0]:
            top = stack[-1]
            if top[1] and kind is yaml.ScalarEvent:
                if event.value in top[2] and doubled is not None:
                    doubled.append(event.start_mark.line)
                top[2].add(event.value)
            top[1] = not top[1]
        if starts:
            stack.append([kind is yaml.MappingStartEvent, True, set()])
