"""The vocabulary of screens and slips, from ``assets/locale``."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from kiosk.domain.words import Words, with_queue
from kiosk.errors import SettingsError
from menu.local_text import LocalText
from menu.problems import START, FileProblem, Mark, Report
from menu.texts import completed, languages_in, read

RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO", "RLI"})
"""Classes of letters and marks that are written from right to left (Unicode Annex 9)."""


def available_languages(assets_dir: Path) -> tuple[str, ...]:
    """The languages that have a vocabulary; Bahasa Indonesia and English first."""
    return languages_in(assets_dir / "locale")


def load_words(
    assets_dir: Path,
    languages: tuple[str, ...],
    overrides: Mapping[str, LocalText] | None = None,
    lang: str = "id",
    site: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Words:
    """The words in ``languages``, those of ``overrides`` (key to text) in place of the usual.

    ``site``: the site's own texts by language; they win over the kiosk's. A language may lack
    texts: it gets those of the site's other languages, then of all others, each with the word for
    the queue of the language that it is from.

    Raises SettingsError (in ``lang``) where the file of one of ``languages`` is missing or
    damaged.
    """
    loaded: dict[str, dict[str, str]] = {}
    problems: list[FileProblem] = []
    shipped = available_languages(assets_dir)
    for language in dict.fromkeys((*languages, *shipped)):
        own = site.get(language, {})
        report = Report(str(assets_dir / "locale" / f"{language}.json"), lang)
        if own and language not in shipped:
            loaded[language] = dict(own)
        else:
            loaded[language] = completed(own, read_vocabulary(Path(report.file), report))
        if language in languages:
            problems.extend(report)
    if problems:
        raise SettingsError(tuple(str(p) for p in problems), tuple(problems))
    replaced = (overrides or {}).items()
    for language, texts in loaded.items():
        for key, text in replaced:
            if key not in texts or {language, ""} & text.by_language.keys():
                texts[key] = text.in_(language)
        loaded[language] = with_queue(texts)
    by_language: dict[str, dict[str, str]] = {}
    for language in languages:
        by_language[language] = loaded[language]
        for other in loaded.values():
            by_language[language] = completed(by_language[language], _of_any_language(other))
    return Words.of(by_language)


def _of_any_language(texts: Mapping[str, str]) -> dict[str, str]:
    """``texts`` without those about the language itself, its name and its plural forms."""
    return {key: text for key, text in texts.items() if not key.startswith("lang.")}


def is_right_to_left(text: str) -> bool:
    """Whether ``text`` has letters or marks that are written from right to left."""
    return any(unicodedata.bidirectional(c) in RIGHT_TO_LEFT for c in text)


def read_vocabulary(path: Path, report: Report) -> dict[str, str]:
    """The texts of one language by key; empty, with a problem, where they cannot be read."""
    try:
        texts = read(path)
        if any(map(is_right_to_left, texts.values())):
            report.error(START, None, "locale.rtl")
        return texts
    except FileNotFoundError:
        report.error(START, None, "file.missing")
    except json.JSONDecodeError as e:
        report.error(Mark(e.lineno, e.colno), None, "locale.broken", None, reason=e.msg)
    except ValueError as e:
        report.error(START, None, "locale.broken", None, reason=str(e))
    except OSError as e:
        report.error(START, None, "locale.broken", None, reason=type(e).__name__)
    return {}
