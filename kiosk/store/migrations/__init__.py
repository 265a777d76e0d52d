"""The steps of the journal's schema, ``NNNN_what.sql``, each applied once and in order."""
