"""A printer that answers anything at all, and what may be believed of it."""
