"""Metrics of this process in the Prometheus text format."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict

_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_HELP = {
    "queue_requests_total": "Requests by route, method and status.",
    "queue_reservations_total": "Reservations by outcome.",
    "queue_rows_total": "Settled rows by outcome.",
    "queue_journal_conflicts_total": "Exchanges of a journal that is older than one seen.",
    "queue_journals_refused_total": "Exchanges of a new journal, one too many of its kiosk.",
    "queue_database_failures_total": "Requests that the database could not serve.",
}

Labels = tuple[tuple[str, str], ...]


class PrometheusMetrics:
    """Counters, gauges and request durations. Not thread-safe: used by the event loop only."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[Labels]] = defaultdict(Counter)
        self._times: dict[str, list[int]] = {}
        self._sums: Counter[str] = Counter()
        self.gauges: dict[str, float] = {}

    def count(self, name: str, by: int = 1, **labels: str) -> None:
        """Add ``by`` to a counter."""
        self._counts[name][tuple(labels.items())] += by

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Record one request and its duration."""
        self.count("queue_requests_total", route=route, method=method, status=str(status))
        buckets = self._times.setdefault(route, [0] * (len(_BOUNDS_S) + 1))
        buckets[bisect_left(_BOUNDS_S, seconds)] += 1
        self._sums[route] += seconds  # type: ignore[assignment]

    def text(self) -> str:
        """All metrics in the Prometheus text format."""
        lines: list[str] = []
        for name in sorted(self._counts):
            lines.append(f"# HELP {name} {_HELP[name]}")
            lines.append(f"# TYPE {name} counter")
            for labels, value in sorted(self._counts[name].items()):
                lines.append(f"{name}{_labels(labels)} {value}")
        name = "queue_request_seconds"
        lines += [f"# HELP {name} Time to answer, by route.", f"# TYPE {name} histogram"]
        for route, buckets in sorted(self._times.items()):
            lines += _histogram(name, route, buckets, self._sums[route])
        for gauge, level in sorted(self.gauges.items()):
            lines += [f"# TYPE {gauge} gauge", f"{gauge} {level:g}"]
        return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _histogram(name: str, route: str, buckets: list[int], total: float) -> list[str]:
    lines, count = [], 0
    for bound, value in zip([*map(str, _BOUNDS_S), "+Inf"], buckets, strict=True):
        count += value
        lines.append(f"{name}_bucket{_labels((('route', route), ('le', bound)))} {count}")
    lines.append(f"{name}_sum{_labels((('route', route),))} {total:.6f}")
    lines.append(f"{name}_count{_labels((('route', route),))} {count}")
    return lines
