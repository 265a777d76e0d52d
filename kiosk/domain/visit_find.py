"""The search screen of a visit: typing, answers, and the way to a service.

Typing does not count as a change of the screen: the keys stay where they are, and the same key
twice within half a second is a word such as "kk", not an unintended repeat.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.effects import NoteMissed, Search
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    EraseTapped,
    FoundChosen,
    LetterTyped,
    SearchAnswered,
    Tap,
)
from kiosk.domain.visit_screens import (
    PAGE_OF_LIT,
    Agencies,
    Find,
    Help,
    Problem,
    Screen,
    Services,
    uncovered,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Step,
    Visit,
    with_screen,
)

MOST_LETTERS = 40

MOST_RESULTS = 5
"""Services that answer a search at most, on the screen and in ``kiosk find``."""


def on_find(visit: Visit, screen: Find, event: Tap, snapshot: KioskSnapshot) -> Step:
    """A tap on the search screen."""
    match event:
        case LetterTyped(letter):
            text = (screen.text + letter).lstrip().replace("  ", " ")
            return _typed(visit, screen, text[:MOST_LETTERS], snapshot)
        case EraseTapped(all_):
            return _typed(visit, screen, "" if all_ else screen.text[:-1], snapshot)
        case FoundChosen(code) | AgencyChosen(code):
            return _chosen(visit, screen, event, code, snapshot), ()
        case BackTapped():
            home = Agencies(screen.home_page, screen.browse)
            return with_screen(visit, home, snapshot), ()
        case _:
            return visit, ()


def _typed(visit: Visit, screen: Find, text: str, snapshot: KioskSnapshot) -> Step:
    if text == screen.text:
        return visit, ()
    erased = len(text) < len(screen.text)
    typed = replace(screen, text=text, noted=_noted(screen) if erased else screen.noted)
    if not text:
        typed = replace(typed, found=(), answered="")
    typed = _dated(typed, screen, snapshot)
    return replace(visit, screen=typed), (Search(text),) if text else ()


def _dated(find: Find, before: Find, snapshot: KioskSnapshot) -> Find:
    """``find`` with the time at which its area began to show something else than ``before``."""
    return find if find.area == before.area else replace(find, since_s=snapshot.mono_s)


def _chosen(visit: Visit, screen: Find, event: Tap, code: str, snapshot: KioskSnapshot) -> Visit:
    """The services screen of the agency, with the row of the chosen service lit."""
    if isinstance(event, FoundChosen):
        found = snapshot.catalogue.service(code)
        agency, lit = (found.agency if found else None), code
    else:
        agency, lit = snapshot.catalogue.agency(code), None
    if agency is None:
        return visit
    if snapshot.barred and not screen.browse:
        return with_screen(visit, Problem(snapshot.barred), snapshot)
    services = Services(
        agency.code,
        page=PAGE_OF_LIT if lit else 0,
        home_page=screen.home_page,
        browse=screen.browse,
        lit=lit,
        find=replace(screen, noted=_noted(screen)),
    )
    return with_screen(visit, services, snapshot)


def apply_answer(visit: Visit, event: SearchAnswered, snapshot: KioskSnapshot) -> Visit:
    """The visit with the answer to its text; unchanged if the text has changed meanwhile.

    The search reads the newest menu, the screen keeps the one with which the visit began: a service
    that this one does not have cannot be shown and is left out.
    """
    find = uncovered(visit.screen)
    if not isinstance(find, Find) or find.text != event.text:
        return visit
    known = tuple(code for code in event.services if snapshot.catalogue.service(code))
    answered = replace(find, found=known, answered=event.text)
    answered = _dated(answered, find, snapshot)
    covered = isinstance(visit.screen, Help)
    return replace(visit, screen=Help(answered) if covered else answered)


def search_again(before: Screen, after: Screen) -> tuple[Search, ...]:
    """The search of a text to which the visitor comes back before its answer came.

    An answer that arrives while another screen is shown is dropped, so it must be asked for again.
    """
    if isinstance(before, Find) or not isinstance(after, Find) or after.answered == after.text:
        return ()
    return (Search(after.text),)


def missed(before: Screen, after: Screen) -> tuple[NoteMissed, ...]:
    """The search without an answer that the visitor gives up by going from one screen to the
    other, or by erasing it; each is counted once."""
    old, new = uncovered(before), uncovered(after)
    if not isinstance(old, Find) or _noted(old) == old.noted:
        return ()
    goes_on = isinstance(new, Find) and new.text.startswith(old.text)
    return () if goes_on else (NoteMissed(old.text),)


def _noted(find: Find) -> str:
    """The text that is counted once ``find`` is given up. The beginning of a text that is counted
    already is not another search: it was erased letter by letter."""
    known = find.noted.startswith(find.text)
    return find.text if find.nothing and not known else find.noted
