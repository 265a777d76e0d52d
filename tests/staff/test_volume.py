"""The volume that staff set for speech."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.domain.modes import USUAL_VOLUME, VOLUMES
from kiosk.errors import KioskError
from kiosk.staff.volume import VOLUME_FILE, Volume
from kiosk.ui.sound import LEVELS_DB


def test_it_has_the_steps_of_speech_and_survives_a_restart(tmp_path: Path) -> None:
    assert len(LEVELS_DB) == VOLUMES
    volume = Volume(tmp_path)
    assert volume.step == USUAL_VOLUME
    for by, step in ((-1, 2), (1, 3), (1, 4), (1, 5), (1, 5)):
        volume.change(by)
        assert volume.step == Volume(tmp_path).step == step
    for _ in range(VOLUMES + 1):
        volume.change(-1)
    assert Volume(tmp_path).step == 0


@pytest.mark.parametrize("step", ["6", "-1", "true", '"3"', "null", "2.5"])
def test_a_file_that_says_no_volume_is_the_usual_one(tmp_path: Path, step: str) -> None:
    for body in (f'{{"step": {step}}}', "{}", "[]", "{", ""):
        (tmp_path / VOLUME_FILE).write_text(body)
        assert Volume(tmp_path).step == USUAL_VOLUME


def test_a_volume_that_cannot_be_written_is_not_in_force(tmp_path: Path) -> None:
    volume = Volume(tmp_path / "absent")
    with pytest.raises(KioskError):
        volume.change(1)
    assert volume.step == USUAL_VOLUME
