"""A month's report as the values of ``--json``."""

from __future__ import annotations

from reports.figures import MonthReport, ReportRow, Spread


def row_values(row: ReportRow) -> dict[str, object]:
    """A row as ``--json`` gives it; durations in seconds."""

    def spread(found: Spread | None) -> dict[str, float] | None:
        if found is None:
            return None
        return {"n": found.n, "mean": found.mean_s, "p50": found.p50_s, "p90": found.p90_s}

    return {
        "code": row.code,
        "name": row.name,
        "days": list(row.days),
        "closed": [index + 1 for index in sorted(row.closed)],
        "total": row.issued,
        "open_days": row.open_days,
        "priority": row.priority,
        "offline": row.offline,
        "connected": row.connected,
        "void": row.void,
        "waiting_s": spread(row.waiting),
        "service_s": spread(row.serving),
    }


def report_values(report: MonthReport) -> dict[str, object]:
    """The report as ``--json`` gives it."""
    return {
        "month": f"{report.month:%Y-%m}",
        "until": report.until.isoformat() if report.until else None,
        "incomplete_before": report.incomplete_before.isoformat()
        if report.incomplete_before
        else None,
        "site": report.site,
        "kiosk": report.kiosk or None,
        "total": row_values(report.total),
        "agencies": [
            row_values(one.agency) | {"services": [row_values(row) for row in one.services]}
            for one in report.agencies
        ],
        "hours": [list(day) for day in report.hours],
        "closures": [
            {"date": c.date.isoformat(), "reason": c.reason, "agencies": list(c.agencies)}
            for c in report.closures
        ],
        "unsettled": report.unsettled,
        "days_only": report.days_only,
    }
