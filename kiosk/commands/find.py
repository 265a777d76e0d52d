"""``kiosk find``: the services that the search screen shows for given words.

For maintainers of the menu, who see at once whether a keyword works. Reads only the settings.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from kiosk.commands.shared import add_config, config_dir
from kiosk.domain.tables import table
from kiosk.messages import Say, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings

if TYPE_CHECKING:
    from kiosk.search.index import Hit
    from menu.catalogue import Catalogue

COLUMNS = ("score", "service", "name", "agency")


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk find``."""
    parser.add_argument("words", metavar="WORDS", nargs="*", help=say("help.words"))
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    parser.add_argument("--lines", action="store_true", help=say("help.lines"))
    add_config(parser, say)


def run(args: argparse.Namespace) -> int:
    """Print the services that answer the words; 0 also when there are none."""
    say = speaker(args.lang)
    if bool(args.words) == args.lines:
        args.parser.error(say("search.usage"))
    menu = load_settings(config_dir(args.config), ASSETS, args.lang).catalogue
    # Imported here: ``kiosk --help`` loads every command and needs no search.
    from kiosk.search.index import SearchIndex

    index = SearchIndex(menu)
    if args.lines:
        for line in sys.stdin:
            print(json.dumps(_as_json(index.find(line))), flush=True)
        return 0
    hits = index.find(" ".join(args.words))
    if args.json:
        print(json.dumps(_as_json(hits)))
    elif hits:
        print(_as_table(hits, menu, say, args.lang))
    else:
        print(say("search.none"))
    return 0


def _as_json(hits: tuple[Hit, ...]) -> dict[str, Any]:
    rows = [{"service": h.service, "agency": h.agency, "score": h.score} for h in hits]
    return {"hits": rows}


def _as_table(hits: tuple[Hit, ...], menu: Catalogue, say: Say, language: str) -> str:
    rows = []
    for hit in hits:
        found = menu.service(hit.service)
        if found is not None:
            agency, service = found.agency.short.in_(language), found.service.name.in_(language)
            rows.append([f"{hit.score:.2f}", hit.service, service, agency])
    return table([say(f"column.{name}") for name in COLUMNS], rows)
