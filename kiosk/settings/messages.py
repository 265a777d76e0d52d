"""All that staff are told about their files, in Bahasa Indonesia and English, in one table.

A text may name fields in braces; both languages name the same ones (a test compares them).
"""

from __future__ import annotations

LANGUAGES = ("id", "en")

_NOUNS = {
    "agency": ("instansi", "agency"),
    "service": ("layanan", "service"),
    "closure": ("hari libur", "closure"),
    "group": ("kelompok", "group"),
    "block": ("blok", "block"),
    "item": ("isian", "item"),
}

_TEXTS: dict[str, tuple[str, str]] = {
    "path.nth": ("{noun} ke-{n}", "{noun} no. {n}"),
    "meant": ("; maksud Anda '{word}'?", "; did you mean '{word}'?"),
    # The folder
    "folder.missing": (
        "folder tidak ada; sebutkan folder tempat {names} berada",
        "there is no such folder; name the one that holds {names}",
    ),
    "folder.file": (
        "ini bukan folder; sebutkan folder tempat {names} berada",
        "this is no folder; name the one that holds {names}",
    ),
    # The file as a whole
    "file.missing": ("berkas tidak ada", "the file is missing"),
    "file.directory": ("ini folder, bukan berkas", "this is a folder, not a file"),
    "file.special": ("ini bukan berkas biasa", "this is not a regular file"),
    "file.forbidden": (
        "berkas tidak boleh dibaca oleh pengguna kiosk; periksa izinnya",
        "the kiosk's user may not read this file; check its permissions",
    ),
    "file.unreadable": (
        "berkas tidak dapat dibaca ({reason})",
        "the file cannot be read ({reason})",
    ),
    "file.huge": (
        "berkas terlalu besar; paling besar {mb} MB",
        "the file is too large; at most {mb} MB",
    ),
    "file.binary": ("ini bukan berkas teks", "this is not a text file"),
    "file.encoding": (
        "huruf tidak terbaca; simpan berkas sebagai UTF-8",
        "letters cannot be read; save the file as UTF-8",
    ),
    "file.control": (
        "ada huruf yang tidak terlihat ({code}); hapus",
        "there is an invisible character ({code}); delete it",
    ),
    "file.empty": ("berkas kosong", "the file is empty"),
    "file.more": (
        "dan {n} kesalahan lain di berkas ini",
        "and {n} more errors in this file",
    ),
    # What YAML allows and these files do not
    "yaml.documents": (
        "tanda '---' memulai berkas kedua; hapus tanda itu",
        "'---' begins a second document; delete it",
    ),
    "yaml.tag": (
        "tanda '{tag}' tidak dipakai di sini; hapus, atau beri tanda kutip pada teksnya",
        "the tag '{tag}' is not used here; delete it, or put the text in quotes",
    ),
    "yaml.deep": (
        "isian bersarang terlalu dalam; paling dalam {n} tingkat",
        "values are nested too deeply; at most {n} levels",
    ),
    "yaml.many": (
        "isian terlalu banyak; paling banyak {n}",
        "there are too many values; at most {n}",
    ),
    "yaml.alias": (
        "'*{name}' tidak menunjuk apa pun; beri tanda kutip bila ini teks",
        "'*{name}' points at nothing; put it in quotes if it is a text",
    ),
    "yaml.recursive": ("'*{name}' menunjuk dirinya sendiri", "'*{name}' points at itself"),
    "yaml.merge": (
        "'<<' tidak dipakai di sini; tulis isiannya sekali lagi",
        "'<<' is not used here; write the values out",
    ),
    "yaml.key": (
        "nama isian harus satu kata, bukan daftar",
        "the name of a value must be one word, not a list",
    ),
    "yaml.double": (
        "'{key}' ditulis dua kali; yang pertama di baris {line} kolom {column}",
        "'{key}' is written twice; first at line {line} column {column}",
    ),
    # What is not YAML
    "syntax.tab": (
        "ada tombol Tab; pakai spasi untuk jarak dari tepi kiri",
        "there is a tab; use spaces to indent",
    ),
    "syntax.colon": (
        "titik dua tidak boleh di sini; beri tanda kutip pada teks yang memuat titik dua, "
        "atau periksa jarak dari tepi kiri",
        "a colon may not stand here; put a text that holds a colon in quotes, "
        "or check the indentation",
    ),
    "syntax.no_colon": (
        "titik dua sesudah nama isian tidak ada",
        "the colon after the name of a value is missing",
    ),
    "syntax.quote": (
        "tanda kutip yang dibuka di sini tidak ditutup",
        "the quote opened here is never closed",
    ),
    "syntax.bracket": (
        "kurung yang dibuka di baris {line} kolom {column} belum ditutup, atau ada koma yang "
        "kurang",
        "the bracket opened at line {line} column {column} is not closed, or a comma is missing",
    ),
    "syntax.dash": ("tanda '-' tidak boleh di sini", "a '-' may not stand here"),
    "syntax.indent": (
        "jarak dari tepi kiri tidak sama dengan baris lain di bagian ini",
        "the indentation differs from the other lines of this part",
    ),
    "syntax.escape": (
        "garis miring terbalik di dalam kutip ganda; pakai kutip tunggal",
        "a backslash in double quotes; use single quotes",
    ),
    "syntax.start": (
        "teks tidak boleh diawali huruf ini; beri tanda kutip",
        "a text may not begin with this character; put it in quotes",
    ),
    "syntax.tag": (
        "tanda seru di awal; beri tanda kutip bila ini teks",
        "an exclamation mark at the start; put it in quotes if it is a text",
    ),
    "syntax.other": ("bukan YAML yang benar ({reason})", "not valid YAML ({reason})"),
    # Kinds of values
    "type.mapping": (
        "di sini harus ada isian 'nama: nilai', bukan {found}",
        "here 'name: value' is needed, not {found}",
    ),
    "type.list": (
        "di sini harus ada daftar, seperti [a, b], bukan {found}",
        "here a list is needed, such as [a, b], not {found}",
    ),
    "type.text": ("di sini harus ada teks, bukan {found}", "here a text is needed, not {found}"),
    "type.whole": (
        "'{value}' bukan bilangan bulat",
        "'{value}' is not a whole number",
    ),
    "type.number": ("'{value}' bukan bilangan", "'{value}' is not a number"),
    "type.flag": ("'{value}' harus true atau false", "'{value}' must be true or false"),
    "type.texts": (
        "di sini harus ada satu teks, atau satu teks untuk setiap bahasa, bukan {found}",
        "here one text is needed, or one text for each language, not {found}",
    ),
    "found.mapping": ("isian 'nama: nilai'", "'name: value'"),
    "found.list": ("daftar", "a list"),
    "found.scalar": ("'{value}'", "'{value}'"),
    "found.nothing": ("kosong", "nothing"),
    "trap.sexagesimal": (
        '{raw} tanpa tanda kutip dibaca YAML sebagai bilangan {value}; tulis "{raw}"',
        '{raw} without quotes is read by YAML as the number {value}; write "{raw}"',
    ),
    "trap.number": (
        '{raw} tanpa tanda kutip dibaca YAML sebagai bilangan {value}; tulis "{raw}"',
        '{raw} without quotes is read by YAML as the number {value}; write "{raw}"',
    ),
    "trap.bool": (
        '{raw} tanpa tanda kutip dibaca YAML sebagai ya/tidak ({value}); tulis "{raw}"',
        '{raw} without quotes is read by YAML as yes/no ({value}); write "{raw}"',
    ),
    "trap.date": (
        '{raw} tanpa tanda kutip dibaca YAML sebagai tanggal; tulis "{raw}"',
        '{raw} without quotes is read by YAML as a date; write "{raw}"',
    ),
    "trap.other": (
        '{raw} memiliki arti khusus di YAML; tulis "{raw}"',
        '{raw} has a special meaning in YAML; write "{raw}"',
    ),
    # Keys
    "key.unknown": ("'{key}' tidak dikenal", "'{key}' is not known"),
    "key.missing": ("'{key}' belum diisi", "'{key}' is missing"),
    "key.empty": ("isinya kosong", "it is empty"),
    "key.secret": (
        "'{key}' adalah rahasia dan tidak boleh ditulis di YAML; simpan di berkas tersendiri "
        "yang hanya terbaca oleh kiosk (server: token_file)",
        "'{key}' is a secret and must not stand in YAML; keep it in a file of its own "
        "that only the kiosk can read (server: token_file)",
    ),
    "key.language": (
        "'{key}' bukan bahasa di sini; yang ada: {known}",
        "'{key}' is no language here; there are: {known}",
    ),
    "key.translation": (
        "teks untuk bahasa '{key}' belum ada; layar akan memakai bahasa lain",
        "there is no text for language '{key}'; the screen will use another language",
    ),
    # Values
    "text.long": (
        "terlalu panjang: {n} huruf, paling banyak {most}",
        "too long: {n} characters, at most {most}",
    ),
    "text.control": (
        "ada huruf yang tidak terlihat ({code}); hapus",
        "there is an invisible character ({code}); delete it",
    ),
    "text.field": (
        "'{field}' tidak dapat dipakai di dalam teks ini; yang ada: {known}",
        "'{field}' cannot be used in this text; there are: {known}",
    ),
    "text.fields_none": (
        "'{field}' tidak dapat dipakai di dalam teks ini",
        "'{field}' cannot be used in this text",
    ),
    "list.many": (
        "terlalu banyak: {n}, paling banyak {most}",
        "too many: {n}, at most {most}",
    ),
    "list.short": (
        "{n} isian untuk bahasa '{short}', {m} untuk '{long}'; jumlahnya harus sama",
        "{n} for language '{short}', {m} for '{long}'; there must be as many of each",
    ),
    "number.range": (
        "{value} di luar batas; harus {low} sampai {high}",
        "{value} is out of range; it must be {low} to {high}",
    ),
    "number.only": ("{value} tidak ada; pilih {known}", "there is no {value}; choose {known}"),
    "choice": ("'{value}' tidak ada; pilih {known}", "there is no '{value}'; choose {known}"),
    "version": (
        "versi {value} tidak dikenal; program ini memakai versi 1",
        "version {value} is not known; this program uses version 1",
    ),
    "code": (
        "'{value}' tidak boleh menjadi kode; pakai huruf, angka, dan tanda hubung, "
        "seperti '{like}'",
        "'{value}' cannot be a code; use letters, figures and hyphens, such as '{like}'",
    ),
    "code.double": (
        "kode '{value}' sudah dipakai {other} di baris {line} kolom {column}",
        "the code '{value}' is already used by {other} at line {line} column {column}",
    ),
    "prefix": (
        "'{value}' tidak boleh menjadi awalan nomor; pakai 1 sampai 3 huruf besar A-Z, "
        "seperti '{like}'",
        "'{value}' cannot be a prefix; use 1 to 3 capitals A-Z, such as '{like}'",
    ),
    "prefix.double": (
        "awalan '{value}' sudah dipakai {other} di baris {line} kolom {column}; "
        "dua pengunjung akan memegang nomor yang sama",
        "the prefix '{value}' is already used by {other} at line {line} column {column}; "
        "two visitors would hold the same number",
    ),
    "popular.double": (
        "urutan {value} sudah dipakai {other} di baris {line} kolom {column}",
        "rank {value} is already used by {other} at line {line} column {column}",
    ),
    "name.missing": (
        "'name' atau 'short' harus diisi",
        "'name' or 'short' is needed",
    ),
    "icon": ("ikon '{value}' tidak ada", "there is no icon '{value}'"),
    "timezone": (
        "zona waktu '{value}' tidak dikenal",
        "the timezone '{value}' is not known",
    ),
    "language": (
        "bahasa '{value}' belum tersedia; yang ada: {known}",
        "the language '{value}' is not available; there are: {known}",
    ),
    "language.double": (
        "bahasa '{value}' ditulis dua kali",
        "the language '{value}' is written twice",
    ),
    "languages.none": ("paling sedikit satu bahasa", "at least one language is needed"),
    "url": (
        "'{value}' bukan alamat situs; tulis seperti https://antrean.example.go.id",
        "'{value}' is not a web address; write it like https://antrean.example.go.id",
    ),
    "url.secret": (
        "alamat memuat nama dan sandi; rahasia tidak boleh ditulis di YAML",
        "the address holds a name and a password; secrets must not stand in YAML",
    ),
    "connection": (
        "'{value}' bukan sambungan printer; tulis virtual, network:ALAMAT:PORT, "
        "device:/dev/usb/lp0, usb:04b8:0e15, serial:/dev/ttyUSB0:19200, cups:NAMA, "
        "atau file:BERKAS",
        "'{value}' is no printer connection; write virtual, network:ADDRESS:PORT, "
        "device:/dev/usb/lp0, usb:04b8:0e15, serial:/dev/ttyUSB0:19200, cups:NAME "
        "or file:PATH",
    ),
    "connection.port": (
        "port printer belum benar; tulis seperti network:192.0.2.10:9100",
        "the printer's port is not right; write it like network:192.0.2.10:9100",
    ),
    "connection.host": (
        "alamat printer belum benar; tulis seperti network:192.0.2.10:9100",
        "the printer's address is not right; write it like network:192.0.2.10:9100",
    ),
    "connection.path": (
        "perangkat harus di dalam /dev, seperti device:/dev/usb/lp0",
        "the device must be in /dev, such as device:/dev/usb/lp0",
    ),
    "connection.usb": (
        "nomor printer USB belum benar; tulis seperti usb:04b8:0e15 "
        "(lihat dengan: kiosk print-test --find)",
        "the USB printer's numbers are not right; write them like usb:04b8:0e15 "
        "(to see them: kiosk print-test --find)",
    ),
    "connection.serial": (
        "jalur serial perlu kecepatan; tulis seperti serial:/dev/ttyUSB0:19200, "
        "bila perlu dengan :rtscts atau :xonxoff",
        "a serial line needs its speed; write it like serial:/dev/ttyUSB0:19200, "
        "where needed with :rtscts or :xonxoff",
    ),
    "connection.baud": (
        "kecepatan jalur serial belum benar; isi 1200, 2400, 4800, 9600, 19200, 38400, "
        "57600 atau 115200, sama seperti di printer",
        "the serial line's speed is not right; write 1200, 2400, 4800, 9600, 19200, 38400, "
        "57600 or 115200, as the printer has it",
    ),
    "connection.queue": (
        "nama antrean CUPS belum benar; tulis seperti cups:KIOSK (lihat dengan: lpstat -e)",
        "the name of the CUPS queue is not right; write it like cups:KIOSK (see: lpstat -e)",
    ),
    "connection.file": ("nama berkas belum diisi", "the file's name is missing"),
    "path.outside": (
        "'{value}' keluar dari folder config; tulis nama berkas saja",
        "'{value}' leaves the config folder; write the file's name alone",
    ),
    "path.logo": (
        "gambar '{value}' tidak ada di folder config atau assets/images; tiket dicetak tanpa logo",
        "the picture '{value}' is not in the config folder or assets/images; "
        "slips are printed without a logo",
    ),
    "resolution": (
        "tulis lebar dan tinggi layar, seperti [1080, 1920]",
        "write the screen's width and height, such as [1080, 1920]",
    ),
    # Days and times
    "day": ("'{value}' bukan hari", "'{value}' is not a day"),
    "day.double": (
        "{day} ditulis dua kali; yang pertama di baris {line} kolom {column}",
        "{day} is written twice; first at line {line} column {column}",
    ),
    "hours.mapping": (
        "tulis jam untuk setiap hari, seperti {like}, bukan {found}",
        "write the hours for each day, such as {like}, not {found}",
    ),
    "period": (
        "'{value}' bukan jam layanan; tulis seperti \"08:15-14:00\"",
        "'{value}' is no service hours; write them like \"08:15-14:00\"",
    ),
    "period.trap": (
        "{raw} tanpa tanda kutip dibaca YAML sebagai bilangan {value}; "
        'tulis jam buka dan tutup di dalam tanda kutip, seperti "08:15-14:00"',
        "{raw} without quotes is read by YAML as the number {value}; "
        'write opening and closing time in quotes, like "08:15-14:00"',
    ),
    "time": (
        "'{value}' bukan jam; pakai 00:00 sampai 23:59",
        "'{value}' is not a time; use 00:00 to 23:59",
    ),
    "period.order": (
        "'{value}': jam tutup harus sesudah jam buka",
        "'{value}': the closing time must be after the opening time",
    ),
    "period.overlap": (
        "'{value}' bertumpuk dengan '{other}'",
        "'{value}' overlaps '{other}'",
    ),
    "hours.none": (
        "jam layanan belum ada: isi 'hours' di sini, di instansi, atau di awal berkas",
        "there are no hours: give 'hours' here, at the agency or at the top of the file",
    ),
    "date": (
        "'{value}' bukan tanggal; tulis tahun-bulan-tanggal, seperti 2026-12-25",
        "'{value}' is not a date; write year-month-day, such as 2026-12-25",
    ),
    "closure.agency": ("tidak ada instansi '{value}'", "there is no agency '{value}'"),
    "closure.double": (
        "tanggal {date} sudah ditulis di baris {line} kolom {column}",
        "the date {date} is already written at line {line} column {column}",
    ),
    # One machine
    "kiosks.letter": (
        "ada {n} mesin: isi 'letter' (satu huruf lain untuk setiap mesin) atau 'server', "
        "agar tidak ada nomor yang sama",
        "there are {n} kiosks: give 'letter' (another one for each kiosk) or 'server', "
        "so that no two numbers are the same",
    ),
    "letter": (
        "'{value}' tidak boleh menjadi huruf mesin; pakai satu atau dua huruf besar "
        "selain I dan O, seperti '{like}'",
        "'{value}' cannot be a kiosk's letter; use one or two capitals "
        "other than I and O, such as '{like}'",
    ),
    "letter.prefix": (
        "nomor {one} dan {other} terdengar sama bila dipanggil; ganti huruf mesin atau awalan "
        "'{prefix}' di {file}",
        "the numbers {one} and {other} sound the same when called; change the letter or the "
        "prefix '{prefix}' in {file}",
    ),
    # The slip
    "block.unknown": ("'{key}' bukan blok tiket", "'{key}' is no block of the slip"),
    "block.none": (
        "blok harus menyebut satu dari: {known}",
        "a block must name one of: {known}",
    ),
    "block.two": (
        "'{key}' dan '{other}' di satu blok; tulis di dua baris dengan tanda '-'",
        "'{key}' and '{other}' in one block; write them on two lines with '-'",
    ),
    "block.plain": (
        "blok '{kind}' tidak memiliki isian; tulis '- {kind}' saja",
        "the block '{kind}' takes no value; write '- {kind}' alone",
    ),
    "block.number": (
        "tidak ada blok 'number'; nomor dicetak paling atas",
        "there is no block 'number'; the number is printed at the top",
    ),
    # Words
    "words.key": ("tidak ada kata '{key}'", "there is no word '{key}'"),
    "locale.broken": (
        "berkas bahasa rusak ({reason})",
        "the language file is damaged ({reason})",
    ),
}


def say(lang: str, key: str, /, **fields: object) -> str:
    """The text of ``key`` in ``lang`` (``id``; anything else is English), fields filled in."""
    text = _TEXTS[key][0 if lang == "id" else 1]
    return text.format_map(fields) if fields else text


def noun(lang: str, key: str) -> str:
    """What a thing is called: ``instansi`` or ``agency``."""
    return _NOUNS[key][0 if lang == "id" else 1]


def meant(lang: str, word: str | None) -> str:
    """``; maksud Anda 'x'?``, or nothing where there is no guess."""
    return say(lang, "meant", word=word) if word else ""


def texts() -> dict[str, tuple[str, str]]:
    """The whole table: key to (Indonesian, English)."""
    return dict(_TEXTS)
