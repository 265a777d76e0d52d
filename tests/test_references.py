"""No document names a file that is not in the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOP = "assets|benchmarks|config|deploy|docs|examples|kiosk|menu|queue_server|script|tests"
PATH = re.compile(rf"`((?:{TOP}|virtual_printer)/[\w./-]*\w/?)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(p for p in (ROOT / "docs").rglob("*.md")),
]

NOT_YET = {
    ROOT / "config/schema",
    ROOT / "kiosk/domain/limits.py",
    ROOT / "queue_server/limits.py",
    ROOT / "tests/queue_server/test_limits.py",
}
"""Named by CONTRIBUTING and written next. Remove each when it is there."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = [ROOT / path for path in PATH.findall(text)]
    linked = [document.parent / path for path in LINK.findall(text)]
    missing = [str(p) for p in (*named, *linked) if p not in NOT_YET and not p.exists()]
    assert missing == []
