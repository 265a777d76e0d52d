"""Pictures by section as PDF; the subjects of ``kiosk evidence``: tests/e2e/test_evidence.py."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pypdfium2
from PIL import Image

from reports.album import Picture, Section, album


def picture(folder: Path, name: str, size: tuple[int, int]) -> Picture:
    path = folder / f"{name}.png"
    Image.new("RGB", size, (0, 72, 200)).save(path)
    return Picture(path, f"Gambar {name}")


def test_each_section_has_its_text_and_pictures(tmp_path: Path) -> None:
    sections = [
        Section(
            f"Pokok {n}",
            "Penjelasan. " * 12,
            tuple(picture(tmp_path, f"{n}-{i}", (1080, 1920)) for i in range(n)),
        )
        for n in range(6)
    ]
    wide = picture(tmp_path, "lebar", (1920, 300))
    sections.append(Section("Lebar", "", (wide,)))
    body = album(["Judul", "Tempat", "27 November 2026"], sections, "id")
    with closing(pypdfium2.PdfDocument(body)) as pdf:
        texts, inks = [], []
        for page in pdf:
            assert tuple(round(side) for side in page.get_size()) == (595, 842)
            image = page.render(scale=0.5, grayscale=True).to_pil()
            box = image.point(lambda level: 255 if level < 250 else 0).getbbox()
            assert box is not None
            inks.append((box[0], image.width - box[2]))
            with closing(page.get_textpage()) as text:
                texts.append(text.get_text_range())
    assert min(min(pair) for pair in inks) >= 18, "beyond the margin"
    said = " ".join(texts)
    for n in range(6):
        assert f"Pokok {n}" in said
        assert all(f"Gambar {n}-{i}" in said for i in range(n))
    assert all("27 November 2026" in text for text in texts), "every page is dated"
