"""The settings of one kiosk, and of its slip, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.slip import Align
from kiosk.domain.words import Words
from kiosk.messages import Message
from menu.catalogue import Catalogue
from menu.local_text import LocalText


class OnFault(Enum):
    """What the kiosk does while the printer's fault is known."""

    SCREEN = "screen"
    """Numbers are given on the screen."""
    STOP = "stop"
    """No number is given; staff are called."""


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """The touchscreen. ``resolution_px`` is (width, height), None: as the window says."""

    diagonal_inch: float = 21.5
    resolution_px: tuple[int, int] | None = None
    lower_edge_mm: float = 700.0


MOST_LOGO_BYTES = 8_000_000
MOST_LOGO_PIXELS = 40_000_000
"""The largest logo of the slip."""

CODE_PAGES = (
    "CP858",
    "CP437",
    "CP850",
    "CP852",
    "CP860",
    "CP863",
    "CP865",
    "CP866",
    "CP1252",
)
"""The character tables that receipt printers share."""

MOUTHS = ("auto", "custom", "cashino", "none")
"""How a kiosk printer reports the slip in its mouth (``kiosk.printing.mouth``)."""


@dataclass(frozen=True, slots=True)
class PrinterSettings:
    """The printer.

    ``connection``: see ``kiosk.domain.connection``. ``level``: ``auto`` or ``A`` to ``D``.
    ``paper_mm``: 80 (576 dots) or 58 (384 dots). ``deadline_s`` bounds one slip,
    ``connect_s`` one connection. ``mouth``: ``auto``, ``none`` or how the printer reports a slip
    in its mouth (``kiosk.printing.mouth``); a slip that is not taken within ``mouth_s`` seconds is
    removed by ``mouth_then``, ``retract`` or ``eject``. ``code_page`` is an ESC/POS code page name
    of python-escpos. ``page_mode``: whether the printer can print a code beside its text; ``auto``
    (at level A), ``always`` or ``never``. ``small_font``: its font for running text, ``B`` or
    ``A``.
    """

    connection: str = "virtual"
    paper_mm: int = 80
    level: str = "auto"
    on_fault: OnFault = OnFault.SCREEN
    deadline_s: float = 8.0
    connect_s: float = 2.0
    mouth: str = "auto"
    mouth_s: float = 60.0
    mouth_then: str = "retract"
    code_page: str = "CP858"
    page_mode: str = "auto"
    small_font: str = "B"


MPP, FQM, NOVOSGA = "mpp", "fqm", "novosga"
SERVER_KINDS = (MPP, FQM, NOVOSGA)
"""The kinds of queue servers that there is an adapter for: ``mpp`` is the contract of
docs/protocol.md (docs/adapters.md)."""


def server_id(kind: str, url: str) -> str:
    """How a journal names a server: by its address, which for another kind than MPP has the kind
    before it. Empty for no server. Another identity is another server."""
    url = url.rstrip("/")
    return url if kind == MPP or not url else f"{kind}+{url}"


def coordinates(server: str) -> bool:
    """Whether ``server`` (``server_id``) gives letters and counts limits for all its kiosks.

    Without, a kiosk numbers and counts as it does without a server."""
    return server.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The central queue server; ``url`` is empty without one. ``kind``: one of SERVER_KINDS.
    ``unit``: the id of the unit of Novo SGA; 0 for another kind."""

    url: str = ""
    token_file: str = ""
    ca_file: str = ""
    deadline_s: float = 0.7
    kind: str = MPP
    unit: int = 0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds.

    ``idle_s`` without a touch before the warning, which lasts ``warning_s``. A number is shown for
    ``number_s`` if its slip is confirmed, else for ``noted_s`` before the warning. A call for staff
    that nobody answers ends after ``call_s``.
    """

    idle_s: float = 45.0
    warning_s: float = 20.0
    number_s: float = 10.0
    noted_s: float = 60.0
    call_s: float = 600.0


@dataclass(frozen=True, slots=True)
class AttractSettings:
    """The screen while nobody is there. ``after_s``: seconds without a touch; 0 for never.
    ``pictures``: the folder of its pictures, in the config folder; it may be missing."""

    after_s: float = 180.0
    pictures: str = "attract"


@dataclass(frozen=True, slots=True)
class NightSettings:
    """The screen outside hours. ``dark``: whether it goes dark; from ``after_close_min`` minutes
    after the last closing time of a day until ``before_open_min`` minutes before numbers are first
    given again."""

    dark: bool = True
    after_close_min: int = 60
    before_open_min: int = 30


@dataclass(frozen=True, slots=True)
class UsbSettings:
    """Settings from a USB stick, through the staff screen. ``folder``: where the machine mounts a
    stick that is plugged in."""

    folder: str = "/run/mpp-usb"


@dataclass(frozen=True, slots=True)
class LookSettings:
    """The site's colours and emblem. ``accent``: ``#RRGGBB``, empty for the kiosk's own blue;
    ``emblem``: a picture in the config folder, empty for the kiosk's own."""

    accent: str = ""
    emblem: str = ""


@dataclass(frozen=True, slots=True)
class KeypadSettings:
    """Which function key (``F1`` to ``F24``) each key of the keypad sends; empty: no such key.

    Two switches are enough to reach everything: ``down`` and ``select``. ``help`` repeats the last
    sentence while speech is on, and opens help without.
    """

    up: str = ""
    down: str = ""
    select: str = ""
    back: str = ""
    help: str = ""
    volume: str = ""


@dataclass(frozen=True, slots=True)
class Mend:
    """How a word is spoken: ``write`` as it is written, ``say`` in its place."""

    write: str
    say: LocalText


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """The voice. ``rate``: words a minute. ``speak``: words that it says wrongly."""

    rate: int = 150
    speak: tuple[Mend, ...] = ()


FUNCTION_KEYS = tuple(f"F{number}" for number in range(1, 25))
"""The keys that a keypad may send: no other key of a keyboard does anything."""


@dataclass(frozen=True, slots=True)
class KioskSettings:
    """``kiosk.yaml``: this machine. ``letter`` is that of its own series, empty for none."""

    id: str = "kiosk-1"
    kiosks: int = 1
    letter: str = ""
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    printer: PrinterSettings = field(default_factory=PrinterSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    timeouts: Timeouts = field(default_factory=Timeouts)
    look: LookSettings = field(default_factory=LookSettings)
    attract: AttractSettings = field(default_factory=AttractSettings)
    night: NightSettings = field(default_factory=NightSettings)
    usb: UsbSettings = field(default_factory=UsbSettings)
    keypad: KeypadSettings = field(default_factory=KeypadSettings)
    speech: SpeechSettings = field(default_factory=SpeechSettings)


class BlockKind(Enum):
    """A kind of block in ``ticket.yaml``."""

    LOGO = "logo"
    HEADING = "heading"
    TEXT = "text"
    HEAD = "head"
    NUMBER = "number"
    PRIORITY = "priority"
    WHERE = "where"
    AHEAD = "ahead"
    ISSUED = "issued"
    QR = "qr"
    FOLLOW = "follow"
    SURVEY = "survey"
    RULE = "rule"
    FEED = "feed"
    FOOTER = "footer"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the slip.

    ``text`` is the template of a TEXT block (fields in braces, see ``TEXT_FIELDS``), or the
    file name of a LOGO or HEADING. ``height`` is the number's height (6 to 8) or a text's (1 to 8),
    ``width`` a text's; ``size`` the QR's module or the feed's lines.
    """

    kind: BlockKind
    text: LocalText | None = None
    align: Align = Align.CENTER
    bold: bool = False
    width: int = 1
    height: int = 1
    size: int = 0


TEXT_FIELDS = (
    "site",
    "address",
    "agency",
    "agency_short",
    "service",
    "number",
    "floor",
    "counter",
    "date",
    "time",
    "zone",
    "kiosk",
)
"""What a text of ``ticket.yaml`` may name in braces."""


@dataclass(frozen=True, slots=True)
class SlipTemplate:
    """``ticket.yaml``: the blocks from top to bottom.

    ``unprintable``: the languages of the site whose letters the printer's code page lacks; the slip
    of a visit in one of them is in the site's first language only. ``code_page``: the printer's,
    such as ``CP858``; empty where it is not known.
    """

    blocks: tuple[Block, ...]
    unprintable: frozenset[str] = frozenset()
    code_page: str = ""


@dataclass(frozen=True, slots=True)
class FontFiles:
    """The paths of a font of the site. ``bold``: the same file where there is no bold one."""

    regular: str
    bold: str


@dataclass(frozen=True, slots=True)
class LanguageProblem:
    """A language of the menu whose words or fonts on this kiosk have errors. ``line``: the first
    error. ``kept``: its last good words are used; otherwise it is not offered."""

    code: str
    line: str
    kept: bool

    @property
    def message(self) -> Message:
        """The notice for staff."""
        if self.kept:
            return Message.of("notice.language_kept", code=self.code, line=self.line)
        return Message.of("notice.language", code=self.code, line=self.line)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that staff configure, checked.

    ``config_dir`` is where it was read from (logos lie there or in the assets). ``fonts``: the
    site's, for letters that the kiosk's typeface lacks. ``menu_text``: the agencies file of
    ``catalogue``; settings that differ in it alone are equal. ``language_problems``: of languages
    that another menu than the site's own file offers.
    """

    catalogue: Catalogue
    kiosk: KioskSettings
    template: SlipTemplate
    words: Words
    config_dir: str = ""
    fonts: tuple[FontFiles, ...] = ()
    menu_text: str = field(default="", repr=False, compare=False)
    language_problems: tuple[LanguageProblem, ...] = ()
