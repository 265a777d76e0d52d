"""Each character answers the questions that its manual documents, and no others."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import virtual_printer
from tests.virtual_printer.client import CLEAR, CUT, MakeVirtual, PrinterClient, job
from virtual_printer import CHARACTERS, VirtualPrinter
from virtual_printer.character import ANSWERS, SETTINGS
from virtual_printer.faults import NAMES
from virtual_printer.sheet import FATES, TextRow

ECHO = b"\x1d(H\x06\x0000wxyz"
FULL = b"\x10\x04\x14"
EJECTOR = b"\x1de\x06"


@pytest.mark.parametrize("name", CHARACTERS)
def test_each_character_cites_the_source_of_its_behaviour(name: str) -> None:
    character = CHARACTERS[name]
    assert character.about
    assert all(len(source) > 20 for source in character.sources)
    assert character.sources


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("epson", b"\x12\x12\x12\x12"),
        ("clone", b"\x12\x12\x12\x12"),
        ("reliance", b"\x00\x08\x00\x00"),
        ("cashino", b"\x12\x12\x12\x12"),
    ],
)
def test_status_without_a_fault(virtual: MakeVirtual, name: str, answers: bytes) -> None:
    with PrinterClient(virtual(character=name)) as client:
        assert b"".join(client.ask(bytes((0x10, 4, n))) for n in (1, 2, 3, 4)) == answers


@pytest.mark.parametrize("online", [False, True])
def test_a_printer_may_stay_online_without_paper(virtual: MakeVirtual, online: bool) -> None:
    device = virtual(character="clone", settings={"online_without_paper": online})
    device.fault("paper_out")
    with PrinterClient(device) as client:
        assert client.ask(b"\x10\x04\x01") == (b"\x12" if online else b"\x1a")
        assert client.ask(b"\x10\x04\x04") == b"\x7e"
    device.fault("cover_open")
    with PrinterClient(device) as client:
        assert client.ask(b"\x10\x04\x01") == b"\x1a"


def test_reliance_reports_the_end_of_paper_without_fixed_bits(virtual: MakeVirtual) -> None:
    # The manual's example, and its table for n=2 with bit 3 always set.
    device = virtual(character="reliance")
    device.fault("paper_out")
    with PrinterClient(device) as client:
        assert client.ask(b"\x10\x04\x04") == b"\x6c"
        assert client.ask(b"\x10\x04\x02") == b"\x28"


def test_reliance_is_silent_while_paper_is_fed(virtual: MakeVirtual) -> None:
    device = virtual(character="reliance", speed_mm_s=100)
    with PrinterClient(device) as client:
        client.send(b"\x1b@" + b"\x1bJ\xf0" * 6)
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: device.machine.state().moving, 5)
        assert client.silent(b"\x10\x04\x01")
        device.wait_until_idle()
        assert client.ask(b"\x10\x04\x01") == b"\x00"


def test_reliance_answers_again_when_a_fault_stops_the_paper(virtual: MakeVirtual) -> None:
    device = virtual(character="reliance", speed_mm_s=100)
    device.fault("paper_out", at_mm=10)
    with PrinterClient(device) as client:
        client.send(b"\x1b@\x1bd\x28")
        with device.machine.changed:
            assert device.machine.changed.wait_for(lambda: not device.machine.state().paper, 5)
        device.wait_until_idle()
        assert client.ask(b"\x10\x04\x04") == b"\x6c"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("epson", set(ANSWERS) - {"full_status", "ejector", "auto_full_status", "star"}),
        ("clone", {"dle_eot"}),
        ("clone-b", {"dle_eot", "gs_r", "gs_i"}),
        ("clone-a", {"dle_eot", "gs_r", "gs_i", "process_id"}),
        ("cashino", {"dle_eot", "gs_r"}),
        ("xprinter-chinese", {"dle_eot", "gs_a"}),
    ],
)  # fmt: skip
def test_each_character_answers_only_the_questions_it_knows(
    virtual: MakeVirtual, name: str, known: set[str]
) -> None:
    questions = {
        "dle_eot": b"\x10\x04\x01",
        "gs_a": b"\x1da\x0e",
        "gs_r": b"\x1dr\x01",
        "gs_i": b"\x1dI\x43",
        "pictures": b"\x1d(L\x04\x000@KC",
        "clear": CLEAR,
        "process_id": ECHO,
        "esc_v": b"\x1bv",
        "full_status": FULL,
        "ejector": EJECTOR,
    }
    device = virtual(character=name)
    for answer, question in questions.items():
        with PrinterClient(device) as client:
            assert client.silent(question, 0.1) is (answer not in known), answer
    assert device.character.answers == known
    assert known <= set(ANSWERS)


@pytest.mark.parametrize("name", ["clone", "clone-b", "clone-a", "cashino", "reliance"])
def test_a_character_without_a_clear_command_prints_the_held_job(
    virtual: MakeVirtual, name: str
) -> None:
    device = virtual(character=name)
    device.fault("paper_out", at_mm=2)
    device.fault("error")
    with PrinterClient(device) as client:
        client.send(job("DK-001") + CLEAR + b"\x10\x05\x02" + CLEAR)
        device.mend()
        (slip,) = device.wait_for_slips(1)
    assert slip.lines == ["DK-001"]


def test_the_early_character_answers_before_it_prints(virtual: MakeVirtual) -> None:
    device = virtual(character="early")
    device.fault("cover_open")
    with PrinterClient(device) as client:
        client.send(job("DK-001"))
        assert client.ask(b"\x1dr\x01") == b"\x00"
        assert client.ask(ECHO, 7) == b"\x37\x22wxyz\x00"
        assert device.slips == []
        assert device.machine.used_mm == 0
        device.mend()
        (slip,) = device.wait_for_slips(1)
        assert slip.complete
        assert client.silent(b""), "each question is answered once"


@pytest.mark.parametrize(
    ("settings", "question", "answer"),
    [
        ({"level": "D", "knows": ["gs_r"]}, b"\x1dr\x01", b"\x00"),
        ({"level": "D", "knows": ["process_id"]}, ECHO, b"\x37\x22wxyz\x00"),
    ],
)
def test_a_single_question_can_be_enabled(
    virtual: MakeVirtual, settings: dict[str, object], question: bytes, answer: bytes
) -> None:
    device = virtual(settings=settings)
    with PrinterClient(device) as client:
        assert client.silent(b"\x10\x04\x01", 0.1)
        assert client.ask(question, len(answer)) == answer


def test_answers_are_delayed_by_the_setting(virtual: MakeVirtual) -> None:
    device = virtual(character="slow", settings={"answer_s": 0.3})
    with PrinterClient(device) as client:
        assert client.silent(b"\x10\x04\x01", 0.15)
        assert client.ask(b"") == b"\x12"


@pytest.mark.parametrize(
    ("asb", "first", "changed"),
    [
        ("epson", b"", b""),
        ("switch", b"\x10\x00\x00\x00", b"\x38\x00\x00\x00"),
        ("hwasung", b"\x00", b"\x02"),
    ],
)
def test_automatic_status_in_each_format(
    virtual: MakeVirtual, asb: str, first: bytes, changed: bytes
) -> None:
    device = virtual(settings={"asb": asb})
    with PrinterClient(device) as client:
        if asb == "epson":
            # n=1 selects the drawer alone: one answer, and none for a cover.
            assert client.ask(b"\x1da\x01", 4) == b"\x10\x00\x00\x00"
            device.fault("cover_open")
            assert client.silent(b"")
            return
        assert client.silent(b"\x1da\xff")
        assert client.ask(b"\x1da\x01", len(first)) == first
        device.fault("cover_open")
        assert client.ask(b"", len(changed)) == changed
        device.mend()
        assert client.ask(b"", len(first)) == first
        assert client.silent(b"\x1da\x00")
        device.fault("cover_open")
        assert client.silent(b"")


def test_chinese_mode_lasts_until_fs_and_returns_with_a_reset(virtual: MakeVirtual) -> None:
    rule = b"\xc4" * 6 + b"\n"
    device = virtual(character="xprinter-chinese")
    with PrinterClient(device) as client:
        client.send(b"\x1b@" + rule + b"\x1c." + rule + b"\x1b@" + rule + b"\x1c&" + CUT)
        (slip,) = device.wait_for_slips(1)
    assert slip.lines == ["哪哪哪", "──────", "哪哪哪"]
    # 24 dots each (manual): the row is as wide as the six characters that it replaces.
    rows = [element for element in slip.elements if isinstance(element, TextRow)]
    assert [sum(run.dots for run in row.runs) for row in rows] == [72, 72, 72]


def test_a_chinese_character_may_be_split_between_packets(virtual: MakeVirtual) -> None:
    device = virtual(character="xprinter-chinese")
    with PrinterClient(device) as client:
        client.send(b"\x1b@A\xc4")
        with device.machine.changed:
            assert device.machine.changed.wait_for(device.machine.idle, 5)
        client.send(b"\xc4B\xc4\n" + CUT)
        (slip,) = device.wait_for_slips(1)
    assert slip.lines == ["A哪B"]


def test_an_epson_has_no_chinese_mode(virtual: MakeVirtual) -> None:
    device = virtual()
    with PrinterClient(device) as client:
        client.send(b"\x1b@\x1c." + b"\xc4\xc4\n" + CUT)
        (slip,) = device.wait_for_slips(1)
    assert slip.lines == ["──"]


@pytest.mark.parametrize("name", CHARACTERS)
def test_noise_does_not_stop_a_character(virtual: MakeVirtual, name: str) -> None:
    device = virtual(character=name, settings={"answer_s": 0, "lockout_s": 0})
    source = random.Random(name)
    # No command that needs more data than the buffer holds: it would block a real printer, too.
    commands = b"\x1de \x1d\xe0 \x1b\x16 \x1b\x1ea \x10\x04 \x1da \x1c& \x0c".split()
    others = [*range(16), *range(0x80, 0x100)]
    noise = b"".join(
        source.choice(commands) + bytes(source.choices(others, k=8)) for _ in range(1500)
    )
    with PrinterClient(device, 20) as client:
        client.send(noise + bytes(70_000) + b"\x1b@\x1c." + job("done"))
        with device.machine.changed:
            came = lambda: any("done" in slip.lines for slip in device.slips)  # noqa: E731
            assert device.machine.changed.wait_for(came, 20)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"mouht": "tear"}, "setting 'mouht' is not known: level, knows,"),
        ({"mouth": "nose"}, "mouth: expected none, tear or presenter"),
        ({"answer_s": -1}, "answer_s: expected a number of 0 to 3600"),
        ({"answer_s": True}, "answer_s: expected a number of 0 to 3600"),
        ({"chinese": "yes"}, "chinese: expected true or false"),
        ({"lacks": "echo"}, "lacks: 'echo' is not known: dle_eot,"),
        ({"lacks": 3}, "lacks: expected a list of names"),
        ({"speed_mm_s": 0}, "speed_mm_s: expected more than 0"),
        ({"memory_bytes": 1.5}, "memory_bytes: expected a whole number of 0 or more"),
    ],
)
def test_an_invalid_setting_is_refused_with_its_name(
    settings: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match="^" + words.replace("(", r"\(")):
        VirtualPrinter(settings=settings)


def test_the_readme_names_each_character_setting_and_answer() -> None:
    readme = (Path(virtual_printer.__file__).parent / "README.md").read_text(encoding="utf-8")
    missing = [f"`{name}`" for name in (*CHARACTERS, *SETTINGS, *ANSWERS, *NAMES, *FATES)]
    assert [name for name in missing if name not in readme and name != "`printing`"] == []


@pytest.mark.parametrize(
    ("name", "fault", "shows", "hides"),
    [
        # DLE EOT 1, 2, 3 and 4, Epson's reference: overheating is at 2 and 3, the roll at 2 and 4.
        ("epson", "overheated", b"\x01\x02\x03", b"\x04"),
        ("epson", "paper_out", b"\x01\x02\x04", b"\x03"),
        ("epson", "near_end", b"", b"\x01\x02\x03\x04"),
        # An offline byte without fixed bits looks like the well one of n=2.
        ("reliance", "overheated", b"\x01\x02\x03\x14", b"\x04"),
        ("reliance", "near_end", b"", b"\x01\x02\x03\x04\x14"),
    ],
)
def test_a_fault_counts_as_reported_once_an_answer_has_shown_it(
    virtual: MakeVirtual, name: str, fault: str, shows: bytes, hides: bytes
) -> None:
    device = virtual(character=name)
    device.fault(fault)
    for n in (*hides, *shows):
        device.machine.asked_while_faulty = False
        with PrinterClient(device) as client:
            client.ask(bytes((0x10, 4, n)), 6 if n == 0x14 else 1)
            with device.machine.changed:
                seen = device.machine.changed.wait_for(
                    lambda: device.machine.asked_while_faulty, 2 if n in shows else 0.05
                )
        assert seen is (n in shows), n
