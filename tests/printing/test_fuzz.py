"""A printer that sends arbitrary bytes causes no exception, no hang and no false confirmation.

``benchmarks/printing_fuzz.py`` does the same with a million bytes.
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
from tests.printing.fuzz.play import Played, haste, play
from tests.printing.fuzz.script import TROUBLE, TRUTH, Saying, Script, a_script

TOGETHER = 12
SCRIPTS = st.randoms(use_true_random=False).map(a_script)


def played(scripts: Iterable[Script], slack: float = 1.0) -> list[Played]:
    """Play each script, with deadlines ``slack`` times as long; several at once, since a script
    mostly waits."""
    with haste(slack), ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(partial(play, slack=slack), scripts))


@settings(max_examples=16, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(SCRIPTS, min_size=TOGETHER, max_size=TOGETHER))
def test_whatever_is_said_nothing_is_believed_without_a_reason(scripts: list[Script]) -> None:
    found = zip(scripts, played(scripts), strict=True)
    assert [(str(script), one.complaints) for script, one in found if one.complaints] == []


ECHO_ONCE = Script("auto", ((), (TRUTH,), ()), (), ())
"""A printer that answers one process id and nothing else: no status stands behind a ``GS r``."""


def test_what_was_once_believed_without_a_reason_is_believed_no_more() -> None:
    assert [one.complaints for one in played([ECHO_ONCE])] == [[]]


def test_what_is_said_holds_slips_that_are_believed_and_slips_that_are_not() -> None:
    found = played(a_script(Random(seed)) for seed in range(60))
    proofs = sum((one.proofs for one in found), Counter[str]())
    assert min(proofs[name] for name in ("confirmed", "sent", "uncertain", "screen")) > 0


SLACK = (1.0, 3.0, 10.0, 30.0)
TELLS = Saying("bytes", TROUBLE[0])
OTHER = Script("A", (), ((Saying("other"),),), ())
SILENT = Script("B", (), ((TRUTH,), ()), ())
IN_TROUBLE = Script("A", (), ((TELLS, TRUTH),), (1,))


def any_echo(reply: Reply, level: object, ident: bytes) -> bool:
    """Defect: accepts the echo of another job."""
    return isinstance(reply, BlockReply)


def unasked(*_: object) -> None:
    """Defect: assumes that the printer is well without asking it."""


def untroubled(self: StatusProtocol, replies: list[Reply]) -> list[Reply]:
    """Defect: drops status bytes that the printer sent unasked."""
    sorted_ = true_sort(self, replies)
    self.reported_faults.clear()
    return sorted_


true_sort = StatusProtocol._sort


def written(*_: object, **__: object) -> PrintResult:
    """Defect: reports bytes that were written as printed."""
    return PrintResult(Outcome.PRINTED, Level.PROCESS_ID)


@pytest.mark.parametrize(
    ("where", "believer", "script", "complaint"),
    [
        ("kiosk.printing.job_result._confirms", any_echo, OTHER, "without its echo"),
        (
            "kiosk.printing.status_protocol.StatusProtocol._sort",
            untroubled,
            IN_TROUBLE,
            "had told of a fault",
        ),
        ("kiosk.printing.job_result._fault_now", unasked, SILENT, "its state was not told"),
        # It does not wait for the printer: the slip may be on its way still when it is judged.
        ("kiosk.printing.direct.job_result", written, OTHER, "without its echo|it never came"),
    ],
)
def test_a_kiosk_that_believes_too_much_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    believer: Callable[..., object],
    script: Script,
    complaint: str,
) -> None:
    assert [one.complaints for one in played([script])] == [[]]
    monkeypatch.setattr(where, believer)
    # On a busy machine the printer's thread can miss the short deadlines, so that the defect has
    # no answer to misread. Play the script again with longer ones: up to 0.9 s for an answer.
    heard = (why for slack in SLACK for one in played([script], slack) for why in one.complaints)
    assert any(re.search(complaint, why) for why in heard)
