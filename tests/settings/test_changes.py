"""What differs between two sets of settings: this machine, the slip, the words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.domain.config import BlockKind, Settings
from kiosk.domain.words import Words
from kiosk.settings.assets import ASSETS
from kiosk.settings.changes import settings_changes
from kiosk.settings.loader import load_settings
from tests.settings.folder import ROOT


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(ROOT / "config", ASSETS)


def _printer(old: Settings) -> Settings:
    printer = replace(old.kiosk.printer, paper_mm=58, connection="device:/dev/usb/lp0")
    return replace(old, kiosk=replace(old.kiosk, printer=printer, letter="B"))


def _without_ahead(old: Settings) -> Settings:
    blocks = [block for block in old.template.blocks if block.kind is not BlockKind.AHEAD]
    return replace(old, template=replace(old.template, blocks=tuple(blocks)))


def _tall(old: Settings) -> Settings:
    blocks = [
        replace(b, height=7) if b.kind is BlockKind.NUMBER else b for b in old.template.blocks
    ]
    return replace(old, template=replace(old.template, blocks=tuple(blocks)))


def _word(old: Settings) -> Settings:
    texts = {code: dict(texts) for code, texts in old.words.by_language.items()}
    texts["id"]["word.queue"] = "antrian"
    return replace(old, words=Words(texts, old.words.fallback))


@pytest.mark.parametrize(
    ("edit", "sentences"),
    [
        (
            _printer,
            [
                "kiosk.yaml: letter 'B', dulu tidak ada",
                "kiosk.yaml: printer.connection 'device:/dev/usb/lp0', dulu 'virtual'",
                "kiosk.yaml: printer.paper_mm 58, dulu 80",
            ],
        ),
        (_without_ahead, ["ticket.yaml: blok ahead dihapus"]),
        (_tall, ["ticket.yaml: blok ke-3: number (height 7), dulu number (height 6)"]),
        (_word, ["kata word.queue (id): 'antrian', dulu 'antrean'"]),
    ],
)
def test_a_change_is_a_sentence(
    settings: Settings, edit: Callable[[Settings], Settings], sentences: list[str]
) -> None:
    found = [str(change) for change in settings_changes(settings, edit(settings), "id")]
    assert len(found) == len(sentences)
    for sentence, part in zip(sorted(found), sorted(sentences), strict=True):
        assert part in sentence


def test_equal_settings_change_nothing(settings: Settings) -> None:
    assert settings_changes(settings, load_settings(ROOT / "config", ASSETS), "id") == []
    assert Path(settings.config_dir) == ROOT / "config"
