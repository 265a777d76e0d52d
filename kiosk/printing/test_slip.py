"""The slip of a print test: letters, a ruler, a code and the time, and nothing of a visitor."""

from __future__ import annotations

from datetime import datetime

from kiosk.domain.compose import clock, day
from kiosk.domain.config import Settings
from kiosk.domain.slip import (
    Align,
    QrLine,
    RuleLine,
    SideBySide,
    Slip,
    SlipLine,
    TextLine,
)
from kiosk.printing.paper import paper_of

TEST_QR = "https://example.org/kiosk"


def _ruler(paper_mm: int) -> str:
    """A line that is a ruler: a character is 1.5 mm wide, so ten of them are 15 mm."""
    columns = paper_of(paper_mm).columns
    return "".join(f"|{i * 3 // 2}".ljust(10, "-") for i in range(0, columns, 10))[:columns]


def test_slip(settings: Settings, now: datetime, *, dated: bool) -> Slip:
    """The test slip of ``settings``; ``now`` (aware) is printed on it, if the clock is right
    (``dated``)."""
    words, site = settings.words, settings.catalogue.site
    language = site.languages[0]
    when = f"{day(now, words, language)} {clock(now, words, language)} {site.zone}" if dated else ""
    code, seen = QrLine(TEST_QR, 0), TextLine(words.say(language, "slip.test_qr"))
    lines: tuple[SlipLine, ...] = (
        TextLine(words.say(language, "slip.test_title"), bold=True, width=2, height=2),
        TextLine(site.name.in_(language)),
        TextLine(words.say(language, "slip.kiosk", kiosk=settings.kiosk.id)),
        RuleLine(),
        TextLine("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        TextLine("abcdefghijklmnopqrstuvwxyz"),
        TextLine("0123456789 .,:;!?()/-+*&%"),
        TextLine("ÀÉÎÕÜ àéîõü ñ ç ß € ½ °"),
        TextLine(_ruler(settings.kiosk.printer.paper_mm), Align.LEFT, height=2),
        TextLine(words.say(language, "slip.test_ruler")),
        RuleLine(),
        SideBySide(code, (seen,), (code, seen)),
        TextLine(words.say(language, "slip.test_text")),
        TextLine(when),
    )
    return Slip(number="", lines=lines)
