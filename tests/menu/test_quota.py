"""``quota`` as staff write it: every form, and what each mistake is called."""

from __future__ import annotations

from datetime import time

import pytest

from menu.agencies import check_menu
from menu.quota import DayQuota, Quota

HEAD = """version: 1
site: {name: MPP, timezone: Asia/Makassar}
hours: {mon-fri: "08:00-14:00"}
agencies:
  - code: a
    prefix: A
    name: A
    services:
      - {code: s, name: S, quota: """


def read(value: str) -> Quota | None:
    checked = check_menu(f"{HEAD}{value}}}\n".encode(), "agencies.yaml")
    assert checked.catalogue is not None, [str(p) for p in checked.problems]
    return next(checked.catalogue.services()).service.quota


def wrong(value: str, lang: str = "id") -> list[str]:
    checked = check_menu(f"{HEAD}{value}}}\n".encode(), "agencies.yaml", lang)
    assert checked.catalogue is None
    return [p.text for p in checked.errors]


def test_a_number_is_that_of_a_day() -> None:
    assert read("40") == Quota.every_day(DayQuota(day=40))
    assert read("{day: 40}") == read("40")


def test_a_day_an_hour_and_a_time() -> None:
    quota = read('{day: 40, hour: 8, before: {"12:00": 25, 10.30: 12}}')
    both = ((time(10, 30), 12), (time(12), 25))
    assert quota == Quota.every_day(DayQuota(40, 8, both))


def test_a_weekday_replaces_the_parts_that_it_names() -> None:
    usual = DayQuota(40, 8)
    assert read("{day: 40, hour: 8, jumat: 20, sat-sun: {day: 5, hour: 2}}") == Quota(
        (usual,) * 4 + (DayQuota(20, 8),) + (DayQuota(5, 2),) * 2
    )
    assert read("{mon-thu: 40, fri: 20}") == Quota(
        (DayQuota(40),) * 4 + (DayQuota(20),) + (DayQuota(),) * 2
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("{hari: 40}", "maksud Anda 'day'?"),
        ("{day: 40, jam: 8}", "maksud Anda 'hour'?"),
        ('{sebelum: {"12:00": 25}}', "maksud Anda 'before'?"),
        ("{day: 40, senen: 20}", "maksud Anda 'senin'?"),
        ("{day: 40, fri: {jam: 3}}", "'jam' tidak dikenal; maksud Anda 'hour'?"),
        ("{day: 0}", "0 di luar batas"),
        ("{fri: banyak}", "'banyak' bukan bilangan bulat"),
        ("{fri: 20, jumat: 10}", "jumat ditulis dua kali"),
        ("{before: 12}", "tulis jam dan banyaknya nomor sampai jam itu"),
        ("{before: {siang: 25}}", "'siang' bukan jam; tulis seperti \"12:00\""),
        ("{before: {25.00: 25}}", "bukan jam; pakai 00:00 sampai 23:59"),
        ('{before: {"9:30": 5, 09.30: 6}}', "jam '09.30' ditulis dua kali"),
        ("[40]", "tulis banyaknya nomor, seperti 40 atau {day: 40, hour: 8}, bukan daftar"),
        ("{}", "tulis banyaknya nomor, seperti 40 atau {day: 40, hour: 8}"),
    ],
)
def test_a_mistake_is_named(value: str, said: str) -> None:
    assert any(said in text for text in wrong(value)), wrong(value)


def test_all_mistakes_are_named_at_once_in_english_too() -> None:
    texts = wrong("{day: many, hour: -1, funday: 3}", "en")
    assert len(texts) == 3
    assert "did you mean" in texts[2]
