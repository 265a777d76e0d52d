"""The vocabulary of screens and slips, from ``assets/locale``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kiosk.domain.text import LocalText
from kiosk.domain.words import Words
from kiosk.errors import SettingsError
from kiosk.settings.problems import START, Mark, Problem, Report


def available_languages(assets_dir: Path) -> tuple[str, ...]:
    """The languages that have a vocabulary; Bahasa Indonesia and English first."""
    names = sorted(path.stem for path in (assets_dir / "locale").glob("*.json"))
    return tuple(sorted(names, key=lambda n: {"id": 0, "en": 1}.get(n, 2)))


def load_words(
    assets_dir: Path,
    languages: tuple[str, ...],
    overrides: Mapping[str, LocalText] | None = None,
    lang: str = "id",
) -> Words:
    """The words in ``languages``, those of ``overrides`` (key to text) in place of the usual.

    Raises SettingsError (in ``lang``) where a language's file is missing or damaged.
    """
    by_language: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    for language in languages:
        path = assets_dir / "locale" / f"{language}.json"
        report = Report(str(path), lang)
        by_language[language] = read_vocabulary(path, report)
        problems.extend(report)
    if problems:
        raise SettingsError(tuple(str(p) for p in problems), tuple(problems))
    for key, text in (overrides or {}).items():
        for language, texts in by_language.items():
            texts[key] = text.in_(language)
    return Words.of(by_language)


def read_vocabulary(path: Path, report: Report) -> dict[str, str]:
    """The texts of one language by key; empty, with a problem, where they cannot be read."""
    try:
        texts = json.loads(path.read_bytes())
    except FileNotFoundError:
        report.error(START, None, "file.missing")
    except json.JSONDecodeError as e:
        report.error(Mark(e.lineno, e.colno), None, "locale.broken", None, reason=e.msg)
    except (OSError, ValueError, RecursionError) as e:
        report.error(START, None, "locale.broken", None, reason=type(e).__name__)
    else:
        if isinstance(texts, dict) and all(isinstance(t, str) for t in texts.values()):
            return texts
        report.error(START, None, "locale.broken", None, reason="{key: text}")
    return {}
