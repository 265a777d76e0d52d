"""Which commands the printer answers, in the form and at the moment of its character."""

from __future__ import annotations

from collections.abc import Callable

from virtual_printer.character import Character
from virtual_printer.commands import Command
from virtual_printer.head import PrintHead
from virtual_printer.reports import (
    SELECTED_BY,
    State,
    ejector_status,
    epson_automatic,
    full_status,
    hwasung_automatic,
    paper_byte,
    print_status,
    star_automatic,
    status_byte,
)

STAR_QUESTION = b"\x1b\x06\x01"


class Answers:
    """Answers the questions of one printer through ``send``.

    ``character`` and ``state`` give what it is and what its sensors say at the moment. Methods
    that send unasked are called with the machine's lock held.
    """

    def __init__(
        self,
        head: PrintHead,
        character: Callable[[], Character],
        state: Callable[[], State],
        send: Callable[[bytes], None],
    ) -> None:
        self._head = head
        self._character = character
        self._state = state
        self._send = send
        self._star_tail = b""
        self.reset()

    def reset(self) -> None:
        """``ESC @`` or power-on: no status unasked any more."""
        # What "GS a", "GS E0" and "ESC RS a" have selected, and the status sent last for each.
        self._selected = 0
        self._full_selected = 0
        self._star_selected = 0
        self._last_sent: dict[str, bytes] = {}

    # -- at once ----------------------------------------------------------------------------

    def at_once(self, command: bytes) -> bool:
        """Answer a real-time status question. Returns whether the answer shows a fault that stops
        the printer."""
        character, state = self._character(), self._state()
        if character.quiet_while_feeding and state.moving:
            return False
        answer = _status_answer(command[2], state, character)
        if answer:
            self._send(answer)
        return answer != _status_answer(command[2], state.without_fault(), character)

    def star_at_once(self, data: bytes) -> None:
        """Answer each ``ESC ACK SOH`` in ``data``, also one that began in earlier data."""
        if "star" not in self._character().answers:
            return
        whole = self._star_tail + data
        for _ in range(whole.count(STAR_QUESTION)):
            self._send(star_automatic(self._state()))
        self._star_tail = b"" if whole.endswith(STAR_QUESTION) else whole[-2:]

    # -- in turn ----------------------------------------------------------------------------

    def in_turn(self, command: Command) -> None:
        """Answer a question of the buffer, where the printer knows it."""
        name, args = command.name, command.args
        known = self._character().answers
        if name == "GS ( H" and args[:2] == b"00" and "process_id" in known:
            self._send(b"\x37\x22" + args[2:6] + b"\x00")
        elif (name == "GS r" and args[0] in (1, 49) and "gs_r" in known) or (
            name == "ESC v" and "esc_v" in known
        ):
            self._send(bytes((paper_byte(self._state()),)))
        elif name == "GS e" and args[0] == 6 and "ejector" in known:
            self._send(bytes((ejector_status(self._state()),)))
        elif name == "GS ( L" and args == b"0@KC" and "pictures" in known:
            keys = b"".join(sorted(self._head.memory))[:80]
            self._send(b"\x37\x72\x41" + keys + b"\x00")
        elif name == "GS I" and "gs_i" in known:
            self._introduce(args[0])

    def select(self, command: Command) -> None:
        """Carry out a command that selects status to be sent unasked."""
        name, args = command.name, command.args
        if name == "GS a":
            self._select_automatic(args[0])
        elif name == "GS E0":
            # The present status is not sent, only changes from here on.
            self._full_selected = args[0]
            self._last_sent["full"] = self._chosen_of_full()
        elif name == "ESC RS" and args[:1] == b"a":
            self._star_selected = args[1]
            self._last_sent.pop("star", None)
            self.state_changed()

    def _select_automatic(self, n: int) -> None:
        if self._character().asb != "epson":
            # These know n = 0 and 1 only and ignore the command otherwise.
            if n > 1:
                return
            n *= 0xFF
        self._selected = n
        self._last_sent.pop("asb", None)
        self.state_changed()

    def state_changed(self) -> None:
        """Send each selected status whose selected bytes differ from those sent last."""
        character, state = self._character(), self._state()
        if self._selected and "gs_a" in character.answers:
            if character.asb == "hwasung":
                chosen = status = hwasung_automatic(state)
            else:
                status = epson_automatic(state)
                chosen = bytes(
                    byte if self._selected & bit else 0
                    for byte, bit in zip(status, SELECTED_BY, strict=True)
                )
            self._send_changed("asb", chosen, status)
        if self._full_selected and "auto_full_status" in character.answers:
            chosen = self._chosen_of_full()
            self._send_changed("full", chosen, bytes((0x10, self._full_selected)) + chosen)
        if self._star_selected and "star" in character.answers:
            status = star_automatic(state)
            self._send_changed("star", status, status)

    def _chosen_of_full(self) -> bytes:
        status = enumerate(full_status(self._state()))
        return bytes(byte for i, byte in status if self._full_selected & 1 << i)

    def _send_changed(self, kind: str, chosen: bytes, status: bytes) -> None:
        if self._last_sent.get(kind) != chosen:
            self._last_sent[kind] = chosen
            self._send(status)

    def _introduce(self, n: int) -> None:
        """Answer ``GS I n``: version, maker, model, serial number, fonts; else the type byte."""
        names = {65: b"1.0", 66: b"MPP", 67: b"VIRTUAL", 68: b"0", 69: b""}
        if n in names:
            self._send(b"\x5f" + names[n] + b"\x00")
        elif n in (1, 2, 3, 49, 50, 51):
            self._send(bytes((0x02,)))


def _status_answer(n: int, state: State, character: Character) -> bytes:
    """The answer to ``DLE EOT n``; empty where there is none."""
    if n in (17, 20) and "full_status" in character.answers:
        return bytes((print_status(state),)) if n == 17 else b"\x10\x0f" + full_status(state)
    status = status_byte(n, state, character) if "dle_eot" in character.answers else None
    return b"" if status is None else bytes((status,))
