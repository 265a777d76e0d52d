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
from sqlalchemy import Connection, RowMapping, select

from menu.numbers import Number
from queue_server import series
from queue_server.clock import from_us
from queue_server.live import serving
from queue_server.schema import tickets
from queue_server.served_menu import ServedMenu
from queue_server.texts import say
from queue_server.web.context import context_of

REFRESH_S = 15
_TRACK = re.compile(r"[0-9a-f]{32}")

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:0 auto;padding:1.5rem;"
    "color:#1a1a1a;background:#fff}h1{font-size:1rem;font-weight:400;margin:0}"
    ".n{font-size:3.5rem;font-weight:700;line-height:1.2;margin:.3rem 0}"
    "dt{color:#555}dd{margin:0 0 .8rem;font-size:1.3rem;font-weight:600}"
    "[lang=en]{color:#555;font-weight:400}.s{font-size:1.3rem;font-weight:600}"
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
LANGUAGES = ("id", "en")
"""Of the page: the first large, the second below it."""

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
    },
)
async def tracking(
    request: Request, track: Annotated[str, Path(max_length=64, min_length=1)]
) -> Response:
    """An HTML page: number, people ahead, now serving, floor and counter."""
    context = context_of(request)
    menu, now_us = context.catalogue.menu, context.clock.now_us()
    page = None
    if _TRACK.fullmatch(track):
        page = await context.database.read(lambda c: _page(c, track, menu, now_us))
    status = 200 if page is not None else 404
    return Response(page or _unknown(menu), status, HEADERS, "text/html; charset=utf-8")


def _page(connection: Connection, track: str, menu: ServedMenu, now_us: int) -> str | None:
    today = from_us(now_us, menu.zone).date().isoformat()
    row = (
        connection.execute(
            select(tickets)
            .where(tickets.c.track == track, tickets.c.placeholder.is_(False))
            .order_by(tickets.c.order_us.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    if row is None or today not in (row["business_date"], row["queue_date"]):
        return None
    number = str(Number(row["prefix"], row["letter"], row["value"]))
    state = _state(row, now_us)
    details: list[tuple[str, str, str]] = []
    service = menu.services.get(row["service"])
    if state == "waiting":
        ahead = series.ahead_of(connection, today, row["service"], row["order_us"], now_us)
        details.append((*_pair("track.ahead_label"), str(ahead)))
    now_serving = serving(connection, today).get(row["service"])
    if now_serving and state in ("waiting", "called", "no_show"):
        details.append((*_pair("track.serving_label"), now_serving))
    if service is not None and service.place.floor:
        details.append((*_pair("track.floor_label"), service.place.floor))
    usual = service.place.counters if service else ()
    counters = [row["counter"]] if row["counter"] else list(usual)
    if counters and state != "done":
        details.append((*_pair("track.counter_label"), ", ".join(counters)))
    names = ("", "")
    if service is not None:
        first, second = (service.name.in_(language) for language in LANGUAGES)
        names = (first, second)
    return _html(menu, number, names, _pair(f"track.{state}"), details)


def _pair(key: str) -> tuple[str, str]:
    first, second = (say(language, key) for language in LANGUAGES)
    return first, second


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
    return _html(menu, "—", ("", ""), _pair("track.unknown"), [])


def _html(
    menu: ServedMenu,
    number: str,
    names: tuple[str, str],
    state: tuple[str, str],
    details: list[tuple[str, str, str]],
) -> str:
    """The HTML page. ``details``: Indonesian label, English label, value. Escapes every text."""
    rows = "".join(
        f'<dt>{escape(first)} <span lang="en">/ {escape(second)}</span></dt>'
        f"<dd>{escape(value)}</dd>"
        for first, second, value in details
    )
    service = f'<div>{escape(names[0])} <span lang="en">/ {escape(names[1])}</span></div>'
    return (
        '<!doctype html><html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="refresh" content="{REFRESH_S}">'
        f"<title>{escape(number)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(menu.name.in_('id'))}</h1>"
        f'<div class="n">{escape(number)}</div>{service if names[0] else ""}'
        f'<p class="s">{escape(state[0])}<br><span lang="en">{escape(state[1])}</span></p>'
        f"<dl>{rows}</dl></body></html>"
    )
