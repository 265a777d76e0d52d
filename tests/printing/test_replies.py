"""The reply parser reads answers split at any byte, with noise between them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.delivery import Fault
from kiosk.printing.replies import (
    AutomaticStatus,
    BlockReply,
    FlowControl,
    PaperSensor,
    PrinterStatus,
    Reply,
    ReplyParser,
    StatusByte,
    UnknownByte,
    is_buffer_cleared,
    is_process_id,
)

STATUS = st.builds(lambda b: bytes((b & 0b0110_1100 | 0x12,)), st.integers(0, 255))
SENSOR = st.sampled_from([b"\x00", b"\x03", b"\x0c", b"\x0f"])
AUTOMATIC = st.builds(
    lambda first, rest: bytes((first & 0b0110_1100 | 0x10, *(b & 0b0110_1111 for b in rest))),
    st.integers(0, 255),
    st.lists(st.integers(0, 255), min_size=3, max_size=3),
)
PRINTABLE = st.binary(min_size=4, max_size=4).map(lambda b: bytes(0x20 + x % 95 for x in b))
PROCESS = PRINTABLE.map(lambda ident: b"\x37\x22" + ident + b"\x00")
CLEARED = st.just(b"\x37\x25\x00")
FLOW = st.sampled_from([b"\x11", b"\x13"])
ANSWERS = st.lists(STATUS | SENSOR | AUTOMATIC | PROCESS | CLEARED | FLOW, max_size=12)


def parse(data: bytes, cuts: list[int] | None = None) -> list[Reply]:
    """All replies of ``data``, fed in pieces."""
    parser, found, at = ReplyParser(), [], 0
    for size in cuts or [len(data)]:
        found += parser.feed(data[at : at + size])
        at += size
    return found + parser.feed(data[at:])


def kind(answer: bytes) -> type[object]:
    """The type of reply expected for an answer."""
    if answer[0] == 0x37:
        return BlockReply
    if answer[0] in (0x11, 0x13):
        return FlowControl
    return {0x12: StatusByte, 0x10: AutomaticStatus}.get(answer[0] & 0x93, PaperSensor)


@given(ANSWERS, st.lists(st.integers(1, 3), max_size=60))
def test_answers_split_at_any_byte_are_read_correctly(
    answers: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(answers)
    assert [type(reply) for reply in parse(data, cuts)] == [kind(answer) for answer in answers]


@given(st.binary(max_size=300), st.lists(st.integers(0, 7), max_size=60))
def test_the_replies_do_not_depend_on_how_bytes_are_split(data: bytes, cuts: list[int]) -> None:
    assert parse(data, cuts) == parse(data)


@given(st.binary(max_size=400))
def test_an_incomplete_reply_ends_after_four_bytes_that_do_not_belong_to_it(data: bytes) -> None:
    parser = ReplyParser()
    parser.feed(data)
    parser.feed(b"\xff" * 4)
    assert parser.feed(b"\x16") == [StatusByte(0x16)]


@pytest.mark.usefixtures("unmeasured")
def test_a_million_random_bytes_contain_no_echo_of_a_process_id() -> None:
    noise = random.Random(7).randbytes(1_000_000)
    parser = ReplyParser()
    ident = b"k9!Z"
    seen = [r for i in range(0, len(noise), 997) for r in parser.feed(noise[i : i + 997])]
    assert seen
    assert not any(is_process_id(reply, ident) for reply in seen)


@pytest.mark.parametrize(
    "answer",
    [
        b"\x37\x22abcE\x00",  # another id
        b"\x37\x22abc\x00",  # cut short
        b"\x37\x22abcdd\x00",  # too long
        b"\x37\x23abcd\x00",  # another answer
        b"\x5f\x22abcd\x00",  # another header
        b"\x37\x22ab\x01d\x00",  # no printable byte
        b"abcd",
    ],
)
def test_only_the_same_process_id_is_an_echo(answer: bytes) -> None:
    assert not any(is_process_id(reply, b"abcd") for reply in parse(answer))
    assert any(is_process_id(reply, b"abcd") for reply in parse(answer + b"\x37\x22abcd\x00"))


def test_a_cleared_buffer_is_recognized_by_all_three_bytes() -> None:
    assert any(is_buffer_cleared(reply) for reply in parse(b"\x37\x25\x00", [1, 1, 1]))
    assert not any(is_buffer_cleared(reply) for reply in parse(b"\x37\x26\x00\x37\x25x\x00"))


def test_automatic_status_interrupted_by_another_answer_is_unknown() -> None:
    assert parse(b"\x10\x00\x12") == [UnknownByte(0x10), PaperSensor(0), StatusByte(0x12)]


def test_automatic_status_between_answers_is_recognized() -> None:
    replies = parse(b"\x12\x18\x00\x0c\x00\x16", [1, 2, 1, 1, 1])
    assert replies == [StatusByte(0x12), AutomaticStatus(b"\x18\x00\x0c\x00"), StatusByte(0x16)]


def test_flow_control_within_an_automatic_status_is_skipped() -> None:
    assert parse(b"\x18\x13\x00\x11\x0c\x00\x12", [1, 1, 1, 1, 1]) == [
        AutomaticStatus(b"\x18\x00\x0c\x00"),
        StatusByte(0x12),
    ]
    endless = parse(b"\x10" + b"\x13" * 500)
    assert endless[0] == UnknownByte(0x10)
    assert set(endless[1:]) == {FlowControl.XOFF}


@pytest.mark.parametrize(
    ("data", "fault", "near_end"),
    [
        ("10 00 00 0f", None, False),
        ("10 00 03 0f", None, True),
        ("18 00 0c 0f", Fault.PAPER_OUT, False),
        ("38 00 00 0f", Fault.COVER_OPEN, False),
        ("18 08 00 0f", Fault.CUTTER, False),
        ("18 00 00 0f", Fault.OFFLINE, False),
    ],
)
def test_an_automatic_status_names_its_fault(
    data: str, fault: Fault | None, near_end: bool
) -> None:
    """Epson ESC/POS reference, "GS a": bit 3 of byte 1 offline, bit 5 cover, bit 3 of byte 2
    cutter, bits 0 and 1 of byte 3 near end, bits 2 and 3 paper end."""
    status = PrinterStatus.from_automatic(bytes.fromhex(data))
    assert (status.fault, status.near_end) == (fault, near_end)
