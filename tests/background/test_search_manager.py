"""The search thread: answers in order, drops what was overtaken, follows the menu."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.background.search_manager import SearchManager
from kiosk.bootstrap import Options, build_kiosk
from kiosk.domain.events import SearchAnswered
from kiosk.search.missed import MISSED_FILE, MissedWords
from kiosk.settings.loader import load_settings
from menu.catalogue import Catalogue
from tests.domain.menus import agency, at, menu, service

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 10.0


class Site:
    """A search manager on a menu that can be changed, and what it answered."""

    def __init__(self, folder: Path) -> None:
        self.menu: Catalogue = menu(agency("a", service("ktp"), service("paspor")))
        self.missed = MissedWords(folder / "missed-words.json")
        self.answers: list[SearchAnswered] = []
        self.come = threading.Semaphore(0)
        self.threads: set[str] = set()
        self.manager = SearchManager(lambda: self.menu, lambda: self.missed, lambda: at(9))

    def post(self, event: SearchAnswered) -> None:
        self.answers.append(event)
        self.threads.add(threading.current_thread().name)
        self.come.release()

    def search(self, text: str) -> tuple[str, ...]:
        self.manager.search(text, self.post)
        assert self.come.acquire(timeout=WAIT_S)
        assert self.answers[-1].text == text
        return self.answers[-1].services


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.manager.close()


def test_a_search_is_answered_on_another_thread(site: Site) -> None:
    assert site.search("ktp") == ("ktp",)
    assert site.search("zzz") == ()
    assert site.threads == {"search"}


def test_the_menu_in_force_is_searched(site: Site) -> None:
    assert site.search("sim") == ()
    site.menu = menu(agency("a", service("sim")))
    assert site.search("sim") == ("sim",)


def test_of_many_searches_at_once_the_last_one_is_answered(site: Site) -> None:
    gate, held = threading.Event(), threading.Event()

    def hold(event: SearchAnswered) -> None:
        held.set()
        assert gate.wait(WAIT_S)
        site.post(event)

    site.manager.search("ktp", hold)
    assert held.wait(WAIT_S)
    for text in ("p", "pa", "pas"):
        site.manager.search(text, site.post)
    site.manager.search("paspor", site.post)
    gate.set()
    assert site.come.acquire(timeout=WAIT_S)
    assert site.come.acquire(timeout=WAIT_S)
    assert [a.text for a in site.answers] == ["ktp", "paspor"]


def test_getting_ready_answers_nothing(site: Site) -> None:
    site.manager.search("", site.post)
    assert site.search("ktp") == ("ktp",)
    assert len(site.answers) == 1


def test_a_missed_word_is_written_before_the_thread_ends(site: Site) -> None:
    site.manager.note_missed("ijazah")
    site.manager.close()
    assert [(m.words, m.count) for m in site.missed.all()] == [("ijazah", 1)]


def test_a_kiosk_on_which_nobody_searches_starts_no_thread(site: Site) -> None:
    assert "search" not in {t.name for t in threading.enumerate()}
    site.manager.close()


def test_the_kiosk_as_it_is_built_searches_and_counts(tmp_path: Path) -> None:
    settings = load_settings(ROOT / "config", ROOT / "assets")
    answers: queue.Queue[object] = queue.Queue()
    with build_kiosk(settings, tmp_path, Options(printer=False)) as kiosk:
        kiosk.search("ka te pe", answers.put)
        answer = answers.get(timeout=WAIT_S)
        assert isinstance(answer, SearchAnswered)
        assert answer.services[0] == "ktp-el"
        kiosk.note_missed("legalisir ijazah")
    found = MissedWords(tmp_path / MISSED_FILE).all()
    assert [m.words for m in found] == ["legalisir ijazah"]
