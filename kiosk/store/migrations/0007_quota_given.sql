-- What the server said of a service with a quota by the hour: how many numbers were given that day,
-- and in the hour of the clock that began at ``hour`` (UTC). NULL: it did not say.
ALTER TABLE quota ADD COLUMN given_day INTEGER;
ALTER TABLE quota ADD COLUMN given_hour INTEGER;
ALTER TABLE quota ADD COLUMN hour TEXT;
