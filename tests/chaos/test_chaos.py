"""Kiosks and servers with a faulty network between them, killed repeatedly: all promises hold.

Every number shown is in the server once, as shown; none twice; each series keeps its order; no row
stays unacknowledged. ``benchmarks/chaos_long.py`` is the long form.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.chaos.oracle import ShownNumber, Stored, paper_violations, violations
from tests.chaos.proxy import NetworkFault, Proxy, plan
from tests.chaos.run import Chaos, Extent
from tests.sync.scripted import ScriptedServer, http

DAY = "2026-11-24"


def test_chaos_breaks_no_promise(tmp_path: Path, database: str) -> None:
    servers = 2 if "://" in database else 1
    extent = Extent(
        visitors=32, servers=servers, kiosk_kills=3, server_kills=1, printers=1, printer_kills=1
    )
    outcome = Chaos(tmp_path, database, seed=20261124, extent=extent).run()
    print(outcome.faults, outcome.own, outcome.seconds)
    assert outcome.wrong == []
    assert sum(outcome.faults.values()) > 0
    assert outcome.kills == {"kiosk": 3, "server": 1, "printer": 1}
    assert outcome.confirmed > 0


# ── the oracle ─────────────────────────────────────────────────────────────────────────────────

SHOWN = [
    ShownNumber("lobi-1", "0", "t0", "DK-001", DAY),
    ShownNumber("lobi-2", "0", "t1", "DK-B001", DAY),
    ShownNumber("lobi-1", "1", "t2", "DK-002", DAY),
]
HELD = [
    Stored("t0", "DK-001", DAY, 2, False, 10),
    Stored("t1", "DK-B001", DAY, 1, False, 20),
    Stored("t2", "DK-002", DAY, 2, False, 30),
    Stored("t9", "DK-003", DAY, 0, False, 40),
]
VISITS = [("lobi-1", 2), ("lobi-2", 1)]


def test_the_oracle_accepts_a_correct_run() -> None:
    """An unsettled reservation does not count; a number shown twice to one visitor is allowed."""
    assert violations(VISITS, [*SHOWN, SHOWN[2]], HELD) == []


@pytest.mark.parametrize(
    ("shown", "held", "said"),
    [
        (SHOWN[:2], HELD, "lobi-1: visitor 1 has no number"),
        ([*SHOWN, SHOWN[0]._replace(number="DK-009")], HELD, "lobi-1: visitor 0 holds"),
        ([*SHOWN[:2], SHOWN[2]._replace(number="DK-001")], HELD, "is held by"),
        (SHOWN, HELD[:2], "was shown and is not in the server"),
        (SHOWN, [*HELD[:2], HELD[2]._replace(rev=0)], "was shown and is not in the server"),
        (SHOWN, [*HELD[:2], HELD[2]._replace(number="DK-007")], "the server has DK-007"),
        (SHOWN, [*HELD[:2], HELD[2]._replace(number="DK-001")], "2 times"),
        (SHOWN, [*HELD[:2], HELD[2]._replace(business_date="2026-11-25")], "was shown, the server"),
        (SHOWN, [*HELD[:2], HELD[2]._replace(conflict=True)], "DK-002 is a conflict"),
        (SHOWN, [*HELD, HELD[3]._replace(rev=1)], "DK-003 was shown to no visitor"),
        (SHOWN, [*HELD[:2], HELD[2]._replace(order_us=9)], "DK-002 is 0 ms ahead of DK-001"),
        ([SHOWN[2], SHOWN[1], SHOWN[0]], HELD, "DK-001 was shown after 2"),
    ],
)
def test_the_oracle_finds_each_violation(
    shown: list[ShownNumber], held: list[Stored], said: str
) -> None:
    wrong = violations(VISITS, shown, held)
    assert any(said in one for one in wrong), wrong


def test_the_oracle_accepts_correct_paper() -> None:
    """A slip, one that was cut short, its copy, one whose record died with the printer."""
    paper = [("DK-001", True), ("DK-002", False), ("DK-002 SALINAN", True), ("", False)]
    assert paper_violations(paper, ["DK-001", "DK-002", "DK-003"], lost=1) == []


@pytest.mark.parametrize(
    ("paper", "said"),
    [
        ([("DK-001 DK-002", True)], "DK-001 and DK-002 are on one piece"),
        ([("DK-001", False), ("DK-001", True)], "DK-001 is on a second piece"),
        ([("DK-001", False)], "DK-001: recorded as printed, without a slip"),
    ],
)
def test_the_oracle_finds_each_violation_on_paper(paper: list[tuple[str, bool]], said: str) -> None:
    assert said in paper_violations(paper, ["DK-001"], lost=0)[0]


# ── the proxy ────────────────────────────────────────────────────────────────────────────────


def test_a_seed_gives_the_same_plan() -> None:
    drawn = [plan(7, "lobi-1", n, [1, 2]) for n in range(200)]
    assert drawn == [plan(7, "lobi-1", n, [1, 2]) for n in range(200)]
    assert drawn != [plan(8, "lobi-1", n, [1, 2]) for n in range(200)]
    assert {(one.fault, one.upwards) for one in drawn} == {
        (f, u) for f in NetworkFault for u in (0, 1)
    }


def test_a_request_arrives_a_second_time() -> None:
    seed = next(s for s in range(999) if plan(s, "k", 0, [1]).fault is NetworkFault.DUPLICATE)
    with ScriptedServer(default=http({"ok": 1})) as server:
        proxy = Proxy(seed, "k", [server.port])
        answer = requests.post(f"http://127.0.0.1:{proxy.port}/a", data=b"x" * 40, timeout=20)
        proxy.calm()
        proxy.close()
        assert answer.json() == {"ok": 1}
        assert [asked.body for asked in server.of("POST")] == [b"x" * 40] * 2


@pytest.mark.parametrize(
    "fault", [NetworkFault.TRUNCATE, NetworkFault.RESET, NetworkFault.DROP, NetworkFault.HALF_CLOSE]
)
def test_an_answer_is_cut_at_its_byte(fault: NetworkFault) -> None:
    def fits(seed: int) -> bool:
        drawn = plan(seed, "k", 0, [1])
        return drawn.fault is fault and not drawn.upwards and 100 < drawn.at_byte < 400

    seed = next(s for s in range(9999) if fits(s))
    with ScriptedServer(default=http(b'"' + b"y" * 4000 + b'"')) as server:
        proxy = Proxy(seed, "k", [server.port])
        with pytest.raises(requests.RequestException):
            requests.get(f"http://127.0.0.1:{proxy.port}/a", timeout=20)
        proxy.close()
        assert proxy.met == [fault]
        assert len(server.asked) == 1, "the server did what was asked"
