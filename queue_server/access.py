"""Who may do what: kiosks and staff, and their tokens.

A token is 256 random bits, shown once; only its SHA-256 is stored. A new token for the same name
keeps its identity: the one before stays good until the new one is first used.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from queue_server.errors import Problem, UsageError
from queue_server.prepared import Prepared
from queue_server.schema import principals, tokens

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
COUNTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,19}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="queue"'}


class Principal(NamedTuple):
    """A kiosk or a member of staff; ``counter``: the only one it may act on, None for all."""

    id: int
    kind: str
    name: str
    counter: str | None


COLUMNS = (
    tokens.c.hash,
    tokens.c.ended,
    tokens.c.used,
    tokens.c.created_us,
    principals.c.id.label("holder"),
    principals.c.kind,
    principals.c.name,
    principals.c.counter.label("bound_to"),
)
"""What ``admit`` looks at."""
HOLDER = principals.c.id == tokens.c.principal
IS_TOKEN = tokens.c.hash == bindparam("hash")
_FIND = Prepared(select(*COLUMNS).join(principals, HOLDER).where(IS_TOKEN))


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(header: str | None) -> str:
    """The token of an Authorization header; Problem 401 where there is none."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not _TOKEN.fullmatch(token.strip()):
        raise Problem(401, "unauthorized", "A valid token is needed.", headers=_CHALLENGE)
    return token.strip()


def authenticate(connection: Connection, token: str, kind: str, *, write: bool = True) -> Principal:
    """Who holds ``token``; Problem 401 (``unauthorized``, ``revoked``) or 403 (``forbidden``).

    ``write``: whether this transaction may write, and so note a token's first use.

    The hash is looked up and then compared in constant time; the time that the lookup takes says
    nothing of a token, because nobody can choose a hash.
    """
    hashed = digest(token)
    row = _FIND.first(connection, {"hash": hashed})
    return admit(connection, row, hashed, kind, write=write)


def admit(
    connection: Connection, row: Any, hashed: str, kind: str, *, write: bool = True
) -> Principal:
    """``authenticate`` for who has looked the token up: a row with ``COLUMNS``, or None."""
    if row is None or not hmac.compare_digest(row.hash, hashed) or row.ended == "replaced":
        raise Problem(401, "unauthorized", "This token is not known.", headers=_CHALLENGE)
    if row.ended is not None:
        raise Problem(401, "revoked", "This token was revoked.", headers=_CHALLENGE)
    if row.kind != kind:
        raise Problem(403, "forbidden", f"This is for the token of a {kind} only.")
    if write and not row.used:
        _note_first_use(connection, hashed, row.holder, row.created_us)
    return Principal(row.holder, row.kind, row.name, row.bound_to)


def _note_first_use(connection: Connection, hashed: str, principal: int, born_us: int) -> None:
    """From its first use on, a token takes the place of those before it."""
    older = tokens.c.principal == principal, tokens.c.hash != hashed, tokens.c.ended.is_(None)
    connection.execute(
        update(tokens).where(*older, tokens.c.created_us <= born_us).values(ended="replaced")
    )
    connection.execute(update(tokens).where(tokens.c.hash == hashed).values(used=True))


def add(
    connection: Connection, kind: str, name: str, counter: str | None, now_us: int
) -> tuple[str, bool]:
    """A new token for a name, and whether the name is new. UsageError for an unfit name."""
    if not NAME.fullmatch(name):
        raise UsageError("a name is 1 to 64 letters, digits, spaces and . _ -")
    if counter is not None and not COUNTER.fullmatch(counter):
        raise UsageError("a counter is 1 to 20 letters, digits, spaces and . _ -")
    found = connection.execute(select(principals).where(principals.c.name == name)).first()
    if found is not None and found.kind != kind:
        raise UsageError(f"{name} is the name of a {found.kind} already")
    if found is None:
        values = {"kind": kind, "name": name, "counter": counter, "created_us": now_us}
        connection.execute(insert(principals).values(**values))
        found = connection.execute(select(principals).where(principals.c.name == name)).one()
    elif kind == "staff":
        holder = principals.c.id == found.id
        connection.execute(update(principals).where(holder).values(counter=counter))
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(tokens).values(hash=digest(token), principal=found.id, created_us=now_us)
    )
    return token, found.created_us == now_us


def revoke(connection: Connection, name: str) -> int:
    """Revokes all tokens of a name; how many were good. UsageError for an unknown name."""
    found = connection.execute(select(principals.c.id).where(principals.c.name == name)).scalar()
    if found is None:
        raise UsageError(f"nobody is called {name!r:.80}")
    good = tokens.c.principal == found, tokens.c.ended.is_distinct_from("revoked")
    count = connection.execute(
        update(tokens).where(*good, tokens.c.ended.is_(None)).values(ended="revoked")
    ).rowcount
    connection.execute(update(tokens).where(*good).values(ended="revoked"))
    return count
