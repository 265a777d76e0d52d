"""The corpus of queries: what visitors type, and the services and agencies that answer it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
TUNED = HERE / "queries.yaml"
HELD_OUT = HERE / "held_out.yaml"
FURTHER = HERE / "further.yaml"
"""Queries that were a check when they were written and were used for tuning afterwards."""
FRESH = tuple(sorted(HERE.glob("fresh_*.yaml")))
"""Further checks, each written before the menu's words were tuned again. The head of each file says
how many of its queries were answered right when it was new."""

INDONESIAN = ("id", "typo", "prefix")
ENGLISH = ("en",)
NOTHING = ("none",)


@dataclass(frozen=True, slots=True)
class Query:
    """``words`` as typed. ``services`` and ``agencies``: codes of equally right answers; both
    empty where the right answer is nothing."""

    kind: str
    words: str
    services: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


def read(path: Path) -> tuple[Query, ...]:
    """The queries of one part of the corpus."""
    kinds: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(
        Query(kind, q["words"], _codes(q.get("service")), _codes(q.get("agency")))
        for kind, queries in kinds.items()
        for q in queries
    )


def _codes(said: str | list[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())
