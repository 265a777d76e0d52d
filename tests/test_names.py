"""One name, one thing: no two classes of ``kiosk`` share a name."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def classes(package: str) -> dict[str, list[str]]:
    """Where each class name is defined in ``package``, as ``path:line``."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def test_no_two_classes_share_a_name() -> None:
    twice = {name: places for name, places in classes("kiosk").items() if len(places) > 1}
    assert twice == {}
