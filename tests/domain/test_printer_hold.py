"""The hold after an uncertain job: each transition, and what holds after any order of events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.printer_hold import (
    BufferCleared,
    ConnectionLost,
    FoundWell,
    HoldEvent,
    HoldPhase,
    JobPrinted,
    JobUncertain,
    PaddingSent,
    PrinterHold,
    Released,
    step,
)

OPEN = PrinterHold()
HELD = step(OPEN, JobUncertain(700))
CLEARED = step(HELD, BufferCleared())
PRINTED_BLIND = step(OPEN, JobPrinted(700, answered=False))
PADDED = step(HELD, PaddingSent())


@pytest.mark.parametrize(
    ("state", "event", "changes"),
    [
        # A job begins a hold, and only a job does.
        (OPEN, JobUncertain(700), {"phase": HoldPhase.HELD, "number": 1, "separate_paper": True,
                                   "padding_due": 700}),
        (HELD, JobUncertain(300), {"number": 2}),
        (CLEARED, JobUncertain(900), {"phase": HoldPhase.HELD, "number": 2, "padding_due": 900}),
        (OPEN, ConnectionLost(), {}),
        (OPEN, ConnectionLost(during_slip=True), {"separate_paper": True}),
        # Two steps end it: an empty buffer, then no fault.
        (HELD, BufferCleared(), {"phase": HoldPhase.CLEARED}),
        (HELD, FoundWell(), {}),
        (CLEARED, BufferCleared(), {}),
        (CLEARED, FoundWell(), {"phase": HoldPhase.OPEN, "cleared_number": 1}),
        (OPEN, BufferCleared(), {}),
        (OPEN, FoundWell(), {}),
        # Staff end it at once, without the printer's word.
        (HELD, Released(), {"phase": HoldPhase.OPEN}),
        (CLEARED, Released(), {"phase": HoldPhase.OPEN}),
        (OPEN, Released(), {}),
        # A lost connection ends no hold.
        (HELD, ConnectionLost(), {}),
        (CLEARED, ConnectionLost(), {}),
        # Padding: sent, and due again until a job was printed and answered for.
        (HELD, PaddingSent(), {"padding_due": 0, "padding_sent": 700}),
        (PADDED, PaddingSent(), {}),
        (PADDED, ConnectionLost(), {"padding_due": 700, "padding_sent": 0}),
        (PADDED, JobPrinted(500, answered=True), {"separate_paper": False, "padding_sent": 0}),
        (PADDED, JobPrinted(500, answered=False), {"separate_paper": False, "unconfirmed": 500}),
        (PADDED, JobUncertain(300), {"number": 2, "padding_due": 700, "padding_sent": 0}),
        # A printer that never answers: its last job is doubtful once the connection is lost.
        (OPEN, JobPrinted(700, answered=False), {"unconfirmed": 700}),
        (PRINTED_BLIND, JobPrinted(600, answered=False), {"unconfirmed": 600}),
        (PRINTED_BLIND, ConnectionLost(), {"unconfirmed": 0, "separate_paper": True,
                                           "padding_due": 700}),
        (PRINTED_BLIND, JobUncertain(600), {"phase": HoldPhase.HELD, "number": 1,
                                            "separate_paper": True, "unconfirmed": 0,
                                            "padding_due": 700}),
    ],
)  # fmt: skip
def test_each_transition(state: PrinterHold, event: HoldEvent, changes: dict[str, object]) -> None:
    assert step(state, event) == replace(state, **changes)  # type: ignore[arg-type]


def test_a_suspect_start_holds_and_a_clean_one_does_not() -> None:
    assert PrinterHold.at_start(suspect=False) == PrinterHold()
    assert PrinterHold.at_start(suspect=True).padding_due == 0
    suspect = PrinterHold.at_start(suspect=True, job_bytes=512)
    assert (suspect.may_print, suspect.separate_paper, suspect.padding_due) == (False, True, 512)
    assert suspect.needs_clear
    clean = PrinterHold.at_start(suspect=False, job_bytes=512)
    assert (clean.may_print, clean.separate_paper, clean.padding_due) == (True, False, 0)


LENGTHS = st.integers(1, 65540)
EVENTS = st.one_of(
    st.builds(JobPrinted, LENGTHS, answered=st.booleans()),
    st.builds(JobUncertain, LENGTHS),
    st.sampled_from(
        [
            PaddingSent(),
            ConnectionLost(),
            ConnectionLost(during_slip=True),
            BufferCleared(),
            FoundWell(),
            Released(),
        ]
    ),
)
STARTS = st.builds(PrinterHold.at_start, suspect=st.booleans(), job_bytes=LENGTHS)


def reached(start: PrinterHold, events: list[HoldEvent]) -> PrinterHold:
    """The state after ``events``."""
    for event in events:
        start = step(start, event)
    return start


NO_WORD = st.one_of(
    st.builds(JobPrinted, LENGTHS, answered=st.booleans()),
    st.sampled_from([PaddingSent(), ConnectionLost(), FoundWell()]),
)


@given(STARTS, st.lists(EVENTS, max_size=12), LENGTHS, st.lists(NO_WORD, max_size=12))
def test_after_an_uncertain_job_nothing_is_sent_before_cleared_or_released(
    start: PrinterHold, before: list[HoldEvent], length: int, after: list[HoldEvent]
) -> None:
    held = step(reached(start, before), JobUncertain(length))
    assert not held.may_print
    state = held
    for event in after:
        state = step(state, event)
        assert not state.may_print, "neither a lost connection nor a status without fault ends it"
    assert step(state, Released()).may_print
    cleared = step(state, BufferCleared())
    assert not cleared.may_print, "an empty buffer is not enough while the printer has a fault"
    assert step(cleared, FoundWell()).may_print


@given(STARTS, st.lists(EVENTS, max_size=20))
def test_holds_are_counted_and_only_the_printer_s_confirmation_counts_as_cleared(
    start: PrinterHold, events: list[HoldEvent]
) -> None:
    state = start
    for event in events:
        following = step(state, event)
        assert following.number - state.number == isinstance(event, JobUncertain)
        if following.cleared_number != state.cleared_number:
            assert state.phase is HoldPhase.CLEARED
            assert isinstance(event, FoundWell)
        assert following.cleared_number <= following.number
        state = following


@given(STARTS, st.lists(EVENTS, max_size=12), LENGTHS, st.lists(EVENTS, max_size=12))
def test_a_broken_job_is_padded_and_cut_off_before_the_next_one(
    start: PrinterHold, before: list[HoldEvent], length: int, after: list[HoldEvent]
) -> None:
    state = step(reached(start, before), JobUncertain(length))
    padded = False
    for event in after:
        if isinstance(event, JobPrinted):
            # A job ends what the broken job can still do.
            return
        padded = (padded or isinstance(event, PaddingSent)) and not isinstance(
            event, ConnectionLost | JobUncertain
        )
        state = step(state, event)
        assert state.separate_paper
        assert padded or state.padding_due >= length, "due until sent on this very connection"
