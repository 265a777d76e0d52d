"""``kiosk.yaml`` and ``ticket.yaml``: from checked values to the domain's."""

from __future__ import annotations

import re
from collections import Counter

from kiosk.domain.config import (
    MPP,
    NOVOSGA,
    AttractSettings,
    Block,
    BlockKind,
    KeypadSettings,
    KioskSettings,
    LookSettings,
    Mend,
    NightSettings,
    OnFault,
    PrinterSettings,
    ScreenSettings,
    ServerSettings,
    SlipTemplate,
    SpeechSettings,
    Timeouts,
    UsbSettings,
)
from kiosk.domain.slip import Align
from menu.catalogue import Catalogue
from menu.local_text import LocalText
from menu.numbers import Number
from menu.problems import Report
from menu.reading import Read

MOST_PREFIXES = 5


def check_kiosk(root: Read, report: Report) -> None:
    """Notes what is wrong between the parts of ``kiosk.yaml``."""
    kiosks = root.get("kiosks", 1)
    server: Read | None = root.get("server")
    given = root.written("server") and (server is None or server.get("kind", MPP) == MPP)
    if kiosks > 1 and not root.written("letter") and not given:
        report.error(root.place("kiosks"), root.to("kiosks"), "kiosks.letter", None, n=kiosks)
    if server is not None and server.get("kind", MPP) == NOVOSGA:
        _check_novosga(root, server, report)
    _check_keypad(root.get("keypad"), report)
    _check_speech(root.get("speech"), report)


def _check_novosga(root: Read, server: Read, report: Report) -> None:
    """Notes what is missing for Novo SGA: numbers without a letter are given there."""
    place, at = server.place("kind"), server.to("kind")
    if not root.written("letter"):
        report.error(place, at, "novosga.letter", None)
    if not server.written("unit"):
        report.error(place, at, "novosga.unit", None)


def _check_keypad(keypad: Read | None, report: Report) -> None:
    """Notes a function key that is given to two keys of the keypad."""
    taken: dict[str, str] = {}
    for name, key in keypad.values().items() if keypad else ():
        if key in taken:
            place, at = keypad.place(name), keypad.to(name)  # type: ignore[union-attr]
            report.error(place, at, "keypad.twice", None, key=key, other=taken[key])
        taken.setdefault(key, name)


def _check_speech(speech: Read | None, report: Report) -> None:
    """Notes phonemes whose brackets do not close: the voice would read the rest as letters."""
    for word in speech.get("speak", ()) if speech else ():
        say: LocalText = word.get("say")
        if any(_loose_bracket(text) for text in say.by_language.values()):
            report.error(word.place("say"), word.to("say"), "speech.brackets", None)


def _loose_bracket(text: str) -> bool:
    return bool(re.search(r"[\[\]]", re.sub(r"\[\[[^\[\]]+\]\]", "", text)))


def check_letter(root: Read, catalogue: Catalogue, menu_file: str, report: Report) -> None:
    """Notes a prefix that, with this kiosk's letter, is called like another one's numbers."""
    letter: str = root.get("letter", "")
    prefixes = {s.prefix for _, s in catalogue.services()}
    for prefix in sorted(prefixes) if letter else ():
        longer = prefix + letter
        if longer in prefixes:
            report.error(
                root.place("letter"),
                root.to("letter"),
                "letter.prefix",
                None,
                one=Number(prefix, letter, 3),
                other=Number(longer, "", 3),
                prefix=longer,
                file=menu_file,
            )


def check_prefixes(root: Read, catalogue: Catalogue, menu_file: str, report: Report) -> None:
    """Warns of services whose numbers Novo SGA cannot give: it counts for each service alone, so a
    prefix that two services share would make two visitors' numbers the same."""
    server: Read | None = root.get("server")
    if server is None or server.get("kind", MPP) != NOVOSGA:
        return
    used = Counter(service.prefix for _, service in catalogue.services())
    shared = sorted(prefix for prefix, n in used.items() if n > 1)
    if shared:
        place, at = server.place("kind"), server.to("kind")
        named = ", ".join(shared[:MOST_PREFIXES]) + (" …" if len(shared) > MOST_PREFIXES else "")
        report.warn(place, at, "novosga.prefix", n=len(shared), which=named, file=menu_file)


def build_kiosk(root: Read) -> KioskSettings:
    """The settings of this machine, from a file without errors."""
    given = root.values()
    screen: Read | None = root.get("screen")
    server: Read | None = root.get("server")
    timeouts: Read | None = root.get("timeouts")
    look: Read | None = root.get("look")
    attract: Read | None = root.get("attract")
    night: Read | None = root.get("night")
    usb: Read | None = root.get("usb")
    keypad: Read | None = root.get("keypad")
    return KioskSettings(
        id=given["id"],
        kiosks=given.get("kiosks", 1),
        letter=given.get("letter", ""),
        screen=ScreenSettings(**screen.values()) if screen else ScreenSettings(),
        printer=_printer(root.get("printer")),
        server=ServerSettings(**server.values()) if server else ServerSettings(),
        timeouts=Timeouts(**timeouts.values()) if timeouts else Timeouts(),
        attract=AttractSettings(**attract.values()) if attract else AttractSettings(),
        night=NightSettings(**night.values()) if night else NightSettings(),
        usb=UsbSettings(**usb.values()) if usb else UsbSettings(),
        look=LookSettings(**look.values()) if look else LookSettings(),
        keypad=KeypadSettings(**keypad.values()) if keypad else KeypadSettings(),
        speech=_speech(root.get("speech")),
    )


def _speech(speech: Read | None) -> SpeechSettings:
    if speech is None:
        return SpeechSettings()
    words = tuple(Mend(**word.values()) for word in speech.get("speak", ()))
    return SpeechSettings(rate=speech.get("rate", SpeechSettings().rate), speak=words)


def _printer(printer: Read | None) -> PrinterSettings:
    if printer is None:
        return PrinterSettings()
    given = printer.values()
    if "on_fault" in given:
        given["on_fault"] = OnFault(given["on_fault"])
    return PrinterSettings(**given)


def check_template(root: Read, report: Report) -> None:
    """Notes what is odd about ``ticket.yaml`` as a whole, unless a block may be missing because of
    an error."""
    if report.failed:
        return
    blocks = root.get("blocks")
    if blocks is not None and all(kind != BlockKind.NUMBER.value for kind, _ in blocks):
        report.warn(root.place("blocks"), None, "block.number")


def build_template(root: Read) -> SlipTemplate:
    """The slip's template, from a file without errors."""
    return SlipTemplate(tuple(_block(BlockKind(kind), read) for kind, read in root.get("blocks")))


def _block(kind: BlockKind, read: Read) -> Block:
    text = read.get(kind.value)
    return Block(
        kind=kind,
        text=LocalText.same(text) if isinstance(text, str) else text,
        align=Align(read.get("align", Align.CENTER.value)),
        bold=read.get("bold", False),
        width=read.get("width", 1),
        height=read.get("height", 8 if kind is BlockKind.NUMBER else 1),
        size=read.get("size", 0),
    )
