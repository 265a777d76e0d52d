"""The baseline: a bare Kivy window with 27 buttons and Kivy's default settings.

Arguments: ``first`` (reports the time of its first frame and ends), ``press``, ``idle SECONDS`` or
``memory``.
"""

from __future__ import annotations

import os
import sys

os.environ.update(KIVY_NO_ARGS="1", KIVY_NO_CONSOLELOG="1", KIVY_NO_FILELOG="1")
os.environ.update(KIVY_NO_CONFIG="1", KIVY_LOG_MODE="PYTHON")

import logging

logging.disable(logging.CRITICAL)

from kivy.config import Config  # noqa: E402

from benchmarks.common import SIZE, memory_kib, process_age_ms, say  # noqa: E402

Config.set("graphics", "width", str(SIZE[0]))
Config.set("graphics", "height", str(SIZE[1]))

from kivy.app import App  # noqa: E402
from kivy.base import EventLoop, runTouchApp  # noqa: E402
from kivy.clock import Clock  # noqa: E402
from kivy.core.window import Window  # noqa: E402
from kivy.uix.button import Button  # noqa: E402
from kivy.uix.gridlayout import GridLayout  # noqa: E402

from kiosk.ui.native import finish_frames  # noqa: E402

BUTTONS = 27


class BareApp(App):
    """27 buttons in three columns."""

    first_ms = 0.0

    def build(self) -> GridLayout:
        """The buttons."""
        grid = GridLayout(cols=3)
        for number in range(1, BUTTONS + 1):
            grid.add_widget(Button(text=f"Button {number}"))
        Window.bind(on_flip=self.flipped)
        return grid

    def flipped(self, *_: object) -> None:
        """Called after the first frame: record the time in the event loop's next turn."""
        Window.unbind(on_flip=self.flipped)
        Clock.schedule_once(self.note, 0)

    def note(self, _dt: float) -> None:
        """The first frame is shown, and the event loop reads touches."""
        self.first_ms = process_age_ms()


def frame() -> None:
    """Run one turn of the event loop, as Kivy's main loop does."""
    EventLoop.idle()
    Window.mainloop()


def main() -> None:
    """Run the measurement that the arguments name."""
    finish_frames(Window)
    app = BareApp()
    app._run_prepare()
    runTouchApp(embedded=True)
    while not app.first_ms:
        frame()
    match sys.argv[1:]:
        case ["first"]:
            say(first_ms=app.first_ms)
        case ["memory"]:
            for _ in range(60):
                frame()
            say(pss_kib=memory_kib()[0])
        case ["idle", seconds]:
            from benchmarks.loop import idle_cpu

            idle_cpu(frame, float(seconds))
        case ["press"]:
            from benchmarks.loop import press_feedback

            press_feedback(Window, app.root.children[13], frame)
        case _:
            raise SystemExit("bare_window.py first | memory | idle SECONDS | press")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
