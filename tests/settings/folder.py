"""A small settings folder for tests: three sound files, any of which a test may replace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.config import Settings
from kiosk.settings import Checked, check_settings, load_settings

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
CONFIG = ROOT / "config"

AGENCIES = """\
version: 1
site: {name: MPP, timezone: Asia/Makassar}
hours: {mon-thu: "08:15-14:00", fri: "08:15-11:00"}
agencies:
  - code: djp
    prefix: DJ
    name: Pajak
    services:
      - code: npwp
        name: NPWP
"""
KIOSK = "version: 1\nid: lobi-1\n"
TICKET = "version: 1\nblocks: [number, where]\n"


@dataclass(frozen=True)
class Folder:
    """``config/`` below a test's own directory."""

    path: Path

    def write(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        (self.path / name).write_bytes(data)

    def check(self, lang: str = "en") -> Checked:
        return check_settings(self.path, ASSETS, lang)

    def load(self) -> Settings:
        return load_settings(self.path, ASSETS)

    def problems(self, lang: str = "en") -> list[str]:
        """Errors and warnings as lines, without the folder's name."""
        return [str(p).removeprefix(f"{self.path}/") for p in self.check(lang).problems]

    def menu(self, agencies: str, head: str = "") -> None:
        """Writes ``agencies.yaml`` with its usual head and this value of ``agencies``."""
        top = AGENCIES[: AGENCIES.index("agencies:")]
        self.write("agencies.yaml", f"{top}{head}agencies:{agencies}")
