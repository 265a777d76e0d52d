"""The details of a service: its requirements and the other parts of its standard.

``parts`` puts them in order for the screen; ``details_slip`` makes the slip that a visitor takes
home. That slip has no number and says so: it must not be mistaken for one that is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from kiosk.domain.compose import place_parts, slip_day
from kiosk.domain.slip import Align, BadgeLine, FeedLine, RuleLine, Slip, SlipLine, TextLine
from kiosk.domain.slip_names import printable_detail, printable_found, printable_site
from kiosk.domain.words import Words
from menu.catalogue import Found, Service, Site
from menu.local_text import LocalText

MOST_LINES = 60
"""About this many lines of text are printed, 25 cm of paper: a longer list is on the screen."""

LINE_LETTERS = 32
"""Letters on a line of the narrowest paper (58 mm)."""


@dataclass(frozen=True, slots=True)
class DetailsPart:
    """A part of the details: the ``key`` of its heading, and its texts.

    ``boxes``: a list to tick off. ``steps``: a list in order. Neither: one text."""

    key: str
    texts: tuple[LocalText, ...]
    boxes: bool = False
    steps: bool = False


def parts(service: Service) -> tuple[DetailsPart, ...]:
    """The parts of ``service`` that the menu states. Without requirements their part has no text:
    the menu does not say that there are none."""
    standard = service.standard
    found = [DetailsPart("service.requirements", service.requirements, boxes=True)]
    if standard.procedure:
        found.append(DetailsPart("details.steps", standard.procedure, steps=True))
    for key, text in (
        ("details.time", standard.time),
        ("details.cost", standard.cost),
        ("details.product", standard.product),
        ("details.complaints", standard.complaints),
    ):
        if text is not None:
            found.append(DetailsPart(key, (text,)))
    return tuple(found)


def details_slip(
    found: Found,
    site: Site,
    words: Words,
    language: str,
    now: datetime | None,
    unprintable: frozenset[str] = frozenset(),
    code_page: str = "",
) -> Slip:
    """The slip, in ``language``, or in the site's first one where that is ``unprintable`` (the
    printer's code page lacks its letters).

    ``code_page``: that page, empty where it is not known; names and texts that it lacks are in
    another language, or left out, which the last line says. ``now`` (aware): the date to print;
    None where the clock is not trusted."""
    language = site.languages[0] if language in unprintable else language
    if code_page:
        found = printable_found(found, (language,), code_page)
        site = printable_site(site, (language,), code_page)
    agency, service = found
    lines: list[SlipLine] = [
        BadgeLine(words.say(language, "slip.details")),
        TextLine(words.say(language, "slip.details_no_number"), bold=True),
        RuleLine(),
        TextLine(agency.short.in_(language)),
        TextLine(service.name.in_(language), bold=True, height=2),
        TextLine(", ".join(place_parts(service.place, words, language))),
    ]
    details, rest = _printable_parts(parts(service), language, code_page)
    left, listed = MOST_LINES, [_part(part, words, language) for part in details]
    for line in chain.from_iterable(listed):
        left -= -(-len(line.text) // LINE_LETTERS) if isinstance(line, TextLine) else 1
        rest |= left < 0
        if left < 0:
            break
        lines.append(line)
    if rest:
        lines.append(TextLine(words.say(language, "slip.details_more"), Align.LEFT))
    lines += [RuleLine(), TextLine(site.name.in_(language)), TextLine(_date(now, words, language))]
    return Slip("", tuple(line for line in lines if not _empty(line)))


def _printable_parts(
    found: tuple[DetailsPart, ...], language: str, code_page: str
) -> tuple[list[DetailsPart], bool]:
    """The parts with texts that can be printed in ``language``, and whether any is not whole."""
    if not code_page:
        return list(found), False
    kept, rest = [], False
    for part in found:
        said = [printable_detail(text, language, code_page) for text in part.texts]
        rest |= any(lossy for _, lossy in said)
        texts = tuple(LocalText.same(text) for text, _ in said if text)
        if texts or not part.texts:
            kept.append(replace(part, texts=texts))
    return kept, rest


def _part(part: DetailsPart, words: Words, language: str) -> Iterator[TextLine | FeedLine]:
    """The lines of a part: a list below its heading, or one text beside it."""
    heading, texts = words.say(language, part.key), [text.in_(language) for text in part.texts]
    if not (part.boxes or part.steps):
        yield from (TextLine(f"{heading}: {text}", Align.LEFT) for text in texts)
        return
    yield TextLine(heading, Align.LEFT, bold=True)
    if not texts:
        yield TextLine(words.say(language, "details.ask"), Align.LEFT)
    for i, text in enumerate(texts, start=1):
        yield TextLine(("[  ] " if part.boxes else f"{i}. ") + text, Align.LEFT)
    yield FeedLine()


def _date(now: datetime | None, words: Words, language: str) -> str:
    if now is None:
        return ""
    return words.say(language, "slip.details_date", date=slip_day(now, words, language))


def _empty(line: SlipLine) -> bool:
    return isinstance(line, TextLine) and not line.text.strip()
