"""The status bytes of each maker, made from one state. Pure.

Epson ESC/POS command reference, "DLE EOT" and "GS a"; the manuals of Custom, Pyramid, Star and
Hwasung by page in ``characters``.
"""

from __future__ import annotations

from dataclasses import dataclass

from virtual_printer.character import Character

SELECTED_BY = (0x02, 0x04, 0x08, 0x00)
"""For each byte of Epson's automatic status, the bit of ``GS a`` that selects its changes."""


@dataclass(frozen=True, slots=True)
class State:
    """What the sensors say. ``position``: Star's number for the place of the slip (``mouth``)."""

    paper: bool
    near_end: bool
    cover_open: bool = False
    cutter_jam: bool = False
    error: bool = False
    overheated: bool = False
    offline: bool = False
    mark_lost: bool = False
    mouth_jam: bool = False
    in_mouth: bool = False
    position: int = 0
    moving: bool = False

    @property
    def stopped(self) -> bool:
        """Whether an error has stopped the mechanism."""
        return self.error or self.cutter_jam or self.overheated or self.mark_lost or self.mouth_jam

    @property
    def unrecoverable(self) -> bool:
        """Whether a hand must help, other than at the cutter."""
        return self.error or self.mark_lost or self.mouth_jam

    @property
    def unavailable(self) -> bool:
        """Whether the printer is offline for any reason."""
        return self.barred or not self.paper

    @property
    def barred(self) -> bool:
        """Whether the printer is offline for another reason than the end of the roll."""
        return self.cover_open or self.stopped or self.offline

    def without_fault(self) -> State:
        """The same state with paper, closed and free of errors."""
        return State(
            paper=True,
            near_end=self.near_end,
            in_mouth=self.in_mouth,
            position=self.position,
            moving=self.moving,
        )


def status_byte(n: int, state: State, character: Character) -> int | None:
    """The byte for ``DLE EOT n``, n 1 to 4; None for another n."""
    offline = state.barred if character.online_without_paper else state.unavailable
    bits = {
        1: 0x08 * offline | 0x80 * (character.bit7 and state.in_mouth),
        2: 0x04 * state.cover_open | 0x20 * (not state.paper) | 0x40 * state.stopped,
        3: 0x08 * state.cutter_jam | 0x20 * state.unrecoverable | 0x40 * state.overheated,
        4: 0x0C * state.near_end | 0x60 * (not state.paper),
    }
    if n not in bits:
        return None
    # Pyramid Reliance: no fixed bits, and bit 3 of n=2 (feed key enabled) is always set.
    return (0x12 if character.fixed_bits else 0x08 * (n == 2)) | bits[n]


def print_status(state: State) -> int:
    """Custom's and Pyramid's byte for ``DLE EOT 17``."""
    return 0x12 | 0x04 * state.moving | 0x20 * (not state.paper)


def full_status(state: State) -> bytes:
    """Custom's four bytes after ``10 0F``: paper, user, recoverable and unrecoverable errors."""
    return bytes(
        (
            0x01 * (not state.paper) | 0x04 * state.near_end | 0x20 * state.in_mouth,
            0x03 * state.cover_open | 0x08 * state.moving,
            0x01 * state.overheated | 0x40 * state.mouth_jam | 0x80 * state.mark_lost,
            0x01 * state.cutter_jam | 0x04 * state.error,
        )
    )


def ejector_status(state: State) -> int:
    """Custom's and Pyramid's byte for ``GS e 6``."""
    return (
        0x01 * state.near_end
        | 0x04 * state.paper
        | 0x08 * state.in_mouth
        | 0x10 * state.moving
        | 0x40 * state.stopped
        | 0x80 * state.mouth_jam
    )


def paper_byte(state: State) -> int:
    """The byte for ``GS r 1`` and ``ESC v``."""
    return 0x03 * state.near_end | 0x0C * (not state.paper)


def epson_automatic(state: State) -> bytes:
    """The four bytes of ``GS a``."""
    return bytes(
        (
            0x10 | 0x08 * state.unavailable | 0x20 * state.cover_open,
            0x08 * state.cutter_jam | 0x20 * state.unrecoverable | 0x40 * state.overheated,
            paper_byte(state),
            0x00,
        )
    )


def hwasung_automatic(state: State) -> bytes:
    """The one byte of ``GS a`` of Hwasung HMK-056 (manual, p. 46: n is 0 or 1)."""
    return bytes(
        (
            0x01 * (not state.paper)
            | 0x02 * state.cover_open
            | 0x04 * state.mouth_jam
            | 0x08 * state.near_end
            | 0x20 * state.cutter_jam
            | 0x80 * state.in_mouth,
        )
    )


def star_automatic(state: State) -> bytes:
    """Star's ASB over Ethernet: header, status 1 to 7, and a length of 0."""
    return bytes(
        (
            0x23,
            0x86,
            0x08 * state.unavailable | 0x20 * state.cover_open,
            0x08 * state.cutter_jam | 0x20 * state.error | 0x40 * state.overheated,
            0x04 * state.mouth_jam | 0x08 * state.mark_lost,
            0x04 * state.near_end | 0x08 * (not state.paper),
            0x02 * (state.in_mouth or state.position == 1),
            0x00,
            state.position << 1,
            0x00,
            0x00,
        )
    )
