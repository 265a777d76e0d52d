"""A language that a site keeps in its settings folder: words, a font, what is wrong with them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.errors import SettingsError
from kiosk.settings import history as history_module
from kiosk.settings.history import SettingsHistory, Snapshot, load_kept, load_snapshot
from kiosk.settings.loader import load_settings
from kiosk.typeface import read_face
from tests.settings.folder import AGENCIES, ASSETS, ROOT, Folder

SAMPLES = ROOT / "tests" / "languages"
NAMED = 'lang.name: "Basa"\n'
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def offer(folder: Folder, *codes: str, menu: str = AGENCIES) -> None:
    """``agencies.yaml`` with these languages beside Bahasa Indonesia."""
    languages = ", ".join(("id", *codes))
    site = "{name: MPP, timezone: Asia/Makassar"
    folder.write("agencies.yaml", menu.replace(site, f"{site}, languages: [{languages}]"))


def sample(folder: Folder, code: str, *, font: bool = True) -> None:
    shutil.copytree(SAMPLES / code, folder.path / "locale" / code)
    if not font:
        (folder.path / "locale" / code / "font.ttf").unlink()


def write(folder: Folder, code: str, words: str) -> None:
    path = folder.path / "locale" / code
    path.mkdir(parents=True, exist_ok=True)
    (path / "words.yaml").write_text(words, encoding="utf-8")


def test_a_language_is_a_folder_and_its_code(folder: Folder) -> None:
    sample(folder, "jv")
    sample(folder, "zh")
    offer(folder, "jv", "zh")
    settings = folder.load()
    assert settings.catalogue.site.languages == ("id", "jv", "zh")
    say = settings.words.say
    assert say("jv", "service.take_short") == "Pundhut nomer"
    assert say("zh", "done.number") == "您的排队号码"
    assert say("zh", "done.ahead_people", n=1) == "1人"
    assert say("jv", "staff.test") == say("id", "staff.test"), "the site's first language"
    assert [Path(font.regular).parent.name for font in settings.fonts] == ["zh"]


def test_a_text_from_another_language_has_that_language_s_word_for_the_queue(
    folder: Folder,
) -> None:
    write(folder, "zh", 'lang.name: "Z"\nword.queue: "paidui"\n')
    offer(folder, "zh")
    assert folder.load().words.say("zh", "done.number") == "Nomor antrean Anda"


def test_a_language_without_its_own_name_or_plural_has_nobody_else_s(folder: Folder) -> None:
    write(folder, "jv", 'lang.name: "Basa Jawa"\n')
    offer(folder, "jv")
    own = folder.load().words.by_language["jv"]
    assert own["lang.name"] == "Basa Jawa"
    assert "lang.short" not in own


def test_texts_that_are_not_translated_are_one_line(folder: Folder) -> None:
    sample(folder, "jv")
    offer(folder, "jv")
    (line,) = folder.problems("id")
    assert line.startswith("locale/jv/words.yaml:1:1: ")
    assert "teks belum diterjemahkan" in line
    assert folder.check().settings is not None


def test_names_of_the_menu_without_the_language_are_one_line(folder: Folder) -> None:
    sample(folder, "jv")
    letters = "ABCDEFGH"
    many = "".join(f"  - {{code: {x}, prefix: {x}, name: {{id: P}}}}\n" for x in letters)
    offer(folder, "jv", menu=AGENCIES[: AGENCIES.index("  - code")] + many)
    said = [line for line in folder.problems() if line.startswith("agencies.yaml")]
    assert said == [
        "agencies.yaml:5:32: agency 'A' > name: there is no text for language 'jv'; the screen "
        "will use another language (in 8 places in this file; this is the first)"
    ]


def test_a_language_without_a_folder_says_how_to_begin(folder: Folder) -> None:
    offer(folder, "ban")
    assert folder.problems() == [
        "locale/ban/words.yaml:1:1: the language 'ban' has no words yet; make this file with: "
        "kiosk language ban"
    ]


def test_a_translation_that_is_not_offered_disturbs_nothing(folder: Folder) -> None:
    write(folder, "jv", "[ broken\n")
    assert folder.problems() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nav.back: [\n", "2:11: "),
        ("- Mbalik\n", "2:1: "),
        ("nav.bakc: Mbalik\n", "2:1: there is no word 'nav.bakc'; did you mean 'nav.back'?"),
        ("nav.back: 12\n", "2:11: nav.back: "),
        ("nav.back: {id: Mbalik}\n", "2:11: nav.back: "),
        ("nav.back:\n", "2:10: nav.back: it is empty"),
        ("nav.back: A\nnav.back: B\n", "3:1: "),
        (
            'cancel.ask: "{nummer}?"\n',
            "2:13: cancel.ask: '{nummer}' cannot be used in this text; there are: {number} {queue}"
            " {Queue} {QUEUE}; did you mean '{number}'?",
        ),
        ('cancel.ask: "{number?"\n', "2:13: cancel.ask: a brace has no partner: '{number?'"),
        ('nav.back: "\u0645\u0631\u062d\u0628\u0627"\n', "2:11: nav.back: writing from right"),
        ('lang.plural: "n+"\n', "2:14: lang.plural: 'n+' is no rule for plural forms"),
        ('nav.back: "\U0001f3ab"\n', "2:11: nav.back: this text has no letters or figures"),
        ('"nav.back#1": "…"\n', "2:15: nav.back#1: this text has no letters or figures"),
        ('lang.voice: "-f /etc/passwd"\n', "2:13: lang.voice: '-f /etc/passwd' is no name"),
        ('"nav.back#few": "A"\n', "2:1: there is no word 'nav.back#few'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(folder: Folder, words: str, said: str) -> None:
    write(folder, "jv", NAMED + words)
    offer(folder, "jv")
    lines = [str(p) for p in folder.check("en").errors]
    place = f"{folder.path}/locale/jv/words.yaml:"
    assert any(line.startswith(place + said) for line in lines), lines
    assert folder.check().settings is None
    assert [str(p) for p in folder.check("id").errors] != lines


def test_a_translation_that_drops_a_field_is_a_warning(folder: Folder) -> None:
    write(folder, "jv", f'{NAMED}cancel.ask: "Batalaken?"\n"service.minutes#1": "setunggal"\n')
    offer(folder, "jv")
    said = [line for line in folder.problems() if "lacks" in line]
    assert said == [
        "locale/jv/words.yaml:2:13: cancel.ask: this text lacks {number}; visitors do not read "
        "its value"
    ]


# ── letters ──────────────────────────────────────────────────────────────────────────────


def test_letters_that_no_font_can_draw_are_refused_once_and_named(folder: Folder) -> None:
    sample(folder, "zh", font=False)
    offer(folder, "zh")
    (problem,) = folder.check("id").errors
    assert str(problem).startswith(f"{folder.path}/locale/zh/words.yaml:2:12: ")
    assert "huruf yang tidak ada di fon mana pun: 中文排队星期" in problem.text
    assert "locale/KODE/" in problem.text
    shutil.copy(SAMPLES / "zh" / "font.ttf", folder.path / "locale" / "zh" / "micro-hei.ttf")
    assert folder.check().settings is not None


@pytest.mark.parametrize("name", ["税务局", "{id: Pajak, zh: 税务局}"])
def test_a_name_of_the_menu_needs_a_font_too(folder: Folder, name: str) -> None:
    sample(folder, "zh", font=False)
    write(folder, "zh", 'lang.name: "Zhongwen"\n')
    offer(folder, "zh", menu=AGENCIES.replace("name: Pajak", f"name: {name}"))
    (problem,) = folder.check("en").errors
    assert (problem.line, "税务局" in problem.text) == (7, True)
    shutil.copy(SAMPLES / "zh" / "font.ttf", folder.path / "locale" / "zh" / "font.ttf")
    assert folder.check().settings is not None


@pytest.mark.parametrize(
    "name", ["\u0e20\u0e32\u0e29\u0e35", "\u0645\u0635\u0644\u062d\u0629", "\ua9b2\ua9a4"]
)
def test_a_script_whose_letters_join_or_stack_is_refused(folder: Folder, name: str) -> None:
    offer(folder, menu=AGENCIES.replace("name: Pajak", f"name: {name}"))
    (problem,) = folder.check("en").errors
    assert problem.text.startswith("this text has a script that cannot be displayed yet")
    assert name[0] in problem.text


def test_letters_in_a_comment_and_accents_of_any_language_are_no_problem(folder: Folder) -> None:
    offer(folder, menu="# 税务局\n" + AGENCIES.replace("Pajak", "Phòng Thuế \U0001faaa"))
    assert folder.problems() == []


def test_a_file_that_is_no_font_is_named(folder: Folder) -> None:
    sample(folder, "zh", font=False)
    (folder.path / "locale" / "zh" / "font.otf").write_bytes(b"no font")
    offer(folder, "zh")
    said = [str(p) for p in folder.check("en").errors]
    assert f"{folder.path}/locale/zh/font.otf:1:1: this is no font file that can be read" in said[0]


@pytest.mark.parametrize("outlines", [b"glyf", b"CFF "], ids=["ttf", "otf"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_font_that_is_copied_in_part_is_no_font(
    folder: Folder, outlines: bytes, part: float
) -> None:
    sample(folder, "zh")
    font = folder.path / "locale" / "zh" / "font.ttf"
    whole = font.read_bytes().replace(b"glyf", outlines, 1)
    font.write_bytes(whole)
    assert read_face(font).characters
    font.write_bytes(whole[: int(len(whole) * part)])
    offer(folder, "zh")
    with pytest.raises(ValueError, match="no TrueType"):
        read_face(font)
    assert "no font file that can be read" in str(folder.check("en").errors[0])


def test_a_font_without_outlines_or_that_is_no_regular_file_is_no_font(folder: Folder) -> None:
    sample(folder, "zh")
    font = folder.path / "locale" / "zh" / "font.ttf"
    whole = font.read_bytes()
    for table in (b"glyf", b"loca"):
        font.write_bytes(whole.replace(table, b"none", 1))
        with pytest.raises(ValueError, match="no TrueType"):
            read_face(font)
    font.unlink()
    os.mkfifo(font)
    with pytest.raises(ValueError, match="no file"):
        read_face(font)


def test_a_bold_font_is_known_by_its_name(folder: Folder) -> None:
    sample(folder, "zh")
    font = SAMPLES / "zh" / "font.ttf"
    shutil.copy(font, folder.path / "locale" / "zh" / "a-Bold.ttf")
    offer(folder, "zh")
    (files,) = folder.load().fonts
    assert (Path(files.regular).name, Path(files.bold).name) == ("font.ttf", "a-Bold.ttf")
    assert ord("税") in read_face(font).characters


# ── the slip ─────────────────────────────────────────────────────────────────────────────


def test_a_language_that_the_code_page_lacks_is_not_on_the_slip(folder: Folder) -> None:
    sample(folder, "jv")
    sample(folder, "zh")
    offer(folder, "jv", "zh")
    assert folder.load().template.unprintable == {"zh"}
    (line,) = [line for line in folder.problems() if "code page" in line]
    assert line == (
        "locale/zh/words.yaml:1:1: the printer's code page CP858 lacks the letters of this "
        "language; the slip is in the first language only"
    )


def test_requirements_that_the_code_page_lacks_are_named(folder: Folder) -> None:
    named = 'name: NPWP, requirements: ["KTP", "Surat Łódź"]'
    folder.write(
        "agencies.yaml", AGENCIES.replace("name: NPWP", named.replace(", req", "\n        req"))
    )
    (line,) = [line for line in folder.problems() if "code page" in line]
    assert line == (
        "agencies.yaml:1:1: 1 requirement has letters that the printer's code page CP858 lacks: "
        "Surat Łódź; the slip has it in another language, or without those letters"
    )


def test_cyrillic_letters_are_printed_where_the_code_page_has_them(folder: Folder) -> None:
    write(folder, "ru", 'lang.name: "Russkij"\nslip.valid: "\u0421\u0435\u0433\u043e"\n')
    shutil.copy(SAMPLES / "zh" / "font.ttf", folder.path / "locale" / "ru" / "font.ttf")
    offer(folder, "ru")
    for page, lacking in (("CP858", {"ru"}), ("CP866", set())):
        folder.write("kiosk.yaml", f"version: 1\nid: a\nprinter: {{code_page: {page}}}\n")
        files = load_settings(folder.path, ASSETS, lenient=True)
        assert files.template.unprintable == lacking


def test_the_first_language_must_be_printable(folder: Folder) -> None:
    sample(folder, "zh")
    site = "{name: MPP, timezone: Asia/Makassar"
    folder.write("agencies.yaml", AGENCIES.replace(site, f"{site}, languages: [zh, id]"))
    (problem,) = folder.check("en").errors
    assert problem.text.endswith("the first language must be one that can be printed")


# ── what was in use before, and the server's menu ────────────────────────────────────────


def test_the_server_s_menu_with_a_language_of_other_kiosks_is_used_without_it(
    folder: Folder, tmp_path: Path
) -> None:
    offer(folder, "jv")
    served = tmp_path / "served.yaml"
    served.write_bytes((folder.path / "agencies.yaml").read_bytes())
    settings = load_settings(folder.path, ASSETS, menu=served)
    assert settings.catalogue.site.languages == ("id",)
    sample(folder, "jv")
    settings = load_settings(folder.path, ASSETS, menu=served)
    assert settings.catalogue.site.languages == ("id", "jv")


def test_settings_that_were_in_use_start_although_a_font_is_gone(
    folder: Folder, tmp_path: Path
) -> None:
    sample(folder, "jv")
    sample(folder, "zh")
    offer(folder, "jv", "zh")
    history, taken = SettingsHistory(tmp_path), Snapshot.take(folder.path)
    assert taken is not None
    history.keep(taken, NOON)
    shutil.rmtree(folder.path / "locale")
    kept = history.newest()
    assert kept is not None
    assert Snapshot.take(kept.folder) == taken
    settings = load_kept(kept, folder.path, "id")
    assert settings.catalogue.site.languages == ("id", "jv")
    assert settings.words.say("jv", "nav.back") == "Wangsul"
    history.put_back(kept, folder.path, NOON)
    assert (folder.path / "locale/jv/words.yaml").read_bytes() == (
        SAMPLES / "jv" / "words.yaml"
    ).read_bytes()


def test_folders_of_unfinished_languages_take_no_place_of_the_offered_one(
    folder: Folder, tmp_path: Path
) -> None:
    for code in ("aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai", "aj"):
        write(folder, code, "[ broken\n")
    sample(folder, "jv")
    offer(folder, "jv")
    taken = Snapshot.take(folder.path)
    assert taken is not None
    settings = load_snapshot(taken, folder.path, "id")
    assert settings.words.say("jv", "nav.back") == "Wangsul"


@pytest.mark.parametrize("code", ["jv", "id"])
@pytest.mark.parametrize(("make", "said"), [(Path.mkdir, "folder"), (os.mkfifo, "regular file")])
def test_words_that_cannot_be_read_are_named_with_the_reason(
    folder: Folder, code: str, make: Callable[[Path], None], said: str
) -> None:
    path = folder.path / "locale" / code / "words.yaml"
    path.parent.mkdir(parents=True)
    make(path)
    taken = Snapshot.take(folder.path)
    assert taken is not None
    if code != "id":
        load_snapshot(taken, folder.path, "en")  # it is not offered
        offer(folder, code)
        taken = Snapshot.take(folder.path)
        assert taken is not None
    with pytest.raises(SettingsError) as caught:
        load_snapshot(taken, folder.path, "en")
    (problem,) = caught.value.problems
    assert problem.startswith(f"{path}:1:1: ")
    assert said in problem
    assert [str(p) for p in folder.check("en").errors] == [problem]


def test_a_set_is_put_back_without_the_words_that_it_lacks(folder: Folder, tmp_path: Path) -> None:
    history, taken = SettingsHistory(tmp_path), Snapshot.take(folder.path)
    assert taken is not None
    history.keep(taken, NOON)
    write(folder, "id", 'nav.back: "Lain"\n')
    write(folder, "jv", NAMED)
    edited = Snapshot.take(folder.path)
    assert edited is not None
    history.keep(edited, NOON)
    saved = history.put_back(history.kept()[0], folder.path, NOON)
    assert folder.load().words.say("id", "nav.back") == "Kembali"
    assert "Lain" in (saved / "locale/id/words.yaml").read_text("utf-8")
    assert (folder.path / "locale/jv/words.yaml").exists(), "a translation under way, not in use"


def test_every_folder_of_a_set_is_on_the_disk_before_the_set_has_its_name(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "jv", NAMED)
    taken, synced = Snapshot.take(folder.path), set[Path]()
    assert taken is not None
    monkeypatch.setattr(history_module, "sync_folder", synced.add)
    SettingsHistory(tmp_path).keep(taken, NOON)
    (kept,) = SettingsHistory(tmp_path).kept()
    below = {path.relative_to(kept.folder) for path in kept.folder.rglob("*") if path.is_dir()}
    draft = next(path for path in synced if path.name == "locale").parent
    assert synced == {draft.parent, draft, *(draft / path for path in below)}
    assert len(below) == 2


# ── the command ──────────────────────────────────────────────────────────────────────────


def test_the_command_begins_a_translation(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--config", str(folder.path))
    assert main(["language", "ban", *where]) == 0
    said = capsys.readouterr().out
    assert "locale/ban/words.yaml" in said
    assert "site.languages" in said
    path = folder.path / "locale" / "ban" / "words.yaml"
    offer(folder, "ban")
    assert len(folder.problems()) == 1, "nothing is translated yet, and nothing is wrong"
    text = re.sub(r'^# ("?[a-z]+[.].*: ")', r"\1", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(text.replace("\nlang.short", "\n# lang.short"), "utf-8")
    assert folder.problems() == [], "every line is a text once its # is removed"
    assert main(["language", "ban", *where]) == 1
    assert "sudah ada" in capsys.readouterr().err
    for code in ("id", "xx", "../x"):
        with pytest.raises(SystemExit):
            main(["language", code, *where])


def test_a_name_that_the_printer_lacks_is_a_warning(folder: Folder) -> None:
    path = folder.path / "agencies.yaml"
    text = path.read_text("utf-8")
    assert folder.problems() == []
    name = re.search(r"^( +name: ).*$", text, re.MULTILINE)
    assert name is not None
    cyrillic = "{id: Паспортная служба, en: Passport office}"
    path.write_text(f"{text[: name.start()]}{name[1]}{cyrillic}{text[name.end() :]}", "utf-8")
    # The screen's font lacks them as well: that is an error of its own.
    (problem,) = [said for said in folder.problems() if "CP858" in said]
    assert "Паспортная служба" in problem
    assert "agencies.yaml" in problem
