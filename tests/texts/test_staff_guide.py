"""The staff guide names each fault as the kiosk does, with what the kiosk says to do."""

from __future__ import annotations

import re

import pytest

from kiosk.cli import COMMANDS
from kiosk.domain.delivery import Fault
from kiosk.messages import speaker
from menu.texts import read
from tests.settings.folder import ROOT

GUIDE = (ROOT / "docs" / "panduan-petugas.md").read_text(encoding="utf-8")
SCREEN = read(ROOT / "assets" / "locale" / "id.json")
PLAIN = re.sub(r"\s+", " ", GUIDE)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.HELD_BACK])
def test_each_fault_is_in_the_guide_with_its_action(fault: Fault) -> None:
    say = speaker("id")
    row = f"| {say(f'fault.{fault.value}')} | {say(f'action.{fault.value}')} |"
    assert row in GUIDE


def test_the_fault_that_holds_the_printer_back_is_in_the_guide() -> None:
    assert f"| {speaker('id')('fault.held_back')} | " in GUIDE


@pytest.mark.parametrize(
    "key",
    [
        *("staff.title", "staff.test", "staff.reprint", "staff.change_paper", "staff.pause"),
        *("staff.close", "staff.open", "staff.accept", "staff.finish", "staff.server.off"),
        *("staff.menu.waits", "staff.disk", "trouble.quota.title", "trouble.numbers.title"),
        *("done.cancel", "find.field"),
    ],
)
def test_keys_and_rows_are_named_as_on_the_screen(key: str) -> None:
    assert SCREEN[key] in PLAIN


def test_the_commands_of_the_guide_exist() -> None:
    named = set(re.findall(r"`kiosk ([a-z-]+)", GUIDE))
    assert {"doctor", "set-pin", "calendar"} <= named <= set(COMMANDS)
