"""What staff may get wrong: the mistake, and the line that they read about it."""

from __future__ import annotations

import pytest

from menu.known_names import known_names
from tests.settings.folder import Folder

LANGUAGES = ", ".join(known_names().languages)

# Given under `agencies:` (the list begins on line 5); seen in English.
MENU = {
    "unknown key": (
        "\n  - {code: a, prefix: A, name: A, icom: bank}\n",
        "agencies.yaml:5:35: agency 'a': 'icom' is not known; did you mean 'icon'?",
    ),
    "unknown key in a service": (
        "\n  - code: a\n    prefix: A\n    name: A\n    services:\n"
        "      - {code: s, name: S, kuota: 5}\n",
        "agencies.yaml:9:28: agency 'a' > service 's': 'kuota' is not known; did you mean 'quota'?",
    ),
    "missing prefix": (
        "\n  - {code: a, name: A}\n",
        "agencies.yaml:5:5: agency 'a': 'prefix' is missing",
    ),
    "missing code": (
        "\n  - {prefix: A, name: A}\n",
        "agencies.yaml:5:5: agency no. 1: 'code' is missing",
    ),
    "no name at all": (
        "\n  - {code: a, prefix: A}\n",
        "agencies.yaml:5:5: agency 'a': 'name' or 'short' is needed",
    ),
    "empty name": (
        "\n  - {code: a, prefix: A, name: ''}\n",
        "agencies.yaml:5:32: agency 'a' > name: it is empty",
    ),
    "a list for a name": (
        "\n  - {code: a, prefix: A, name: [A]}\n",
        "agencies.yaml:5:32: agency 'a' > name: here one text is needed, or one text for each "
        "language, not a list",
    ),
    "a number for a name": (
        "\n  - {code: a, prefix: A, name: 2026}\n",
        "agencies.yaml:5:32: agency 'a' > name: 2026 without quotes is read by YAML as the number "
        '2026; write "2026"',
    ),
    "unknown language": (
        "\n  - {code: a, prefix: A, name: {id: A, eng: A}}\n",
        "agencies.yaml:5:40: agency 'a' > name: 'eng' is no language here; there are: "
        f"{LANGUAGES}; did you mean 'en'?",
    ),
    "a text for agencies": (
        " none\n",
        "agencies.yaml:4:11: agencies: here a list is needed, such as [a, b], not 'none'",
    ),
    "a text for an agency": (
        "\n  - djp\n",
        "agencies.yaml:5:5: agency no. 1: here 'name: value' is needed, not 'djp'",
    ),
    "a mapping for services": (
        "\n  - {code: a, prefix: A, name: A, services: {s: 1}}\n",
        "agencies.yaml:5:45: agency 'a' > services: here a list is needed, such as [a, b], "
        "not 'name: value'",
    ),
    "code with a blank": (
        "\n  - {code: 'pajak kota', prefix: A, name: A}\n",
        "agencies.yaml:5:12: agency 'pajak kota' > code: 'pajak kota' cannot be a code; use "
        "letters, figures and hyphens, such as 'pajak-kota'",
    ),
    "prefix in small letters": (
        "\n  - {code: a, prefix: dk, name: A}\n",
        "agencies.yaml:5:23: agency 'a' > prefix: 'dk' cannot be a prefix; use 1 to 3 capitals "
        "A-Z, such as 'DK'",
    ),
    "prefix too long": (
        "\n  - {code: a, prefix: PAJAK, name: A}\n",
        "agencies.yaml:5:23: agency 'a' > prefix: 'PAJAK' cannot be a prefix; use 1 to 3 capitals "
        "A-Z, such as 'PAJ'",
    ),
    "prefix NO": (
        "\n  - {code: a, prefix: NO, name: A}\n",
        "agencies.yaml:5:23: agency 'a' > prefix: NO without quotes is read by YAML as yes/no "
        '(false); write "NO"',
    ),
    "counter 01": (
        "\n  - {code: a, prefix: A, name: A, counters: [01, 02, 08]}\n",
        "agencies.yaml:5:46: agency 'a' > counters: 01 without quotes is read by YAML as the "
        'number 1; write "01"',
        "agencies.yaml:5:50: agency 'a' > counters: 02 without quotes is read by YAML as the "
        'number 2; write "02"',
    ),
    "floor 1.5": (
        "\n  - {code: a, prefix: A, name: A, floor: 1.5}\n",
        "agencies.yaml:5:42: agency 'a' > floor: 1.5 without quotes is read by YAML as the "
        'number 1.5; write "1.5"',
    ),
    "floor ON": (
        "\n  - {code: a, prefix: A, name: A, floor: ON}\n",
        "agencies.yaml:5:42: agency 'a' > floor: ON without quotes is read by YAML as yes/no "
        '(true); write "ON"',
    ),
    "unknown icon": (
        "\n  - {code: a, prefix: A, name: A, icon: pasport}\n",
        "agencies.yaml:5:41: agency 'a' > icon: there is no icon 'pasport'; "
        "did you mean 'passport'?",
    ),
    "quota 0": (
        "\n  - {code: a, prefix: A, name: A, services: [{code: s, name: S, quota: 0}]}\n",
        "agencies.yaml:5:72: agency 'a' > service 's' > quota: 0 is out of range; "
        "it must be 1 to 9999",
    ),
    "quota -5": (
        "\n  - {code: a, prefix: A, name: A, services: [{code: s, name: S, quota: -5}]}\n",
        "agencies.yaml:5:72: agency 'a' > service 's' > quota: -5 is out of range; "
        "it must be 1 to 9999",
    ),
    "quota in words": (
        "\n  - {code: a, prefix: A, name: A, services: [{code: s, name: S, quota: banyak}]}\n",
        "agencies.yaml:5:72: agency 'a' > service 's' > quota: 'banyak' is not a whole number",
    ),
    "quota 12.5": (
        "\n  - {code: a, prefix: A, name: A, services: [{code: s, name: S, quota: 12.5}]}\n",
        "agencies.yaml:5:72: agency 'a' > service 's' > quota: '12.5' is not a whole number",
    ),
    "minutes endless": (
        "\n  - {code: a, prefix: A, name: A, services: [{code: s, name: S, minutes: 9e9}]}\n",
        "agencies.yaml:5:74: agency 'a' > service 's' > minutes: '9e9' is not a whole number",
    ),
    "popular twice": (
        "\n  - {code: a, prefix: A, name: A, popular: 1}\n"
        "  - {code: b, prefix: B, name: B, popular: 1}\n",
        "agencies.yaml:6:44: agency 'b' > popular: rank 1 is already used by agency 'a' "
        "at line 5 column 44",
    ),
    "agency code twice": (
        "\n  - {code: a, prefix: A, name: A}\n  - {code: a, prefix: B, name: B}\n",
        "agencies.yaml:6:12: agency 'a' > code: the code 'a' is already used by agency 'a' "
        "at line 5 column 12",
    ),
    "service code twice, in two agencies": (
        "\n  - {code: a, prefix: A, name: A, services: [{code: info, name: I}]}\n"
        "  - {code: b, prefix: B, name: B, services: [{code: info, name: I}]}\n",
        "agencies.yaml:6:53: agency 'b' > service 'info' > code: the code 'info' is already used "
        "by agency 'a' > service 'info' at line 5 column 53",
    ),
    "two agencies on one prefix": (
        "\n  - {code: a, prefix: PJ, name: A}\n  - {code: b, prefix: PJ, name: B}\n",
        "agencies.yaml:6:23: agency 'b' > prefix: the prefix 'PJ' is already used by agency 'a' "
        "at line 5 column 23; two visitors would hold the same number",
    ),
    "a service on another agency's prefix": (
        "\n  - {code: a, prefix: PJ, name: A}\n"
        "  - {code: b, prefix: B, name: B, services: [{code: s, name: S, prefix: PJ}]}\n",
        "agencies.yaml:6:73: agency 'b' > service 's' > prefix: the prefix 'PJ' is already used "
        "by agency 'a' at line 5 column 23; two visitors would hold the same number",
    ),
    "requirements of unequal number": (
        "\n  - code: a\n    prefix: A\n    name: A\n    services:\n      - code: s\n"
        "        name: S\n        requirements: {id: [x, y], en: [x]}\n",
        "agencies.yaml:11:40: agency 'a' > service 's' > requirements: 1 for language 'en', "
        "2 for 'id'; there must be as many of each",
    ),
    "control character in a name": (
        '\n  - {code: a, prefix: A, name: "A\\u0007B"}\n',
        "agencies.yaml:5:32: agency 'a' > name: there is an invisible character (U+0007); "
        "delete it",
    ),
    "line break in a name": (
        '\n  - {code: a, prefix: A, name: "A\\nB"}\n',
        "agencies.yaml:5:32: agency 'a' > name: there is an invisible character (U+000A); "
        "delete it",
    ),
    "key twice": (
        "\n  - {code: a, prefix: A, name: A, name: B}\n",
        "agencies.yaml:5:35: agency 'a': 'name' is written twice; first at line 5 column 26",
    ),
    "key twice in a service": (
        "\n  - {code: a, prefix: A, name: A}\n"
        "  - {code: b, prefix: B, name: B, services: [{name: S, quota: 1, quota: 2, code: s}]}\n",
        "agencies.yaml:6:66: agency 'b' > service no. 1: 'quota' is written twice; "
        "first at line 6 column 56",
    ),
    "merge key": (
        "\n  - {code: a, prefix: A, name: A, <<: {floor: 1}}\n",
        "agencies.yaml:5:35: agency 'a': '<<' is not used here; write the values out",
    ),
}


@pytest.mark.parametrize("case", MENU)
def test_a_mistake_in_the_menu(folder: Folder, case: str) -> None:
    given, *seen = MENU[case]
    folder.menu(given)
    assert folder.problems() == seen


# Given as the value of `hours` of the site, line 3.
HOURS = {
    "misspelt day": (
        '{mon-fry: "08:15-14:00"}',
        "3:9: hours: 'mon-fry' is not a day; did you mean 'mon-fri'?",
    ),
    "misspelt Indonesian day": (
        '{senen-kamis: "08:15-14:00"}',
        "3:9: hours: 'senen-kamis' is not a day; did you mean 'senin-kamis'?",
    ),
    "no day at all": ('{workdays: "08:15-14:00"}', "3:9: hours: 'workdays' is not a day"),
    "unquoted 10:15": (
        "{mon: 10:15}",
        "3:14: hours > mon: 10:15 without quotes is read by YAML as the number 615; write opening "
        'and closing time in quotes, like "08:15-14:00"',
    ),
    "unquoted 8.15": (
        "{mon: 8.15}",
        "3:14: hours > mon: 8.15 without quotes is read by YAML as the number 8.15; write opening "
        'and closing time in quotes, like "08:15-14:00"',
    ),
    "08:15 stays text": (
        "{mon: 08:15}",
        "3:14: hours > mon: '08:15' is no service hours; write them like \"08:15-14:00\"",
    ),
    "24:00": (
        '{mon: "08:00-24:00"}',
        "3:14: hours > mon: '24:00' is not a time; use 00:00 to 23:59; did you mean '23:59'?",
    ),
    "08:75": (
        '{mon: "08:75-14:00"}',
        "3:14: hours > mon: '08:75' is not a time; use 00:00 to 23:59",
    ),
    "end before start": (
        '{mon: "14:00-08:15"}',
        "3:14: hours > mon: '14:00-08:15': the closing time must be after the opening time",
    ),
    "no time passes": (
        '{mon: "08:15-08:15"}',
        "3:14: hours > mon: '08:15-08:15': the closing time must be after the opening time",
    ),
    "overlap": (
        '{mon: ["08:00-12:00", "11:30-14:00"]}',
        "3:30: hours > mon: '11:30-14:00' overlaps '08:00-12:00'",
    ),
    "a day twice": (
        '{mon-thu: "08:15-14:00", wed: "09:00-10:00"}',
        "3:33: hours: wednesday is written twice; first at line 3 column 9",
    ),
    "a text for all days": (
        '"08:15-14:00"',
        '3:8: hours: write the hours for each day, such as {mon-thu: "08:15-14:00", '
        "fri: \"08:15-11:00\"}, not '08:15-14:00'",
    ),
    "break: maybe": (
        '{mon: "08:15-14:00", break: maybe}',
        "3:36: hours > break: there is no 'maybe'; choose closed, open",
    ),
    "a mapping for a day": (
        '{mon: {open: "08:15"}}',
        "3:14: hours > mon: here a text is needed, not 'name: value'",
    ),
}


@pytest.mark.parametrize("case", HOURS)
def test_a_mistake_in_the_hours(folder: Folder, case: str) -> None:
    given, seen = HOURS[case]
    folder.write(
        "agencies.yaml",
        f"version: 1\nsite: {{name: MPP, timezone: Asia/Makassar}}\nhours: {given}\nagencies: []\n",
    )
    assert folder.problems() == [f"agencies.yaml:{seen}"]


# Given as a line of its own before `agencies`, line 4.
HEAD = {
    "closure of an unknown agency": (
        "closures: [{date: 2026-12-25, reason: Natal, agencies: [dpj]}]",
        "4:57: closure no. 1 > agencies: there is no agency 'dpj'; did you mean 'djp'?",
    ),
    "day first": (
        "closures: [{date: 25-12-2026, reason: Natal}]",
        "4:19: closure no. 1 > date: '25-12-2026' is not a date; write year-month-day, such as "
        "2026-12-25; did you mean '2026-12-25'?",
    ),
    "no such date": (
        "closures: [{date: 2026-02-30, reason: Natal}]",
        "4:19: closure no. 1 > date: '2026-02-30' is not a date; write year-month-day, such as "
        "2026-12-25",
    ),
    "no reason": (
        "closures: [{date: 2026-12-25}]",
        "4:12: closure no. 1: 'reason' is missing",
    ),
    "one day twice": (
        'closures: [{date: 2026-12-25, reason: A}, {date: "2026-12-25", reason: B}]',
        "4:50: closure no. 2 > date: the date 2026-12-25 is already written at line 4 column 19",
    ),
    "unknown word": (
        "words: {word.quue: antrian}",
        "4:9: words: there is no word 'word.quue'; did you mean 'word.queue'?",
    ),
    "a field that the word has not": (
        "words: {service.waiting: '{x} menunggu'}",
        "4:26: words > service.waiting: '{x}' cannot be used in this text; there are: {n} {queue} "
        "{Queue} {QUEUE}",
    ),
    "busy in words": (
        "tickets: {confirm_above: banyak}",
        "4:26: tickets > confirm_above: 'banyak' is not a whole number",
    ),
    "busy above less than nobody": (
        "tickets: {confirm_above: -1}",
        "4:26: tickets > confirm_above: -1 is out of range; it must be 0 to 9999",
    ),
    "minutes before of a day and more": (
        "tickets: {open_minutes_before: 1440}",
        "4:32: tickets > open_minutes_before: 1440 is out of range; it must be 0 to 600",
    ),
    "need of an unknown service": (
        "search: {needs: [{service: ktp-el}]}",
        "4:28: search > need no. 1 > service: there is no service 'ktp-el'",
    ),
    "more than six needs": (
        f"search: {{needs: [{', '.join(['{service: a}'] * 7)}]}}",
        "4:17: search > needs: too many: 7, at most 6",
    ),
    "synonyms that are no groups": (
        "search: {synonyms: [akta]}",
        "4:21: search > synonyms: here a list is needed, such as [a, b], not 'akta'",
    ),
    "unknown key of the search": (
        "search: {synonym: [[akta, akte]]}",
        "4:10: search: 'synonym' is not known; did you mean 'synonyms'?",
    ),
    "group twice": (
        "priority: {groups: [{code: a, name: A}, {code: a, name: B}]}",
        "4:48: priority > group 'a' > code: the code 'a' is already used by "
        "priority > group 'a' at line 4 column 28",
    ),
}


@pytest.mark.parametrize("case", HEAD)
def test_a_mistake_in_the_head(folder: Folder, case: str) -> None:
    given, seen = HEAD[case]
    folder.menu("\n  - {code: djp, prefix: DJ, name: Pajak}\n", head=given + "\n")
    assert folder.problems() == [f"agencies.yaml:{seen}"]


ZONES = "in Indonesia: Asia/Jakarta (WIB), Asia/Makassar (WITA), Asia/Jayapura (WIT)"
SITE = {
    "unknown timezone": (
        "{name: M, timezone: Asia/Makasar}",
        f"2:27: site > timezone: the timezone 'Asia/Makasar' is not known; {ZONES}; did you mean "
        "'Asia/Makassar'?",
    ),
    "a city for timezone": (
        "{name: M, timezone: Asia/Surabaya}",
        f"2:27: site > timezone: the timezone 'Asia/Surabaya' is not known; {ZONES}; did you mean "
        "'Asia/Jakarta'?",
    ),
    "zone for timezone": (
        "{name: M, timezone: WIT}",
        f"2:27: site > timezone: the timezone 'WIT' is not known; {ZONES}; did you mean "
        "'Asia/Jayapura'?",
    ),
    "a path for timezone": (
        "{name: M, timezone: ../../etc/passwd}",
        f"2:27: site > timezone: the timezone '../../etc/passwd' is not known; {ZONES}",
    ),
    "another zone's name": (
        "{name: M, timezone: Asia/Makassar, zone: WIB}",
        "2:48: site > zone: the zone of Asia/Makassar is not called 'WIB'; did you mean 'WITA'?",
    ),
    "unknown language": (
        "{name: M, timezone: Asia/Makassar, languages: [id, xx]}",
        f"2:58: site > languages: the language 'xx' is not available; there are: {LANGUAGES}",
    ),
    "language twice": (
        "{name: M, timezone: Asia/Makassar, languages: [id, id]}",
        "2:58: site > languages: the language 'id' is written twice",
    ),
    "no language": (
        "{name: M, timezone: Asia/Makassar, languages: []}",
        "2:53: site > languages: at least one language is needed",
    ),
    "no timezone": ("{name: M}", "2:7: site: 'timezone' is missing"),
    "not a web address": (
        "{name: M, timezone: Asia/Makassar, public_url: antrean.example.go.id}",
        "2:54: site > public_url: 'antrean.example.go.id' is not a web address; write it like "
        "https://antrean.example.go.id",
    ),
    "an address with a figure above 255": (
        "{name: M, timezone: Asia/Makassar, public_url: 'http://192.168.1.999/antrean'}",
        "2:54: site > public_url: 'http://192.168.1.999/antrean' is not a web address; write it "
        "like https://antrean.example.go.id",
    ),
}


@pytest.mark.parametrize("case", SITE)
def test_a_mistake_in_the_site(folder: Folder, case: str) -> None:
    given, seen = SITE[case]
    folder.write("agencies.yaml", f"version: 1\nsite: {given}\nagencies: []\n")
    assert folder.problems() == [f"agencies.yaml:{seen}"]


def test_a_service_without_any_hours_is_named(folder: Folder) -> None:
    folder.write(
        "agencies.yaml",
        "version: 1\nsite: {name: M, timezone: Asia/Makassar}\nagencies:\n"
        "  - {code: a, prefix: A, name: A, services: [{code: s, name: S}]}\n",
    )
    assert folder.problems() == [
        "agencies.yaml:4:46: agency 'a' > service 's': there are no hours: give 'hours' here, "
        "at the agency or at the top of the file"
    ]


def test_a_missing_translation_is_a_warning_and_stops_nothing(folder: Folder) -> None:
    folder.menu("\n  - {code: a, prefix: A, name: {id: Pajak}}\n")
    checked = folder.check()
    assert checked.settings is not None
    assert [str(p).split(":", 1)[1] for p in checked.warnings] == [
        "5:32: agency 'a' > name: there is no text for language 'en'; "
        "the screen will use another language"
    ]


def test_a_language_that_most_texts_lack_hides_no_other_warning(folder: Folder) -> None:
    many = "".join(f"  - {{code: a{i}, prefix: A{i}, name: {{id: P}}}}\n" for i in range(120))
    folder.menu(f"\n{many}", head="words: {slip.missed: Lapor}\n")
    said = [str(p).split(": ", 1)[1] for p in folder.check().warnings]
    lacking = "there is no text for language 'en'; the screen will use another language"
    assert said == [
        "words: the word 'slip.missed' is no longer used; delete this line",
        f"agency 'a0' > name: {lacking} (in 120 places in this file; this is the first)",
    ]


def test_staff_read_bahasa_indonesia_unless_they_ask_for_english(folder: Folder) -> None:
    folder.menu(
        "\n  - code: disdukcapil\n    prefix: DK\n    name: D\n    services:\n"
        "      - code: ktp-el\n        name: KTP\n        hours:\n"
        '          mon-fry: "08:15-14:00"\n'
    )
    way = "agencies.yaml:12:11: instansi 'disdukcapil' > layanan 'ktp-el' > hours: "
    assert folder.problems("id") == [way + "'mon-fry' bukan hari; maksud Anda 'mon-fri'?"]
    english = way.replace("instansi", "agency").replace("layanan", "service")
    assert folder.problems("en") == [english + "'mon-fry' is not a day; did you mean 'mon-fri'?"]


def test_a_word_that_is_no_longer_used_is_a_warning_and_stops_nothing(folder: Folder) -> None:
    folder.menu(" []\n", head="words: {slip.missed: Lapor, nav.back: Mundur}\n")
    checked = folder.check()
    assert checked.settings is not None
    assert checked.settings.words.say("id", "nav.back") == "Mundur"
    assert [str(p).split(":", 1)[1] for p in checked.warnings] == [
        "4:9: words: the word 'slip.missed' is no longer used; delete this line"
    ]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("jam", "hours"),
        ("loket", "counters"),
        ("lantai", "floor"),
        ("kuota", "quota"),
        ("Persyaratan", "requirements"),
        ("kata kunci", "keywords"),
    ],
)
def test_a_key_in_indonesian_is_understood(folder: Folder, key: str, meant: str) -> None:
    services = f"[{{code: s, name: S, {key}: 5}}]"
    folder.menu(f"\n  - {{code: a, prefix: A, name: A, services: {services}}}\n")
    (problem,) = folder.problems("id")
    assert problem.endswith(f"'{key}' tidak dikenal; maksud Anda '{meant}'?")


def test_a_day_without_a_value_is_a_warning(folder: Folder) -> None:
    head = "version: 1\nsite: {name: M, timezone: Asia/Makassar}\n"
    folder.write("agencies.yaml", head + 'hours: {mon: "08:00-09:00", fri: }\nagencies: []\n')
    checked = folder.check()
    assert checked.settings is not None
    (warning,) = checked.warnings
    assert (warning.line, warning.column, warning.path) == (3, 34, "hours > fri")
    assert "that day is closed" in warning.text


def test_a_key_without_a_value_is_a_warning(folder: Folder) -> None:
    folder.write("kiosk.yaml", "version: 1\nid: lobi-1\nserver:\n")
    checked = folder.check()
    assert checked.settings is not None
    assert [str(p).split(":", 1)[1] for p in checked.warnings] == [
        "3:8: server: nothing is given, so it counts as missing; delete the line, or give a value"
    ]


def test_a_closure_of_no_agency_is_an_error(folder: Folder) -> None:
    closure = "closures: [{date: 2026-12-25, reason: Natal, agencies: []}]\n"
    folder.menu("\n  - {code: a, prefix: A, name: A}\n", head=closure)
    (problem,) = folder.problems()
    assert problem.startswith("agencies.yaml:4:56: closure no. 1 > agencies: the list of agencies")


@pytest.mark.parametrize("name", ["\u200d", "\u200c\u00a0\u200d"])
def test_a_name_that_cannot_be_seen_is_empty(folder: Folder, name: str) -> None:
    folder.menu(f'\n  - {{code: a, prefix: A, name: "{name}"}}\n')
    assert folder.problems() == ["agencies.yaml:5:32: agency 'a' > name: it is empty"]


@pytest.mark.parametrize("character", ["\u202e", "\u200b", "\u2066", "\u00ad", "\u2060"])
def test_characters_that_hide_or_turn_a_text_are_errors(folder: Folder, character: str) -> None:
    folder.menu(f'\n  - {{code: a, prefix: A, name: "Pa{character}jak"}}\n')
    (problem,) = folder.problems()
    assert f"invisible character (U+{ord(character):04X})" in problem


@pytest.mark.parametrize("word", ["{site", "site}", "{site}}"])
def test_a_brace_without_its_partner_is_an_error(folder: Folder, word: str) -> None:
    folder.write("ticket.yaml", f'version: 1\nblocks: [number, {{text: "{word}"}}]\n')
    (problem,) = folder.problems()
    assert problem.endswith(f"a brace has no partner: '{word}'")


@pytest.mark.parametrize("other", ["agencies.yml", "agencies.yaml.txt", "agencies.txt"])
def test_a_file_under_another_name_is_found(folder: Folder, other: str) -> None:
    (folder.path / "agencies.yaml").rename(folder.path / other)
    (problem,) = folder.problems()
    assert f"there is '{other}'; rename it to agencies.yaml" in problem


@pytest.mark.parametrize("host", ["192.168.1.999", "192.168.1", "1.2.3.4.5"])
def test_figures_that_are_no_address_are_an_error(folder: Folder, host: str) -> None:
    text = f'version: 1\nid: lobi-1\nprinter: {{connection: "network:{host}:9100"}}\n'
    folder.write("kiosk.yaml", text)
    (problem,) = folder.problems()
    assert "the printer's address is not right" in problem
