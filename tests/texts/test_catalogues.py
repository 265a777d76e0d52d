"""All translations: complete in each language, asked for by code, and none missing.

A key that code puts together at run time (``f"day.{n}"``) cannot be found by reading the code:
``COMPOSED`` lists each such pattern with the values that can be filled in.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import pytest

from kiosk import errors
from kiosk.background.queue_manager import EXPLAINED, EXPLAINED_BY_ADAPTERS
from kiosk.cli import COMMANDS
from kiosk.commands import evidence, find, new, tickets, words
from kiosk.commands.findings import PARTS, State
from kiosk.commands.preview import MODE_NAMES
from kiosk.commands.print_test import ABILITIES
from kiosk.conformance.case import CaseEnd, Need
from kiosk.conformance.play import CASES
from kiosk.domain.delivery import Fault, Level, Outcome, Proof
from kiosk.domain.health import TouchTrouble
from kiosk.domain.modes import Mode
from kiosk.domain.staff import PauseFor, PauseReason, StaffAction
from kiosk.domain.staff_call import CallState
from kiosk.errors import Refusal
from kiosk.preview.cast import PreviewState
from kiosk.preview.states import states
from kiosk.printing.mouth import Mouth
from kiosk.settings.loader import load_settings
from kiosk.store.opening import CONFLICT, DAMAGED, FOREIGN, LOST, OLDER, UNVERIFIED
from kiosk.sync.port import Promise
from menu.schedule import Why
from menu.texts import VARIANT, languages_in, placeholders
from tests.settings.folder import ROOT

MISSPELT = r"antri|silahkan|Jum'at"

QUEUE = {"queue", "Queue", "QUEUE"}
"""Fields of visitors' texts that every text may have."""


def _values(enum: Iterable[Fault | Level | Need | Outcome | Proof | Refusal | Why]) -> list[str]:
    return [str(member.value) for member in enum]


MODES_IN_BAR = [mode.value for mode in Mode if mode is not Mode.CURTAIN]
"""The curtain has its key in the strip of the voice."""


@dataclass(frozen=True)
class TextFolder:
    """One folder of translations, and the code that reads it.

    ``composed``: pattern with ``*`` for what is filled in -> the values. ``elsewhere``: prefixes
    of keys that code of other programs makes (argparse, the system's error numbers).
    """

    folder: str
    sources: tuple[str, ...]
    composed: dict[str, Iterable[str]] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()

    def texts(self, language: str) -> dict[str, str]:
        path = ROOT / self.folder / f"{language}.json"
        found: dict[str, str] = json.loads(path.read_text("utf-8"))
        return found

    def keys(self) -> set[str]:
        return {key.partition(VARIANT)[0] for key in self.texts("id")}

    def made(self) -> set[str]:
        """The keys that code puts together."""
        return {p.replace("*", value) for p, values in self.composed.items() for value in values}


def _states() -> Iterable[PreviewState]:
    """The pictures of ``kiosk preview``, by whose first word the page names their screen."""
    return states(load_settings(ROOT / "config", ROOT / "assets"), "id")


DAYS, MONTHS = [str(n) for n in range(7)], [str(n) for n in range(1, 13)]
SHOWN = _values(dict.fromkeys(refusal.shown for refusal in Refusal))
CALLS = [state.value for state in CallState if state.open]
VISITORS = TextFolder(
    "assets/locale",
    ("kiosk",),
    {
        "day.*": DAYS,
        "day.short.*": DAYS,
        "month.*": MONTHS,
        "month.short.*": MONTHS,
        "why.*": _values(Why),
        "trouble.*.title": SHOWN,
        "trouble.*.text": SHOWN,
        "fault.*.title": _values(Fault),
        "mode.*": MODES_IN_BAR,
        "pause.*": _values(PauseReason),
        "speech.*": ("first", "last"),
        "call.*": [*CALLS, "ready"],
        "call.*.title": CALLS,
        "call.*.text": CALLS,
        "call.*.text_desk": ("called", "unsent", "delayed"),
        "staff.doing.*": _values(StaffAction),
        "staff.done.*": _values(StaffAction),
        "staff.failed.*": _values(StaffAction),
        "staff.for.*": _values(PauseFor),
        "staff.paper.*_text": ("1", "2", "3"),
        "*_text": [f"staff.paper.{n}" for n in "123"],
        "help.step*": ("1", "2", "3"),
        "*.none": ("agency", "service"),
        "*.none_text": ("agency", "service"),
    },
)
STAFF = TextFolder(
    "kiosk/locale",
    ("kiosk",),
    {
        "command.*": COMMANDS,
        "preview.*": ("size", "language", "mode", "portrait", "landscape"),
        "preview.mode.*": MODE_NAMES,
        "preview.screen.*": {state.name.partition("-")[0] for state in _states()},
        "ability.*": ABILITIES,
        "mouth.*": _values(Mouth),
        "tickets.*": ("issued", "void"),
        "evidence.*": [subject.name for subject in evidence.SUBJECTS],
        "evidence.*.text": [subject.name for subject in evidence.SUBJECTS],
        "evidence.picture.*": [
            mode or name for subject in evidence.SUBJECTS for name, mode in subject.pictures
        ],
        "sheet.*.title": (
            *("paper", "no_paper", "wrong", "numbers", "staff", "letter", "server"),
            *("dark", "reach"),
        ),
        "check_server.case.*": [case.name for case in CASES],
        "check_server.need.*": _values(Need),
        "check_server.end.*": [end.value for end in CaseEnd if end is not CaseEnd.PASSED],
        "check_server.all.*": [state.value for state in State],
        "sheet.numbers.*": ("desk_at", "elsewhere_at"),
        "sheet.reach.*": MODES_IN_BAR,
        "new.hours.*": [day for day, _ in new.WEEK],
        "tickets.column.*": tickets.EXCEL,
        "column.*": dict.fromkeys((*find.COLUMNS, *tickets.COLUMNS, *words.COLUMNS)),
        "fault.*": _values(Fault),
        "action.*": _values(Fault),
        "level.*": _values(Level),
        "outcome.*": _values(Outcome),
        "paper.*": (*_values(Proof), "open", "void"),
        "parked.*": EXPLAINED + EXPLAINED_BY_ADAPTERS,
        "touch.*": _values(TouchTrouble),
        "state.*": ("well", "degraded", "out_of_service"),
        "status.*": ("today", "pending", "parked"),
        "lacks.*": _values(Promise),
        "status.call.*": CALLS,
        "doctor.part.*": PARTS,
        "doctor.all.*": [state.value for state in State],
        "label.*": (
            *("state", "printer", "action", "server", "tickets", "answer", "mouth"),
            *("settings", "clock", "disk", "screen", "notice", "call", "app", "limits"),
        ),
        "demo.*": (
            *("number", "by", "service", "taps", "slip_ms", "paper"),
            *("journal", "queue_server"),
        ),
        "quarantine.*": (DAMAGED, FOREIGN, OLDER, UNVERIFIED, LOST, CONFLICT),
        "weekday.*": DAYS,
        "why.*": _values(Why),
    },
    elsewhere=("os.",),
)
FILES = TextFolder(
    "menu/locale",
    ("menu", "kiosk/settings"),
    {
        "noun.*": (
            "agency",
            "service",
            "closure",
            "season",
            "group",
            "need",
            "block",
            "item",
            "word",
        ),
        "*.double": ("code", "prefix", "popular"),
        "change.day.*": DAYS,
    },
    # Fields of the menu's dataclasses are found by reflection (menu/changes.py).
    elsewhere=("about:", "argparse:", "change.field."),
)
SERVER = TextFolder(
    "queue_server/locale",
    ("queue_server",),
    {
        "refusal.*": ("closed", "paused", "quota_full"),
        "command.*": (
            *(
                "serve",
                "add-kiosk",
                "add-staff",
                "add-board",
                "revoke",
                "allow-journal",
                "check",
                "restored",
                "tickets",
            ),
            *("backup", "restore", "migrate", "prune"),
            *("report", "openapi"),
        ),
        "usage.*_name": ("kiosk", "staff", "board"),
        "track.*": (
            *("waiting", "called", "done", "no_show", "void", "late", "unsettled"),
            *("conflict", "unknown", "busy"),
        ),
    },
)
COLUMNS = (
    *("issued", "share", "open_days", "mean", "priority", "priority_share", "offline"),
    *("offline_share", "void"),
    *(f"{what}{tail}" for what in ("waiting", "serving") for tail in ("", "_p50", "_p90")),
)
REPORT = TextFolder(
    "reports/locale",
    ("reports", "kiosk/commands", "queue_server"),
    {
        "report.month.*": MONTHS,
        "report.weekday.*": DAYS,
        "report.weekday.short.*": DAYS,
        "report.column.*": COLUMNS,
        "report.short.*": ("mean", "p50", "p90"),
        "report.figure.*": ("issued", "mean", "priority", "offline", "void", "waiting"),
    },
)
CATALOGUES = (VISITORS, STAFF, FILES, SERVER, REPORT)
each_catalogue = pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda c: c.folder)


# ── the files ────────────────────────────────────────────────────────────────────────────


@each_catalogue
def test_the_languages_have_the_same_keys_in_the_same_order(catalogue: TextFolder) -> None:
    def plain(language: str) -> list[str]:
        return [key for key in catalogue.texts(language) if VARIANT not in key]

    languages = languages_in(ROOT / catalogue.folder)
    assert languages[:2] == ("id", "en")
    assert plain("en") == plain("id")
    # A further language may lack texts: they come from the fallback chain.
    for language in languages[2:]:
        assert plain(language) == [key for key in plain("id") if key in plain(language)]


def test_the_labels_of_the_confirmation_begin_with_a_capital() -> None:
    """They stand side by side below their figures."""
    for language in languages_in(ROOT / VISITORS.folder):
        texts = VISITORS.texts(language)
        for key in ("confirm.waiting", "confirm.about", "confirm.place"):
            assert texts[key][0].isupper(), (language, key)


@each_catalogue
def test_every_language_has_the_same_placeholders(catalogue: TextFolder) -> None:
    languages = languages_in(ROOT / catalogue.folder)
    texts = {language: catalogue.texts(language) for language in languages}
    for language, of_it in texts.items():
        for key, text in of_it.items():
            base, _, number = key.partition(VARIANT)
            had = placeholders(texts["id"][base]) - QUEUE
            have = placeholders(text) - QUEUE
            # A variant for the number 1 may say "one" in place of the figure.
            assert have | ({"n"} if number else set()) == had, f"{language}: {key}"
            formats = [sorted(re.findall(r"%\(?\w+", t)) for t in (text, texts["en"][base])]
            assert formats[0] == formats[1], f"{language}: {key}"


@each_catalogue
def test_texts_are_written_with_care(catalogue: TextFolder) -> None:
    for language in languages_in(ROOT / catalogue.folder):
        for key, text in catalogue.texts(language).items():
            if not key.startswith("argparse:") and key != "enroll.ask":
                assert text.strip() == text != "", f"{language}: {key}"
            assert not re.search(r"{{|}}", text), f"{language}: {key}: doubled brace"
            wrong = re.search(MISSPELT, text) if language == "id" else None
            assert not wrong, f"{language}: {key}: not the spelling of Bahasa Indonesia"


@each_catalogue
def test_no_key_is_written_twice(catalogue: TextFolder) -> None:
    for language in languages_in(ROOT / catalogue.folder):
        path = ROOT / catalogue.folder / f"{language}.json"
        pairs = json.loads(path.read_text("utf-8"), object_pairs_hook=list)
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys))


# ── the code ─────────────────────────────────────────────────────────────────────────────


@cache
def _trees(source: str) -> tuple[ast.Module, ...]:
    root = ROOT / source
    paths = [root] if root.suffix == ".py" else sorted(root.rglob("*.py"))
    return tuple(ast.parse(path.read_text("utf-8"), str(path)) for path in paths)


@cache
def _strings(source: str) -> frozenset[str]:
    """Every text in the code of a folder, Kivy's rules included."""
    found = set()
    for tree in _trees(source):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    for path in (ROOT / source).rglob("*.kv"):
        found.update(re.findall(r"""["']([^"'\n]+)["']""", path.read_text("utf-8")))
    return frozenset(found)


@each_catalogue
def test_no_key_is_dead(catalogue: TextFolder) -> None:
    used = catalogue.made().union(*(_strings(source) for source in catalogue.sources))
    dead = {key for key in catalogue.keys() - used if not key.startswith(catalogue.elsewhere or ())}
    assert dead == set()


@each_catalogue
def test_every_key_that_code_puts_together_exists(catalogue: TextFolder) -> None:
    assert catalogue.made() - catalogue.keys() == set()


ASKING = {"say", "Message", "of", "error", "warn", "_wrong", "_pair", "in_all_languages"}
ERRORS = {"RobotLost", "ServerError", "Unavailable"} | {
    name
    for name, made in vars(errors).items()
    if isinstance(made, type) and issubclass(made, errors.KioskError)
}


def _asked(source: str) -> Iterator[tuple[str, str]]:
    """Where code names a key: (place, key), ``*`` standing for what is filled in."""
    for path in sorted((ROOT / source).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
            if name in ASKING | ERRORS:
                for argument in node.args:
                    for key in _keys(argument):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", key
    for path in sorted((ROOT / source).rglob("*.kv")):
        for key in re.findall(r"""\bsay\(\s*["']([^"']+)["']""", path.read_text("utf-8")):
            yield str(path.relative_to(ROOT)), key


def _keys(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) and _is_key(node.value) else []
    if isinstance(node, ast.IfExp):
        return _keys(node.body) + _keys(node.orelse)
    if isinstance(node, ast.JoinedStr):
        parts = [str(p.value) if isinstance(p, ast.Constant) else "*" for p in node.values]
        return ["".join(parts)] if " " not in "".join(parts) else []
    return []


def _texts_in(node: ast.expr) -> Iterator[str]:
    """The literal texts of an argument that is a text or an f-string."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    for part in parts:
        if isinstance(part, ast.Constant):
            yield str(part.value)


def _is_key(text: str) -> bool:
    is_file = text.endswith((".yaml", ".json", ".png"))
    return re.fullmatch(r"[a-z][\w-]*(\.[\w-]+)+", text) is not None and not is_file


def test_every_key_that_code_asks_for_exists() -> None:
    asked = {
        at: key
        for source in ("kiosk", "menu", "queue_server", "reports")
        for at, key in _asked(source)
    }
    assert len(asked) > 200
    known = set[str]().union(*(catalogue.keys() for catalogue in CATALOGUES))
    patterns = {p for catalogue in CATALOGUES for p in catalogue.composed}
    # The beginning is in a variable: f"{part}.title".
    patterns |= {"*.title", "*.text"}
    missing = {at: key for at, key in asked.items() if key not in known | patterns}
    assert missing == {}


def test_no_error_is_made_with_a_sentence_in_place_of_a_key() -> None:
    """A sentence in code has one language; only texts from elsewhere may be passed on."""
    sentences = []
    for tree in (*_trees("kiosk"), *_trees("queue_server")):
        for node in ast.walk(tree):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in ERRORS and isinstance(node, ast.Call):
                sentences += [
                    f"{name}: {ast.unparse(argument)}"
                    for argument in node.args
                    if " " in "".join(_texts_in(argument))
                ]
    assert sentences == []
