"""Written text to the words that a voice reads: figures, times, abbreviations, letters.

A synthesiser guesses: it reads "14.00" as a decimal, "027" as twenty-seven, "Jl." as the end of a
sentence. ``spoken`` leaves it nothing to guess. Its result holds letters, spaces and the marks
. , ? ! only, so that a text of the menu can be neither an option nor markup nor phonemes; what a
site writes under ``speak`` replaces words afterwards, and alone may hold phonemes in [[ ]].

In a language without rules here, figures stay figures, which the synthesiser reads its own way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk.speech.numerals import MOST, english, figures, indonesian

LONG_FIGURES = 8
"""So many figures, also in groups, are a telephone or an identity number: read one by one."""

LONGEST_WORD = 5
"""A longer word in capitals is a word, if it has a vowel."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTER_NAMES = "a be ce de e ef ge ha i je ka el em en o pe ki er es te u fe we eks ye zet"
LETTERS_ID = dict(zip(_ALPHABET, _LETTER_NAMES.split(), strict=True))
"""Names of the letters in Indonesian."""

SPELLED = frozenset({"KUA", "ID", "AI", "UI", "UU"})
"""Abbreviations that could be read as a word, but are spelled."""

_VOWELS = "AEIOU"


@dataclass(frozen=True)
class Rules:
    """How one language reads what is no word. ``decimal``: the mark before decimals, and its name.
    ``clock``: hour and minute to words, ``to``: between two figures of a range."""

    cardinal: Callable[[int], str]
    clock: Callable[[int, int], str]
    clock_marks: str
    decimal: tuple[str, str]
    thousands: str
    to: str
    more_than: str
    percent: str
    plus: str
    also: str
    letters: Mapping[str, str]
    before_time: tuple[str, ...]
    abbreviations: Mapping[str, str]


def _clock_id(hour: int, minute: int) -> str:
    said = f"pukul {indonesian(hour)}"
    return f"{said} lewat {indonesian(minute)} menit" if minute else said


def _clock_en(hour: int, minute: int) -> str:
    said = english(hour % 12 or 12)
    if minute:
        said += f" {english(minute)}" if minute > 9 else f" oh {english(minute)}"
    return f"{said} {'a m' if hour < 12 else 'p m'}"


INDONESIAN = Rules(
    cardinal=indonesian,
    clock=_clock_id,
    clock_marks=".:",
    decimal=(",", "koma"),
    thousands=".",
    to="sampai",
    more_than="lebih dari",
    percent="persen",
    plus="plus",
    also="dan",
    letters=LETTERS_ID,
    before_time=("pukul", "jam"),
    abbreviations={
        "jl.": "jalan",
        "jln.": "jalan",
        "gg.": "gang",
        "no.": "nomor",
        "s.d.": "sampai dengan",
        "s/d": "sampai dengan",
        "dll.": "dan lain lain",
        "dsb.": "dan sebagainya",
        "a.n.": "atas nama",
        "tgl.": "tanggal",
        "kel.": "kelurahan",
        "kec.": "kecamatan",
        "kab.": "kabupaten",
        "kota adm.": "kota administrasi",
        "prov.": "provinsi",
        "lt.": "lantai",
        "gd.": "gedung",
        "bpk.": "bapak",
        "telp.": "telepon",
        "dr.": "dokter",
        "rp": "rupiah",
        "wib": "waktu Indonesia barat",
        "wita": "waktu Indonesia tengah",
        "wit": "waktu Indonesia timur",
        "whatsapp": "wotsap",
        "e-court": "i kort",
    },
)

ENGLISH = Rules(
    cardinal=english,
    clock=_clock_en,
    clock_marks=":",
    decimal=(".", "point"),
    thousands=",",
    to="to",
    more_than="more than",
    percent="percent",
    plus="plus",
    also="and",
    letters={letter: letter for letter in LETTERS_ID},
    before_time=(),
    abbreviations={
        "jl.": "jalan",
        "no.": "number",
        "e.g.": "for example",
        "i.e.": "that is",
        "etc.": "and so on",
        "dr.": "doctor",
        "prov.": "province",
        "approx.": "about",
        "rp": "rupiah",
        "wib": "Western Indonesian time",
        "wita": "Central Indonesian time",
        "wit": "Eastern Indonesian time",
    },
)

RULES = {"id": INDONESIAN, "en": ENGLISH}

_HELD = "\ue000"
"""First of the private characters that stand for a word replaced by ``speak``."""
_MOST_HELD = 2000


def spoken(text: str, language: str, mend: Mapping[str, str] | None = None) -> str:
    """``text`` as words of ``language``; empty where it has no letter and no figure.

    ``mend``: spoken form by written form, whole words, in any case (``speak`` in ``kiosk.yaml``).
    """
    held: list[str] = []
    text = _hold(_plain(text), mend or {}, held)
    rules = RULES.get(language)
    if rules is not None:
        text = _read(text, rules)
    text = _clean(text, language)
    for i, words in enumerate(held):
        text = text.replace(chr(ord(_HELD) + i), words)
    return text


def _plain(text: str) -> str:
    """One form of each character; no private ones, which stand for held words here."""
    text = unicodedata.normalize("NFKC", text).replace("\u2026", " ")
    return "".join(" " if unicodedata.category(c) in ("Co", "Cn", "Cs") else c for c in text)


def _hold(text: str, mend: Mapping[str, str], held: list[str]) -> str:
    """Replace each written form of ``mend`` by a private character; the longest first."""
    for written in sorted(mend, key=len, reverse=True)[:_MOST_HELD]:
        pattern = rf"(?<!\w){re.escape(_plain(written))}(?!\w)"
        if written.strip() and re.search(pattern, text, re.IGNORECASE):
            text = re.sub(pattern, chr(ord(_HELD) + len(held)), text, flags=re.IGNORECASE)
            held.append(" ".join(mend[written].split()))
    return text


def _clean(text: str, language: str) -> str:
    """Letters, figures where the language has no rules, and . , ? ! with one space each."""
    known = language in RULES
    text = re.sub(r"[;:\u00b7\u2022|()\n\r\t]+", ", ", text)
    kept = "".join(c if _kept(c, figures_too=not known) else " " for c in text)
    kept = re.sub(r"\s+([.,?!])", r"\1", kept)
    kept = re.sub(r"([.,?!])[.,?!]+", lambda m: _strongest(m.group(0)), kept)
    kept = re.sub(r"(?<=[.,?!])(?=\S)", " ", kept)
    kept = " ".join(kept.split()).strip("., ")
    if not any(c.isalnum() or c >= _HELD for c in kept):
        return ""
    return kept if kept[-1] in "?!" else f"{kept}."


def _kept(character: str, *, figures_too: bool) -> bool:
    kind = unicodedata.category(character)
    if kind[0] in "LM" or character in ".,?! '" or kind == "Co":
        return True
    return figures_too and kind == "Nd"


def _strongest(marks: str) -> str:
    return next(mark for mark in "?!.," if mark in marks)


# ── what is no word ──────────────────────────────────────────────────────────────────────


def _read(text: str, rules: Rules) -> str:
    text = _abbreviations(text, rules)
    text = _numbers(_telephones(text, rules), rules)
    text = re.sub(r"(?<=\w)\u2013(?=\w)", f" {rules.to} ", text)
    text = text.replace("&", f" {rules.also} ").replace("%", f" {rules.percent} ")
    return re.sub(r"\b[A-Z]{2,}\b", lambda m: _capitals(m.group(0), rules), text)


def _abbreviations(text: str, rules: Rules) -> str:
    for short, words in rules.abbreviations.items():
        end = "" if short.endswith(".") else r"(?![\w])"
        if short == "rp":
            text = re.sub(r"\bRp\.?\s*([\d.,]*\d)", rf"\1 {words}", text)
            continue
        text = re.sub(rf"(?<![\w.]){re.escape(short)}{end}", f"{words} ", text, flags=re.IGNORECASE)
    return text


def _telephones(text: str, rules: Rules) -> str:
    def read(match: re.Match[str]) -> str:
        groups = [figures(group, rules.cardinal) for group in re.findall(r"\d+", match[0])]
        if len(re.findall(r"\d", match[0])) < LONG_FIGURES:
            return match[0]
        return (f"{rules.plus} " if match[0][0] == "+" else "") + ", ".join(groups)

    return re.sub(r"(?<![\w.,])\+?\d(?:[ -]?\d)+(?![\w]|[.,]\d)", read, text)


def _numbers(text: str, rules: Rules) -> str:
    """Replace every figure, the special forms first."""

    def words(figure_text: str) -> str:
        return _whole(figure_text, rules)

    text = re.sub(
        r"\b([A-Z]{1,3})-([A-Z]{0,2})(\d{2,})\b",
        lambda m: f"{_letters(m[1] + m[2], rules)}, {figures(m[3], rules.cardinal)}",
        text,
    )
    mark = f"[{re.escape(rules.clock_marks)}]"
    clock = rf"(?:[01]?\d|2[0-4]){mark}[0-5]\d"
    text = re.sub(rf"({clock})\s*[-\u2013]\s*({clock})", rf"\1 {rules.to} \2", text)
    before = "".join(rf"(?:\b{word}\s+)?" for word in rules.before_time)
    text = re.sub(
        rf"{before}(?<![\d.,:])((?:[01]?\d|2[0-4])){mark}([0-5]\d)(?![\d]|[.,:]\d)",
        lambda m: f"{rules.clock(int(m[1]), int(m[2]))} ",
        text,
        flags=re.IGNORECASE,
    )
    thousands = re.escape(rules.thousands)
    text = re.sub(
        rf"(?<![\d.,])\d{{1,3}}(?:{thousands}\d{{3}})+(?!\d)",
        lambda m: words(m[0].replace(rules.thousands, "")),
        text,
    )
    text = re.sub(r"(?<!\w)\+(?=\d)", f"{rules.plus} ", text)
    text = re.sub(r"(\d+)\+", rf"{rules.more_than} \1", text)
    decimal, name = re.escape(rules.decimal[0]), rules.decimal[1]
    number = rf"\d+(?:{decimal}\d+)?"
    text = re.sub(
        rf"(?<![\w-])({number})\s?[-\u2013]\s?({number})(?![\w-])", rf"\1 {rules.to} \2", text
    )
    text = re.sub(
        rf"(?<![\d.,])(\d+){decimal}(\d+)(?![\d.,]\d)",
        lambda m: f" {words(m[1])} {name} {figures(m[2], rules.cardinal)} ",
        text,
    )
    return re.sub(r"\d+", lambda m: f" {words(m[0])} ", text)


def _whole(text: str, rules: Rules) -> str:
    """A whole number; one with a zero before it, or a very large one, figure by figure."""
    number = int(text)
    if (len(text) > 1 and text[0] == "0") or number > MOST:
        return figures(text, rules.cardinal)
    return rules.cardinal(number)


def _letters(text: str, rules: Rules) -> str:
    return " ".join(rules.letters[letter] for letter in text)


def _capitals(text: str, rules: Rules) -> str:
    """A word in capitals: spelled, unless it can be read as a word (TUTUP, SIM)."""
    vowels = [c in _VOWELS for c in text]
    if not any(vowels) or text in SPELLED:
        return _letters(text, rules)
    if len(text) > LONGEST_WORD:
        return text.lower()
    clusters = not any(vowels[:2]) or not any(vowels[-2:])
    return _letters(text, rules) if clusters else text.lower()
