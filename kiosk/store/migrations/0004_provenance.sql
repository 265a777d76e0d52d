-- Two counters in the row of ``journal``, whose page every change of a ticket writes. A main file
-- beside a write-ahead log of another age gives pages of two ages: then a counter and what it
-- counts differ, and the journal is refused.
ALTER TABLE journal ADD COLUMN ticket_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE journal ADD COLUMN own_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE line ADD COLUMN own_count INTEGER NOT NULL DEFAULT 0;
UPDATE journal SET ticket_count = (SELECT count(*) FROM ticket);

CREATE TRIGGER ticket_added AFTER INSERT ON ticket BEGIN
    UPDATE journal SET ticket_count = ticket_count + 1;
END;
CREATE TRIGGER ticket_removed AFTER DELETE ON ticket BEGIN
    UPDATE journal SET ticket_count = ticket_count - 1;
END;

-- The letters of this kiosk's own series: one chosen by this journal for each letter configured in
-- kiosk.yaml, and those that its predecessors are known to have used (``configured`` is NULL).
CREATE TABLE letter (
    letter     TEXT PRIMARY KEY,
    configured TEXT UNIQUE
) STRICT, WITHOUT ROWID;
