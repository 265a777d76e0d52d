"""From what a visitor types to words that can be looked up.

Pure text handling: lower case, no accents, words of letters and digits, no filler words,
abbreviations that are spelled as they sound ("ka te pe").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

MOST_CHARACTERS = 100
"""A longer text is cut: no need takes more words, and the time for a letter stays bounded."""


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILLERS = _listed("""
    mau ingin pengen bikin buat membuat buatkan urus mengurus ngurus pengurusan cara bagaimana
    gimana saya aku kami di ke dari yang untuk dan atau dengan minta tolong mohon perlu butuh pak bu
    dong ya sih apa dimana mana bisa dapat ada itu ini sudah punya lagi halo terima kasih
    the a an my me to i we want need get for of how do please apply make is am where can on in at
    and or with hello
""")
"""Words that say nothing about the service, in Indonesian and English."""

VAGUE_WORDS = _listed("""
    daftar mendaftar cetak online surat kartu berkas dokumen baru beli jual bayar ambil cek tanya
    buka tutup ganti ubah tambah simpan lihat tempat nomor orang tua bapak ibu suami istri
    good new buy pay change card paper document question help start first update
""")
"""Words that many needs share, however rare they are in the menu: they decide little."""

_LETTERS = "a b c d e f g h i j k l m n o p q r s t u v v w x y z"
_NAMES = "a be ce de e ef ge ha i je ka el em en o pe ki er es te u fe ve we eks ye zet"
SOUNDS = dict(zip(_NAMES.split(), _LETTERS.split(), strict=True))
"""Letters by their Indonesian names, as people write them."""

_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"[^\W_]+(?:[-./'’][^\W_]+)+")
_SHORT = 2
"""Parts of at most this many characters are joined with a neighbour ("e ktp", "ak 1")."""


def plain(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """The words of a text of the menu; "e-KTP" gives "e", "ktp" and "ektp"."""
    low = plain(text)
    found = _WORD.findall(low)
    if len(found) > 1:
        found += [re.sub(r"[\W_]", "", m[0]) for m in _JOINED.finditer(low)]
    return found


def query_words(text: str, known: Container[str]) -> list[str]:
    """The words to look up: without fillers, abbreviations as the menu (``known``) writes them."""
    found = _WORD.findall(plain(text[:MOST_CHARACTERS]))
    return [word for word in _abbreviated(found, known) if word not in FILLERS]


def _abbreviated(found: list[str], known: Container[str]) -> list[str]:
    """Join letters and sounds of letters into abbreviations, where the menu knows the result."""
    made: list[str] = []
    i = 0
    while i < len(found):
        for end in range(len(found), i, -1):
            short = _abbreviation(found[i:end], known)
            if short:
                made.append(short)
                i = end
                break
        else:
            made.append(found[i])
            i += 1
    return made


def _abbreviation(parts: list[str], known: Container[str]) -> str:
    """The word of the menu that ``parts`` spell; empty without one."""
    joined = "".join(parts)
    if len(parts) == 1:
        letters = "" if joined in known else _letters(joined)
    elif all(part in SOUNDS or len(part) == 1 for part in parts):
        letters = "".join(SOUNDS.get(part, part) for part in parts)
    else:
        letters = ""
    if len(letters) > 1 and letters in known:
        return letters
    short = len(parts) == 2 and min(len(part) for part in parts) <= _SHORT
    spelled = len(parts) > 1 and all(len(part) == 1 for part in parts)
    return joined if (short or spelled) and joined in known else ""


def _letters(sounds: str) -> str:
    """``katepe`` as ``ktp``, longest sounds first; empty for another text.

    Linear in the text's length. A regular expression of the sounds is not: "efe" can be divided in
    two ways, and a repetition of it in exponentially many."""
    letters = ""
    while sounds:
        sound = next((sounds[:n] for n in (3, 2, 1) if sounds[:n] in SOUNDS), None)
        if sound is None:
            return ""
        letters += SOUNDS[sound]
        sounds = sounds[len(sound) :]
    return letters
