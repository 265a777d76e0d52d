"""The sentences about opening hours in one language: why no number is given, and when again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from kiosk.errors import Refusal
from kiosk.ui.i18n import DOT, Phrases, TitleAndText
from menu.schedule import Opening, Period, WeeklyHours, Why

_SHORT = {
    Why.NEVER: "state.never_short",
    Why.QUOTA: "state.quota_short",
    Why.PAUSED: "state.paused_short",
}
"""Reasons for which a tile shows a fixed text in place of the next opening time."""


@dataclass(frozen=True, slots=True)
class HoursLine:
    """One line of a timetable. ``today``: whether it applies today."""

    days: str
    times: str
    today: bool


class OpeningPhrases:
    """The sentences about opening hours, with the words and in the language of ``phrases``."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases
        self._say, self._time = phrases.say, phrases.time

    def short(self, opening: Opening, now: datetime, *, tagged: bool = False) -> str:
        """The line on the tile of an agency that gives no numbers now.

        ``tagged``: below the word TUTUP (``closed_tag``), which it does not repeat."""
        if opening.open:
            return ""
        if opening.why is Why.BREAK and opening.opens:
            return self._say("state.break_short", time=self._time(opening.opens))
        if tagged and opening.why is Why.PAUSED:
            return self._say("state.paused_below")
        if _later_today(opening, now):
            return self._numbers_again_short(opening)
        if opening.why in _SHORT:
            return self._say(_SHORT[opening.why])
        opens = self._opens_short(opening, now)
        return opens or ("" if tagged else self._say("state.closed_short"))

    def _opens_short(self, opening: Opening, now: datetime) -> str:
        """Buka Senin 08.15; empty when unknown."""
        begins = opening.service_opens or opening.opens
        if begins is None:
            return ""
        clock = self._time(begins)
        if begins.date() == now.date():
            return self._say("state.opens_today_short", time=clock)
        return self._say("state.opens_short", day=self._phrases.day_short(begins, now), time=clock)

    def word(self, opening: Opening) -> str:
        """The word in place of the button that takes a number: Tutup, Habis, Tutup sementara."""
        words = {Why.QUOTA: "state.full_short", Why.PAUSED: "state.paused_short"}
        return self._say(words.get(opening.why, "state.closed_short"))

    def brief(self, opening: Opening, now: datetime) -> str:
        """Reason and next opening in one line: Sudah tutup · Buka Senin 08.15."""
        if opening.why is Why.PAUSED and opening.opens and opening.opens.date() == now.date():
            return self._say("state.paused_until_short", time=self._time(opening.opens))
        if _later_today(opening, now):
            return DOT.join((self._say("state.full_short"), self._numbers_again_short(opening)))
        why = self._say(f"why.{opening.why.value}")
        if opening.why is Why.HOLIDAY and opening.reason:
            why = self._phrases.local(opening.reason, why)
        if opening.why in (Why.QUOTA, Why.PAUSED):
            return DOT.join(t for t in (why, self._opens_short(opening, now)) if t)
        again = "" if opening.why in _SHORT else self.short(opening, now)
        return DOT.join(t for t in (why, again) if t)

    def reason(self, opening: Opening, now: datetime) -> TitleAndText:
        """Why no number is given, and when numbers are given again."""
        why, opens = opening.why, opening.opens
        again = self._again(opening, now)
        if why is Why.NOT_YET and opens:
            return TitleAndText(
                self._say("state.notyet", time=self._time(opens)), self._counters(opening)
            )
        if why is Why.BREAK and opens:
            return TitleAndText(
                self._say("state.break", time=self._time(opens)), self._say("state.break_text")
            )
        if why is Why.PAUSED:
            return self._paused(opening, now)
        if why is Why.QUOTA and opens and _later_today(opening, now):
            again_today = self._say("state.quota_until", time=self._time(opens))
            return TitleAndText(self._say("state.quota_now"), again_today)
        if why is Why.QUOTA:
            return TitleAndText(self._say("state.quota"), again or self._say("trouble.quota.text"))
        if why is Why.CUTOFF:
            return TitleAndText(self._say("state.cutoff"), again)
        if why is Why.NOT_TODAY:
            days = self._phrases.listed([self._say(f"day.{d}") for d in opening.weekdays])
            return TitleAndText(
                self._say("state.notoday_title"),
                f"{self._say('state.days', days=days)}. {again}".strip(),
            )
        if why is Why.HOLIDAY:
            reason = self._phrases.local(opening.reason) if opening.reason else ""
            title = self._say("state.holiday_reason", reason=reason) if reason else ""
            return TitleAndText(title or self._say("state.holiday"), again)
        if why is Why.OPEN:
            return TitleAndText(self._say("state.open_again"), "")
        return TitleAndText(self._say("state.never_short"), self._say("help.desk"))

    def _paused(self, opening: Opening, now: datetime) -> TitleAndText:
        why = self._phrases.local(opening.reason) if opening.reason else ""
        why = f"{why}. " if why else ""
        if opening.opens is None:
            said = self._phrases.trouble(Refusal.PAUSED)
            return replace(said, text=why + said.text)
        if opening.opens.date() != now.date():
            return TitleAndText(self._say("why.paused"), why + self._again(opening, now))
        until = self._say("state.paused_until", time=self._time(opening.opens))
        return TitleAndText(until, why + self._say("state.break_text"))

    def _again(self, opening: Opening, now: datetime) -> str:
        begins = opening.service_opens or opening.opens
        if begins is None:
            return ""
        day = self._phrases.day(begins, now)
        return self._say("state.opens", day=day, time=self._time(begins)) + "."

    def _numbers_again_short(self, opening: Opening) -> str:
        opens = opening.opens
        return self._say("state.quota_until_short", time=self._time(opens)) if opens else ""

    def _counters(self, opening: Opening) -> str:
        if opening.service_opens is None or opening.service_opens == opening.opens:
            return ""
        return self._say("state.counters_open", time=self._time(opening.service_opens))

    def site_closed(self, opening: Opening, now: datetime) -> TitleAndText:
        """The whole site gives no numbers: why, and when it does again with the date."""
        if _later_today(opening, now):
            return self.reason(opening, now)
        if opening.why in (Why.NOT_YET, Why.BREAK, Why.HOLIDAY):
            title = self.reason(opening, now).title
        else:
            paused = opening.why is Why.PAUSED
            title = self._say("why.paused" if paused else "state.site_closed")
        begins = opening.service_opens or opening.opens
        if begins is None or begins.date() == now.date():
            return TitleAndText(title, self._again(opening, now))
        day = self._phrases.date_long(begins.date())
        return TitleAndText(title, self._say("state.site_opens", date=day, time=self._time(begins)))

    def until(self, opening: Opening) -> str:
        """nomor sampai 14.00; empty when closed."""
        if not opening.open or opening.until is None:
            return ""
        return self._say("service.numbers_until", time=self._time(opening.until))

    def timetable(self, hours: WeeklyHours, today: date) -> list[HoursLine]:
        """The hours of the coming week: days with equal hours share a line, closed days are left
        out. A season counts from its first day on; holidays do not show."""
        week = hours.coming(today)
        lines: list[HoursLine] = []
        day = 0
        while day < 7:
            last = day
            while last < 6 and week[last + 1] == week[day]:
                last += 1
            if week[day]:
                lines.append(self._hours_line(week[day], day, last, today))
            day = last + 1
        return lines

    def _hours_line(
        self, periods: tuple[Period, ...], first: int, last: int, today: date
    ) -> HoursLine:
        days = self._say(f"day.{first}")
        if last > first:
            days += f"–{self._say(f'day.{last}')}"
        now = first <= today.weekday() <= last
        return HoursLine(
            self._say("hours.today", days=days) if now else days, self.spans(periods), now
        )

    def spans(self, periods: tuple[Period, ...]) -> str:
        """08.15–12.00, 13.00–14.00."""
        said = (
            self._phrases.words.say(self._phrases.language, "time.range")
            .replace("{from}", self._time(p.start))
            .replace("{to}", self._time(p.end))
            for p in periods
        )
        return ", ".join(said)


def _later_today(opening: Opening, now: datetime) -> bool:
    """Whether the numbers are given out only for a part of today."""
    opens = opening.opens
    return opening.why is Why.QUOTA and opens is not None and opens.date() == now.date()
