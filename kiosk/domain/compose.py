"""Compose a slip from the blocks of ``ticket.yaml`` and one ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.config import Block, BlockKind, SlipTemplate
from kiosk.domain.slip import (
    BadgeLine,
    FeedLine,
    LogoLine,
    NumberLine,
    QrLine,
    RuleLine,
    Slip,
    SlipLine,
    TextLine,
)
from kiosk.domain.ticket import Ticket
from kiosk.domain.words import Words
from menu.catalogue import Found, Site
from menu.local_text import LocalText


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """The data of a slip, without the template.

    ``found``: agency and service as the menu had them when the ticket was made. ``ahead`` people
    and ``wait_minutes`` (from, to) are None while unknown. ``copy_of``: when the first slip
    of this number was made (aware), for a copy; else None.
    """

    ticket: Ticket
    found: Found
    site: Site
    words: Words
    kiosk_id: str
    priority_name: LocalText | None = None
    ahead: int | None = None
    wait_minutes: tuple[int, int] | None = None
    copy_of: datetime | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The site's first language, and the visit's where it is another."""
        first = self.site.languages[0]
        return (first,) if self.ticket.language == first else (first, self.ticket.language)


def compose(template: SlipTemplate, facts: SlipFacts) -> Slip:
    """The slip of one ticket. A template without a number block gets one at its top."""
    blocks = template.blocks
    if not any(b.kind is BlockKind.NUMBER for b in blocks):
        blocks = (Block(BlockKind.HEAD), Block(BlockKind.NUMBER, height=8), *blocks)
    makers = _MAKERS
    if any(b.kind is BlockKind.ISSUED for b in blocks):
        makers = {**_MAKERS, BlockKind.FOOTER: _foot}
    lines = (line for block in blocks for line in makers[block.kind](block, facts))
    return Slip(facts.ticket.number, tuple(lines))


def logo_names(template: SlipTemplate) -> tuple[str, ...]:
    """The file names of the logos in ``template``."""
    logos = (b for b in template.blocks if b.kind is BlockKind.LOGO)
    return tuple(block.text.in_("") for block in logos if block.text)


def clock(moment: datetime, words: Words, language: str) -> str:
    """The time of day in the format of ``language``: 08.15 or 08:15."""
    return words.say(
        language, "time.format", hour=f"{moment.hour:02d}", minute=f"{moment.minute:02d}"
    )


def day(moment: datetime, words: Words, language: str) -> str:
    """The date in full: ``Selasa, 24 November 2026``."""
    return words.say(
        language,
        "date.full",
        weekday=words.say(language, f"day.{moment.weekday()}"),
        day=moment.day,
        month=words.say(language, f"month.{moment.month}"),
        year=moment.year,
    )


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
        "date": day(ticket.issued_at, facts.words, language),
        "time": clock(ticket.issued_at, facts.words, language),
        "zone": facts.site.zone,
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


def _texts(texts: Iterable[str]) -> Iterable[SlipLine]:
    return (TextLine(text) for text in texts)


def _head(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    said = _each(facts, lambda lang: facts.words.say(lang, "slip.head"))
    yield from (TextLine(text, bold=i == 0) for i, text in enumerate(said))


def _number(block: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    if facts.copy_of is not None:
        first = facts.copy_of
        yield BadgeLine(_joined(facts, "slip.copy"))
        yield from (
            TextLine(text)
            for text in _each(
                facts,
                lambda lang: facts.words.say(
                    lang, "slip.copy_of", time=clock(first, facts.words, lang), zone=facts.site.zone
                ),
            )
        )
    yield NumberLine(facts.ticket.number, block.height if block.height >= 6 else 8)


def _joined(facts: SlipFacts, key: str, **fields: str) -> str:
    """The text in each language, joined on one line."""
    return " / ".join(_each(facts, lambda lang: facts.words.say(lang, key, **fields)))


def _priority(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    if facts.ticket.priority is None:
        return
    yield BadgeLine(_joined(facts, "slip.priority"))
    name = facts.priority_name
    if name is not None:
        yield from (TextLine(text) for text in _each(facts, name.in_))


def _where(block: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    """Floor and counter, one line each, in at least double size; a second language below."""
    first = _place(facts, facts.languages[0])
    width, height = max(2, block.width), max(2, block.height)
    for text in first:
        yield TextLine(text, block.align, bold=True, width=width, height=height)
    said = _each(facts, lambda lang: " · ".join(_place(facts, lang)))
    yield from (TextLine(text, block.align, bold=True) for text in said[1:])


def _place(facts: SlipFacts, language: str) -> list[str]:
    place, say = facts.found.service.place, facts.words.say
    said = []
    if place.floor:
        said.append(say(language, "slip.where_floor", floor=place.floor))
    if place.counters:
        said.append(say(language, "slip.where_counter", counter=", ".join(place.counters)))
    return said or [say(language, "slip.where_ask")]


def _ahead(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    ahead, wait, words = facts.ahead, facts.wait_minutes, facts.words
    if ahead is None:
        return
    if ahead == 0:
        texts = _each(facts, lambda lang: words.say(lang, "slip.first"))
    else:
        texts = _each(facts, lambda lang: words.say(lang, "slip.ahead", n=ahead))
    yield from (TextLine(text, bold=i == 0) for i, text in enumerate(texts))
    if wait is not None and ahead:
        said = _each(facts, lambda lang: words.say(lang, "slip.wait", a=wait[0], b=wait[1]))
        yield from (TextLine(text) for text in said)


def _qr(block: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    if not facts.site.public_url:
        return
    base = facts.site.public_url.rstrip("/")
    yield QrLine(f"{base}/t/{facts.ticket.track}", block.size or 6)
    yield from _texts(_each(facts, lambda lang: facts.words.say(lang, "slip.qr")))


def _issued(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    words, moment = facts.words, facts.ticket.issued_at
    for language in facts.languages:
        yield TextLine(
            words.say(
                language,
                "slip.issued",
                date=day(moment, words, language),
                time=clock(moment, words, language),
                zone=facts.site.zone,
            ).strip()
        )
    yield TextLine(_joined(facts, "slip.kiosk", kiosk=facts.kiosk_id))


def _foot(_: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    yield from _texts(_each(facts, lambda lang: facts.words.say(lang, "slip.valid")))
    address = facts.site.address.in_(facts.languages[0])
    if address:
        yield from _texts((address,))


def _footer(block: Block, facts: SlipFacts) -> Iterable[SlipLine]:
    """The footer of a template without an ``issued`` block: issue line, validity, address."""
    yield from _issued(block, facts)
    yield from _foot(block, facts)


_MAKERS: dict[BlockKind, Callable[[Block, SlipFacts], Iterable[SlipLine]]] = {
    BlockKind.LOGO: lambda b, _: (LogoLine(b.text.in_("")),) if b.text else (),
    BlockKind.TEXT: _text,
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
