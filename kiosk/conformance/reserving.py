"""Cases of reservations, for a server that has them: one ticket id, one number."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from kiosk.conformance.case import CaseList, Differs, Interruption, Need, NotPrepared
from kiosk.conformance.session import (
    OWN_SERVICE,
    TURN_AWAY,
    ConformanceSession,
    differs,
    new_id,
    require_refusal,
)
from kiosk.domain.config import ServerSettings
from kiosk.messages import Message
from kiosk.sync.client import CODES, DONE
from menu.numbers import Number

RESERVING = CaseList()
AT_ONCE = 6
"""Simultaneous requests with one ticket id."""


@RESERVING.add(Need.OFFERED, "ANSWER_NAMES_ID")
def reserved(session: ConformanceSession) -> None:
    session.reserve()


@RESERVING.add(Need.OFFERED, "LETTER_BEFORE_OWN")
def reserved_without_letter(session: ConformanceSession) -> None:
    _, found = session.reserve()
    if Number.parse(found.number).letter:
        differs(found.number, "DK-027")


@RESERVING.add(Need.OFFERED, "SERVER_KEYS_BY_ID")
def repeated_id_same_number(session: ConformanceSession) -> None:
    ticket, first = session.reserve()
    for _ in range(2):
        _same(first.number, session.reserve(ticket)[1].number)


@RESERVING.add(Need.OFFERED, "WRITE_DECIDES")
def simultaneous_ids_same_number(session: ConformanceSession) -> None:
    session.require_reserving()
    ticket = new_id()
    numbers: list[str] = []
    failures: list[Interruption] = []
    start = threading.Barrier(AT_ONCE)

    def put() -> None:
        start.wait()
        try:
            reply = session.put(ticket)
            numbers.append(session.read_reservation(ticket, reply).number)
        except Interruption as error:
            failures.append(error)

    threads = [threading.Thread(target=put, daemon=True) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not numbers:
        raise failures[0]
    # A busy server may turn some of them away; those that it answers have one number.
    for number in (*numbers, session.reserve(ticket)[1].number):
        _same(numbers[0], number)


@RESERVING.add(Need.OFFERED, "NUMBER_NEVER_AGAIN")
def two_ids_two_numbers(session: ConformanceSession) -> None:
    session.reserve()
    session.reserve()
    _distinct(session)


@RESERVING.add(Need.OFFERED, "DATE_OF_ANSWER")
def reserved_for_today(session: ConformanceSession) -> None:
    _, found = session.reserve()
    # The site's date may differ by one from that of the offset in which the server writes.
    if abs(found.business_date - session.now().date()) > timedelta(days=1):
        differs(f"business_date: {found.business_date}", session.now().date())


@RESERVING.add(Need.OPTIONAL)
def figures_of_a_reservation(session: ConformanceSession) -> None:
    session.require_reserving()
    ticket = new_id()
    reply = session.put(ticket)
    found, said = session.read_reservation(ticket, reply), reply.json or {}
    for name in ("ahead", "wait_minutes"):
        if said.get(name) is not None and getattr(found, name) is None:
            text = f"{name}: {str(said[name])[:60]}"
            raise Differs(Message.of("check_server.got.left_out", found=text))


@RESERVING.add(Need.OFFERED)
def other_service_refused(session: ConformanceSession) -> None:
    ticket, first = session.reserve()
    others = [code for code in session.services() if code != session.service]
    require_refusal(session.put(ticket, others[0] if others else OWN_SERVICE))
    _same(first.number, session.reserve(ticket)[1].number)


@RESERVING.add(Need.OPTIONAL)
def unknown_service_refused(session: ConformanceSession) -> None:
    session.require_reserving()
    require_refusal(session.put(new_id(), OWN_SERVICE))


@RESERVING.add(Need.OPTIONAL)
def incomplete_reservation_refused(session: ConformanceSession) -> None:
    session.require_reserving()
    require_refusal(session.probe.ask("PUT", f"/tickets/{new_id()}", {"priority": None}))


@RESERVING.add(Need.OFFERED)
def shut_service_says_why(session: ConformanceSession) -> None:
    session.require_reserving()
    shut = session.shut_service()
    reply = session.put(new_id(), shut)
    if reply.status != 409 or reply.code not in TURN_AWAY:
        differs(reply.named, f"409 {'/'.join(TURN_AWAY)}")


@RESERVING.add(Need.OFFERED, "RESERVATION_LAPSES")
def reserved_then_settled(session: ConformanceSession) -> None:
    ticket, found = session.reserve()
    session.settle(_row(session, ticket, found), "stored")
    _same(found.number, session.reserve(ticket)[1].number)


@RESERVING.add(Need.OFFERED, "SHOWN_IS_TRUTH")
def own_number_after_a_late_answer(session: ConformanceSession) -> None:
    ticket, _ = session.reserve()
    row = session.own_row(id=ticket)
    session.settle(row, "stored")
    reply = session.put(ticket)
    _same(row["number"], session.read_reservation(ticket, reply).number)


@RESERVING.add(Need.OFFERED, "LETTERLESS_BY_RESERVATION")
def number_of_another_id_refused(session: ConformanceSession) -> None:
    _, found = session.reserve()
    session.settle(_row(session, new_id(), found), "refused")


@RESERVING.add(Need.OFFERED, "NUMBER_NEVER_AGAIN")
def number_given_back_not_given_again(session: ConformanceSession) -> None:
    ticket, found = session.reserve()
    row = _row(session, ticket, found)
    session.settle(row, "stored")
    session.settle(row | {"rev": 2, "state": "void"}, "stored")
    session.reserve()
    _distinct(session)


@RESERVING.add(Need.OFFERED)
def reservation_needs_a_token(session: ConformanceSession) -> None:
    session.require_reserving()
    reply = session.put(new_id(), token="")
    if reply.status not in (401, 403):
        differs(reply.named, "401/403")


@RESERVING.add(Need.OFFERED)
def id_of_another_kiosk(session: ConformanceSession) -> None:
    ticket, _ = session.reserve()
    if not session.tokens.other:
        raise NotPrepared(Message.of("check_server.no_token", option="--other-token-file"))
    reply = session.put(ticket, token=session.tokens.other)
    if reply.status in DONE or reply.code in TURN_AWAY:
        differs(reply.named, "404 not_found")
    if reply.code not in CODES:
        raise Differs(Message.of("check_server.got.no_code", found=reply.named))


@RESERVING.add(Need.OPTIONAL)
def reserved_in_time(session: ConformanceSession) -> None:
    session.require_reserving()
    most_s = ServerSettings().deadline_s
    if session.fastest_s > most_s:
        differs(f"{session.fastest_s:.2f} s", f"{most_s:g} s")


def _row(session: ConformanceSession, ticket: str, found: Any) -> dict[str, Any]:
    """The row that settles a reserved number for the id ``ticket``."""
    day = found.business_date.isoformat()
    return session.row(found.number, id=ticket, business_date=day)


def _same(first: str, second: str) -> None:
    if first != second:
        raise Differs(Message.of("check_server.got.two_numbers", first=first, second=second))


def _distinct(session: ConformanceSession) -> None:
    """No number of this run was reserved for two ids."""
    seen: set[tuple[object, str]] = set()
    for found in session.reserved.values():
        key = (found.business_date, found.number)
        if key in seen:
            raise Differs(Message.of("check_server.got.one_number", number=found.number))
        seen.add(key)
