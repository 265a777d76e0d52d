"""Cases of the exchange itself: its answer, letters, journals, clock, errors."""

from __future__ import annotations

from datetime import UTC, timedelta

from kiosk.background.sync_loop import BATCH, LEAST_S, MOST_S
from kiosk.conformance.case import CaseList, Differs, Need, NotOffered, NotRun
from kiosk.conformance.probe import ProbeReply
from kiosk.conformance.session import (
    CONFLICT,
    ConformanceSession,
    ProbeJournal,
    differs,
    object_of,
    read_answer,
    require_refusal,
    result_of,
)
from kiosk.messages import Message
from kiosk.sync.client import DONE
from kiosk.sync.http_link import JSON

FIRST, JOURNALS = CaseList(), CaseList()
"""Those that are played before, and those that are played after the cases of rows."""

SKIPPED = 20
"""How far ``seq`` jumps after an unclean stop of a kiosk."""
HEALTHS: tuple[object, ...] = ("x", 7, [1], None, {"printer": {"a": [None, "\u2026"]}})
FIGURES = ("waiting", "quota_left", "given_day", "given_hour", "wait_minutes", "until")


@FIRST.add(Need.MANDATORY)
def first_exchange(session: ConformanceSession) -> None:
    session.sync()


@FIRST.add(Need.MANDATORY)
def content_type(session: ConformanceSession) -> None:
    reply = session.post(session.first)
    object_of(reply)
    if reply.kind != JSON:
        differs(reply.kind, JSON, "check_server.got.kind")


@FIRST.add(Need.MANDATORY)
def no_rows_no_results(session: ConformanceSession) -> None:
    found = len(session.sync().results)
    if found:
        differs(f"results: {found}", "results: []")


@FIRST.add(Need.MANDATORY, "LETTER_OF_JOURNAL")
def letter_given(session: ConformanceSession) -> None:
    answer = session.sync()
    if not answer.letter and answer.notice in ("too_many_journals", "letters_used_up"):
        raise NotRun(Message.of("check_server.letter_refused", code=answer.notice))
    if not answer.letter:
        differs("letter: null", "letter: A-Z")


@FIRST.add(Need.MANDATORY, "LETTER_OF_JOURNAL")
def letter_stays(session: ConformanceSession) -> None:
    letter = _letter(session)
    again = session.sync().letter
    if again != letter:
        differs(f"letter: {again or 'null'}", letter)


@FIRST.add(Need.MANDATORY, "RESTORE_CHANGES_EPOCH")
def epoch_stays(session: ConformanceSession) -> None:
    first, second = session.sync().epoch, session.sync().epoch
    if first != second:
        differs(f"epoch: {second}", first)


@FIRST.add(Need.MANDATORY)
def clock_goes_on(session: ConformanceSession) -> None:
    first, second = session.sync().server_time, session.sync().server_time
    if second < first:
        differs(f"server_time: {second.isoformat()}", f">= {first.isoformat()}")


@FIRST.add(Need.OPTIONAL)
def next_sync(session: ConformanceSession) -> None:
    session.sync()
    said = session.said.get("next_sync_s")
    if said is None:
        raise NotOffered(Message.of("check_server.left_out", field="next_sync_s"))
    good = isinstance(said, int | float) and not isinstance(said, bool) and said > 0
    if not good or not LEAST_S <= said <= MOST_S:
        differs(f"next_sync_s: {said}", f"{LEAST_S:g}-{MOST_S:g}")


@FIRST.add(Need.MANDATORY)
def unknown_fields_ignored(session: ConformanceSession) -> None:
    session.sync(check_server="unknown", more={"a": [1]})


@FIRST.add(Need.MANDATORY)
def any_health_taken(session: ConformanceSession) -> None:
    for health in HEALTHS:
        session.sync(health=health)


@FIRST.add(Need.MANDATORY)
def follows_may_be_missing(session: ConformanceSession) -> None:
    body = {
        "journal": session.first.id,
        "seq": session.first.seq,
        "sent_at": session.now().isoformat(),
        "tickets": [],
    }
    read_answer(session.probe.ask("POST", "/sync", body))


@FIRST.add(Need.MANDATORY)
def times_with_any_offset(session: ConformanceSession) -> None:
    now = session.now()
    for text in (
        now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        now.astimezone(UTC).isoformat(timespec="microseconds"),
        now.isoformat(timespec="milliseconds"),
    ):
        session.sync(sent_at=text)


@FIRST.add(Need.MANDATORY)
def wrong_kiosk_clock(session: ConformanceSession) -> None:
    for shift in (timedelta(days=-400), timedelta(days=400)):
        session.sync(sent_at=(session.now() + shift).isoformat())


@FIRST.add(Need.MANDATORY, "STEP_BACK_IS_CONFLICT")
def same_seq_is_no_conflict(session: ConformanceSession) -> None:
    session.sync()
    _no_conflict(session.post(session.first))


@FIRST.add(Need.MANDATORY, "SEQ_SKIPS_TOO")
def seq_may_skip(session: ConformanceSession) -> None:
    session.first.seq += SKIPPED
    _no_conflict(session.post(session.first))


@FIRST.add(Need.OFFERED)
def service_states(session: ConformanceSession) -> None:
    answer = session.sync()
    said = session.said.get("services")
    if said is None:
        raise NotOffered(Message.of("check_server.left_out", field="services"))
    if not isinstance(said, dict):
        differs("services", "{}", "check_server.got.value")
    for code, state in said.items():
        read = answer.services.get(code)
        if read is None:
            differs(f"services.{str(code)[:64]}", "{…}", "check_server.got.value")
        for name in FIGURES:
            if state.get(name) is not None and getattr(read, name) is None:
                text = f"services.{code}.{name}: {str(state[name])[:60]}"
                raise Differs(Message.of("check_server.got.left_out", found=text))


@FIRST.add(Need.OFFERED)
def call_for_staff_is_over(session: ConformanceSession) -> None:
    session.sync()
    if "staff_call" not in session.said:
        raise NotOffered(Message.of("check_server.left_out", field="staff_call"))
    past = session.now() - timedelta(hours=1)
    call = {
        "id": "check-server",
        "since": (past - timedelta(minutes=10)).isoformat(),
        "until": past.isoformat(),
    }
    for health in ({"printer": "ready"}, {"printer": "ready", "staff_call": call}):
        session.sync(health=health)
        if session.said.get("staff_call") is not None:
            differs(f"staff_call: {str(session.said['staff_call'])[:80]}", "null")


@FIRST.add(Need.OPTIONAL)
def broken_json_refused(session: ConformanceSession) -> None:
    require_refusal(session.probe.ask("POST", "/sync", b'{"journal": "'))


@FIRST.add(Need.OPTIONAL)
def missing_field_refused(session: ConformanceSession) -> None:
    body = {"seq": 1, "sent_at": session.now().isoformat(), "tickets": []}
    require_refusal(session.probe.ask("POST", "/sync", body))


@FIRST.add(Need.OPTIONAL)
def too_many_rows_refused(session: ConformanceSession) -> None:
    reply = session.post(session.first, *([{}] * (BATCH + 1)))
    if reply.status in DONE:
        read_answer(reply)
    else:
        require_refusal(reply)


# ── journals ─────────────────────────────────────────────────────────────────────────────


@JOURNALS.add(Need.MANDATORY, "STEP_BACK_IS_CONFLICT")
def step_back_is_conflict(session: ConformanceSession) -> None:
    _letter(session)
    _conflict(session.post(session.first, seq=session.first.seq - 1))


@JOURNALS.add(Need.MANDATORY, "STEP_BACK_IS_CONFLICT")
def rows_of_a_step_back_are_not_lost(session: ConformanceSession) -> None:
    row = session.own_row()
    reply = session.post(session.first, row, seq=0)
    if reply.status in DONE:
        result_of(read_answer(reply), row, "stored")
    else:
        _conflict(reply)


@JOURNALS.add(Need.MANDATORY, "LETTER_OF_JOURNAL")
def second_journal_another_letter(session: ConformanceSession) -> None:
    letter = _letter(session)
    answer = session.sync(journal=session.second)
    if not answer.letter and answer.notice in ("too_many_journals", "letters_used_up"):
        raise NotRun(Message.of("check_server.letter_refused", code=answer.notice))
    if not answer.letter:
        differs("letter: null", "letter: A-Z")
    if answer.letter == letter:
        raise Differs(Message.of("check_server.got.same_letter", letter=letter))


@JOURNALS.add(Need.MANDATORY, "LETTERED_BY_HOLDER")
def letter_of_another_journal_refused(session: ConformanceSession) -> None:
    _second(session)
    session.settle(session.own_row(), "refused", journal=session.second)


@JOURNALS.add(Need.MANDATORY, "ROW_NAMES_ITS_JOURNAL")
def row_of_the_earlier_journal_stored(session: ConformanceSession) -> None:
    _second(session)
    row = session.own_row() | {"journal": session.first.id}
    session.settle(row, "stored", journal=session.second)


@JOURNALS.add(Need.MANDATORY, "QUARANTINE_IS_SALVAGED")
def salvaged_row_settled_before(session: ConformanceSession) -> None:
    _second(session)
    own = [r for r in session.kept.values() if session.first.letter in r["number"]]
    if not own:
        raise NotRun(Message("check_server.no_letter"))
    row = {**own[0], "journal": session.first.id}
    session.settle(row, "stored", journal=session.second)


@JOURNALS.add(Need.MANDATORY, "FOLLOWED_IS_CONFLICT")
def followed_journal_is_conflict(session: ConformanceSession) -> None:
    _second(session)
    session.first.seq += 1
    _conflict(session.post(session.first))


@JOURNALS.add(Need.MANDATORY, "FOLLOWED_IS_CONFLICT")
def new_journal_goes_on(session: ConformanceSession) -> None:
    second = _second(session)
    letter = second.letter
    reply = session.post(second)
    _no_conflict(reply)
    again = read_answer(reply).letter
    if again != letter:
        differs(f"letter: {again or 'null'}", letter)


@JOURNALS.add(Need.MANDATORY)
def new_journal_gives_numbers(session: ConformanceSession) -> None:
    second = _second(session)
    session.settle(session.own_row(second), "stored", journal=second)


def _letter(session: ConformanceSession) -> str:
    """The letter of the first journal. Raises NotRun without one."""
    if not session.first.letter:
        raise NotRun(Message("check_server.no_letter"))
    return session.first.letter


def _second(session: ConformanceSession) -> ProbeJournal:
    """The second journal, which the server knows. Raises NotRun without a letter."""
    if not session.second.letter:
        raise NotRun(Message("check_server.no_letter"))
    return session.second


def _notice(reply: ProbeReply) -> str:
    """The code of the answer's notice, or of a refusal."""
    return read_answer(reply).notice if reply.status in DONE else reply.code


def _conflict(reply: ProbeReply) -> None:
    if _notice(reply) != CONFLICT:
        raise Differs(Message("check_server.got.no_conflict"))


def _no_conflict(reply: ProbeReply) -> None:
    if _notice(reply) == CONFLICT:
        raise Differs(Message("check_server.got.conflict"))
    read_answer(reply)
