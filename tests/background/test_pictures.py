"""The pictures of a site: in turn, scaled, and nothing that lies in the folder hurts."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from PIL import Image

from kiosk.background import pictures
from kiosk.background.pictures import Photo, PictureFolder

SIZE = (40, 30)
RED, BLUE = (200, 30, 30), (30, 30, 200)


def draw(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (120, 120)) -> None:
    Image.new("RGB", size, colour).save(path)


def name(photo: Photo | None) -> str:
    return photo.name if photo else ""


def test_pictures_come_in_the_order_of_their_names_and_again(tmp_path: Path) -> None:
    for file in ("b.png", "a.jpg", "c.JPEG"):
        draw(tmp_path / file, RED)
    folder = PictureFolder(tmp_path)
    assert [name(folder.read(SIZE)) for _ in range(4)] == ["a.jpg", "b.png", "c.JPEG", "a.jpg"]
    (tmp_path / "b.png").unlink()
    draw(tmp_path / "bb.png", BLUE)
    assert name(folder.read(SIZE)) == "bb.png"


@pytest.mark.parametrize("size", [(800, 60), (60, 800), (10, 10), (1, 1)])
def test_a_picture_fills_its_place(tmp_path: Path, size: tuple[int, int]) -> None:
    draw(tmp_path / "a.png", BLUE, size)
    photo = PictureFolder(tmp_path).read(SIZE)
    assert photo is not None
    assert photo.size == SIZE
    assert len(photo.pixels) == SIZE[0] * SIZE[1] * 3
    assert tuple(photo.pixels[:3]) == BLUE


def test_a_telephone_photo_is_turned_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (80, 40), RED)
    image.paste(BLUE, (0, 0, 40, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side: turn it by 90 degrees clockwise
    image.save(tmp_path / "a.png", exif=exif)
    photo = PictureFolder(tmp_path).read((40, 80))
    assert photo is not None
    assert tuple(photo.pixels[:3]) == BLUE, "the left half is at the top now"
    assert tuple(photo.pixels[-3:]) == RED


def test_what_is_no_picture_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "0.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    (tmp_path / "1.png").write_bytes(b"")
    (tmp_path / "2.png").write_text("<svg/>")
    (tmp_path / "3.png").mkdir()
    os.mkfifo(tmp_path / "4.png")
    (tmp_path / "5.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "readme.txt").write_text("x")
    draw(tmp_path / "6.png", RED, (400, 400))
    (tmp_path / "7.png").write_bytes((tmp_path / "6.png").read_bytes()[:-40])
    draw(tmp_path / "8.gif", RED)
    (tmp_path / "9.png").write_bytes((tmp_path / "8.gif").read_bytes())
    draw(tmp_path / "good.png", BLUE)
    monkeypatch.setattr(pictures, "PIXELS_MOST", 390 * 390)
    folder = PictureFolder(tmp_path)
    assert [name(folder.read(SIZE)) for _ in range(2)] == ["good.png", "good.png"]


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(tmp_path / "a.png", RED)
    monkeypatch.setattr(pictures, "FILE_MOST", 10)
    assert PictureFolder(tmp_path).read(SIZE) is None


def test_a_picture_that_was_mended_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("broken")
    folder = PictureFolder(tmp_path)
    assert folder.read(SIZE) is None
    draw(tmp_path / "a.png", RED)
    assert name(folder.read(SIZE)) == "a.png"


@pytest.mark.parametrize("missing", ["gone", "file"])
def test_without_a_folder_there_is_no_picture(tmp_path: Path, missing: str) -> None:
    (tmp_path / "file").write_text("x")
    assert PictureFolder(tmp_path / missing).read(SIZE) is None


def test_the_answer_comes_on_another_thread(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", RED)
    folder, come, names = PictureFolder(tmp_path), threading.Event(), []

    def post(photo: Photo | None) -> None:
        names.append((name(photo), threading.current_thread().name))
        come.set()

    folder.next(SIZE, post)
    assert come.wait(10)
    folder.close()
    assert names == [("a.png", "pictures")]
