"""The staff screen: the machine's state at the left, what staff can do at the right.

Each page is a list of keys and, in the area at the left, rows of state or a list to choose from. A
task under way switches the keys off; its result is the first row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from kiosk.domain.events import DoneTapped, Event
from kiosk.domain.modes import VOLUMES
from kiosk.domain.staff import (
    StaffAction,
    StaffPage,
    StaffPageAsked,
)
from kiosk.domain.visit_screens import (
    Staff,
)
from kiosk.screens.agencies_plan import Rect
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.screens.staff_keys import (
    KeySpec,
    done_key,
    leave_keys,
    listed_keys,
    pager_keys,
    task_event,
)
from kiosk.screens.staff_pause import pause_choices, pause_head, pause_keys, pause_list
from kiosk.screens.staff_plan import ENTRY_H, TALL_ENTRY_H, StaffPlan, plan_staff
from kiosk.screens.staff_state import RowText, printer_row, result_rows, state_rows
from kiosk.screens.staff_usb import ICON, usable, usb_pages
from kiosk.ui.i18n import DOT
from kiosk.widgets.reading import Reading, nonempty, reachable
from kiosk.widgets.staff_parts import StaffKey, StateRow
from kiosk.widgets.text import Text
from kiosk.widgets.text_fit import measure

PAPER_STEPS = (
    ("printer-pos-wrench-outline", "staff.paper.1"),
    ("paper-roll-outline", "staff.paper.2"),
    ("printer-pos-check-outline", "staff.paper.3"),
)
ROW_PAD_MM = 5.0
ROW_ICON_MM = 25.0
"""Width of a row that its text does not use."""

SIZES = ((True, 8), (True, 4), (False, 6), (False, 3), (False, 2))
"""Large letters or not, and how many closed days are named: the first that fits is taken."""

MOODS = ("good", "info", "warn")


class StaffView(ScreenView):
    """All pages of the staff screen but the PIN pad."""

    staff = True

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._rows: list[StateRow] = []
        self._keys: list[StaffKey] = []
        self._titles: list[Text] = []
        self._view_context: ViewContext | None = None
        self._last: StaffKey | None = None
        self._big = False
        for name in ("pos", "size", "look"):
            self.fbind(name, self._again)

    def head(self, context: ViewContext) -> HeaderText:
        """MENU PETUGAS."""
        site = context.phrases.local(context.snapshot.catalogue.site.name)
        return HeaderText(context.phrases.say("staff.title"), site, "shield-key-outline")

    def fill(self, context: ViewContext) -> None:
        """Show the page."""
        self._view_context = context
        screen = context.visit.screen
        if not isinstance(screen, Staff):
            return
        plan = plan_staff(self.space)
        rows: list[tuple[RowText, Rect]] = []
        titles: list[tuple[str, Rect]] = []
        self._big = False
        entries: list[tuple[KeySpec, Rect]] = []
        match screen.page:
            case StaffPage.MENU:
                rows = self._state(screen, context, plan)
                keys = _menu_keys(context)
            case StaffPage.PAPER:
                steps = list(_paper_rows(screen, context))
                big = plan.spare(self._heights(steps, plan, big=True)) >= 0
                rows = self._stacked(steps, plan, big=big)
                keys = [_test_key(context), *leave_keys(context)]
            case StaffPage.SLIPS:
                head = self._head(_slips_head(screen, context), plan)
                rows, listed = [head], _slips(context)
                places = plan.entries(head[1], TALL_ENTRY_H)
                entries, keys = listed_keys(screen, listed, places, context)
            case StaffPage.VOLUME:
                rows = self._stacked(_volume_rows(screen, context), plan, big=True)
                keys = [*_volume_keys(context), *leave_keys(context)]
            case StaffPage.END:
                rows = self._stacked(_end_rows(screen, context), plan, big=True)
                keys = [*_end_keys(context), *leave_keys(context)]
            case StaffPage.USB:
                rows, keys = self._usb(screen, context, plan)
            case StaffPage.PAUSE if screen.service:
                head = self._head(pause_head(screen, context), plan)
                rows = [head]
                titles, entries = pause_choices(screen, plan, head[1], context)
                keys = [*pause_keys(screen, context), *leave_keys(context, main=False)]
            case StaffPage.PAUSE:
                words, listed = pause_list(screen, context)
                head = self._head(words, plan)
                rows = [head]
                places = plan.entries(head[1], TALL_ENTRY_H if screen.agency else ENTRY_H)
                entries, keys = listed_keys(screen, listed, places, context)
        self._show_rows(rows)
        self._show_titles(titles)
        self._show_keys([*entries, *zip(keys, plan.keys(len(keys)), strict=True)], screen)
        self.count(context.left_s)

    def reading(self) -> Reading:
        """The rows and titles, then the keys in the order in which they are laid out."""
        rows = (text for row in self._rows if row.parent for text in (row.title, row.text))
        notes = nonempty(*rows, *(title.text for title in self._titles if title.parent))
        return Reading(notes=notes, items=reachable(*self._keys))

    def count(self, left_s: int | None) -> None:
        """Show on the last key after how many seconds the page ends by itself."""
        if self._last is not None and self._view_context is not None and left_s is not None:
            self._last.note = self._view_context.phrases.say("staff.ends", n=left_s)

    def _state(
        self, screen: Staff, context: ViewContext, plan: StaffPlan
    ) -> list[tuple[RowText, Rect]]:
        """The state in the largest of ``SIZES`` that fits. Where none does, rows are left out that
        say nothing is wrong, then others, the last ones first."""
        for big, days in SIZES:
            rows = state_rows(screen, context, days)
            if plan.spare(self._heights(rows, plan, big=big)) >= 0:
                return self._stacked(rows, plan, big=big)
        while plan.spare(self._heights(rows, plan, big=False)) < 0:
            rows.remove(min(reversed(rows), key=lambda row: MOODS.index(row.mood)))
        return self._stacked(rows, plan, big=False)

    def _usb(
        self, screen: Staff, context: ViewContext, plan: StaffPlan
    ) -> tuple[list[tuple[RowText, Rect]], list[KeySpec]]:
        """A page about a USB stick with its keys: read again, use the files, leave."""

        def fits(rows: list[RowText]) -> bool:
            return plan.spare(self._heights(rows, plan, big=False)) >= 0

        pages = usb_pages(screen, context, fits)
        page = min(screen.list_page, len(pages) - 1)
        keys = [
            KeySpec(context.phrases.say("staff.usb.read"), task_event(StaffAction.USB_READ), ICON)
        ]
        accept = usable(screen, context)
        if accept is not None:
            label = context.phrases.say("staff.usb.use")
            keys.append(KeySpec(label, accept, "file-check-outline", main=True))
        leave = leave_keys(context, main=accept is None)
        keys += [*pager_keys(page, len(pages), context), *leave]
        return self._stacked(pages[page], plan, big=False), keys

    def _head(self, row: RowText, plan: StaffPlan) -> tuple[RowText, Rect]:
        """The row above a list with its place."""
        return row, plan.head(self._heights([row], plan, big=False)[0])

    def _stacked(
        self, rows: list[RowText], plan: StaffPlan, *, big: bool
    ) -> list[tuple[RowText, Rect]]:
        """The rows with their places, each as high as its text."""
        self._big = big
        return list(zip(rows, plan.rows(self._heights(rows, plan, big=big)), strict=True))

    def _heights(self, rows: list[RowText], plan: StaffPlan, *, big: bool) -> tuple[float, ...]:
        """The heights in millimetres that the rows' texts need."""
        look = self.look
        scale, room = look.metrics.px_per_mm, look.mm(plan.area.w - ROW_ICON_MM)
        title_px, text_px = (look.heading, look.name) if big else (look.name, look.body)

        def lines(text: str, weight: str, px: int) -> int:
            # Lines break between words, so each line but the last loses a part of its width.
            width = measure(text, weight, int(px)) if text else 0
            return math.ceil(width * (1.0 if width <= room else 1.12) / room)

        return tuple(
            (
                lines(row.title, "bold", title_px) * look.line(title_px)
                + lines(row.text, "regular", text_px) * look.line(text_px)
            )
            / scale
            + ROW_PAD_MM
            for row in rows
        )

    def _show_rows(self, rows: list[tuple[RowText, Rect]]) -> None:
        self.keep(self._rows, len(rows), lambda: StateRow(look=self.look))
        for widget, (row, place) in zip(self._rows, rows, strict=False):
            self.put(widget, place)
            widget.mood, widget.icon, widget.big = row.mood, row.icon, self._big
            widget.title, widget.text = row.title, row.text

    def _show_titles(self, titles: list[tuple[str, Rect]]) -> None:
        self.keep(self._titles, len(titles), self._title)
        for widget, (words, place) in zip(self._titles, titles, strict=False):
            widget.px, widget.ink = self.look.body, self.look.colour.soft_text
            widget.text = words
            self.put(widget, place)

    def _title(self) -> Text:
        return Text(look=self.look, weight="semibold")

    def _show_keys(self, keys: list[tuple[KeySpec, Rect]], screen: Staff) -> None:
        self.keep(self._keys, len(keys), lambda: StaffKey(look=self.look, emit=self.emit))
        self._last = None
        for widget, (key, place) in zip(self._keys, keys, strict=False):
            self.put(widget, place)
            widget.label, widget.note, widget.icon = key.label, key.note, key.icon
            widget.main, widget.chosen = key.main, key.chosen
            widget.event = key.event if screen.doing is None else None
            if isinstance(key.event, DoneTapped):
                self._last = widget

    def _again(self, *_: object) -> None:
        if self._view_context is not None:
            self.fill(self._view_context)


def _test_key(context: ViewContext) -> KeySpec:
    return KeySpec(
        context.phrases.say("staff.test"), task_event(StaffAction.TEST), "printer-pos-check-outline"
    )


def _menu_keys(context: ViewContext) -> list[KeySpec]:
    say, facts = context.phrases.say, context.snapshot.staff
    page = {p: StaffPageAsked(p) for p in StaffPage}
    close = KeySpec(say("staff.close"), task_event(StaffAction.CLOSE), "door-closed-lock")
    if facts.machine_closed:
        close = KeySpec(say("staff.open"), task_event(StaffAction.OPEN), "door-open")
    reload_ = KeySpec(say("staff.reload"), task_event(StaffAction.RELOAD), "file-refresh-outline")
    if facts.menu_waits:
        reload_ = KeySpec(say("staff.accept"), task_event(StaffAction.ACCEPT), "file-check-outline")
    return [
        _test_key(context),
        KeySpec(say("staff.reprint"), page[StaffPage.SLIPS], "content-copy"),
        KeySpec(say("staff.change_paper"), page[StaffPage.PAPER], "paper-roll-outline"),
        close,
        KeySpec(say("staff.pause"), page[StaffPage.PAUSE], "pause-circle-outline"),
        reload_,
        KeySpec(say("staff.usb"), task_event(StaffAction.USB_READ), ICON),
        KeySpec(say("staff.volume"), page[StaffPage.VOLUME], "volume-high"),
        KeySpec(say("staff.end"), page[StaffPage.END], "power"),
        done_key(context),
    ]


def _volume_rows(screen: Staff, context: ViewContext) -> list[RowText]:
    """A failure, and the volume."""
    phrases, step = context.phrases, context.snapshot.staff.volume
    failed = screen.result if screen.result is not None and not screen.result.done else None
    title = phrases.say("staff.volume.level", n=step + 1, m=VOLUMES)
    level = RowText("info", "volume-high", title, phrases.say("staff.volume.text"))
    return [*result_rows(None, failed, phrases), level]


def _volume_keys(context: ViewContext) -> list[KeySpec]:
    """Louder and softer; a key that would change nothing is off."""
    say, step = context.phrases.say, context.snapshot.staff.volume
    louder = task_event(StaffAction.LOUDER) if step < VOLUMES - 1 else None
    softer = task_event(StaffAction.SOFTER) if step > 0 else None
    return [
        KeySpec(say("staff.volume.louder"), louder, "volume-plus"),
        KeySpec(say("staff.volume.softer"), softer, "volume-minus"),
    ]


def _end_rows(screen: Staff, context: ViewContext) -> list[RowText]:
    phrases = context.phrases
    about = RowText("info", "power", phrases.say("staff.end"), phrases.say("staff.end_text"))
    return [*result_rows(screen.doing, screen.result, phrases), about]


def _end_keys(context: ViewContext) -> list[KeySpec]:
    say = context.phrases.say
    return [
        KeySpec(say("staff.restart"), task_event(StaffAction.RESTART), "restart"),
        KeySpec(say("staff.quit"), task_event(StaffAction.QUIT), "power"),
    ]


def _paper_rows(screen: Staff, context: ViewContext) -> Iterator[RowText]:
    phrases = context.phrases
    yield from result_rows(screen.doing, screen.result, phrases)
    for number, (icon, key) in enumerate(PAPER_STEPS, start=1):
        yield RowText("info", icon, f"{number}. {phrases.say(key)}", phrases.say(f"{key}_text"))
    yield printer_row(context.snapshot, phrases)


# ── lists ────────────────────────────────────────────────────────────────────────────────


def _slips_head(screen: Staff, context: ViewContext) -> RowText:
    say, slips = context.phrases.say, context.snapshot.staff.slips
    rows = list(result_rows(screen.doing, screen.result, context.phrases))
    if rows:
        return rows[0]
    key = "staff.slips_text" if slips else "staff.slips_none"
    return RowText("info", "content-copy", say("staff.slips"), say(key))


def _slips(context: ViewContext) -> list[KeySpec]:
    phrases, made = context.phrases, []
    for slip in context.snapshot.staff.slips:
        found = context.snapshot.catalogue.service(slip.service)
        name = phrases.short_name(found.agency) if found else slip.service
        label = DOT.join((slip.number, phrases.time(slip.issued_at)))
        made.append(KeySpec(label, task_event(StaffAction.REPRINT, slip.id), note=name))
    return made
