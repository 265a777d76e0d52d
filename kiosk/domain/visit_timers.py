"""Changes of a visit without a touch: results from desk and printer, and time.

While help or the question of a void covers a number, a result for that number changes it there.
Both close by themselves after a while and show the number again. A new number replaces help.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.delivery import Fault, PrintResult, Proof
from kiosk.domain.effects import Effect, PrintCopy
from kiosk.domain.events import (
    Committed,
    DetailsPrinted,
    News,
    NotVoided,
    PrintFinished,
    Refused,
    SearchAnswered,
    Unfinished,
    Voided,
)
from kiosk.domain.modes import MODE_TIMES, Mode
from kiosk.domain.visit_attract import attract
from kiosk.domain.visit_details import after_slip
from kiosk.domain.visit_find import apply_answer
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    CancelAsked,
    Cancelled,
    Cancelling,
    Closed,
    DetailsSlip,
    Help,
    Issuing,
    Offered,
    Problem,
    Screen,
    Shown,
    Staff,
    StaffPin,
    number_on,
    uncovered,
)
from kiosk.domain.visit_staff import apply_staff_time, staff_left_s
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
    usual_bar,
    with_screen,
)
from kiosk.errors import Refusal

ISSUE_DEADLINE_S = 10.0
"""If no number is committed within this time, the screen shows a problem and offers a retry."""

DELIVERY_DEADLINE_S = 30.0
"""If the print job has not ended within this time, the slip counts as unproved."""

VOID_DEADLINE_S = 10.0
"""If the journal has not answered a void within this time, the number is shown again as valid."""

HEARD_S = 30.0
"""With speech on, a number is shown at least this long after it was said."""

CODE_TIMES = 1.5
"""A number with a code to scan is shown this many times as long: a telephone must come out."""


def patience(visit: Visit) -> float:
    """How many times as long everything waits that ends by itself."""
    return MODE_TIMES if visit.modes or visit.keypad else 1.0


def end_visit(visit: Visit, snapshot: KioskSnapshot) -> Visit:
    """A fresh visit on the home screen.

    The debounce starts anew: a finger that is still tapping does not choose for the next person."""
    acted_s = max(visit.acted_s, snapshot.mono_s)
    return Visit(
        language=snapshot.language,
        touched_s=snapshot.mono_s,
        acted_s=acted_s,
        details_s=visit.details_s,
    )


def go_home(visit: Visit, snapshot: KioskSnapshot) -> Visit:
    """Go home for the same visitor: language and modes are kept."""
    if visit.screen == Agencies():
        return visit
    return with_screen(visit, Agencies(), snapshot, priorities=())


def seconds_left(visit: Visit, snapshot: KioskSnapshot) -> int | None:
    """The countdown to show in whole seconds; None without one."""
    if visit.warned_s is not None:
        warning_s = snapshot.timeouts.warning_s * patience(visit)
        return _whole(visit.warned_s + warning_s - snapshot.mono_s)
    screen = visit.screen
    if isinstance(screen, StaffPin | Staff):
        return _whole(staff_left_s(visit, screen, snapshot))
    leaves = isinstance(screen, Shown) and _leaves(screen)
    if isinstance(screen, Shown | Cancelled) and (leaves or isinstance(screen, Cancelled)):
        return _whole(_since(visit, screen) + stands_s(visit, snapshot) - snapshot.mono_s)
    return None


def _leaves(number: Shown) -> bool:
    """Whether the number's screen ends after a time: its slip is printed and not in the mouth."""
    return (number.proof is Proof.CONFIRMED and not number.hangs) or number.taken


def stands_s(visit: Visit, snapshot: KioskSnapshot) -> float:
    """How long a number with a proved slip is shown: longer where a code can be scanned, and in
    a mode. With speech it counts from the end of the last sentence: speaking is a touch."""
    scanned = bool(snapshot.catalogue.site.public_url)
    usual_s = snapshot.timeouts.number_s * (CODE_TIMES if scanned else 1.0) * patience(visit)
    return max(usual_s, HEARD_S) if Mode.SPEECH in visit.modes else usual_s


def _whole(seconds: float) -> int:
    return max(0, -int(-seconds // 1))


def _since(visit: Visit, screen: Shown | Cancelled) -> float:
    return max(screen.since_s, visit.touched_s)


# ── results ──────────────────────────────────────────────────────────────────────────────


def apply_news(visit: Visit, event: News, snapshot: KioskSnapshot) -> Visit:
    """The visit after ``event``; unchanged if the event belongs to another visit."""
    if isinstance(event, SearchAnswered):
        return apply_answer(visit, event, snapshot)
    if isinstance(event, Unfinished):
        fresh = visit.screen == Agencies()
        offered = replace(usual_bar(visit), screen=Offered(event.ticket))
        return offered if fresh else visit
    awaited = uncovered(visit.screen)
    subject = _subject(event)
    shown = _screen_after(awaited, event, snapshot) if _awaits(awaited) == subject else None
    if shown is None:
        return visit
    quiet = replace(visit, touched_s=snapshot.mono_s, warned_s=None)
    if isinstance(awaited, DetailsSlip) and isinstance(event, DetailsPrinted):
        quiet = after_slip(quiet, awaited, event.result)
    if isinstance(awaited, Shown) and isinstance(shown, Shown):
        return _with_number(quiet, shown)
    if isinstance(shown, Cancelling):
        return replace(quiet, screen=shown)
    return replace(usual_bar(quiet), screen=shown, acted_s=snapshot.mono_s)


def _subject(
    event: Committed | PrintFinished | Refused | Voided | NotVoided | DetailsPrinted,
) -> str:
    """The id of the ticket or print job that the event is about."""
    match event:
        case Refused(id=id_) | NotVoided(id=id_) | DetailsPrinted(job=id_):
            return id_
        case Committed(ticket=ticket) | PrintFinished(ticket=ticket) | Voided(ticket=ticket):
            return ticket.id


def _awaits(screen: Screen) -> str | None:
    """The id of the ticket or print job whose results change this screen; None if none do."""
    match screen:
        case Issuing(request=request):
            return request.id
        case Problem(request=request):
            return request.id if request else None
        case Shown(ticket=ticket):
            return ticket.id
        case Cancelling(number=number):
            return number.ticket.id
        case DetailsSlip(job=job):
            return job
        case _:
            return None


def _screen_after(screen: Screen, event: News, snapshot: KioskSnapshot) -> Screen | None:
    """The screen after a result; None if the result changes nothing."""
    now = snapshot.mono_s
    match event:
        case Voided(ticket) if isinstance(screen, Shown | Cancelling):
            return Cancelled(ticket, now)
        case NotVoided() if isinstance(screen, Cancelling):
            return replace(screen.number, since_s=now, kept=True)
        case Committed(ticket) | PrintFinished(ticket) if ticket.state == "void":
            # A repeated request or a print job that ended after the void: it stays void.
            return Cancelled(ticket, now)
        case Committed(ticket, ahead) if isinstance(screen, Issuing | Problem):
            return Shown(ticket, now, ahead=ahead)
        case PrintFinished(ticket, result):
            known = screen.number if isinstance(screen, Cancelling) else screen
            known = known if isinstance(known, Shown) else Shown(ticket, now)
            shown = replace(known, ticket=ticket, since_s=now, result=result)
            return replace(screen, number=shown) if isinstance(screen, Cancelling) else shown
        case DetailsPrinted(result=result) if isinstance(screen, DetailsSlip):
            return replace(screen, result=result)
        case Refused() if isinstance(screen, Issuing):
            return _refusal(screen, event, snapshot)
        case _:
            return None


def _refusal(screen: Issuing, event: Refused, snapshot: KioskSnapshot) -> Screen:
    found = snapshot.catalogue.service(screen.request.service)
    if event.opening is not None and found is not None:
        page = screen.back.home_page if screen.back else 0
        return Closed(found.agency.code, event.opening, found.service.code, page, screen.back)
    again, until = screen.request if event.trouble.retry else None, event.until
    if event.trouble is Refusal.PAUSED and until is not None and found is not None:
        until = snapshot.availability.again_from(found.agency, found.service, until)[0]
    return Problem(event.trouble, again, until, event.words)


def _with_number(visit: Visit, number: Shown) -> Visit:
    """The visit with its number replaced, also below help or the question of a void."""
    match visit.screen:
        case Help():
            return replace(visit, screen=Help(number))
        case CancelAsked():
            return replace(visit, screen=CancelAsked(number))
        case _:
            return replace(visit, screen=number)


# ── time ─────────────────────────────────────────────────────────────────────────────────


def automatic_copy(
    visit: Visit, snapshot: KioskSnapshot
) -> tuple[Visit, tuple[Effect, ...]] | None:
    """One automatic copy of an uncertain slip while its visitor is present; None: not now.

    Requested only after the printer has confirmed that its buffer was cleared: then the first
    slip cannot come out later, and the copy is the visitor's only slip.
    """
    number = number_on(visit.screen)
    if number is None or number.again or visit.warned_s is not None:
        return None
    result = number.result
    if result is None or result.proof is not Proof.UNCERTAIN or not result.hold:
        return None
    if not snapshot.printer.well or snapshot.printer.cleared < result.hold:
        return None
    copied = replace(number, since_s=snapshot.mono_s, result=None, copy=True, again=True)
    return _with_number(visit, copied), (PrintCopy(number.ticket),)


def apply_time(visit: Visit, snapshot: KioskSnapshot) -> Visit:
    """The visit after time has passed without an event."""
    now, times, screen = snapshot.mono_s, snapshot.timeouts, visit.screen
    longer = patience(visit)
    if isinstance(screen, StaffPin | Staff):
        return apply_staff_time(visit, screen, snapshot)
    if visit.warned_s is not None:
        over = now - visit.warned_s >= times.warning_s * longer
        return end_visit(visit, snapshot) if over else visit
    if isinstance(screen, Issuing):
        late = now - screen.since_s >= ISSUE_DEADLINE_S
        slow = Problem(Refusal.SLOW, screen.request)
        return replace(usual_bar(visit), screen=slow, touched_s=now) if late else visit
    if isinstance(screen, Cancelling):
        late = now - screen.since_s >= VOID_DEADLINE_S
        kept = replace(screen.number, since_s=now, kept=True)
        shown = replace(usual_bar(visit), screen=kept, touched_s=now, acted_s=now)
        return shown if late else visit
    if isinstance(screen, DetailsSlip) and screen.result is None:
        late = now - screen.since_s >= DELIVERY_DEADLINE_S
        unknown = replace(screen, result=PrintResult.uncertain(Fault.WEDGED))
        given_up = usual_bar(replace(visit, screen=unknown, touched_s=now, acted_s=now))
        return given_up if late else visit
    if isinstance(screen, Cancelled):
        ended = now - _since(visit, screen) >= stands_s(visit, snapshot)
        return end_visit(visit, snapshot) if ended else visit
    if isinstance(screen, Shown):
        return _apply_time_to_number(visit, screen, snapshot)
    if isinstance(screen, Attract) or (screen == Agencies() and _untouched(visit, snapshot)):
        return attract(visit, snapshot)
    if now - visit.touched_s < times.idle_s * longer:
        return visit
    number = number_on(screen)
    if number is not None:
        return replace(usual_bar(visit), screen=number, touched_s=now, acted_s=now)
    return replace(visit, warned_s=now)


def _untouched(visit: Visit, snapshot: KioskSnapshot) -> bool:
    """Whether the next person finds nothing of this visit: its language, group, modes, focus,
    and which details it has printed."""
    return _kept(visit) == _kept(Visit(snapshot.language))


def _kept(visit: Visit) -> tuple[object, ...]:
    opened = (visit.modes_open, visit.languages_open)
    return (visit.language, visit.priorities, visit.modes, *opened, visit.keypad, visit.details)


def _apply_time_to_number(visit: Visit, screen: Shown, snapshot: KioskSnapshot) -> Visit:
    followed = _follow_slip(screen, snapshot)
    if followed is not screen:
        return replace(visit, screen=followed)
    shown_for_s = snapshot.mono_s - _since(visit, screen)
    if screen.proof is None and shown_for_s < DELIVERY_DEADLINE_S:
        return visit
    if _leaves(screen):
        return end_visit(visit, snapshot) if shown_for_s >= stands_s(visit, snapshot) else visit
    noted_s = snapshot.timeouts.noted_s * patience(visit)
    return replace(visit, warned_s=snapshot.mono_s) if shown_for_s >= noted_s else visit


def _follow_slip(number: Shown, snapshot: KioskSnapshot) -> Shown:
    """The number after a look at the printer's mouth; the same object if nothing changed.

    A slip that was pulled out is in the visitor's hand, at any level of the printer.
    """
    printer, now = snapshot.printer, snapshot.mono_s
    if number.proof not in (Proof.CONFIRMED, Proof.SENT) or number.taken:
        return number
    if printer.in_mouth and number.hung_s is None:
        return replace(number, hung_s=now, not_taken=printer.not_taken)
    if number.hangs and not printer.in_mouth:
        removed = printer.not_taken > number.not_taken
        return replace(number, hung_s=None, taken=not removed, since_s=now)
    return number
