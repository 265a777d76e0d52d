"""The HTTP layer: routes, request limits, problem documents, metrics."""
