"""What differs between two sets of settings, in sentences for staff.

The menu's part is ``menu.changes``; here are ``kiosk.yaml``, whose values are named as in the file
(``printer.paper_mm``), the slip's blocks and the words that a site replaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from difflib import SequenceMatcher

from kiosk.domain.config import Block, KioskSettings, Settings, SlipTemplate
from kiosk.domain.words import Words
from kiosk.settings.loader import KIOSK_FILE, TICKET_FILE
from menu.changes import Change, differing, menu_changes, value_words, was
from menu.messages import say


def settings_changes(old: Settings, new: Settings, language: str) -> list[Change]:
    """What ``new`` changes against ``old``: the menu, this machine, the slip, the words."""
    return [
        *menu_changes(old.catalogue, new.catalogue, language),
        *_machine(old.kiosk, new.kiosk, language, ""),
        *_slip(old.template, new.template, language),
        *_words(old.words, new.words, language),
    ]


def _machine(old: object, new: object, language: str, path: str) -> Iterator[Change]:
    """The fields of ``kiosk.yaml`` that differ, those of its parts one by one."""
    for name, before, after in differing(old, new):
        place = f"{path}.{name}" if path else name
        same_part = type(before) is type(after) and is_dataclass(before)
        if same_part and isinstance(old, KioskSettings):
            yield from _machine(before, after, language, place)
        else:
            words = was(value_words(after, language), value_words(before, language), language)
            yield Change(KIOSK_FILE, f"{place} {words}", place)


def _slip(old: SlipTemplate, new: SlipTemplate, language: str) -> Iterator[Change]:
    """The blocks that were added, removed or changed; a moved one is removed and added."""
    matcher = SequenceMatcher(None, old.blocks, new.blocks, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        before, after = list(old.blocks[first:last]), list(new.blocks[start:end])
        paired = min(len(before), len(after))
        for n in range(paired):
            said = {"block": _block(after[n], language), "old": _block(before[n], language)}
            text = say(language, "change.block", n=start + n + 1, **said)
            yield Change(TICKET_FILE, text, "blocks")
        for n, block in enumerate(after[paired:], start + paired + 1):
            text = say(language, "change.block_added", n=n, block=_block(block, language))
            yield Change(TICKET_FILE, text, "blocks")
        for block in before[paired:]:
            text = say(language, "change.block_removed", block=_block(block, language))
            yield Change(TICKET_FILE, text, "blocks")


def _block(block: Block, language: str) -> str:
    """``number (height 8)``: the block's name and what is not as usual."""
    usual = Block(block.kind)
    options = [
        f"{field.name} {value_words(getattr(block, field.name), language)}"
        for field in fields(block)
        if getattr(block, field.name) != getattr(usual, field.name)
    ]
    return f"{block.kind.value} ({', '.join(options)})" if options else block.kind.value


def _words(old: Words, new: Words, language: str) -> Iterator[Change]:
    """Words of screens and slips that read differently, in the languages that both have."""
    for code in new.languages:
        before, after = old.by_language.get(code), new.by_language[code]
        if before is None:
            continue
        for key in after:
            if before.get(key, "") != after[key]:
                words = {"new": f"'{after[key]}'", "old": f"'{before.get(key, '')}'"}
                text = say(language, "change.word", key=key, code=code, **words)
                yield Change("", text, f"words.{key}")
