"""The slips of ``kiosk preview`` equal the printer's output, dot for dot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from kiosk.domain.config import Settings
from kiosk.preview.slips import PAPERS_MM, draw_slips, sample_slips
from kiosk.printing.encoder import encode
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Logos
from kiosk.printing.slip_preview import print_bytes
from kiosk.settings.assets import ASSETS, picture_finder
from kiosk.settings.loader import load_settings
from tests.printing.conftest import MakeVirtual, picture_of
from tests.virtual_printer.client import PrinterClient

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def settings() -> Settings:
    """The project's settings for a site with a public address, so that slips have a code."""
    made = load_settings(ROOT / "config", ASSETS)
    site = replace(made.catalogue.site, public_url="https://antrean.example.go.id")
    return replace(made, catalogue=replace(made.catalogue, site=site))


def logos(settings: Settings, paper_mm: int) -> Logos:
    return Logos(picture_finder(settings), paper_of(paper_mm))


def test_the_preview_draws_each_sample_with_and_without_page_mode(
    settings: Settings, tmp_path: Path
) -> None:
    drawn = {path.name: path for path in draw_slips(settings, tmp_path)}
    slips = dict(sample_slips(settings))
    assert len(slips) == 14
    assert len(drawn) == len(slips) * len(PAPERS_MM) * 2
    for paper_mm in PAPERS_MM:
        for name, slip in slips.items():
            beside, below = (
                picture_of(slip, paper_mm, "CP858", logos(settings, paper_mm).get, page_mode=p)
                for p in (True, False)
            )
            for expected, suffix in ((beside, ""), (below, "-below")):
                with Image.open(drawn[f"{paper_mm}mm-{name}{suffix}.png"]) as seen:
                    assert seen.tobytes() == expected.tobytes(), name


def test_the_preview_shows_a_code_for_a_site_without_a_public_address(settings: Settings) -> None:
    site = replace(settings.catalogue.site, public_url="")
    bare = replace(settings, catalogue=replace(settings.catalogue, site=site))
    for name, slip in sample_slips(bare):
        (piece,) = print_bytes(encode(slip, 80, "CP858"), 80)
        assert len(piece.codes) == (0 if name.endswith(("no-code", "details")) else 1), name


@pytest.mark.parametrize("page_mode", [True, False])
def test_the_preview_equals_the_output_of_a_network_printer(
    settings: Settings, virtual: MakeVirtual, tmp_path: Path, page_mode: bool
) -> None:
    device = virtual(out_dir=tmp_path)
    slip = dict(sample_slips(settings))["en-priority"]
    full = logos(settings, 80)
    with PrinterClient(device) as client:
        client.socket.sendall(encode(slip, 80, "CP858", full.get, page_mode=page_mode))
        device.wait_for_slips(1)
    device.wait_until_drawn()
    with Image.open(tmp_path / "slip-0001.png") as drawn:
        expected = picture_of(slip, 80, "CP858", full.get, page_mode=page_mode)
        assert (drawn.size, drawn.tobytes()) == (expected.size, expected.tobytes())


def test_the_samples_show_the_server_s_counts_only_where_they_are_known(settings: Settings) -> None:
    slips = dict(sample_slips(settings))

    def lines(name: str) -> str:
        (piece,) = print_bytes(encode(slips[name], 80, "CP858"), 80)
        return "\n".join(piece.lines)

    assert "12 orang di depan · sekitar 40-50 menit" in lines("id-first")
    assert "7 people ahead · about 1.5-2 hours" in lines("en-longest")
    assert "Anda berikutnya" in lines("id-priority")
    assert "PRIORITAS" in lines("id-priority")
    for unknown in ("id-copy", "id-offline"):
        assert "di depan" not in lines(unknown)
    assert "SALINAN" in lines("id-copy")
    assert "-B003" in lines("id-offline")
