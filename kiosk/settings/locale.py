"""The vocabulary of screens and slips, from ``assets/locale``."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from kiosk.domain.words import Words
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
) -> Words:
    """The words in ``languages``, those of ``overrides`` (key to text) in place of the usual.

    A language may lack texts: it gets those of the site's other languages, then of all others.

    Raises SettingsError (in ``lang``) where the file of one of ``languages`` is missing or
    damaged.
    """
    loaded: dict[str, dict[str, str]] = {}
    problems: list[FileProblem] = []
    for language in dict.fromkeys((*languages, *available_languages(assets_dir))):
        path = assets_dir / "locale" / f"{language}.json"
        report = Report(str(path), lang)
        loaded[language] = read_vocabulary(path, report)
        if language in languages:
            problems.extend(report)
    if problems:
        raise SettingsError(tuple(str(p) for p in problems), tuple(problems))
    by_language: dict[str, dict[str, str]] = {}
    for language in languages:
        by_language[language] = loaded[language]
        for other in loaded.values():
            by_language[language] = completed(by_language[language], other)
    for key, text in (overrides or {}).items():
        for language, texts in by_language.items():
            texts[key] = text.in_(language)
    return Words.of(by_language)


def read_vocabulary(path: Path, report: Report) -> dict[str, str]:
    """The texts of one language by key; empty, with a problem, where they cannot be read."""
    try:
        texts = read(path)
        if any(unicodedata.bidirectional(c) in RIGHT_TO_LEFT for t in texts.values() for c in t):
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
