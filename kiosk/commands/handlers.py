"""The work of the commands, on the running app's kiosk or on one built for the command.

Each handler takes the arguments of a command and returns what JSON can hold, except that a
sentence may be a message that has no language yet (``kiosk.messages``).
"""

from __future__ import annotations

import contextlib
import difflib
import logging
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kiosk.background.last_health import LastHealth
from kiosk.control import ControlServer, Handler, in_words
from kiosk.domain.config import OnFault
from kiosk.domain.delivery import Outcome, PrintResult
from kiosk.domain.health import Capabilities, screen_values
from kiosk.domain.ticket import Ticket, TicketKey
from kiosk.errors import AlreadyRunning, KioskError, UsageError
from kiosk.messages import STAFF_LANGUAGE, Message, Text
from kiosk.printing.test_slip import test_slip
from kiosk.runtime import Kiosk
from kiosk.staff.action_log import ActionEntry, ActionLog
from kiosk.store.outbox import Backlog
from menu.agencies import describe

if TYPE_CHECKING:
    from kiosk.background.queue_manager import QueueManager

LOW_DISK_MB = 100
MOST_COPIES = 20
REPRINT_AMONG = 2000
"""Tickets among which a number is looked for, the newest."""
_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TRACK = re.compile("[0-9a-f]{32}")
log = logging.getLogger(__name__)


@contextlib.contextmanager
def serving(kiosk: Kiosk) -> Iterator[None]:
    """Answer commands while the app runs. The app runs without a socket if it cannot be made."""
    health = LastHealth(kiosk.state, lambda: in_words(_status(kiosk), STAFF_LANGUAGE))
    try:
        server = ControlServer(kiosk.state, handlers(kiosk))
    except KioskError as error:
        log.error("%s", error)  # noqa: TRY400
        with health:
            yield
        return
    try:
        with health:
            yield
    finally:
        server.close()


def handlers(kiosk: Kiosk) -> dict[str, Handler]:
    """The handlers by command."""
    return {
        "issue": lambda args: _issue(kiosk, args),
        "tickets": lambda args: _tickets(kiosk, args),
        "report": lambda args: _report(kiosk, args),
        "status": lambda _: _status(kiosk),
        "clock": lambda args: _clock(kiosk, args),
        "enroll": lambda _: _enroll(kiosk),
        "reprint": lambda args: _reprint(kiosk, args),
        "print-test": lambda _: _print_test(kiosk),
    }


def _issue(kiosk: Kiosk, args: Mapping[str, Any]) -> dict[str, Any]:
    menu = kiosk.settings.catalogue
    service, language, priority = (args.get(k) for k in ("service", "language", "priority"))
    if menu.service(str(service)) is None:
        near = nearest(str(service), [f.service.code for f in menu.services()])
        raise KioskError("issue.service", value=repr(str(service)), near=near)
    if language is not None and language not in menu.site.languages:
        known = ", ".join(menu.site.languages)
        raise UsageError("usage.language", value=repr(language), known=known)
    groups = [g.code for g in menu.priority_groups]
    if priority is not None and priority not in groups:
        raise UsageError("usage.group", value=repr(priority), known=", ".join(groups))
    request = kiosk.new_request(str(service), language, priority, _key(args))
    done = kiosk.issue_now(request)
    return _ticket(done.ticket) | {"fault": _fault(done.result)}


def _key(args: Mapping[str, Any]) -> TicketKey | None:
    """The key under which the command asks, so that asking again gives no second number."""
    made, track = args.get("id"), args.get("track")
    if made is None and track is None:
        return None
    if not _ID.fullmatch(str(made)) or not _TRACK.fullmatch(str(track)):
        raise UsageError("usage.key")
    return TicketKey(str(made), str(track))


def nearest(word: str, known: list[str]) -> Text:
    """``; did you mean 'ktp-el'?`` for a word that is nearly one of ``known``, else nothing."""
    close = difflib.get_close_matches(word, known, n=1)
    return Message.of("meant", word=close[0]) if close else ""


def _fault(result: PrintResult) -> str | None:
    return result.fault.value if result.fault else None


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "business_date": ticket.business_date.isoformat(),
        "issued_at": ticket.issued_at.isoformat(),
        "service": ticket.service,
        "priority": ticket.priority,
        "language": ticket.language,
        "state": ticket.state,
        "printed": ticket.printed.value if ticket.printed else None,
        "rev": ticket.rev,
    }


def _reprint(kiosk: Kiosk, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Copies of the tickets that are named, or of the last ones; stops at the first failure."""
    numbers, last = list(args.get("numbers") or ()), args.get("last")
    if numbers and last is not None:
        raise UsageError("usage.copies_both")
    last = 1 if last is None else last
    if not isinstance(last, int) or not 1 <= max(last, len(numbers)) <= MOST_COPIES or last < 1:
        raise UsageError("usage.copies", most=MOST_COPIES)
    recent = [t for t in kiosk.ready_journal().tickets(limit=REPRINT_AMONG) if not t.anonymous]
    newest = {ticket.number: ticket for ticket in recent}
    unknown = [str(n) for n in numbers if n not in newest]
    if unknown:
        near = nearest(unknown[0], list(newest))
        raise KioskError("usage.number", value=repr(unknown[0]), near=near)
    issued = [ticket for ticket in recent if ticket.state == "issued"]
    chosen = [newest[n] for n in numbers] or issued[-last:]
    if not chosen:
        raise KioskError("reprint.none")
    done: list[dict[str, Any]] = []
    for ticket in chosen:
        result = kiosk.reprint(ticket.id)
        said = {"outcome": result.outcome.value, "fault": _fault(result), "detail": result.detail}
        done.append({"number": ticket.number, "id": ticket.id} | said)
        if result.outcome is not Outcome.PRINTED:
            break
    return done


def _tickets(kiosk: Kiosk, args: Mapping[str, Any]) -> dict[str, Any]:
    """``tickets``: the latest ``limit`` without the ``skip`` latest, in order, of ``total``.

    ``complete_from``: the first date of which no ticket was deleted, None where none was."""
    day_text, limit, skip = args.get("date"), args.get("limit") or 1000, args.get("skip") or 0
    if not isinstance(limit, int) or not isinstance(skip, int):
        raise UsageError("usage.limit")
    try:
        wanted = date.fromisoformat(day_text) if day_text else None
    except (TypeError, ValueError) as error:
        raise UsageError("usage.date", value=repr(day_text)) from error
    page = kiosk.ticket_page(wanted, limit, skip)
    left = kiosk.not_taken()
    tickets = [
        _ticket(t) | {"priorities": _priorities(t, page.also), "not_taken": t.id in left}
        for t in page.tickets
    ]
    return {
        "tickets": tickets,
        "total": page.total,
        "complete_from": page.complete_from or None,
    }


def _priorities(ticket: Ticket, also: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [] if ticket.priority is None else [ticket.priority, *also.get(ticket.id, ())]


def _report(kiosk: Kiosk, args: Mapping[str, Any]) -> dict[str, Any]:
    """``days``: counts of the business dates in ``dates``, by service, as in ``DayCount``, and by
    hour. ``complete_from``: the first date of which no ticket was deleted, None where none was.

    Beside a server that gives no numbers none was given offline: a letter tells nothing there."""
    try:
        days = [date.fromisoformat(text) for text in args["dates"]]
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError("usage.date", value=repr(args.get("dates"))) from error
    counted = []
    by_server = int(kiosk.queue is None or "numbers" not in _lacks(kiosk.queue))
    for day, found in kiosk.hour_counts(days).items():
        services: dict[str, list[int]] = {}
        hours: dict[int, int] = {}
        for one in found:
            hours[one.hour] = hours.get(one.hour, 0) + one.issued
            sums = services.setdefault(one.service, [0] * 5)
            offline, connected = one.offline * by_server, one.connected * by_server
            parts = (one.issued, one.priority, offline, connected, one.void)
            services[one.service] = [a + b for a, b in zip(sums, parts, strict=True)]
        counted.append({"date": day.isoformat(), "services": services, "hours": hours})
    return {"days": counted, "complete_from": _complete_from(kiosk)}


def _complete_from(kiosk: Kiosk) -> str | None:
    day = kiosk.complete_from()
    return day.isoformat() if day else None


def _status(kiosk: Kiosk) -> dict[str, Any]:
    settings, health, now = kiosk.settings, kiosk.printer_health(), kiosk.now()
    free_mb = shutil.disk_usage(kiosk.state).free // 1_000_000
    clock_health, screen = kiosk.clock_health(), kiosk.screen.health()
    numbers, broken = _numbers(kiosk)
    server = _server(kiosk)
    notices = list(dict.fromkeys((*kiosk.notices(), *broken)))
    stopped = settings.kiosk.printer.on_fault is OnFault.STOP and not health.well
    degraded = not health.well or health.near_end or notices or not clock_health.well
    degraded = degraded or free_mb < LOW_DISK_MB
    degraded = degraded or (server is not None and not server["in_touch"])
    barred = broken or stopped or kiosk.trouble() is not None
    barred = barred or (screen is not None and screen.frozen)
    state = "out_of_service" if barred else "degraded" if degraded else "well"
    return {
        "state": state,
        "running": True,
        "demo": kiosk.demo,
        "kiosk": settings.kiosk.id,
        "printer": {
            "connection": settings.kiosk.printer.connection,
            "level": health.level.value,
            "fault": health.fault.value if health.fault else "held_back" if health.held else None,
            "near_end": health.near_end,
            "slips_left": health.slips_left,
            "not_taken": health.not_taken if health.has_mouth else None,
            "detail": health.detail,
            "at": _moment(health.at),
        },
        "server": server,
        "staff_call": _staff_call(kiosk),
        "tickets": numbers,
        "settings": {
            "folder": settings.config_dir,
            "summary": describe(settings.catalogue),
            "on_disk": kiosk.settings_on_disk.state.value,
        },
        "clock": {"now": now.isoformat(timespec="seconds")} | asdict(clock_health),
        "disk": {"free_mb": free_mb},
        "screen": screen_values(screen),
        "notices": notices,
    }


def _clock(kiosk: Kiosk, args: Mapping[str, Any]) -> dict[str, Any]:
    """The time; ``confirm``: staff say that the system's clock is right."""
    if args.get("confirm"):
        system = kiosk.clock.system_time()
        if system is None:
            raise KioskError("clock.impossible")
        kiosk.ready_journal().confirm_time(system)
        ActionLog(kiosk.state).add(ActionEntry(system, "confirm-clock"))
    said = {"now": kiosk.now().isoformat(timespec="seconds")}
    return said | asdict(kiosk.clock_health())


def _numbers(kiosk: Kiosk) -> tuple[dict[str, int | None], tuple[Text, ...]]:
    """How many numbers there are, None where that cannot be known, and what keeps more from
    being given."""
    said: dict[str, int | None] = dict.fromkeys(("today", "pending", "parked"))
    try:
        kiosk.check_disk()
        said["today"] = kiosk.tickets_today()
        kiosk.ready_journal()
    except AlreadyRunning:
        raise
    except KioskError as error:
        return said, (error.message,)
    backlog = kiosk.queue.status.backlog if kiosk.queue is not None else Backlog()
    return said | {"pending": backlog.pending, "parked": backlog.parked}, ()


def _server(kiosk: Kiosk) -> dict[str, Any] | None:
    """The state of the queue server; None if none is configured."""
    queue = kiosk.queue
    if queue is None:
        return None
    terms = queue.refresh_status().terms
    return {
        "url": queue.address,
        "kind": queue.kind,
        "lacks": _lacks(queue),
        "remarks": list(queue.remarks),
        "in_touch": queue.online,
        "problem": queue.problem,
        "letter": terms.letter,
        "epoch": terms.epoch,
        "revoked": terms.revoked,
    }


def _lacks(queue: QueueManager) -> list[str]:
    """What this kind of server does not do for the kiosk, as in ``kiosk status --json``."""
    return [promise.value for promise in queue.lacks]


def _staff_call(kiosk: Kiosk) -> dict[str, str] | None:
    """The visitor's open call for staff; None without one."""
    call = kiosk.staff_call()
    if not call.state.open or call.since is None:
        return None
    since = call.since.isoformat(timespec="seconds")
    return {"id": call.id, "since": since, "state": call.state.value}


def _enroll(kiosk: Kiosk) -> dict[str, Any]:
    """Make an exchange with the server now, with the token in its file."""
    queue = kiosk.queue
    if queue is None:
        raise KioskError("enroll.no_server")
    kiosk.ready_journal()
    queue.exchange_now()
    said = _server(kiosk)
    if said is None or not said["in_touch"]:
        raise KioskError("sentence", text=queue.problem or Message("enroll.unmet"))
    return said


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _print_test(kiosk: Kiosk) -> dict[str, Any]:
    result = kiosk.print_now(
        test_slip(kiosk.settings, kiosk.now(), dated=kiosk.clock_health().dated)
    )
    health = kiosk.probe_now()
    found = kiosk.survey_now() if result.outcome is Outcome.PRINTED else Capabilities()
    return {
        "connection": kiosk.settings.kiosk.printer.connection,
        "level": health.level.value,
        "outcome": result.outcome.value,
        "fault": _fault(result),
        "near_end": health.near_end,
        "detail": result.detail,
        "paper_mm": kiosk.settings.kiosk.printer.paper_mm,
        # ``memory``: asked until 0.2; the kiosk uses no pictures in the printer's memory any more.
        "can": asdict(found) | {"memory": None},
    }
