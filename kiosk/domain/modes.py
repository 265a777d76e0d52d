"""The modes in which a visit can be shown, for people who see or reach less."""

from __future__ import annotations

from enum import Enum


class Mode(Enum):
    """A way of showing the same screens. Modes combine; each visit begins without one."""

    CONTRAST = "contrast"
    """High contrast: white and yellow on black."""

    LARGE = "large"
    """Large text: letters half as large again, fewer things on each screen, more pages."""

    LOW = "low"
    """Low reach: everything that can be touched within reach of a person in a wheelchair."""

    SPEECH = "speech"
    """Speech: the screen and what is touched on it are said."""

    CURTAIN = "curtain"
    """The screen is dark, so that nobody reads along; only together with speech."""


DRAWN = frozenset(Mode) - {Mode.SPEECH, Mode.CURTAIN}
"""The modes that change colours and sizes."""


REACH_MM = 1220.0
"""Highest place above the floor that a seated person reaches without an obstruction (Section 508
407.8.3, EN 301 549 8.3.2: 1 220 mm)."""

VOLUMES, USUAL_VOLUME = 6, 3
"""How many steps the volume has, and the one (from 0) at which speech begins where staff have set
no other."""

Modes = frozenset[Mode]
NO_MODES: Modes = frozenset()

MODE_TIMES = 2.0
"""While a mode is on or the keypad is used, everything that ends by itself lasts this many times as
long (EN 301 549, 9.2.2.1): 90 s without a touch and a warning of 40 s with the default settings."""
