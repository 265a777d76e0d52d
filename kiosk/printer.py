"""The printer as the rest of the kiosk sees it: ask how it is, print a slip, hear the truth.

PRINTED is said only on the printer's own word, at the level at which this printer can give
it (``Level``); NOT_PRINTED only when nothing of the slip has left the kiosk. All between is
UNCERTAIN, and after it nothing is sent before the printer has thrown away what it held, or
staff say that it is clear: a slip that appears late is never another visitor's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.health import PrinterHealth
from kiosk.domain.slip import Slip
from kiosk.errors import PrinterDeadline, PrinterError, PrinterGarbled, PrinterUnreachable
from kiosk.printing import encoder
from kiosk.printing.dialogue import ASK_SENSOR, Dialogue, ask_process_id, new_ident
from kiosk.printing.network import transport_for
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Album, PictureFinder
from kiosk.printing.replies import PaperSensor, Reply, is_process_id
from kiosk.printing.text import codec_of
from kiosk.printing.transport import Transport

FRESH_S = 1.5
"""A printer found well so recently is not asked again before a slip."""

DEAD_S = 5.0
"""A printer that did not answer so recently is not waited for again by a visitor."""

PROBE_S = 2.5
"""For all questions of one probe, the connection aside."""

ASK_AGAIN_S = 0.5
"""While a slip is under way without a word: how often the printer is asked what is wrong."""

LEAST_S = 1.0
"""A slip is not begun with less time than this before its deadline."""

BLIND_AGAIN_S = 15.0
"""How often a printer that has never answered is asked whether it does now."""

_MEMORY = (Level.PROCESS_ID, Level.QUEUED_STATUS)
"""Levels at which a printer may keep pictures and says which it keeps."""

_DEAD = (Fault.UNREACHABLE, Fault.MUTE, Fault.GARBLED)


class Printer(Protocol):
    """The port. No method raises for a printer's trouble; each keeps its deadline.

    ``probe`` and ``print`` block: they belong in the thread that owns the printer.
    ``release`` may be called from any thread.
    """

    def probe(self) -> PrinterHealth:
        """Ask the printer how it is, connecting where needed; at most connect_s + 2.5 s.

        The first call also loads the encoder. While a slip is under way in another thread
        it answers what was known before.
        """

    def print(self, slip: Slip) -> PrintResult:
        """Print ``slip`` once; at most deadline_s."""

    def release(self) -> None:
        """Staff have looked: no old slip will come. A hold ends."""

    def close(self) -> None:
        """End the connection; what the printer is still taking is not lost."""


def open_printer(
    settings: PrinterSettings,
    *,
    pictures: PictureFinder,
    now: Callable[[], datetime],
    logos: tuple[str, ...] = (),
    suspect: bool = False,
) -> Printer:
    """The printer of ``settings``; nothing is connected before the first call.

    ``pictures`` finds a logo's file; ``logos`` are names to put into the printer's memory
    before the first slip asks for them. ``now`` gives aware times. ``suspect``: an earlier
    process may have left a slip half sent, so the printer begins held back. Raises
    PrinterError for settings that cannot work: address, paper, code page or level unknown.
    """
    codec_of(settings.code_page)
    if settings.level != "auto" and settings.level not in {level.value for level in Level}:
        raise PrinterError(f"printer level {settings.level!r}: expected auto, A, B, C or D")
    album = Album(pictures, paper_of(settings.paper_mm))
    album.wanted.update(logos)
    return DirectPrinter(settings, transport_for(settings.connection), album, now, suspect)


class DirectPrinter:
    """A printer that the kiosk speaks to itself, over one kept connection."""

    def __init__(
        self,
        settings: PrinterSettings,
        transport: Transport,
        album: Album,
        now: Callable[[], datetime],
        suspect: bool = False,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._dialogue = Dialogue(transport)
        self._album = album
        self._now = now
        self._lock = threading.Lock()
        self._fixed = None if settings.level == "auto" else Level(settings.level)
        self._level: Level | None = self._fixed
        self._level_proved = False
        self._connected = False
        self._has_answered = False
        self._asked_at = -DEAD_S
        self._blind_at = 0.0
        self._health = PrinterHealth(level=self._level or Level.BLIND, held=suspect)
        self._held = suspect
        self._cleared = False
        self._released = False
        # Bytes of a broken job that the printer may still be waiting for; None: no such job.
        self._broken: int | None = 0 if suspect else None
        self._stored_asked = False

    # -- the port ---------------------------------------------------------------------

    def probe(self) -> PrinterHealth:
        """See Printer."""
        if not self._lock.acquire(blocking=False):
            return self._health
        try:
            health = self._look(_in(self._settings.connect_s + PROBE_S), thorough=True)
            encoder.warm_up()
            if health.well:
                self._store_pictures()
            return self._health
        finally:
            self._lock.release()

    def print(self, slip: Slip) -> PrintResult:
        """See Printer."""
        deadline = _in(self._settings.deadline_s)
        if not self._lock.acquire(timeout=self._settings.deadline_s):
            return self._not_printed(Fault.WEDGED, "another slip is still under way")
        try:
            return self._print(slip, deadline)
        finally:
            self._lock.release()

    def release(self) -> None:
        """See Printer."""
        if self._held:
            self._released = True

    def close(self) -> None:
        """See Printer."""
        with self._lock:
            self._disconnect()

    # -- asking -----------------------------------------------------------------------

    def _look(self, deadline: float, *, thorough: bool) -> PrinterHealth:
        """Find out how the printer is, and remember it."""
        fault: Fault | None = None
        near_end, detail = False, ""
        self._end_hold_if_released()
        try:
            fault, near_end = self._ask_all(deadline, thorough=thorough)
        except PrinterError as error:
            fault, detail = self._fault_of(error), str(error)
            self._disconnect()
        if self._held and self._cleared and fault is None:
            self._held = False
        self._asked_at = time.monotonic()
        self._health = PrinterHealth(
            self._level or Level.BLIND, fault, near_end, self._now(), detail, self._held
        )
        return self._health

    def _ask_all(self, deadline: float, *, thorough: bool) -> tuple[Fault | None, bool]:
        self._connect(deadline)
        if not self._speaks():
            self._level = Level.BLIND
            return None, False
        if self._held and not self._cleared:
            self._cleared = self._dialogue.clear(deadline)
            self._renew(deadline)
        if not self._has_answered and self._level is None:
            if not self._dialogue.answers(deadline):
                self._renew(deadline)
                self._blind_at = time.monotonic()
                self._level = Level.BLIND
                return None, False
            self._has_answered = True
        status = self._dialogue.status(deadline)
        self._has_answered = True
        unknown = self._level is None or (thorough and not self._level_proved)
        if status.fault is None and not self._held and unknown and self._fixed is None:
            self._find_level(deadline)
        return status.fault, status.near_end

    def _speaks(self) -> bool:
        """Whether this printer is to be asked at all."""
        if not self._transport.two_way or self._fixed is Level.BLIND:
            return False
        if self._fixed is None and self._level is Level.BLIND and not self._has_answered:
            if time.monotonic() - self._blind_at < BLIND_AGAIN_S:
                return False
            self._level = None
        return True

    def _find_level(self, deadline: float) -> None:
        """The highest level at which the printer, well at this moment, keeps its word."""
        if self._dialogue.echoes(deadline):
            self._level = Level.PROCESS_ID
        else:
            self._renew(deadline)
            self._level = Level.QUEUED_STATUS if self._dialogue.senses(deadline) else Level.STATUS
            self._renew(deadline)
        self._level_proved = True

    def _store_pictures(self) -> None:
        """Put logos into the printer's memory, if it has one and says so afterwards."""
        if not self._transport.two_way or self._level not in _MEMORY:
            return
        deadline = _in(PROBE_S)
        try:
            if self._album.wanted and not self._stored_asked:
                self._album.stored = self._dialogue.keys(deadline) or frozenset()
                self._stored_asked = True
                self._can_store = not self._dialogue.stale
                self._renew(deadline)
            missing = self._album.missing() if self._can_store else []
            for picture in missing:
                self._transport.write_all(picture.define(), deadline)
            if missing:
                self._album.stored = self._dialogue.keys(deadline) or frozenset()
                self._can_store = False
                self._renew(deadline)
        except PrinterError:
            self._disconnect()

    _can_store = False

    # -- printing ---------------------------------------------------------------------

    def _print(self, slip: Slip, deadline: float) -> PrintResult:
        self._end_hold_if_released()
        if self._held:
            return self._not_printed(Fault.HELD_BACK, "an earlier slip is uncertain")
        try:
            encoded = encoder.encode(
                slip, self._settings.paper_mm, self._settings.code_page, self._album.commands
            )
        except PrinterError as error:
            return self._not_printed(Fault.ERROR, str(error))
        fault = self._fault_before_job(deadline)
        if fault is not None:
            return self._not_printed(fault, self._health.detail)
        if deadline - time.monotonic() < min(LEAST_S, self._settings.deadline_s / 4):
            return self._not_printed(Fault.MUTE, "too slow to begin a slip in time")
        level = self._level or Level.BLIND
        ident = new_ident()
        prelude = self._prelude()
        job = prelude + encoded + _mark(level, ident)
        already = self._transport.sent
        self._dialogue.forget()
        try:
            self._transport.write_all(job, deadline)
            result = self._judge(level, ident, deadline)
        except PrinterError as error:
            fault = self._fault_of(error)
            if self._transport.sent - already <= len(prelude):
                self._disconnect()
                return self._not_printed(fault, str(error))
            result = PrintResult(Outcome.UNCERTAIN, level, fault, str(error))
        if result.outcome is Outcome.PRINTED:
            self._broken = None
            self._asked_at = time.monotonic()
        else:
            self._hold(len(job), result)
        return result

    def _fault_before_job(self, deadline: float) -> Fault | None:
        """Whether a slip may be sent now; asks again only where the answer has aged."""
        age = time.monotonic() - self._asked_at
        if self._health.fault in _DEAD and age < DEAD_S:
            return self._health.fault
        if self._connected and age < FRESH_S and self._health.well:
            try:
                self._dialogue.hush()
            except PrinterError:
                self._disconnect()
            else:
                return None
        health = self._look(deadline, thorough=False)
        if health.fault is Fault.UNREACHABLE and age < FRESH_S:
            # It was there a moment ago: a printer that drops idle connections.
            health = self._look(deadline, thorough=False)
        return Fault.HELD_BACK if health.held else health.fault

    def _judge(self, level: Level, ident: bytes, deadline: float) -> PrintResult:
        """Wait for the printer's word at ``level``. PrinterError where the way there ends."""
        if level is Level.BLIND:
            if self._transport.two_way:
                self._dialogue.hush()
            return PrintResult(Outcome.PRINTED, level, detail="sent; this printer never answers")
        if level is Level.STATUS:
            fault = self._dialogue.status(deadline).fault
            if fault is None:
                return PrintResult(Outcome.PRINTED, level, detail="sent; no fault seen")
            return PrintResult(Outcome.UNCERTAIN, level, fault, "a fault followed the slip")
        return self._await_word(level, ident, deadline)

    def _await_word(self, level: Level, ident: bytes, deadline: float) -> PrintResult:
        def wanted(reply: Reply) -> bool:
            if level is Level.PROCESS_ID:
                return is_process_id(reply, ident)
            return isinstance(reply, PaperSensor)

        fault: Fault | None = None
        torn: Fault | None = None
        while time.monotonic() < deadline:
            came = self._dialogue.wait(wanted, min(deadline, _in(ASK_AGAIN_S)))
            if came and torn:
                return PrintResult(Outcome.UNCERTAIN, level, torn, "interrupted in mid slip")
            if came and level is Level.PROCESS_ID:
                return PrintResult(Outcome.PRINTED, level)
            try:
                fault = self._dialogue.status(deadline).fault
            except PrinterUnreachable:
                raise
            except PrinterError as error:
                fault = self._fault_of(error)
            if fault in (Fault.PAPER_OUT, Fault.COVER_OPEN):
                # The rest may come on another piece of paper: no longer one slip.
                torn = fault
            sure = not (self._dialogue.rubbish or self._dialogue.stale)
            if came and fault is None and sure:
                return PrintResult(Outcome.PRINTED, level)
            if came and not sure:
                break
        if fault is None:
            fault = Fault.GARBLED if self._dialogue.rubbish else Fault.MUTE
        return PrintResult(Outcome.UNCERTAIN, level, fault, "no word that the slip is complete")

    def _prelude(self) -> bytes:
        """What precedes the first job after a broken one: flush, reset, feed, cut.

        The printer may be in the middle of a command whose data never came: as many NULs as
        the broken job had bytes complete it, and mean nothing otherwise.
        """
        if self._broken is None:
            return b""
        return bytes(self._broken) + b"\x1b@\x1bd\x04\x1dVB\x00"

    def _hold(self, length: int, result: PrintResult) -> None:
        """Nothing more goes to the printer until it is clear (design.md, printer fails)."""
        self._held, self._cleared, self._released = True, False, False
        self._broken = length
        self._transport.close(discard=True)
        self._connected = False
        self._health = PrinterHealth(
            result.level, result.fault, self._health.near_end, self._now(), result.detail, True
        )
        self._asked_at = time.monotonic()

    def _end_hold_if_released(self) -> None:
        if self._released:
            self._held = self._released = False

    def _not_printed(self, fault: Fault, detail: str) -> PrintResult:
        return PrintResult(Outcome.NOT_PRINTED, self._level or Level.BLIND, fault, detail)

    # -- the connection ---------------------------------------------------------------

    def _connect(self, deadline: float) -> None:
        if self._connected and self._dialogue.stale:
            self._disconnect()
        if self._connected:
            return
        try:
            self._transport.open(min(deadline, _in(self._settings.connect_s)))
        except PrinterDeadline as error:
            raise PrinterUnreachable(str(error)) from error
        self._dialogue = Dialogue(self._transport)
        self._connected = True
        self._level_proved = False

    def _renew(self, deadline: float) -> None:
        """Connect anew where an answer may still be under way; the level stays proved."""
        if self._dialogue.stale:
            proved = self._level_proved
            self._disconnect()
            self._connect(deadline)
            self._level_proved = proved

    def _disconnect(self) -> None:
        # A job that was said to be sent may still be on its way: never thrown away here.
        self._transport.close(discard=self._held)
        self._connected = False

    @staticmethod
    def _fault_of(error: PrinterError) -> Fault:
        if isinstance(error, PrinterGarbled):
            return Fault.GARBLED
        if isinstance(error, PrinterDeadline):
            return Fault.MUTE
        return Fault.UNREACHABLE


def _in(seconds: float) -> float:
    return time.monotonic() + seconds


def _mark(level: Level, ident: bytes) -> bytes:
    """What follows a slip, so that the printer says when it is out."""
    if level is Level.PROCESS_ID:
        return ask_process_id(ident)
    if level is Level.QUEUED_STATUS:
        return ASK_SENSOR
    return b""
