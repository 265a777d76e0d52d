-- The further priority groups of a ticket for which several were chosen: codes, in the menu's order, with
-- spaces between. The first is in ``ticket``. A table of its own, as ``not_taken`` is.
CREATE TABLE also_priority (
    ticket TEXT PRIMARY KEY,
    codes  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
