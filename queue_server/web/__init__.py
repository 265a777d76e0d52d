"""HTTP: routes, limits, problem documents, metrics."""
