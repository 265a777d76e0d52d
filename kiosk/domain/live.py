"""What the server last said of each service: waiting, range of waiting time, numbers left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

FRESH_S = 30.0
"""Live state older than this is not shown: a wrong figure is worse than none."""


@dataclass(frozen=True, slots=True)
class ServiceLive:
    """One service now, as the server has it; None where it does not say.

    ``waiting``: people; ``wait_minutes``: (from, to); ``now_serving``: a number as visitors read
    it. ``open`` False: no numbers now, ``reason`` (a code) and ``until`` (aware) say why and how
    long. ``quota_left``: numbers left today.
    """

    waiting: int | None = None
    wait_minutes: tuple[int, int] | None = None
    now_serving: str | None = None
    open: bool = True
    reason: str | None = None
    until: datetime | None = None
    quota_left: int | None = None


_NOTHING: Mapping[str, ServiceLive] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Live:
    """All services at one moment. Never changed once made: any thread may read it.

    ``at_s``: when it was heard, in seconds of the clock that ``of`` is asked with.
    ``in_touch``: whether numbers come from the server now.
    """

    services: Mapping[str, ServiceLive] = field(default_factory=lambda: _NOTHING)
    at_s: float = float("-inf")
    in_touch: bool = False

    def of(self, service: str, now_s: float) -> ServiceLive | None:
        """The state of a service code at ``now_s``; None when unknown or older than 30 s."""
        if not 0 <= now_s - self.at_s <= FRESH_S:
            return None
        return self.services.get(service)


NOT_LIVE = Live()
"""Nothing heard, or no server."""
