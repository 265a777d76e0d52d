"""Speech in a visit: what starts it, how long it gives, and when it ends."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.events import (
    AgencyChosen,
    DoneTapped,
    HeadsetChanged,
    HelpTapped,
    KeyPressed,
    ModeToggled,
    ServiceChosen,
    SpeechAsked,
    Touched,
    VoiceKey,
)
from kiosk.domain.modes import NO_MODES, Mode
from kiosk.domain.visit import step
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    Services,
    Shown,
    StaffPin,
)
from kiosk.domain.visit_timers import HEARD_S, stands_s
from tests.flows.test_visits import VisitRun

ON = ModeToggled(Mode.SPEECH)


def test_the_first_key_starts_speech_where_there_is_a_voice() -> None:
    run = VisitRun()
    silent, _ = step(run.visit, KeyPressed(), run.snapshot)
    assert silent.modes == NO_MODES
    speaking, _ = step(run.visit, KeyPressed(), replace(run.snapshot, voice=True))
    assert speaking.modes == {Mode.SPEECH}


def test_a_key_on_the_attract_screen_starts_speech_on_the_home_screen() -> None:
    run = VisitRun(voice=True)
    run.visit = replace(run.visit, screen=Attract())
    run.do(KeyPressed())
    assert run.screen == Agencies()
    assert run.visit.keypad
    assert run.visit.modes == {Mode.SPEECH}


PUT_IN, PULLED_OUT = HeadsetChanged(plugged=True), HeadsetChanged(plugged=False)


def test_a_headset_starts_speech_on_any_screen_and_its_end_ends_it() -> None:
    run = VisitRun(voice=True).do(AgencyChosen("dukcapil"), PUT_IN)
    assert isinstance(run.screen, Services), "in place"
    assert run.visit.modes == {Mode.SPEECH}
    assert not run.visit.keypad
    run.do(ModeToggled(Mode.CURTAIN), ModeToggled(Mode.LARGE))
    assert Mode.CURTAIN in run.visit.modes
    run.do(PULLED_OUT)
    assert run.visit.modes == {Mode.LARGE}
    assert isinstance(run.screen, Services)


def test_a_headset_wakes_the_attract_screen() -> None:
    run = VisitRun(voice=True)
    run.visit = replace(run.visit, screen=Attract())
    run.do(PUT_IN)
    assert run.screen == Agencies()
    assert run.visit.modes == {Mode.SPEECH}
    run.visit = replace(run.visit, screen=Attract(), modes=NO_MODES)
    run.do(PULLED_OUT)
    assert run.screen == Attract(), "pulling it out wakes nothing"


def test_a_headset_without_a_voice_changes_nothing() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"))
    before = run.visit
    assert run.do(PUT_IN).visit == before


def test_a_headset_says_nothing_to_staff() -> None:
    run = VisitRun(voice=True)
    run.visit = replace(run.visit, screen=StaffPin(back=Agencies()))
    before = run.visit
    assert run.do(PUT_IN, PULLED_OUT).visit == before


def test_a_headset_does_not_end_the_idle_warning_but_gives_its_time_anew() -> None:
    run = VisitRun(voice=True)
    run.visit = replace(run.visit, warned_s=run.snapshot.mono_s)
    run.do(PUT_IN)
    assert run.visit.warned_s == run.visit.touched_s
    assert run.visit.modes == {Mode.SPEECH}


def test_a_visitor_who_turned_speech_off_keeps_it_off() -> None:
    run = VisitRun()
    voice = replace(run.snapshot, voice=True)
    visit, _ = step(run.visit, KeyPressed(), voice)
    visit, _ = step(visit, ON, replace(voice, mono_s=voice.mono_s + 2))
    assert visit.modes == NO_MODES
    visit, _ = step(visit, KeyPressed(), replace(voice, mono_s=voice.mono_s + 4))
    assert visit.modes == NO_MODES


def test_a_key_of_the_voice_changes_nothing_but_shows_that_someone_is_there() -> None:
    run = VisitRun().do(ON, AgencyChosen("dukcapil"))
    before = run.visit
    for key in VoiceKey:
        run.do(SpeechAsked(key))
    assert isinstance(run.screen, Services)
    assert run.visit == replace(before, touched_s=run.visit.touched_s)
    assert run.visit.touched_s > before.touched_s


def test_a_number_stands_at_least_30_s_with_speech() -> None:
    run = VisitRun().do(AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.arrive()
    assert stands_s(run.visit, run.snapshot) < HEARD_S
    run.do(ON)
    assert stands_s(run.visit, run.snapshot) == HEARD_S


def test_speech_lasts_to_the_end_of_the_visit_and_not_longer() -> None:
    run = VisitRun().do(ON, HelpTapped(), Touched())
    assert run.visit.modes == {Mode.SPEECH}
    run = VisitRun().do(ON, AgencyChosen("dukcapil"), ServiceChosen("ktp"))
    run.arrive()
    assert isinstance(run.screen, Shown)
    run.do(DoneTapped())
    assert run.visit.modes == NO_MODES
