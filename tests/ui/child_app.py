"""Run the application as a separate process on a real display; print each screen to stdout.

One JSON line a screen: its name, the number of requests made, and the centre of each button, in
pixels from the upper left corner.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from kiosk.ui import kivy_env


def main() -> None:
    """Run until a signal ends the application."""
    kivy_env.prepare(offscreen=False, windowed=False, size=None, home=Path(sys.argv[1]))
    window = kivy_env.open_window()
    from kivy.clock import Clock

    from kiosk.app.kiosk_app import KioskApp
    from tests.ui.kiosk_ports import FakeKioskPort
    from tests.ui.plain_root_view import PlainRootView, Press

    kiosk_port = FakeKioskPort()

    class ReportingRootView(PlainRootView):
        """Prints each screen after its layout."""

        def show(self, visit: Any, world: Any, staff: bool = False, demo: bool = False) -> None:
            super().show(visit, world, staff, demo)
            Clock.schedule_once(lambda _dt: self.report(type(visit.screen).__name__), 0)

        def report(self, screen: str) -> None:
            buttons = {
                repr(b.event): [round(b.center_x), round(window.height - b.center_y)]
                for b in self.children
                if isinstance(b, Press)
            }
            report = {"screen": screen, "requests": len(kiosk_port.requests), "buttons": buttons}
            print(json.dumps(report), flush=True)

    app = KioskApp(
        kiosk_port, window, lambda settings, _window, emit: ReportingRootView(settings, emit)
    )
    app.run()
    print(json.dumps({"screen": "ended", "requests": 0, "buttons": {}}), flush=True)


if __name__ == "__main__":
    main()
