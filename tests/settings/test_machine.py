"""``kiosk.yaml`` and ``ticket.yaml``: what they may say, and what is said of the rest."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from kiosk.domain.config import (
    CODE_PAGES,
    Block,
    BlockKind,
    KeypadSettings,
    OnFault,
    SpeechSettings,
)
from kiosk.domain.slip import Align
from menu.local_text import LocalText
from tests.settings.folder import AGENCIES, ROOT, Folder

KIOSK = {
    "no id": ("kiosks: 1", "1:1: 'id' is missing"),
    "id with a blank": (
        "id: lobi 1",
        "2:5: id: 'lobi 1' cannot be a code; use letters, figures and hyphens, such as 'lobi-1'",
    ),
    "several kiosks without letter and server": (
        "id: a\nkiosks: 2",
        "3:9: kiosks: there are 2 kiosks: give 'letter' (another one for each kiosk) or a 'server' "
        "of the kind mpp, so that no two numbers are the same",
    ),
    "several kiosks with FQM, which gives no letters": (
        "id: a\nkiosks: 2\nserver: {url: 'http://127.0.0.1:1', kind: fqm}",
        "3:9: kiosks: there are 2 kiosks: give 'letter' (another one for each kiosk) or a 'server' "
        "of the kind mpp, so that no two numbers are the same",
    ),
    "kind of server": (
        "id: a\nserver: {url: 'http://127.0.0.1:1', kind: fmq}",
        "3:43: server > kind: there is no 'fmq'; choose mpp, fqm, novosga; did you mean 'fqm'?",
    ),
    "kind of server that there is no adapter for": (
        "id: a\nserver: {url: 'http://127.0.0.1:1', kind: qmatic}",
        "3:43: server > kind: there is no 'qmatic'; choose mpp, fqm, novosga",
    ),
    "Novo SGA without a letter, whose numbers without one are its own": (
        "id: a\nserver: {url: 'http://127.0.0.1:1', kind: novosga, unit: 1}",
        "3:43: server > kind: give 'letter', also with one kiosk: the numbers without a letter are "
        "Novo SGA's",
    ),
    "Novo SGA without its unit": (
        "id: a\nletter: A\nserver: {url: 'http://127.0.0.1:1', kind: novosga}",
        "4:43: server > kind: give 'unit' in 'server': the id of the unit (unidade) in Novo SGA",
    ),
    "letter I": (
        "id: a\nletter: I",
        "3:9: letter: 'I' cannot be a kiosk's letter; use one or two capitals other than I and O, "
        "such as 'B'",
    ),
    "small letter": (
        "id: a\nletter: b",
        "3:9: letter: 'b' cannot be a kiosk's letter; use one or two capitals other than I and O, "
        "such as 'B'",
    ),
    "letter that makes two prefixes sound the same": (
        "id: a\nletter: J",
        "3:9: letter: the numbers D-J003 and DJ-003 sound the same when called; change the letter "
        "or the prefix 'DJ' in agencies.yaml",
    ),
    "screen too large": (
        "id: a\nscreen: {diagonal_inch: 900}",
        "3:25: screen > diagonal_inch: 900 is out of range; it must be 5 to 120",
    ),
    "screen not a number": (
        "id: a\nscreen: {diagonal_inch: .nan}",
        "3:25: screen > diagonal_inch: '.nan' is not a number",
    ),
    "resolution": (
        "id: a\nscreen: {resolution_px: [1080]}",
        "3:25: screen > resolution_px: write the screen's width and height, such as [1080, 1920]",
    ),
    "resolution of nothing": (
        "id: a\nscreen: {resolution_px: 0x1920}",
        "3:25: screen > resolution_px: 0 is out of range; it must be 200 to 16384",
    ),
    "paper": (
        "id: a\nprinter: {paper_mm: 76}",
        "3:21: printer > paper_mm: there is no 76; choose 80, 58",
    ),
    "mouth": (
        "id: a\nprinter: {mouth: custum}",
        "3:18: printer > mouth: there is no 'custum'; choose auto, custom, cashino, none; "
        "did you mean 'custom'?",
    ),
    "mouth of a Star presenter": (
        "id: a\nprinter: {mouth: star}",
        "3:18: printer > mouth: a Star presenter (TUP900) reports its slip in Star mode only, and "
        "does not print the kiosk's slips (ESC/POS) there; set the printer to ESC/POS, let its "
        "memory switch retract slips, and write none",
    ),
    "level": (
        "id: a\nprinter: {level: E}",
        "3:18: printer > level: there is no 'E'; choose auto, A, B, C, D",
    ),
    "on_fault": (
        "id: a\nprinter: {on_fault: halt}",
        "3:21: printer > on_fault: there is no 'halt'; choose screen, stop",
    ),
    "code page": (
        "id: a\nprinter: {code_page: CP8585}",
        "3:22: printer > code_page: there is no 'CP8585'; choose " + ", ".join(CODE_PAGES) + "; "
        "did you mean 'CP858'?",
    ),
    "scheme": (
        'id: a\nprinter: {connection: "netwrk:192.0.2.1:9100"}',
        "3:23: printer > connection: 'netwrk:192.0.2.1:9100' is no printer connection; write "
        "virtual, network:ADDRESS:PORT, device:/dev/usb/lp0, usb:04b8:0e15, "
        "serial:/dev/ttyUSB0:19200, cups:NAME or file:PATH; "
        "did you mean 'network:192.0.2.1:9100'?",
    ),
    "no port": (
        'id: a\nprinter: {connection: "network:192.0.2.1:"}',
        "3:23: printer > connection: the printer's port is not right; write it like "
        "network:192.0.2.10:9100",
    ),
    "port too large": (
        'id: a\nprinter: {connection: "network:192.0.2.1:99999"}',
        "3:23: printer > connection: the printer's port is not right; write it like "
        "network:192.0.2.10:9100",
    ),
    "host": (
        'id: a\nprinter: {connection: "network:my printer:9100"}',
        "3:23: printer > connection: the printer's address is not right; write it like "
        "network:192.0.2.10:9100",
    ),
    "device elsewhere": (
        'id: a\nprinter: {connection: "device:/dev/../etc/passwd"}',
        "3:23: printer > connection: the device must be in /dev, such as device:/dev/usb/lp0",
    ),
    "serial elsewhere": (
        'id: a\nprinter: {connection: "serial:/tmp/x:9600"}',
        "3:23: printer > connection: the device must be in /dev, such as device:/dev/usb/lp0",
    ),
    "serial line without speed": (
        'id: a\nprinter: {connection: "serial:/dev/ttyUSB0"}',
        "3:23: printer > connection: a serial line needs its speed; write it like "
        "serial:/dev/ttyUSB0:19200, where needed with :rtscts or :xonxoff",
    ),
    "serial line at a speed that is none": (
        'id: a\nprinter: {connection: "serial:/dev/ttyUSB0:19000"}',
        "3:23: printer > connection: the serial line's speed is not right; write 1200, 2400, "
        "4800, 9600, 19200, 38400, 57600 or 115200, as the printer has it",
    ),
    "USB": (
        'id: a\nprinter: {connection: "usb:epson"}',
        "3:23: printer > connection: the USB printer's numbers are not right; write them like "
        "usb:04b8:0e15 (to see them: kiosk print-test --find)",
    ),
    "CUPS": (
        'id: a\nprinter: {connection: "cups:-o raw"}',
        "3:23: printer > connection: the name of the CUPS queue is not right; write it like "
        "cups:KIOSK (see: lpstat -e)",
    ),
    "secret": (
        "id: a\nserver: {url: 'https://q.example.go.id', token: abc}",
        "3:42: server: 'token' is a secret and must not stand in YAML; keep it in a file of its "
        "own that only the kiosk can read (server: token_file)",
    ),
    "PIN": (
        "id: a\npin: 1234",
        "3:1: 'pin' is a secret and must not stand in YAML; keep it in a file of its own "
        "that only the kiosk can read (server: token_file)",
    ),
    "server without url": ("id: a\nserver: {token_file: t}", "3:9: server: 'url' is missing"),
    "password in the address": (
        "id: a\nserver: {url: 'https://me:hush@q.example.go.id'}",
        "3:15: server > url: the address holds a name and a password; secrets must not stand "
        "in YAML",
    ),
    "token file outside": (
        "id: a\nserver: {url: 'https://q.example.go.id', token_file: ../token}",
        "3:54: server > token_file: '../token' leaves the config folder; write the file's name "
        "alone",
    ),
    "absolute CA file": (
        "id: a\nserver: {url: 'https://q.example.go.id', ca_file: /etc/ssl/ca.pem}",
        "3:51: server > ca_file: '/etc/ssl/ca.pem' leaves the config folder; write the file's "
        "name alone",
    ),
    "deadline": (
        "id: a\nserver: {url: 'https://q.example.go.id', deadline_s: 0}",
        "3:54: server > deadline_s: 0 is out of range; it must be 0.1 to 10",
    ),
    "timeout in words": (
        "id: a\ntimeouts: {idle_s: 45s}",
        "3:20: timeouts > idle_s: '45s' is not a number",
    ),
    "version 2": ("id: a\nversoin: 1", "3:1: 'versoin' is not known; did you mean 'version'?"),
}


@pytest.mark.parametrize("case", KIOSK)
def test_a_mistake_in_kiosk_yaml(folder: Folder, case: str) -> None:
    given, seen = KIOSK[case]
    service = "services: [{code: s, name: S, prefix: D}]"
    folder.menu(
        f"\n  - {{code: djp, prefix: DJ, name: P, services: [{{code: n, name: N}}]}}\n"
        f"  - {{code: x, prefix: X, name: X, {service}}}\n"
    )
    folder.write("kiosk.yaml", f"version: 1\n{given}\n")
    seen_here = [p.replace(f"{folder.path}/", "") for p in folder.problems()]
    assert seen_here == [f"kiosk.yaml:{seen}"]


def test_the_secret_itself_is_never_repeated(folder: Folder) -> None:
    folder.write("kiosk.yaml", "version: 1\nid: a\ntoken: s3cr3t\npassword: [s3cr3t]\n")
    assert len(folder.problems()) == 2
    assert "s3cr3t" not in "".join(folder.problems())


def test_a_link_out_of_the_config_folder_is_not_followed(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hush")
    (folder.path / "token").symlink_to(tmp_path / "token")
    folder.write(
        "kiosk.yaml",
        "version: 1\nid: a\nserver: {url: 'https://q.example.go.id', token_file: token}\n",
    )
    assert "leaves the config folder" in folder.problems()[0]


def test_a_kiosk_is_filled_in_with_what_it_says_and_the_usual_for_the_rest(folder: Folder) -> None:
    folder.write(
        "kiosk.yaml",
        "version: 1\nid: lobi-2\nkiosks: 2\nletter: B\n"
        "screen: {diagonal_inch: 15.6, resolution_px: [800, 1280], lower_edge_mm: 650}\n"
        'printer: {connection: "network:192.0.2.10:9100", paper_mm: 58, on_fault: stop, level: C}\n'
        'server: {url: "https://antrean.example.go.id", token_file: token, deadline_s: 0.5}\n'
        "timeouts: {idle_s: 30}\n",
    )
    kiosk = folder.load().kiosk
    assert (kiosk.id, kiosk.kiosks, kiosk.letter) == ("lobi-2", 2, "B")
    assert (kiosk.screen.diagonal_inch, kiosk.screen.resolution_px) == (15.6, (800, 1280))
    assert kiosk.printer.on_fault is OnFault.STOP
    assert (kiosk.printer.paper_mm, kiosk.printer.level, kiosk.printer.deadline_s) == (58, "C", 8)
    assert (kiosk.server.token_file, kiosk.server.deadline_s) == ("token", 0.5)
    assert (kiosk.timeouts.idle_s, kiosk.timeouts.warning_s) == (30, 20)


def test_parts_that_are_commented_out_count_as_not_there(folder: Folder) -> None:
    folder.write("kiosk.yaml", "version: 1\nid: a\nserver:\n  # url: x\nletter:\nscreen:\n")
    assert folder.load().kiosk.server.url == ""


@pytest.mark.parametrize("resolution", ["[1080, 1920]", '"1080x1920"', "1080 × 1920"])
def test_a_resolution_may_be_written_as_staff_write_it(folder: Folder, resolution: str) -> None:
    folder.write("kiosk.yaml", f"version: 1\nid: a\nscreen: {{resolution_px: {resolution}}}\n")
    assert folder.load().kiosk.screen.resolution_px == (1080, 1920)


BLOCK_NAMES = (
    "there are: logo, heading, text, head, number, priority, where, ahead, issued, qr, follow, "
    "survey, rule, feed, footer"
)
BLOCKS = {
    "unknown block": (
        "- numbr",
        f"3:5: block no. 1: 'numbr' is no block of the slip; {BLOCK_NAMES}; did you mean 'number'?",
    ),
    "unknown block with options": (
        "- nomor: {height: 8}",
        f"3:5: block no. 1: 'nomor' is no block of the slip; {BLOCK_NAMES}; did you mean 'number'?",
    ),
    "unknown field": (
        '- text: "{sit}"',
        "3:11: block no. 1 > text: '{sit}' cannot be used in this text; there are: {site} "
        "{address} {agency} {agency_short} {service} {number} {floor} {counter} {date} {time} "
        "{zone} {kiosk}; did you mean '{site}'?",
    ),
    "option of a plain block": (
        "- where: {bold: true}",
        "3:12: block no. 1 > where: the block 'where' takes no value; write '- where' alone",
    ),
    "two in one": (
        '- {qr: 5, text: "a"}',
        "3:13: block no. 1: 'qr' and 'text' in one block; write them on two lines with '-'",
    ),
    "misspelt option": (
        '- {text: "a", algin: left}',
        "3:17: block no. 1: 'algin' is not known; did you mean 'align'?",
    ),
    "alignment": (
        '- {text: "a", align: middle}',
        "3:24: block no. 1 > align: there is no 'middle'; choose left, center, right",
    ),
    "number too small": (
        "- number: {height: 2}",
        "3:22: block no. 1 > number > height: 2 is out of range; it must be 6 to 8",
    ),
    "feed": ("- feed: 99", "3:11: block no. 1 > feed: 99 is out of range; it must be 1 to 20"),
    "nothing": ("-", "3:4: block no. 1: it is empty"),
    "logo without a name": ("- logo", "3:5: block no. 1 > logo: it is empty"),
    "logo outside": (
        "- logo: ../logo.png",
        "3:11: block no. 1 > logo: '../logo.png' leaves the config folder; write the file's name "
        "alone",
    ),
    "bold: 1": ('- {text: "a", bold: 1}', "3:23: block no. 1 > bold: '1' must be true or false"),
}


@pytest.mark.parametrize("case", BLOCKS)
def test_a_mistake_in_a_block(folder: Folder, case: str) -> None:
    given, seen = BLOCKS[case]
    folder.write("ticket.yaml", f"version: 1\nblocks:\n  {given}\n  - number\n")
    assert folder.problems() == [f"ticket.yaml:{seen}"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            "kiosk.yaml:4:43: server > kind: 1 prefixes (DJ) belong to several services: their "
            "numbers are the kiosk's, and no panel of Novo SGA calls them.",
        ),
        (
            "id",
            "kiosk.yaml:4:43: server > kind: 1 awalan nomor (DJ) dipakai beberapa layanan: "
            "nomornya diberi kiosk, dan panel Novo SGA tidak memanggilnya.",
        ),
    ],
)
def test_a_prefix_of_two_services_is_a_warning_with_novo_sga(
    folder: Folder, lang: str, said: str
) -> None:
    link = "server: {url: 'http://127.0.0.1:1', kind: novosga, unit: 4, token_file: token}"
    folder.write("kiosk.yaml", f"version: 1\nid: a\nletter: A\n{link}\n")
    assert folder.problems() == [], "one service, one prefix"
    assert folder.load().kiosk.server.unit == 4
    second = AGENCIES + "      - code: efin\n        name: EFIN\n"
    folder.write("agencies.yaml", second)
    (problem,) = folder.problems(lang)
    assert problem.startswith(said)
    folder.write("agencies.yaml", second + "        prefix: DE\n")
    assert folder.problems() == []
    folder.write("agencies.yaml", second)
    folder.write("kiosk.yaml", f"version: 1\nid: a\n{link.replace('novosga, unit: 4', 'mpp')}\n")
    assert folder.problems() == [], "another kind of server counts for a prefix"


def test_a_logo_that_is_not_there_is_a_warning(folder: Folder) -> None:
    folder.write("ticket.yaml", "version: 1\nblocks: [{logo: dinas.png}, number]\n")
    assert folder.check().settings is not None
    assert folder.problems() == [
        "ticket.yaml:2:17: block no. 1 > logo: the picture 'dinas.png' is not in the config "
        "folder or assets/images; slips are printed without a logo"
    ]
    folder.write("dinas.png", _png(300, 100))
    assert folder.problems() == []


@pytest.mark.parametrize(
    "body", [b"", b"\x89PNG", b"not a picture", "large"], ids=["empty", "cut", "text", "large"]
)
def test_a_logo_that_is_no_picture_is_a_warning(folder: Folder, body: bytes | str) -> None:
    folder.write("ticket.yaml", "version: 1\nblocks: [{logo: dinas.png}, number]\n")
    folder.write("dinas.png", _png(10_000, 10_000) if isinstance(body, str) else body)
    assert folder.check().settings is not None
    (problem,) = folder.problems()
    assert "the picture 'dinas.png' cannot be read, or has more than" in problem


def _png(width: int, height: int) -> bytes:
    """The head of a PNG file."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


def test_a_slip_without_a_number_is_a_warning(folder: Folder) -> None:
    folder.write("ticket.yaml", "version: 1\nblocks: [where]\n")
    assert folder.check().settings is not None
    assert folder.problems() == [
        "ticket.yaml:2:9: there is no block 'number'; the number is printed at the top"
    ]


def test_blocks_become_what_they_say(folder: Folder) -> None:
    folder.write(
        "ticket.yaml",
        "version: 1\nblocks:\n"
        '  - {text: "{agency}\\n{service}", bold: true, height: 2, align: left}\n'
        "  - number: {height: 6}\n  - qr: 5\n  - feed: 2\n  - rule\n"
        "  - text: {id: Terima kasih, en: Thank you}\n",
    )
    text, number, qr, feed, rule, thanks = folder.load().template.blocks
    assert text == Block(
        BlockKind.TEXT, LocalText.same("{agency}\n{service}"), Align.LEFT, bold=True, height=2
    )
    assert number == Block(BlockKind.NUMBER, height=6)
    assert (qr.size, feed.size, rule.kind) == (5, 2, BlockKind.RULE)
    assert thanks.text is not None
    assert thanks.text.in_("en") == "Thank you"


# ── the site's colours and emblem ────────────────────────────────────────────────────────

LOOKS = {
    "no colour": (
        'id: a\nlook: {accent: "blue"}',
        "3:16: look > accent: 'blue' is not a colour; write # and six hexadecimal digits in "
        'quotes, such as "#0048C8"',
    ),
    "text that cannot be read": (
        'id: a\nlook: {accent: "#FFD400"}',
        "3:16: look > accent: with the colour #FFD400 some text is hard to read: its contrast is "
        '1.3:1, at least 4.5:1 is needed; use a darker one, such as "#',
    ),
    "an emblem outside": (
        "id: a\nlook: {emblem: ../emblem.png}",
        "3:16: look > emblem: '../emblem.png' leaves the config folder; write the file's name",
    ),
    "an emblem that is no PNG": (
        "id: a\nlook: {emblem: emblem.svg}",
        "3:16: look > emblem: the emblem 'emblem.svg' must be a PNG file",
    ),
}


@pytest.mark.parametrize("name", LOOKS)
def test_what_is_wrong_with_the_look_is_said_with_its_place(folder: Folder, name: str) -> None:
    text, said = LOOKS[name]
    folder.write("kiosk.yaml", f"version: 1\n{text}\n")
    errors = [str(e) for e in folder.check("en").errors]
    assert len(errors) == 1
    assert f"kiosk.yaml:{said}" in errors[0]


def test_a_pale_accent_is_refused_in_indonesian_too(folder: Folder) -> None:
    folder.write("kiosk.yaml", 'version: 1\nid: a\nlook: {accent: "#3399FF"}\n')
    (error,) = folder.check("id").errors
    assert (error.line, error.column) == (3, 16)
    assert "membuat sebagian tulisan sulit dibaca: kontrasnya " in error.text
    like = error.text.rpartition("seperti ")[2].strip('"')
    folder.write("kiosk.yaml", f'version: 1\nid: a\nlook: {{accent: "{like}"}}\n')
    assert folder.load().kiosk.look.accent == like, "the suggested colour is accepted"


def test_a_missing_emblem_is_a_warning_and_one_that_is_there_is_used(folder: Folder) -> None:
    folder.write("kiosk.yaml", "version: 1\nid: a\nlook: {emblem: lambang.png}\n")
    checked = folder.check("en")
    assert checked.errors == ()
    assert any(
        "the emblem 'lambang.png' is not in the config folder" in str(w) for w in checked.warnings
    )
    (folder.path / "lambang.png").write_bytes((ROOT / "assets/images/emblem.png").read_bytes())
    assert folder.check("en").warnings == ()
    assert folder.load().kiosk.look.emblem == "lambang.png"


# ── the keypad ───────────────────────────────────────────────────────────────────────────

KEYPADS = {
    "no function key": (
        "keypad: {down: Enter, select: F15}",
        "3:16: keypad > down: 'Enter' is not a function key; write F1 to F24",
    ),
    "a small letter": (
        "keypad: {down: f14, select: F15}",
        "3:16: keypad > down: 'f14' is not a function key; write F1 to F24; did you mean 'F14'",
    ),
    "beyond the last": (
        "keypad: {down: F25, select: F15}",
        "3:16: keypad > down: 'F25' is not a function key; write F1 to F24",
    ),
    "twice": (
        "keypad: {down: F14, select: F14}",
        "3:29: keypad > select: F14 is already used for down; each key needs a function key of its "
        "own",
    ),
    "no way to choose": ("keypad: {down: F14}", "3:9: keypad: 'select' is missing"),
}


@pytest.mark.parametrize("name", KEYPADS)
def test_what_is_wrong_with_the_keypad_is_said_with_its_place(folder: Folder, name: str) -> None:
    text, said = KEYPADS[name]
    folder.write("kiosk.yaml", f"version: 1\nid: a\n{text}\n")
    errors = [str(e) for e in folder.check("en").errors]
    assert len(errors) == 1
    assert f"kiosk.yaml:{said}" in errors[0]


def test_a_keypad_of_two_switches_and_one_of_six_keys(folder: Folder) -> None:
    folder.write("kiosk.yaml", "version: 1\nid: a\nkeypad: {down: F1, select: F2}\n")
    assert folder.load().kiosk.keypad == KeypadSettings(down="F1", select="F2")
    keys = "up: F13, down: F14, select: F15, back: F16, help: F17, volume: F18"
    folder.write("kiosk.yaml", f"version: 1\nid: a\nkeypad: {{{keys}}}\n")
    assert folder.load().kiosk.keypad == KeypadSettings("F13", "F14", "F15", "F16", "F17", "F18")
    folder.write("kiosk.yaml", "version: 1\nid: a\n")
    assert folder.load().kiosk.keypad == KeypadSettings()


# ── the voice ────────────────────────────────────────────────────────────────────────────


def test_words_that_the_voice_says_wrongly_are_mended(folder: Folder) -> None:
    folder.write(
        "kiosk.yaml",
        "version: 1\nid: a\nspeech:\n  rate: 120\n  speak:\n"
        '    - {write: loket, say: "[[l\'okEt]]"}\n'
        "    - {write: JHT, say: {id: jaminan hari tua, en: old age savings}}\n",
    )
    speech = folder.load().kiosk.speech
    assert speech.rate == 120
    assert [m.write for m in speech.speak] == ["loket", "JHT"]
    assert [m.say.in_("en") for m in speech.speak] == ["[[l'okEt]]", "old age savings"]
    folder.write("kiosk.yaml", "version: 1\nid: a\n")
    assert folder.load().kiosk.speech == SpeechSettings()


@pytest.mark.parametrize("say", ["[[l'okEt", "l'okEt]]", "[l'okEt]", "[[]]", "[[a]] ]"])
def test_phonemes_with_brackets_that_do_not_match_are_refused(folder: Folder, say: str) -> None:
    text = f'speech: {{speak: [{{write: loket, say: "{say}"}}]}}'
    folder.write("kiosk.yaml", f"version: 1\nid: a\n{text}\n")
    (error,) = folder.check("en").errors
    assert "the brackets of the phonemes do not match" in error.text
    assert error.line == 3
