"""One module for each migration, in order of ``down_revision``."""
