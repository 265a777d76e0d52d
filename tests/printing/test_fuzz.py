"""A printer that sends arbitrary bytes causes no exception, no hang and no false confirmation.

``benchmarks/printing_fuzz.py`` runs the same check on a million bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.domain.delivery import Level, Outcome, PrintResult
from kiosk.printing.replies import BlockReply, Reply
from kiosk.printing.status_protocol import StatusProtocol
from tests.printing.fuzz.play import ScriptResult, play, short_answer_times
from tests.printing.fuzz.script import CORRECT, FAULT_STATUS, AnswerStep, Script, random_script

pytestmark = pytest.mark.usefixtures("unmeasured")

CONCURRENT = 12
SCRIPTS = st.randoms(use_true_random=False).map(random_script)


def play_all(scripts: Iterable[Script], slack: float = 1.0) -> list[ScriptResult]:
    """Play each script, with deadlines ``slack`` times as long; several at once, since a script
    mostly waits."""
    with short_answer_times(slack), ThreadPoolExecutor(CONCURRENT) as pool:
        return list(pool.map(partial(play, slack=slack), scripts))


@settings(max_examples=16, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(SCRIPTS, min_size=CONCURRENT, max_size=CONCURRENT))
def test_no_result_contradicts_the_printer_s_answers(scripts: list[Script]) -> None:
    found = zip(scripts, play_all(scripts), strict=True)
    assert [(str(script), one.complaints) for script, one in found if one.complaints] == []


ECHO_ONCE = Script("auto", ((), (CORRECT,), ()), (), ())
"""A printer that answers one process id and nothing else: no status follows a ``GS r``."""


def test_a_lone_process_id_confirms_nothing() -> None:
    assert [one.complaints for one in play_all([ECHO_ONCE])] == [[]]


def test_random_scripts_lead_to_every_proof() -> None:
    found = play_all(random_script(Random(seed)) for seed in range(60))
    proofs = sum((one.proofs for one in found), Counter[str]())
    assert min(proofs[name] for name in ("confirmed", "sent", "uncertain", "screen")) > 0


SLACKS = (1.0, 3.0, 10.0, 30.0)
REPORTS_FAULT = AnswerStep("bytes", FAULT_STATUS[0])
OTHER = Script("A", (), ((AnswerStep("other"),),), ())
SILENT = Script("B", (), ((CORRECT,), ()), ())
FAULT_REPORTED = Script("A", (), ((REPORTS_FAULT, CORRECT),), (1,))


def accept_any_echo(reply: Reply, level: object, ident: bytes) -> bool:
    """Defect: accepts the echo of another job."""
    return isinstance(reply, BlockReply)


def without_asking(*_: object) -> None:
    """Defect: assumes a printer without a fault, and does not ask."""


def drop_reported_faults(self: StatusProtocol, replies: list[Reply]) -> list[Reply]:
    """Defect: drops status bytes that the printer sent unasked."""
    sorted_ = original_sort(self, replies)
    self.reported_faults.clear()
    return sorted_


original_sort = StatusProtocol._sort


def report_written_as_printed(*_: object, **__: object) -> tuple[PrintResult, bool]:
    """Defect: reports bytes that were written as printed."""
    return PrintResult(Outcome.PRINTED, Level.PROCESS_ID), False


@pytest.mark.parametrize(
    ("where", "defect", "script", "complaint"),
    [
        ("kiosk.printing.job_result._confirms", accept_any_echo, OTHER, "without its echo"),
        (
            "kiosk.printing.status_protocol.StatusProtocol._sort",
            drop_reported_faults,
            FAULT_REPORTED,
            "had reported a fault",
        ),
        (
            "kiosk.printing.job_result._fault_now",
            without_asking,
            SILENT,
            "did not report its state",
        ),
        # This defect does not wait, so the slip may not have arrived when the result is compared.
        (
            "kiosk.printing.direct.job_result",
            report_written_as_printed,
            OTHER,
            "without its echo|it did not arrive",
        ),
    ],
)
def test_a_seeded_defect_contradicts_the_answers(
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    defect: Callable[..., object],
    script: Script,
    complaint: str,
) -> None:
    assert [one.complaints for one in play_all([script])] == [[]]
    monkeypatch.setattr(where, defect)
    # On a busy machine the printer's thread can miss the short deadlines, so that the defect has
    # no answer to misread. Play the script again with longer ones: up to 0.9 s for an answer.
    received = (
        why for slack in SLACKS for one in play_all([script], slack) for why in one.complaints
    )
    assert any(re.search(complaint, why) for why in received)
