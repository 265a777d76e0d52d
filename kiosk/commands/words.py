"""``kiosk words``: what visitors searched for and did not find, counted.

Each is a word that the menu may lack: added to the keywords of a service, it is found. Reads the
file of the running kiosk; asks and changes nothing.
"""

from __future__ import annotations

import argparse
import json
from functools import partial

from kiosk.commands.shared import add_state, state_dir
from kiosk.commands.tickets import amount
from kiosk.domain.tables import table
from kiosk.messages import Say, speaker
from kiosk.search.missed import MISSED_FILE, MissedWords

COLUMNS = ("count", "words", "last")


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk words``."""
    parser.add_argument(
        "--limit", type=partial(amount, say), default=50, metavar="N", help=say("help.most_words")
    )
    parser.add_argument("--json", action="store_true", help=say("help.json"))
    add_state(parser, say)


def run(args: argparse.Namespace) -> int:
    """Print the counts, the most frequent first."""
    say = speaker(args.lang)
    found = MissedWords(state_dir(args.state, create=False) / MISSED_FILE).all()[: args.limit]
    rows = [{"words": m.words, "count": m.count, "last": m.last.isoformat()} for m in found]
    if args.json:
        print(json.dumps({"words": rows}, ensure_ascii=False))
    elif not rows:
        print(say("words.none"))
    else:
        print(
            table(
                [say(f"column.{c}") for c in COLUMNS], [[str(r[c]) for c in COLUMNS] for r in rows]
            )
        )
        print()
        print(say("words.add"))
    return 0
