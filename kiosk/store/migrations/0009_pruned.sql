-- The first business date of which no ticket was deleted: at most one row, none where none was. A
-- report of an earlier date is incomplete. A journal of an earlier version numbers its tickets without
-- gaps, so that fewer tickets than numbers mean that some were deleted.
CREATE TABLE pruned (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    before TEXT NOT NULL
) STRICT;
INSERT INTO pruned
    SELECT 1, coalesce(
        (SELECT min(business_date) FROM ticket WHERE alone = 0 AND acked_rev >= rev),
        date(newest_date, '+1 day')
    ) FROM journal
    WHERE newest_date <> '' AND ticket_count < (SELECT coalesce(max(n), 1) FROM ticket);
