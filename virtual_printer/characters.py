"""The known kinds of printer, each with the manual or public issue behind each behaviour.

To add one, add a ``Character`` to ``CHARACTERS`` and a test of what it does.
"""

from __future__ import annotations

from virtual_printer.character import Character

NO_CLEAR = frozenset({"clear", "enq"})

_EPSON = (
    "Epson ESC/POS command reference: DLE EOT, DLE ENQ, DLE DC4 fn 8, GS a, GS r, GS ( H, GS ( L"
)
_CASHINO = (
    "Cashino KP-628E user manual, 2017 to 2018: 7.1 command list (GS r and DLE EOT are all its "
    "status commands; no DLE DC4, no DLE ENQ, no GS a, no GS ( L); 'Real-time transmission "
    "status', n=1 bit 7: 80h = 'the paper hasn't been torn away'; 'Printing speed Max: 90 mm/s'"
)
_CUSTOM_FULL = (
    "Custom KPM210/216 user manual, 3-9: DLE EOT 17 and 20 (six bytes, byte 3 bit 5 = 'ticket "
    "present in output'); KPM150 specifications, p. 66: byte 5 bit 7 = error in notch search"
)
_CUSTOM_EJECTOR = (
    "Custom KPM210/216 user manual, 3-49: GS e 2 retract (only if enabled), 3 m present, 5 eject, "
    "6 status byte (01 near end, 04 paper, 08 ticket in output, 10 and 20 motors, 40 error, 80 jam)"
)

_ALL = (
    Character(
        "epson",
        "Epson TM: answers everything, clears its buffer, drops the slip",
        (_EPSON, "Epson TM-T20III specifications: 250 mm/s"),
        knows=frozenset({"esc_v"}),
        speed_mm_s=250.0,
    ),
    Character(
        "clone",
        "inexpensive 80 mm printer: DLE EOT alone, nothing clears its buffer",
        (
            "Cashino KP-628E user manual, 7.1: a command list without DLE DC4 8 and DLE ENQ",
            "mike42/escpos-php issue 43: a ZJ-5890's manual names no status command (level D)",
        ),
        level="C",
        lacks=NO_CLEAR | {"gs_a"},
        page_mode=False,
    ),
    Character(
        "clone-b",
        "the same with GS r: level B without a buffer clear",
        ("Cashino KP-628E user manual, 7.1: GS r and DLE EOT, no DLE DC4 8, no DLE ENQ",),
        level="B",
        lacks=NO_CLEAR | {"gs_a", "pictures"},
        page_mode=False,
    ),
    Character(
        "clone-a",
        "the same with process ids: level A without a buffer clear",
        (
            "Epson ESC/POS command reference, GS ( H: the list of printers that have fn 48 is not "
            "that of the printers that have DLE DC4 8; no manual of such a clone was read",
        ),
        level="A",
        lacks=NO_CLEAR | {"gs_a", "pictures"},
    ),
    Character(
        "custom",
        "Custom VKP80II, KPM: presenter and retractor; GS V leaves the slip inside until GS e",
        (
            _CUSTOM_FULL,
            _CUSTOM_EJECTOR,
            "Custom KPM300 command reference, p. 66: 1D E0 n, changes as 10 n and the chosen bytes",
            "python-escpos issue 436: after cut() the receipt is still in the presenter of a VKP80",
            "mike42/escpos-php issue 511: the next job of a VKP80II pushes the previous slip out",
            "Custom VKP80II user manual, B-4: 1D F8 aligns the cut with the notch",
        ),
        level="B",
        knows=frozenset({"full_status", "ejector", "auto_full_status", "esc_v"}),
        lacks=frozenset({"clear", "gs_a", "pictures"}),
        mouth="presenter",
        held=True,
        retracts=True,
    ),
    Character(
        "reliance",
        "Pyramid Reliance: status bytes without fixed bits, none while paper is fed; GS e 32 m t",
        (
            "Pyramid, escpos documentation, reliance_status.rst: reserved bits, the example 6Ch "
            "for no paper, 'unless paper is actively being fed', n=2 bit 3 always set, DLE EOT 20",
            "Pyramid, escpos documentation, paper_movement.rst: GS e 2, 3 m, 5, 6, 32 m t; a "
            "presented slip is ejected or retracted when the next one is printed or after t s",
        ),
        level="C",
        knows=frozenset({"full_status", "ejector"}),
        lacks=NO_CLEAR | {"gs_a"},
        fixed_bits=False,
        quiet_while_feeding=True,
        mouth="presenter",
        retracts=True,
        next_slip="retract",
    ),
    Character(
        "cashino",
        "Cashino KP-628E, KP-320, CSN-A2L: bit 7 of DLE EOT 1 until the slip is torn off; no clear",
        (
            _CASHINO,
            "Cashino CSN-A2L user manual, p. 42: the same tables",
            "Cashino KP-628E user manual, 7.1: a command list without ESC L, ESC W, GS $ and GS P",
        ),
        level="B",
        page_mode=False,
        lacks=NO_CLEAR | {"gs_a", "gs_i", "pictures"},
        memory_bytes=0,
        mouth="tear",
        bit7=True,
        speed_mm_s=90.0,
    ),
    Character(
        "star",
        "Star TUP900 presenter: Star's status commands beside ESC/POS printing (README.md)",
        (
            "Star Line Mode command specifications, 5-8 to 5-12: ASB 23h 86h and status 1 to 7, "
            "byte 9 bits 3 to 1 = presenter position: 0 none, 3 discharged, 6 recovered, 7 pulled "
            "out",
            "the same, 5.2.4: over Ethernet bit 7 of byte 2 is set and two bytes of length follow",
            "the same, 3-93: ESC SYN 0 recovers the paper, ESC SYN 1 n after n x 0.5 s",
            "Star ESC/POS mode command specifications: DLE EOT, DLE ENQ, GS r, ASB",
        ),
        level="B",
        knows=frozenset({"star"}),
        lacks=frozenset({"clear", "pictures"}),
        mouth="presenter",
        retracts=True,
    ),
    Character(
        "xprinter-chinese",
        "Xprinter and similar: Chinese mode after power-on and after ESC @, until FS .",
        (
            "DantSu/ESCPOS-ThermalPrinter-Android issue 185: XP-300 prints Chinese for CP866 until "
            "1C 2E, and again after a reset",
            "the same, issue 462: 1C 2E is needed for accented letters",
            "adafruit/Adafruit-Thermal-Printer-Library issue 29: the mode is on by default",
            "xseignard/thermalPrinter issue 6: box drawing characters print as Chinese",
            "Cashino KP-628E user manual, FS &: 'processes all Chinese character codes two bytes "
            "at a time'",
        ),
        level="C",
        lacks=NO_CLEAR,
        chinese=True,
    ),
    Character(
        "early",
        "answers process ids and GS r on arrival, before anything is printed",
        (
            "Seiko Instruments DPU-30 technical reference, 5-35, GS r: 'executed at the deployment "
            "of the receive buffer'",
            "HPRT TP80K manual, p. 71, GS r: 'executed after the data is processed in the receive "
            "buffer', which is not after it is printed",
        ),
        early=True,
    ),
    Character(
        "slow",
        "answers everything 0.8 s late",
        (
            "fabienbellanger/escpos-rs issue 18: the answer read belongs to the previous question",
            "BoboTiG/thermalprinter pull request 17: answers come after more than the time allowed",
        ),
        answer_s=0.8,
    ),
    Character(
        "one-socket",
        "network board with one socket: refuses connections for 1 s after one has ended",
        (
            "mike42/escpos-php issue 273: BIXOLON SRP-275IIC, for 30 s after a close a new "
            "connection prints nothing (lockout swallow)",
            "lukevp/ESC-POS-.NET issues 162 and 178: no second print for minutes; refused from "
            "a second computer",
            "mike42/escpos-php issues 394 and 485: time-out or refusal while the board is busy",
        ),
        level="B",
        lacks=frozenset({"pictures"}),
        lockout_s=1.0,
        second="refused",
    ),
)

CHARACTERS = {character.name: character for character in _ALL}
"""Name -> character."""


def character_named(name: str) -> Character:
    """The character ``name``; ValueError for an unknown one."""
    try:
        return CHARACTERS[name]
    except KeyError:
        raise ValueError(f"character {name!r} is not known: {', '.join(CHARACTERS)}") from None
