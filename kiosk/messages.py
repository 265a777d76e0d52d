"""What staff read: the texts of ``kiosk/locale``, and sentences that have no language yet.

An error or a notice is made where it happens, and read elsewhere: in a command's output, over the
control socket, in the log. It therefore travels as a key with fields (``Message``) and becomes a
sentence where its reader's language is known. The log is in English.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from menu.texts import Translatable, load

TEXTS = load(Path(__file__).parent / "locale")
LOG_LANGUAGE = "en"
STAFF_LANGUAGE = "id"
"""Of a command that does not ask for another one."""

Say = Callable[..., str]
"""``TEXTS.say`` in one language: takes a key and the text's fields."""


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for staff: ``key`` of ``kiosk/locale`` and the values of its fields.

    A key that no language has is shown as it is, so a sentence from elsewhere (the queue server's,
    CUPS's) can be passed on as a key.
    """

    key: str
    fields: tuple[tuple[str, object], ...] = ()

    @staticmethod
    def of(key: str, /, **fields: object) -> Message:
        """The message with ``fields``; an error among them is kept as its own message."""
        kept = ((name, getattr(value, "message", value)) for name, value in fields.items())
        return Message(key, tuple(kept))

    def in_(self, language: str) -> str:
        """The sentence in ``language``."""
        return TEXTS.say(language, self.key, **dict(self.fields))

    def __str__(self) -> str:
        return self.in_(LOG_LANGUAGE)


Text = str | Message
"""What staff read: a text as it is, or a sentence in each language."""


def speaker(language: str) -> Say:
    """Says texts in ``language``."""
    return partial(TEXTS.say, language)


def in_language(text: object, language: str) -> str:
    """``text`` for a reader of ``language``."""
    return text.in_(language) if isinstance(text, Translatable) else str(text)


def reason(error: OSError) -> Message:
    """Why the system refused: in words for the usual reasons, else what the system says."""
    key = f"os.{errno.errorcode.get(error.errno or 0, '')}"
    known = key in TEXTS.by_language[LOG_LANGUAGE]
    return Message(key if known else error.strerror or str(error) or type(error).__name__)
