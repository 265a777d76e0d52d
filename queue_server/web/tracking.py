"""GET /t/{track}: the page on which a visitor follows a number.

Public: the random token in the path is the only credential.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import Connection, RowMapping, func, select

from menu.numbers import Number
from queue_server import series
from queue_server.clock import from_us
from queue_server.errors import RequestProblem
from queue_server.live import serving
from queue_server.schema import tickets
from queue_server.served_menu import ServedMenu
from queue_server.texts import say
from queue_server.web.context import context_of

REFRESH_S = 15
SLASH = " / "
_TRACK = re.compile(r"[0-9a-f]{32}")

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:0 auto;padding:1.5rem;"
    "color:#1a1a1a;background:#fff}h1{font-size:1rem;font-weight:400;margin:0}"
    ".n{font-size:3.5rem;font-weight:700;line-height:1.2;margin:.3rem 0}"
    "dt{color:#555}dd{margin:0 0 .8rem;font-size:1.3rem;font-weight:600}"
    ".o{color:#555;font-weight:400}.s{font-size:1.3rem;font-weight:600}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
}
_Texts = dict[str, str]
"""One text by language, in the order of the site's languages: the first is the main one."""

router = APIRouter()


@router.get(
    "/t/{track}",
    summary="Follow a number",
    response_class=Response,
    responses={
        200: {"content": {"text/html": {"schema": {"type": "string"}}}},
        404: {
            "description": "No such number",
            "content": {
                "text/html": {"schema": {"type": "string"}},
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/ProblemDocument"}
                },
            },
        },
        429: {
            "description": "Too many requests for this number, or for all numbers",
            "content": {"text/html": {"schema": {"type": "string"}}},
        },
    },
)
async def tracking(
    request: Request, track: Annotated[str, Path(max_length=64, min_length=1)]
) -> Response:
    """An HTML page: number, people ahead, now serving, floor and counter."""
    context = context_of(request)
    await context.database.give_way()
    menu, now_us = context.catalogue.menu, context.clock.now_us()
    try:
        context.track_limiter.check(track)
        context.page_limiter.check("")
    except RequestProblem as problem:
        busy = _html(menu, "—", {}, _texts(menu, "track.busy"), [])
        return Response(busy, 429, HEADERS | problem.headers, "text/html; charset=utf-8")
    page = None
    if _TRACK.fullmatch(track):
        page = await context.database.read(lambda c: _page(c, track, menu, now_us))
    status = 200 if page is not None else 404
    return Response(page or _unknown(menu), status, HEADERS, "text/html; charset=utf-8")


def _page(connection: Connection, track: str, menu: ServedMenu, now_us: int) -> str | None:
    today = from_us(now_us, menu.zone).date().isoformat()
    of_today = (tickets.c.business_date == today) | (tickets.c.queue_date == today)
    row = (
        connection.execute(
            select(tickets)
            .where(tickets.c.track == track, tickets.c.placeholder.is_(False), of_today)
            # The first ticket with this track by the server's clock: a kiosk that sends a track
            # again for another ticket must not take over the page of a visitor.
            .order_by(func.coalesce(tickets.c.reserved_us, tickets.c.settled_us))
            .limit(1)
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    number = str(Number(row["prefix"], row["letter"], row["value"]))
    state = _state(row, now_us)
    details: list[tuple[_Texts, str]] = []
    service = menu.services.get(row["service"])
    if state == "waiting":
        ahead = series.ahead_of(connection, today, row["service"], row["order_us"], now_us)
        details.append((_texts(menu, "track.ahead_label"), str(ahead)))
    now_serving = serving(connection, today).get(row["service"])
    if now_serving and state in ("waiting", "called", "no_show"):
        details.append((_texts(menu, "track.serving_label"), now_serving))
    if service is not None and service.place.floor:
        details.append((_texts(menu, "track.floor_label"), service.place.floor))
    usual = service.place.counters if service else ()
    counters = [row["counter"]] if row["counter"] else list(usual)
    if counters and state != "done":
        details.append((_texts(menu, "track.counter_label"), ", ".join(counters)))
    names: _Texts = {}
    if service is not None:
        names = {language: service.name.in_(language) for language in menu.languages}
    return _html(menu, number, names, _texts(menu, f"track.{state}"), details)


def _texts(menu: ServedMenu, key: str) -> _Texts:
    return {language: say(language, key) for language in menu.languages}


def _state(row: RowMapping, now_us: int) -> str:
    if row["conflict"] and row["status"] == "waiting":
        return "conflict"
    if row["state"] == "void":
        return "void"
    if row["status"] != "waiting":
        return str(row["status"])
    if row["queue_date"] is None:
        return "late"
    if not row["rev"] and row["reserved_us"] <= now_us - series.RESERVED_US:
        return "unsettled"
    return "waiting"


def _unknown(menu: ServedMenu) -> str:
    return _html(menu, "—", {}, _texts(menu, "track.unknown"), [])


def _html(
    menu: ServedMenu,
    number: str,
    names: _Texts,
    state: _Texts,
    details: list[tuple[_Texts, str]],
) -> str:
    """The HTML page. ``details``: label and value. Escapes every text."""
    rows = "".join(
        f"<dt>{_spans(label, SLASH)}</dt><dd>{escape(value)}</dd>" for label, value in details
    )
    main = menu.languages[0]
    return (
        f'<!doctype html><html lang="{escape(main)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="refresh" content="{REFRESH_S}">'
        f"<title>{escape(number)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(menu.name.in_(main))}</h1>"
        f'<div class="n">{escape(number)}</div>'
        f"{f'<div>{_spans(names, SLASH)}</div>' if names else ''}"
        f'<p class="s">{_spans(state, "<br>")}</p>'
        f"<dl>{rows}</dl></body></html>"
    )


def _spans(texts: _Texts, between: str) -> str:
    """One text in each language, the first plain, the others marked as further ones."""
    (_, first), *others = texts.items()
    spans = (f'<span class="o" lang="{escape(code)}">{escape(t)}</span>' for code, t in others)
    return between.join((escape(first), *spans))
