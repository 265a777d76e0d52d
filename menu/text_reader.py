"""Readers for texts: plain texts, texts by language, labels, choices, replaced words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from collections.abc import Mapping as Lookup
from typing import Any

from menu import schema
from menu.known_names import KnownNames
from menu.local_text import LocalText
from menu.problems import Mark, Report, Way, excerpt
from menu.reading import MISSING, Reader
from menu.retired_words import RETIRED
from menu.rules import Rule, closest
from menu.scalars import trap, type_of
from menu.source import Mapping, Node, Scalar, Sequence

_HIDDEN = (
    r"\x7f-\x9f\xad\u180e\u200b\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    r"\ufeff\ufff9-\ufffb"
)
"""Control, direction and format characters. The joiners U+200C and U+200D are none of them: scripts
and emoji are written with them."""
_UNSEEN = re.compile(rf"[\x00-\x1f{_HIDDEN}\ud800-\udfff]")
_UNSEEN_BUT_LINES = re.compile(rf"[\x00-\x09\x0b-\x1f{_HIDDEN}]")
_DIRECTION = re.compile(r"[\u061c\u200e\u200f]")
"""Marks of the writing direction, of Arabic and Hebrew; copying brings them elsewhere."""
_BRACES = re.compile(r"\{([^{}]*)\}")


class TextReader(Reader):
    """Reads texts. Leading and trailing white space is removed."""

    def __init__(self, report: Report, names: KnownNames, rules: Lookup[str, Rule]) -> None:
        super().__init__(report)
        self._names = names
        self._rules = rules

    def text(self, kind: schema.PlainText, node: Node, way: Way | None) -> Any:
        """One text as str, checked by the rule of its kind."""
        text = self.string(node, way, kind.limit, kind.lines)
        if text is MISSING or not kind.rule:
            return text
        fault = self._rules[kind.rule](text, self._names)
        if fault is None:
            return text
        return self._fault(fault, node.mark, way, text)

    def string(self, node: Node, way: Way | None, limit: int, lines: bool = False) -> Any:
        """One text of at most ``limit`` characters; a YAML number, boolean or date is an error."""
        if not isinstance(node, Scalar):
            return self._wrong("type.text", node, way)
        if node.plain and (kind := type_of(node)) != "str":
            if kind == "null":
                self._report.error(node.mark, way, "key.empty")
            else:
                key, fields = trap(node, kind)
                self._report.error(node.mark, way, key, None, **fields)
            return MISSING
        text = node.value.strip()
        unseen = (_UNSEEN_BUT_LINES if lines else _UNSEEN).search(text)
        if unseen is not None:
            code = f"U+{ord(unseen[0]):04X}"
            self._report.error(node.mark, way, "text.control", code=code)
        elif not _seen(text):
            self._report.error(node.mark, way, "key.empty")
        elif len(text) > limit:
            self._report.error(node.mark, way, "text.long", n=len(text), most=limit)
        else:
            mark = _DIRECTION.search(text)
            if mark is not None:
                code = f"U+{ord(mark[0]):04X}"
                self._report.warn(node.mark, way, "text.direction", code=code)
            return text
        return MISSING

    def label(self, kind: schema.Label, node: Node, way: Way | None) -> Any:
        """A floor or a counter as str; a whole number without quotes is accepted."""
        if isinstance(node, Scalar) and node.plain and type_of(node) == "int":
            plain = node.value.isdecimal() and (node.value == "0" or node.value[0] != "0")
            if plain and len(node.value) <= kind.limit:
                return node.value
        return self.string(node, way, kind.limit)

    def local(self, kind: schema.Local, node: Node, way: Way | None) -> Any:
        """A text by language, as LocalText."""
        if isinstance(node, Scalar):
            text = self.string(node, way, kind.limit, kind.lines)
            if text is MISSING or not self._fields_fit(kind, text, node, way):
                return MISSING
            return LocalText.same(text)
        if not isinstance(node, Mapping):
            return self._wrong("type.texts", node, way)
        texts: dict[str, str] = {}
        sound = self._languages(node, way)
        for language, (_, value) in node.items.items():
            here = Way(way, language)
            text = self.string(value, here, kind.limit, kind.lines)
            if text is MISSING or not self._fields_fit(kind, text, value, here):
                sound = False
            else:
                texts[language] = text
        if not node.items:
            self._report.error(node.mark, way, "key.empty")
            sound = False
        return self._in_order(texts) if sound else MISSING

    def _in_order(self, texts: dict[str, str]) -> LocalText:
        """The text; the site's first language first: others fall back to it."""
        first = self._names.site_languages[:1]
        return LocalText.of(**{code: texts[code] for code in first if code in texts} | texts)

    def _fields_fit(self, kind: schema.Local, text: str, node: Node, way: Way | None) -> bool:
        if kind.fields is None or not ("{" in text or "}" in text):
            return True
        return self._braces(text, kind.fields, node.mark, way)

    def _braces(self, text: str, known: tuple[str, ...], at: Mark, way: Way | None) -> bool:
        """Whether the text has only ``known`` fields in braces; reports the others."""
        sound = True
        for match in _BRACES.finditer(text):
            if match[1] in known:
                continue
            sound = False
            if known:
                guess = closest(match[1], known)
                shown = "{" + guess + "}" if guess else None
                names = " ".join("{" + k + "}" for k in known)
                field = excerpt(match[0])
                self._report.error(at, way, "text.field", shown, field=field, known=names)
            else:
                self._report.error(at, way, "text.fields_none", field=excerpt(match[0]))
        rest = _BRACES.sub("", text)
        if "{" in rest or "}" in rest:
            sound = False
            self._report.error(at, way, "text.brace", value=excerpt(text))
        return sound

    def _languages(self, node: Mapping, way: Way | None) -> bool:
        """Whether all keys are languages; reports other keys, warns of missing languages."""
        site = self._names.site_languages
        known = (*self._names.languages, *(c for c in site if c not in self._names.languages))
        sound = True
        for language, (key, _) in node.items.items():
            if language not in known:
                names = ", ".join(known)
                guess = closest(language, known)
                shown = excerpt(language)
                self._report.error(key.mark, way, "key.language", guess, key=shown, known=names)
                sound = False
        if sound:
            for language in site:
                if language not in node.items:
                    self._report.warn(node.mark, way, "key.translation", key=language)
        return sound

    def locals(self, kind: schema.Locals, node: Node, way: Way | None) -> Any:
        """A list of texts by language, from a list or from a list for each language."""
        if isinstance(node, Sequence):
            one = schema.Local(kind.limit)
            return self._list(node, way, kind, lambda item: self.local(one, item, way))
        if not isinstance(node, Mapping):
            return self._wrong("type.list", node, way)
        sound = self._languages(node, way)
        lists: dict[str, list[str]] = {}
        for language, (_, value) in node.items.items():
            texts = self._texts_of(value, Way(way, language), kind)
            if texts is MISSING:
                sound = False
            else:
                lists[language] = texts
        return self._joined(lists, node, way) if sound else MISSING

    def _texts_of(self, node: Node, way: Way, kind: schema.Locals) -> Any:
        if not isinstance(node, Sequence):
            return self._wrong("type.list", node, way)
        return self._list(node, way, kind, lambda item: self.string(item, way, kind.limit))

    def _list(
        self, node: Sequence, way: Way | None, kind: schema.Locals, read: Callable[[Node], Any]
    ) -> Any:
        if len(node.items) > kind.most:
            self._report.error(node.mark, way, "list.many", n=len(node.items), most=kind.most)
            return MISSING
        values = [read(item) for item in node.items]
        return MISSING if any(value is MISSING for value in values) else values

    def _joined(self, lists: dict[str, list[str]], node: Mapping, way: Way | None) -> Any:
        """A list of texts by language from one list for each language, all of one length."""
        if not lists:
            return []
        longest = max(lists, key=lambda lang: len(lists[lang]))
        shortest = min(lists, key=lambda lang: len(lists[lang]))
        n, m = len(lists[shortest]), len(lists[longest])
        if n != m:
            at = node.items[shortest][1].mark
            self._report.error(at, way, "list.short", short=shortest, n=n, long=longest, m=m)
            return MISSING
        return [self._in_order({lang: lists[lang][i] for lang in lists}) for i in range(n)]

    def words(self, _: schema.WordOverrides, node: Node, way: Way | None) -> Any:
        """The words of the screens that the site replaces: a dict of key to LocalText."""
        if not isinstance(node, Mapping):
            return self._wrong("type.mapping", node, way)
        words: dict[str, LocalText] = {}
        known = self._names.words
        for name, (key, value) in node.items.items():
            here = Way(way, name)
            fields = known.get(name)
            if fields is None and name in RETIRED:
                self._report.warn(key.mark, way, "words.retired", key=name)
                continue
            if fields is None:
                guess = closest(name, known)
                self._report.error(key.mark, way, "words.key", guess, key=excerpt(name))
                continue
            if name != "word.queue":
                fields += tuple(f for f in ("queue", "Queue", "QUEUE") if f not in fields)
            text = self.local(schema.Local(fields=fields), value, here)
            if text is not MISSING:
                words[name] = text
        return words

    def choice(self, kind: schema.Choice, node: Node, way: Way | None) -> Any:
        """One of the allowed words as str."""
        text = self.string(node, way, 100)
        if text is MISSING or text in kind.words:
            return text
        names = ", ".join(kind.words)
        guess = closest(text, kind.words)
        self._report.error(node.mark, way, "choice", guess, value=excerpt(text), known=names)
        return MISSING


def _seen(text: str) -> bool:
    """Whether there is anything in ``text`` that can be seen."""
    return any(unicodedata.category(c)[0] not in "ZC" for c in text)
