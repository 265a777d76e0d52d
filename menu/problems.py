"""Problems of a settings file: where, what is wrong, in words for staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from menu.messages import meant, noun, say

MOST_PROBLEMS = 100
"""Of one file; further ones are only counted, so that the output stays readable."""

MOST_ALIKE = 5
"""Limit for warnings of one wording. More of them, such as a language that most texts lack, become
one line with their number, so that they hide no other warning."""

_OMISSIONS = frozenset(
    {"key.missing", "name.missing", "hours.none", "key.empty", "key.nothing", "type.mapping"}
    | {"key.translation", "list.short"}
)
_REFERENCES = frozenset({"closure.agency", "need.service"})

EXCERPT = 60
"""Characters of a wrong value that a message shows at most."""


class Mark(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


START = Mark(1, 1)


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One error or warning.

    ``path`` names the value ("agency 'x' > service 'y' > hours"), empty for the file
    as a whole; ``text`` says what is wrong and what was probably meant. A ``warning`` does not
    keep the settings from being used.
    """

    file: str
    line: int
    column: int
    path: str
    text: str
    warning: bool = False

    def __str__(self) -> str:
        way = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {way}{self.text}"


class Step(NamedTuple):
    """One item of a list on the way to a value: what it is, its code if known, its place."""

    noun: str
    code: str
    position: int

    def words(self, lang: str) -> str:
        """``instansi 'djp'``, or ``instansi ke-3`` where it has no code."""
        if self.code:
            return f"{noun(lang, self.noun)} '{excerpt(self.code)}'"
        return say(lang, "path.nth", noun=noun(lang, self.noun), n=self.position + 1)


class Way(NamedTuple):
    """The way from the top of a file to a value, as a chain that costs nothing to lengthen."""

    parent: Way | None
    step: str | Step

    def words(self, lang: str) -> str:
        """The way as people read it."""
        steps: list[str] = []
        way: Way | None = self
        while way is not None:
            steps.append(excerpt(way.step) if isinstance(way.step, str) else way.step.words(lang))
            way = way.parent
        return " > ".join(reversed(steps))


class Report:
    """Collects the problems of one file, in the language asked for."""

    def __init__(self, file: str, lang: str) -> None:
        self.file = file
        self.lang = lang
        self._errors: list[FileProblem] = []
        self._warnings: list[FileProblem] = []
        self._uncounted = 0
        self._alike: Counter[str] = Counter()
        self._first: dict[str, FileProblem] = {}
        self._muted: frozenset[int] = frozenset()
        self._lost: tuple[tuple[int, int], ...] = ()

    def error(
        self, at: Mark, way: Way | None, key: str, guess: str | None = None, /, **fields: object
    ) -> None:
        """Notes an error: ``key`` and ``fields`` name a text, ``guess`` what was meant."""
        if at.line in self._muted or (self._lost and self._by_loss(at, key)):
            return
        if len(self._errors) < MOST_PROBLEMS:
            problem = self._problem(at, way, key, fields, warning=False)
            if guess:
                problem = replace(problem, text=problem.text + meant(self.lang, guess))
            self._errors.append(problem)
        else:
            self._uncounted += 1

    def warn(self, at: Mark, way: Way | None, key: str, /, **fields: object) -> None:
        """Notes something that staff should know and that stops nothing."""
        if at.line in self._muted or (self._lost and self._by_loss(at, key)):
            return
        problem = self._problem(at, way, key, fields, warning=True)
        self._alike[problem.text] += 1
        self._first.setdefault(problem.text, problem)
        if self._alike[problem.text] <= MOST_ALIKE and len(self._warnings) < MOST_PROBLEMS:
            self._warnings.append(problem)

    def mute(self, repaired: Iterable[int], lost: Iterable[tuple[int, int]]) -> None:
        """From now on, skip what only the repair of a mistake of syntax causes.

        ``repaired``: lines that are no longer read as the file has them; their mistake is in the
        report. ``lost``: ranges of lines in which something was left out, so that a missing value,
        or a reference to nothing, need not be a mistake.
        """
        self._muted |= frozenset(repaired)
        self._lost += tuple(lost)

    def withdraw(self, at: Mark) -> None:
        """Take back the warnings at this place, whose cause is an error elsewhere."""
        for warning in [w for w in self._warnings if (w.line, w.column) == at]:
            self._warnings.remove(warning)
            self._alike[warning.text] -= 1

    def more_may_follow(self) -> None:
        """Add to the last error that what follows it could not be read."""
        last = self._errors[-1]
        self._errors[-1] = replace(last, text=last.text + say(self.lang, "syntax.more"))

    def _by_loss(self, at: Mark, key: str) -> bool:
        """Whether what was left out can be why ``key`` is reported."""
        if key in _REFERENCES:
            return True
        return key in _OMISSIONS and (any(first <= at.line <= last for first, last in self._lost))

    def take(self, other: Report) -> None:
        """Add the problems of ``other``, of the same file."""
        self.mute(other._muted, other._lost)
        self._errors += other._errors
        self._warnings += other._warnings
        self._uncounted += other._uncounted
        self._alike += other._alike
        self._first = {**other._first, **self._first}

    @property
    def failed(self) -> bool:
        """Whether there is an error."""
        return bool(self._errors)

    def __iter__(self) -> Iterator[FileProblem]:
        """Errors and warnings from top to bottom; the last line counts what was left out."""
        warnings = [w for w in map(self._counted, self._warnings) if w is not None]
        found = sorted([*self._errors, *warnings], key=lambda p: (p.line, p.column))
        yield from found
        last = Mark(found[-1].line, found[-1].column) if found else START
        if self._uncounted:
            yield self._problem(last, None, "file.more", {"n": self._uncounted}, warning=False)

    def _counted(self, warning: FileProblem) -> FileProblem | None:
        """``warning``; where there are many of its wording, the first of them with their number."""
        n = self._alike[warning.text]
        if n <= MOST_ALIKE:
            return warning
        if self._first[warning.text] is not warning:
            return None
        return replace(warning, text=say(self.lang, "file.alike", n=n, text=warning.text))

    def _problem(
        self, at: Mark, way: Way | None, key: str, fields: dict[str, object], warning: bool
    ) -> FileProblem:
        path = way.words(self.lang) if way is not None else ""
        text = say(self.lang, key, **fields)
        return FileProblem(self.file, at.line, at.column, path, text, warning)


def lines(problems: Iterable[FileProblem], lang: str) -> list[str]:
    """Problems as a command prints them: warnings first and named so, then the errors, which must
    not be scrolled away, and a count where there are both or several."""
    found = list(problems)
    warnings = [p for p in found if p.warning]
    errors = [p for p in found if not p.warning]
    printed = [str(replace(p, text=say(lang, "problem.warning", text=p.text))) for p in warnings]
    printed += [str(p) for p in errors]
    if len(found) > 1:
        printed.append(say(lang, "problem.count", errors=len(errors), warnings=len(warnings)))
    return printed


def workflow_commands(problems: Iterable[FileProblem], warnings: Iterable[str]) -> list[str]:
    """Problems as commands that GitHub shows beside the lines of the files (GitHub Docs, "Workflow
    commands for GitHub Actions": "Setting an error message", and its toolkit's escapes).

    A file below the working directory is named relative to it, as GitHub expects. ``warnings``:
    texts about no line of a file.
    """
    here, printed = Path.cwd(), []
    for problem in problems:
        file = Path(problem.file).resolve()
        name = str(file.relative_to(here) if file.is_relative_to(here) else file)
        level = "warning" if problem.warning else "error"
        place = f"file={_escaped(name, ':,')},line={problem.line},col={problem.column}"
        way = f"{problem.path}: " if problem.path else ""
        printed.append(f"::{level} {place}::{_escaped(way + problem.text)}")
    return printed + [f"::warning::{_escaped(text)}" for text in warnings]


def _escaped(text: str, also: str = "") -> str:
    """``text`` with what ends a command or a value of it as ``%`` and two digits."""
    codes = {char: f"%{ord(char):02X}" for char in f"%\r\n{also}"}
    return "".join(codes.get(char, char) for char in text)


def excerpt(text: str) -> str:
    """``text`` on one line, shortened, with invisible characters escaped."""
    shown = text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown)
