"""The languages that a site keeps in its settings folder: ``locale/<code>/``.

``words.yaml`` holds the texts (the keys of ``assets/locale``), read with the reader of the other
settings files; a font file beside it draws letters that the kiosk's own typeface lacks. Only the
languages of ``site.languages`` are read, so a translation that is not finished disturbs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.domain.config import FontFiles, LanguageProblem
from kiosk.domain.slip_names import lost, unprintable_names, unprintable_requirements
from kiosk.settings.locale import is_right_to_left
from kiosk.typeface import Face, best_face, needs_shaping, read_face, says_something
from menu import schema, source
from menu.catalogue import Catalogue
from menu.known_names import KnownNames
from menu.problems import START, Report, Way, excerpt
from menu.reading import MISSING
from menu.retired_words import RETIRED
from menu.rules import closest
from menu.source import Mapping as Tree
from menu.source import Node, Scalar, Sequence, read_tree
from menu.text_reader import TextReader
from menu.texts import FORM, PLURAL, VARIANT, plural_form

FOLDER = "locale"
WORDS = "words.yaml"
NAME, VOICE = "lang.name", "lang.voice"
FONT_ENDINGS = (".ttf", ".otf", ".ttc")
NOT_FOR_VISITORS = ("staff.", "slip.test_", "demo.")
"""Beginnings of the keys that visitors do not read: they may stay in another language."""

PRINTED = ("slip.", "day.", "month.")
"""Beginnings of the keys that are on the slip."""

_CODE = re.compile(r"[a-z]{2,3}")
_VOICE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}")
_VARIANT = re.compile(rf"\d{{1,4}}|{FORM}\d")
_LONGEST = 500
_SHOWN = 12
_NAMES_SHOWN = 3
"""Letters that a message names at most."""


@dataclass(frozen=True, slots=True)
class SiteLanguages:
    """What the site's own folders give. ``words``: texts by language and key. ``fonts``: in the
    order of ``site.languages``. ``faces``: the kiosk's typeface and these. ``missing``: the
    languages without usable words, ``unprintable``: those that the printer's code page lacks.
    ``reports``: what is wrong, a file each. ``problems``: of languages that the kiosk does not
    bring, without usable words or with those of an older set."""

    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fonts: tuple[FontFiles, ...] = ()
    faces: tuple[Face, ...] = ()
    missing: frozenset[str] = frozenset()
    unprintable: frozenset[str] = frozenset()
    reports: tuple[Report, ...] = ()
    problems: tuple[LanguageProblem, ...] = ()


def word_files(config_dir: Path) -> Iterator[str]:
    """The names of the word files in ``config_dir``, such as ``locale/jv/words.yaml``, also of
    those that cannot be read. No limit: a folder that is not in ``site.languages`` must not take
    the place of one that is."""
    try:
        found = sorted(p.name for p in (config_dir / FOLDER).iterdir() if _CODE.fullmatch(p.name))
    except OSError:
        return
    for code in found:
        if _is_there(config_dir / FOLDER / code / WORDS):
            yield f"{FOLDER}/{code}/{WORDS}"


def font_files(config_dir: Path) -> tuple[tuple[str, int, int], ...]:
    """Path, size in bytes and time of change of every font file in ``config_dir``."""
    found = []
    with suppress(OSError):
        for path in sorted((config_dir / FOLDER).glob("*/*")):
            if path.suffix.lower() in FONT_ENDINGS and _is_file(path):
                status = path.stat()
                found.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class LanguageFolder:
    """``files``: the folder with the word files, where it is not ``config_dir``, whose files the
    reports name. ``typeface``: the kiosk's; None where letters are not to be checked. ``lang``:
    that of the reports. ``older``: folders with words that are used in place of broken ones."""

    config_dir: Path
    files: Path
    typeface: Face | None
    lang: str
    older: tuple[Path, ...] = ()

    def read(
        self,
        languages: tuple[str, ...],
        shipped: Mapping[str, Mapping[str, str]],
        names: KnownNames,
        code_page: str,
    ) -> SiteLanguages:
        """The site's words and fonts for ``languages``. ``shipped``: the kiosk's texts by language.
        ``code_page``: the printer's; empty where it is not known."""
        fonts, reports = self._fonts(languages)
        faces = () if self.typeface is None else (self.typeface, *(face for _, face in fonts))
        words: dict[str, Mapping[str, str]] = {}
        missing, unprintable = set(), set()
        problems: list[LanguageProblem] = []
        for code in languages:
            path = self.files / FOLDER / code / WORDS
            if code in shipped and not _is_there(path):
                continue
            report = Report(str(self.config_dir / FOLDER / code / WORDS), self.lang)
            reports.append(report)
            words[code] = self._words(path, code, shipped, names, faces, report)
            if code not in shipped and (report.failed or not words[code]):
                older = self._older_words(code, shipped, names, faces)
                line = next((str(p) for p in report if not p.warning), report.file)
                problems.append(LanguageProblem(code, line, kept=bool(older)))
                words[code] = older or words[code]
                if not older:
                    missing.add(code)
            if code_page and lacks_letters(words[code], code_page):
                unprintable.add(code)
                if code == languages[0]:
                    report.error(START, None, "language.slip_first", None, page=code_page)
                else:
                    report.warn(START, None, "language.slip", page=code_page)
        return SiteLanguages(
            words,
            tuple(files for files, _ in fonts),
            faces,
            frozenset(missing),
            frozenset(unprintable),
            tuple(reports),
            tuple(problems),
        )

    def _older_words(
        self,
        code: str,
        shipped: Mapping[str, Mapping[str, str]],
        names: KnownNames,
        faces: tuple[Face, ...],
    ) -> dict[str, str]:
        """The words of the first folder of ``older`` in which they are good; empty without one."""
        for folder in self.older:
            path = folder / FOLDER / code / WORDS
            if _is_there(path):
                report = Report(str(path), self.lang)
                words = self._words(path, code, shipped, names, faces, report)
                if words and not report.failed:
                    return words
        return {}

    def _words(
        self,
        path: Path,
        code: str,
        shipped: Mapping[str, Mapping[str, str]],
        names: KnownNames,
        faces: tuple[Face, ...],
        report: Report,
    ) -> dict[str, str]:
        if not _is_there(path):
            report.error(START, None, "language.no_words", None, code=code)
            return {}
        tree = read_tree(path, report)
        if tree is None:
            return {}
        if faces:
            report_undrawn(tree, faces, report)
        return _WordsReader(report, names).words_of(tree, code, shipped)

    def _fonts(
        self, languages: tuple[str, ...]
    ) -> tuple[list[tuple[FontFiles, Face]], list[Report]]:
        """The fonts of the languages that have one, and what is wrong with the files."""
        fonts, reports = [], []
        for code in languages:
            regular, bold = _weights(self.config_dir / FOLDER / code)
            if regular is None:
                continue
            try:
                face = read_face(regular)
                read_face(bold or regular)
            except (OSError, ValueError):
                reports.append(Report(str(regular), self.lang))
                reports[-1].error(START, None, "font.broken")
                continue
            fonts.append((FontFiles(str(regular), str(bold or regular)), face))
        return fonts, reports


def _is_file(path: Path) -> bool:
    """As ``Path.is_file``, but also False where the folder may not be looked into."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_there(path: Path) -> bool:
    """Whether reading it gives the file or the reason why it cannot be read."""
    try:
        return path.exists()
    except OSError:
        return True


def _weights(folder: Path) -> tuple[Path | None, Path | None]:
    """The regular and the bold font file in ``folder``; the bold one says so in its name."""
    try:
        found = sorted(p for p in folder.iterdir() if p.suffix.lower() in FONT_ENDINGS)
    except OSError:
        return None, None
    bold = next((path for path in found if "bold" in path.stem.lower()), None)
    return next((path for path in found if path != bold), bold), bold


class _WordsReader(TextReader):
    """Reads one ``words.yaml``."""

    def __init__(self, report: Report, names: KnownNames) -> None:
        super().__init__(report, names, {})

    def words_of(
        self, tree: Node, code: str, shipped: Mapping[str, Mapping[str, str]]
    ) -> dict[str, str]:
        """The texts by key; what is wrong is reported."""
        if not isinstance(tree, Tree):
            self._wrong("type.mapping", tree, None)
            return {}
        texts: dict[str, str] = {}
        for name, (key, value) in tree.items.items():
            if self._is_key(name, key):
                text = self.string(value, Way(None, name), _LONGEST)
                if text is MISSING or not self._fits(name, text, value):
                    continue
                original = shipped.get("id", {}).get(name.partition(VARIANT)[0], "")
                if says_something(original) and not says_something(text):
                    self._report.error(value.mark, Way(None, name), "language.no_letters")
                    continue
                texts[name] = text
        if code not in shipped:
            if NAME not in tree.items:
                self._report.error(START, None, "key.missing", None, key=NAME)
            self._count_missing(texts, shipped)
        return texts

    def _count_missing(
        self, texts: Mapping[str, str], shipped: Mapping[str, Mapping[str, str]]
    ) -> None:
        wanted = {key.partition(VARIANT)[0] for key in shipped.get("id", {})}
        wanted = {key for key in wanted if not key.startswith((*NOT_FOR_VISITORS, "lang."))}
        lacking = wanted - {key.partition(VARIANT)[0] for key in texts}
        if lacking:
            fields: dict[str, object] = {"n": len(lacking), "of": len(wanted)}
            self._report.warn(START, None, "language.lacks", **fields)

    def _is_key(self, name: str, key: Scalar) -> bool:
        base, mark, variant = name.partition(VARIANT)
        known = self._names.words
        if name in (PLURAL, VOICE) or (base in known and (not mark or _VARIANT.fullmatch(variant))):
            return True
        if base in RETIRED:
            self._report.warn(key.mark, None, "words.retired", key=excerpt(name))
        else:
            guess = closest(base, known)
            self._report.error(key.mark, None, "words.key", guess, key=excerpt(name))
        return False

    def _fits(self, name: str, text: str, node: Node) -> bool:
        way = Way(None, name)
        if is_right_to_left(text):
            self._report.error(node.mark, way, "locale.rtl")
            return False
        if name == PLURAL:
            try:
                plural_form(text)
            except ValueError:
                self._report.error(node.mark, way, "language.plural", None, value=excerpt(text))
                return False
            return True
        if name == VOICE:
            if not _VOICE.fullmatch(text):
                self._report.error(node.mark, way, "language.voice", None, value=excerpt(text))
                return False
            return True
        base, variant, _ = name.partition(VARIANT)
        known = self._names.words[base]
        fields = known if base == "word.queue" else (*known, "queue", "Queue", "QUEUE")
        if not self._fields_fit(schema.Local(fields=fields), text, node, way):
            return False
        lost = [f for f in known if "{" + f + "}" not in text and f.lower() != "queue"]
        if lost and not variant:
            self._report.warn(node.mark, way, "language.field", field="{" + lost[0] + "}")
        return True


# ── letters that no font can draw ────────────────────────────────────────────────────────────


def undrawn(text: str, faces: tuple[Face, ...]) -> str:
    """The letters of ``text`` that are drawn as ``?``, each once."""
    return faces[best_face(faces, text)].lacks(text)


def check_letters(text: str | None, faces: tuple[Face, ...], report: Report) -> None:
    """Report letters in a settings file that no font can draw. ``text``: the file, whose mistakes
    were reported before; None where it could not be read."""
    if text is None or not faces or report.failed:
        return
    own = faces[0].characters
    # Parsing once more takes as long as the check: only where there are unusual letters.
    if "\\" in text or any(ord(c) not in own and c not in "\n\r\t" for c in set(text)):
        tree = source.parse(text, Report("", report.lang))
        if tree is not None:
            report_undrawn(tree, faces, report)


def report_undrawn(tree: Node, faces: tuple[Face, ...], report: Report) -> None:
    """One error for all texts of ``tree`` with letters that no font can draw, at the first."""
    texts = [(scalar, lacking) for scalar in _scalars(tree) if (lacking := _lacking(scalar, faces))]
    if not texts:
        return
    letters = "".join(dict.fromkeys("".join(lacking for _, lacking in texts)))
    shown = letters[:_SHOWN] + ("…" if len(letters) > _SHOWN else "")
    key = "font.shaping" if all(map(needs_shaping, letters)) else "font.lacks"
    report.error(texts[0][0].mark, None, key, None, letters=shown, n=len(texts))


def _lacking(scalar: Scalar, faces: tuple[Face, ...]) -> str:
    return "" if scalar.value.isascii() else undrawn(scalar.value, faces)


def _scalars(node: Node) -> Iterator[Scalar]:
    """The single values in ``node``, without keys."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
    else:
        for _, value in node.items.values():
            yield from _scalars(value)


def lacks_letters(texts: Mapping[str, str], code_page: str) -> bool:
    """Whether a printer cannot print a slip in a language: its code page lacks more than a
    twentieth of the letters of the slip's texts, also without their accents."""
    slip = (text for key, text in texts.items() if key.startswith(PRINTED))
    return lost(" ".join(slip), code_page) * 20 > 1


def warn_of_names(catalogue: Catalogue, code_page: str, report: Report) -> None:
    """Warn once of the names, and once of the requirements, that the printer cannot print."""
    names = unprintable_names(catalogue, code_page)
    if names:
        some = _some(names)
        report.warn(START, None, "slip.names", page=code_page, names=some, n=len(names))
    needed = unprintable_requirements(catalogue, code_page)
    if needed:
        some = _some(needed)
        report.warn(START, None, "slip.requirements", page=code_page, names=some, n=len(needed))


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
