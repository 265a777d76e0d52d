"""State of the kiosk's parts: values for the screen, for staff and for the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kiosk.domain.delivery import Fault, Level
from kiosk.messages import Text

UNRESPONSIVE = frozenset({Fault.UNREACHABLE, Fault.MUTE, Fault.GARBLED})
"""Faults of a printer that cannot be asked: asking again costs seconds."""

UNRESPONSIVE_S = 10.0
"""How long an unresponsive printer is not asked again while a visitor waits."""


@dataclass(frozen=True, slots=True)
class PrinterHealth:
    """The printer's last known state.

    ``fault`` is None when a slip may be sent. ``at`` is when it was asked (aware), None before
    the first answer. ``held``: an uncertain slip keeps later ones from being sent;
    ``cleared`` is the number of the last hold that ended because the printer confirmed an empty
    buffer (``PrintResult.hold``). ``slips_left`` is an estimate, once the paper is near its end
    and the moment when it became so is known. ``has_mouth``: a kiosk printer, which reports
    whether a slip is in its mouth (``in_mouth``); ``not_taken`` counts the slips that were not
    taken in time since the printer was opened.
    """

    level: Level = Level.BLIND
    fault: Fault | None = None
    near_end: bool = False
    at: datetime | None = None
    detail: Text = ""
    held: bool = False
    cleared: int = 0
    slips_left: int | None = None
    has_mouth: bool = False
    in_mouth: bool = False
    not_taken: int = 0

    @property
    def well(self) -> bool:
        """Whether a slip may be sent now."""
        return self.fault is None and not self.held

    @property
    def unresponsive(self) -> bool:
        """Whether the printer cannot be asked: no connection, no answer, or unknown bytes."""
        return self.fault in UNRESPONSIVE

    def skips_visitors(self, age_s: float) -> bool:
        """Whether a slip is refused without asking the printer again.

        The rule for a dead printer: one that was ``unresponsive`` less than UNRESPONSIVE_S ago
        costs no visitor any waiting time. ``age_s``: seconds since it was asked.
        """
        return self.unresponsive and age_s < UNRESPONSIVE_S


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a printer answered in a survey; None: not asked, or no answer.

    ``status`` DLE EOT, ``process_id`` level A's echo, ``in_order`` an answer to ``GS r``;
    ``early``: it answers in-order questions before the paper can be out. ``answer_s``: seconds of
    its longest answer. ``clear`` emptying its buffer on demand, ``watch`` automatic status,
    ``cutter`` a cutter; ``mouth`` how it reports a slip in its mouth (``kiosk.printing.mouth``);
    ``maker`` and ``model`` as the printer names them.
    """

    status: bool | None = None
    process_id: bool | None = None
    in_order: bool | None = None
    early: bool | None = None
    answer_s: float | None = None
    clear: bool | None = None
    watch: bool | None = None
    cutter: bool | None = None
    mouth: str | None = None
    maker: str = ""
    model: str = ""


def no_job_waiting() -> bool:
    """Default of ``Printer.probe(job_waiting)``: no slip is waiting for the printer."""
    return False


CLOCK_DEGRADED_S = 24 * 3600.0
"""A clock that was not confirmed for this long needs a look: the network or its battery fails."""

UNDATED_AFTER_S = 7 * 24 * 3600.0
"""A slip carries no date of a clock that was not confirmed for this long."""


@dataclass(frozen=True, slots=True)
class ClockHealth:
    """The state of the clock.

    ``confirmed``: by the queue server or a synchronised system clock. ``believed``: False for a
    time that cannot be right (``kiosk.clock.SiteClock``). ``unconfirmed_s``: seconds since it was
    last confirmed, or since the kiosk's first start where it never was; 0 while it is confirmed.
    """

    confirmed: bool = True
    believed: bool = True
    unconfirmed_s: float = 0.0

    @property
    def well(self) -> bool:
        """Whether staff need not look at the clock."""
        return self.believed and self.unconfirmed_s < CLOCK_DEGRADED_S

    @property
    def dated(self) -> bool:
        """Whether a slip may carry the date and time of this clock."""
        return self.believed and self.unconfirmed_s < UNDATED_AFTER_S


NO_FRAME_S = 30.0
"""A screen that has drawn nothing for this long gives no numbers: its picture is frozen."""


class TouchTrouble(Enum):
    """What is wrong with the touch panel."""

    GHOST = "ghost"
    """More touches than visitors make: moisture, dirt, or a broken panel."""
    NONE_TODAY = "none_today"
    """No touch in several open hours."""


@dataclass(frozen=True, slots=True)
class ScreenHealth:
    """The state of a screen on which an app draws; ages in seconds.

    ``last_frame_s`` since the last frame (None before the first), ``last_touch_s`` since the last
    touch that was passed on (None without one). ``frames_failed``: turns of the loop and timer
    ticks that failed, and ``touches_dropped``: touches above the rate limit, since the start.
    ``waited_s`` since the last frame or the start of the app.
    """

    last_frame_s: float | None
    frames_failed: int
    last_touch_s: float | None
    touches_dropped: int
    waited_s: float = 0.0
    touch_trouble: TouchTrouble | None = None

    @property
    def frozen(self) -> bool:
        """Whether no frame was drawn for NO_FRAME_S, although frames are due."""
        return self.waited_s > NO_FRAME_S


def screen_values(screen: ScreenHealth | None) -> dict[str, float | int | str | None] | None:
    """The screen's health as JSON values, for ``kiosk status --json`` and the queue server."""
    if screen is None:
        return None
    touch_s, trouble = screen.last_touch_s, screen.touch_trouble
    return {
        "last_frame_s": None if screen.last_frame_s is None else round(screen.last_frame_s, 1),
        "frames_failed": screen.frames_failed,
        "last_touch_s": None if touch_s is None else round(touch_s, 1),
        "touches_dropped": screen.touches_dropped,
        "touch_trouble": None if trouble is None else trouble.value,
    }
