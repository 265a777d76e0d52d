-- Of the tickets in ``counted``, those of the hour of the clock that began at ``hour``. NULL: the answer was
-- stored by an earlier version.
ALTER TABLE quota ADD COLUMN counted_hour INTEGER;
