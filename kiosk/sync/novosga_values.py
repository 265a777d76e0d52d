"""What Novo SGA says of its services and tickets, as values; see ``kiosk.sync.novosga``."""

from __future__ import annotations

import base64
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.sync import values
from menu.catalogue import Catalogue
from menu.numbers import LAST_NUMBER, PREFIX, Number

RESERVED, NAMED = "R", "N"
"""The first letter of a key: of a number reserved here, and of one of the kiosk's own series."""

_KEY = re.compile(rf"[{RESERVED}{NAMED}][A-Z2-7]{{26}}")


@dataclass(frozen=True, slots=True)
class SgaTicket:
    """A ticket as Novo SGA has it. ``number``: its ``senha`` (``sigla`` and ``value``) as the kiosk
    writes it, empty for one that is no number of a kiosk. ``key``: empty for a ticket of others.
    ``day``: of its arrival."""

    id: int
    number: str
    sigla: str
    value: int
    day: str
    key: str


@dataclass(frozen=True, slots=True)
class SgaService:
    """A service of the unit. ``prefix``: of numbers that may be taken there; empty for none."""

    id: int
    prefix: str


def key_of(kind: str, ticket_id: str) -> str:
    """The key of a ticket id (a UUID), 27 characters: ``documento`` has 30."""
    return kind + base64.b32encode(uuid.UUID(ticket_id).bytes).decode("ascii").rstrip("=")


def services_of(offered: Iterable[Mapping[str, Any]], menu: Catalogue) -> dict[str, SgaService]:
    """The unit's service of each service of the menu, by its code.

    Numbers may be taken where the ``sigla`` is the prefix of one service alone, in the menu and in
    the unit, and where the counter only goes up."""
    named: dict[str, list[Mapping[str, Any]]] = {}
    siglas = Counter(sigla_of(one) for one in offered)
    for one in offered:
        service = one.get("servico")
        if isinstance(service, Mapping) and id_of(service) and isinstance(service.get("nome"), str):
            named.setdefault(_folded(service["nome"]), []).append(one)
    prefixes = Counter(found.service.prefix for found in menu.services())
    names = Counter(
        name
        for found in menu.services()
        for name in {_folded(text) for text in found.service.name.by_language.values()}
    )
    services = {}
    for found in menu.services():
        code, prefix = found.service.code, found.service.prefix
        texts = {_folded(text) for text in found.service.name.by_language.values()}
        known = named.get(_folded(code)) or [
            one for name in texts if names[name] == 1 for one in named.get(name, ())
        ]
        if len({id_of(one["servico"]) for one in known}) != 1:
            continue
        one = known[0]
        rises = (values.figure(one.get("incremento")) or 0) > 0 and not one.get("numeroFinal")
        alone = sigla_of(one) == prefix and siglas[prefix] == 1 and prefixes[prefix] == 1
        services[code] = SgaService(id_of(one["servico"]), prefix if rises and alone else "")
    return services


def ticket_of(said: Any) -> SgaTicket | None:
    """A ticket; None for what is none."""
    if not isinstance(said, Mapping):
        return None
    senha, client, arrived = said.get("senha"), said.get("cliente"), said.get("dataChegada")
    if not isinstance(senha, Mapping):
        return None
    value = values.figure(senha.get("numero"))
    if not id_of(said) or value is None or not isinstance(arrived, str):
        return None
    sigla = sigla_of(senha)
    written = PREFIX.fullmatch(sigla) and 0 < value <= LAST_NUMBER
    key = client.get("documento") if isinstance(client, Mapping) else None
    return SgaTicket(
        id=id_of(said),
        number=str(Number(sigla, "", value)) if written else "",
        sigla=sigla,
        value=value,
        day=arrived[:10],
        key=key if isinstance(key, str) and _KEY.fullmatch(key) else "",
    )


def id_of(said: Mapping[str, Any]) -> int:
    """The id of an entity; 0 for none. Ids of tickets are never given again, so they are high."""
    found = said.get("id")
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0


def sigla_of(said: Mapping[str, Any]) -> str:
    return said["sigla"] if isinstance(said.get("sigla"), str) else ""


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
