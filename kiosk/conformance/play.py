"""Plays all cases in their order, and gives every ticket back at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiosk.conformance.access import ACCESS, MENU
from kiosk.conformance.case import CaseEnd, CaseResult, ConformanceCase, Differs, Interruption, Need
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
    """
    session = ConformanceSession(probe, services, tokens or ExtraTokens())
    first = probe.ask("POST", "/sync", b"{}")
    if first.status in (401, 403):
        raise TokenDenied("server.denied", status=first.status)
    results = tuple(_results(session))
    return Run(results, len(session.kept), len(session.reserved), session.service)


def _results(session: ConformanceSession) -> Iterator[CaseResult]:
    for case in CASES:
        try:
            case.play(session)
        except Interruption as error:
            yield CaseResult(case, error.end, error.text, error.warns)
        except SyncError as error:  # the kiosk's reader cannot use an answer
            yield CaseResult(case, CaseEnd.DIFFERS, error.message)
        else:
            yield CaseResult(case, CaseEnd.PASSED)
