"""The live state of the queue from the server: people waiting, waiting time, numbers left."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from menu.local_text import LocalText

FRESH_S = 30.0
"""Live state older than this is not shown: a wrong figure is worse than none."""


@dataclass(frozen=True, slots=True)
class ServiceLive:
    """One service now, as the server has it; None where it does not say.

    ``waiting``: people; ``wait_minutes``: (from, to); ``now_serving``: a number as visitors read
    it. ``open`` False: no numbers now, ``reason`` (a code) and ``until`` (aware) say why and how
    long. ``quota_left``: numbers left now. ``words``: the reason as visitors read it.
    ``given_day``, ``given_hour``: numbers given today and in this hour, where a quota counts hours.
    """

    waiting: int | None = None
    wait_minutes: tuple[int, int] | None = None
    now_serving: str | None = None
    open: bool = True
    reason: str | None = None
    until: datetime | None = None
    quota_left: int | None = None
    words: LocalText | None = None
    given_day: int | None = None
    given_hour: int | None = None


PAUSED = "paused"
"""The contract's reason for a service that staff have paused."""

QUOTA_FULL = "quota_full"
"""The contract's reason for a service without numbers left."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The queue before a new number: people, and minutes (from, to); None: unknown."""

    people: int
    wait_minutes: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class NumbersLeft:
    """What a limit leaves of a service's numbers, as this kiosk counts; below 0 after an overshoot.

    ``again``: when numbers are given again once there are none, as far as known. ``own``: no server
    counts today, so this count is the only one.
    """

    numbers: int
    again: datetime | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class WaitSpan:
    """A waiting time as it is said: ``low`` to ``high`` minutes, or hours when ``hours``.

    Minutes are multiples of 5, hours of 0.5; ``low`` equals ``high`` where one figure says it.
    """

    low: float
    high: float
    hours: bool = False


def wait_span(minutes: tuple[int, int]) -> WaitSpan:
    """Round an estimate in minutes (from, to): "440 to 550 minutes" is too exact to be useful.

    The end is rounded up, so that the screen never shows less than the estimate.
    """
    low, high = minutes
    if high > 60:
        most = math.ceil(high / 30) / 2
        return WaitSpan(min(most, max(0.5, round(low / 30) / 2)), most, hours=True)
    most = max(5, math.ceil(high / 5) * 5)
    return WaitSpan(min(most, round(low / 5) * 5), most)


_NOTHING: Mapping[str, ServiceLive] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Live:
    """All services at one moment. Never changed once made: any thread may read it.

    ``at_s``: when it was heard, in seconds of the clock that ``of`` is asked with.
    ``in_touch``: whether numbers come from the server now; ``linked``: whether there is one.
    """

    services: Mapping[str, ServiceLive] = field(default_factory=lambda: _NOTHING)
    at_s: float = float("-inf")
    in_touch: bool = False
    linked: bool = False

    @property
    def cut_off(self) -> bool:
        """Whether there is a server and the kiosk is offline."""
        return self.linked and not self.in_touch

    def shown(self, now_s: float, left: Mapping[str, NumbersLeft]) -> Live:
        """What may be shown at ``now_s``: nothing older than 30 s, but the numbers ``left``.

        ``left``: by service, as this kiosk counts them down; they hold however old the rest is.
        """
        fresh = 0 <= now_s - self.at_s <= FRESH_S
        services = dict(self.services) if fresh else {}
        for code, n in left.items():
            services[code] = _counted(services.get(code, ServiceLive()), n)
        return replace(self, services=services)

    def paused(self, pauses: Mapping[str, tuple[datetime, LocalText]]) -> Live:
        """With the services that staff have paused on this machine: until when, and why."""
        if not pauses:
            return self
        services = dict(self.services)
        for code, (until, words) in pauses.items():
            state = services.get(code, ServiceLive())
            services[code] = replace(state, open=False, reason=PAUSED, until=until, words=words)
        return replace(self, services=services)

    def of(self, service: str, now_s: float) -> ServiceLive | None:
        """The state of a service code at ``now_s``; None when unknown or older than 30 s."""
        if not 0 <= now_s - self.at_s <= FRESH_S:
            return None
        return self.services.get(service)


def _counted(state: ServiceLive, left: NumbersLeft) -> ServiceLive:
    """``state`` with this kiosk's own count of the numbers left.

    No numbers left means full, even if the server's state is older and says otherwise. A service
    that the server reports full stays full, because the server may have a rule that this kiosk's
    menu does not know; except while the server's numbers do not count.
    """
    n = max(0, left.numbers)
    if n == 0 and state.open:
        return replace(state, quota_left=0, open=False, reason=QUOTA_FULL, until=left.again)
    if n and state.reason == QUOTA_FULL:
        if not left.own:
            return state
        return replace(state, quota_left=n, open=True, reason=None, until=None)
    return replace(state, quota_left=n)


NOT_LIVE = Live()
"""Nothing heard, or no server."""
