"""Broken settings files by seeded mutation of the shipped ones, each with the line that changed.

Each kind of mistake is one that people make with a plain editor. The same number and seed give the
same files.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
SEED = 12
APART = 3
INDENTS = ("one blank too many", "one blank too few", "indent lost")
SOURCES = (
    *(("config", "agencies.yaml"),) * 5,
    ("config", "kiosk.yaml"),
    ("config", "ticket.yaml"),
    *(("examples/mpp-besar", "agencies.yaml"),) * 2,
    ("examples/mpp-besar", "ticket.yaml"),
    *(("examples/mpp-kecil", "agencies.yaml"),) * 2,
)
KEY = re.compile(r"( *(?:- )?)([a-z][\w.-]*):( +|$)")
PAIR = re.compile(r"(?<=[{,] )[a-z]\w*: |(?<=[{])[a-z]\w*: |^ *(?:- )?[a-z][\w.-]*: ")
QUOTED = re.compile(r'(?<=[ \[{])"[^"]*"')

# Keys whose value has a form, with a value that has another.
WRONG_VALUES = {
    "timezone": "Asia/Balikpapan",
    "prefix": "d k",
    "languages": "[id, xx]",
    "mon-thu": '"08.15 pagi"',
    "fri": '"11:00-08:15"',
    "open_minutes_before": "setengah jam",
    "icon": "gambar-bank",
    "popular": "pertama",
    "diagonal_inch": "besar",
    "paper_mm": "lebar",
    "idle_s": "lama",
    "on_fault": "terserah",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """``text`` is the whole file ``name``; a report is right where its first line is of ``lines``:
    those that were changed, or where the bracket that is not closed was opened."""

    kind: str
    folder: str
    name: str
    text: str
    lines: frozenset[int]


@dataclass(frozen=True, slots=True)
class BrokenTwice:
    """A file with several mistakes: for each its kind and the lines that a report may name."""

    folder: str
    name: str
    text: str
    mistakes: tuple[tuple[str, frozenset[int]], ...]


class Change(NamedTuple):
    """The lines of a file after the mistake, and the indices that a report may name."""

    lines: list[str]
    at: tuple[int, ...]


Lines = list[str]
Mistake = Callable[[Lines, random.Random], Change | None]


def broken_files(number: int, seed: int = SEED) -> Iterator[Broken]:
    """``number`` broken files, the kinds in turn."""
    rng = random.Random(seed)
    texts = {source: (ROOT.joinpath(*source)).read_text("utf-8") for source in set(SOURCES)}
    kinds = list(KINDS.items())
    for i in range(number):
        kind, mistake = kinds[i % len(kinds)]
        change, (folder, name) = None, SOURCES[0]
        while change is None or (kind in INDENTS and _same(change.lines, texts[folder, name])):
            folder, name = rng.choice(SOURCES)
            change = mistake(texts[folder, name].split("\n"), rng)
        lines = frozenset(at + 1 for at in change.at)
        yield Broken(kind, folder, name, "\n".join(change.lines), lines)


def _same(lines: Lines, text: str) -> bool:
    """Whether the file says what it said: the only line of a part may have any indent."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        changed = yaml.load("\n".join(lines), loader)
    except yaml.YAMLError:
        return False
    return bool(changed == yaml.load(text, loader))


def broken_twice(number: int, seed: int = SEED, mistakes: int = 2) -> Iterator[BrokenTwice]:
    """``number`` files with this many mistakes each, on lines at least ``APART`` from each other.

    A file that is cut off is not among them: what was cut off cannot be named.
    """
    rng = random.Random(f"{seed} twice")
    texts = {source: (ROOT.joinpath(*source)).read_text("utf-8") for source in set(SOURCES)}
    kinds = [kind for kind in KINDS if kind != "cut off"]
    while number:
        folder, name = rng.choice(SOURCES)
        lines = texts[folder, name].split("\n")
        found: list[tuple[str, tuple[int, ...]]] = []
        # Whether an indent matters is only seen in a file that is sound so far.
        for kind in sorted(rng.sample(kinds, mistakes), key=lambda kind: kind not in INDENTS):
            change = KINDS[kind](lines, rng)
            if change is None or not _apart(change.at, found):
                break
            if kind in INDENTS and (found or _same(change.lines, texts[folder, name])):
                break
            added = len(change.lines) - len(lines)
            found = [
                (k, tuple(at + added * (at >= change.at[0]) for at in ats)) for k, ats in found
            ]
            found.append((kind, change.at))
            lines = change.lines
        if len(found) == mistakes:
            number -= 1
            named = tuple((kind, frozenset(at + 1 for at in ats)) for kind, ats in found)
            yield BrokenTwice(folder, name, "\n".join(lines), named)


def _apart(at: tuple[int, ...], found: list[tuple[str, tuple[int, ...]]]) -> bool:
    return all(abs(a - b) >= APART for _, ats in found for a in at for b in ats)


def structure(lines: Lines) -> list[int]:
    """The indices of the lines that begin with a key or a dash."""
    return [i for i, line in enumerate(lines) if KEY.match(line) or re.match(r" *- ", line)]


def _pick(lines: Lines, rng: random.Random, pattern: str) -> tuple[int, re.Match[str]] | None:
    """A random line with a match of ``pattern`` in front of its comment."""
    found = []
    for i in structure(lines):
        match = list(re.finditer(pattern, re.split(r" +#", lines[i])[0]))
        found += [(i, m) for m in match]
    return rng.choice(found) if found else None


def _edit(pattern: str, new: str | Callable[[re.Match[str]], str]) -> Mistake:
    """A mistake that replaces one match of ``pattern`` on a random line."""

    def mistake(lines: Lines, rng: random.Random) -> Change | None:
        picked = _pick(lines, rng, pattern)
        if picked is None:
            return None
        i, match = picked
        text = match.expand(new) if isinstance(new, str) else new(match)
        changed = lines[i][: match.start()] + text + lines[i][match.end() :]
        return _changed(lines, i, changed)

    return mistake


def _changed(lines: Lines, i: int, line: str, *also: int) -> Change | None:
    if line == lines[i]:
        return None
    return Change([*lines[:i], line, *lines[i + 1 :]], (i, *also))


def _opening(lines: Lines, i: int) -> int:
    """The line on which the bracket was opened whose last part is on line ``i``."""
    depth = 0
    for j in range(i, -1, -1):
        bare = re.sub(r'"[^"]*"', "", lines[j].split(" #")[0])
        depth += len(re.findall(r"[\]}]", bare)) - len(re.findall(r"[\[{]", bare))
        if depth <= 0 and j in structure(lines[: j + 1])[-1:]:
            return j
    return i


def _bracket(lines: Lines, rng: random.Random) -> Change | None:
    """The last closing bracket of a line is lost, also of a list over several lines."""
    ends = [i for i, line in enumerate(lines) if re.match(r"[^#]*[\]}] *(#.*)?$", line)]
    i = rng.choice(ends) if ends else None
    if i is None:
        return None
    head = re.split(r" +#", lines[i])[0].rstrip()
    return _changed(lines, i, head[:-1] + lines[i][len(head) :], _opening(lines, i))


def _shift(by: int) -> Mistake:
    def mistake(lines: Lines, rng: random.Random) -> Change | None:
        i = rng.choice(structure(lines))
        indent = len(lines[i]) - len(lines[i].lstrip(" "))
        if indent + by < 0:
            return None
        return _changed(lines, i, " " * (indent + by) + lines[i].lstrip(" "))

    return mistake


def _outdented(lines: Lines, rng: random.Random) -> Change | None:
    """A line begins at the left edge."""
    i = rng.choice(structure(lines))
    return _changed(lines, i, lines[i].lstrip(" "))


def _tab(lines: Lines, rng: random.Random) -> Change | None:
    i = rng.choice(structure(lines))
    return _changed(lines, i, re.sub(r"^ +", "\t", lines[i]))


def _doubled(lines: Lines, rng: random.Random) -> Change | None:
    """A line with key and value is pasted twice."""
    values = [i for i in structure(lines) if re.match(r" +[a-z]\w*: [^\[{]+$", lines[i])]
    if not values:
        return None
    i = rng.choice(values)
    return Change([*lines[: i + 1], lines[i], *lines[i + 1 :]], (i, i + 1))


def _pasted(lines: Lines, rng: random.Random) -> Change | None:
    """A line of other text between two lines."""
    i = rng.choice(structure(lines)[1:])
    indent = re.match(r" *", lines[i])[0]  # type: ignore[index]
    text = rng.choice(("asdf", "Rapat hari Senin", "lihat surat edaran, lampiran 2", "TODO"))
    return Change([*lines[:i], indent + text, *lines[i:]], (i,))


def _cut(lines: Lines, rng: random.Random) -> Change | None:
    """The file ends inside a bracket or a quote, or in a key."""
    picked = _pick(lines, rng, r'[\[{"][^\]}"]{2,}(?=.*[\]}"])|^ +(?:- )?[a-z]{3,}(?=:)')
    if picked is None or picked[0] < 12:
        return None
    i, match = picked
    return Change([*lines[:i], lines[i][: match.end() - 1]], (i,))


def _in_comment(character: str) -> Mistake:
    def mistake(lines: Lines, rng: random.Random) -> Change | None:
        notes = [i for i, line in enumerate(lines) if re.match(r" *# .{9}", line)]
        i = rng.choice(notes)
        at = rng.randrange(lines[i].index("#") + 2, len(lines[i]))
        return _changed(lines, i, lines[i][:at] + character + lines[i][at:])

    return mistake


def _wrong_value(lines: Lines, rng: random.Random) -> Change | None:
    picked = _pick(lines, rng, rf"^( *(?:- )?({'|'.join(WRONG_VALUES)}): )[^ ]+.*")
    if picked is None:
        return None
    i, match = picked
    return _changed(lines, i, match[1] + WRONG_VALUES[match[2]])


def _misspelt(match: re.Match[str]) -> str:
    key = match[2]
    return f"{match[1]}{key[:2]}{key[1:]}{match[3]}"


KEY_PART = r"^( *(?:- )?)([a-z][\w.-]{2,})(:(?: |$))"
FLOW_KEY = r"((?<=\{)|(?<=, ))([a-z]\w*)(: )"

KINDS: dict[str, Mistake] = {
    "tab": _tab,
    "closing quote lost": _edit(r'(?<=[ \[{])("[^"]*)"', r"\1"),
    "opening quote lost": _edit(r'(?<=[ \[{])"([^"]*")', r"\1"),
    "colon lost": _edit(r"^( *(?:- )?[a-z][\w.-]*):(?= |$)", r"\1"),
    "blank after colon lost": _edit(r"^( *(?:- )?[a-z][\w.-]*:) (?! )", r"\1"),
    "blank after colon lost in {}": _edit(FLOW_KEY, lambda m: m[2] + ":"),
    "= for a colon": _edit(r"^( *(?:- )?[a-z][\w.-]*): ", r"\1="),
    "' = ' for a colon": _edit(r"^( *(?:- )?[a-z][\w.-]*): ", r"\1 = "),
    "= for a colon in {}": _edit(FLOW_KEY, lambda m: m[2] + " = "),
    "fullwidth colon": _edit(r"^( *(?:- )?[a-z][\w.-]*): ?", r"\1："),
    "fullwidth colon in {}": _edit(FLOW_KEY, lambda m: m[2] + "："),
    "non-breaking space after colon": _edit(r"^( *(?:- )?[a-z][\w.-]*:) ", "\\1\u00a0"),
    "non-breaking space in indent": _edit(r"^( *) (?=\S)", "\\1\u00a0"),
    "non-breaking space after dash": _edit(r"^( *-) (?=\S)", "\\1\u00a0"),
    "non-breaking space in {}": _edit(FLOW_KEY, lambda m: m[2] + ":\u00a0"),
    "en dash for a dash": _edit(r"^( *)-(?= )", r"\1–"),
    "one blank too many": _shift(1),
    "one blank too few": _shift(-1),
    "indent lost": _outdented,
    "dash lost": _edit(r"^( *)- ", r"\1  "),
    "dash and blank lost": _edit(r"^( *)- ", r"\1"),
    "blank after dash lost": _edit(r"^( *-) (?=[\w{])", r"\1"),
    "key doubled": _doubled,
    "curly quotes": _edit(r'(?<=[ \[{])"([^"]*)"', "“\\1”"),
    "curly closing quote": _edit(r'(?<=[ \[{])("[^"]*)"', "\\1”"),
    "bracket not closed": _bracket,
    "bracket not opened": _edit(r"(?<= )[\[{](?=\S)", ""),
    "line pasted": _pasted,
    "word pasted": _edit(KEY_PART, lambda m: f"{m[1]}asdf {m[2]}{m[3]}"),
    "cut off": _cut,
    "unknown key": _edit(KEY_PART, _misspelt),
    "wrong value": _wrong_value,
    "U+0085 in a comment": _in_comment("\x85"),
    "U+2028 in a comment": _in_comment("\u2028"),
    "control character": _in_comment("\x07"),
    "backslash in quotes": _edit(r'(?<=[ \[{]")(?=[^"]*")', r"D:\\q "),
    "colon in a text": _edit(r"^( *(?:- )?(?:name|id|en|short): )(?=[A-Z])", r"\1Kantor: "),
    "reserved character": _edit(r"^( *(?:- )?(?:name|id|en|short|code): )(?=\w)", r"\1@"),
    "comma lost": _edit(r"(?<=[^,]), (?=[a-z]\w*: )", " "),
    "text after a quote": _edit(r'(?<=[ \[{])("[^"]*")(?=[^:]*$)', r"\1 lantai"),
}
