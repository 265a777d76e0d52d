-- Numbers handed out while no server was configured are not sent to one.
ALTER TABLE ticket ADD COLUMN alone INTEGER NOT NULL DEFAULT 1 CHECK (alone IN (0, 1));

DROP INDEX ticket_unsent;
CREATE INDEX ticket_unsent ON ticket (n) WHERE acked_rev < rev AND alone = 0;

-- Rows that the server refused at the revision ``rev``; tried again daily and at each start.
CREATE TABLE parked (
    id      TEXT    PRIMARY KEY,
    rev     INTEGER NOT NULL,
    code    TEXT    NOT NULL,                   -- the server's reason
    at      INTEGER NOT NULL                    -- Unix seconds; 0: to be tried again now
) STRICT, WITHOUT ROWID;

-- Which server's numbers count from which business date: at most one row.
CREATE TABLE enrolment (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    url     TEXT    NOT NULL,                   -- empty: none, this kiosk stands alone
    since   TEXT    NOT NULL,                   -- the first business date it holds for
    before  TEXT    NOT NULL                    -- the url that held until then
) STRICT;

-- What a server has told this journal.
CREATE TABLE server (
    url     TEXT    PRIMARY KEY,
    letter  TEXT    NOT NULL,                   -- of this journal's own line; empty: none yet
    epoch   TEXT    NOT NULL,
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
) STRICT, WITHOUT ROWID;

-- The quota left as last heard, and how many of the day's numbers it had counted of this journal.
CREATE TABLE quota (
    service       TEXT    PRIMARY KEY,
    business_date TEXT    NOT NULL,
    quota_left    INTEGER NOT NULL,
    counted       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The journal that was set aside for this one: at most one row.
CREATE TABLE follows (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  TEXT    NOT NULL
) STRICT;
