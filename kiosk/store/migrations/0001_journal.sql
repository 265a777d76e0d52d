-- The journal's own identity: one row.
CREATE TABLE journal (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    id              TEXT    NOT NULL,           -- random, made with the file
    machine         TEXT    NOT NULL,           -- the machine it was made on
    lost            INTEGER NOT NULL,           -- journals of this kiosk lost before it
    because         TEXT    NOT NULL,           -- why it was begun; empty for the first
    seq             INTEGER NOT NULL,           -- changes to tickets so far
    newest_date     TEXT    NOT NULL,           -- latest business date used; empty before any
    session         INTEGER NOT NULL,           -- how often it was opened
    unclean_session INTEGER NOT NULL,           -- latest one that followed an unclean stop
    clean           INTEGER NOT NULL CHECK (clean IN (0, 1))
) STRICT;

-- The own numbers under one prefix and letter, on all days together.
CREATE TABLE line (
    prefix         TEXT    NOT NULL,
    letter         TEXT    NOT NULL,
    last           INTEGER NOT NULL,
    last_confirmed INTEGER NOT NULL CHECK (last_confirmed IN (0, 1)),
    confirmed      TEXT,
    session        INTEGER NOT NULL,            -- the session of the last number
    PRIMARY KEY (prefix, letter)
) STRICT, WITHOUT ROWID;

-- A ticket is also its own row of the outbox: to be sent while acked_rev < rev.
CREATE TABLE ticket (
    n             INTEGER PRIMARY KEY,          -- order of issue
    id            TEXT    NOT NULL UNIQUE,
    track         TEXT    NOT NULL,
    business_date TEXT    NOT NULL,
    prefix        TEXT    NOT NULL,
    letter        TEXT    NOT NULL,
    value         INTEGER NOT NULL CHECK (value > 0),
    number        TEXT    NOT NULL
        GENERATED ALWAYS AS (prefix || '-' || letter || printf('%03d', value)) STORED,
    service       TEXT    NOT NULL,
    language      TEXT    NOT NULL,
    priority      TEXT,
    issued_at     TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('issued', 'void')),
    printed       TEXT    CHECK (printed IN ('confirmed', 'sent', 'uncertain', 'screen', 'no')),
    rev           INTEGER NOT NULL CHECK (rev > 0),
    acked_rev     INTEGER NOT NULL DEFAULT 0,
    seq           INTEGER NOT NULL,             -- journal.seq of its last change
    origin        TEXT    NOT NULL,             -- id of the journal that handed it out
    UNIQUE (business_date, number)              -- the last line of defence
) STRICT;

CREATE INDEX ticket_line ON ticket (business_date, prefix, letter, value);
CREATE INDEX ticket_unsent ON ticket (n) WHERE acked_rev < rev;
CREATE INDEX ticket_open ON ticket (n) WHERE printed IS NULL;
