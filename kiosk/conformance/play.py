"""Plays all cases in their order, and gives every ticket back at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiosk.conformance.access import ACCESS, MENU
from kiosk.conformance.case import (
    CaseEnd,
    CaseResult,
    ConformanceCase,
    Differs,
    Interruption,
    Need,
    NoAnswer,
)
from kiosk.conformance.exchanges import FIRST, JOURNALS
from kiosk.conformance.probe import Probe
from kiosk.conformance.reserving import RESERVING
from kiosk.conformance.rows import ROWS
from kiosk.conformance.session import ConformanceSession, ExtraTokens
from kiosk.errors import SyncError, TokenDenied
from kiosk.messages import Message


def given_back(session: ConformanceSession) -> None:
    """The last case: without it the check's tickets would wait in the queue."""
    left = session.give_back()
    if left:
        named = ", ".join(left[:5])
        raise Differs(Message.of("check_server.got.still_valid", n=len(left), numbers=named))


LAST = ConformanceCase("given_back", Need.MANDATORY, "", given_back)
CASES = (*FIRST, *RESERVING, *ROWS, *JOURNALS, *ACCESS, *MENU, LAST)
MOST_SILENT = 3
"""Cases in a row without a reply after which the others are not played: each would take as long as
the deadline of an exchange."""
NEW_JOURNALS = 2
"""How many letters one run uses up."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to. ``tickets``: how many it settled; ``reserved``: how many it reserved."""

    results: tuple[CaseResult, ...]
    tickets: int
    reserved: int
    service: str


def play(probe: Probe, services: Sequence[str] = (), tokens: ExtraTokens | None = None) -> Run:
    """Play the cases against the server of ``probe``.

    ``services``: codes of services to reserve for, in place of those that the server names as
    open. Raises TokenDenied where the server does not take the token: no case could say more.
    Gives the tickets back also when it is interrupted.
    """
    session = ConformanceSession(probe, services, tokens or ExtraTokens())
    with contextlib.suppress(NoAnswer):  # the cases say so
        first = probe.ask("POST", "/sync", b"{}")
        if first.status in (401, 403):
            raise TokenDenied("server.denied", status=first.status)
    try:
        results = tuple(_results(session))
    except BaseException:
        with contextlib.suppress(Interruption, SyncError):
            session.give_back()
        raise
    return Run(results, len(session.kept), len(session.reserved), session.service)


def _results(session: ConformanceSession) -> Iterator[CaseResult]:
    silent = 0
    for case in CASES:
        if silent >= MOST_SILENT and case is not LAST:
            text = Message("check_server.silent")
            yield CaseResult(case, CaseEnd.NOT_RUN, text, incomplete=True)
            continue
        result = _result(case, session)
        silent = silent + 1 if result.silent else 0
        yield result


def _result(case: ConformanceCase, session: ConformanceSession) -> CaseResult:
    try:
        case.play(session)
    except Interruption as error:
        silent = isinstance(error, NoAnswer)
        return CaseResult(case, error.end, error.text, error.warns, silent)
    except SyncError as error:  # the kiosk's reader cannot use an answer
        return CaseResult(case, CaseEnd.DIFFERS, error.message)
    return CaseResult(case, CaseEnd.PASSED)
