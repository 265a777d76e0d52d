"""Menus made from the shipped one by seeded mutation: the same corpus at each run.

    python -m tests.contract.corpus        # writes verdicts.json anew; read the difference

Each menu has a name, ``<kind>-<number>``, and one expected verdict in ``verdicts.json``.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "config" / "agencies.yaml").read_text(encoding="utf-8")
VERDICTS = Path(__file__).with_name("verdicts.json")
SEED = 9

KEYS = ("code", "prefix", "name", "hours", "services", "quota", "floor", "counters", "keywords")
TIMES = (
    *("08:15-14:00", "8:15-14:00", "08.15-14.00", "08:15 - 14:00 WITA", "08:15 s.d. 14:00"),
    *("08:15", "14:00-08:15", "08:15-08:15", "24:00-25:00", "08:15-14:60", "0815-1400"),
    *("08:15-12:00, 13:00-14:00", "08:15-12:00, 11:00-14:00", "tutup", "closed", "libur", ""),
    *("08:15–14:00", "08:15 sampai 14:00", "8-14", "pagi", "08:15-14:00-15:00", "23:00-01:00"),
)
DAYS = (
    *("mon-thu", "senin-kamis", "Senin", "mon, tue", "sabtu", "jum'at", "fri-mon", "ahad"),
    *("mon-fry", "senen", "mon-", "hari kerja", "mon-tue-wed", "monday to thursday", "1-4", ""),
)
DATES = (
    *("2026-12-25", "2027-1-1", '"2027-03-10"', "2028-02-29", "2027-02-29", "25-12-2026"),
    *("2026-13-01", "2026-12-32", "25 Desember 2026", "2026/12/25", "besok", "20261225", "null"),
)
PREFIXES = (
    *("DK", "D", "DKS", "DKSC", "dk", "D1", "D K", '"DK"', "NO", "ON", "Ñ", "1", "null", "''"),
    *("[DK]", "{a: 1}", "I", "OO"),
)
NUMBERS = (
    *("1", "40", "9999", "0", "10000", "-1", "1.5", "1e3", "0x10", "1_000", "010", "true"),
    *("banyak", "null", "''", "[40]", '"40"', "10:15"),
)
QUOTAS = (
    *("{day: 40}", "{day: 40, hour: 8}", "{hour: 8, jumat: 20}", "{mon-thu: 40, fri: {hour: 3}}"),
    *('{before: {"12:00": 25}}', "{before: {12.00: 25, 10:00: 9}}", "{before: {}}", "{before: 25}"),
    *(
        "{hari: 40}",
        "{jam: 8}",
        "{fri: 20, jumat: 20}",
        "{day: 0}",
        "{fri: {day: 1, tue: 2}}",
        "{}",
    ),
    *('{before: {"24:00": 9}}', '{before: {"9:00": 5, "09.00": 6}}', "{40: 8}", "{day: [40]}"),
)
TRAPS = (
    *("counters: [01, 02, 08]", 'counters: ["01", "02"]', "counters: 7", "counters: []"),
    *("floor: 1", "floor: 01", "floor: Dasar", "floor: NO", 'floor: "NO"', "floor: 1.5"),
    *("hours: {mon: 10:15}", "hours: {mon: 08.15}", "hours: {mon: 14:00}", "hours: {mon: 08:15}"),
    *("hint: ON", "hint: yes", "hint: 2026-12-25", "hint: ~", "hint: !!str 5", "hint: &a teks"),
    *("hint: *tidak", "hint: 'a", 'hint: "\\q"', "hint: a: b", "hint: [a", "hint: {a", "hint: @a"),
    *("<<: {floor: 1}", "hint: |\n      dua\n      baris", "token: rahasia", "pin: 1234"),
    *("popular: 1", "popular: 99", "popular: 100", "icon: card-account-detials", "icon: bank"),
    *("hint: {id: a, en: b}", "hint: {id: a, xx: b}", "hint: {id: a}", "? [a]\n    : b"),
)
SEASONS = (
    "{from: 2027-02-08, to: 2027-03-09, reason: Ramadan, hours: {mon-thu: '08:00-15:00'}}",
    "{from: 2027-02-08, to: 2027-02-08, hours: {mon: tutup}}",
    "{from: 2027-03-09, to: 2027-02-08, hours: {mon: '08:00-15:00'}}",
    "{from: 2027-02-08, hours: {mon: '08:00-15:00'}}",
    "{from: 2027-02-08, to: 2027-03-09}",
    "{from: 2027-02-08, to: 2027-03-09, jam: {mon: '08:00-15:00'}, hours: {mon: tutup}}",
    "{from: 2027-02-08, to: 2027-03-09, hours: {mon: tutup}},"
    " {from: 2027-03-09, to: 2027-03-10, hours: {mon: tutup}}",
)
TOPS = (
    *("site: {name: A, timezone: Asia/Jakarta, desk: {where: Lobi, phone: 0542-123}}",),
    *("site: {name: A, timezone: Asia/Jakarta, desk: {phone: 0542-123}}", "site: {desk: Lobi}"),
    *("words: {word.queue: antrian}", "words: {word.quue: antrian}", "words: {home.titel: a}"),
    *("words: {word.queue: '{n}'}", "words: []", "tickets: {open_minutes_before: 700}"),
    *("tickets: {stop_minutes_before: 15, confirm_above: 0}", "tickets: {stop: 5}", "---", "a"),
    *("priority: {groups: [{code: a, name: A}, {code: a, name: B}]}", "priority: {groups: {}}"),
    *("closures: [{date: 2026-12-25}]", "closures: [{date: 2026-12-25, reason: Natal}]"),
    *("closures: [{date: 2026-12-25, reason: Natal, agencies: [tidak-ada]}]", "\tversi: 1"),
    *("search: {needs: [{service: tidak-ada}]}", "search: {synonyms: [[akta, akte], [paspor]]}"),
    *("standard: {cost: Gratis}", "standard: {procedure: [a]}", "standard: {procedure: a}"),
    *("standard: {biaya: Gratis}", "standard: [Gratis]", "standard: {time: {id: a, en: b}}"),
    *("search: {synonyms: akta}", "search: {synonim: [[akta, akte]]}", "search: {needs: ktp-el}"),
    *("closures: [{date: 2026-12-25, reason: a}, {date: 2026-12-25, reason: b}]", "version: 2"),
    *(
        "holidays: {country: ID}",
        "holidays: {country: ID, joint_leave: open}",
        "open_on: 2026-12-24",
    ),
    *("holidays: {joint_leave: closed}", "holidays: {country: XX}", "holidays: ID", "holidays: []"),
    *("holidays: {country: ID, joint_leave: tutup}", "open_on: [2026-12-24, 24-12-2026]"),
    "open_on: 2026-12-25\nclosures: [{date: 2026-12-25, reason: a}]",
    *(f"hours_between: [{season}]" for season in SEASONS),
)


@dataclass(frozen=True)
class MenuCase:
    """A menu by name."""

    name: str
    body: bytes


def corpus() -> list[MenuCase]:
    """All menus, in a fixed order, each body once."""
    kinds = (
        *(_shipped, _typos, _hours, _days, _dates, _prefixes, _quotas, _traps, _tops),
        *(_doubled, _missing, _shuffled, _bytes),
    )
    found: dict[bytes, MenuCase] = {}
    for kind in kinds:
        random_ = random.Random(f"{SEED} {kind.__name__}")
        for i, text in enumerate(kind(random_)):
            body = text if isinstance(text, bytes) else text.encode()
            found.setdefault(body, MenuCase(f"{kind.__name__.strip('_')}-{i:02d}", body))
    return list(found.values())


Texts = Iterator[str | bytes]


def _shipped(_: random.Random) -> Texts:
    yield SHIPPED
    yield SHIPPED.replace("\n", "\r\n")
    yield "# kepala\n" + SHIPPED
    yield SHIPPED + "\n\n# ekor\n"
    yield SHIPPED.replace(": ", ":   ")


def _typos(random_: random.Random) -> Texts:
    """One letter of one key changed, left out, doubled or swapped: ``qouta`` and the like."""
    yield _in_service("qouta: 40")
    yield _in_service("synonym: [ktp]")
    yield _in_service("synonyms: ktp")
    changes: tuple[Callable[[str, int], str], ...] = (
        lambda key, i: key[:i] + key[i + 1 : i + 2] + key[i] + key[i + 2 :],
        lambda key, i: key[:i] + key[i + 1 :],
        lambda key, i: key[:i] + key[i] * 2 + key[i + 1 :],
        lambda key, i: key[:i] + "x" + key[i + 1 :],
        lambda key, _: key.upper(),
    )
    for key in KEYS:
        places = [m.start() for m in re.finditer(rf"\b{key}:", SHIPPED)]
        for change in changes if places else ():
            at = random_.choice(places)
            yield SHIPPED[:at] + change(key, random_.randrange(len(key))) + SHIPPED[at + len(key) :]


def _hours(_: random.Random) -> Texts:
    for time in TIMES:
        yield _in_service(f'hours: {{mon: "{time}"}}')


def _days(_: random.Random) -> Texts:
    for day in DAYS:
        yield _in_service(f'hours: {{"{day}": "08:15-14:00"}}')
    yield _in_service('hours: {mon: "08:15-14:00", senin: "08:15-14:00"}')
    yield _in_service('hours: {mon: ["08:15-12:00", "13:00-14:00"], istirahat: tutup}')
    yield _in_service('hours: {mon: ["08:15-12:00", "13:00-14:00"], break: mungkin}')


def _dates(_: random.Random) -> Texts:
    for date in DATES:
        yield _on_top(f"closures: [{{date: {date}, reason: Libur}}]")


def _prefixes(random_: random.Random) -> Texts:
    places = list(re.finditer(r"\bprefix: (\w+)", SHIPPED))
    for prefix in PREFIXES:
        at = random_.choice(places)
        yield SHIPPED[: at.start(1)] + prefix + SHIPPED[at.end(1) :]


def _quotas(random_: random.Random) -> Texts:
    for number in NUMBERS:
        yield _in_service(f"{random_.choice(['quota', 'minutes'])}: {number}")
    for value in QUOTAS:
        yield _in_service(f"quota: {value}")


def _traps(_: random.Random) -> Texts:
    for line in TRAPS:
        yield _in_agency(line)


def _tops(_: random.Random) -> Texts:
    for line in TOPS:
        yield _on_top(line)


def _doubled(random_: random.Random) -> Texts:
    """A line or a whole block twice."""
    lines = SHIPPED.splitlines(keepends=True)
    for i in random_.sample(range(len(lines)), 12):
        yield "".join([*lines[: i + 1], *lines[i:]])
    blocks = _blocks()
    for i in random_.sample(range(1, len(blocks)), 4):
        yield "".join([*blocks, blocks[i]])


def _missing(random_: random.Random) -> Texts:
    """A line, an agency or the end left out, as a save that broke off leaves it."""
    lines = SHIPPED.splitlines(keepends=True)
    for i in random_.sample(range(len(lines)), 15):
        yield "".join([*lines[:i], *lines[i + 1 :]])
    blocks = _blocks()
    for i in random_.sample(range(1, len(blocks)), 4):
        yield "".join([*blocks[:i], *blocks[i + 1 :]])
    for share in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        yield SHIPPED[: int(len(SHIPPED) * share)]


def _shuffled(random_: random.Random) -> Texts:
    """Agencies in another order; indents broken."""
    head, *blocks = _blocks()
    for _ in range(3):
        yield head + "".join(random_.sample(blocks, len(blocks)))
    lines = SHIPPED.splitlines(keepends=True)
    for i in random_.sample(range(len(lines)), 10):
        yield "".join([*lines[:i], " " + lines[i], *lines[i + 1 :]])


def _bytes(random_: random.Random) -> Texts:
    """What is not text, not YAML, or not these files at all."""
    whole = SHIPPED.encode()
    yield b""
    yield b"\xef\xbb\xbf" + whole
    yield SHIPPED.encode("utf-16")
    yield whole[:500] + b"\0" + whole[500:]
    yield whole[:500] + b"\xff" + whole[500:]
    yield whole.replace(b"Kota", b"Kot\x07a", 1)
    yield b"[]"
    yield b"version: 1\n"
    yield b"null"
    yield b"<html></html>"
    yield b"[" * 60
    yield b"a: &a [*a]\n"
    yield b"agencies: !!python/object/apply:os.system ['true']\n"
    for _ in range(8):
        at = random_.randrange(len(whole))
        yield whole[:at] + bytes([random_.randrange(33, 127)]) + whole[at + 1 :]


def _blocks() -> list[str]:
    """The file's head, then each agency."""
    return re.split(r"(?m)^(?=  - code: )", SHIPPED)


def _in_agency(line: str) -> str:
    """The menu with a further agency that has this line."""
    return f"{SHIPPED}\n  - code: baru\n    prefix: ZZ\n    name: Baru\n    {line}\n"


def _in_service(line: str) -> str:
    """The menu with a further service that has this line."""
    service = f"services:\n      - code: baru-satu\n        name: Baru\n        {line}"
    return _in_agency(service)


def _on_top(line: str) -> str:
    """The menu with this line before all others; what it says again there is taken out."""
    key = line.partition(":")[0]
    rest = re.sub(rf"(?m)^{re.escape(key)}:.*\n(?:[ #].*\n)*", "", SHIPPED)
    return f"{line}\n{rest}"


def main() -> None:
    """Write the verdicts anew."""
    from tests.contract.verdict import verdict_of_menu

    verdicts = {case.name: verdict_of_menu(case.body) for case in corpus()}
    VERDICTS.write_text(json.dumps(verdicts, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
