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
    mau mo ingin pengen pingin bikin buat membuat buatkan bikinin urus mengurus ngurus pengurusan
    cara caranya bagaimana bagaimanakah gimana gmn saya sy aku kami kita di ke dari yang yg untuk
    utk dan atau dengan dgn minta tolong mohon perlu butuh pak bu mas mbak dong ya sih apa apakah
    siapa dimana kemana mana bisa bs dapat dpt ada itu ini sudah sdh udah udh dah punya lagi halo
    terima kasih nih loh lho kok nya saja aja juga jg jadi jd masih kalau kalo klo kenapa knp
    mengapa kapan berapa brp harus hrs supaya biar agar karena krn gara pada pd dalam dlm akan
    kena sama buatin dulu terus trus sekali banget pas adalah bukan oleh para si tapi tp malah
    waktu sampai boleh the a an my me to i we want need get got for of how do does please apply
    make is am are be was where can on in at and or with hello hi it its this that you your has
    have had been just would like could should about when what who some from as so here there
    because but by if not syarat syaratnya persyaratan prosedur alur tahapan langkah requirements
    procedure saat ketika
""")
"""Words that say nothing about the service, in Indonesian and English."""

ELSEWHERE = _listed("""
    toilet wc kamar mandi musala mushola masjid kantin makan minum lapar haus kopi nasi resep
    masak parkir wifi password colokan cas charger charge hotel booking tiket pesawat kereta kapal
    terminal pulsa paket kuota bensin ojek grab gojek kurir cuaca film bola game main musik lagu
    rambut cukur baju pakaian sepatu kucing vaksin beasiswa bansos visa lift tangga pintu laper
    laktasi fotokopi fotocopy sholat salat exit food hungry coffee music play parking prayer
    scholarship weather train flight ticket
""")
"""Everyday words that are no misspelling of a word of the menu. A query with one of them that the
menu does not have asks for something else, most likely."""

PURPOSE = _listed("buat untuk utk for karena krn because supaya biar agar waktu saat ketika when")
"""After one of these a query says what the service is for, or how it came to it: "SKCK buat kerja",
"KTP hilang waktu pindah"."""

VAGUE_WORDS = _listed("""
    biaya tarif gratis daftar mendaftar cetak online surat kartu berkas dokumen baru beli jual
    bayar ambil cek tanya buka tutup ganti ubah tambah simpan lihat tempat nomor orang tua bapak
    ibu suami istri ayah kakek nenek mertua kakak adik cucu saudara keponakan paman bibi almarhum
    almarhumah pasangan kemarin besok tadi sekarang nanti minggu depan pagi siang malam cepat
    tanyakan informasi info konsultasi kerja pekerjaan melamar lamar sekolah kuliah habis masa
    berlaku kadaluarsa kedaluwarsa expired mati rusak hilang patah luas telat terlambat nunggak
    denda keliru tidak belum salah lupa lama tahun umur hari bulan jam satu dua lain sendiri good
    new buy pay change card paper document question help start first update old year years wife
    husband son daughter mother father parents week last next yesterday tomorrow yearly layanan
    pelayanan service information
""")
"""Words that many needs share, however rare they are in the menu: they decide little. So do
numbers of one or two figures."""

SPELLED = {
    **dict.fromkeys(["ga", "gak", "g", "nggak", "enggak", "ngga", "kagak", "tak", "tdk"], "tidak"),
    **dict.fromkeys(["blm", "blum", "belom"], "belum"),
}
"""Words of everyday messages and how the menu writes them."""

_LETTERS = "a b c d e f g h i j k l m n o p q r s t u v v w x y z"
_NAMES = "a be ce de e ef ge ha i je ka el em en o pe ki er es te u fe ve we eks ye zet"
SOUNDS = dict(zip(_NAMES.split(), _LETTERS.split(), strict=True))
"""Letters by their Indonesian names, as people write them."""

_REPEATED = re.compile(r"(.)\1+")
_SWAPPED = 3
"""Swapped letters are undone in words of this length; in longer ones any typing error is found."""
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


def phrase_words(text: str) -> list[str]:
    """The words of a name or keyword that a visitor can be expected to type: without fillers,
    unless it has no other words."""
    words = [SPELLED.get(word, word) for word in words_of(text)]
    return [word for word in words if word not in FILLERS] or words


def is_vague(word: str) -> bool:
    """Whether many needs share the word."""
    return word in VAGUE_WORDS or (word.isdecimal() and len(word) <= _SHORT)


def query_words(text: str, known: Container[str]) -> list[str]:
    """The words to look up: without fillers, abbreviations as the menu (``known``) writes them."""
    return read_query(text, known)[0]


def slips(word: str) -> set[str]:
    """What may have been meant by a word with letters typed twice ("ktpp"), or by a short one with
    two letters swapped ("kpt")."""
    found = {_REPEATED.sub(r"\1\1", word), _REPEATED.sub(r"\1", word)}
    if len(word) == _SWAPPED:
        found |= {word[1] + word[0] + word[2], word[0] + word[2] + word[1]}
    return {other for other in found if other != word and len(other) > _SHORT}


def read_query(text: str, known: Container[str]) -> tuple[list[str], int]:
    """The words to look up, and how many of them come before the one that says what for."""
    found = _WORD.findall(plain(text[:MOST_CHARACTERS]))
    words: list[str] = []
    before = 0
    for word in _abbreviated(found, known):
        if word in PURPOSE and words:
            before = before or len(words)
        if word not in FILLERS:
            words.append(SPELLED.get(word, word))
    return words, before or len(words)


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
