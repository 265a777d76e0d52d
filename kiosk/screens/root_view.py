"""The root view: header, current screen, bar and idle warning as one widget.

The application calls ``show`` when the visit changes and ``tick`` as time passes; the root view
draws the visit and emits the events of what is touched. Unchanged widgets are not written to, so an
unchanged screen is not redrawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.domain.config import Settings
from kiosk.domain.events import Event
from kiosk.domain.modes import DRAWN, NO_MODES, Mode, Modes
from kiosk.domain.staff import StaffAsked
from kiosk.domain.visit_details import no_details_shown
from kiosk.domain.visit_screens import (
    Confirm,
    Services,
    untyped,
)
from kiosk.domain.visit_staff import drawn_modes
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
    is_curtained,
    speaks,
)
from kiosk.domain.visit_timers import seconds_left
from kiosk.screens.bar_keys import bar_keys, mode_keys
from kiosk.screens.looks import Looks
from kiosk.screens.root_plan import RootPlan
from kiosk.screens.screen_view import ScreenView, ViewContext
from kiosk.screens.steering import Steering
from kiosk.screens.view_store import ViewStore, view_name
from kiosk.ui.i18n import Phrases
from kiosk.ui.metrics import Metrics
from kiosk.ui.theme import Look
from kiosk.widgets.bar import Bar
from kiosk.widgets.header import Header
from kiosk.widgets.hold import HoldTarget
from kiosk.widgets.press import Touchable
from kiosk.widgets.reading import Reading, ReadItem, nonempty
from kiosk.widgets.text_fit import use_fonts

EMBLEM_MM = 20.0


class RootView(FloatLayout):
    """Changed only by ``show``, ``tick`` and ``new_settings``."""

    look = ObjectProperty(Look())

    def __init__(self, settings: Settings, metrics: Metrics, emit: Callable[[Event], None]) -> None:
        use_fonts(settings.fonts)
        looks = Looks(metrics, settings.kiosk.look.accent)
        super().__init__(size=(metrics.width_px, metrics.height_px), look=looks.of(NO_MODES))
        self._settings = settings
        self._emit = emit
        self._phrases: dict[str, Phrases] = {}
        self._seen: tuple[object, ...] = ()
        self._standing: tuple[object, ...] = ()
        self._pictures = _pictures_folder(settings)
        self._modes: Modes = NO_MODES
        self._looks = looks
        self._staff = False
        self._demo = False
        self._views = ViewStore(emit, self.look)
        self.view: ScreenView | None = None
        self.header = Header(look=self.look, emblem=_emblem_file(settings), size_hint=(None, None))
        self.bar = Bar(emit, look=self.look, size_hint=(None, None))
        self.emblem = HoldTarget(emit=emit, look=self.look, size_hint=(None, None))
        self.notice: Any = None
        self.warning: Any = None
        self.strip: Any = None
        self.curtain: Any = None
        self.steering = Steering(self)
        self._language = ""
        self.add_widget(self.header)
        self.add_widget(self.bar)
        self.add_widget(self.emblem)
        self.fbind("size", self._resized)
        self._arrange()

    # ── the contract with the application ────────────────────────────────────────────────

    def show(
        self,
        visit: Visit,
        snapshot: KioskSnapshot,
        *,
        staff: bool = False,
        demo: bool = False,
    ) -> None:
        """Show the visit's screen. Cheap when nothing changed.

        ``staff``: there is a notice for staff; the header shows a sign without words. ``demo``:
        mark the screen as a demonstration.
        """
        self._staff, self._demo = staff, demo
        self._draw(visit, snapshot)

    def tick(self, visit: Visit, snapshot: KioskSnapshot) -> None:
        """Update what depends on time, printer and queue; does nothing when they did not change."""
        self._draw(visit, snapshot)

    def new_settings(self, settings: Settings) -> None:
        """Use another menu and other texts; the next ``show`` draws them."""
        use_fonts(settings.fonts)
        self._settings = settings
        self._phrases.clear()
        self._seen = ()
        metrics = Metrics.of(settings.kiosk.screen, (round(self.width), round(self.height)))
        self.header.emblem = _emblem_file(settings)
        self._pictures = _pictures_folder(settings)
        self._new_metrics(metrics)
        self._arrange()

    # ── drawing ──────────────────────────────────────────────────────────────────────────

    def _draw(self, visit: Visit, snapshot: KioskSnapshot) -> None:
        standing = (
            untyped(visit.screen),
            visit.language,
            visit.modes,
            visit.modes_open,
            visit.languages_open,
            visit.warned_s is not None,
            id(snapshot.catalogue),
        )
        modes = drawn_modes(visit) & DRAWN
        if modes != self._modes:
            self._modes = modes
            self._look_again(self._looks.of(modes))
        if standing != self._standing:
            self._standing = standing
            self._void_touches()
        left_s = seconds_left(visit, snapshot)
        languages = snapshot.catalogue.site.languages
        every = tuple(self._in(code) for code in languages)
        context = ViewContext(
            visit, snapshot, self._in(visit.language), left_s, every, self._pictures
        )
        minute = snapshot.now.replace(second=0, microsecond=0)
        printer = (
            snapshot.printer.fault,
            snapshot.printer.held,
            snapshot.on_fault,
            snapshot.broken,
            snapshot.kiosks,
            snapshot.call,
            no_details_shown(visit, snapshot),
        )
        queue = (snapshot.live.services, snapshot.live.cut_off)
        seen = (
            *standing,
            visit.screen,
            visit.priorities,
            visit.keypad,
            minute,
            printer,
            queue,
            self._staff,
            self._demo,
            snapshot.staff,
        )
        if seen != self._seen:
            self._fill(context)
            self._seen = seen
        self._draw_curtain(context)
        if self.view is not None:
            self.view.count(left_s)
        if self.warning is not None and visit.warned_s is not None:
            self.warning.count(left_s)

    def _fill(self, context: ViewContext) -> None:
        self._language = context.visit.language
        view = self._views.get(view_name(context))
        self._have_strip(context)
        self._say_notice(context)
        if view is not self.view:
            if self.view is not None:
                self.remove_widget(self.view)
            self.view = view
            self._arrange()
            self.add_widget(view, index=len(self.children))
        view.fill(context)
        self._fill_header(context, view)
        self._fill_bar(context)
        self._warn(context)
        self.steering.follow(context.visit)
        if self.strip is not None and not self.strip.sentence:
            self.strip.sentence = self.header.title  # until the first sentence is spoken

    def _fill_header(self, context: ViewContext, view: ScreenView) -> None:
        head, header, phrases = view.head(context), self.header, context.phrases
        header.title, header.subtitle, header.icon = head.title, head.subtitle, head.icon
        if speaks(context.visit) and self.look.theme.large and Mode.LOW in self._modes:
            header.subtitle = ""  # the strip of the voice leaves the header one line of large text
        header.clock = phrases.time(context.snapshot.now)
        today, narrow = context.snapshot.now.date(), self.plan.narrow
        header.date = phrases.date_brief(today) if narrow else phrases.date_long(today)
        cut_off = "cloud-off-outline" if context.snapshot.live.cut_off else ""
        header.sign = "wrench-outline" if self._staff else cut_off
        header.staff = view.staff
        self.emblem.event = StaffAsked() if not head.icon and not view.alone else None
        header.mark = phrases.say("demo.mark") if self._demo else ""

    def _fill_bar(self, context: ViewContext) -> None:
        page = self.view.page if self.view else None
        keys = bar_keys(context.visit.screen, page)
        self.bar.allow(back=keys.back, home=keys.home, help_=keys.help_)
        self.bar.name(context.phrases)
        visit, plan = context.visit, self.plan
        codes = list(context.snapshot.catalogue.site.languages)
        offered = mode_keys(can_move=plan.can_move)
        chosen = len(codes) > 2 and plan.languages_folded(3 + len(codes) + len(offered))
        names = {c: context.phrases.language_name(c, short=len(codes) > 2) for c in codes}
        opened = visit.languages_open if chosen else None
        self.bar.offer_languages(codes, names, visit.language, opened=opened)
        fold = plan.folded(3 + self.bar.language_keys + len(offered))
        self.bar.offer_modes(offered, visit.modes, opened=visit.modes_open if fold else None)

    def _have_strip(self, context: ViewContext) -> None:
        """Show the strip of the voice above the bar while speech is on."""
        wanted = speaks(context.visit)
        if self.strip is None:
            if not wanted:
                return
            # Imported when needed: most visits do without.
            self.strip = import_module("kiosk.widgets.speech_strip").SpeechStrip(
                self._emit, look=self.look, size_hint=(None, None)
            )
        self.strip.name(context.phrases, dark=is_curtained(context.visit))
        if wanted != (self.strip.parent is not None):
            self.strip.sentence = ""
            if wanted:
                self.add_widget(self.strip)
            else:
                self.remove_widget(self.strip)
            self._arrange()

    def _say_notice(self, context: ViewContext) -> None:
        """Show a notice in the header: a fault that concerns visitors who still get a number.

        It covers a part of the header, so that no other widget moves and no tile is displaced.
        """
        snapshot, text, icon = context.snapshot, "", ""
        screen = context.visit.screen
        if isinstance(screen, Services | Confirm) or view_name(context) == "agencies":
            text = context.phrases.printer_banner(
                snapshot.printer, stopped=snapshot.stopped, large=self.look.theme.large
            )
            icon = "printer-alert"
            if snapshot.broken:
                text = context.phrases.machine_banner(snapshot.broken)
                icon = "alert-circle-outline"
        if self.notice is None:
            if not text:
                return
            from kiosk.widgets.strip import Strip  # imported when needed: seldom

            self.notice = Strip(look=self.look, size_hint=(None, None), mood="warn")
        self.notice.icon, self.notice.title = icon, text
        if bool(text) != (self.notice.parent is not None):
            if text:
                self.add_widget(self.notice)
            else:
                self.remove_widget(self.notice)
            self._arrange()

    def _warn(self, context: ViewContext) -> None:
        wanted = context.visit.warned_s is not None
        if wanted and self.warning is None:
            self.warning = import_module("kiosk.screens.warning").IdleWarning(
                self._emit, look=self.look, size_hint=(None, None)
            )
            self._arrange()
        if self.warning is None:
            return
        if wanted:
            self.warning.tell(context)
        if wanted and self.warning.parent is None:
            self.add_widget(self.warning)
        elif not wanted and self.warning.parent is not None:
            self.remove_widget(self.warning)

    def _draw_curtain(self, context: ViewContext) -> None:
        """Cover everything but the idle warning; not where there is no voice to listen to."""
        wanted = is_curtained(context.visit) and self.steering.voice is not None
        if self.curtain is None:
            if not wanted:
                return
            self.curtain = import_module("kiosk.widgets.curtain").Curtain(
                look=self.look, size_hint=(1, 1)
            )
        if not wanted:
            if self.curtain.parent is not None:
                self.remove_widget(self.curtain)
            return
        self.curtain.said = context.phrases.say("speech.is_dark")
        warned = self.warning is not None and self.warning.parent is not None
        at = self.children.index(self.warning) + 1 if warned else 0
        if self.children.index(self.curtain) != at if self.curtain.parent else True:
            self.remove_widget(self.curtain)
            self.add_widget(self.curtain, index=at)

    # ── the focus ────────────────────────────────────────────────────────────────────────

    def reading(self) -> Reading:
        """What can be read and reached: on the screen, then in the bar; during the idle warning
        only there."""
        if self.warning is not None and self.warning.parent is not None:
            shown: Reading = self.warning.reading()
            return shown
        view = Reading() if self.view is None else self.view.reading()
        title = ". ".join(nonempty(self.header.title, self.header.subtitle))
        notice = self.notice.title if self.notice is not None and self.notice.parent else ""
        strip = self.strip is not None and self.strip.parent is not None
        voice = self.strip.reading().items if strip else ()
        bar = self.bar.reading().items if self.bar.parent is not None else ()
        items = (*view.items, *voice, *bar)
        return replace(view, title=title, notes=nonempty(notice, *view.notes), items=items)

    @property
    def focused(self) -> ReadItem | None:
        """The item with the focus; None while the focus is not shown."""
        return self.steering.focused

    @property
    def way_back(self) -> Event | None:
        """The event of the key "Back"; None where it does nothing."""
        event: Event | None = self.bar.back.event
        return event

    def move_focus(self, step: int) -> bool:
        """Move the focus by ``step`` items; whether it went over the end of the list."""
        return self.steering.move(step)

    def may_press(self) -> bool:
        """Whether the item with the focus may be pressed now; while speech is on it is said
        first."""
        return self.steering.may_press()

    @property
    def phrases(self) -> Phrases:
        """The texts in the language on the screen."""
        return self._in(self._language)

    def say(self, sentence: str) -> None:
        """Show the sentence that is being spoken."""
        if self.strip is not None:
            self.strip.sentence = sentence

    def on_touch_down(self, touch: Any) -> bool:
        """Begin a touch; while speech is on, it may only say what is under it."""
        return self.steering.touch_down(touch) or bool(super().on_touch_down(touch))

    def on_touch_move(self, touch: Any) -> bool:
        """Move a touch."""
        return self.steering.touch_move(touch) or bool(super().on_touch_move(touch))

    def on_touch_up(self, touch: Any) -> bool:
        """End a touch."""
        return self.steering.touch_up(touch) or bool(super().on_touch_up(touch))

    def _void_touches(self) -> None:
        """Cancel presses that began on the screen before."""
        self.emblem.void()
        for widget in self.walk(restrict=True):
            if isinstance(widget, Touchable):
                widget.void()

    def _in(self, language: str) -> Phrases:
        if language not in self._phrases:
            zone = self._settings.catalogue.site.zone
            self._phrases[language] = Phrases(self._settings.words, language, zone)
        return self._phrases[language]

    # ── places ──────────────────────────────────────────────────────────

    def _resized(self, *_: object) -> None:
        self._new_metrics(self.look.metrics.resized((round(self.width), round(self.height))))

    def _new_metrics(self, metrics: Metrics) -> None:
        """Use another size of the screen, or other settings; nothing is drawn if both are equal."""
        look = self._looks.change(metrics, self._settings.kiosk.look.accent, self._modes)
        if look != self.look:
            self._look_again(look)

    def _look_again(self, look: Look) -> None:
        """Draw everything on the screen with another look.

        Other views get it when they are shown next: to change all of them at once would hold the
        screen for too long."""
        self.look = self._views.look = look
        self._seen = ()
        parts = (
            self.header,
            self.bar,
            self.emblem,
            self.strip,
            self.notice,
            self.warning,
            self.view,
            self.steering.ring,
            self.curtain,
        )
        for widget in parts:
            if widget is not None:
                widget.look = look
        self._arrange()

    @property
    def plan(self) -> RootPlan:
        """The heights of header, bar and notice on this screen."""
        look, screen = self.look, self._settings.kiosk.screen
        return RootPlan(look.metrics, screen.lower_edge_mm, large=look.theme.large)

    def _arrange(self) -> None:
        """Place header, bar, view, notice and warning."""
        look = self.look
        width, height = look.metrics.width_px, look.metrics.height_px
        plan = self.plan
        low_reach = Mode.LOW in self._modes and self.view is not None and self.view.moves_down
        strip = self.strip is not None and self.strip.parent is not None
        tall, low = plan.header_mm(low_reach=low_reach, strip=strip), plan.bar_mm
        self.header.size = (width, look.mm(tall))
        self.header.pos = (0, height - self.header.height)
        self.bar.size = (width, look.mm(low))
        self._show_bar()
        self._show_header()
        bottom = self.bar.top
        if strip:
            self.strip.size, self.strip.pos = (width, look.mm(plan.strip_mm)), (0, bottom)
            bottom = self.strip.top
        top = height - self.header.height
        self.header.taken = 0
        if self.notice is not None and self.notice.parent is not None:
            inset = 0 if look.theme.large else look.margin
            self.notice.size = (width - 2 * inset, look.mm(plan.notice_mm))
            self.notice.pos = (inset, top + look.mm(plan.notice_gap_mm))
            self.header.taken = self.notice.top - top
        if self.view is not None:
            if self.view.alone:
                bottom, top = 0, height
            self.view.size_hint = (None, None)
            self.view.look = look
            self.view.size = (width, top - bottom)
            self.view.pos = (0, bottom)
        if self.warning is not None:
            self.warning.size = (width, height)
        self._place_emblem()

    def _show_bar(self) -> None:
        """Put the bar at the bottom; on a staff screen, and on one that is alone, it is off the
        screen and has no parent."""
        away = self.view is not None and (self.view.staff or self.view.alone)
        self.bar.pos = (0, -self.bar.height if away else 0)
        if away and self.bar.parent is not None:
            self.remove_widget(self.bar)
        elif not away and self.bar.parent is None:
            self.add_widget(self.bar)

    def _show_header(self) -> None:
        """The header has no parent while a screen is alone. It returns below what lies over it."""
        alone = self.view is not None and self.view.alone
        if alone and self.header.parent is not None:
            self.remove_widget(self.header)
        elif not alone and self.header.parent is None:
            self.add_widget(self.header, index=len(self.children))

    def _place_emblem(self) -> None:
        """Put the target of the long press over the emblem, at least 20 mm wide and high."""
        header, look = self.header, self.look
        side = min(header.height, max(header.chip, look.mm(EMBLEM_MM)))
        self.emblem.size = (side, side)
        self.emblem.center = (look.margin + header.chip / 2, header.middle)


def _emblem_file(settings: Settings) -> str:
    """The path of the site's emblem; empty where it has none."""
    name = settings.kiosk.look.emblem
    path = Path(settings.config_dir) / name
    return str(path) if name and path.is_file() else ""


def _pictures_folder(settings: Settings) -> Path:
    return Path(settings.config_dir) / settings.kiosk.attract.pictures
