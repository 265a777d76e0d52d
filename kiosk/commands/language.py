"""``kiosk language``: begin the translation of the screens into a further language.

Writes ``locale/<code>/words.yaml`` into the settings folder: every text as a comment, with the
texts in the kiosk's own languages above it. A line counts once it is translated and its ``#`` is
removed. Exit 0, 1 where the file is there already or cannot be written.
"""

from __future__ import annotations

import argparse
from functools import partial

from kiosk.commands.shared import add_config, config_dir
from kiosk.errors import KioskError
from kiosk.messages import Say, reason, speaker
from kiosk.settings.assets import ASSETS
from kiosk.settings.languages import FOLDER, NAME, NOT_FOR_VISITORS, WORDS
from kiosk.settings.locale import available_languages
from kiosk.settings.new_site import quoted
from menu.known_names import known_names
from menu.texts import VARIANT, read


def add_arguments(parser: argparse.ArgumentParser, say: Say) -> None:
    """The arguments of ``kiosk language``."""
    parser.add_argument(
        "code", metavar="CODE", type=partial(_code, say), help=say("help.language_code")
    )
    add_config(parser, say)


def run(args: argparse.Namespace) -> int:
    """Write the file; the result is the exit code."""
    say, path = speaker(args.lang), config_dir(args.config) / FOLDER / args.code / WORDS
    texts = {code: read(ASSETS / "locale" / f"{code}.json") for code in available_languages(ASSETS)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(template(args.code, texts, say))
    except FileExistsError as error:
        raise KioskError("language.there", file=path) from error
    except OSError as error:
        raise KioskError("folder.write", folder=path.parent, why=reason(error)) from error
    count = sum(1 for key in texts["id"] if not _optional(key))
    print(say("language.done", file=path, code=args.code, n=count))
    return 0


def template(code: str, texts: dict[str, dict[str, str]], say: Say) -> str:
    """The file. ``texts``: the kiosk's, by language and key."""
    lines = [*(f"# {line}" for line in say("language.head").split("\n")), ""]
    lines += [f"{NAME}: {quoted(code.upper())}", f"# lang.short: {quoted(code.upper())}"]
    lines += ['# lang.plural: "nplurals=2; plural=n!=1;"', '# lang.voice: "id"']
    first = texts["id"]
    for key in sorted(first, key=lambda key: key.startswith(NOT_FOR_VISITORS)):
        if key.startswith("lang.") or (VARIANT in key and not key.startswith(NOT_FOR_VISITORS)):
            continue
        others = (t[key] for c, t in texts.items() if c != "id" and key in t)
        lines += ["", *(f"#   {other}" for other in others)]
        lines.append(f"# {_key(key)}: {quoted(first[key])}")
    return "\n".join(lines) + "\n"


def _optional(key: str) -> bool:
    return key.startswith((*NOT_FOR_VISITORS, "lang.")) or VARIANT in key


def _key(key: str) -> str:
    return quoted(key) if VARIANT in key else key


def _code(say: Say, text: str) -> str:
    """The code of a language that the kiosk does not have. Raises ArgumentTypeError."""
    names = known_names()
    if not names.may_offer(text) or text in names.languages:
        raise argparse.ArgumentTypeError(say("language.code", code=text))
    return text
