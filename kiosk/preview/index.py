"""The page with which staff leaf through the pictures of ``kiosk preview``.

One file of HTML and CSS beside the pictures: no script and nothing from a network, so it opens by a
double click on any computer, also from a USB stick. Size, language and mode are chosen by radio
buttons; the style sheet hides the other pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from string import Template

from kiosk.domain.colours import code_of
from kiosk.domain.theme import NORMAL_COLOURS
from kiosk.domain.words import Words
from kiosk.messages import Say, speaker
from kiosk.preview.studio import SIZES

NAME = "index.html"
SLIPS = "slips"
BEFORE = "before"
"""Folder of the pictures of the settings in use, where those differ."""

_WIDTHS_PX = {"portrait": 300, "landscape": 520}

_STYLE = Template("""
body { font: 16px/1.45 system-ui, sans-serif; margin: 0; color: $text; background: $ground }
header { position: sticky; top: 0; z-index: 1; padding: 8px 24px; background: $surface;
  border-bottom: 1px solid $control_edge }
h1 { font-size: 22px; margin: 4px 0 }
h2 { font-size: 20px; margin: 28px 0 8px }
main { padding: 0 24px 60px }
fieldset { border: 0; padding: 0; margin: 4px 0 }
legend { float: left; width: 6.5em; font-weight: 600; padding: 3px 0 }
label { display: inline-block; padding: 3px 10px; margin-right: 4px;
  border: 1px solid $control_edge;
  border-radius: 6px }
label:has(:checked) { background: $main; color: $on_main }
label:has(:focus-visible) { outline: 3px solid $focus }
input { position: absolute; opacity: 0 }
nav a { margin-right: 14px; white-space: nowrap; color: $mark }
section { scroll-margin-top: 210px }
figure { display: inline-block; vertical-align: top; margin: 0 16px 20px 0 }
figcaption { font-size: 14px; margin-top: 4px }
img { display: block; border: 1px solid $control_edge; background: $surface }
.pair { display: inline-block; margin-right: 24px }
.pair figure { margin-right: 4px }
""")


def _style() -> str:
    """The style sheet, in the colours of the screens."""
    colours = {field.name: getattr(NORMAL_COLOURS, field.name) for field in fields(NORMAL_COLOURS)}
    return _STYLE.substitute({name: code_of(shade) for name, shade in colours.items()})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture of a screen; ``path`` relative to the page."""

    path: str
    size: str
    language: str
    mode: str
    state: str

    @staticmethod
    def of(path: Path, out: Path) -> Drawn | None:
        """The screen of a file that ``render`` wrote; None for a contact sheet and for a slip."""
        parts = path.relative_to(out).parts
        if len(parts) != 3 or parts[0] not in SIZES:
            return None
        language, _, mode = parts[1].partition("-")
        return Drawn("/".join(parts), parts[0], language, mode or "normal", path.stem)

    @property
    def screen(self) -> str:
        """The first word of the state's name."""
        return self.state.partition("-")[0]


def changed(files: Iterable[Path], out: Path, other: Path) -> list[Path]:
    """The pictures of ``out`` that differ from those of the same name in ``other``, or are new."""
    found = []
    for path in files:
        before = other / path.relative_to(out)
        if not before.is_file() or before.read_bytes() != path.read_bytes():
            found.append(path)
    return found


def write_index(
    out: Path,
    files: Sequence[Path],
    language: str,
    words: Words,
    differing: Sequence[Path] | None = None,
) -> Path:
    """Write the page for ``files`` in ``out``; returns it.

    ``language``: of the page. ``words``: those of the screens, with the languages' names.
    ``differing``: the pictures that come first, beside those in ``BEFORE``; None where nothing was
    compared. Raises OSError.
    """
    say = speaker(language)
    screens = [drawn for path in files if (drawn := Drawn.of(path, out)) is not None]
    slips = [path for path in files if path.parent.name == SLIPS]
    first = {
        "size": list(dict.fromkeys(drawn.size for drawn in screens)),
        "language": list(dict.fromkeys(drawn.language for drawn in screens)),
        "mode": list(dict.fromkeys(drawn.mode for drawn in screens)),
    }
    names = list(dict.fromkeys(drawn.screen for drawn in screens))
    body = [
        f'<!doctype html><html lang="{escape(language)}"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{_say(say, 'preview.title')}</title>",
        f"<style>{_style()}{_hiding(first)}</style>",
        f"<header><h1>{_say(say, 'preview.title')}</h1>",
        *(_choice(say, kind, values, words) for kind, values in first.items() if len(values) > 1),
        f"<nav>{_links(say, names, slips, differing)}</nav></header><main>",
    ]
    if differing is not None:
        body += _differing(say, out, differing)
    for name in names:
        body.append(f'<section id="{escape(name)}"><h2>{_title(say, name)}</h2>')
        body += [_figure(say, drawn) for drawn in screens if drawn.screen == name]
        body.append("</section>")
    if slips:
        body.append(f'<section id="{SLIPS}"><h2>{_say(say, "preview.slips")}</h2>')
        body += [_slip(path, out) for path in slips]
        body.append("</section>")
    page = out / NAME
    page.write_text("\n".join([*body, "</main></html>"]) + "\n", encoding="utf-8")
    return page


def _hiding(choices: dict[str, list[str]]) -> str:
    """Rules that hide the pictures of what is not chosen."""
    return "\n".join(
        f"body:has(#{kind}-{value}:checked) .{kind}:not(.{kind}-{value}) {{ display: none }}"
        for kind, values in choices.items()
        for value in values
    )


def _choice(say: Say, kind: str, values: Sequence[str], words: Words) -> str:
    buttons = "".join(
        f'<label><input type="radio" name="{kind}" id="{kind}-{escape(value)}"'
        f"{' checked' if i == 0 else ''}>{escape(_called(say, kind, value, words))}</label>"
        for i, value in enumerate(values)
    )
    return f"<fieldset><legend>{_say(say, f'preview.{kind}')}</legend>{buttons}</fieldset>"


def _links(
    say: Say, names: Sequence[str], slips: Sequence[Path], differing: Sequence[Path] | None
) -> str:
    links = [] if differing is None else [("changed", _say(say, "preview.changed"))]
    links += [(name, _title(say, name)) for name in names]
    links += [(SLIPS, _say(say, "preview.slips"))] if slips else []
    return " ".join(f'<a href="#{escape(name)}">{text}</a>' for name, text in links)


def _differing(say: Say, out: Path, differing: Sequence[Path]) -> Iterator[str]:
    """The section with what differs from the settings in use, the old picture at the left."""
    text = say("preview.differs", n=len(differing)) if differing else say("preview.same")
    yield f'<section id="changed"><h2>{_say(say, "preview.changed")}</h2><p>{escape(text)}</p>'
    for path in differing:
        drawn = Drawn.of(path, out)
        kinds = _classes(drawn) if drawn is not None else ""
        here = path.relative_to(out).as_posix()
        width = _width(drawn)
        yield f'<div class="pair {kinds}">'
        if (out / BEFORE / here).is_file():
            yield _picture(f"{BEFORE}/{here}", width, _say(say, "preview.before"))
        caption = f"{_say(say, 'preview.after')}: {escape(path.stem)}"
        yield _picture(here, width, caption) + "</div>"
    yield "</section>"


def _figure(say: Say, drawn: Drawn) -> str:
    caption = f"<b>{escape(drawn.state)}</b><br>{escape(_size(say, drawn.size))}"
    return _picture(drawn.path, _width(drawn), caption, _classes(drawn))


def _slip(path: Path, out: Path) -> str:
    return _picture(path.relative_to(out).as_posix(), 0, escape(path.stem))


def _picture(path: str, width: int, caption: str, kinds: str = "") -> str:
    wide = f' width="{width}"' if width else ""
    where = escape(path)
    return (
        f'<figure class="{kinds}"><a href="{where}"><img src="{where}"{wide} loading="lazy"'
        f' alt=""></a><figcaption>{caption}</figcaption></figure>'
    )


def _classes(drawn: Drawn) -> str:
    kinds = {"size": drawn.size, "language": drawn.language, "mode": drawn.mode}
    return " ".join(f"{kind} {kind}-{value}" for kind, value in kinds.items())


def _width(drawn: Drawn | None) -> int:
    return 0 if drawn is None else _WIDTHS_PX[drawn.size.partition("-")[0]]


def _called(say: Say, kind: str, value: str, words: Words) -> str:
    """What a size, a language or a mode is called."""
    if kind == "size":
        return _size(say, value)
    if kind == "mode":
        return say(f"preview.mode.{value}")
    return words.by_language.get(value, {}).get("lang.name", value)


def _size(say: Say, value: str) -> str:
    width, height, inches = SIZES[value]
    way = say(f"preview.{value.partition('-')[0]}")
    return f"{inches:g}″ {way}, {width} x {height}"


def _title(say: Say, screen: str) -> str:
    return _say(say, f"preview.screen.{screen}")


def _say(say: Say, key: str) -> str:
    return escape(say(key))
