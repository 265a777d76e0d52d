"""Takes the snapshot of the kiosk that a step of the visit reads.

Apart from the application because it asks many parts and changes none: whatever a screen is to
show must come through here, and only through here.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from kiosk.app.keypad import Keypad
from kiosk.app.ports import KioskPort
from kiosk.app.speech_switch import SpeechSwitch
from kiosk.domain.config import Settings
from kiosk.domain.staff import NO_FACTS
from kiosk.domain.ticket import KEY_BYTES, ticket_key
from kiosk.domain.visit_screens import (
    Staff,
    StaffPin,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Touch,
    Visit,
)


class SnapshotSource:
    """``mono``: the monotonic clock of the snapshots. UI thread only."""

    def __init__(
        self, kiosk_port: KioskPort, keypad: Keypad, voice: SpeechSwitch, mono: Callable[[], float]
    ) -> None:
        self._kiosk_port = kiosk_port
        self._keypad = keypad
        self._voice = voice
        self._mono = mono
        self.headset_socket: Callable[[], bool] = lambda: False
        """Whether there is a socket that notices a headset."""
        self.headset = False
        """Whether a headset was ever noticed: a voice is looked for when it is first needed."""

    def take(self, settings: Settings, visit: Visit, touch: Touch | None = None) -> KioskSnapshot:
        """What the kiosk knows now. ``settings``: those that the screen shows. ``touch``: where
        the event's touch was."""
        kiosk, now = self._kiosk_port, self._kiosk_port.now()
        fresh = ticket_key(now, os.urandom(KEY_BYTES))
        return KioskSnapshot(
            catalogue=settings.catalogue,
            now=now,
            mono_s=self._mono(),
            fresh_id=fresh.id,
            fresh_track=fresh.track,
            printer=kiosk.printer_health(),
            on_fault=settings.kiosk.printer.on_fault,
            timeouts=settings.kiosk.timeouts,
            broken=kiosk.trouble(),
            live=kiosk.live(),
            kiosks=settings.kiosk.kiosks,
            touch=touch,
            call=kiosk.staff_call(),
            staff=kiosk.staff.facts() if _with_staff(visit) else NO_FACTS,
            attract_s=settings.kiosk.attract.after_s,
            night=settings.kiosk.night,
            voice=(self._keypad.used or self.headset) and self._voice.available,
            headset=self.headset_socket() and self._voice.available,
        )


def _with_staff(visit: Visit) -> bool:
    """Whether the staff screen or its PIN pad is open."""
    return isinstance(visit.screen, Staff | StaffPin)
