"""The application as a separate process on a real display; prints what it shows to stdout.

One JSON line a screen: its name, how many requests were made, and where the buttons are, in
pixels from the upper left.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from kiosk.ui import kivy_env


def main() -> None:
    """Run until a signal comes."""
    kivy_env.prepare(offscreen=False, windowed=False, size=None, home=Path(sys.argv[1]))
    window = kivy_env.open_window()
    from kivy.clock import Clock

    from kiosk.app.kiosk_app import KioskApp
    from tests.ui.kiosk_ports import FakeKioskPort
    from tests.ui.plain_root_view import PlainRootView, Press

    kiosk_port = FakeKioskPort()

    class TalkingStage(PlainRootView):
        """Says what it shows, once it has been laid out."""

        def show(self, visit: Any, world: Any, staff: bool = False, demo: bool = False) -> None:
            super().show(visit, world, staff, demo)
            Clock.schedule_once(lambda _dt: self.say(type(visit.screen).__name__), 0)

        def say(self, screen: str) -> None:
            buttons = {
                repr(b.event): [round(b.center_x), round(window.height - b.center_y)]
                for b in self.children
                if isinstance(b, Press)
            }
            news = {"screen": screen, "requests": len(kiosk_port.requests), "buttons": buttons}
            print(json.dumps(news), flush=True)

    app = KioskApp(kiosk_port, window, lambda settings, _window, emit: TalkingStage(settings, emit))
    app.run()
    print(json.dumps({"screen": "ended", "requests": 0, "buttons": {}}), flush=True)


if __name__ == "__main__":
    main()
