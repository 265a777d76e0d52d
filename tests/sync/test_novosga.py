"""A kiosk with Novo SGA: what visitors get, and what its queue has once all is over.

Against a double that behaves as Novo SGA's source does (``novosga_double``); no test here was run
against Novo SGA itself.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from kiosk.errors import NotReserving, ServerUnreachable, SyncError
from kiosk.messages import Message
from kiosk.store.outbox import Backlog
from kiosk.sync import novosga as novosga_module
from kiosk.sync.novosga import LATE_S, NovoSgaClient
from kiosk.sync.novosga_values import RESERVED, key_of
from kiosk.sync.values import ticket_row
from tests.desk.rig import settings
from tests.domain.menus import agency, menu
from tests.domain.menus import service as a_service
from tests.sync.linked_kiosk import LinkedKiosk
from tests.sync.novosga_double import SECRETS, UNIT, NovoSgaDouble
from tests.sync.scripted import Asked, Hold, Reply, ScriptedServer, http, raw
from tests.sync.test_fqm import asking, wait_for

MENU = menu(
    agency("dukcapil", a_service("ktp", prefix="KT"), a_service("kk", prefix="KK")),
    agency("dlh", a_service("ukl", "Izin UKL", prefix="DL")),
)
HTML = http(b"<html>wrong</html>", "200 OK", "text/html")


@pytest.fixture
def sga() -> Iterator[NovoSgaDouble]:
    double = NovoSgaDouble(ktp="KT", kk="KK", ukl="DL")
    double.services[2]["servico"]["nome"] = "izin  UKL"
    yield double
    double.close()


@pytest.fixture
def front(sga: NovoSgaDouble) -> Iterator[ScriptedServer]:
    """A proxy before Novo SGA."""
    with ScriptedServer(default=forwarded(sga)) as front:
        yield front


Make = Callable[..., LinkedKiosk]


@pytest.fixture
def make(tmp_path: Path, front: ScriptedServer) -> Iterator[Make]:
    made: list[LinkedKiosk] = []

    def make(name: str = "lobi-1", letter: str = "A", **more: Any) -> LinkedKiosk:
        base = settings(catalogue=more.pop("menu", MENU))
        own: dict[str, Any] = {
            "menu": replace(base, kiosk=replace(base.kiosk, letter=letter)),
            "token": SECRETS,
            "unit": UNIT,
        }
        kiosk = LinkedKiosk(tmp_path / name, front.url, kind="novosga", **(own | more))
        made.append(kiosk)
        return kiosk

    yield make
    for kiosk in made:
        kiosk.close()


def forwarded(sga: NovoSgaDouble) -> Reply:
    """Passes a request on to Novo SGA."""

    def reply(connection: socket.socket, asked: Asked) -> bool:
        kept = {k: v for k, v in asked.headers.items() if k in ("authorization", "content-type")}
        answer = requests.request(
            asked.method, sga.url + asked.path, data=asked.body, headers=kept, timeout=20
        )
        status, kind = f"{answer.status_code} {answer.reason}", answer.headers["Content-Type"]
        return http(answer.content, status, kind)(connection, asked)

    return reply


def on_tickets(reply: Reply, otherwise: Reply) -> Reply:
    """``reply`` where a ticket is asked for, ``otherwise`` to everything else."""

    def choose(connection: socket.socket, asked: Asked) -> bool:
        return (reply if asked.path == "/api/distribui" else otherwise)(connection, asked)

    return choose


def executed(sga: NovoSgaDouble) -> Reply:
    """Novo SGA executes the request, and its answer is lost."""

    def reply(connection: socket.socket, asked: Asked) -> bool:
        return forwarded(sga)(_Void(), asked) and False  # type: ignore[arg-type]

    return reply


class _Void:
    def sendall(self, _: bytes) -> None:
        """The answer is lost."""


def senhas(sga: NovoSgaDouble) -> list[str]:
    """What panels call, in the order of the queue."""
    return [one["senha"]["format"] for one in sga.tickets]


def names(sga: NovoSgaDouble) -> list[str]:
    """The clients' names on the clerk's screen."""
    return [one["cliente"]["nome"] for one in sga.tickets]


def notices(kiosk: LinkedKiosk) -> str:
    return "\n".join(str(one) for one in kiosk.link.refresh_status().notices)


def offline(kiosk: LinkedKiosk, front: ScriptedServer, service: str = "ktp") -> str:
    """A number given while Novo SGA does not answer."""
    before, front.default = front.default, raw(b"")
    assert not kiosk.meet()
    number = kiosk.number(service)
    front.default = before
    return number


# ── numbers ──────────────────────────────────────────────────────────────────────────────


def test_the_visitor_gets_the_number_that_panels_call(make: Make, sga: NovoSgaDouble) -> None:
    kiosk = make()
    assert kiosk.meet()
    assert [kiosk.number(), kiosk.number("ukl"), kiosk.number()] == ["KT-001", "DL-001", "KT-002"]
    assert senhas(sga) == ["KT001", "DL001", "KT002"]
    assert kiosk.meet()
    assert senhas(sga) == ["KT001", "DL001", "KT002"], "no row makes another ticket"
    assert kiosk.backlog == Backlog()
    assert notices(kiosk) == ""


def test_two_kiosks_and_the_reception_share_one_series(make: Make, sga: NovoSgaDouble) -> None:
    one, two = make("lobi-1", "A"), make("lobi-2", "B")
    assert one.meet()
    assert two.meet()
    assert [one.number(), two.number()] == ["KT-001", "KT-002"]
    assert sga.triage("ktp") == "KT003"
    assert [one.number(), two.number()] == ["KT-004", "KT-005"]


def test_nothing_about_a_visitor_is_sent_but_number_and_key(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    kiosk = make()
    assert kiosk.meet()
    wish = replace(kiosk.wish(), priority="elderly")
    kiosk.desk.issue(wish)
    offline(kiosk, front)
    assert kiosk.meet()
    reserved, named = sga.posted
    assert set(reserved) == set(named) == {"unidade", "servico", "prioridade", "cliente"}
    assert reserved["cliente"] == {"nome": "Kiosk", "documento": key_of(RESERVED, wish.id)}
    assert len(key_of(RESERVED, wish.id)) == 27
    assert {reserved["prioridade"], named["prioridade"]} == {1}
    assert named["cliente"]["nome"] == "KT-A001"


def test_before_the_queue_was_read_the_number_is_the_kiosk_s_own(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    kiosk = make()
    assert kiosk.number() == "KT-A001"
    with pytest.raises(ServerUnreachable):
        kiosk.link._client.reserve(kiosk.wish(), 1.0)
    assert sga.posted == []
    assert not kiosk.link.refresh_status().barred


def test_a_number_of_the_own_series_reaches_the_queue_by_name(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    kiosk = make()
    assert kiosk.meet()
    given = [offline(kiosk, front), offline(kiosk, front, "ukl")]
    assert given == ["KT-A001", "DL-A001"]
    assert kiosk.meet()
    assert names(sga) == given
    assert kiosk.backlog == Backlog()
    assert kiosk.meet()
    assert names(sga) == given
    assert kiosk.number() == "KT-002", "the ticket of KT-A001 is KT001 at Novo SGA"


# ── lost replies, repeats ────────────────────────────────────────────────────────────────


def test_a_reply_that_breaks_off_is_looked_for_at_once(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    kiosk = make()
    assert kiosk.meet()
    front.default = on_tickets(executed(sga), forwarded(sga))
    assert kiosk.number() == "KT-001"
    assert senhas(sga) == ["KT001"]
    assert kiosk.link.online


def test_a_ticket_whose_answer_is_an_error_is_looked_for(make: Make, sga: NovoSgaDouble) -> None:
    """Novo SGA's hub is down: 500, although the ticket was made."""
    kiosk = make()
    assert kiosk.meet()
    sga.hub_down = True
    assert [kiosk.number(), kiosk.number()] == ["KT-001", "KT-002"]
    assert senhas(sga) == ["KT001", "KT002"]


def test_a_late_answer_leaves_a_ticket_that_staff_can_tell(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    """Executed after the deadline: the visitor has another number."""
    kiosk = make(deadline_s=0.3)
    assert kiosk.meet()
    late = Hold(executed(sga))
    front.default = on_tickets(late, forwarded(sga))
    assert kiosk.number() == "KT-A001"
    assert not kiosk.link.online
    late.release.set()
    wait_for(lambda: len(sga.tickets) == 1)
    front.default = forwarded(sga)
    assert kiosk.meet()
    assert names(sga) == ["Kiosk", "KT-A001 (bukan KT-001)"]
    assert "1 tickets at Novo SGA have no visitor" in notices(kiosk)
    assert "KT-001 (KT-A001)" in notices(kiosk)
    assert kiosk.backlog == Backlog()


def test_a_reservation_that_is_executed_after_the_delivery_is_reported(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    kiosk = make(deadline_s=0.3)
    assert kiosk.meet()
    late = Hold(executed(sga))
    front.default = on_tickets(late, forwarded(sga))
    assert kiosk.number() == "KT-A001"
    front.default = forwarded(sga)
    assert kiosk.meet()
    assert names(sga) == ["KT-A001"]
    late.release.set()
    wait_for(lambda: len(sga.tickets) == 2)
    assert kiosk.meet()
    assert "KT-002 (KT-A001)" in notices(kiosk)


def test_a_second_reservation_with_one_id_is_never_posted(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    kiosk = make()
    assert kiosk.meet()
    client, wish, lost = kiosk.link._client, kiosk.wish(), kiosk.wish()
    assert client.reserve(wish, 5.0) == client.reserve(wish, 5.0)
    front.default = on_tickets(raw(b""), forwarded(sga))
    for _ in range(2):
        with pytest.raises(ServerUnreachable):
            client.reserve(lost, 5.0)
    assert senhas(sga) == ["KT001"]
    assert len([one for one in front.asked if one.path == "/api/distribui"]) == 2


@pytest.fixture
def client(make: Make, front: ScriptedServer) -> Iterator[tuple[NovoSgaClient, LinkedKiosk, Any]]:
    """An adapter with its own clock, and a kiosk that gave KT-A001 after its first exchange."""
    kiosk, now_s = make(), [1000.0]
    token = kiosk.folder / "token"
    client = NovoSgaClient(
        front.url, UNIT, token, menu=lambda: MENU, exchange_s=3.0, mono=lambda: now_s[0]
    )
    assert client.sync(asking()).results == ()
    kiosk.passes(seconds=1)
    kiosk.issue()
    yield client, kiosk, now_s
    client.close()


def test_a_delivery_without_an_answer_is_not_repeated_while_it_may_be_executed(
    client: tuple[NovoSgaClient, LinkedKiosk, Any], sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    adapter, kiosk, now_s = client
    (row,) = map(ticket_row, kiosk.tickets.values())
    late = Hold(executed(sga))
    front.default = on_tickets(late, forwarded(sga))
    adapter._exchange_s = 0.5
    with pytest.raises(SyncError):
        adapter.sync(asking(row))
    adapter._exchange_s, front.default = 10.0, forwarded(sga)
    assert adapter.sync(asking(row)).results == (), "it is neither repeated nor acknowledged"
    late.release.set()
    wait_for(lambda: len(sga.tickets) == 1)
    (result,) = adapter.sync(asking(row)).results
    assert result.status == "stored"
    now_s[0] += LATE_S
    adapter.sync(asking(row))
    assert names(sga) == ["KT-A001"]


def test_a_delivery_that_was_lost_is_repeated_in_the_end(
    client: tuple[NovoSgaClient, LinkedKiosk, Any], sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    adapter, kiosk, now_s = client
    (row,) = map(ticket_row, kiosk.tickets.values())
    front.default = on_tickets(raw(b""), forwarded(sga))
    with pytest.raises(SyncError):
        adapter.sync(asking(row))
    front.default = forwarded(sga)
    assert adapter.sync(asking(row)).results == ()
    now_s[0] += LATE_S
    (result,) = adapter.sync(asking(row)).results
    assert result.status == "stored"
    assert names(sga) == ["KT-A001"]


def test_after_a_restart_a_row_waits_until_an_earlier_request_cannot_arrive(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = make()
    assert kiosk.meet()
    assert offline(kiosk, front) == "KT-A001"
    kiosk.restart(clean=False)
    kiosk.passes(seconds=1)
    assert kiosk.meet()
    assert sga.tickets == []
    assert kiosk.backlog == Backlog(1)
    monkeypatch.setattr(novosga_module, "LATE_S", 0.0)
    assert kiosk.meet()
    assert names(sga) == ["KT-A001"]


def test_tickets_in_the_history_are_not_made_again(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(novosga_module, "LATE_S", 0.0)
    kiosk = make()
    assert kiosk.meet()
    offline(kiosk, front)
    front.default = on_tickets(executed(sga), forwarded(sga))
    assert not kiosk.meet()
    sga.reset()
    front.default = forwarded(sga)
    kiosk.restart()
    assert kiosk.meet()
    assert sga.tickets == []
    assert kiosk.backlog == Backlog()


# ── no number twice ──────────────────────────────────────────────────────────────────────


def test_after_a_reset_no_number_is_given_a_second_time(make: Make, sga: NovoSgaDouble) -> None:
    kiosk, other = make("lobi-1", "A"), make("lobi-2", "B")
    assert kiosk.meet()
    assert other.meet()
    assert [kiosk.number(), other.number()] == ["KT-001", "KT-002"]
    sga.reset()
    assert other.number() == "KT-B001", "Novo SGA gave KT001 again"
    assert kiosk.meet()
    assert kiosk.number() == "KT-A001", "read in the history"
    assert "started again today" in notices(kiosk)
    kiosk.passes(days=1)
    sga.reset()
    sga.now = "2026-11-25T09:00:00"
    assert kiosk.meet()
    assert kiosk.number() == "KT-001"


@pytest.mark.parametrize(
    "change",
    [{"numeroFinal": 99}, {"sigla": "KK"}, {"sigla": "A"}, {"sigla": ""}, {"incremento": 0}],
)
def test_a_service_whose_numbers_could_be_given_twice_has_the_kiosk_s_own(
    make: Make, sga: NovoSgaDouble, change: dict[str, Any]
) -> None:
    sga.services[0] |= change
    kiosk = make()
    assert kiosk.meet()
    assert kiosk.number() == "KT-A001"
    assert kiosk.link.online
    assert sga.posted == []
    assert kiosk.number("ukl") == "DL-001"
    assert "ktp" in notices(kiosk)
    assert "sigla of its own" in notices(kiosk)
    with pytest.raises(NotReserving):
        kiosk.link._client.reserve(kiosk.wish(), 1.0)
    assert kiosk.meet()
    assert "KT-A001" in names(sga)


def test_a_prefix_that_two_services_of_the_menu_share_is_not_reserved(
    make: Make, sga: NovoSgaDouble
) -> None:
    shared = menu(agency("a", a_service("ktp", prefix="KT"), a_service("kk", prefix="KT")))
    kiosk = make(menu=shared)
    assert kiosk.meet()
    assert [kiosk.number("ktp"), kiosk.number("kk")] == ["KT-A001", "KT-A002"]


def test_a_sigla_that_two_services_of_the_unit_share_is_not_reserved(
    make: Make, sga: NovoSgaDouble
) -> None:
    sga.services[1]["sigla"] = "KT"
    kiosk = make()
    assert kiosk.meet()
    assert [kiosk.number("ktp"), kiosk.number("kk")] == ["KT-A001", "KK-A001"]
    assert sga.posted == []


def test_a_sigla_that_is_changed_gives_one_ticket_without_a_visitor_at_most(
    make: Make, sga: NovoSgaDouble
) -> None:
    kiosk = make()
    assert kiosk.meet()
    sga.services[0]["sigla"] = "KX"
    assert [kiosk.number(), kiosk.number()] == ["KT-A001", "KT-A002"]
    assert senhas(sga) == ["KX001"]
    assert kiosk.meet()
    assert names(sga) == ["Kiosk", "KT-A001 (bukan KX-001)", "KT-A002"]
    assert "sigla of its own" in notices(kiosk)


def test_a_number_that_another_service_of_that_sigla_gave_today_is_not_given(
    make: Make, sga: NovoSgaDouble
) -> None:
    sga.services[1]["sigla"] = "KT"
    assert sga.triage("kk") == "KT001"
    sga.services[1]["ativo"] = False
    kiosk = make()
    assert kiosk.meet()
    assert kiosk.number() == "KT-A001"
    assert kiosk.number() == "KT-A002"
    assert senhas(sga) == ["KT001", "KT001"], "the second one has no visitor"
    assert kiosk.meet()
    assert "KT-001 (KT-A001)" in notices(kiosk)


def test_the_last_number_is_followed_by_the_kiosk_s_own(make: Make, sga: NovoSgaDouble) -> None:
    kiosk = make()
    sga._counters[11] = 9999
    assert kiosk.meet()
    assert [kiosk.number(), kiosk.number()] == ["KT-9999", "KT-A001"]
    assert senhas(sga) == ["KT9999"]


def test_a_date_that_is_not_today_s_gives_no_number(make: Make, sga: NovoSgaDouble) -> None:
    sga.now = "2026-11-23T23:30:00"
    kiosk = make()
    assert kiosk.meet()
    assert [kiosk.number(), kiosk.number()] == ["KT-A001", "KT-A002"]
    assert "date at Novo SGA" in notices(kiosk)
    assert len(sga.posted) == 1, "it is not tried for each visitor"
    sga.now = "2026-11-24T08:00:00"
    assert kiosk.meet()
    assert kiosk.meet()
    assert kiosk.number() == "KT-004"


# ── what Novo SGA refuses ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("refusals", ["200", "422", "500"])
def test_a_refusal_sends_no_visitor_away(make: Make, sga: NovoSgaDouble, refusals: str) -> None:
    sga.refusals = refusals
    sga.services[0]["maximo"] = 1
    kiosk = make()
    assert kiosk.meet()
    assert [kiosk.number(), kiosk.number()] == ["KT-001", "KT-A001"]
    assert kiosk.link.online
    assert kiosk.number("ukl") == "DL-001"
    assert kiosk.meet()
    assert kiosk.backlog == Backlog(1)
    assert "make a ticket for KT-A001: Quantidade máxima de senhas atingida" in notices(kiosk)
    sga.services[0]["maximo"] = None
    assert kiosk.meet()
    assert kiosk.backlog == Backlog()
    assert names(sga)[-1] == "KT-A001"


def test_a_service_that_the_unit_does_not_have(make: Make, sga: NovoSgaDouble) -> None:
    del sga.services[0]
    kiosk = make()
    assert kiosk.meet()
    assert "does not have 1 services of the menu (ktp)" in notices(kiosk)
    assert kiosk.number() == "KT-A001"
    assert kiosk.meet()
    assert kiosk.backlog == Backlog(parked=1)
    assert "KT-A001 (Novo SGA does not have this service)" in notices(kiosk)


def test_a_number_of_a_past_day_is_not_called_today(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    kiosk = make()
    assert kiosk.meet()
    offline(kiosk, front)
    kiosk.passes(days=1)
    assert kiosk.meet()
    assert sga.tickets == []
    assert kiosk.backlog == Backlog(parked=1)


def test_a_number_that_is_given_back_stays_and_staff_are_told(
    make: Make, sga: NovoSgaDouble
) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.desk.void(kiosk.issue().ticket.id)
    assert kiosk.meet()
    assert senhas(sga) == ["KT001"], "no route of Novo SGA cancels a ticket"
    assert "given back, but stay in the queue of Novo SGA: KT-001" in notices(kiosk)
    assert kiosk.backlog == Backlog()


def test_a_number_that_was_given_back_before_it_was_sent_makes_no_ticket(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    kiosk = make()
    kiosk.desk.void(kiosk.issue().ticket.id)
    assert kiosk.meet()
    assert sga.tickets == []
    assert kiosk.backlog == Backlog()


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "the clerk has to call it"),
        ("id", "petugas harus memanggilnya"),
    ],
)
def test_the_status_says_what_the_hall_must_arrange(make: Make, lang: str, said: str) -> None:
    (remark,) = make().link.remarks
    assert isinstance(remark, Message)
    assert remark.in_(lang).endswith(said)


# ── login ────────────────────────────────────────────────────────────────────────────────


def test_a_login_that_ended_is_renewed(make: Make, sga: NovoSgaDouble) -> None:
    kiosk = make()
    assert kiosk.meet()
    assert kiosk.meet()
    assert sga.logins == 1
    client = kiosk.link._client
    assert isinstance(client, NovoSgaClient)
    client._logged_s -= 1000.0
    sga.expire()
    assert kiosk.number() == "KT-A001", "no visitor waits for a login"
    assert kiosk.meet()
    assert sga.logins == 2
    assert kiosk.number() == "KT-002"
    client._renew_s = 0.0
    assert kiosk.meet()
    assert sga.logins == 3, "renewed before it ends"


def test_the_successor_of_the_login_route_is_tried(make: Make, sga: NovoSgaDouble) -> None:
    sga.token_path = "/oauth2/token"
    kiosk = make()
    assert kiosk.meet()
    assert kiosk.number() == "KT-001"


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        (SECRETS + "x", "does not accept this kiosk (400)"),
        ("x" + SECRETS, "does not accept this kiosk (401)"),
        ("secret-token-0123456789", "CLIENT_ID:CLIENT_SECRET:USER:PASSWORD"),
    ],
)
def test_wrong_secrets_are_an_alert_and_numbers_go_on(
    make: Make, sga: NovoSgaDouble, secrets: str, said: str
) -> None:
    kiosk = make(token=secrets)
    assert not kiosk.meet()
    assert said in notices(kiosk)
    assert secrets not in notices(kiosk)
    assert kiosk.number() == "KT-A001"
    (kiosk.folder / "token").write_text(SECRETS)
    kiosk.passes(seconds=1)
    assert kiosk.meet()
    assert names(sga) == ["KT-A001"]
    assert kiosk.number() == "KT-002"


def test_the_secrets_are_sent_to_the_login_alone(make: Make, front: ScriptedServer) -> None:
    kiosk = make()
    assert kiosk.meet()
    kiosk.number()
    secret = SECRETS.split(":")[1]
    sent = [one for one in front.asked if secret in json.dumps(one.headers) + str(one.body)]
    assert [one.path for one in sent] == ["/api/token"]
    assert "authorization" not in sent[0].headers


# ── wrong answers ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "reply",
    [
        HTML,
        http(b"", "302 Found", "text/html", Location="/login"),
        http({}),
        http(b"[1]"),
        http(b"["),
        http({"id": 7, "senha": {"sigla": "KT", "numero": 9}, "servico": {"id": 11}}),
        http(b"", "502 Bad Gateway", "text/html"),
        http({"code": 500, "error": "Internal"}, "500 Internal Server Error"),
    ],
)
def test_a_wrong_answer_gives_the_kiosk_s_own_number_and_loses_nothing(
    make: Make,
    front: ScriptedServer,
    sga: NovoSgaDouble,
    reply: Reply,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(novosga_module, "LATE_S", 0.0)
    kiosk = make()
    assert kiosk.meet()
    front.default = on_tickets(reply, forwarded(sga))
    assert kiosk.number() == "KT-A001"
    kiosk.meet()
    assert kiosk.backlog == Backlog(1)
    front.default = reply
    assert not kiosk.meet()
    assert kiosk.backlog == Backlog(1)
    front.default = forwarded(sga)
    assert kiosk.meet()
    assert names(sga) == ["KT-A001"]


def test_the_ticket_of_another_key_is_no_answer(
    make: Make, front: ScriptedServer, sga: NovoSgaDouble
) -> None:
    kiosk = make()
    assert kiosk.meet()
    assert sga.triage("ktp") == "KT001"
    other = json.dumps(sga.tickets[0]).encode()
    front.default = on_tickets(http(other), forwarded(sga))
    assert kiosk.number() == "KT-A001"


def test_more_tickets_than_the_newest_list_has_are_read_whole(
    make: Make, sga: NovoSgaDouble, front: ScriptedServer
) -> None:
    kiosk = make()
    assert kiosk.meet()
    front.asked.clear()
    assert kiosk.meet()
    whole = f"/api/unidades/{UNIT}/atendimentos"
    assert whole not in [one.path for one in front.asked]
    for _ in range(30):
        sga.triage("ktp")
    assert kiosk.meet()
    assert whole in [one.path for one in front.asked]
    assert kiosk.number() == "KT-031"
