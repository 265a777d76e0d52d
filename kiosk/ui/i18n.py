"""The texts of the screens in one language: dates, times, places, the queue, faults.

``Phrases`` turns domain values into sentences with the site's words; the screens only place them.
The sentences about opening hours are in ``kiosk.ui.opening_phrases``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from kiosk.domain.delivery import Fault, PrintResult, Proof
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import ServiceLive, wait_span
from kiosk.domain.staff_call import CallState, StaffCall
from kiosk.domain.visit_details import NoDetails
from kiosk.domain.visit_screens import (
    Problem,
)
from kiosk.domain.words import Words
from kiosk.errors import Refusal
from kiosk.typeface import says_something
from kiosk.ui.lettering import readable
from menu.catalogue import Agency, InformationDesk, Place, Service
from menu.local_text import LocalText

DOT = " · "


@dataclass(frozen=True, slots=True)
class TitleAndText:
    """A title and the text below it; either may be empty."""

    title: str
    text: str = ""


class Phrases:
    """The site's texts in ``language``. ``zone``: the time zone as people write it (WITA)."""

    def __init__(self, words: Words, language: str, zone: str = "") -> None:
        self.words = words
        self.language = language
        self.zone = zone

    def say(self, key: str, **fields: object) -> str:
        """The text of ``key`` with ``fields`` filled in; an empty zone leaves no double space."""
        fields.setdefault("zone", self.zone)
        return " ".join(self.words.say(self.language, key, **fields).split())

    def local(self, text: LocalText, otherwise: str = "") -> str:
        """A text of the menu; ``otherwise`` when none of it can be drawn."""
        drawn = readable(text.in_(self.language))
        return drawn if says_something(drawn) else otherwise

    def short_name(self, agency: Agency) -> str:
        """The name on an agency's tile."""
        return self.local(agency.short) or self.local(agency.name, agency.code)

    def full_name(self, agency: Agency) -> str:
        """The agency's full name; empty when it equals the short one."""
        full = self.local(agency.name)
        return "" if full == self.short_name(agency) else full

    def service_name(self, service: Service) -> str:
        """The service's name."""
        return self.local(service.name, service.code)

    def language_name(self, language: str, *, short: bool = False) -> str:
        """A language's name in that language; ``short``: where several share the bar."""
        own = self.words.by_language.get(language, {})
        name, brief = own.get("lang.name", ""), own.get("lang.short", "")
        return (brief or name if short else name or brief) or language.upper()

    def closed_tag(self) -> str:
        """TUTUP: says in high contrast what the grey says otherwise."""
        return self.say("state.closed_short").upper()

    # ── time ─────────────────────────────────────────────────────────────────────────────

    def time(self, moment: datetime | time) -> str:
        """08.15, or 08:15."""
        hour, minute = f"{moment.hour:02}", f"{moment.minute:02}"
        return self.say("time.format", hour=hour, minute=minute)

    def date_long(self, day: date) -> str:
        """Selasa, 24 November."""
        return self.say(
            "date.long",
            weekday=self.say(f"day.{day.weekday()}"),
            day=day.day,
            month=self.say(f"month.{day.month}"),
        )

    def date_brief(self, day: date) -> str:
        """Sel, 24 Nov."""
        return self.say(
            "date.long",
            weekday=self.say(f"day.short.{day.weekday()}"),
            day=day.day,
            month=self.say(f"month.short.{day.month}"),
        )

    def day(self, moment: datetime, now: datetime) -> str:
        """hari ini, besok, Senin; for a day a week or more ahead its date."""
        ahead = (moment.date() - now.date()).days
        if ahead == 0:
            return self.say("day.today")
        if ahead == 1:
            return self.say("day.tomorrow")
        if ahead < 7:
            return self.say(f"day.{moment.weekday()}")
        return self.date_long(moment.date())

    def day_short(self, moment: datetime, now: datetime) -> str:
        """Senin, or 24 Nov for a day a week or more ahead."""
        if (moment.date() - now.date()).days < 7:
            return self.say(f"day.{moment.weekday()}")
        return f"{moment.day} {self.say(f'month.short.{moment.month}')}"

    def listed(self, items: list[str]) -> str:
        """Senin, Rabu dan Jumat."""
        if len(items) < 2:
            return "".join(items)
        return self.say("list.and", items=", ".join(items[:-1]), last=items[-1])

    # ── the queue ────────────────────────────────────────────────────────────────────────

    def queue(self, state: ServiceLive | None, *, brief: bool = False) -> list[str]:
        """12 menunggu, sekitar 40–50 menit, sisa kuota: 138; unknown parts are left out.

        ``brief``: 12 menunggu, 40–50 menit, sisa 138.
        """
        if state is None:
            return []
        said = []
        if state.waiting is not None:
            said.append(self.say("service.waiting", n=state.waiting))
        if state.wait_minutes is not None and state.waiting:
            said.append(self.wait(state.wait_minutes, brief=brief))
        if state.quota_left is not None:
            said.append(
                self.say(
                    "service.quota_left" if brief else "service.quota_of_day", n=state.quota_left
                )
            )
        return said

    def wait(self, minutes: tuple[int, int], *, brief: bool = False) -> str:
        """sekitar 40–50 menit, or sekitar 2–2,5 jam; ``brief``: without "sekitar"."""
        span = wait_span(minutes)
        low, high = self.decimal(span.low), self.decimal(span.high)
        figures = high if low == high else self.say("wait.range", a=low, b=high)
        if not span.hours:
            said = self.say("wait.minutes", figures=figures)
        elif figures == "1":
            said = self.say("wait.one_hour")
        else:
            said = self.say("wait.hours", figures=figures)
        return said if brief else self.say("wait.about", wait=said)

    def decimal(self, value: float) -> str:
        """2, or 2,5."""
        if value == int(value):
            return str(int(value))
        return f"{value:.1f}".replace(".", self.say("number.decimal"))

    # ── places ───────────────────────────────────────────────────────────────────────────

    def floor(self, place: Place) -> str:
        """Lantai 1; empty when unknown."""
        return self.say("place.floor", floor=place.floor) if place.floor else ""

    def counter(self, place: Place) -> str:
        """Loket 19, or Loket 01, 02; empty when unknown."""
        counters = ", ".join(place.counters)
        return self.say("place.counter", counter=counters) if counters else ""

    def place(self, place: Place) -> str:
        """Lantai 1 · Loket 19."""
        return DOT.join(t for t in (self.floor(place), self.counter(place)) if t)

    # ── what goes wrong ──────────────────────────────────────────────────────────────────

    def trouble(self, trouble: Refusal) -> TitleAndText:
        """What is wrong, when no number was given."""
        key = f"trouble.{trouble.shown.value}"
        return TitleAndText(self.say(f"{key}.title"), self.say(f"{key}.text"))

    def machine(self, trouble: Refusal, kiosks: int, *, retry: bool = False) -> TitleAndText:
        """What is wrong with this machine, and the way on.

        ``kiosks``: another machine is named only where there is one. ``retry``: the screen has a
        button to try again.
        """
        said = self.trouble(trouble)
        key = "trouble.elsewhere" if kiosks > 1 else "trouble.desk"
        way = self.say("trouble.retry") if retry else self.say(key)
        return TitleAndText(said.title, f"{said.text} {way}")

    def desk(self, desk: InformationDesk | None) -> TitleAndText:
        """Where the information desk is and how to reach it; without ``desk`` that there is one."""
        if desk is None:
            return TitleAndText(self.say("help.desk_title"), self.say("help.desk"))
        phone = self.say("desk.phone", phone=desk.phone) if desk.phone else ""
        where = self.local(desk.where)
        return TitleAndText(self.say("desk.title"), "\n".join(t for t in (where, phone) if t))

    def desk_or_call(self, desk: InformationDesk | None, call: StaffCall) -> TitleAndText:
        """What has happened to the call for staff, with the desk; without a call only the desk."""
        if not call.state.open or call.since is None:
            return self.desk(desk)
        state = call.state.value
        title = self.say(f"call.{state}.title", time=self.time(call.since))
        told = (CallState.CALLED, CallState.UNSENT, CallState.DELAYED)
        if desk is None or call.state not in told:
            return TitleAndText(title, self.say(f"call.{state}.text"))
        return TitleAndText(title, self.say(f"call.{state}.text_desk", desk=self.local(desk.where)))

    def problem(self, problem: Problem, now: datetime, kiosks: int = 1) -> TitleAndText:
        """The words of a refusal: its own where it has them, and when numbers are given again."""
        if problem.trouble not in (Refusal.QUOTA, Refusal.PAUSED):
            retry = problem.request is not None
            said = self.machine(problem.trouble, kiosks, retry=retry)
            return replace(said, title=self.local(problem.words) if problem.words else said.title)
        usual = self.trouble(problem.trouble)
        title = self.local(problem.words) if problem.words else ""
        again = ""
        full = problem.trouble is Refusal.QUOTA
        if full and problem.until is not None and problem.until.date() == now.date():
            title = title or self.say("state.quota_now")
            again = self.say("state.quota_until", time=self.time(problem.until))
        elif problem.until is not None:
            day, time = self.day(problem.until, now), self.time(problem.until)
            again = self.say("state.opens", day=day, time=time) + "."
        return TitleAndText(title or usual.title, again or usual.text)

    def fault(self, fault: Fault | None) -> str:
        """A printer's fault in a few words: Kertas habis."""
        return self.say(f"fault.{(fault or Fault.ERROR).value}.title")

    def machine_banner(self, trouble: Refusal) -> str:
        """The notice on the first screens while this machine gives no numbers."""
        said = self.trouble(trouble)
        return f"{said.title}. {self.say('banner.desk')}"

    def printer_banner(self, printer: PrinterHealth, *, stopped: bool, large: bool = False) -> str:
        """The notice on the first screens about the printer; empty when it has no fault.

        ``large``: in fewer words, for large text."""
        if printer.well:
            return ""
        fault = self.printer_fault(printer)
        if large and stopped:
            return f"{fault}. {self.say('banner.desk')}"
        key = "banner.stopped" if stopped else "banner.large" if large else "banner.screen"
        return self.say(key, fault=fault)

    def printer_fault(self, printer: PrinterHealth) -> str:
        """The name of the printer's fault; also for a held printer."""
        return self.fault(printer.fault or (Fault.HELD_BACK if printer.held else None))

    def paper(self, result: PrintResult | None, *, copy: bool) -> TitleAndText:
        """What is known about the slip: printing, printed, uncertain, not printed."""
        if result is None:
            return TitleAndText(self.say("printing.paper"), self.say("printing.take_below"))
        if result.proof is Proof.CONFIRMED:
            return TitleAndText(self.say("done.copy_printed" if copy else "done.printed"))
        if result.proof is Proof.SENT:
            return TitleAndText(self.say("done.sent"), self.say("done.sent_hint"))
        title = "done.uncertain_title" if result.proof is Proof.UNCERTAIN else "done.no_paper"
        said = self.say(title)
        if result.fault is not None and result.proof is not Proof.UNCERTAIN:
            said = self.say("done.no_paper_because", fault=_within(self.fault(result.fault)))
        return TitleAndText(said, self.say("done.note_it"))

    def details_slip(self, result: PrintResult | None) -> TitleAndText:
        """What is known about the slip with the details of a service."""
        if result is None:
            return TitleAndText(self.say("printing.title"), self.say("details.printing"))
        if result.proof in (Proof.CONFIRMED, Proof.SENT):
            if result.proof is Proof.SENT:
                return TitleAndText(self.say("details.sent"), self.say("details.sent_text"))
            return TitleAndText(self.say("details.printed"), self.say("details.printed_text"))
        said = self.say("details.uncertain")
        if result.proof is not Proof.UNCERTAIN:
            said = self.say("details.not_printed")
            if result.fault is not None:
                fault = _within(self.fault(result.fault))
                said = self.say("details.not_printed_because", fault=fault)
        return TitleAndText(said, self.say("details.read_instead"))

    def details_no_print(
        self, why: NoDetails | None, printer: PrinterHealth, *, brief: bool = False
    ) -> str:
        """Why the details cannot be printed now; empty when they can. ``brief``: the reason alone,
        beside the sign of a printer."""
        match why:
            case None:
                return ""
            case NoDetails.PRINTED:
                return self.say("details.once")
            case NoDetails.PAUSE:
                return self.say("details.pause")
            case NoDetails.NEAR_END:
                reason = self.say("details.near_end")
            case NoDetails.PRINTER:
                reason = self.printer_fault(printer)
        return reason if brief else self.say("details.no_print", fault=_within(reason))


def _within(text: str) -> str:
    """``text`` for the middle of a sentence: lower-case first letter, unless an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
