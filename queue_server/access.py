"""Authentication: kiosks, staff, boards and their bearer tokens.

A token is 256 random bits, printed once; only its SHA-256 is stored. A new token for the same name
keeps the identity. The older token stays valid until the new one is first used, so that a token
can be exchanged without an outage.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from queue_server.errors import RequestProblem, UsageError
from queue_server.prepared import Prepared
from queue_server.schema import principals, tokens

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
COUNTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,19}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="queue"'}


class Principal(NamedTuple):
    """A kiosk, a member of staff or a board.

    ``counter``: the only one it may act on; None for all.
    """

    id: int
    kind: str
    name: str
    counter: str | None


COLUMNS = (
    tokens.c.hash,
    tokens.c.ended,
    tokens.c.used,
    tokens.c.created_us,
    principals.c.id.label("principal_id"),
    principals.c.kind,
    principals.c.name,
    principals.c.counter.label("bound_to"),
)
"""The columns that ``admit`` needs."""
PRINCIPAL = principals.c.id == tokens.c.principal
MATCHES_HASH = tokens.c.hash == bindparam("hash")
_FIND = Prepared(select(*COLUMNS).join(principals, PRINCIPAL).where(MATCHES_HASH))


def digest(token: str) -> str:
    """The SHA-256 of a token in hex: the only form that is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(header: str | None) -> str:
    """The token of an Authorization header. Raises RequestProblem 401 if there is none."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not _TOKEN.fullmatch(token.strip()):
        raise RequestProblem(401, "unauthorized", "A valid token is needed.", headers=_CHALLENGE)
    return token.strip()


def authenticate(connection: Connection, token: str, kind: str, *, write: bool = True) -> Principal:
    """The principal of ``token``.

    ``kind``: ``kiosk``, ``staff``, or ``board`` for what a board and staff may read. ``write``:
    whether this transaction may write; only then is a token's first use recorded.

    Raises RequestProblem 401 (``unauthorized``, ``revoked``) or 403 (``forbidden``: of another
    kind).

    Timing: the lookup is by hash and the found hash is compared in constant time. The duration of
    the lookup reveals nothing, because a client cannot choose a SHA-256 prefix.
    """
    token_hash = digest(token)
    row = _FIND.first(connection, {"hash": token_hash})
    return admit(connection, row, token_hash, kind, write=write)


def admit(
    connection: Connection, row: Any, token_hash: str, kind: str, *, write: bool = True
) -> Principal:
    """``authenticate`` for a caller that has the row already: one with ``COLUMNS``, or None."""
    if row is None or not hmac.compare_digest(row.hash, token_hash) or row.ended == "replaced":
        raise RequestProblem(401, "unauthorized", "This token is unknown.", headers=_CHALLENGE)
    if row.ended is not None:
        raise RequestProblem(401, "revoked", "This token was revoked.", headers=_CHALLENGE)
    if row.kind != kind and (row.kind, kind) != ("staff", "board"):
        raise RequestProblem(403, "forbidden", f"This is for the token of a {kind} only.")
    if write and not row.used:
        _record_first_use(connection, token_hash, row.principal_id, row.created_us)
    return Principal(row.principal_id, row.kind, row.name, row.bound_to)


def _record_first_use(
    connection: Connection, token_hash: str, principal: int, created_us: int
) -> None:
    """Mark a token as used and end the older tokens of its principal."""
    others = tokens.c.principal == principal, tokens.c.hash != token_hash, tokens.c.ended.is_(None)
    connection.execute(
        update(tokens).where(*others, tokens.c.created_us <= created_us).values(ended="replaced")
    )
    connection.execute(update(tokens).where(tokens.c.hash == token_hash).values(used=True))


def add(
    connection: Connection, kind: str, name: str, counter: str | None, now_us: int
) -> tuple[str, bool]:
    """Create a token for a name; also creates its principal if the name is new.

    Returns the token and whether the name is new. For known staff, ``counter`` replaces the one
    stored. Raises UsageError for a malformed name or counter, and for a name of another kind.
    """
    if not NAME.fullmatch(name):
        raise UsageError("usage.name")
    if counter is not None and not COUNTER.fullmatch(counter):
        raise UsageError("usage.counter")
    found = connection.execute(select(principals).where(principals.c.name == name)).first()
    if found is not None and found.kind != kind:
        raise UsageError(f"usage.{found.kind}_name", name=name)
    if found is None:
        values = {"kind": kind, "name": name, "counter": counter, "created_us": now_us}
        connection.execute(insert(principals).values(**values))
        found = connection.execute(select(principals).where(principals.c.name == name)).one()
    elif kind == "staff":
        same = principals.c.id == found.id
        connection.execute(update(principals).where(same).values(counter=counter))
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(tokens).values(hash=digest(token), principal=found.id, created_us=now_us)
    )
    return token, found.created_us == now_us


def similar(connection: Connection, name: str) -> str | None:
    """A known name that differs only in case and in ``" ._-"``; None for a known or a new name.

    A kiosk that is added twice as ``lobi-1`` and ``LOBI-1`` is two kiosks: the first token stays
    valid, and the list of kiosks shows a machine that is never in touch.
    """
    names = connection.execute(select(principals.c.name)).scalars().all()
    same = [known for known in names if _folded(known) == _folded(name)]
    return None if name in same or not same else same[0]


def _folded(name: str) -> str:
    return re.sub(r"[ ._-]", "", name).casefold()


def revoke(connection: Connection, name: str) -> int:
    """Revoke all tokens of a name. Returns how many were valid.

    Replaced tokens become revoked too, so that their client gets ``revoked``. Raises UsageError for
    an unknown name.
    """
    found = connection.execute(select(principals.c.id).where(principals.c.name == name)).scalar()
    if found is None:
        raise UsageError("usage.unknown", name=f"{name!r:.80}")
    not_revoked = tokens.c.principal == found, tokens.c.ended.is_distinct_from("revoked")
    count = connection.execute(
        update(tokens).where(*not_revoked, tokens.c.ended.is_(None)).values(ended="revoked")
    ).rowcount
    connection.execute(update(tokens).where(*not_revoked).values(ended="revoked"))
    return count
