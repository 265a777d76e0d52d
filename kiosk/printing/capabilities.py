"""What a printer can do, found out by asking: for staff, never in a visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.domain.health import Capabilities
from kiosk.printing.status_protocol import ASK_MAKER, ASK_MODEL, StatusProtocol


def survey(ask: Callable[[Callable[[StatusProtocol], Any]], Any], deadline: float) -> Capabilities:
    """Put all questions, each within ``deadline``; ``ask`` puts one, on a line where the answer to
    an older one can come no more. Empties the printer's buffer. Raises PrinterError."""
    if not ask(lambda printer: printer.answers(deadline)):
        return Capabilities(status=False)
    return Capabilities(
        status=True,
        process_id=ask(lambda printer: printer.echoes(deadline)),
        clear=ask(lambda printer: printer.clear(deadline)),
        watch=ask(lambda printer: printer.watches(deadline)),
        memory=ask(lambda printer: printer.keys(deadline)) is not None,
        cutter=ask(lambda printer: printer.has_cutter(deadline)),
        maker=ask(lambda printer: printer.name(ASK_MAKER, deadline)),
        model=ask(lambda printer: printer.name(ASK_MODEL, deadline)),
    )
