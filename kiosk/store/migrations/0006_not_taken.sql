-- Tickets whose slip hung in the printer's mouth until nobody took it in time. A table of its own, and
-- no column of ``ticket``: rows of an older journal are read with the columns that it has.
CREATE TABLE not_taken (
    ticket TEXT PRIMARY KEY,
    at     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
