"""Ask a printer everything that it may be able to do: for ``kiosk print-test`` alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kiosk.deadline import Deadline
from kiosk.domain.delivery import Level
from kiosk.domain.health import Capabilities
from kiosk.printing.session import PrinterSession
from kiosk.printing.status_protocol import ASK_MAKER, ASK_MODEL, StatusProtocol

T = TypeVar("T")


def survey(session: PrinterSession, deadline: Deadline) -> Capabilities:
    """What the printer of ``session`` can do. It clears the printer's buffer.

    Raises PrinterError when the connection or the printer fails.
    """
    session.connect(deadline)
    found = session.profile
    if not session.transport.two_way:
        return Capabilities()
    if found.status is False or not (
        found.full or _ask(session, StatusProtocol.answers_status, deadline)
    ):
        echoes = found.level is Level.PROCESS_ID
        return Capabilities(
            status=False, process_id=echoes, in_order=found.in_order, early=found.early
        )
    return Capabilities(
        status=True,
        process_id=_ask(session, StatusProtocol.echoes_process_id, deadline),
        in_order=_ask(session, StatusProtocol.answers_in_order, deadline),
        early=found.early,
        answer_s=round(found.answer_s, 1),
        clear=_ask(session, StatusProtocol.clear_buffer, deadline),
        watch=_ask(session, StatusProtocol.reports_changes, deadline),
        cutter=_ask(session, StatusProtocol.has_cutter, deadline),
        mouth=session.mouth.value,
        maker=_ask(session, lambda p, until: p.name(ASK_MAKER, until), deadline),
        model=_ask(session, lambda p, until: p.name(ASK_MODEL, until), deadline),
    )


def _ask(
    session: PrinterSession, question: Callable[[StatusProtocol, Deadline], T], deadline: Deadline
) -> T:
    """The answer to ``question``; afterwards no older answer can come any more."""
    answer = question(session.protocol, deadline)
    session.renew(deadline)
    return answer
