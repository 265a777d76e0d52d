"""The example server passes what is mandatory, and each defect in it is found, in words.

The defects are those that a new server is likely to have. Each is put into the source of the
example, which then runs on a thread of this process, with a database in memory.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import subprocess
import sys
import threading
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from kiosk.conformance.case import CaseEnd, CaseResult, Need
from kiosk.conformance.play import Run, play
from kiosk.conformance.probe import Probe
from kiosk.conformance.reserving import RESERVING
from kiosk.conformance.session import ExtraTokens
from kiosk.messages import in_language
from tests.queue_server.servers import ROOT, until

EXAMPLE = ROOT / "examples" / "example_server.py"
SOURCE = EXAMPLE.read_text("utf-8")
TOKENS = {f"token-of-{name}-0123456789": name for name in ("lobi-1", "lobi-2")}
FIRST, OTHER = TOKENS
MOST_LINES = 160
"""Of code: without empty lines, comments and docstrings."""


@contextlib.contextmanager
def running(source: str) -> Iterator[str]:
    """The address of a server made from ``source``."""
    module = ModuleType("example_server")
    exec(compile(source, str(EXAMPLE), "exec"), module.__dict__)
    queue = module.Queue(":memory:", {"ktp-el": "DK", "pbb": "PJ"})
    server = module.server(queue, TOKENS, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        queue.db.close()


def checked(source: str) -> Run:
    with running(source) as url:
        probe = Probe(url, FIRST)
        try:
            return play(probe, tokens=ExtraTokens(other=OTHER))
        finally:
            probe.close()


def differing(run: Run) -> dict[str, CaseResult]:
    return {one.case.name: one for one in run.results if one.end is CaseEnd.DIFFERS}


def test_the_example_is_small_and_needs_the_standard_library_only() -> None:
    tree = ast.parse(SOURCE)
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert {"json", "sqlite3"} <= imported <= sys.stdlib_module_names
    assert 100 < len(code_lines(tree)) <= MOST_LINES


def code_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(SOURCE).readline):
        if token.type not in layout | {tokenize.ENDMARKER}:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            said = node.body[0]
            lines -= set(range(said.lineno, (said.end_lineno or said.lineno) + 1))
    return lines


def test_the_example_passes_every_case_that_it_offers() -> None:
    run = checked(SOURCE)

    assert differing(run) == {}
    assert not any(one.warning for one in run.results)
    ends = [one.end for one in run.results if one.case.need is Need.MANDATORY]
    assert set(ends) == {CaseEnd.PASSED}
    assert len(ends) >= 40
    assert run.reserved > 10


@dataclass(frozen=True)
class Defect:
    """``changes``: texts of the source and what replaces them. ``case``: the case that must find
    it, and ``text`` what its report must contain, in English."""

    name: str
    changes: tuple[tuple[str, str], ...]
    case: str
    text: str


LOCKED = "        with self.lock, self.db:\n"
LOOK = "            held = self.one("
GIVE = "            if held is None:\n                held = ("
INSERT, REPLACE = "INSERT INTO tickets", "INSERT OR REPLACE INTO tickets"
HELD = "SELECT kiosk, service, number, day FROM tickets WHERE id=?"
SETTLED = "        if held and held[4]:\n"
OLD = '        if held and held[4] > row["rev"]:\n            return "refused", "old"\n'
BAD_ROW = 'return {"id": "", "rev": 0, "status": "refused", "code": "invalid"}'
DEFECTS = (
    Defect(
        "a repeated id gets a second number",
        (("if held is None:\n", "if True:\n"), (INSERT, REPLACE)),
        "repeated_id_same_number",
        "one ticket id got two numbers: DK-",
    ),
    Defect(
        "the number is looked up before the lock is taken",
        (
            ("import sys\n", "import sys\nimport time\n"),
            (LOCKED + LOOK, LOOK.removeprefix("    ")),
            (GIVE, f"        time.sleep(0.05)\n{LOCKED}{GIVE}"),
            (INSERT, REPLACE),
        ),
        "simultaneous_ids_same_number",
        "one ticket id got two numbers: DK-",
    ),
    Defect(
        "the answer names another ticket",
        (('return {"id": ticket,', 'return {"id": ticket[::-1],'),),
        "reserved",
        "the queue server answered for another ticket",
    ),
    Defect(
        "every id gets the same number",
        (("last=last+1", "last=last"),),
        "two_ids_two_numbers",
        "two ticket ids got one number: DK-001",
    ),
    Defect(
        "the settled number does not replace the reserved one",
        ((HELD, HELD.replace("number", "'DK-001'")),),
        "own_number_after_a_late_answer",
        "one ticket id got two numbers: DK-A",
    ),
    Defect(
        "another service gets the number of the id",
        (("if held[1] != service:", "if False:"),),
        "other_service_refused",
        "the answer is 200, not 4xx",
    ),
    Defect(
        "a result names the wrong revision",
        (('"rev": row["rev"], "status"', '"rev": 1, "status"'),),
        "next_revision_stored",
        "rev 2; the answer names",
    ),
    Defect(
        "an old revision is refused",
        ((SETTLED, OLD + SETTLED),),
        "old_revision_acknowledged",
        "the result of the row is refused old, not stored",
    ),
    Defect(
        "a later row changes the number",
        (("if held[1:4] != wanted:", "if False:"),),
        "number_of_an_id_is_fixed",
        "the result of the row is stored, not refused",
    ),
    Defect(
        "a number that another ticket holds is stored without a word",
        (("is not None\n", "is not None and False\n"),),
        "same_number_is_conflict",
        "the result of the row is stored, not conflict",
    ),
    Defect(
        "a number without a letter needs no reservation",
        (("if not letter and (", "if False and ("),),
        "unreserved_number_refused",
        "the result of the row is stored, not refused",
    ),
    Defect(
        "one bad row fails the exchange",
        ((BAD_ROW, 'raise Problem(422, "invalid")'),),
        "bad_row_fails_no_other",
        "the answer is 422 invalid, not 200",
    ),
    Defect(
        "two journals get one letter",
        (("ALL_LETTERS[used]", "ALL_LETTERS[0]"), ("letter UNIQUE", "letter")),
        "second_journal_another_letter",
        "two journals got one letter: A",
    ),
    Defect(
        "the letter of a journal is given again as soon as it has ended",
        (
            (
                'self.meet(kiosk, journal, seq, body.get("follows"))',
                'self.meet(kiosk, journal, seq, body.get("follows"), body.get("follows_ended"))',
            ),
            ("seq: int, follows: Any)", "seq: int, follows: Any, ended: Any)"),
            ("ALL_LETTERS[used])", "ALL_LETTERS[0 if ended else used])"),
            ("letter UNIQUE", "letter"),
        ),
        "second_journal_another_letter",
        "two journals got one letter: A",
    ),
    Defect(
        "an old copy of a journal is not noticed",
        (("if seq < known[1] or", "if"),),
        "step_back_is_conflict",
        "the server does not answer journal_conflict",
    ),
    Defect(
        "an unknown token is called revoked",
        (('Problem(401, "unauthorized")', 'Problem(401, "revoked")'),),
        "unknown_token_denied",
        "the answer is 401 revoked, not 401/403",
    ),
    Defect(
        "times have no offset",
        (("datetime.now().astimezone()", "datetime.now()"),),
        "first_exchange",
        "a kiosk cannot read server_time: 2",
    ),
)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_is_found_in_words(defect: Defect) -> None:
    source = SOURCE
    for old, new in defect.changes:
        assert source.count(old) == 1, f"the example has changed: {old!r}"
        source = source.replace(old, new)

    found = differing(checked(source))

    assert defect.case in found
    assert found[defect.case].bad
    assert defect.text in in_language(found[defect.case].text, "en")
    assert in_language(found[defect.case].text, "id") != in_language(found[defect.case].text, "en")


CONFLICT = '            letter, notice = self.meet(kiosk, journal, seq, body.get("follows"))\n'
REFUSE = 'raise Problem(409, "journal_conflict")\n'
CONFLICT_AS_409 = (CONFLICT, f"{CONFLICT}            if notice:\n                {REFUSE}")
VARIANTS: tuple[tuple[str, tuple[tuple[str, str], ...], set[str]], ...] = (
    ("201 for 200", (("status, kind, said = 200,", "status, kind, said = 201,"),), set()),
    (
        "a content type with parameters",
        (('f"application/{kind}"', 'f"application/{kind}; charset=utf-8"'),),
        set(),
    ),
    ("a whole number for the epoch", (('"epoch": "1"', '"epoch": 7'),), set()),
    ("results in another order", (('"results": results,', '"results": results[::-1],'),), set()),
    ("figures as decimals", (('"rev": row["rev"], "', '"rev": float(row["rev"]), "'),), set()),
    (
        "409 for journal_conflict",
        (CONFLICT_AS_409,),
        set(),
    ),
    (
        "no reservations",
        (("        if ticket:\n", "        if False:\n"),),
        {case.name for case in RESERVING},
    ),
    (
        "only what is required",
        (
            (', "notice": notice, "services": states}', "}"),
            (', "next_sync_s": 5', ""),
            CONFLICT_AS_409,
        ),
        {"next_sync", "service_states"},
    ),
)
"""Servers that do what the protocol allows: what differs from the example, and the cases that they
do not offer beyond those that the example does not."""


@pytest.mark.parametrize(("name", "changes", "absent"), VARIANTS, ids=[v[0] for v in VARIANTS])
def test_what_the_protocol_allows_is_not_called_a_defect(
    name: str, changes: tuple[tuple[str, str], ...], absent: set[str]
) -> None:
    source = SOURCE
    for old, new in changes:
        assert source.count(old) == 1, f"the example has changed: {old!r}"
        source = source.replace(old, new)

    run = checked(source)

    assert {n: str(one.text) for n, one in differing(run).items()} == {}
    not_offered = {one.case.name for one in run.results if one.end is CaseEnd.NOT_OFFERED}
    assert absent <= not_offered
    assert not any(one.case.need is Need.MANDATORY and one.text for one in run.results)


def test_it_runs_as_the_page_says(tmp_path: Path) -> None:
    """As a separate process, with a database file."""
    (tmp_path / "tokens.json").write_text(json.dumps(TOKENS))
    arguments = [str(tmp_path / "tokens.json"), str(tmp_path / "queue.sqlite3"), "0"]
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE), *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        probe = Probe(url, FIRST)
        reply = until(lambda: probe.ask("POST", "/sync", {}), "an answer")
        probe.close()
        assert reply.named == "422 invalid"
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert (tmp_path / "queue.sqlite3").is_file()
