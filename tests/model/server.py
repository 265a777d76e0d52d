"""The server of the model. Each function is one transaction: new state, and answer."""

from __future__ import annotations

from functools import lru_cache

from tests.model.rules import Rule
from tests.model.state import (
    NO_LETTER,
    Entry,
    HeardJournal,
    ModelNumber,
    ModelRow,
    ModelServer,
    SyncMessage,
    SyncReply,
    TicketId,
)

Rules = frozenset[Rule]

SKIPPED_NUMBERS = 40
"""How far a restored server moves each series on: more than any search here can lose."""
SKIPPED_LETTERS = 10
WAIT = 1
"""Days from the end of a journal until its letter may be given again: 31, scaled down."""

CACHE_SIZE = 1 << 16
"""Entries of each cache: the functions are pure, and many states repeat the same call."""


def entry_of(server: ModelServer, ticket: TicketId) -> Entry | None:
    """The ticket with this id."""
    return next((entry for entry in server.tickets if entry.id == ticket), None)


def holder_of(server: ModelServer, letter: int) -> tuple[int, ...]:
    """The journals that hold or held a letter."""
    return tuple(journal for held, journal in server.holders if held == letter)


def _with(server: ModelServer, new: Entry, old: Entry | None = None) -> ModelServer:
    kept = [entry for entry in server.tickets if entry is not old]
    return server._replace(tickets=tuple(sorted([*kept, new])))


def reserve(
    server: ModelServer, ticket: TicketId, day: int, rules: Rules
) -> tuple[ModelServer, ModelNumber]:
    """PUT /tickets/{id}: the number that the id holds now, a new one for a new id."""
    held = entry_of(server, ticket) if Rule.SERVER_KEYS_BY_ID in rules else None
    if held is not None:
        return server, held.number
    if server.free:
        number, *rest = server.free
        server = server._replace(free=tuple(rest))
    else:
        number = ModelNumber(day, NO_LETTER, server.last_values[day] + 1)
        last_values = list(server.last_values)
        last_values[day] += 1
        server = server._replace(last_values=(last_values[0], last_values[1]))
    return _with(server, Entry(ticket, number)), number


def reserve_concurrently(
    server: ModelServer, ticket: TicketId, day: int, rules: Rules
) -> tuple[ModelServer, ModelNumber]:
    """``reserve`` in a race: it read before the ticket was written. The number taken is a gap."""
    held = entry_of(server, ticket)
    last_values = list(server.last_values)
    last_values[day] += 1
    server = server._replace(last_values=(last_values[0], last_values[1]))
    if held is not None and Rule.WRITE_DECIDES in rules:
        return server, held.number
    return server, ModelNumber(day, NO_LETTER, last_values[day])


def lapse(server: ModelServer, entry: Entry, rules: Rules) -> ModelServer:
    """Two minutes passed since a reservation."""
    if Rule.RESERVATION_LAPSES not in rules:
        return server
    server = _with(server, entry._replace(lapsed=True), entry)
    if Rule.NUMBER_NEVER_AGAIN not in rules:
        server = server._replace(free=(*server.free, entry.number))
    return server


@lru_cache(maxsize=CACHE_SIZE)
def synced(
    server: ModelServer,
    message: SyncMessage,
    rules: Rules,
    day: int = 0,
    *,
    concurrent: bool = False,
) -> tuple[ModelServer, SyncReply]:
    """POST /sync: the rows are settled first and in every case; then journal, letter, epoch.

    ``day``: today. ``beside``: a race: it read its rows before their reservations were written.
    """
    results = []
    for row in message.rows:
        held = entry_of(server, row.id) if concurrent and Rule.WRITE_DECIDES not in rules else None
        if held is not None and not held.rev:
            taken = True  # its INSERT did nothing, which went unnoticed
        else:
            server, taken = settle(server, row, message.journal, rules)
        if taken:
            results.append((row.id, row.rev))
    highest = dict(server.seqs).get(message.journal, 0)
    step_back = message.seq < highest and Rule.STEP_BACK_IS_CONFLICT in rules
    if Rule.FOLLOWED_IS_CONFLICT in rules:
        step_back = step_back or message.journal in server.followed
        if message.follows >= 0:
            server = server._replace(followed=server.followed | {message.follows})
    seqs = {**dict(server.seqs), message.journal: max(highest, message.seq)}
    server = server._replace(seqs=tuple(sorted(seqs.items())))
    if server.reuses:
        server = _heard(server, message, day, rules)
    server, letter = _letter(server, message, day, rules)
    answer = SyncReply(
        kiosk=message.kiosk,
        life=message.life,
        journal=message.journal,
        seq=message.seq,
        epoch=server.epoch,
        results=tuple(results),
        letter=letter,
        step_back=step_back,
        since=dict(server.since).get(letter, 0),
    )
    return server, answer


def _letter(
    server: ModelServer, message: SyncMessage, day: int, rules: Rules
) -> tuple[ModelServer, int]:
    """The letter of the asking journal; a new one if it has none."""
    for letter, journal in server.holders:
        if journal == message.journal:
            return server, NO_LETTER if (letter, journal) in server.former else letter
    if server.reuses and server.unused:
        server = server._replace(unused=server.unused - 1)
    elif server.reuses:
        return _again(server, message.journal, day, rules)
    if Rule.LETTER_OF_JOURNAL in rules:
        letter = server.next_letter
        server = server._replace(next_letter=letter + 1)
    else:
        letter = message.kiosk + 1
    return _assign(server, letter, message.journal), letter


def _heard(server: ModelServer, message: SyncMessage, day: int, rules: Rules) -> ModelServer:
    """Note when a journal was heard, and which journal it has replaced."""
    known = next((one for one in server.heard if one.journal == message.journal), None)
    if known is None:
        said = message.ended or Rule.END_SAID_BY_ITS_MACHINE not in rules
        known = HeardJournal(message.journal, day, day, message.follows if said else -1)
    others = [one for one in server.heard if one.journal != message.journal]
    return server._replace(heard=tuple(sorted([*others, known._replace(last=day)])))


def _again(server: ModelServer, journal: int, day: int, rules: Rules) -> tuple[ModelServer, int]:
    """A letter that another journal had, for ``journal``; no letter where none may be given."""
    for letter, old in server.holders:
        if (letter, old) in server.former or (
            letter <= server.kept and Rule.RESTORE_KEEPS_LETTERS in rules
        ):
            continue
        end = _end(server, old, day, rules)
        if end is None:
            continue
        later = any(e.number.letter == letter and e.number.day > end for e in server.tickets)
        if later and Rule.NO_LATER_NUMBER in rules:
            continue
        since = {**dict(server.since), letter: end + 1}
        server = server._replace(
            former=server.former | {(letter, old)}, since=tuple(sorted(since.items()))
        )
        return _assign(server, letter, journal), letter
    return server, NO_LETTER


def _end(server: ModelServer, old: int, day: int, rules: Rules) -> int | None:
    """The day on which a journal ended, if its letter may be given again on ``day``; else None."""
    wait = WAIT if Rule.REUSE_AFTER_DAYS in rules else 0
    heard = max((one.last for one in server.heard if one.journal == old), default=0)
    if Rule.REUSE_AFTER_THE_END not in rules:
        return heard if day - heard >= wait else None
    ends = [one for one in server.heard if one.ended == old]
    if not ends:
        return None
    end = max(one.first for one in ends)
    since = day
    if Rule.SUCCESSOR_HEARD_SINCE in rules:
        since, chain = end, {old}
        for one in server.heard:  # in the order in which the journals were made
            if one.ended in chain:
                chain.add(one.journal)
                since = max(since, one.last)
    return end if heard <= end and min(day, since) - end >= wait else None


def _assign(server: ModelServer, letter: int, journal: int) -> ModelServer:
    return server._replace(holders=tuple(sorted({*server.holders, (letter, journal)})))


def settle(
    server: ModelServer, row: ModelRow, sender: int, rules: Rules
) -> tuple[ModelServer, bool]:
    """Settle one row of ``sender``'s; False when it is refused."""
    held = _find_ticket(server, row, rules)
    server, entitled = _entitled(server, row, sender, rules)
    if not entitled:
        return server, False
    if held is None:
        return _store(server, row, row.number, None, rules)
    if held.rev:
        return _revise(server, row, held, rules), True
    if held.lapsed and Rule.LATE_SETTLEMENT_TAKEN not in rules:
        return server, False
    number = row.number if Rule.SHOWN_IS_TRUTH in rules else held.number
    return _store(server, row, number, held, rules)


def _find_ticket(server: ModelServer, row: ModelRow, rules: Rules) -> Entry | None:
    """The ticket that a row is about; without the key, a reservation not settled yet."""
    if Rule.SERVER_KEYS_BY_ID in rules:
        return entry_of(server, row.id)
    open_ones = [e for e in server.tickets if e.id == row.id and not e.rev]
    return next((e for e in open_ones if e.number == row.number), None)


def _entitled(
    server: ModelServer, row: ModelRow, sender: int, rules: Rules
) -> tuple[ModelServer, bool]:
    """Whether the row may settle its number. Binds a letter found in the gap."""
    number = row.number
    if number.letter == NO_LETTER:
        if Rule.LETTERLESS_BY_RESERVATION not in rules:
            return server, True
        own = any(e.number == number for e in server.tickets if e.id == row.id)
        return server, own or _in_gap(server, number)
    if Rule.LETTERED_BY_HOLDER not in rules:
        return server, True
    journal = row.origin if Rule.ROW_NAMES_ITS_JOURNAL in rules else sender
    holders = holder_of(server, number.letter)
    former = [one for one in holders if (number.letter, one) in server.former]
    in_gap = any(a <= number.letter <= b for a, b in server.letter_gap)
    if len(former) == len(holders) and journal not in holders and in_gap:
        return _assign(server, number.letter, journal), True
    if journal in former and Rule.FORMER_HOLDER_SETTLES not in rules:
        return server, False
    return server, journal in holders


def _in_gap(server: ModelServer, number: ModelNumber) -> bool:
    return any(day == number.day and a <= number.value <= b for day, a, b in server.gap)


def _store(
    server: ModelServer, row: ModelRow, number: ModelNumber, held: Entry | None, rules: Rules
) -> tuple[ModelServer, bool]:
    """The first settlement of an id."""
    taken = any(e.number == number and e.id != row.id for e in server.tickets)
    if taken and Rule.CONFLICT_STORED not in rules:
        return server, False
    conflict = taken and Rule.CONFLICT_NOT_CALLED in rules
    return _with(server, Entry(row.id, number, row.rev, conflict=conflict), held), True


def _revise(server: ModelServer, row: ModelRow, held: Entry, rules: Rules) -> ModelServer:
    """A row of an id that is already settled."""
    rev = max(held.rev, row.rev) if Rule.HIGHEST_REV_KEPT in rules else row.rev
    number = held.number if Rule.SETTLED_NUMBER_FIXED in rules else row.number
    return _with(server, held._replace(rev=rev, number=number), held)


def restored(backup: ModelServer, today: int, epoch: int, rules: Rules) -> ModelServer:
    """The server after ``backup`` was put back and ``queue-server restored`` was run."""
    server = backup
    if Rule.RESTORE_CHANGES_EPOCH in rules:
        server = server._replace(epoch=epoch + 1)
    takes = Rule.RESTORE_TAKES_THE_GAP in rules
    if Rule.RESTORE_MOVES_SERIES in rules:
        last_values, gap = list(server.last_values), list(server.gap)
        for day in range(today + 1):
            if last_values[day] == 0 and Rule.RESTORE_MOVES_NEW_SERIES not in rules:
                continue
            gap.append((day, last_values[day] + 1, last_values[day] + SKIPPED_NUMBERS))
            last_values[day] += SKIPPED_NUMBERS
        server = server._replace(
            last_values=(last_values[0], last_values[1]), gap=tuple(gap) if takes else ()
        )
    if server.reuses:
        server = _letters_kept(server, rules)
    if Rule.RESTORE_MOVES_LETTERS in rules:
        first, behind = server.next_letter, server.next_letter + SKIPPED_LETTERS
        letters = (*server.letter_gap, (first, behind - 1))
        server = server._replace(next_letter=behind, letter_gap=letters if takes else (), unused=0)
    return server


def _letters_kept(server: ModelServer, rules: Rules) -> ModelServer:
    """After a restore: a letter whose journal has ended may have been given again since."""
    if Rule.RESTORE_KEEPS_LETTERS not in rules:
        return server
    gone = {one.ended for one in server.heard if one.ended >= 0}
    open_ones = {(letter, old) for letter, old in server.holders if old in gone}
    gap = {*server.letter_gap, *((letter, letter) for letter, _ in open_ones)}
    return server._replace(
        kept=max((letter for letter, _ in server.holders), default=0),
        former=server.former | open_ones,
        letter_gap=tuple(sorted(gap)),
    )
