"""The names that a menu may use are those of the kiosk's assets."""

from __future__ import annotations

import json
import subprocess
import sys

from menu.known_names import known_names
from tests.settings.folder import ASSETS, ROOT


def test_the_file_is_what_the_script_makes_of_the_assets() -> None:
    script = [sys.executable, str(ROOT / "script" / "known-names"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_has_every_icon_language_and_word_with_its_fields() -> None:
    names = known_names()
    icons = json.loads((ASSETS / "icons" / "codepoints.json").read_bytes())
    words = json.loads((ASSETS / "locale" / "id.json").read_bytes())
    assert names.icons == set(icons)
    assert names.languages[:2] == ("id", "en")
    assert set(words) <= set(names.words)
    assert all(f"{{{f}}}" in words[key] for key in words for f in names.words[key])
