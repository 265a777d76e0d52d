"""The names on a slip in letters that the printer has.

A menu may name an agency in Chinese, Arabic or Javanese script, and a printer has one code page.
The slip then shows the name in another language of the menu that can be printed, else the code of
the agency or service, but no row of question marks. A single letter that is missing is left to the
printer's substitute.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from menu.catalogue import Agency, Catalogue, Found, Service, Site
from menu.local_text import LocalText

MOST_LOST = 1 / 3
"""A name without a printable form that loses more than this part of its letters is not printed."""

_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")


@lru_cache(maxsize=4096)
def lost(text: str, code_page: str) -> float:
    """The part of the letters of ``text`` that a code page (``CP858``) lacks, also without their
    accents, from 0 to 1."""
    letters = [c for c in unicodedata.normalize("NFKD", text) if c.isalpha()]
    lacking = sum(1 for c in letters if not _encodes(c, code_page))
    return lacking / len(letters) if letters else 0.0


def printable_found(found: Found, languages: Iterable[str], code_page: str) -> Found:
    """Agency and service with names that can be printed in ``languages``."""
    agency, service = found
    name, short = agency.name, agency.short
    code = agency.code.upper()
    return Found(
        replace(
            agency,
            name=_printable(name, languages, code_page, (short,), code),
            short=_printable(short, languages, code_page, (name,), code),
        ),
        replace(
            service,
            name=_printable(service.name, languages, code_page, (), service.code.upper()),
        ),
    )


def printable_site(site: Site, languages: Iterable[str], code_page: str) -> Site:
    """The site with name and address that can be printed; without those that cannot."""
    name = _printable(site.name, languages, code_page, (), "")
    return replace(site, name=name, address=_printable(site.address, languages, code_page, (), ""))


def printable_names(
    names: Iterable[LocalText], languages: Iterable[str], code_page: str
) -> tuple[LocalText, ...]:
    """Other names, such as those of priority groups; empty where they cannot be printed."""
    return tuple(_printable(name, languages, code_page, (), "") for name in names)


def printable_detail(text: LocalText, language: str, code_page: str) -> tuple[str, bool]:
    """``text`` in ``language``, else in another language of the menu that can be printed, and
    whether something is lost: where there is none, the letters that the code page lacks are left
    out. Empty where they are most of the text."""
    said = _printable(text, (language,), code_page, (), "").in_(language)
    kept = "".join(c for c in said if not _is_lost(c, code_page))
    if kept == said:
        return said, bool(text.in_(language)) and not said
    return " ".join(_EMPTY_BRACKETS.sub("", kept).split()), True


def unprintable_names(catalogue: Catalogue, code_page: str) -> list[str]:
    """The names of the menu in the site's languages that a printer cannot print as they are."""
    site, found = catalogue.site, []
    for text in (site.name, site.address, *_names(catalogue.agencies)):
        for language in site.languages:
            name = text.in_(language)
            if name not in found and lost(name, code_page) > MOST_LOST:
                found.append(name)
    return found


def unprintable_requirements(catalogue: Catalogue, code_page: str) -> list[str]:
    """The requirements in the site's languages that a printer cannot print as they are."""
    found: list[str] = []
    for _, service in catalogue.services():
        for text in service.requirements:
            for language in catalogue.site.languages:
                said = text.in_(language)
                if said not in found and any(_is_lost(c, code_page) for c in said):
                    found.append(said)
    return found


def _names(agencies: Iterable[Agency]) -> Iterator[LocalText]:
    for agency in agencies:
        yield from (agency.name, agency.short, *map(_name, agency.services))


def _name(service: Service) -> LocalText:
    return service.name


def _printable(
    text: LocalText,
    languages: Iterable[str],
    code_page: str,
    others: tuple[LocalText, ...],
    code: str,
) -> LocalText:
    """``text`` as it is where every letter can be printed; else by language the best there is."""
    wanted = {language: text.in_(language) for language in languages}
    if not any(lost(said, code_page) for said in wanted.values()):
        return text
    known = [said for one in (text, *others) for said in one.by_language.values()]
    whole = [said for said in known if said and not lost(said, code_page)]

    def best(said: str) -> str:
        if not lost(said, code_page):
            return said
        if whole:
            return whole[0]
        return code if lost(said, code_page) > MOST_LOST else said

    return LocalText.of(**{language: best(said) for language, said in wanted.items()})


def _is_lost(char: str, code_page: str) -> bool:
    """Whether a letter, mark, figure or picture has no form in the code page. Other signs, such as
    dashes and arrows, have substitutes."""
    if unicodedata.category(char)[0] not in "LMN" and unicodedata.category(char) != "So":
        return False
    plain = unicodedata.normalize("NFKD", char)
    return not any(_encodes(c, code_page) for c in plain if not unicodedata.combining(c))


def _encodes(char: str, code_page: str) -> bool:
    try:
        char.encode(code_page.lower())
    except UnicodeEncodeError:
        return False
    return True
