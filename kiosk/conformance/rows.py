"""Cases of the rows of an exchange: each ticket is settled once, as the visitor was shown it."""

from __future__ import annotations

from datetime import UTC, timedelta

from kiosk.background.sync_loop import BATCH
from kiosk.conformance.case import CaseList, Differs, Need
from kiosk.conformance.session import OWN_SERVICE, ConformanceSession, differs, result_of
from kiosk.domain.delivery import Proof
from kiosk.messages import Message
from menu.numbers import LAST_NUMBER

ROWS = CaseList()
UNKNOWN_PRIORITY = "check-server"
ACKNOWLEDGED = ("stored", "conflict")


@ROWS.add(Need.MANDATORY, "LATE_SETTLEMENT_TAKEN")
def row_stored(session: ConformanceSession) -> None:
    session.settle(session.own_row(), "stored")


@ROWS.add(Need.MANDATORY, "SERVER_KEYS_BY_ID")
def row_repeated(session: ConformanceSession) -> None:
    row = session.own_row()
    session.settle(row, "stored")
    session.settle(row, "stored")


@ROWS.add(Need.MANDATORY, "ACK_NAMES_REV")
def next_revision_stored(session: ConformanceSession) -> None:
    row = session.own_row(printed="no")
    session.settle(row, "stored")
    session.settle(row | {"rev": 2, "printed": "confirmed"}, "stored")


@ROWS.add(Need.MANDATORY, "HIGHEST_REV_KEPT")
def old_revision_acknowledged(session: ConformanceSession) -> None:
    row = session.own_row(rev=3)
    session.settle(row, "stored")
    session.settle(row | {"rev": 2, "printed": "no"}, "stored")


@ROWS.add(Need.MANDATORY)
def void_stored(session: ConformanceSession) -> None:
    row = session.own_row()
    session.settle(row, "stored")
    session.settle(row | {"rev": 2, "state": "void"}, "stored")


@ROWS.add(Need.MANDATORY, "HIGHEST_REV_KEPT")
def old_revision_after_void(session: ConformanceSession) -> None:
    row = session.own_row(rev=2, state="void")
    session.settle(row, "stored")
    session.settle(row | {"rev": 1, "state": "issued"}, "stored")


@ROWS.add(Need.MANDATORY)
def first_seen_as_void(session: ConformanceSession) -> None:
    session.settle(session.own_row(rev=4, state="void"), "stored")


@ROWS.add(Need.MANDATORY)
def every_printed_stored(session: ConformanceSession) -> None:
    row = session.own_row()
    for rev, proof in enumerate(Proof, start=1):
        session.settle(row | {"rev": rev, "printed": proof.value}, "stored")


@ROWS.add(Need.MANDATORY)
def any_priority_stored(session: ConformanceSession) -> None:
    session.settle(session.own_row(priority=UNKNOWN_PRIORITY), "stored")


@ROWS.add(Need.MANDATORY)
def any_service_stored(session: ConformanceSession) -> None:
    session.settle(session.own_row(service=OWN_SERVICE), "stored")


@ROWS.add(Need.OFFERED)
def shut_service_stored(session: ConformanceSession) -> None:
    session.settle(session.own_row(service=session.shut_service()), "stored")


@ROWS.add(Need.MANDATORY)
def past_date_stored(session: ConformanceSession) -> None:
    day = session.day - timedelta(days=1)
    moment = session.now() - timedelta(days=1)
    row = session.own_row(business_date=day.isoformat(), issued_at=moment.isoformat())
    session.settle(row, "stored")


@ROWS.add(Need.MANDATORY)
def issue_time_in_utc(session: ConformanceSession) -> None:
    text = session.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    session.settle(session.own_row(issued_at=text), "stored")


@ROWS.add(Need.MANDATORY)
def last_number_stored(session: ConformanceSession) -> None:
    for value in (LAST_NUMBER - 8000, LAST_NUMBER):
        session.settle(session.row(session.own_number(value)), "stored")


@ROWS.add(Need.MANDATORY, "SETTLED_NUMBER_FIXED")
def number_of_an_id_is_fixed(session: ConformanceSession) -> None:
    row = session.own_row()
    session.settle(row, "stored")
    other = session.own_row()
    session.settle(row | {"rev": 2, "number": other["number"]}, "refused")


@ROWS.add(Need.MANDATORY, "SETTLED_NUMBER_FIXED")
def date_of_an_id_is_fixed(session: ConformanceSession) -> None:
    row = session.own_row()
    session.settle(row, "stored")
    before = session.day - timedelta(days=1)
    session.settle(row | {"rev": 2, "business_date": before.isoformat()}, "refused")


@ROWS.add(Need.OPTIONAL)
def service_of_an_id_is_fixed(session: ConformanceSession) -> None:
    row = session.own_row()
    session.settle(row, "stored")
    session.settle(row | {"rev": 2, "service": f"{OWN_SERVICE}-2"}, "refused")


@ROWS.add(Need.MANDATORY, "CONFLICT_STORED")
def same_number_is_conflict(session: ConformanceSession) -> None:
    row = session.own_row()
    session.settle(row, "stored")
    session.settle(session.row(row["number"]), "conflict")


@ROWS.add(Need.MANDATORY, "CONFLICT_STORED")
def conflict_repeated(session: ConformanceSession) -> None:
    row = session.own_row()
    session.settle(row, "stored")
    other = session.row(row["number"])
    session.settle(other, *ACKNOWLEDGED)
    session.settle(other, *ACKNOWLEDGED)


@ROWS.add(Need.MANDATORY)
def same_number_on_two_dates(session: ConformanceSession) -> None:
    row = session.own_row()
    session.settle(row, "stored")
    before = session.day - timedelta(days=1)
    other = session.row(row["number"], business_date=before.isoformat())
    session.settle(other, "stored")


@ROWS.add(Need.MANDATORY, "LETTERLESS_BY_RESERVATION")
def unreserved_number_refused(session: ConformanceSession) -> None:
    session.settle(session.row(session.unreserved_number()), "refused")


@ROWS.add(Need.MANDATORY)
def bad_row_fails_no_other(session: ConformanceSession) -> None:
    good, after = session.own_row(), session.own_row()
    bad = {key: value for key, value in session.own_row().items() if key != "number"}
    answer = session.sync(good, bad, after)
    for row in (good, after):
        result_of(answer, row, "stored")


@ROWS.add(Need.MANDATORY)
def bad_row_not_acknowledged(session: ConformanceSession) -> None:
    for wrong in ({"number": "DK-0027"}, {"rev": "1"}, {"state": "called"}, {"printed": "?"}):
        bad = session.own_row() | wrong
        for result in session.sync(bad).results:
            if result.status in ACKNOWLEDGED:
                field = next(iter(wrong))
                differs(f"{result.status} ({field}: {wrong[field]})", "refused")


@ROWS.add(Need.MANDATORY)
def bad_health_fails_no_row(session: ConformanceSession) -> None:
    session.settle(session.own_row(), "stored", health="x")


@ROWS.add(Need.MANDATORY)
def unknown_field_of_a_row_ignored(session: ConformanceSession) -> None:
    session.settle(session.own_row(colour="red"), "stored")


@ROWS.add(Need.MANDATORY)
def each_row_has_its_result(session: ConformanceSession) -> None:
    row = session.own_row()
    rows = [row | {"rev": rev} for rev in range(1, BATCH + 1)]
    answer = session.sync(*rows)
    found = {(result.id, result.rev) for result in answer.results}
    missing = [one for one in rows if (one["id"], one["rev"]) not in found]
    if missing:
        raise Differs(Message.of("check_server.got.results", n=len(missing), of=len(rows)))
    for one in rows:
        result_of(answer, one, "stored")
