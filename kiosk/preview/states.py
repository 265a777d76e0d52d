"""Every state of every screen, as named values for the preview and the layout tests.

The menu is that of the settings, so staff see their own names wherever a name can appear. Nothing
is issued or printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.config import OnFault, Settings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import QUOTA_FULL, Ahead, Live, ServiceLive
from kiosk.domain.modes import NO_MODES, Modes
from kiosk.domain.staff_call import NO_CALL, CallState, StaffCall
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    CancelAsked,
    Cancelled,
    Cancelling,
    Closed,
    Confirm,
    Dark,
    Find,
    Help,
    Issuing,
    Offered,
    Problem,
    Screen,
    Services,
    Shown,
)
from kiosk.domain.visit_staff import KEPT_MODES
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from kiosk.errors import Refusal
from kiosk.preview.cast import MONO_S, Cast, PreviewState
from kiosk.preview.closed_states import closed_states, next_hour
from kiosk.preview.details_states import details_states
from kiosk.preview.find_states import find_states
from kiosk.preview.staff_states import is_staff, staff_states
from menu.schedule import Opening, Why


def states(settings: Settings, language: str, modes: Modes = NO_MODES) -> Iterator[PreviewState]:
    """Every state of every screen that is possible with this menu, shown in ``modes``."""
    cast = Cast(settings)
    bare = replace(settings.catalogue, agencies=())
    yield PreviewState(
        "agencies-empty", Visit(language, modes=modes), replace(cast.snapshot, catalogue=bare)
    )
    if not cast.found:
        return
    for state in (
        *_home(cast),
        *find_states(cast, language),
        *_services(cast),
        *details_states(cast.snapshot, cast.visit(Agencies())),
        *_queue(cast),
        *_confirm(cast),
        *_number(cast),
        *closed_states(cast),
        *_problems(cast),
        *_help(cast),
        *_by_keypad(cast),
        *_calls(cast),
        *staff_states(cast.settings, cast.snapshot, cast.visit(Agencies())),
        *_attract(cast),
        PreviewState(
            "idle-warning", replace(cast.visit(cast.long), warned_s=MONO_S - 5), cast.snapshot
        ),
    ):
        # No mode is on before somebody comes; contrast there is measured all the same.
        plain = is_staff(state.visit) or isinstance(state.visit.screen, Attract)
        shown = modes & KEPT_MODES if plain else modes
        yield replace(state, visit=replace(state.visit, language=language, modes=shown))


def _by_keypad(cast: Cast) -> Iterator[PreviewState]:
    """Screens with the focus of the keypad where it begins."""
    there = Services(cast.first.agency.code)
    plain = Shown(cast.ticket(cast.first, "DK-027"), MONO_S, _SURE)
    screens: dict[str, Screen] = {
        "agencies": Agencies(),
        "find": Find(),
        "services": cast.long,
        "services-lit": replace(there, lit=cast.first.service.code),
        "confirm": Confirm(cast.first.service.code, there),
        "number": plain,
        "cancel": CancelAsked(plain),
        "help": Help(Agencies()),
    }
    for name, screen in screens.items():
        visit = replace(cast.visit(screen), keypad=True)
        yield PreviewState(f"keypad-{name}", visit, cast.snapshot)
    warned = replace(cast.visit(cast.long), keypad=True, warned_s=MONO_S - 5)
    yield PreviewState("keypad-warning", warned, cast.snapshot)


def _home(cast: Cast) -> Iterator[PreviewState]:
    home, snapshot = cast.visit(Agencies()), cast.snapshot
    yield PreviewState("agencies-open", home, snapshot)
    yield PreviewState("agencies-display", replace(home, modes_open=True), snapshot)
    if len(cast.menu.site.languages) > 2:
        languages = replace(home, languages_open=True)
        yield PreviewState("agencies-languages", languages, snapshot)
    yield PreviewState("agencies-page-2", cast.visit(Agencies(1)), snapshot)
    night = replace(snapshot, now=cast.now.replace(hour=21))
    yield PreviewState("site-closed", home, night)
    yield PreviewState("site-closed-early", home, replace(snapshot, now=cast.now.replace(hour=6)))
    yield PreviewState("agencies-browse", cast.visit(Agencies(browse=True)), night)
    yield from _partly_closed(cast)
    out = PrinterHealth(fault=Fault.PAPER_OUT)
    yield PreviewState("agencies-banner-paper", home, replace(snapshot, printer=out))
    stopped = replace(snapshot, printer=out, on_fault=OnFault.STOP)
    yield PreviewState("machine-printer", home, stopped)
    broken = replace(snapshot, broken=Refusal.NUMBERS)
    yield PreviewState("machine", home, broken)
    yield PreviewState("machine-complaint", home, _with_complaints(broken))
    yield PreviewState("machine-of-two", home, replace(broken, kiosks=2))
    yield PreviewState("agencies-staff", home, snapshot, staff=True)


def _partly_closed(cast: Cast) -> Iterator[PreviewState]:
    """All agencies but one are paused, to show the note on their tiles."""
    closed = {f.service.code: ServiceLive(open=False, reason="paused") for f in cast.found}
    for service in cast.busy.services:
        del closed[service.code]
    if closed:
        live = Live(closed, 0.0, in_touch=True, linked=True)
        yield PreviewState(
            "agencies-closed", cast.visit(Agencies()), replace(cast.snapshot, live=live)
        )


def _services(cast: Cast) -> Iterator[PreviewState]:
    yield PreviewState("services-long", cast.visit(cast.long), cast.snapshot)
    yield PreviewState("services-short", cast.visit(Services(cast.few.code)), cast.snapshot)
    single = [a for a in cast.menu.agencies if len(a.services) == 1]
    if single:
        yield PreviewState("services-one", cast.visit(Services(single[0].code)), cast.snapshot)
    groups = cast.menu.priority_groups
    first = Services(cast.first.agency.code)
    if groups:
        chosen = replace(cast.visit(first), priorities=tuple(g.code for g in groups[:2]))
        yield PreviewState("services-priority", chosen, cast.snapshot)
    night = replace(cast.snapshot, now=cast.now.replace(hour=21))
    yield PreviewState("services-closed", cast.visit(first), night)
    out = replace(cast.snapshot, printer=PrinterHealth(fault=Fault.COVER_OPEN))
    yield PreviewState("services-banner", cast.visit(cast.long), out)


def _queue(cast: Cast) -> Iterator[PreviewState]:
    """Live states: a busy day, with services full and paused, and without the server."""
    codes = [f.service.code for f in cast.found]
    here = [s.code for s in cast.busy.services]
    at = {c: i for i, c in enumerate([*here, *(c for c in codes if c not in here)])}
    busy = {c: ServiceLive(n, (n * 4, n * 5 + 5)) for c in codes for n in (at[c] * 7 % 13,)}
    full = {c: replace(s, quota_left=4 + at[c]) for c, s in busy.items() if at[c] % 2}
    shut = [
        ServiceLive(9, None, None, False, QUOTA_FULL, quota_left=0),
        ServiceLive(3, None, None, False, "paused", cast.now.replace(hour=10, minute=30)),
        ServiceLive(3, None, None, False, "paused"),
        ServiceLive(8, None, None, False, QUOTA_FULL, next_hour(cast.now), quota_left=0),
    ]
    states = busy | full | dict(zip(here[1:], shut, strict=False))
    snapshot = replace(cast.snapshot, live=Live(states, 0.0, in_touch=True, linked=True))
    away = replace(cast.snapshot, live=Live(linked=True))
    yield PreviewState("agencies-live", cast.visit(Agencies()), snapshot)
    crowd = {c: replace(s, waiting=9 * (s.waiting or 0)) for c, s in busy.items()}
    crowded = replace(snapshot, live=replace(snapshot.live, services=crowd))
    yield PreviewState("agencies-crowded", cast.visit(Agencies()), crowded)
    yield PreviewState("agencies-out-of-touch", cast.visit(Agencies()), away)
    yield PreviewState("services-live", cast.visit(cast.long), snapshot)
    yield PreviewState("services-live-short", cast.visit(Services(cast.few.code)), snapshot)
    yield PreviewState("services-out-of-touch", cast.visit(cast.long), away)
    plain = Shown(cast.ticket(cast.first, "DK-027"), MONO_S, _SURE)
    special = Shown(cast.ticket(cast.wordy, "DKC-B003"), MONO_S, _SURE)
    group = cast.menu.priority_groups[0].code if cast.menu.priority_groups else None
    no_paper = PrintResult(Outcome.NOT_PRINTED, Level.STATUS, Fault.OVERHEATED)
    preferred = Shown(cast.ticket(cast.wordy, "DKC-B003", group), MONO_S, no_paper)
    site = replace(cast.menu.site, public_url="https://antrean.example.go.id")
    public = replace(snapshot, catalogue=replace(cast.menu, site=site))
    for name, shown, where in (
        ("ahead", replace(plain, ahead=Ahead(12, (40, 50))), snapshot),
        ("ahead-long", replace(special, ahead=Ahead(112, (440, 550))), snapshot),
        ("ahead-follow", replace(plain, ahead=Ahead(12, (40, 50))), public),
        ("next", replace(plain, ahead=Ahead(0, (0, 5))), snapshot),
        ("ahead-follow-no-paper", replace(preferred, ahead=Ahead(112, (440, 550))), public),
    ):
        yield PreviewState(f"number-{name}", cast.visit(shown), where)
    until = cast.now.replace(hour=10, minute=30)
    screen = Closed(cast.first.agency.code, Opening(Why.PAUSED, None, until))
    yield PreviewState("closed-paused-until", cast.visit(screen), cast.snapshot)


def _confirm(cast: Cast) -> Iterator[PreviewState]:
    """Confirmation of a busy service: with figures, and after they became too old."""
    there = Services(cast.first.agency.code)
    ask, groups = cast.visit(Confirm(cast.first.service.code, there)), cast.menu.priority_groups
    states = {f.service.code: ServiceLive(34, (120, 150)) for f in cast.found}
    snapshot = replace(cast.snapshot, live=Live(states, 0.0, in_touch=True, linked=True))
    yield PreviewState("confirm", ask, snapshot)
    yield PreviewState("confirm-figures-gone", ask, replace(cast.snapshot, live=Live(linked=True)))
    wordy = cast.visit(Confirm(cast.wordy.service.code, Services(cast.wordy.agency.code)))
    out = replace(snapshot, printer=PrinterHealth(fault=Fault.PAPER_OUT))
    chosen = tuple(group.code for group in groups[-2:])
    yield PreviewState("confirm-priority-no-paper", replace(wordy, priorities=chosen), out)


_SURE = PrintResult(Outcome.PRINTED, Level.PROCESS_ID)


def _number(cast: Cast) -> Iterator[PreviewState]:
    yield PreviewState("issuing", cast.visit(Issuing(cast.request(), MONO_S)), cast.snapshot)
    groups = cast.menu.priority_groups
    plain = cast.ticket(cast.first, "DK-027")
    special = cast.ticket(cast.wordy, "DKC-B003", groups[0].code if groups else None)
    results = {
        "printing": None,
        "confirmed": PrintResult(Outcome.PRINTED, Level.PROCESS_ID),
        "sent": PrintResult(Outcome.PRINTED, Level.BLIND),
        "uncertain": PrintResult(Outcome.UNCERTAIN, Level.STATUS, Fault.MUTE),
        "screen": PrintResult(Outcome.NOT_PRINTED, Level.STATUS, Fault.PAPER_OUT),
    }
    for name, result in results.items():
        yield PreviewState(
            f"number-{name}", cast.visit(Shown(plain, MONO_S, result)), cast.snapshot
        )
    sure = results["confirmed"]
    yield PreviewState("number-long-names", cast.visit(Shown(special, MONO_S, sure)), cast.snapshot)
    hanging = Shown(plain, MONO_S, sure, hung_s=MONO_S)
    yield PreviewState("number-take", cast.visit(hanging), cast.snapshot)
    yield PreviewState("number-taken", cast.visit(replace(hanging, taken=True)), cast.snapshot)
    yield PreviewState(
        "number-copy", cast.visit(Shown(plain, MONO_S, sure, copy=True)), cast.snapshot
    )
    site = replace(cast.menu.site, public_url="https://antrean.example.go.id")
    public = replace(cast.snapshot, catalogue=replace(cast.menu, site=site))
    yield PreviewState("number-follow", cast.visit(Shown(plain, MONO_S, sure)), public)
    asking = replace(cast.menu.site, public_url="", survey_url="https://skm.example.go.id/s/abc")
    asking_menu = replace(cast.menu, site=asking)
    yield PreviewState(
        "number-survey",
        cast.visit(Shown(plain, MONO_S, sure)),
        replace(cast.snapshot, catalogue=asking_menu),
    )
    kept = Shown(special, MONO_S, results["screen"], kept=True)
    yield PreviewState("number-kept", cast.visit(kept), cast.snapshot)
    asked = CancelAsked(Shown(special, MONO_S, sure))
    yield PreviewState("cancel-asked", cast.visit(asked), cast.snapshot)
    yield PreviewState("cancel-going", cast.visit(Cancelling(asked.number, MONO_S)), cast.snapshot)
    void = replace(special, state="void", rev=2)
    yield PreviewState("cancelled", cast.visit(Cancelled(void, MONO_S)), cast.snapshot)
    yield PreviewState("offered", cast.visit(Offered(plain)), cast.snapshot)


def _help(cast: Cast) -> Iterator[PreviewState]:
    yield PreviewState("help", cast.visit(Help(Agencies())), cast.snapshot)
    complaints = _with_complaints(cast.snapshot)
    yield PreviewState("help-complaint", cast.visit(Help(Agencies())), complaints)
    number = Shown(cast.ticket(cast.wordy, "DKC-B003"), MONO_S)
    for name, result in {
        "printing": None,
        "printed": _SURE,
        "screen": PrintResult(Outcome.NOT_PRINTED, Level.STATUS, Fault.PAPER_OUT),
    }.items():
        shown = replace(number, result=result)
        yield PreviewState(f"help-number-{name}", cast.visit(Help(shown)), cast.snapshot)


def _with_complaints(snapshot: KioskSnapshot) -> KioskSnapshot:
    """With the address for complaints that every Indonesian office may name."""
    site = replace(snapshot.catalogue.site, complaint_url="https://www.lapor.go.id")
    return replace(snapshot, catalogue=replace(snapshot.catalogue, site=site))


def _problems(cast: Cast) -> Iterator[PreviewState]:
    for trouble in Refusal:
        request = cast.request() if trouble.retry else None
        snapshot = cast.snapshot
        if trouble is Refusal.PRINTER:
            out = PrinterHealth(fault=Fault.PAPER_OUT)
            snapshot = replace(snapshot, printer=out, on_fault=OnFault.STOP)
        yield PreviewState(
            f"problem-{trouble.value}", cast.visit(Problem(trouble, request)), snapshot
        )
    for name, trouble in (("", Refusal.GENERIC), ("-long", Refusal.PAUSED)):
        problem = Problem(trouble, cast.request() if trouble.retry else None)
        complaints = _with_complaints(cast.snapshot)
        yield PreviewState(f"problem-complaint{name}", cast.visit(problem), complaints)


def _calls(cast: Cast) -> Iterator[PreviewState]:
    """The call for staff: each of its states, and the screens of a kiosk that has none."""
    help_, text = cast.visit(Help(Agencies())), "asdfgh"
    for state in (state for state in CallState if state.open):
        call = replace(cast.snapshot, call=StaffCall(state, "call-0001", cast.now))
        yield PreviewState(f"call-{state.value}", help_, call)
        problem = Problem(Refusal.GENERIC, cast.request())
        yield PreviewState(f"call-{state.value}-problem", cast.visit(problem), call)
        night = replace(call, now=cast.now.replace(hour=21))
        yield PreviewState(f"call-{state.value}-closed", cast.visit(Agencies()), night)
        yield PreviewState(f"call-{state.value}-find", cast.visit(Find(text, (), text)), call)
    off = replace(cast.snapshot, call=NO_CALL)
    yield PreviewState("help-no-call", help_, off)
    broken = replace(off, broken=Refusal.NUMBERS)
    yield PreviewState("machine-no-call", cast.visit(Agencies()), broken)
    yield PreviewState("find-nothing-no-call", cast.visit(Find(text, (), text)), off)


def _attract(cast: Cast) -> Iterator[PreviewState]:
    """While nobody is there: with the queue, without the server, and closed."""
    codes = [f.service.code for f in cast.found]
    queue = {code: ServiceLive(i * 7 % 13, (5, 10)) for i, code in enumerate(codes)}
    live = Live(queue, 0.0, in_touch=True, linked=True)
    rest = cast.visit(Attract())
    yield PreviewState("attract", rest, replace(cast.snapshot, headset=True))
    yield PreviewState("attract-queue", rest, replace(cast.snapshot, live=live))
    night = replace(cast.snapshot, now=cast.now.replace(hour=21))
    yield PreviewState("attract-closed", rest, night)
    yield PreviewState("dark", cast.visit(Dark()), night)
