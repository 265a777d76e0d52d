"""The baseline: a bare Kivy window with 27 buttons and Kivy's default settings.

Arguments: ``first`` (reports the time of its first frame and ends), ``press``, ``change``,
``idle SECONDS`` or ``memory``. A button leads to a second screen, with 8 buttons.
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
from kivy.uix.screenmanager import NoTransition, Screen, ScreenManager  # noqa: E402

from kiosk.ui.native import finish_frames  # noqa: E402

BUTTONS, NEXT_BUTTONS = 27, 8


class BareApp(App):
    """27 buttons in three columns, and a screen to which each of them leads."""

    first_ms = 0.0

    def build(self) -> ScreenManager:
        """The first screen; the second one is built when it is first shown, as in most programs."""
        self.screens = ScreenManager(transition=NoTransition())
        self.buttons = self.add("first", BUTTONS, 3)
        for button in self.buttons:
            button.bind(on_release=self.follow)
        Window.bind(on_flip=self.flipped)
        return self.screens

    def add(self, name: str, count: int, cols: int) -> list[Button]:
        """Add a screen of ``count`` buttons."""
        grid = GridLayout(cols=cols)
        buttons = [Button(text=f"Button {number}") for number in range(1, count + 1)]
        for button in buttons:
            grid.add_widget(button)
        screen = Screen(name=name)
        screen.add_widget(grid)
        self.screens.add_widget(screen)
        return buttons

    def follow(self, *_: object) -> None:
        """Show the second screen, built anew."""
        if self.screens.has_screen("second"):
            self.screens.remove_widget(self.screens.get_screen("second"))
        self.add("second", NEXT_BUTTONS, 1)
        self.screens.current = "second"

    def back(self) -> None:
        """Show the first screen."""
        self.screens.current = "first"

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

            press_feedback(Window, app.buttons[13], frame)
        case ["change"]:
            from benchmarks.loop import screen_change

            second = lambda: app.screens.current == "second"  # noqa: E731
            screen_change(Window, lambda: app.buttons[13], frame, second, app.back)
        case _:
            raise SystemExit("bare_window.py first | memory | idle SECONDS | press | change")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
