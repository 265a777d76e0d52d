"""No screen of the chosen set changes unseen: compared with the accepted pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from PIL import Image, ImageChops

from kiosk.domain.config import Settings
from kiosk.domain.words import Words
from kiosk.preview.states import states
from kiosk.preview.studio import SIZES, Studio
from tests.ui import accepted_pictures as pictures

HOW = "look at the new pictures in {folder}; if they are right: script/accept-pictures"
MOST_BYTES = 40_000
MESA = 11
"""Levels by which two rasterisers differ."""


@pytest.fixture(scope="module")
def settings() -> Settings:
    return pictures.shipped()


def test_the_screens_and_slips_are_those_that_were_accepted(
    window: Any, settings: Settings, tmp_path: Path
) -> None:
    wrong, names = [], set()
    for name, picture in (*pictures.draw_screens(settings), *pictures.draw_slips(settings)):
        names.add(name)
        before, now = pictures.accepted(name), pictures.reduced(picture)
        if before is None or before.size != now.size:
            said = "no accepted picture of this size"
        else:
            found = pictures.difference(before, now)
            if found.points <= pictures.MOST_POINTS:
                continue
            said = f"{found.points} points differ, in {found.box}"
        picture.save(tmp_path / f"{name}.png")
        wrong.append(f"{name}: {said}")
    assert not wrong, "\n".join([*wrong, HOW.format(folder=tmp_path)])
    there = {path.stem for path in pictures.FOLDER.glob("*.png")}
    assert there == names, "script/accept-pictures removes what is no longer chosen"


def test_the_accepted_pictures_are_small() -> None:
    for path in pictures.FOLDER.glob("*.png"):
        assert path.stat().st_size < MOST_BYTES, path.name


def test_the_preview_of_the_pictures_does_not_depend_on_the_day(settings: Settings) -> None:
    """``demo_start`` alone reads the clock of the machine."""
    chosen = {name for names in pictures.CHOSEN.values() for name in names}
    with mock.patch("kiosk.preview.cast.demo_start", pictures.fixed_time):
        days = {s.name: s.snapshot.now.date() for s in states(settings, "id") if s.name in chosen}
    assert days == dict.fromkeys(chosen, date(2026, 11, 24))


# ── what the comparison sees ─────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def draw(window: Any, settings: Settings) -> Callable[..., Image.Image]:
    """The services screen, with some words replaced."""

    def drawn(**words: str) -> Image.Image:
        texts = settings.words.by_language
        own = {**texts["id"], **{key.replace("__", "."): text for key, text in words.items()}}
        other = Words.of({**texts, "id": own})
        studio = Studio(replace(settings, words=other), SIZES["portrait-21"])
        state = next(s for s in states(settings, "id") if s.name == "services-long")
        return pictures.drawn(studio, state)

    return drawn


@pytest.fixture(scope="module")
def plain(draw: Callable[..., Image.Image]) -> Image.Image:
    return draw()


def points(one: Image.Image, other: Image.Image) -> int:
    return pictures.difference(pictures.reduced(one), pictures.reduced(other)).points


@pytest.mark.parametrize(
    "words",
    [
        {"service__requirements_short": "Syarot"},
        {"priority__note": "Petugas dapat meminta konfirmasi."},
        {"bar__home": "Berandà"},
    ],
)
def test_one_letter_is_seen(
    draw: Callable[..., Image.Image], plain: Image.Image, words: dict[str, str]
) -> None:
    assert points(plain, draw(**words)) > pictures.MOST_POINTS


@pytest.mark.parametrize(("across", "down"), [(4, 0), (0, 4), (-4, 4)])
def test_a_button_that_moved_by_a_millimetre_is_seen(
    plain: Image.Image, across: int, down: int
) -> None:
    box = (852, 480, 1052, 640)  # a button "Ambil nomor"
    moved = plain.copy()
    moved.paste(plain.crop(box), (box[0] + across, box[1] + down))
    assert points(plain, moved) > 20 * pictures.MOST_POINTS


def test_another_colour_is_seen() -> None:
    blue = Image.new("RGB", (60, 60), (0, 0x48, 0xC8))
    other = Image.new("RGB", (60, 60), (0x30, 0x60, 0xF8))
    assert points(blue, other) == 400


def test_what_another_rasteriser_changes_is_not_seen(plain: Image.Image) -> None:
    """Noise of as many levels in each point, and fewer colours."""
    noise = Image.effect_noise(plain.size, 6).convert("RGB")
    level = Image.new("RGB", plain.size, (128 - MESA,) * 3)
    noise = ImageChops.subtract(noise, level).point(lambda n: min(2 * MESA, n))
    lower = Image.new("RGB", plain.size, (MESA,) * 3)
    noisy = ImageChops.subtract(ImageChops.add(plain, noise), lower)
    small = pictures.reduced(noisy)
    few = small.quantize(pictures.COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    assert pictures.difference(pictures.reduced(plain), few.convert("RGB")).points == 0
