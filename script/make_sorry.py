"""Draw the picture that is shown while the app cannot start: `deploy/libexec/sorry.png`.

A square on one colour, which the viewer continues to the edges of an upright or a wide screen.
Run again after a change; the same script always gives the same pixels:

    python script/make_sorry.py
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "deploy" / "libexec" / "sorry.png"
FONTS = ROOT / "assets" / "fonts"
SIDE = 1080
LARGE, SMALL = "AtkinsonHyperlegibleNext-ExtraBold.ttf", "AtkinsonHyperlegibleNext-Regular.ttf"
GROUND, WHITE, SOFT = "#0b2a5b", "#ffffff", "#c9d6ec"


def main() -> None:
    """Write the picture."""
    picture = Image.new("RGB", (SIDE, SIDE), GROUND)
    draw = ImageDraw.Draw(picture)
    with Image.open(ROOT / "assets" / "images" / "emblem.png") as emblem:
        sign = emblem.convert("RGBA").resize((256, 256), Image.Resampling.LANCZOS)
    picture.paste(sign, ((SIDE - sign.width) // 2, 150), sign)
    rows = (
        (LARGE, 92, WHITE, 470, "Silakan ke"),
        (LARGE, 92, WHITE, 580, "meja informasi"),
        (SMALL, 44, SOFT, 720, "Mesin antrean ini sedang tidak melayani."),
        (SMALL, 44, SOFT, 780, "Petugas di sana membantu Anda."),
        (SMALL, 40, SOFT, 890, "Please go to the information desk."),
    )  # fmt: skip
    for name, size, colour, top, text in rows:
        font = ImageFont.truetype(str(FONTS / name), size)
        draw.text((SIDE / 2, top), text, font=font, fill=colour, anchor="mm")
    picture.quantize(64).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
