"""A conformance case, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kiosk.messages import Text

if TYPE_CHECKING:
    from kiosk.conformance.session import ConformanceSession

Play = Callable[["ConformanceSession"], None]


class Need(Enum):
    """What a server that fails a case must do: change in any case (MANDATORY), change or not offer
    the part (OFFERED), or consider it (OPTIONAL)."""

    MANDATORY = "mandatory"
    OFFERED = "offered"
    OPTIONAL = "optional"


class CaseEnd(Enum):
    """How a case ended. NOT_OFFERED: the server does not have that optional part. NOT_RUN: what it
    needs is missing."""

    PASSED = "passed"
    DIFFERS = "differs"
    NOT_OFFERED = "not_offered"
    NOT_RUN = "not_run"


class Interruption(Exception):
    """Ends a case early. ``text``: why, for the report."""

    end = CaseEnd.DIFFERS
    warns = False

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class Differs(Interruption):
    """The server does something else than the protocol says."""


class NoAnswer(Differs):
    """The request got no reply: no connection, cut short, or not within the deadline."""


class NotOffered(Interruption):
    """The server does not have this optional part."""

    end = CaseEnd.NOT_OFFERED


class NotRun(Interruption):
    """The case cannot be played: the server gave no letter or number that it needs."""

    end = CaseEnd.NOT_RUN
    warns = True


class NotPrepared(Interruption):
    """The case was not asked for: it needs a further token, or a state that the server has not."""

    end = CaseEnd.NOT_RUN


@dataclass(frozen=True, slots=True)
class ConformanceCase:
    """``name``: its title is the text ``check_server.case.<name>``. ``rule``: of docs/protocol.md,
    which says what breaks without it; empty for none."""

    name: str
    need: Need
    rule: str
    play: Play


@dataclass(frozen=True, slots=True)
class CaseResult:
    """``text``: what differs, or why the case was not played; empty after a pass. ``incomplete``:
    the case should have been played and could not. ``silent``: the server did not reply."""

    case: ConformanceCase
    end: CaseEnd
    text: Text = ""
    incomplete: bool = False
    silent: bool = False

    @property
    def bad(self) -> bool:
        """Whether a kiosk must not be connected to this server."""
        return self.end is CaseEnd.DIFFERS and self.case.need is not Need.OPTIONAL

    @property
    def warning(self) -> bool:
        """Whether the result is advice, or a case that could not be played."""
        advice = self.end is CaseEnd.DIFFERS and self.case.need is Need.OPTIONAL
        return advice or self.incomplete


class CaseList(list[ConformanceCase]):
    """The cases of one module, in the order in which they are played."""

    def add(self, need: Need, rule: str = "") -> Callable[[Play], Play]:
        """Decorator: the function plays the case of its name, and raises an Interruption unless
        the server does what the protocol says."""

        def added(play: Play) -> Play:
            self.append(ConformanceCase(play.__name__, need, rule, play))
            return play

        return added
