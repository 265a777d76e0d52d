"""Several services on one series: each visitor one number, each service its own quota; alone, with
a real server, offline, and after reconnecting."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.errors import IssueRefused, Refusal
from menu.numbers import Number
from menu.quota import DayQuota, Quota
from tests.desk.rig import DeskRig, FakePrinter, settings
from tests.domain.menus import agency, menu, service
from tests.sync.linked_kiosk import LinkedKiosk
from tests.sync.real import QueueServer
from tests.sync.test_real_server import Make, agree, make, server

__all__ = ["make", "server"]

SERVICES = ("ktp", "kk", "akta")
"""All on the series DK; akta has a quota of 2 a day."""


@pytest.mark.parametrize("seed", range(8))
def test_alone_any_order_of_services_gives_each_number_once(tmp_path: Path, seed: int) -> None:
    """With crashes, voids, repeated requests and a new day between."""
    chance = random.Random(seed)
    quota = Quota.every_day(DayQuota(day=6, hour=3))
    shared = [service(code, prefix="DK", quota=quota) for code in SERVICES]
    catalogue = menu(agency("dukcapil", *shared, prefix="DK"))
    rig = DeskRig[FakePrinter](tmp_path, settings(catalogue=catalogue))
    begin, given = rig.now, Counter[tuple[object, str, int]]()
    for n in range(60):
        code, step = chance.choice(SERVICES), chance.random()
        hour = (rig.now.date(), code, rig.now.hour)
        if step < 0.75:
            wish = rig.request(f"t{n}", code)
            of_day = sum(c for (d, s, _), c in given.items() if (d, s) == hour[:2])
            if given[hour] == 3 or of_day == 6:
                with pytest.raises(IssueRefused) as caught:
                    rig.desk.issue(wish)
                assert caught.value.reason is Refusal.QUOTA
                continue
            ticket = rig.desk.issue(wish).ticket
            given[hour] += 1
            assert rig.desk.issue(wish).ticket.number == ticket.number, "the id is the key"
            if chance.random() < 0.2:
                rig.journal.void(ticket.id)
                given[hour] -= 1
        elif step < 0.85:
            rig.crash()
        elif rig.now < begin + timedelta(days=1, hours=3):
            day_is_over = rig.now.hour == 12
            rig.now += timedelta(hours=21 if day_is_over else 1)
    made = [(t.business_date, t.number) for t in rig.journal.tickets(limit=100)]
    assert len(set(made)) == len(made) > 10
    assert {Number.parse(number).prefix for _, number in made} == {"DK"}
    for code in SERVICES:
        own = sum(c for (d, s, _), c in given.items() if (d, s) == (rig.now.date(), code))
        assert rig.journal.counts(rig.now.date()).get(code, 0) == own
    rig.close()


@pytest.mark.parametrize("seed", [1])
def test_two_kiosks_and_a_server_give_each_number_of_a_series_once(
    server: QueueServer, make: Make, seed: int
) -> None:
    chance = random.Random(seed)
    kiosks = [make("lobi-1"), make("lobi-2")]
    served = Counter[str]()
    for kiosk in kiosks:
        assert kiosk.meet()
    for phase in range(3):
        away = phase % 2 == 1
        if away:
            server.stop()
        for _ in range(12):
            served[_visit(chance, kiosks)] += 1
        if chance.random() < 0.9:
            chance.choice(kiosks).restart(clean=chance.random() < 0.5)
        if away:
            server.start()
        for kiosk in chance.sample(kiosks, 2):
            assert kiosk.meet()
    agree(server, *kiosks)
    served.pop("", None)
    of_service = Counter(t.service for kiosk in kiosks for t in kiosk.tickets.values())
    assert of_service == +served
    assert served["ktp"]
    assert served["kk"]
    series = {Number.parse(h.number).prefix for h in server.tickets.values()}
    assert series == {"DK"}
    assert kiosks[0].meet()
    live = kiosks[0].link.live.services
    assert live["akta"].quota_left == max(0, 2 - served["akta"])
    assert live["ktp"].quota_left is None


def _visit(chance: random.Random, kiosks: list[LinkedKiosk]) -> str:
    """One visitor at one of the kiosks; the service of the number given, empty for a refusal."""
    kiosk, code = chance.choice(kiosks), chance.choice(SERVICES)
    wish = kiosk.wish(code)
    try:
        first = kiosk.desk.issue(wish).ticket
    except IssueRefused:
        return "" if code == "akta" else "refused without a quota"
    assert kiosk.desk.issue(wish).ticket.number == first.number, "the id is the key"
    return code
