"""What ``kiosk doctor`` concludes from the state of each part: good or not, and what to do.

Pure functions of values, so that each fault can be tested without causing it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kiosk.domain.health import NO_FRAME_S
from kiosk.messages import Say

LITTLE_DISK_MB, LOW_DISK_MB = 1000, 100
DAY_S = 24 * 3600
MOST_NAMED = 3

LEAVES_THE_APP = frozenset(
    {
        *("gnome-shell", "kwin_x11", "kwin_wayland", "mutter", "openbox", "xfwm4", "marco"),
        *("lxqt-session", "labwc", "wayfire", "sway", "i3", "fluxbox", "icewm", "metacity"),
    }
)
"""Window managers with key combinations or gestures that leave a fullscreen app. cage has none."""


PARTS = (
    *("app", "printer", "paper", "mouth", "server", "numbers", "parked", "clock", "disk", "call"),
    *("screen", "touch", "notice"),
    *("settings", "calendar", "windows", "update"),
)
"""What is looked at, in the order of the report."""


class State(Enum):
    """How serious a finding is: GOOD needs nothing, BAD keeps numbers or paper from visitors."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """``part``: of the machine, one of PARTS. ``text``: what is found. ``action``: what
    to do; empty where nothing is to do."""

    part: str
    state: State
    text: str
    action: str = ""


def worst(findings: Sequence[Finding]) -> State:
    """The most serious state; GOOD without findings."""
    order = list(State)
    return max((finding.state for finding in findings), key=order.index, default=State.GOOD)


def of_status(answer: Mapping[str, Any], say: Say) -> Iterator[Finding]:
    """The findings in an answer of ``kiosk status --json``."""
    yield _app(answer, say)
    yield from _printer(answer["printer"], say)
    yield _server(answer["server"], say)
    yield from _numbers(answer, say)
    yield _clock(answer["clock"], say)
    yield _disk(answer["disk"]["free_mb"], say)
    if answer["screen"] is not None:
        yield from _screen(answer["screen"], say)
    if answer["staff_call"]:
        yield Finding("call", State.WARNING, say("doctor.call"), say("doctor.call_action"))
    for notice in answer["notices"]:
        yield Finding("notice", State.WARNING, str(notice), say("doctor.notice_action"))


def of_service(answer: Mapping[str, Any], findings: Sequence[Finding], say: Say) -> list[Finding]:
    """A finding where the machine gives no numbers and no other one says so."""
    if answer["state"] != "out_of_service" or worst(findings) is State.BAD:
        return []
    return [Finding("numbers", State.BAD, say("doctor.barred"), say("doctor.notice_action"))]


def _app(answer: Mapping[str, Any], say: Say) -> Finding:
    if answer["running"]:
        return Finding("app", State.GOOD, say("doctor.running"))
    return Finding("app", State.BAD, say("doctor.stopped"), say("doctor.stopped_action"))


def _printer(said: Mapping[str, Any], say: Say) -> Iterator[Finding]:
    if said["at"] is None:
        yield Finding("printer", State.WARNING, say("doctor.printer_unknown"))
    elif said["fault"]:
        text = say(f"fault.{said['fault']}")
        text = f"{text} ({said['detail']})" if said["detail"] else text
        yield Finding("printer", State.BAD, text, say(f"action.{said['fault']}"))
    else:
        text = say("doctor.printer", level=said["level"], connection=said["connection"])
        yield Finding("printer", State.GOOD, text)
        if said["near_end"]:
            left = said["slips_left"]
            low = say("status.paper_low") if left is None else say("status.paper_left", n=left)
            yield Finding("paper", State.WARNING, low, say("doctor.paper_action"))
    if said["not_taken"]:
        text = say("status.not_taken", n=said["not_taken"])
        yield Finding("mouth", State.WARNING, text, say("doctor.mouth_action"))


def _server(said: Mapping[str, Any] | None, say: Say) -> Finding:
    if said is None:
        return Finding("server", State.GOOD, say("status.no_server"))
    if said["revoked"]:
        return Finding("server", State.BAD, say("doctor.revoked"), say("doctor.enroll_action"))
    if said["in_touch"]:
        return Finding("server", State.GOOD, say("doctor.server", url=said["url"]))
    text = say("doctor.server_away", url=said["url"], why=said["problem"] or "-")
    return Finding("server", State.WARNING, text, say("doctor.server_action"))


def _numbers(answer: Mapping[str, Any], say: Say) -> Iterator[Finding]:
    said = answer["tickets"]
    if said["today"] is None:
        yield Finding("numbers", State.BAD, say("doctor.no_journal"), say("doctor.journal_action"))
        return
    text = say("doctor.numbers", n=said["today"], pending=said["pending"])
    yield Finding("numbers", State.GOOD, text)
    if said["parked"]:
        text = say("status.parked", n=said["parked"])
        yield Finding("parked", State.WARNING, text, say("doctor.parked_action"))


def _clock(said: Mapping[str, Any], say: Say) -> Finding:
    if not said["believed"]:
        return Finding("clock", State.BAD, say("status.clock_wrong"), say("doctor.clock_action"))
    if said["confirmed"]:
        return Finding("clock", State.GOOD, say("status.clock_good", now=said["now"]))
    text = say("status.clock_alone", now=said["now"])
    state = State.WARNING if said["unconfirmed_s"] >= DAY_S else State.GOOD
    return Finding("clock", state, text, say("doctor.clock_action"))


def _disk(free_mb: int, say: Say) -> Finding:
    state = State.GOOD
    if free_mb < LITTLE_DISK_MB:
        state = State.BAD if free_mb < LOW_DISK_MB else State.WARNING
    action = "" if state is State.GOOD else say("doctor.disk_action")
    return Finding("disk", state, say("status.disk", n=free_mb), action)


def _screen(said: Mapping[str, Any], say: Say) -> Iterator[Finding]:
    frame_s, trouble = said["last_frame_s"], said["touch_trouble"]
    if frame_s is None or frame_s > NO_FRAME_S:
        text = say("doctor.screen_frozen")
        yield Finding("screen", State.BAD, text, say("doctor.screen_action"))
    elif said["frames_failed"]:
        text = say("status.frames_failed", n=said["frames_failed"])
        yield Finding("screen", State.WARNING, text, say("doctor.screen_action"))
    else:
        yield Finding("screen", State.GOOD, say("status.frame", n=round(frame_s)))
    if trouble is not None:
        text = say("status.touches_dropped", n=said["touches_dropped"])
        yield Finding("touch", State.WARNING, text, say(f"touch.{trouble}"))


def of_settings(
    errors: Sequence[str], warnings: Sequence[str], summary: str, running: bool, say: Say
) -> Iterator[Finding]:
    """The settings files: their errors and warnings as ``kiosk check`` prints them."""
    if errors:
        text = say("doctor.settings_broken", n=len(errors), first=errors[0])
        state = State.WARNING if running else State.BAD
        yield Finding("settings", state, text, say("doctor.settings_action"))
        return
    yield Finding("settings", State.GOOD, say("doctor.settings", summary=summary))
    if warnings:
        text = say("doctor.settings_warnings", n=len(warnings), first=warnings[0])
        yield Finding("settings", State.WARNING, text, say("doctor.settings_action"))


def of_year(notices: Sequence[str], closed: int, say: Say) -> Finding:
    """``notices``: holidays that the menu does not say. ``closed``: closed days that are near."""
    if not notices:
        return Finding("calendar", State.GOOD, say("doctor.calendar", n=closed))
    text = "; ".join(notices[:MOST_NAMED])
    return Finding("calendar", State.WARNING, text, say("doctor.calendar_action"))


def of_programs(names: Sequence[str], say: Say) -> Finding:
    """``names``: the programs that run on this machine."""
    found = sorted(LEAVES_THE_APP.intersection(names))
    if not found:
        return Finding("windows", State.GOOD, say("doctor.windows"))
    text = say("doctor.windows_open", names=", ".join(found))
    return Finding("windows", State.WARNING, text, say("doctor.windows_action"))


def of_update(tried: str, say: Say) -> list[Finding]:
    """``tried``: what libexec/update notes of a release that did not work at night: its version
    and a hash; empty without one."""
    if not tried.strip():
        return []
    text = say("doctor.update_failed", version=tried.split()[0])
    return [Finding("update", State.WARNING, text, say("doctor.update_action"))]
