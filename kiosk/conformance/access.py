"""Cases of tokens and of the catalogue."""

from __future__ import annotations

import secrets

from kiosk.conformance.case import CaseList, Differs, Need, NotOffered, NotPrepared, NotRun
from kiosk.conformance.probe import ProbeReply
from kiosk.conformance.session import (
    CONFLICT,
    ConformanceSession,
    ProbeJournal,
    differs,
    read_answer,
)
from kiosk.messages import Message
from kiosk.sync.client import DONE
from menu.agencies import AGENCIES_FILE, check_menu

ACCESS, MENU = CaseList(), CaseList()
REVOKED = "revoked"


@ACCESS.add(Need.MANDATORY)
def exchange_needs_a_token(session: ConformanceSession) -> None:
    _denied(session.post(ProbeJournal(), token=""))


@ACCESS.add(Need.MANDATORY)
def unknown_token_denied(session: ConformanceSession) -> None:
    _denied(session.post(ProbeJournal(), token=secrets.token_urlsafe(32)))


@ACCESS.add(Need.OFFERED)
def revoked_token_says_so(session: ConformanceSession) -> None:
    if not session.tokens.revoked:
        raise NotPrepared(Message.of("check_server.no_token", option="--revoked-token-file"))
    reply = session.post(ProbeJournal(), token=session.tokens.revoked)
    if reply.status not in (401, 403) or reply.code != REVOKED:
        differs(reply.named, f"401/403 {REVOKED}")


@ACCESS.add(Need.OFFERED)
def row_of_another_kiosk_refused(session: ConformanceSession) -> None:
    other = _other(session)
    row = next((r for r in session.kept.values()), None)
    if row is None:
        raise NotRun(Message("check_server.no_letter"))
    reply = session.post(session.first, row | {"rev": row["rev"] + 1}, token=other)
    for result in read_answer(reply).results if reply.status in DONE else ():
        if result.status != "refused":
            differs(result.status, "refused", "check_server.got.result")


@ACCESS.add(Need.OFFERED, "STEP_BACK_IS_CONFLICT")
def journal_of_another_kiosk(session: ConformanceSession) -> None:
    reply = session.post(session.second, token=_other(session))
    notice = read_answer(reply).notice if reply.status in DONE else reply.code
    if notice != CONFLICT:
        raise Differs(Message("check_server.got.no_conflict"))


@MENU.add(Need.OFFERED)
def menu_with_etag(session: ConformanceSession) -> None:
    reply = _menu(session)
    tag = reply.headers.get("etag", "")
    if "html" in reply.kind:
        raise Differs(Message("server.page"))
    if not tag.startswith('"') or not tag.endswith('"') or not 3 <= len(tag) <= 130:
        differs(f"ETag: {tag or '-'}", '"…"', "check_server.got.value")


@MENU.add(Need.OFFERED)
def menu_not_changed(session: ConformanceSession) -> None:
    tag = _menu(session).headers.get("etag", "")
    reply = session.probe.ask("GET", "/catalogue", headers={"If-None-Match": tag})
    if reply.status != 304:
        differs(reply.named, 304)


@MENU.add(Need.OFFERED)
def menu_named_in_exchange(session: ConformanceSession) -> None:
    tag = _menu(session).headers.get("etag", "")
    found = session.sync(journal=session.second if session.second.letter else None).catalogue
    if found != tag:
        differs(f"catalogue: {found or '-'}", tag, "check_server.got.value")


@MENU.add(Need.OFFERED)
def menu_is_valid(session: ConformanceSession) -> None:
    checked = check_menu(_menu(session).body, AGENCIES_FILE)
    errors = [problem for problem in checked.problems if not problem.warning]
    if errors:
        raise Differs(Message.of("server.menu", problem=errors[0]))


@MENU.add(Need.OPTIONAL)
def menu_needs_a_token(session: ConformanceSession) -> None:
    _menu(session)
    reply = session.probe.ask("GET", "/catalogue", token="")
    if reply.status not in (401, 403):
        differs(reply.named, "401/403")


def _denied(reply: ProbeReply) -> None:
    """Denied, and not as revoked: that would stop a kiosk for a mistake in a file."""
    if reply.status not in (401, 403) or reply.code == REVOKED:
        differs(reply.named, "401/403")


def _other(session: ConformanceSession) -> str:
    if not session.tokens.other:
        raise NotPrepared(Message.of("check_server.no_token", option="--other-token-file"))
    return session.tokens.other


def _menu(session: ConformanceSession) -> ProbeReply:
    reply = session.probe.ask("GET", "/catalogue")
    if reply.status in (404, 501):
        raise NotOffered(Message("check_server.no_menu"))
    if reply.status != 200:
        differs(reply.named, 200)
    return reply
