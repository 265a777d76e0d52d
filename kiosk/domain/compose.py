"""Compose a slip from the blocks of ``ticket.yaml`` and one ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from kiosk.domain.config import Block, BlockKind, SlipTemplate
from kiosk.domain.slip import (
    BadgeLine,
    BarLine,
    FeedLine,
    LogoLine,
    NumberLine,
    QrLine,
    RuleLine,
    SideBySide,
    Slip,
    SlipLine,
    TextLine,
)
from kiosk.domain.slip_names import printable_found, printable_names, printable_site
from kiosk.domain.ticket import Ticket
from kiosk.domain.words import Words
from menu.catalogue import Found, Place, Site, survey_of
from menu.local_text import LocalText


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """The data of a slip, without the template.

    ``found``: agency and service as the menu had them when the ticket was made. ``ahead`` people
    and ``wait_minutes`` (from, to) are None while unknown. ``copy_of``: when the first slip
    of this number was made (aware), for a copy; else None. ``dated``: False where the clock is
    not trusted: the slip then carries neither date nor time.
    """

    ticket: Ticket
    found: Found
    site: Site
    words: Words
    kiosk_id: str
    priority_names: tuple[LocalText, ...] = ()
    ahead: int | None = None
    wait_minutes: tuple[int, int] | None = None
    copy_of: datetime | None = None
    dated: bool = True

    @property
    def languages(self) -> tuple[str, ...]:
        """The site's first language, and the visit's where it is another."""
        first = self.site.languages[0]
        return (first,) if self.ticket.language == first else (first, self.ticket.language)


def compose(template: SlipTemplate, facts: SlipFacts) -> Slip:
    """The slip of one ticket. A template without a number block gets one at its top."""
    if facts.ticket.language in template.unprintable:
        ticket = replace(facts.ticket, language=facts.site.languages[0])
        facts = replace(facts, ticket=ticket)
    if template.code_page:
        facts = _printable(facts, template.code_page)
    blocks = template.blocks
    if not any(b.kind is BlockKind.NUMBER for b in blocks):
        blocks = (Block(BlockKind.HEAD), Block(BlockKind.NUMBER, height=8), *blocks)
    makers = _MAKERS
    if any(b.kind is BlockKind.ISSUED for b in blocks):
        makers = {**_MAKERS, BlockKind.FOOTER: _foot}
    lines = (line for block in blocks for line in makers[block.kind](block, facts))
    return Slip(facts.ticket.number, tuple(lines))


def _printable(facts: SlipFacts, code_page: str) -> SlipFacts:
    """The facts with names in letters that the printer has."""
    languages = facts.languages
    return replace(
        facts,
        found=printable_found(facts.found, languages, code_page),
        site=printable_site(facts.site, languages, code_page),
        priority_names=printable_names(facts.priority_names, languages, code_page),
    )


def logo_names(template: SlipTemplate) -> tuple[str, ...]:
    """The file names of the logos in ``template``."""
    logos = (b for b in template.blocks if b.kind in (BlockKind.LOGO, BlockKind.HEADING))
    return tuple(block.text.in_("") for block in logos if block.text)


def clock(moment: datetime, words: Words, language: str) -> str:
    """The time of day in the format of ``language``: 08.15 or 08:15."""
    return words.say(
        language, "time.format", hour=f"{moment.hour:02d}", minute=f"{moment.minute:02d}"
    )


def day(moment: datetime, words: Words, language: str) -> str:
    """The date in full: ``Selasa, 24 November 2026``."""
    return _date(moment, words, language, "date.full", f"month.{moment.month}")


def slip_day(moment: datetime, words: Words, language: str) -> str:
    """The date as a slip has it, with the month in short: ``Selasa 24 Nov 2026``."""
    return _date(moment, words, language, "date.slip", f"month.short.{moment.month}")


def _date(moment: datetime, words: Words, language: str, form: str, month: str) -> str:
    """``form``, ``month``: the keys of the whole text and of the month's name."""
    return words.say(
        language,
        form,
        weekday=words.say(language, f"day.{moment.weekday()}"),
        day=moment.day,
        month=words.say(language, month),
        year=moment.year,
    )


def place_parts(place: Place, words: Words, language: str) -> list[str]:
    """Floor and counter in words, each where the menu states it."""
    said = []
    if place.floor:
        said.append(words.say(language, "slip.where_floor", floor=place.floor))
    if place.counters:
        counters = ", ".join(place.counters)
        said.append(words.say(language, "slip.where_counter", counter=counters))
    return said


def _each(facts: SlipFacts, make: Callable[[str], str]) -> list[str]:
    """The text in each language of the slip, without repetition where languages agree."""
    texts: list[str] = []
    for language in facts.languages:
        text = make(language).strip()
        if text and text not in texts:
            texts.append(text)
    return texts


def _fields(facts: SlipFacts, language: str) -> dict[str, str]:
    ticket, (agency, service) = facts.ticket, facts.found
    return {
        "site": facts.site.name.in_(language),
        "address": facts.site.address.in_(language),
        "agency": agency.name.in_(language),
        "agency_short": agency.short.in_(language),
        "service": service.name.in_(language),
        "number": ticket.number,
        "floor": service.place.floor,
        "counter": ", ".join(service.place.counters),
        "date": day(ticket.issued_at, facts.words, language) if facts.dated else "",
        "time": clock(ticket.issued_at, facts.words, language) if facts.dated else "",
        "zone": facts.site.zone if facts.dated else "",
        "kiosk": facts.kiosk_id,
    }


def _fill(template: str, fields: dict[str, str]) -> str:
    """Replace the fields of ``template`` in one pass: braces in a value stay as they are."""
    out, rest = [], template
    while rest:
        before, brace, after = rest.partition("{")
        name, end, later = after.partition("}")
        known = brace and end and name in fields
        out.append(before + (fields[name] if known else brace))
        rest = later if known else after
    return "".join(out)


def _text(block: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    template = block.text
    if template is None:
        return
    lines: list[TextLine] = []
    for i, language in enumerate(facts.languages):
        said = {line.text for line in lines}
        filled = _fill(template.in_(language), _fields(facts, language)).split("\n")
        new = [text for text in filled if text.strip() and text not in said]
        lines += [_paragraph(t, block) if i == 0 else TextLine(t, block.align) for t in new]
    yield from lines


def _paragraph(text: str, block: Block) -> TextLine:
    return TextLine(text, block.align, block.bold, block.width, block.height)


def _running(texts: Iterable[str]) -> Iterator[TextLine]:
    """Each as running text."""
    return (TextLine(text) for text in texts)


def _first_larger(texts: Iterable[str]) -> Iterator[TextLine]:
    """The first language bold and higher, others as running text."""
    for i, text in enumerate(texts):
        yield TextLine(text, bold=True, height=2) if i == 0 else TextLine(text)


def _heading(block: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    """The logo left of the site's name."""
    lines = tuple(_first_larger(_each(facts, facts.site.name.in_)))
    if block.text is not None:
        # Above the name, a logo would lengthen each slip by 13 mm.
        yield SideBySide(LogoLine(block.text.in_("")), lines, lines[:1])


def _head(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    yield from _running(_each(facts, lambda lang: facts.words.say(lang, "slip.head")))


def _number(block: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    if facts.copy_of is not None:
        first = facts.copy_of
        yield BadgeLine(_joined(facts, "slip.copy"))
        if facts.dated:
            said = _each(
                facts,
                lambda lang: facts.words.say(
                    lang, "slip.copy_of", time=clock(first, facts.words, lang), zone=facts.site.zone
                ),
            )
            yield from _running(said)
    yield NumberLine(facts.ticket.number, block.height if block.height >= 6 else 8)


def _joined(facts: SlipFacts, key: str, **fields: str) -> str:
    """The text in each language, joined on one line."""
    return " / ".join(_each(facts, lambda lang: facts.words.say(lang, key, **fields)))


def _priority(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    if facts.ticket.priority is None:
        return
    yield BadgeLine(_joined(facts, "slip.priority"))
    for name in facts.priority_names:
        yield from _running(_each(facts, name.in_))


def _where(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    """Floor and counter as a black bar; a second language below it."""
    yield BarLine(tuple(part.upper() for part in _place(facts, facts.languages[0])))
    yield from _running(_each(facts, lambda lang: " · ".join(_place(facts, lang)))[1:])


def _place(facts: SlipFacts, language: str) -> list[str]:
    """Floor and counter, or where to ask for them."""
    said = place_parts(facts.found.service.place, facts.words, language)
    return said or [facts.words.say(language, "slip.where_ask")]


def _ahead(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    """People ahead and waiting time on one line, at double height in the first language."""
    ahead, wait, words = facts.ahead, facts.wait_minutes, facts.words
    if ahead is None:
        return

    def said(language: str) -> str:
        if not ahead:
            return words.say(language, "slip.first")
        people = words.say(language, "slip.ahead", n=ahead)
        return people if wait is None else f"{people} · {waiting_time(wait, words, language)}"

    yield from _first_larger(_each(facts, said))


def waiting_time(minutes: tuple[int, int], words: Words, language: str) -> str:
    """A range of waiting time: in minutes, or in halves of hours from an hour on."""
    low, high = minutes
    if high <= 60:
        return words.say(language, "slip.wait", a=low, b=high)
    point = words.say(language, "number.decimal")
    a, b = (f"{max(1, round(n / 30)) / 2:g}".replace(".", point) for n in (low, high))
    if a == b:
        return words.say(language, "slip.wait_hour", n=int(a) if a.isdigit() else a)
    return words.say(language, "slip.wait_hours", a=a, b=b)


def _code(facts: SlipFacts, module: int) -> QrLine | None:
    """The code that leads to the ticket's page; None without a public address."""
    base = facts.site.public_url.rstrip("/")
    return QrLine(f"{base}/t/{facts.ticket.track}", module) if base else None


def _qr(block: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    code = _code(facts, block.size or 6)
    if code is not None:
        yield code
        yield from _running(_each(facts, lambda lang: facts.words.say(lang, "slip.qr")))


def _follow(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    """The code, and beside it what to do with it and when the number was missed."""
    code, say = _code(facts, 0), facts.words.say
    missed = tuple(_running(_each(facts, lambda lang: say(lang, "slip.follow_hint"))))
    if code is None:
        yield from missed
        return
    follow = _each(facts, lambda lang: say(lang, "slip.follow"))
    pairs = zip_longest(_first_larger(follow) if len(missed) == 1 else _running(follow), missed)
    lines = tuple(line for pair in pairs for line in pair if line is not None)
    yield SideBySide(code, lines, (code, TextLine(" · ".join(follow)), *missed))


def _survey(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    """The code of the satisfaction survey, and what it is; nothing without an address."""
    address = survey_of(facts.site, facts.found.agency)
    if address:
        code = QrLine(address, 0)
        said = _each(facts, lambda lang: facts.words.say(lang, "slip.survey"))
        yield SideBySide(code, tuple(_running(said)), (code, *_running(said)))


def _issued(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    """Date, time and machine, once, in the site's first language."""
    words, moment, language = facts.words, facts.ticket.issued_at, facts.languages[0]
    machine = words.say(language, "slip.kiosk", kiosk=facts.kiosk_id)
    if not facts.dated:
        yield TextLine(machine)
        return
    when = words.say(
        language,
        "slip.issued",
        date=slip_day(moment, words, language),
        time=clock(moment, words, language),
        zone=facts.site.zone,
    ).strip()
    yield TextLine(f"{when} · {machine}")


def _foot(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    yield from _running(_each(facts, lambda lang: facts.words.say(lang, "slip.valid")))
    address = facts.site.address.in_(facts.languages[0])
    if address:
        yield TextLine(address)


def _footer(block: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    """The footer of a template without an ``issued`` block: issue line, validity, address."""
    yield from _issued(block, facts)
    yield from _foot(block, facts)


_MAKERS: dict[BlockKind, Callable[[Block, SlipFacts], Iterable[SlipLine]]] = {
    BlockKind.LOGO: lambda b, _: (LogoLine(b.text.in_("")),) if b.text else (),
    BlockKind.TEXT: _text,
    BlockKind.HEADING: _heading,
    BlockKind.FOLLOW: _follow,
    BlockKind.SURVEY: _survey,
    BlockKind.HEAD: _head,
    BlockKind.NUMBER: _number,
    BlockKind.PRIORITY: _priority,
    BlockKind.WHERE: _where,
    BlockKind.AHEAD: _ahead,
    BlockKind.ISSUED: _issued,
    BlockKind.QR: _qr,
    BlockKind.RULE: lambda _b, _f: (RuleLine(),),
    BlockKind.FEED: lambda b, _: (FeedLine(b.size or 1),),
    BlockKind.FOOTER: _footer,
}
